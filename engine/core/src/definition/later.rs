//! What the language can say and the engine cannot run yet.

use serde::{Deserialize, Serialize};

use super::Labels;
use crate::ids::Name;

/// Something that the language can say and the engine cannot run yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Later {
    /// The word of the language: `register`, `measure`.
    pub construct: Name,
    /// What it says, as a plain sentence.
    pub says: Labels,
    /// The line in the source, from 1.
    pub line: u32,
}
