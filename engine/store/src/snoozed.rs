//! Tasks that a person put off: out of that person's inbox until an instant, for everybody else where they were.

use engine::ids::{InstanceId, Name, TaskId};
use engine::time::Timestamp;

use crate::dispatch::{read, write};
use crate::{Store, StoreError};

/// The most tasks that one person has put off at a time, so that looking past them stays cheap.
pub const SNOOZED_MAX: usize = 200;

/// A task that a person put off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snooze {
    /// The record.
    pub instance: InstanceId,
    /// The task.
    pub task: TaskId,
    /// Until when it stays out of the person's inbox.
    pub until: Timestamp,
}

/// What became of putting a task off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Snoozed {
    /// It is out of the inbox.
    Now,
    /// The person has put off as many as anybody may.
    TooMany,
}

impl Store {
    /// What a person has put off beyond this instant, what wakes first before the rest.
    ///
    /// # Errors
    /// The database failed.
    pub fn snoozed(&self, person: &Name, now: Timestamp) -> Result<Vec<Snooze>, StoreError> {
        read!(self, snoozed::of_person(person, now))
    }

    /// Puts a task off; another instant for one that was put off already. What woke before now is forgotten.
    ///
    /// # Errors
    /// The database failed.
    pub fn snooze(&self, person: &Name, snooze: &Snooze, now: Timestamp) -> Result<Snoozed, StoreError> {
        let (person, snooze) = (person.clone(), snooze.clone());
        write!(self, snoozed::put(&person, &snooze, now))
    }

    /// Brings a task back at once.
    ///
    /// # Errors
    /// The database failed.
    pub fn wake(&self, person: &Name, instance: InstanceId, task: TaskId) -> Result<(), StoreError> {
        let person = person.clone();
        write!(self, snoozed::wake(&person, instance, task))
    }
}
