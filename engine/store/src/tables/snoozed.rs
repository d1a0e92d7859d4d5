//! Tasks that a person put off.

use diesel::prelude::*;
use engine::ids::{InstanceId, Name, TaskId};
use engine::time::Timestamp;

use super::Connection;
use super::instances::limited;
use crate::schema::snoozed;
use crate::{SNOOZED_MAX, Snooze, Snoozed, StoreError};

pub(crate) fn of_person(connection: &mut Connection, person: &Name, now: Timestamp) -> Result<Vec<Snooze>, StoreError> {
    let rows: Vec<(i64, i32, i64)> = snoozed::table
        .filter(snoozed::person.eq(person.as_str()))
        .filter(snoozed::until_ms.gt(now.0))
        .order((snoozed::until_ms, snoozed::instance, snoozed::task))
        .limit(limited(SNOOZED_MAX))
        .select((snoozed::instance, snoozed::task, snoozed::until_ms))
        .load(connection)?;
    let snooze = |(instance, task, until_ms)| Snooze {
        instance: InstanceId(instance),
        task: TaskId(u32::try_from(task).unwrap_or(0)),
        until: Timestamp(until_ms),
    };
    Ok(rows.into_iter().map(snooze).collect())
}

pub(crate) fn put(
    connection: &mut Connection,
    person: &Name,
    snooze: &Snooze,
    now: Timestamp,
) -> Result<Snoozed, StoreError> {
    let over = snoozed::table.filter(snoozed::person.eq(person.as_str())).filter(snoozed::until_ms.le(now.0));
    diesel::delete(over).execute(connection)?;
    wake(connection, person, snooze.instance, snooze.task)?;
    if of_person(connection, person, now)?.len() >= SNOOZED_MAX {
        return Ok(Snoozed::TooMany);
    }
    let row = (
        snoozed::person.eq(person.as_str()),
        snoozed::instance.eq(snooze.instance.0),
        snoozed::task.eq(numbered(snooze.task)),
        snoozed::until_ms.eq(snooze.until.0),
    );
    diesel::insert_into(snoozed::table).values(row).execute(connection)?;
    Ok(Snoozed::Now)
}

pub(crate) fn wake(
    connection: &mut Connection,
    person: &Name,
    instance: InstanceId,
    task: TaskId,
) -> Result<(), StoreError> {
    diesel::delete(snoozed::table.find((person.as_str(), instance.0, numbered(task)))).execute(connection)?;
    Ok(())
}

fn numbered(task: TaskId) -> i32 {
    i32::try_from(task.0).unwrap_or(i32::MAX)
}
