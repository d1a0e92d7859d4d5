//! Orders to many records at once: what was ordered, by whom, how far it has come, what became of each record.

use diesel::prelude::*;
use engine::ids::{InstanceId, Name};
use engine::time::Timestamp;

use crate::instances::limited;
use crate::schema::{batch, batch_line, case_row};
use crate::shard::shard_of;
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

const RUNNING: &str = "running";
const STOPPED: &str = "stopped";
const DONE: &str = "done";
const FINAL: &str = "final";

impl BatchState {
    fn written(self) -> &'static str {
        match self {
            BatchState::Running => RUNNING,
            BatchState::Stopped => STOPPED,
            BatchState::Done => DONE,
            BatchState::Final => FINAL,
        }
    }

    fn read(text: &str) -> Result<BatchState, StoreError> {
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

type LineColumns = (i64, Option<i64>, Option<String>, Option<String>);
type Columns = (i64, String, String, String, i64, i64, String, Option<i64>);

const COLUMNS: (
    batch::id,
    batch::body,
    batch::reason,
    batch::ordered_by,
    batch::ordered_at_ms,
    batch::total,
    batch::state,
    batch::ended_at_ms,
) = (
    batch::id,
    batch::body,
    batch::reason,
    batch::ordered_by,
    batch::ordered_at_ms,
    batch::total,
    batch::state,
    batch::ended_at_ms,
);

impl Store {
    /// Keeps an order; it is worked on from now on.
    ///
    /// # Errors
    /// The database failed.
    pub fn order_batch(&self, order: &NewBatch) -> Result<(), StoreError> {
        let order = order.clone();
        self.write(move |connection| {
            diesel::insert_into(batch::table)
                .values((
                    batch::id.eq(order.id.0),
                    batch::body.eq(&order.body),
                    batch::reason.eq(&order.reason),
                    batch::ordered_by.eq(order.by.as_str()),
                    batch::ordered_at_ms.eq(order.at.0),
                    batch::total.eq(i64::try_from(order.total).unwrap_or(i64::MAX)),
                    batch::state.eq(RUNNING),
                    batch::held_until_ms.eq(0),
                ))
                .execute(connection)?;
            Ok(())
        })
    }

    /// Takes up the oldest order that is to be worked on and that nobody else holds, until an instant.
    ///
    /// # Errors
    /// The database failed.
    pub fn claim_batch(&self, holder: &str, now: Timestamp, until: Timestamp) -> Result<Option<BatchRow>, StoreError> {
        // Nothing is written where there is nothing to do.
        let waits = self.read(|connection| Ok(free(connection, "", now)?.is_some() || held(connection, holder)?))?;
        if !waits {
            return Ok(None);
        }
        let holder = holder.to_owned();
        self.write(move |connection| {
            let Some(id) = free(connection, &holder, now)? else { return Ok(None) };
            diesel::update(batch::table.filter(batch::id.eq(id)))
                .set((batch::holder.eq(&holder), batch::held_until_ms.eq(until.0)))
                .execute(connection)?;
            row(connection, BatchId(id))
        })
    }

    /// How far a batch has come: the record that was looked at last. Records are looked at from the newest down.
    ///
    /// # Errors
    /// The database failed.
    pub fn batch_position(&self, id: BatchId) -> Result<Option<InstanceId>, StoreError> {
        self.read(|connection| {
            let lines = batch_line::table.filter(batch_line::batch.eq(id.0)).order(batch_line::instance);
            Ok(lines.select(batch_line::instance).first(connection).optional()?.map(InstanceId))
        })
    }

    /// The revision to which a batch has brought a record, if it has.
    ///
    /// # Errors
    /// The database failed.
    pub fn changed_in_batch(&self, id: BatchId, record: InstanceId) -> Result<Option<u64>, StoreError> {
        let revision: Option<Option<i64>> = self.read(|connection| {
            let line = batch_line::table.filter(batch_line::batch.eq(id.0)).filter(batch_line::instance.eq(record.0));
            Ok(line.select(batch_line::revision).first(connection).optional()?)
        })?;
        Ok(revision.flatten().and_then(|revision| u64::try_from(revision).ok()))
    }

    /// Notes that nothing was done to a record. Noting it twice is noting it once.
    ///
    /// # Errors
    /// The database failed.
    pub fn refuse_in_batch(&self, id: BatchId, record: InstanceId, why: &str) -> Result<(), StoreError> {
        let why = why.to_owned();
        self.write(move |connection| {
            diesel::insert_into(batch_line::table)
                .values((
                    batch_line::batch.eq(id.0),
                    batch_line::instance.eq(record.0),
                    batch_line::shard.eq(shard_of(record)),
                    batch_line::why.eq(&why),
                ))
                .on_conflict_do_nothing()
                .execute(connection)?;
            Ok(())
        })
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
        self.write(move |connection| {
            let changed = diesel::update(batch::table)
                .filter(batch::id.eq(id.0))
                .filter(batch::state.eq(from.written()))
                .set((batch::state.eq(to.written()), batch::ended_at_ms.eq(now.0), batch::held_until_ms.eq(0)))
                .execute(connection)?;
            Ok(changed > 0)
        })
    }

    /// A batch.
    ///
    /// # Errors
    /// The database failed.
    pub fn batch(&self, id: BatchId) -> Result<Option<BatchRow>, StoreError> {
        self.read(|connection| row(connection, id))
    }

    /// The batches, newest first, at most [`BATCHES_MAX`].
    ///
    /// # Errors
    /// The database failed.
    pub fn batches(&self) -> Result<Vec<BatchRow>, StoreError> {
        self.read(|connection| {
            let newest = batch::table.order(batch::id.desc()).limit(limited(BATCHES_MAX));
            let ids: Vec<i64> = newest.select(batch::id).load(connection)?;
            ids.into_iter().filter_map(|id| row(connection, BatchId(id)).transpose()).collect()
        })
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
        let rows: Vec<LineColumns> = self.read(|connection| {
            let mut lines = batch_line::table
                .left_join(case_row::table.on(case_row::id.eq(batch_line::instance)))
                .filter(batch_line::batch.eq(id.0))
                .filter(batch_line::instance.lt(before.map_or(i64::MAX, |before| before.0)))
                .into_boxed();
            lines = match filter {
                LineFilter::Done => lines.filter(batch_line::revision.is_not_null()),
                LineFilter::Refused => lines.filter(batch_line::revision.is_null()),
            };
            let columns = (batch_line::instance, batch_line::revision, batch_line::why, case_row::number.nullable());
            let page = lines.order(batch_line::instance.desc()).limit(limited(BATCH_LINES_MAX));
            Ok(page.select(columns).load(connection)?)
        })?;
        let line = |(instance, revision, why, number): LineColumns| BatchLine {
            instance: InstanceId(instance),
            number: number.unwrap_or_default(),
            outcome: match revision {
                Some(revision) => LineOutcome::Done { revision: u64::try_from(revision).unwrap_or(0) },
                None => LineOutcome::Refused { why: why.unwrap_or_default() },
            },
        };
        Ok(rows.into_iter().map(line).collect())
    }
}

/// The oldest order to be worked on that nobody but `holder` holds now.
fn free(connection: &mut SqliteConnection, holder: &str, now: Timestamp) -> Result<Option<i64>, StoreError> {
    let oldest = batch::table
        .filter(batch::state.eq(RUNNING))
        .filter(batch::held_until_ms.lt(now.0).or(batch::holder.eq(holder)))
        .order(batch::id);
    Ok(oldest.select(batch::id).first(connection).optional()?)
}

fn held(connection: &mut SqliteConnection, holder: &str) -> Result<bool, StoreError> {
    let mine = batch::table.filter(batch::state.eq(RUNNING)).filter(batch::holder.eq(holder));
    Ok(mine.select(batch::id).first::<i64>(connection).optional()?.is_some())
}

fn row(connection: &mut SqliteConnection, id: BatchId) -> Result<Option<BatchRow>, StoreError> {
    let found: Option<Columns> =
        batch::table.filter(batch::id.eq(id.0)).select(COLUMNS).first(connection).optional()?;
    let Some((_, body, reason, by, ordered_at_ms, total, state, ended_at_ms)) = found else { return Ok(None) };
    let lines = || batch_line::table.filter(batch_line::batch.eq(id.0));
    let done: i64 = lines().filter(batch_line::revision.is_not_null()).count().get_result(connection)?;
    let refused: i64 = lines().filter(batch_line::revision.is_null()).count().get_result(connection)?;
    let counted = |count: i64| u64::try_from(count).unwrap_or(0);
    Ok(Some(BatchRow {
        id,
        body,
        reason,
        by: Name::from(by),
        ordered_at: Timestamp(ordered_at_ms),
        total: counted(total),
        state: BatchState::read(&state)?,
        ended_at: ended_at_ms.map(Timestamp),
        done: counted(done),
        refused: counted(refused),
    }))
}
