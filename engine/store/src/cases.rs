//! The list of records.

use engine::ids::{DefinitionId, InstanceId, Name};
use engine::time::Timestamp;

use crate::dispatch::read;
use crate::projection::{ENDED, RUNNING, STUCK, SUSPENDED};
use crate::{Store, StoreError};

/// The most records that one page of the list holds.
pub const CASES_PAGE_MAX: usize = 100;

/// Whether a record goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseStatus {
    /// It waits for people, messages or time.
    Running,
    /// It waits for somebody to mend it.
    Stuck,
    /// Nothing of it moves until somebody resumes it.
    Suspended,
    /// It is over.
    Ended,
}

/// Which records, by how they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CaseFilter {
    /// All.
    #[default]
    Any,
    /// Those that are not over, stuck and suspended ones among them.
    Open,
    /// Those that are stuck.
    Stuck,
    /// Those that are suspended.
    Suspended,
    /// Those that are over.
    Ended,
}

/// Which records to list.
#[derive(Clone, Debug, Default)]
pub struct CaseQuery {
    /// Of this process.
    pub process: Option<Name>,
    /// That follow this definition.
    pub definition: Option<DefinitionId>,
    /// For this person.
    pub requester: Option<Name>,
    /// By how they are.
    pub status: CaseFilter,
    /// Older than this one.
    pub before: Option<InstanceId>,
    /// How many, at most [`CASES_PAGE_MAX`].
    pub limit: usize,
}

/// A line of the list of records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRow {
    /// The record.
    pub instance: InstanceId,
    /// Its number.
    pub number: String,
    /// Its title.
    pub title: String,
    /// The process.
    pub process: Name,
    /// The definition that it follows.
    pub definition: DefinitionId,
    /// Whether it goes on.
    pub status: CaseStatus,
    /// The steps where it stands; the outcome where it is over.
    pub stage: Vec<Name>,
    /// Its priority, where its process has one.
    pub priority: Option<Name>,
    /// For whom it is.
    pub requester: Name,
    /// Its team, where its process has one.
    pub team: Option<Name>,
    /// Its service, where its process has one.
    pub service: Option<Name>,
    /// Since when it is.
    pub started: Timestamp,
    /// When something happened to it last.
    pub updated: Timestamp,
    /// Since when it is over.
    pub ended: Option<Timestamp>,
    /// When the first of its running clocks, or of its tasks, is due.
    pub due: Option<Timestamp>,
}

impl Store {
    /// A page of the list, newest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn cases(&self, query: &CaseQuery) -> Result<Vec<CaseRow>, StoreError> {
        read!(self, cases::page(query))
    }

    /// The line of one record.
    ///
    /// # Errors
    /// The database failed.
    pub fn case(&self, id: InstanceId) -> Result<Option<CaseRow>, StoreError> {
        read!(self, cases::case(id))
    }

    /// The record of that number.
    ///
    /// # Errors
    /// The database failed.
    pub fn instance_of_number(&self, number: &str) -> Result<Option<InstanceId>, StoreError> {
        read!(self, cases::instance_of_number(number))
    }
}

impl CaseFilter {
    /// The statuses that are meant.
    pub(crate) fn statuses(self) -> &'static [&'static str] {
        match self {
            CaseFilter::Any => &[RUNNING, STUCK, SUSPENDED, ENDED],
            CaseFilter::Open => &[RUNNING, STUCK, SUSPENDED],
            CaseFilter::Stuck => &[STUCK],
            CaseFilter::Suspended => &[SUSPENDED],
            CaseFilter::Ended => &[ENDED],
        }
    }
}

impl CaseQuery {
    pub(crate) fn is_unfiltered(&self) -> bool {
        self.process.is_none() && self.definition.is_none() && self.status == CaseFilter::Any
    }

    /// Where the page begins: below this identity.
    pub(crate) fn below(&self) -> i64 {
        self.before.map_or(i64::MAX, |before| before.0)
    }
}
