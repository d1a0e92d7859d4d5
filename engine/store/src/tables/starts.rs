//! What is kept so that a record which no form begins begins once.

use diesel::prelude::*;
use engine::ids::{DefinitionId, InstanceId, Name};
use engine::time::Timestamp;

use super::Connection;
use crate::schema::{correlation, definition, schedule_reached};
use crate::{CurrentVersion, StoreError};

pub(crate) fn current_versions(connection: &mut Connection) -> Result<Vec<CurrentVersion>, StoreError> {
    let rows: Vec<(String, String, i64)> = definition::table
        .order((definition::process, definition::version.desc()))
        .select((definition::process, definition::id, definition::deployed_at_ms))
        .load(connection)?;
    let mut current: Vec<CurrentVersion> = Vec::new();
    for (process, id, since) in rows {
        if current.last().is_none_or(|held| held.process != *process) {
            let (process, id) = (Name::from(process), DefinitionId(id));
            current.push(CurrentVersion { process, id, since: Timestamp(since) });
        }
    }
    Ok(current)
}

pub(crate) fn reached(
    connection: &mut Connection,
    process: &Name,
    place: u16,
) -> Result<Option<Timestamp>, StoreError> {
    let row: Option<i64> = schedule_reached::table
        .filter(schedule_reached::process.eq(process.as_str()))
        .filter(schedule_reached::place.eq(numbered(place)))
        .select(schedule_reached::reached_ms)
        .first(connection)
        .optional()?;
    Ok(row.map(Timestamp))
}

pub(crate) fn reach(
    connection: &mut Connection,
    process: &Name,
    place: u16,
    moment: Timestamp,
) -> Result<(), StoreError> {
    let before = reached(connection, process, place)?;
    if before.is_some_and(|before| before >= moment) {
        return Ok(());
    }
    diesel::insert_into(schedule_reached::table)
        .values((
            schedule_reached::process.eq(process.as_str()),
            schedule_reached::place.eq(numbered(place)),
            schedule_reached::reached_ms.eq(moment.0),
        ))
        .on_conflict((schedule_reached::process, schedule_reached::place))
        .do_update()
        .set(schedule_reached::reached_ms.eq(moment.0))
        .execute(connection)?;
    Ok(())
}

pub(crate) fn correlate(
    connection: &mut Connection,
    (process, message, key): (&Name, &Name, &str),
    offered: InstanceId,
) -> Result<InstanceId, StoreError> {
    diesel::insert_into(correlation::table)
        .values((
            correlation::process.eq(process.as_str()),
            correlation::message.eq(message.as_str()),
            correlation::message_key.eq(key),
            correlation::instance.eq(offered.0),
        ))
        .on_conflict((correlation::process, correlation::message, correlation::message_key))
        .do_nothing()
        .execute(connection)?;
    let held: i64 = correlation::table
        .filter(correlation::process.eq(process.as_str()))
        .filter(correlation::message.eq(message.as_str()))
        .filter(correlation::message_key.eq(key))
        .select(correlation::instance)
        .first(connection)?;
    Ok(InstanceId(held))
}

pub(crate) fn correlated(
    connection: &mut Connection,
    process: &Name,
    message: &Name,
    key: &str,
) -> Result<Option<InstanceId>, StoreError> {
    let held: Option<i64> = correlation::table
        .filter(correlation::process.eq(process.as_str()))
        .filter(correlation::message.eq(message.as_str()))
        .filter(correlation::message_key.eq(key))
        .select(correlation::instance)
        .first(connection)
        .optional()?;
    Ok(held.map(InstanceId))
}

fn numbered(place: u16) -> i16 {
    i16::try_from(place).unwrap_or(i16::MAX)
}
