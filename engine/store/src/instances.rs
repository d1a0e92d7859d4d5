//! Reading instances, their history and their wakes.

use engine::event::{Actor, Event};
use engine::ids::{InstanceId, TaskId};
use engine::time::Timestamp;

use crate::{Loaded, Store, StoreError};

/// One commit in the history of an instance.
#[derive(Clone, Debug)]
pub struct HistoryEntry {
    /// Its place, from 1.
    pub revision: u64,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub actor: Actor,
    /// By which command: `start`, `complete`, `tick`.
    pub command: String,
    /// What happened.
    pub events: Vec<Event>,
    /// The chained hash.
    pub hash: [u8; 32],
}

impl Store {
    /// The instance as it was committed last.
    ///
    /// # Errors
    /// The database failed.
    pub fn load(&self, id: InstanceId) -> Result<Option<Loaded>, StoreError> {
        let _ = id;
        Err(StoreError::Closed)
    }

    /// What happened to an instance, oldest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn history(&self, id: InstanceId) -> Result<Vec<HistoryEntry>, StoreError> {
        let _ = id;
        Err(StoreError::Closed)
    }

    /// The commit that completed or cancelled a task.
    ///
    /// # Errors
    /// The database failed.
    pub fn task_finisher(&self, id: InstanceId, task: TaskId) -> Result<Option<HistoryEntry>, StoreError> {
        let _ = (id, task);
        Err(StoreError::Closed)
    }

    /// The instances whose wake is due, earliest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<(InstanceId, Timestamp)>, StoreError> {
        let _ = (now, limit);
        Err(StoreError::Closed)
    }

    /// The earliest wake of all.
    ///
    /// # Errors
    /// The database failed.
    pub fn next_wake(&self) -> Result<Option<Timestamp>, StoreError> {
        Err(StoreError::Closed)
    }
}
