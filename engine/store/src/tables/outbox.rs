//! What is owed to the world, and the notifications that it becomes.

use diesel::prelude::*;
use engine::definition::Labels;
use engine::ids::{InstanceId, Name};
use engine::time::Timestamp;

use super::Connection;
use super::audit::append;
use super::instances::limited;
use super::leases;
use crate::schema::{case_row, notification, outbox};
use crate::shard::shard_of;
use crate::{
    AuditEntry, AuditWhat, GiveUp, NoticeDelivery, Notification, OutboxKey, OutboxRow, Share, StoreError,
    UndeliveredRow,
};

/// What is owed and may be performed now, oldest first. A row that cannot be read blocks nobody else's.
pub(crate) fn owed(
    connection: &mut Connection,
    share: &Share,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<OutboxRow>, StoreError> {
    let mut owed = outbox::table
        .inner_join(case_row::table.on(case_row::shard.eq(outbox::shard).and(case_row::id.eq(outbox::instance))))
        .filter(outbox::retry_ms.le(now.0))
        .into_boxed();
    if let Some(shards) = share.shards() {
        owed = owed.filter(outbox::shard.eq_any(shards));
    }
    let rows: Vec<OwedColumns> = owed
        .order((outbox::at_ms, outbox::instance, outbox::revision, outbox::ordinal))
        .limit(limited(limit))
        .select(OWED)
        .load(connection)?;
    Ok(readable(rows))
}

fn readable(rows: Vec<OwedColumns>) -> Vec<OutboxRow> {
    let unreadable = |cause: &StoreError| tracing::error!(%cause, "an owed effect stays where it is");
    rows.into_iter().filter_map(|row| owed_row(row).inspect_err(unreadable).ok()).collect()
}

/// What a record still owes, oldest first, but for what cannot be read.
pub(crate) fn owed_by(
    connection: &mut Connection,
    record: InstanceId,
    limit: usize,
) -> Result<Vec<OutboxRow>, StoreError> {
    let rows: Vec<OwedColumns> = outbox::table
        .inner_join(case_row::table.on(case_row::shard.eq(outbox::shard).and(case_row::id.eq(outbox::instance))))
        .filter(outbox::shard.eq(shard_of(record)))
        .filter(outbox::instance.eq(record.0))
        .order((outbox::at_ms, outbox::revision, outbox::ordinal))
        .limit(limited(limit))
        .select(OWED)
        .load(connection)?;
    Ok(readable(rows))
}

type OwedColumns = (i64, i64, i64, i32, String, String, i32, i64);

fn owed_row(columns: OwedColumns) -> Result<OutboxRow, StoreError> {
    let (at_ms, instance, revision, ordinal, number, body, tries, retry_ms) = columns;
    let key = OutboxKey {
        at: Timestamp(at_ms),
        instance: InstanceId(instance),
        revision: u64::try_from(revision).map_err(|cause| StoreError::unreadable("effect", cause))?,
        ordinal: u32::try_from(ordinal).map_err(|cause| StoreError::unreadable("effect", cause))?,
    };
    let effect = serde_json::from_str(&body).map_err(|cause| StoreError::unreadable("effect", cause))?;
    let tries = u32::try_from(tries).map_err(|cause| StoreError::unreadable("effect", cause))?;
    Ok(OutboxRow { key, number, effect, tries, retry_at: Timestamp(retry_ms) })
}

type UndeliveredColumns = (OwedColumns, Option<String>);

/// What was tried in vain, oldest first.
pub(crate) fn undelivered(connection: &mut Connection, limit: usize) -> Result<Vec<UndeliveredRow>, StoreError> {
    let rows: Vec<UndeliveredColumns> = outbox::table
        .inner_join(case_row::table.on(case_row::shard.eq(outbox::shard).and(case_row::id.eq(outbox::instance))))
        .filter(outbox::tries.gt(0))
        .order((outbox::at_ms, outbox::instance, outbox::revision, outbox::ordinal))
        .limit(limited(limit))
        .select(UNDELIVERED)
        .load(connection)?;
    rows.into_iter().map(undelivered_row).collect()
}

pub(crate) fn undelivered_at(
    connection: &mut Connection,
    key: OutboxKey,
) -> Result<Option<UndeliveredRow>, StoreError> {
    let (at_ms, instance, revision, ordinal) = place(&key);
    let row: Option<UndeliveredColumns> = outbox::table
        .inner_join(case_row::table.on(case_row::shard.eq(outbox::shard).and(case_row::id.eq(outbox::instance))))
        .filter(outbox::shard.eq(shard_of(key.instance)))
        .filter(outbox::at_ms.eq(at_ms))
        .filter(outbox::instance.eq(instance))
        .filter(outbox::revision.eq(revision))
        .filter(outbox::ordinal.eq(ordinal))
        .filter(outbox::tries.gt(0))
        .select(UNDELIVERED)
        .first(connection)
        .optional()?;
    row.map(undelivered_row).transpose()
}

/// The columns of an owed effect.
type Owed = (
    outbox::at_ms,
    outbox::instance,
    outbox::revision,
    outbox::ordinal,
    case_row::number,
    outbox::body,
    outbox::tries,
    outbox::retry_ms,
);

const OWED: Owed = (
    outbox::at_ms,
    outbox::instance,
    outbox::revision,
    outbox::ordinal,
    case_row::number,
    outbox::body,
    outbox::tries,
    outbox::retry_ms,
);

const UNDELIVERED: (Owed, outbox::problem) = (OWED, outbox::problem);

fn undelivered_row((owed, problem): UndeliveredColumns) -> Result<UndeliveredRow, StoreError> {
    Ok(UndeliveredRow { owed: owed_row(owed)?, problem: problem.unwrap_or_default() })
}

/// Lets what was tried in vain be tried now, unless a node has it in hand.
pub(crate) fn retry(connection: &mut Connection, key: OutboxKey, now: Timestamp) -> Result<bool, StoreError> {
    let changed = diesel::update(outbox::table.find(place(&key)))
        .filter(outbox::shard.eq(shard_of(key.instance)))
        .filter(outbox::tries.gt(0))
        .filter(outbox::holder.is_null())
        .set(outbox::retry_ms.eq(now.0))
        .execute(connection)?;
    Ok(changed > 0)
}

/// Gives up what was tried in vain.
pub(crate) fn give_up(connection: &mut Connection, order: &GiveUp) -> Result<bool, StoreError> {
    let gone = diesel::delete(outbox::table.find(place(&order.key)))
        .filter(outbox::shard.eq(shard_of(order.key.instance)))
        .filter(outbox::tries.gt(0))
        .filter(outbox::holder.is_null())
        .execute(connection)?;
    if gone == 0 {
        return Ok(false);
    }
    let (number, kind, reason) = (order.number.clone(), order.kind.clone(), order.reason.clone());
    let what = AuditWhat::EffectGivenUp { number, kind, reason };
    append(connection, &AuditEntry { at: order.at, actor: Some(order.by.clone()), what })?;
    Ok(true)
}

/// How much was tried in vain.
pub(crate) fn undelivered_count(connection: &mut Connection, most: i64) -> Result<u64, StoreError> {
    let rows: Vec<i64> =
        outbox::table.filter(outbox::tries.gt(0)).limit(most).select(outbox::at_ms).load(connection)?;
    Ok(rows.len() as u64)
}

/// When the first of what was put off may be performed.
pub(crate) fn next_retry(
    connection: &mut Connection,
    share: &Share,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let mut waiting = outbox::table.filter(outbox::retry_ms.gt(now.0)).into_boxed();
    if let Some(shards) = share.shards() {
        waiting = waiting.filter(outbox::shard.eq_any(shards));
    }
    let first: Option<i64> = waiting.select(diesel::dsl::min(outbox::retry_ms)).first(connection)?;
    Ok(first.map(Timestamp))
}

/// Nobody else performs what is owed before then, if it is the node's to perform.
pub(crate) fn hold(
    connection: &mut Connection,
    share: &Share,
    key: OutboxKey,
    until: Timestamp,
) -> Result<bool, StoreError> {
    let shard = shard_of(key.instance);
    if !leases::holds(connection, share, shard)? {
        return Ok(false);
    }
    diesel::update(outbox::table.find(place(&key)))
        .filter(outbox::shard.eq(shard))
        .set((outbox::retry_ms.eq(until.0), outbox::holder.eq(share.node())))
        .execute(connection)?;
    Ok(true)
}

/// What a dead node had in hand is free.
pub(crate) fn free(connection: &mut Connection, dead: &str) -> Result<(), StoreError> {
    diesel::update(outbox::table.filter(outbox::holder.eq(dead)))
        .set((outbox::retry_ms.eq(0), outbox::holder.eq(None::<String>)))
        .execute(connection)?;
    Ok(())
}

/// What is owed waits for something else, unless a node has it in hand.
pub(crate) fn hold_back(connection: &mut Connection, key: OutboxKey, until: Timestamp) -> Result<(), StoreError> {
    diesel::update(outbox::table.find(place(&key)))
        .filter(outbox::shard.eq(shard_of(key.instance)))
        .filter(outbox::holder.is_null())
        .set(outbox::retry_ms.eq(until.0))
        .execute(connection)?;
    Ok(())
}

/// What is owed was tried in vain.
pub(crate) fn put_off(
    connection: &mut Connection,
    key: OutboxKey,
    until: Timestamp,
    problem: &str,
) -> Result<(), StoreError> {
    diesel::update(outbox::table.find(place(&key)))
        .filter(outbox::shard.eq(shard_of(key.instance)))
        .set((
            outbox::tries.eq(outbox::tries + 1),
            outbox::retry_ms.eq(until.0),
            outbox::problem.eq(problem),
            outbox::holder.eq(None::<String>),
        ))
        .execute(connection)?;
    Ok(())
}

/// What was owed is done.
pub(crate) fn settle_all(connection: &mut Connection, done: &[OutboxKey]) -> Result<(), StoreError> {
    done.iter().try_for_each(|key| settle(connection, key))
}

fn settle(connection: &mut Connection, key: &OutboxKey) -> Result<(), StoreError> {
    diesel::delete(outbox::table.find(place(key)))
        .filter(outbox::shard.eq(shard_of(key.instance)))
        .execute(connection)?;
    Ok(())
}

/// What tells a row apart within its shard.
fn place(key: &OutboxKey) -> (i64, i64, i64, i32) {
    let revision = i64::try_from(key.revision).unwrap_or(i64::MAX);
    (key.at.0, key.instance.0, revision, i32::try_from(key.ordinal).unwrap_or(i32::MAX))
}

pub(crate) fn notifications(
    connection: &mut Connection,
    person: &Name,
    limit: usize,
) -> Result<Vec<Notification>, StoreError> {
    type Columns = (String, i64, String, String, String, Option<i64>);
    let rows: Vec<Columns> = notification::table
        .filter(notification::person.eq(person.as_str()))
        .order((notification::at_ms.desc(), notification::effect.desc()))
        .limit(limited(limit))
        .select((
            notification::effect,
            notification::at_ms,
            notification::text_en,
            notification::text_zh,
            notification::link,
            notification::read_at_ms,
        ))
        .load(connection)?;
    let told = |(key, at_ms, en, zh, link, read_at_ms): Columns| Notification {
        key,
        at: Timestamp(at_ms),
        text: Labels { en, zh },
        link,
        read_at: read_at_ms.map(Timestamp),
    };
    Ok(rows.into_iter().map(told).collect())
}

pub(crate) fn unread_count(connection: &mut Connection, person: &Name) -> Result<u64, StoreError> {
    let unread =
        notification::table.filter(notification::person.eq(person.as_str())).filter(notification::read_at_ms.is_null());
    let count: i64 = unread.count().get_result(connection)?;
    Ok(u64::try_from(count).unwrap_or(0))
}

pub(crate) fn mark_read(
    connection: &mut Connection,
    person: &Name,
    up_to: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    diesel::update(notification::table)
        .filter(notification::person.eq(person.as_str()))
        .filter(notification::at_ms.le(up_to.0))
        .filter(notification::read_at_ms.is_null())
        .set(notification::read_at_ms.eq(now.0))
        .execute(connection)?;
    Ok(())
}

/// Tells people and settles the rows of the outbox.
pub(crate) fn deliver(connection: &mut Connection, done: &[NoticeDelivery]) -> Result<(), StoreError> {
    done.iter().try_for_each(|delivery| tell(connection, delivery))
}

fn tell(connection: &mut Connection, delivery: &NoticeDelivery) -> Result<(), StoreError> {
    let NoticeDelivery { key, notices } = delivery;
    let effect = format!("{}.{}.{}", key.instance, key.revision, key.ordinal);
    for notice in notices {
        diesel::insert_into(notification::table)
            .values((
                notification::person.eq(notice.person.as_str()),
                notification::at_ms.eq(key.at.0),
                notification::effect.eq(&effect),
                notification::text_en.eq(&notice.text.en),
                notification::text_zh.eq(&notice.text.zh),
                notification::link.eq(&notice.link),
            ))
            .on_conflict_do_nothing()
            .execute(connection)?;
    }
    settle(connection, key)
}
