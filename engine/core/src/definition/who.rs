//! Whom a definition means.

use serde::{Deserialize, Serialize};

use crate::expr::Expr;
use crate::ids::Name;

/// People, as a definition names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// Everybody who can sign in.
    Anyone,
    /// No person: only the process itself.
    Nobody,
    /// The person who started the record, or on whose behalf it was started.
    Requester,
    /// Whoever holds the role.
    Role(Name),
    /// Whoever holds the role that the expression gives.
    RoleOf(Expr),
    /// The members of the team that the expression gives.
    Team(Expr),
    /// The person that the expression gives.
    Person(Expr),
}

/// Who may do a task.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidates {
    /// Any of these may.
    pub any: Vec<Who>,
    /// None of these may, whatever else they are (separation of duty).
    pub not: Vec<Who>,
    /// Nor anyone who completed one of these steps.
    pub not_who_did: Vec<Name>,
    /// Whether somebody stands in for a person who is absent.
    #[serde(default, skip_serializing_if = "Substitution::is_never")]
    pub substitution: Substitution,
}

/// Whether somebody stands in for a person who is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Substitution {
    /// Nobody does.
    #[default]
    Never,
    /// While a person named as a candidate is absent, so is the substitute that the register of people names.
    WhenAbsent,
}

impl Substitution {
    pub(crate) fn is_never(&self) -> bool {
        *self == Substitution::Never
    }
}
