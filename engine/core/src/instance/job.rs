//! The jobs that are open.

use serde::{Deserialize, Serialize};

use super::{Instance, Waits, is_zero};
use crate::ids::{JobId, Name, TokenId};
use crate::time::Timestamp;
use crate::value::Fields;

/// Work that is there for a machine to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenJob {
    /// Its identity.
    pub id: JobId,
    /// The token that waits for it.
    pub token: TokenId,
    /// The step.
    pub step: Name,
    /// What the machine is given.
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    pub inputs: Fields,
    /// How often it has failed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub failures: u32,
    /// By when it must be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// Since when it is open; nothing of one that was opened before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened: Option<Timestamp>,
    /// Who has it.
    pub state: JobState,
}

/// Who has a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Nobody: from then on a worker may take it.
    Ready {
        /// From when.
        from: Timestamp,
    },
    /// A worker, alone.
    Leased {
        /// The worker.
        by: Name,
        /// Until when.
        until: Timestamp,
    },
    /// A server was asked, and its answer is waited for.
    Asked,
    /// Nobody: a server failed, and is asked again then.
    Pausing {
        /// When.
        until: Timestamp,
    },
}

impl OpenJob {
    /// It could not be done, and is there again at an instant: for a worker, or for the server to be asked.
    pub(super) fn fail(&mut self, retry_at: Timestamp) {
        self.failures += 1;
        self.state = match self.state {
            JobState::Asked | JobState::Pausing { .. } => JobState::Pausing { until: retry_at },
            JobState::Ready { .. } | JobState::Leased { .. } => JobState::Ready { from: retry_at },
        };
    }
}

impl Instance {
    pub(super) fn open_job(&mut self, job: OpenJob) {
        self.next_job = self.next_job.max(job.id.0 + 1);
        self.set_waits(job.token, Waits::Job(job.id));
        self.jobs.push(job);
    }

    pub(super) fn with_job(&mut self, job: JobId, change: impl FnOnce(&mut OpenJob)) {
        if let Some(held) = self.jobs.iter_mut().find(|held| held.id == job) {
            change(held);
        }
    }

    pub(crate) fn new_job(&self) -> JobId {
        JobId(self.next_job)
    }
}
