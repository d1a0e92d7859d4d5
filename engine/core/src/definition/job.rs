//! Work for machines.

use serde::{Deserialize, Serialize};

use super::{Due, Fill};
use crate::ids::Name;

/// Work that a machine does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Who does it.
    pub work: Work,
    /// What the machine is given.
    pub with: Vec<Fill>,
    /// The fields that its answer fills.
    pub gives: Vec<Name>,
    /// How often it is tried again.
    pub retries: Retries,
    /// By when it must be done; failed for good then.
    pub due: Option<Due>,
    /// Where it leads when it has failed for good; where nothing is said, the step has failed.
    pub failed: Option<Name>,
}

/// Who does a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// A worker that fetches jobs of this name.
    Worker(Name),
    /// A server that is asked over HTTP.
    Http {
        /// The method: `POST`.
        method: String,
        /// The whole address.
        url: String,
    },
}

/// How often a job that failed is tried again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retries {
    /// How many times at most.
    pub times: u32,
    /// The time between; 1, 2, 4, 8 … minutes where not said, an hour at most.
    pub every: Option<Due>,
}

impl Default for Retries {
    /// Three, where a job says nothing.
    fn default() -> Self {
        Retries { times: 3, every: None }
    }
}
