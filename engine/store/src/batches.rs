//! Orders to many records at once: what was ordered, by whom, how far it has come, what became of each record.

use engine::ids::{InstanceId, Name};
use engine::time::Timestamp;

use crate::dispatch::{read, write};
use crate::{Store, StoreError};

/// The most lines of a batch that are read at once.
pub const BATCH_LINES_MAX: usize = 200;
/// The most batches that are listed.
pub const BATCHES_MAX: usize = 50;

/// An order to many records. Made by the runtime, unique in an installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BatchId(pub i64);

/// How far an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchState {
    /// It is worked on.
    Running,
    /// Somebody stopped it; what was done stays done.
    Stopped,
    /// Every record was looked at.
    Done,
    /// It cannot be undone any more.
    Final,
}

/// The state of a batch that is worked on.
pub(crate) const RUNNING: &str = "running";
const STOPPED: &str = "stopped";
const DONE: &str = "done";
const FINAL: &str = "final";

impl BatchState {
    pub(crate) fn written(self) -> &'static str {
        match self {
            BatchState::Running => RUNNING,
            BatchState::Stopped => STOPPED,
            BatchState::Done => DONE,
            BatchState::Final => FINAL,
        }
    }

    pub(crate) fn read(text: &str) -> Result<BatchState, StoreError> {
        match text {
            RUNNING => Ok(BatchState::Running),
            STOPPED => Ok(BatchState::Stopped),
            DONE => Ok(BatchState::Done),
            FINAL => Ok(BatchState::Final),
            other => Err(StoreError::unreadable("batch", format!("the state is {other}"))),
        }
    }
}

/// An order to be kept.
#[derive(Clone, Debug)]
pub struct NewBatch {
    /// Its identity.
    pub id: BatchId,
    /// What to do with which records, as the runtime writes it.
    pub body: String,
    /// Why.
    pub reason: String,
    /// Who ordered it.
    pub by: Name,
    /// When.
    pub at: Timestamp,
    /// How many records it was said to be about.
    pub total: u64,
}

/// An order as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchRow {
    /// Its identity.
    pub id: BatchId,
    /// What to do with which records, as the runtime writes it.
    pub body: String,
    /// Why.
    pub reason: String,
    /// Who ordered it.
    pub by: Name,
    /// When.
    pub ordered_at: Timestamp,
    /// How many records it was said to be about.
    pub total: u64,
    /// How far it is.
    pub state: BatchState,
    /// Since when nobody works on it any more.
    pub ended_at: Option<Timestamp>,
    /// How many records were changed.
    pub done: u64,
    /// How many were not.
    pub refused: u64,
}

/// An order that somebody has taken up to work on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedBatch {
    /// Its identity.
    pub id: BatchId,
    /// What to do with which records, as the runtime writes it.
    pub body: String,
    /// Who ordered it.
    pub by: Name,
}

/// What became of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchLine {
    /// The record.
    pub instance: InstanceId,
    /// Its number.
    pub number: String,
    /// What became of it.
    pub outcome: LineOutcome,
}

/// What became of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineOutcome {
    /// It was changed.
    Done {
        /// The revision that this led to.
        revision: u64,
    },
    /// Nothing was done.
    Refused {
        /// Why, as the runtime writes it.
        why: String,
    },
}

/// Which lines of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineFilter {
    /// Those of changed records.
    Done,
    /// Those of the others.
    Refused,
}

impl Store {
    /// Keeps an order; it is worked on from now on.
    ///
    /// # Errors
    /// The database failed.
    pub fn order_batch(&self, order: &NewBatch) -> Result<(), StoreError> {
        let order = order.clone();
        write!(self, batches::order(&order))
    }

    /// Takes up the oldest order that is to be worked on and that nobody else holds, until an instant.
    ///
    /// # Errors
    /// The database failed.
    pub fn claim_batch(
        &self,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<ClaimedBatch>, StoreError> {
        // Nothing is written where there is nothing to do.
        if !read!(self, batches::waits(holder, now))? {
            return Ok(None);
        }
        let holder = holder.to_owned();
        write!(self, batches::claim(&holder, now, until))
    }

    /// The records between two, both included, of which it is known what became of them in a batch.
    ///
    /// # Errors
    /// The database failed.
    pub fn noted_in_batch(
        &self,
        id: BatchId,
        oldest: InstanceId,
        newest: InstanceId,
    ) -> Result<Vec<InstanceId>, StoreError> {
        read!(self, batches::noted(id, oldest, newest))
    }

    /// The revision to which a batch has brought a record, if it has.
    ///
    /// # Errors
    /// The database failed.
    pub fn changed_in_batch(&self, id: BatchId, record: InstanceId) -> Result<Option<u64>, StoreError> {
        read!(self, batches::changed(id, record))
    }

    /// Notes that nothing was done to records, each with the reason. Noting it twice is noting it once.
    ///
    /// # Errors
    /// The database failed.
    pub fn refuse_in_batch(&self, id: BatchId, refused: Vec<(InstanceId, String)>) -> Result<(), StoreError> {
        write!(self, batches::refuse(id, &refused))
    }

    /// Turns a batch from one state to another; tells whether it was in the first.
    ///
    /// # Errors
    /// The database failed.
    pub fn turn_batch(
        &self,
        id: BatchId,
        from: BatchState,
        to: BatchState,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        write!(self, batches::turn(id, from, to, now))
    }

    /// A batch.
    ///
    /// # Errors
    /// The database failed.
    pub fn batch(&self, id: BatchId) -> Result<Option<BatchRow>, StoreError> {
        read!(self, batches::batch(id))
    }

    /// The batches, newest first, at most [`BATCHES_MAX`].
    ///
    /// # Errors
    /// The database failed.
    pub fn batches(&self) -> Result<Vec<BatchRow>, StoreError> {
        read!(self, batches::newest())
    }

    /// What became of a batch's records: those older than one, newest first, at most [`BATCH_LINES_MAX`].
    ///
    /// # Errors
    /// The database failed.
    pub fn batch_lines(
        &self,
        id: BatchId,
        filter: LineFilter,
        before: Option<InstanceId>,
    ) -> Result<Vec<BatchLine>, StoreError> {
        read!(self, batches::lines(id, filter, before))
    }
}
