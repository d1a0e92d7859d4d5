//! Retention.

use std::collections::BTreeMap;

use diesel::prelude::*;
use engine::ids::{InstanceId, Name};
use engine::time::Timestamp;

use super::Connection;
use super::audit::{append, of_kind};
use super::instances::limited;
use super::{measured, searched, watch};
use crate::address;
use crate::audit::REMOVED;
use crate::projection::ENDED;
use crate::retention::{HoldId, HoldOrder, HoldRow, OverRow, Released, RemovedRecord, Term};
use crate::schema::{
    attachment, awaited, batch_line, case_row, correlation, definition, event, held_record, instance, legal_hold,
    notification, outbox, setting,
};
use crate::shard::shard_of;
use crate::{AuditEntry, AuditWhat, StoreError};

/// The row of the setting.
const KEEP: &str = "keep_months";
/// What the setting says where records are kept for ever.
const FOR_EVER: &str = "for_ever";

pub(crate) fn due(connection: &mut Connection, terms: &[Term], limit: usize) -> Result<Vec<OverRow>, StoreError> {
    let mut found = Vec::new();
    for term in terms {
        let room = limited(limit.saturating_sub(found.len()));
        let rows: Vec<(i64, String, i64)> = case_row::table
            .filter(case_row::definition.eq(address::kept(&term.definition.0)))
            .filter(case_row::ended_ms.le(term.ended_by.0))
            .filter(case_row::id.ne_all(held_record::table.select(held_record::instance)))
            .order(case_row::ended_ms)
            .limit(room)
            .select((case_row::id, case_row::number, case_row::ended_ms.assume_not_null()))
            .load(connection)?;
        found.extend(rows.into_iter().map(|(id, number, ended)| OverRow {
            instance: InstanceId(id),
            number,
            definition: term.definition.clone(),
            ended: Timestamp(ended),
        }));
    }
    Ok(found)
}

pub(crate) fn held(connection: &mut Connection, hold: HoldId, limit: usize) -> Result<Vec<InstanceId>, StoreError> {
    let rows: Vec<i64> = held_record::table
        .filter(held_record::hold.eq(hold.0))
        .order(held_record::instance)
        .limit(limited(limit))
        .select(held_record::instance)
        .load(connection)?;
    Ok(rows.into_iter().map(InstanceId).collect())
}

/// The keys of the notifications that lead to records. Nothing finds them but a walk over all, so a reader walks.
pub(crate) fn told_of(
    connection: &mut Connection,
    records: &[OverRow],
) -> Result<Vec<(String, i64, String)>, StoreError> {
    let links: Vec<String> = records.iter().map(|record| format!("/records/{}", record.number)).collect();
    let keys = notification::table
        .filter(notification::link.eq_any(links))
        .select((notification::person, notification::at_ms, notification::effect))
        .load(connection)?;
    Ok(keys)
}

