//! Retention: what is over long enough is removed, unless a legal hold stops it.

use std::collections::BTreeMap;

use engine::ids::{DefinitionId, InstanceId, Name};
use engine::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::dispatch::{read, write};
use crate::{Store, StoreError};

/// Until when a record of a definition must have ended for its time to be up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The definition.
    pub definition: DefinitionId,
    /// Records that ended then or before are due.
    pub ended_by: Timestamp,
}

/// A record that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverRow {
    /// The record.
    pub instance: InstanceId,
    /// Its number.
    pub number: String,
    /// The definition that it followed.
    pub definition: DefinitionId,
    /// When it ended.
    pub ended: Timestamp,
}

/// A record that was removed, as the audit trail keeps it: no more than proves which it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovedRecord {
    /// Its number.
    pub number: String,
    /// Its identity.
    pub instance: InstanceId,
    /// How many commits had led to it.
    pub revision: u64,
    /// The hash of its newest event row, in hexadecimal.
    pub head: String,
}

/// The identity of a legal hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HoldId(pub i64);

/// An order that records are not removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldRow {
    /// Its identity.
    pub id: HoldId,
    /// Why.
    pub reason: String,
    /// Who ordered it.
    pub by: Name,
    /// When.
    pub at: Timestamp,
    /// Who released it, when and why; nothing while it holds.
    pub released: Option<(Name, Timestamp, String)>,
    /// How many records it holds.
    pub records: u64,
}

/// An order about a hold.
#[derive(Clone, Debug)]
pub struct HoldOrder {
    /// Who gives it.
    pub by: Name,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

impl Store {
    /// Records whose time is up and that nothing holds, the longest over first within a definition.
    ///
    /// # Errors
    /// The database failed.
    pub fn due_for_removal(&self, terms: &[Term], limit: usize) -> Result<Vec<OverRow>, StoreError> {
        read!(self, retention::due(terms, limit))
    }

    /// Records that a hold keeps, by identity.
    ///
    /// # Errors
    /// The database failed.
    pub fn held_records(&self, hold: HoldId, limit: usize) -> Result<Vec<InstanceId>, StoreError> {
        read!(self, retention::held(hold, limit))
    }

    /// Removes records with all that belongs to them, with a row in the audit trail. What is held, is not over, or owes
    /// something still is left; gives what went.
    ///
    /// # Errors
    /// The database failed.
    pub fn remove_records(&self, records: &[OverRow], at: Timestamp) -> Result<Vec<RemovedRecord>, StoreError> {
        if records.is_empty() {
            return Ok(Vec::new());
        }
        let told = read!(self, retention::told_of(records))?;
        let records: Vec<InstanceId> = records.iter().map(|record| record.instance).collect();
        write!(self, retention::remove(&records, &told, at))
    }

    /// Everything that was ever removed, by identity, as the audit trail has it.
    ///
    /// # Errors
    /// The database failed.
    pub fn removed_records(&self) -> Result<BTreeMap<InstanceId, RemovedRecord>, StoreError> {
        read!(self, retention::removed())
    }

    /// Holds records, with a row in the audit trail.
    ///
    /// # Errors
    /// The database failed.
    pub fn place_hold(&self, records: &[InstanceId], order: &HoldOrder) -> Result<HoldId, StoreError> {
        let (records, order) = (records.to_vec(), order.clone());
        write!(self, retention::place(&records, &order))
    }

    /// Releases a hold, with a row in the audit trail; says whether there was one to release.
    ///
    /// # Errors
    /// The database failed.
    pub fn release_hold(&self, hold: HoldId, order: &HoldOrder) -> Result<Released, StoreError> {
        let order = order.clone();
        write!(self, retention::release(hold, &order))
    }

    /// The records of a process, newest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn records_of(&self, process: &Name, limit: usize) -> Result<Vec<InstanceId>, StoreError> {
        read!(self, retention::records_of(process, limit))
    }

    /// All holds, newest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn holds(&self) -> Result<Vec<HoldRow>, StoreError> {
        read!(self, retention::holds())
    }

    /// For how many months records are kept whose process does not say it; nothing where they are kept for ever.
    ///
    /// # Errors
    /// The database failed.
    pub fn keep_default(&self) -> Result<Option<u32>, StoreError> {
        read!(self, retention::keep_default())
    }

    /// Decides for how many months records are kept whose process does not say it, with a row in the audit trail.
    ///
    /// # Errors
    /// The database failed.
    pub fn set_keep_default(&self, months: Option<u32>, by: &Name, at: Timestamp) -> Result<(), StoreError> {
        let by = by.clone();
        write!(self, retention::set_keep_default(months, &by, at))
    }
}

/// What became of an order to release a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Released {
    /// It holds no more.
    Now,
    /// There is no such hold, or it was released before.
    NotHeld,
}
