//! What a clock will pass, and why it stands still.

use serde::{Deserialize, Serialize};

use crate::ids::Name;
use crate::time::Timestamp;

/// When so much of a clock's time will be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Percent of the target.
    pub percent: u16,
    /// The instant, if the clock runs on until then.
    pub at: Timestamp,
}

/// The reason why a clock stands still.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseReason {
    /// The record waits in this step.
    In(Name),
}