pub(crate) fn remove(
    connection: &mut Connection,
    records: &[InstanceId],
    told: &[(String, i64, String)],
    at: Timestamp,
) -> Result<Vec<RemovedRecord>, StoreError> {
    let mut removed = Vec::new();
    for id in records {
        if let Some(record) = removable(connection, *id)? {
            let shard = shard_of(*id);
            diesel::delete(event::table.filter(event::shard.eq(shard)).filter(event::instance.eq(id.0)))
                .execute(connection)?;
            diesel::delete(instance::table.filter(instance::shard.eq(shard)).filter(instance::id.eq(id.0)))
                .execute(connection)?;
            diesel::delete(case_row::table.filter(case_row::shard.eq(shard)).filter(case_row::id.eq(id.0)))
                .execute(connection)?;
            measured::forget(connection, *id)?;
            searched::forget(connection, *id)?;
            watch::forget(connection, *id)?;
            diesel::delete(attachment::table.filter(attachment::shard.eq(shard)).filter(attachment::instance.eq(id.0)))
                .execute(connection)?;
            diesel::delete(batch_line::table.filter(batch_line::shard.eq(shard)).filter(batch_line::instance.eq(id.0)))
                .execute(connection)?;
            diesel::delete(awaited::table.filter(awaited::shard.eq(shard)).filter(awaited::instance.eq(id.0)))
                .execute(connection)?;
            diesel::delete(correlation::table.filter(correlation::instance.eq(id.0))).execute(connection)?;
            removed.push(record);
        }
    }
    if removed.is_empty() {
        return Ok(removed);
    }
    for (person, at_ms, effect) in told {
        // Of a record that stays after all, what people were told stays too.
        let goes = removed.iter().any(|record| effect.starts_with(&format!("{}.", record.instance)));
        if goes {
            let row = notification::table
                .filter(notification::person.eq(person))
                .filter(notification::at_ms.eq(at_ms))
                .filter(notification::effect.eq(effect));
            diesel::delete(row).execute(connection)?;
        }
    }
    let what = AuditWhat::RecordsRemoved { records: removed.clone() };
    append(connection, &AuditEntry { at, actor: None, what })?;
    Ok(removed)
}

/// What the audit trail is to keep of a record, if it may go: it is over, nothing holds it, and it owes nothing.
fn removable(connection: &mut Connection, id: InstanceId) -> Result<Option<RemovedRecord>, StoreError> {
    let shard = shard_of(id);
    let held: i64 = held_record::table.filter(held_record::instance.eq(id.0)).count().get_result(connection)?;
    let owed: i64 = outbox::table
        .filter(outbox::shard.eq(shard))
        .filter(outbox::instance.eq(id.0))
        .count()
        .get_result(connection)?;
    if held > 0 || owed > 0 {
        return Ok(None);
    }
    let row: Option<(String, i64, Vec<u8>)> = instance::table
        .inner_join(case_row::table.on(case_row::shard.eq(instance::shard).and(case_row::id.eq(instance::id))))
        .filter(instance::shard.eq(shard))
        .filter(instance::id.eq(id.0))
        .filter(case_row::status.eq(ENDED))
        .select((case_row::number, instance::revision, instance::head))
        .first(connection)
        .optional()?;
    let Some((number, revision, head)) = row else { return Ok(None) };
    let revision = u64::try_from(revision).map_err(|cause| StoreError::unreadable("instance", cause))?;
    let head = hex::encode(&head);
    Ok(Some(RemovedRecord { number, instance: id, revision, head }))
}

pub(crate) fn removed(connection: &mut Connection) -> Result<BTreeMap<InstanceId, RemovedRecord>, StoreError> {
    let mut all = BTreeMap::new();
    for what in of_kind(connection, REMOVED)? {
        if let AuditWhat::RecordsRemoved { records } = what {
            all.extend(records.into_iter().map(|record| (record.instance, record)));
        }
    }
    Ok(all)
}

pub(crate) fn records_of(
    connection: &mut Connection,
    process: &Name,
    limit: usize,
) -> Result<Vec<InstanceId>, StoreError> {
    let definitions: Vec<String> = definition::table
        .filter(definition::process.eq(process.as_str()))
        .select(definition::id)
        .distinct()
        .load(connection)?;
    let rows: Vec<i64> = case_row::table
        .filter(case_row::definition.eq_any(definitions.iter().map(|id| address::kept(id))))
        .order(case_row::id.desc())
        .limit(limited(limit))
        .select(case_row::id)
        .load(connection)?;
    Ok(rows.into_iter().map(InstanceId).collect())
}

