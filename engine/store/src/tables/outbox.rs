//! What is owed to the world, and the notifications that it becomes.

use diesel::prelude::*;
use engine::definition::Labels;
use engine::ids::{InstanceId, Name};
use engine::time::Timestamp;

use super::Connection;
use super::instances::limited;
use crate::schema::{case_row, notification, outbox};
use crate::shard::shard_of;
use crate::{NoticeDelivery, Notification, OutboxKey, OutboxRow, StoreError};

/// What is owed, oldest first. A row that cannot be read blocks nobody else's.
pub(crate) fn owed(connection: &mut Connection, limit: usize) -> Result<Vec<OutboxRow>, StoreError> {
    let rows: Vec<OwedColumns> = outbox::table
        .inner_join(case_row::table.on(case_row::shard.eq(outbox::shard).and(case_row::id.eq(outbox::instance))))
        .order((outbox::at_ms, outbox::instance, outbox::revision, outbox::ordinal))
        .limit(limited(limit))
        .select((outbox::at_ms, outbox::instance, outbox::revision, outbox::ordinal, case_row::number, outbox::body))
        .load(connection)?;
    let unreadable = |cause: &StoreError| tracing::error!(%cause, "an owed effect stays where it is");
    Ok(rows.into_iter().filter_map(|row| owed_row(row).inspect_err(unreadable).ok()).collect())
}

type OwedColumns = (i64, i64, i64, i32, String, String);

fn owed_row((at_ms, instance, revision, ordinal, number, body): OwedColumns) -> Result<OutboxRow, StoreError> {
    let key = OutboxKey {
        at: Timestamp(at_ms),
        instance: InstanceId(instance),
        revision: u64::try_from(revision).map_err(|cause| StoreError::unreadable("effect", cause))?,
        ordinal: u32::try_from(ordinal).map_err(|cause| StoreError::unreadable("effect", cause))?,
    };
    let effect = serde_json::from_str(&body).map_err(|cause| StoreError::unreadable("effect", cause))?;
    Ok(OutboxRow { key, number, effect })
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
    done.iter().try_for_each(|delivery| settle(connection, delivery))
}

fn settle(connection: &mut Connection, delivery: &NoticeDelivery) -> Result<(), StoreError> {
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
    diesel::delete(outbox::table)
        .filter(outbox::shard.eq(shard_of(key.instance)))
        .filter(outbox::at_ms.eq(key.at.0))
        .filter(outbox::instance.eq(key.instance.0))
        .filter(outbox::revision.eq(i64::try_from(key.revision).unwrap_or(i64::MAX)))
        .filter(outbox::ordinal.eq(i32::try_from(key.ordinal).unwrap_or(i32::MAX)))
        .execute(connection)?;
    Ok(())
}
