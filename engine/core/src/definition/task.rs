//! Work for people.

use serde::{Deserialize, Serialize};

use super::{Action, Ask, Candidates, Clause, Due, Outcome};
use crate::ids::Name;

/// A task for people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Who may do it.
    pub candidates: Candidates,
    /// How long it may take; informs the inbox.
    pub due: Option<Due>,
    /// What every outcome's form asks for.
    pub asks: Vec<Ask>,
    /// What the form shows without asking for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shows: Vec<Name>,
    /// The clauses for which its completion is evidence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Clause>,
    /// What is done while it is open too long.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reminders: Vec<Reminder>,
    /// How it is undone once it was done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undo: Vec<Action>,
    /// The ways to complete it; at least one.
    pub outcomes: Vec<Outcome>,
}

/// What is done while a task is open, without ending it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminder {
    /// When: so long after the task opened, or when it is due where not said.
    pub after: Option<Due>,
    /// What is done.
    pub actions: Vec<Action>,
}
