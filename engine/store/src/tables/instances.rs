//! Reading instances, their history and their wakes.

use std::collections::BTreeMap;
use std::sync::Arc;

use diesel::prelude::*;
use engine::event::Actor;
use engine::ids::{DefinitionId, InstanceId, Name};
use engine::instance::Instance;
use engine::time::Timestamp;

use super::Connection;
use crate::address;
use crate::chain::{self, EventRow, Hash};
use crate::document::Document;
use crate::packed::unpack;
use crate::projection::{RUNNING, STUCK, SUSPENDED};
use crate::schema::{case_row, event, instance, wake};
use crate::shard::shard_of;
use crate::{HistoryEntry, Loaded, RUNNING_PAGE_MAX, Share, StoreError};

pub(crate) fn load(connection: &mut Connection, id: InstanceId) -> Result<Option<Loaded>, StoreError> {
    /// Revision, state, head, and when the record's line was changed last.
    type Columns = (i64, Vec<u8>, Vec<u8>, Option<i64>);
    let row: Option<Columns> = instance::table
        .left_join(case_row::table.on(case_row::shard.eq(instance::shard).and(case_row::id.eq(instance::id))))
        .filter(instance::shard.eq(shard_of(id)))
        .filter(instance::id.eq(id.0))
        .select((instance::revision, instance::document, instance::head, case_row::updated_ms.nullable()))
        .first(connection)
        .optional()?;
    row.map(|(revision, document, head, at)| loaded(revision, document, &head, at)).transpose()
}

/// What is held already need not be read again where it is still so.
pub(crate) fn reload(connection: &mut Connection, held: &Loaded) -> Result<Option<Loaded>, StoreError> {
    let id = held.instance.id();
    let row: Option<(i64, Vec<u8>)> = instance::table
        .filter(instance::shard.eq(shard_of(id)))
        .filter(instance::id.eq(id.0))
        .select((instance::revision, instance::head))
        .first(connection)
        .optional()?;
    match row {
        Some((revision, head)) if u64::try_from(revision) == Ok(held.revision) && head == held.head => {
            Ok(Some(held.clone()))
        }
        Some(_) => load(connection, id),
        None => Ok(None),
    }
}

/// Many at once. Those that have no line in lists are left out.
pub(crate) fn load_each(
    connection: &mut Connection,
    ids: &[InstanceId],
) -> Result<BTreeMap<InstanceId, Result<Loaded, StoreError>>, StoreError> {
    /// Identity, revision, state, head, and when the record's line was changed last.
    type Columns = (i64, i64, Vec<u8>, Vec<u8>, i64);
    let rows: Vec<Columns> = case_row::table
        .inner_join(instance::table.on(instance::shard.eq(case_row::shard).and(instance::id.eq(case_row::id))))
        .filter(case_row::id.eq_any(ids.iter().map(|id| id.0)))
        .select((instance::id, instance::revision, instance::document, instance::head, case_row::updated_ms))
        .load(connection)?;
    let each =
        |(id, revision, document, head, at): Columns| (InstanceId(id), loaded(revision, document, &head, Some(at)));
    Ok(rows.into_iter().map(each).collect())
}

/// A page of the records that follow a definition and are not over. The index holds each status by identity: three
/// short reads, not a sort of all.
pub(crate) fn running(
    connection: &mut Connection,
    definition: &DefinitionId,
    after: Option<InstanceId>,
) -> Result<Vec<Instance>, StoreError> {
    let after = after.map_or(i64::MIN, |id| id.0);
    let mut documents = BTreeMap::new();
    for status in [RUNNING, STUCK, SUSPENDED] {
        let shelf: Vec<(i64, Vec<u8>)> = case_row::table
            .inner_join(instance::table.on(instance::shard.eq(case_row::shard).and(instance::id.eq(case_row::id))))
            .filter(case_row::definition.eq(address::kept(&definition.0)))
            .filter(case_row::status.eq(status))
            .filter(case_row::id.gt(after))
            .order(case_row::id)
            .limit(limited(RUNNING_PAGE_MAX))
            .select((case_row::id, instance::document))
            .load(connection)?;
        documents.extend(shelf);
    }
    documents.into_values().take(RUNNING_PAGE_MAX).map(|document| Document::from_row(document).instance()).collect()
}

pub(crate) fn history(connection: &mut Connection, id: InstanceId) -> Result<Vec<HistoryEntry>, StoreError> {
    stored_events(connection, id)?.into_iter().map(|(row, hash)| entry(row, &hash)).collect()
}

pub(crate) fn due(
    connection: &mut Connection,
    share: &Share,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<(InstanceId, Timestamp)>, StoreError> {
    let mut due = wake::table.filter(wake::due_ms.le(now.0)).into_boxed();
    if let Some(shards) = share.shards() {
        due = due.filter(wake::shard.eq_any(shards));
    }
    let rows: Vec<(i64, i64)> = due
        .order((wake::due_ms, wake::instance))
        .limit(limited(limit))
        .select((wake::instance, wake::due_ms))
        .load(connection)?;
    Ok(rows.into_iter().map(|(id, due_ms)| (InstanceId(id), Timestamp(due_ms))).collect())
}

pub(crate) fn next_wake(connection: &mut Connection, share: &Share) -> Result<Option<Timestamp>, StoreError> {
    let mut waiting = wake::table.into_boxed();
    if let Some(shards) = share.shards() {
        waiting = waiting.filter(wake::shard.eq_any(shards));
    }
    let first: Option<i64> = waiting.order(wake::due_ms).select(wake::due_ms).first(connection).optional()?;
    Ok(first.map(Timestamp))
}

/// A limit as SQL wants it.
pub(crate) fn limited(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// An instance from its row.
pub(crate) fn loaded(revision: i64, document: Vec<u8>, head: &[u8], at_ms: Option<i64>) -> Result<Loaded, StoreError> {
    let document = Document::from_row(document);
    Ok(Loaded {
        instance: Arc::new(document.instance()?),
        revision: u64::try_from(revision).map_err(|cause| StoreError::unreadable("instance", cause))?,
        head: hash(head)?,
        at: Timestamp(at_ms.unwrap_or(0)),
        document,
    })
}

/// The history of an instance, oldest first, with the hashes as they are kept.
pub(crate) fn stored_events(
    connection: &mut Connection,
    id: InstanceId,
) -> Result<Vec<(EventRow, Vec<u8>)>, StoreError> {
    type Columns = (i64, i64, Option<String>, String, Vec<u8>, Vec<u8>);
    let rows: Vec<Columns> = event::table
        .filter(event::shard.eq(shard_of(id)))
        .filter(event::instance.eq(id.0))
        .order(event::revision)
        .select((event::revision, event::at_ms, event::actor, event::command, event::body, event::hash))
        .load(connection)?;
    let row = |(revision, at_ms, actor, command, body, hash): Columns| {
        Ok((EventRow { instance: id.0, revision, at_ms, actor, command, body: unpack(&body, "event")? }, hash))
    };
    rows.into_iter().map(row).collect()
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
