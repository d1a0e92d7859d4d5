//! Whether a record goes on.

use serde::{Deserialize, Serialize};

use super::Instance;
use crate::event::{Actor, Repair};
use crate::ids::Name;
use crate::time::Timestamp;

/// Whether a record goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It waits for people, messages or time.
    Running,
    /// It is stuck until a person mends it.
    Stuck(Repair),
    /// Nothing of it moves until it is resumed. Its clocks measure on: what was promised to a customer does not wait.
    Suspended(Suspension),
    /// It is over and never changes again.
    Ended {
        /// How.
        outcome: Name,
        /// When.
        at: Timestamp,
    },
}

/// Who holds a record up, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// Who ordered it.
    pub by: Actor,
    /// Why.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
    /// What was wrong with it before, and is again when it is resumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repair: Option<Repair>,
}

impl Instance {
    /// It cannot go on, or cannot when it is resumed. Where something else was wrong already, what is owed is added to that.
    pub(super) fn get_stuck(&mut self, repair: &Repair) {
        match &mut self.status {
            Status::Stuck(held) => held.owed.extend(repair.owed.iter().cloned()),
            Status::Suspended(suspension) => match &mut suspension.repair {
                Some(held) => held.owed.extend(repair.owed.iter().cloned()),
                None => suspension.repair = Some(repair.clone()),
            },
            Status::Running | Status::Ended { .. } => self.status = Status::Stuck(repair.clone()),
        }
    }
}
