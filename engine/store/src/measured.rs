//! What records add to the measures of their processes: a projection that is filled behind the commits.
//!
//! A commit writes nothing here. A record is to be measured where it was never, where it has another revision than it was
//! measured with, or where its process has another version since. Measuring it again puts the same rows in place of the same.

use engine::ids::{DefinitionId, InstanceId, Name};
use engine::measure::{Contribution, Tally};
use engine::time::Timestamp;

use crate::dispatch::{read, write};
use crate::{CaseRow, Share, Store, StoreError};

/// Between the values that split a measure.
pub(crate) const BETWEEN: char = '\u{1f}';
/// The most records that one page of a measure's records holds.
pub const MEASURED_PAGE_MAX: usize = 100;

/// Which records are to be measured.
#[derive(Clone, Debug)]
pub struct Unmeasured<'a> {
    /// Of this process.
    pub process: &'a Name,
    /// By the measures of this definition of it.
    pub definition: &'a DefinitionId,
    /// Of these shards.
    pub share: &'a Share,
    /// Of those that are over, which ended then or later.
    pub ended_since: Timestamp,
    /// How many at most.
    pub limit: usize,
}

/// A record that was measured.
#[derive(Clone, Debug)]
pub struct MeasuredRecord {
    /// Which.
    pub instance: InstanceId,
    /// As it was at this revision.
    pub revision: u64,
    /// What it adds, by measure.
    pub adds: Vec<(Name, Contribution)>,
}

/// Which part of a measure is meant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MeasuredQuery {
    /// The process.
    pub process: Name,
    /// The measure.
    pub measure: Name,
    /// From this day on.
    pub from: Option<String>,
    /// Before this day.
    pub before: Option<String>,
    /// With these values of what splits it.
    pub groups: Option<Vec<String>>,
    /// Of records with this priority.
    pub priority: Option<Name>,
    /// Of records of this team.
    pub team: Option<Name>,
    /// Of records of this service.
    pub service: Option<Name>,
}

impl MeasuredQuery {
    /// The whole of a measure.
    pub fn of(process: Name, measure: Name) -> MeasuredQuery {
        let (from, before, groups) = (None, None, None);
        MeasuredQuery { process, measure, from, before, groups, priority: None, team: None, service: None }
    }
}

/// How many records add the same amount on the same day, with the same values of what splits the measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeasuredRow {
    /// The values.
    pub groups: Vec<String>,
    /// The day.
    pub day: String,
    /// The amount, and how many records.
    pub tally: Tally,
}

impl Store {
    /// Records that are to be measured: those that are open first.
    ///
    /// # Errors
    /// The database failed.
    pub fn unmeasured(&self, wanted: &Unmeasured<'_>) -> Result<Vec<InstanceId>, StoreError> {
        read!(self, measured::unmeasured(wanted))
    }

    /// Keeps what records add to the measures of a definition, in place of what they added before. A record that was
    /// removed meanwhile adds nothing.
    ///
    /// # Errors
    /// The database failed.
    pub fn keep_measured(&self, definition: &DefinitionId, records: Vec<MeasuredRecord>) -> Result<(), StoreError> {
        let definition = definition.clone();
        write!(self, measured::keep(&definition, &records))
    }

    /// What a measure is made of, by day.
    ///
    /// # Errors
    /// The database failed.
    pub fn measured(&self, query: &MeasuredQuery) -> Result<Vec<MeasuredRow>, StoreError> {
        read!(self, measured::rows(query))
    }

    /// The records that a part of a measure is made of, newest first, from below one on, each with the amount that it adds.
    ///
    /// # Errors
    /// The database failed.
    pub fn measured_records(
        &self,
        query: &MeasuredQuery,
        below: Option<InstanceId>,
        limit: usize,
    ) -> Result<Vec<(CaseRow, i64)>, StoreError> {
        read!(self, measured::records(query, below, limit))
    }

    /// How many records a part of a measure is made of.
    ///
    /// # Errors
    /// The database failed.
    pub fn measured_count(&self, query: &MeasuredQuery) -> Result<u64, StoreError> {
        read!(self, measured::count(query))
    }
}
