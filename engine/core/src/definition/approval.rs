//! Questions that several people answer with yes or no.

use serde::{Deserialize, Serialize};

use super::{Ask, Candidates, Due, Outcome};

/// The outcome of an approval to which enough said yes.
pub const APPROVED: &str = "approved";

/// The outcome of an approval that can never have enough yes.
pub const REJECTED: &str = "rejected";

/// The outcome of an approval whose deadline came before its result.
pub const EXPIRED: &str = "expired";

/// A question that several people answer with yes or no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who is asked, one level after the other; at least one.
    pub levels: Vec<Candidates>,
    /// How many must say yes in each level.
    pub needs: Quorum,
    /// Whether one may abstain.
    pub abstaining: Abstaining,
    /// After how long it expires.
    pub due: Option<Due>,
    /// What the form of every yes and no asks for.
    pub asks: Vec<Ask>,
    /// [`APPROVED`] and [`REJECTED`], and [`EXPIRED`] where it has a deadline. What the first two ask is asked of whoever
    /// votes so.
    pub outcomes: Vec<Outcome>,
}

impl Approval {
    /// Who is asked in a level, from 0.
    pub fn level(&self, level: u32) -> Option<&Candidates> {
        self.levels.get(usize::try_from(level).ok()?)
    }

    /// The outcome of that name.
    pub fn outcome(&self, name: &str) -> Option<&Outcome> {
        self.outcomes.iter().find(|outcome| outcome.name == *name)
    }
}

/// How many of those who are asked must say yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quorum {
    /// One.
    One,
    /// All who do not abstain, and at least one.
    All,
    /// So many.
    Count(u32),
    /// So many of a hundred of those who were asked when the level opened, rounded up.
    Percent(u32),
}

/// Whether one may say neither yes nor no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Abstaining {
    /// One may.
    Allowed,
    /// Yes or no must be said.
    Forbidden,
}
