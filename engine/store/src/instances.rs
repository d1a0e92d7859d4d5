//! Reading instances, their history and their wakes.

use std::collections::BTreeMap;

use engine::event::{Actor, Event};
use engine::ids::{DefinitionId, InstanceId, TaskId};
use engine::instance::Instance;
use engine::time::Timestamp;

use crate::dispatch::read;
use crate::{Loaded, Share, Store, StoreError};

/// The most records that one page of running records holds.
pub const RUNNING_PAGE_MAX: usize = 500;

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
        read!(self, instances::load(id))
    }

    /// An instance as it is now, of which somebody holds what may be of before.
    ///
    /// # Errors
    /// The database failed, or the row cannot be read.
    pub fn reload(&self, held: &Loaded) -> Result<Option<Loaded>, StoreError> {
        read!(self, instances::reload(held))
    }

    /// The states of several instances in one picture, each with what is wrong with its own row; those that are not there
    /// are left out.
    ///
    /// # Errors
    /// The database failed.
    pub fn load_each(
        &self,
        ids: &[InstanceId],
    ) -> Result<BTreeMap<InstanceId, Result<Loaded, StoreError>>, StoreError> {
        read!(self, instances::load_each(ids))
    }

    /// A page of the records that follow a definition and are not over, stuck and suspended ones among them: those after one, at
    /// most [`RUNNING_PAGE_MAX`]. An empty page is the end.
    ///
    /// # Errors
    /// The database failed.
    pub fn running(&self, definition: &DefinitionId, after: Option<InstanceId>) -> Result<Vec<Instance>, StoreError> {
        read!(self, instances::running(definition, after))
    }

    /// What happened to an instance, oldest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn history(&self, id: InstanceId) -> Result<Vec<HistoryEntry>, StoreError> {
        read!(self, instances::history(id))
    }

    /// The commit that completed or cancelled a task, or decided an approval.
    ///
    /// # Errors
    /// The database failed.
    pub fn task_finisher(&self, id: InstanceId, task: TaskId) -> Result<Option<HistoryEntry>, StoreError> {
        let finishes = |event: &Event| match event {
            Event::TaskCompleted { task: done, .. }
            | Event::TaskCancelled { task: done, .. }
            | Event::LevelPassed { task: done, .. }
            | Event::ApprovalHalted { task: done, .. }
            | Event::ApprovalDecided { task: done, .. } => *done == task,
            _ => false,
        };
        Ok(self.history(id)?.into_iter().rev().find(|entry| entry.events.iter().any(finishes)))
    }

    /// The instances of a share whose wake is due, earliest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn due(&self, share: &Share, now: Timestamp, limit: usize) -> Result<Vec<(InstanceId, Timestamp)>, StoreError> {
        read!(self, instances::due(share, now, limit))
    }

    /// The earliest wake of a share.
    ///
    /// # Errors
    /// The database failed.
    pub fn next_wake(&self, share: &Share) -> Result<Option<Timestamp>, StoreError> {
        read!(self, instances::next_wake(share))
    }
}