pub(crate) fn place(
    connection: &mut Connection,
    records: &[InstanceId],
    order: &HoldOrder,
) -> Result<HoldId, StoreError> {
    let newest: Option<i64> = legal_hold::table.select(diesel::dsl::max(legal_hold::id)).first(connection)?;
    let id = newest.unwrap_or(0) + 1;
    diesel::insert_into(legal_hold::table)
        .values((
            legal_hold::id.eq(id),
            legal_hold::reason.eq(&order.reason),
            legal_hold::placed_by.eq(order.by.as_str()),
            legal_hold::placed_at_ms.eq(order.at.0),
        ))
        .execute(connection)?;
    for record in records {
        diesel::insert_into(held_record::table)
            .values((held_record::hold.eq(id), held_record::instance.eq(record.0)))
            .on_conflict_do_nothing()
            .execute(connection)?;
    }
    let what = AuditWhat::HoldPlaced { hold: HoldId(id), records: records.len() as u64, reason: order.reason.clone() };
    append(connection, &AuditEntry { at: order.at, actor: Some(order.by.clone()), what })?;
    Ok(HoldId(id))
}

pub(crate) fn release(connection: &mut Connection, hold: HoldId, order: &HoldOrder) -> Result<Released, StoreError> {
    let held = legal_hold::table.filter(legal_hold::id.eq(hold.0)).filter(legal_hold::released_at_ms.is_null());
    let changed = diesel::update(held)
        .set((
            legal_hold::released_by.eq(order.by.as_str()),
            legal_hold::released_at_ms.eq(order.at.0),
            legal_hold::release_reason.eq(&order.reason),
        ))
        .execute(connection)?;
    if changed == 0 {
        return Ok(Released::NotHeld);
    }
    diesel::delete(held_record::table.filter(held_record::hold.eq(hold.0))).execute(connection)?;
    let what = AuditWhat::HoldReleased { hold, reason: order.reason.clone() };
    append(connection, &AuditEntry { at: order.at, actor: Some(order.by.clone()), what })?;
    Ok(Released::Now)
}

type HoldColumns = (i64, String, String, i64, Option<String>, Option<i64>, Option<String>);

pub(crate) fn holds(connection: &mut Connection) -> Result<Vec<HoldRow>, StoreError> {
    let rows: Vec<HoldColumns> = legal_hold::table.order(legal_hold::id.desc()).load(connection)?;
    let counts: Vec<(i64, i64)> = held_record::table
        .group_by(held_record::hold)
        .select((held_record::hold, diesel::dsl::count_star()))
        .load(connection)?;
    let counts: BTreeMap<i64, i64> = counts.into_iter().collect();
    let row = |(id, reason, by, at, released_by, released_at, why): HoldColumns| HoldRow {
        id: HoldId(id),
        reason,
        by: Name::from(by),
        at: Timestamp(at),
        released: released_by.zip(released_at).map(|(by, at)| (Name::from(by), Timestamp(at), why.unwrap_or_default())),
        records: counts.get(&id).copied().and_then(|count| u64::try_from(count).ok()).unwrap_or(0),
    };
    Ok(rows.into_iter().map(row).collect())
}

pub(crate) fn keep_default(connection: &mut Connection) -> Result<Option<u32>, StoreError> {
    let value: Option<String> =
        setting::table.filter(setting::name.eq(KEEP)).select(setting::value).first(connection).optional()?;
    match value.as_deref() {
        None | Some(FOR_EVER) => Ok(None),
        Some(months) => months.parse().map(Some).map_err(|cause| StoreError::unreadable("setting", cause)),
    }
}

pub(crate) fn set_keep_default(
    connection: &mut Connection,
    months: Option<u32>,
    by: &Name,
    at: Timestamp,
) -> Result<(), StoreError> {
    let value = months.map_or(FOR_EVER.to_owned(), |months| months.to_string());
    let decision = (setting::value.eq(&value), setting::set_by.eq(by.as_str()), setting::set_at_ms.eq(at.0));
    diesel::insert_into(setting::table)
        .values((setting::name.eq(KEEP), decision))
        .on_conflict(setting::name)
        .do_update()
        .set(decision)
        .execute(connection)?;
    append(connection, &AuditEntry { at, actor: Some(by.clone()), what: AuditWhat::KeepSet { months } })
}
