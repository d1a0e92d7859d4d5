//! What instances wait for from elsewhere: workers find their jobs here, and those who give signals find who waits.

use engine::ids::{InstanceId, JobId, Name};
use engine::time::Timestamp;

use crate::dispatch::read;
use crate::{Store, StoreError};

/// The most jobs that a worker is shown at once.
pub const JOBS_MAX: usize = 100;
/// The most records that one page of those waiting for a signal holds.
pub const WAITING_PAGE_MAX: usize = 500;

impl Store {
    /// Jobs of that name that may be taken now, those that wait longest first, at most [`JOBS_MAX`].
    ///
    /// # Errors
    /// The database failed.
    pub fn jobs(&self, job: &Name, now: Timestamp, limit: usize) -> Result<Vec<(InstanceId, JobId)>, StoreError> {
        read!(self, awaited::jobs(job, now, limit.min(JOBS_MAX)))
    }

    /// A page of the records that wait for a signal: those after one, at most [`WAITING_PAGE_MAX`]. An empty page is
    /// the end.
    ///
    /// # Errors
    /// The database failed.
    pub fn waiting_for(&self, signal: &Name, after: Option<InstanceId>) -> Result<Vec<InstanceId>, StoreError> {
        read!(self, awaited::waiting_for(signal, after))
    }
}
