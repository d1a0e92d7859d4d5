//! How much waits: what an operator watches.

use engine::time::Timestamp;

use crate::dispatch::read;
use crate::{Store, StoreError};

/// How much waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pressure {
    /// Effects that are owed, at most 10 001.
    pub owed: u64,
    /// When the oldest of them came about.
    pub owed_since: Option<Timestamp>,
    /// Effects that were tried in vain, at most 10 001.
    pub undelivered: u64,
    /// Records whose timer is due, at most 10 001.
    pub due: u64,
    /// When the oldest of them was due.
    pub due_since: Option<Timestamp>,
    /// Jobs that a worker may take, at most 10 001.
    pub jobs: u64,
    /// Records that are stuck, at most 10 001.
    pub repairs: u64,
    /// Sessions that are not over, at most 10 001.
    pub sessions: u64,
}

impl Store {
    /// How much waits at an instant.
    ///
    /// # Errors
    /// The database failed.
    pub fn pressure(&self, now: Timestamp) -> Result<Pressure, StoreError> {
        read!(self, pressure::measured(now))
    }
}
