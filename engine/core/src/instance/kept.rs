//! What a record keeps for later: messages that nobody waits for yet, and what can be undone.

use serde::{Deserialize, Serialize};

use crate::ids::Name;
use crate::time::Timestamp;
use crate::value::{Fields, Items};

/// A message that came before any step waited for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptMessage {
    /// Its name.
    pub message: Name,
    /// What it said.
    pub text: String,
    /// What it carries into the record.
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    pub fields: Fields,
    /// Who sent it; nobody where the engine did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Name>,
    /// When it came.
    pub at: Timestamp,
    /// Until when it is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// Something that was done and can be undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undoable {
    /// The task's step.
    pub step: Name,
    /// What the rounds around it were about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Items,
}
