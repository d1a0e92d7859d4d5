//! Who watches a record: wants to be told what becomes of it, as long as they may see it.

use engine::ids::{InstanceId, Name};
use engine::time::Timestamp;

use crate::dispatch::{read, write};
use crate::{Store, StoreError};

/// The most records that one person watches, so that the list of them is read at once.
pub const WATCHED_MAX: usize = 200;
/// The most people who watch one record, so that what is told of it fits into one commit.
pub const WATCHERS_MAX: usize = 200;

/// What became of wanting to watch a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watched {
    /// The person watches it.
    Now,
    /// The person watches as many records as anybody may.
    TooManyRecords,
    /// As many people watch the record as may.
    TooManyPeople,
    /// There is no such record any more.
    Gone,
}

impl Store {
    /// Who watches a record, by key.
    ///
    /// # Errors
    /// The database failed.
    pub fn watchers(&self, instance: InstanceId) -> Result<Vec<Name>, StoreError> {
        read!(self, watch::of_record(instance))
    }

    /// The records that a person watches, newest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn watched(&self, person: &Name) -> Result<Vec<InstanceId>, StoreError> {
        read!(self, watch::of_person(person))
    }

    /// Lets a person watch a record from now on; one who does already goes on.
    ///
    /// # Errors
    /// The database failed.
    pub fn watch(&self, person: &Name, instance: InstanceId, now: Timestamp) -> Result<Watched, StoreError> {
        let person = person.clone();
        write!(self, watch::begin(&person, instance, now))
    }

    /// A person does not watch a record any more.
    ///
    /// # Errors
    /// The database failed.
    pub fn unwatch(&self, person: &Name, instance: InstanceId) -> Result<(), StoreError> {
        let person = person.clone();
        write!(self, watch::end(&person, instance))
    }
}
