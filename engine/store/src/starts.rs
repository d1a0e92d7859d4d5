//! What is kept so that a record which no form begins begins once.

use engine::ids::{DefinitionId, InstanceId, Name};
use engine::time::Timestamp;

use crate::dispatch::{read, write};
use crate::{Store, StoreError};

/// The version of a process with which records begin now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentVersion {
    /// The process.
    pub process: Name,
    /// The version's address.
    pub id: DefinitionId,
    /// Since when it is the current one.
    pub since: Timestamp,
}

impl Store {
    /// The current version of each process.
    ///
    /// # Errors
    /// The database failed.
    pub fn current_versions(&self) -> Result<Vec<CurrentVersion>, StoreError> {
        read!(self, starts::current_versions())
    }

    /// Up to which moment a schedule of a process, by its place, has begun its records.
    ///
    /// # Errors
    /// The database failed.
    pub fn schedule_reached(&self, process: &Name, place: u16) -> Result<Option<Timestamp>, StoreError> {
        read!(self, starts::reached(process, place))
    }

    /// Keeps that the record of a moment is there. A schedule never goes back.
    ///
    /// # Errors
    /// The database failed.
    pub fn reach_schedule(&self, process: &Name, place: u16, moment: Timestamp) -> Result<(), StoreError> {
        let process = process.clone();
        write!(self, starts::reach(&process, place, moment))
    }

    /// The identity of the record that messages with a key begin: that of the first of them, else the one that is
    /// offered.
    ///
    /// # Errors
    /// The database failed.
    pub fn correlate(
        &self,
        process: &Name,
        message: &Name,
        key: &str,
        offered: InstanceId,
    ) -> Result<InstanceId, StoreError> {
        let (process, message, key) = (process.clone(), message.clone(), key.to_owned());
        write!(self, starts::correlate((&process, &message, &key), offered))
    }

    /// The identity of the record that messages with a key begin, where there was one.
    ///
    /// # Errors
    /// The database failed.
    pub fn correlated(&self, process: &Name, message: &Name, key: &str) -> Result<Option<InstanceId>, StoreError> {
        read!(self, starts::correlated(process, message, key))
    }
}
