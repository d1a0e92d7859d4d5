//! Where instances are found from elsewhere: workers find their jobs here, those who give signals who waits, and records
//! those that they look for.

use engine::ids::{InstanceId, JobId, Name};
use engine::time::Timestamp;
use engine::value::Value;

use crate::dispatch::read;
use crate::projection::found_subject;
use crate::{Store, StoreError};

/// The most jobs that a worker is shown at once.
pub const JOBS_MAX: usize = 100;
/// The most records that one page of those waiting for a signal holds.
pub const WAITING_PAGE_MAX: usize = 500;

/// Whether a record is at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// It is.
    Open,
    /// It has ended.
    Over,
}

impl Store {
    /// Jobs of that name that may be taken now, those that wait longest first, at most [`JOBS_MAX`].
    ///
    /// # Errors
    /// The database failed.
    pub fn jobs(&self, job: &Name, now: Timestamp, limit: usize) -> Result<Vec<(InstanceId, JobId)>, StoreError> {
        read!(self, awaited::jobs(job, now, limit.min(JOBS_MAX)))
    }

    /// The records of a process whose field holds one of these values, open or over, newest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn found(
        &self,
        process: &Name,
        field: &Name,
        values: &[Value],
        limit: usize,
    ) -> Result<Vec<InstanceId>, StoreError> {
        let of = |life| self.found_in(life, process, field, values, limit);
        let mut found = of(Life::Open)?;
        found.extend(of(Life::Over)?);
        found.sort_unstable_by(|(one, _), (other, _)| other.cmp(one));
        found.truncate(limit);
        Ok(found.into_iter().map(|(_, id)| id).collect())
    }

    /// The open records of a process whose field holds one of these values, or those that are over, with when they began,
    /// newest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn found_in(
        &self,
        life: Life,
        process: &Name,
        field: &Name,
        values: &[Value],
        limit: usize,
    ) -> Result<Vec<(Timestamp, InstanceId)>, StoreError> {
        let subjects: Vec<String> = values.iter().map(|value| found_subject(life, process, field, value)).collect();
        read!(self, awaited::found(life, &subjects, limit))
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
