//! Who watches a record.

use diesel::prelude::*;
use engine::ids::{InstanceId, Name};
use engine::time::Timestamp;

use super::Connection;
use super::instances::limited;
use crate::schema::{instance, watch};
use crate::shard::shard_of;
use crate::{StoreError, WATCHED_MAX, WATCHERS_MAX, Watched};

pub(crate) fn of_record(connection: &mut Connection, id: InstanceId) -> Result<Vec<Name>, StoreError> {
    let rows: Vec<String> = watch::table
        .filter(watch::shard.eq(shard_of(id)))
        .filter(watch::instance.eq(id.0))
        .order(watch::person)
        .limit(limited(WATCHERS_MAX))
        .select(watch::person)
        .load(connection)?;
    Ok(rows.into_iter().map(Name::from).collect())
}

pub(crate) fn of_person(connection: &mut Connection, person: &Name) -> Result<Vec<InstanceId>, StoreError> {
    let rows: Vec<i64> = watch::table
        .filter(watch::person.eq(person.as_str()))
        .order(watch::instance.desc())
        .limit(limited(WATCHED_MAX))
        .select(watch::instance)
        .load(connection)?;
    Ok(rows.into_iter().map(InstanceId).collect())
}

pub(crate) fn begin(
    connection: &mut Connection,
    person: &Name,
    id: InstanceId,
    now: Timestamp,
) -> Result<Watched, StoreError> {
    let shard = shard_of(id);
    let there: i64 = instance::table
        .filter(instance::shard.eq(shard))
        .filter(instance::id.eq(id.0))
        .count()
        .get_result(connection)?;
    if there == 0 {
        return Ok(Watched::Gone);
    }
    let watchers = of_record(connection, id)?;
    if watchers.contains(person) {
        return Ok(Watched::Now);
    }
    if watchers.len() >= WATCHERS_MAX {
        return Ok(Watched::TooManyPeople);
    }
    if of_person(connection, person)?.len() >= WATCHED_MAX {
        return Ok(Watched::TooManyRecords);
    }
    let row = (
        watch::instance.eq(id.0),
        watch::person.eq(person.as_str()),
        watch::shard.eq(shard),
        watch::since_ms.eq(now.0),
    );
    diesel::insert_into(watch::table).values(row).on_conflict_do_nothing().execute(connection)?;
    Ok(Watched::Now)
}

pub(crate) fn end(connection: &mut Connection, person: &Name, id: InstanceId) -> Result<(), StoreError> {
    let row = watch::table
        .filter(watch::shard.eq(shard_of(id)))
        .filter(watch::instance.eq(id.0))
        .filter(watch::person.eq(person.as_str()));
    diesel::delete(row).execute(connection)?;
    Ok(())
}

/// Nobody watches a record that is not there any more.
pub(crate) fn forget(connection: &mut Connection, id: InstanceId) -> Result<(), StoreError> {
    let rows = watch::table.filter(watch::shard.eq(shard_of(id))).filter(watch::instance.eq(id.0));
    diesel::delete(rows).execute(connection)?;
    Ok(())
}
