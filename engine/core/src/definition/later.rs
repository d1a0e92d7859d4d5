//! What the language can say and the engine cannot run yet.

use serde::{Deserialize, Serialize};

use super::Labels;
use crate::ids::Name;

/// Something that the language can say and the engine cannot run yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Later {
    /// The word of the language: `call`, `job`.
    pub construct: Name,
    /// What it says, as a plain sentence.
    pub says: Labels,
    /// Where else it may lead, besides the step after.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leads_to: Vec<Name>,
    /// Whether it goes on to the step after at all.
    #[serde(default)]
    pub onward: Onward,
    /// The line in the source, from 1.
    pub line: u32,
}

/// Whether a step goes on to the one after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Onward {
    /// It does.
    #[default]
    Next,
    /// It leads only where it says.
    Elsewhere,
}
