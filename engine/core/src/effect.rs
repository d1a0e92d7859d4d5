//! What the shell owes the world after a step: kept with the step, performed later, at least once.

use serde::{Deserialize, Serialize};

use crate::definition::Labels;
use crate::event::Principal;
use crate::ids::Name;

/// An owed effect. Its key is the instance, the revision and its place in the step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Tell people something.
    Notify {
        /// Whom.
        whom: Vec<Principal>,
        /// By which template.
        template: Name,
        /// The text, with the record's values filled in.
        text: Labels,
    },
}
