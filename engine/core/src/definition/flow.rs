//! How steps branch, repeat, wait and end.

use serde::{Deserialize, Serialize};

use super::Due;
use crate::expr::Expr;
use crate::ids::Name;

/// One branch of a choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Taken where this holds and no earlier case did.
    pub when: Expr,
    /// Where it leads.
    pub to: Name,
}

/// One of several ways that are gone together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Branch {
    /// Gone only where this holds when the others start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Expr>,
    /// Its first step.
    pub first: Name,
}

/// How many branches must finish before those around them go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Needs {
    /// All that were started.
    All,
    /// So many, or all where fewer were started.
    Count(u32),
}

/// What becomes of the branches that are open when enough are over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rest {
    /// They are cancelled.
    #[default]
    Cancelled,
    /// They go on, and nobody waits for them.
    GoesOn,
}

/// The same steps for each value of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForEach {
    /// What a round calls its value.
    pub item: Name,
    /// The list. What comes into it while the rounds go gets a round too.
    pub list: Expr,
    /// Whether rounds wait for one another.
    pub pace: Pace,
    /// Asked when a round is over: where it holds, no other round begins, and those that go are cancelled.
    pub until: Option<Expr>,
    /// The first step of a round.
    pub first: Name,
}

/// Whether the rounds of a `for each` wait for one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// One after the other.
    InTurn,
    /// All together.
    AtOnce,
}

/// What a handler is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handled {
    /// The record is cancelled: everything else is over already, and at its end the record is.
    Cancel,
    /// A step failed: the others go on, and at its end the record waits for repair; a jump out of it ends the others
    /// and goes on from there.
    Error,
}

/// What expressions of `on error` call what failed: a row of `message`, with what it saw, and `step`.
pub const ERROR: &str = "error";

/// What becomes of a message for which no step waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unawaited {
    /// It is lost.
    Lost,
    /// It is kept until a step waits for it.
    Kept {
        /// How long at most.
        at_most: Option<Due>,
    },
}

/// What a wait ends with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    /// The instant, or the beginning of the day, that the expression gives.
    Instant(Expr),
    /// The condition holds.
    Condition(Expr),
}

/// How an ended record looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// The outcome of the whole record: `closed`, `rejected`.
    pub outcome: Name,
}
