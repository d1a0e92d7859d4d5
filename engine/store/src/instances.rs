//! Reading instances, their history and their wakes.

use std::collections::BTreeSet;

use diesel::prelude::*;
use engine::event::{Actor, Event};
use engine::ids::{DefinitionId, InstanceId, Name, TaskId};
use engine::instance::Instance;
use engine::time::Timestamp;

use crate::chain::{self, EventRow, Hash};
use crate::projection::{RUNNING, STUCK, SUSPENDED};
use crate::schema::{case_row, event, instance, wake};
use crate::{Loaded, Store, StoreError};

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
        let row: Option<(i64, String, Vec<u8>, Option<i64>)> = self.read(|connection| {
            let found = instance::table
                .left_join(case_row::table.on(case_row::id.eq(instance::id)))
                .filter(instance::id.eq(id.0))
                .select((instance::revision, instance::document, instance::head, case_row::updated_ms.nullable()))
                .first(connection)
                .optional()?;
            Ok(found)
        })?;
        row.map(|(revision, document, head, at)| loaded(revision, &document, &head, at)).transpose()
    }

    /// A page of the records that follow a definition and are not over, stuck and suspended ones among them: those after one, at
    /// most [`RUNNING_PAGE_MAX`]. An empty page is the end.
    ///
    /// # Errors
    /// The database failed.
    pub fn running(&self, definition: &DefinitionId, after: Option<InstanceId>) -> Result<Vec<Instance>, StoreError> {
        let after = after.map_or(i64::MIN, |id| id.0);
        let documents: Vec<String> = self.read(|connection| {
            // The index holds each status by identity: three short reads, not a sort of all.
            let mut ids = BTreeSet::new();
            for status in [RUNNING, STUCK, SUSPENDED] {
                let shelf: Vec<i64> = case_row::table
                    .filter(case_row::definition.eq(&definition.0))
                    .filter(case_row::status.eq(status))
                    .filter(case_row::id.gt(after))
                    .order(case_row::id)
                    .limit(limited(RUNNING_PAGE_MAX))
                    .select(case_row::id)
                    .load(connection)?;
                ids.extend(shelf);
            }
            let page = ids.into_iter().take(RUNNING_PAGE_MAX);
            let rows = instance::table
                .filter(instance::id.eq_any(page))
                .order(instance::id)
                .select(instance::document)
                .load(connection)?;
            Ok(rows)
        })?;
        let read = |document: &String| {
            serde_json::from_str(document).map_err(|cause| StoreError::unreadable("instance", cause))
        };
        documents.iter().map(read).collect()
    }

    /// What happened to an instance, oldest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn history(&self, id: InstanceId) -> Result<Vec<HistoryEntry>, StoreError> {
        let rows = self.read(|connection| stored_events(connection, id))?;
        rows.into_iter().map(|(row, hash)| entry(row, &hash)).collect()
    }

    /// The commit that completed or cancelled a task.
    ///
    /// # Errors
    /// The database failed.
    pub fn task_finisher(&self, id: InstanceId, task: TaskId) -> Result<Option<HistoryEntry>, StoreError> {
        let finishes = |event: &Event| match event {
            Event::TaskCompleted { task: done, .. } | Event::TaskCancelled { task: done, .. } => *done == task,
            _ => false,
        };
        Ok(self.history(id)?.into_iter().rev().find(|entry| entry.events.iter().any(finishes)))
    }

    /// The instances whose wake is due, earliest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<(InstanceId, Timestamp)>, StoreError> {
        let rows: Vec<(i64, i64)> = self.read(|connection| {
            let rows = wake::table
                .filter(wake::due_ms.le(now.0))
                .order((wake::due_ms, wake::instance))
                .limit(limited(limit))
                .select((wake::instance, wake::due_ms))
                .load(connection)?;
            Ok(rows)
        })?;
        Ok(rows.into_iter().map(|(id, due_ms)| (InstanceId(id), Timestamp(due_ms))).collect())
    }

    /// The earliest wake of all.
    ///
    /// # Errors
    /// The database failed.
    pub fn next_wake(&self) -> Result<Option<Timestamp>, StoreError> {
        self.read(|connection| {
            let first: Option<i64> =
                wake::table.order(wake::due_ms).select(wake::due_ms).first(connection).optional()?;
            Ok(first.map(Timestamp))
        })
    }
}

/// A limit as SQL wants it.
pub(crate) fn limited(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// An instance from its row.
pub(crate) fn loaded(revision: i64, document: &str, head: &[u8], at_ms: Option<i64>) -> Result<Loaded, StoreError> {
    Ok(Loaded {
        instance: serde_json::from_str(document).map_err(|cause| StoreError::unreadable("instance", cause))?,
        revision: u64::try_from(revision).map_err(|cause| StoreError::unreadable("instance", cause))?,
        head: hash(head)?,
        at: Timestamp(at_ms.unwrap_or(0)),
    })
}

/// The history of an instance as it is kept, oldest first.
pub(crate) fn stored_events(
    connection: &mut SqliteConnection,
    id: InstanceId,
) -> Result<Vec<(EventRow, Vec<u8>)>, StoreError> {
    type Columns = (i64, i64, Option<String>, String, String, Vec<u8>);
    let rows: Vec<Columns> = event::table
        .filter(event::instance.eq(id.0))
        .order(event::revision)
        .select((event::revision, event::at_ms, event::actor, event::command, event::body, event::hash))
        .load(connection)?;
    let row = |(revision, at_ms, actor, command, body, hash): Columns| {
        (EventRow { instance: id.0, revision, at_ms, actor, command, body }, hash)
    };
    Ok(rows.into_iter().map(row).collect())
}

fn entry(row: EventRow, stored: &[u8]) -> Result<HistoryEntry, StoreError> {
    Ok(HistoryEntry {
        revision: u64::try_from(row.revision).map_err(|cause| StoreError::unreadable("event", cause))?,
        at: Timestamp(row.at_ms),
        actor: row.actor.map_or(Actor::System, |person| Actor::Person(Name::from(person))),
        command: row.command,
        events: serde_json::from_str(&row.body).map_err(|cause| StoreError::unreadable("event", cause))?,
        hash: hash(stored)?,
    })
}

fn hash(bytes: &[u8]) -> Result<Hash, StoreError> {
    chain::stored(bytes).ok_or_else(|| StoreError::unreadable("hash", "it has not 32 bytes"))
}
