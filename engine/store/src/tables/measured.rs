//! What records add to the measures of their processes.

use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use engine::ids::{DefinitionId, InstanceId};
use engine::measure::Tally;

use super::cases::case_columns;
use super::instances::limited;
use super::{Backend, Connection};
use crate::address;
use crate::measured::BETWEEN;
use crate::projection::{RUNNING, STUCK, SUSPENDED};
use crate::schema::{case_row, definition, instance, measured, measured_record};
use crate::shard::shard_of;
use crate::{CaseRow, MEASURED_PAGE_MAX, MeasuredQuery, MeasuredRecord, MeasuredRow, StoreError, Unmeasured};

/// How many rows are inserted in one statement: a server takes 65,535 values.
const AT_ONCE: usize = 1_000;

/// Which rows are meant.
type Meant<'q> = Box<dyn BoxableExpression<measured::table, Backend, SqlType = Bool> + 'q>;

pub(crate) fn unmeasured(connection: &mut Connection, wanted: &Unmeasured<'_>) -> Result<Vec<InstanceId>, StoreError> {
    let followed: Vec<String> = definition::table
        .filter(definition::process.eq(wanted.process.as_str()))
        .select(definition::id)
        .distinct()
        .load(connection)?;
    let shards = wanted.share.shards();
    let mut found = Vec::new();
    for id in &followed {
        for status in [Some(RUNNING), Some(STUCK), Some(SUSPENDED), None] {
            let left = wanted.limit.saturating_sub(found.len());
            if left == 0 {
                return Ok(found);
            }
            let mark = measured_record::shard.eq(case_row::shard).and(measured_record::instance.eq(case_row::id));
            let state = instance::shard.eq(case_row::shard).and(instance::id.eq(case_row::id));
            let mut records = case_row::table
                .inner_join(instance::table.on(state))
                .left_join(measured_record::table.on(mark))
                .filter(case_row::definition.eq(address::kept(id)))
                .filter(
                    measured_record::revision
                        .nullable()
                        .is_null()
                        .or(measured_record::revision.nullable().ne(instance::revision.nullable()))
                        .or(measured_record::definition.nullable().ne(&wanted.definition.0)),
                )
                .select(case_row::id)
                .into_boxed();
            records = match status {
                Some(open) => records.filter(case_row::status.eq(open)),
                None => records.filter(case_row::ended_ms.ge(wanted.ended_since.0)),
            };
            if let Some(shards) = &shards {
                records = records.filter(case_row::shard.eq_any(shards.clone()));
            }
            let some: Vec<i64> = records.limit(limited(left)).load(connection)?;
            found.extend(some.into_iter().map(InstanceId));
        }
    }
    Ok(found)
}

#[derive(Insertable)]
#[diesel(table_name = measured)]
struct Line {
    process: String,
    measure: String,
    day: String,
    split: String,
    amount: i64,
    instance: i64,
    shard: i16,
    priority: Option<String>,
    team: Option<String>,
    service: Option<String>,
}

pub(crate) fn keep(
    connection: &mut Connection,
    definition: &DefinitionId,
    records: &[MeasuredRecord],
) -> Result<(), StoreError> {
    let mut lines = Vec::new();
    for record in records {
        forget(connection, record.instance)?;
        // Removed since it was read.
        let Some(case) = case_columns(connection, record.instance)? else { continue };
        let shard = shard_of(record.instance);
        let revision = i64::try_from(record.revision).unwrap_or(i64::MAX);
        diesel::insert_into(measured_record::table)
            .values((
                measured_record::instance.eq(record.instance.0),
                measured_record::shard.eq(shard),
                measured_record::revision.eq(revision),
                measured_record::definition.eq(&definition.0),
            ))
            .execute(connection)?;
        lines.extend(record.adds.iter().map(|(measure, adds)| Line {
            process: case.process.clone(),
            measure: measure.to_string(),
            day: adds.day.clone(),
            split: joined(&adds.groups),
            amount: adds.amount,
            instance: record.instance.0,
            shard,
            priority: case.priority.clone(),
            team: case.team.clone(),
            service: case.service.clone(),
        }));
    }
    for some in lines.chunks(AT_ONCE) {
        diesel::insert_into(measured::table).values(some).execute(connection)?;
    }
    Ok(())
}

/// Takes away what a record adds.
pub(crate) fn forget(connection: &mut Connection, id: InstanceId) -> Result<(), StoreError> {
    let shard = shard_of(id);
    let rows = measured::table.filter(measured::shard.eq(shard)).filter(measured::instance.eq(id.0));
    diesel::delete(rows).execute(connection)?;
    let mark = measured_record::table.filter(measured_record::shard.eq(shard));
    diesel::delete(mark.filter(measured_record::instance.eq(id.0))).execute(connection)?;
    Ok(())
}

fn joined(groups: &[String]) -> String {
    let mut joined = String::new();
    for (place, group) in groups.iter().enumerate() {
        if place > 0 {
            joined.push(BETWEEN);
        }
        joined.extend(group.chars().filter(|letter| *letter != BETWEEN && *letter != '\0'));
    }
    joined
}

fn meant(query: &MeasuredQuery) -> Meant<'_> {
    let (process, measure) = (query.process.as_str(), query.measure.as_str());
    let mut meant: Meant<'_> = Box::new(measured::process.eq(process).and(measured::measure.eq(measure)));
    if let Some(from) = &query.from {
        meant = Box::new(meant.and(measured::day.ge(from.as_str())));
    }
    if let Some(before) = &query.before {
        meant = Box::new(meant.and(measured::day.lt(before.as_str())));
    }
    if let Some(groups) = &query.groups {
        meant = Box::new(meant.and(measured::split.eq(joined(groups))));
    }
    if let Some(priority) = &query.priority {
        meant = Box::new(meant.and(measured::priority.assume_not_null().eq(priority.as_str())));
    }
    if let Some(team) = &query.team {
        meant = Box::new(meant.and(measured::team.assume_not_null().eq(team.as_str())));
    }
    if let Some(service) = &query.service {
        meant = Box::new(meant.and(measured::service.assume_not_null().eq(service.as_str())));
    }
    meant
}

pub(crate) fn rows(connection: &mut Connection, query: &MeasuredQuery) -> Result<Vec<MeasuredRow>, StoreError> {
    /// Day, values, amount, and how many.
    type Columns = (String, String, i64, i64);
    let by = (measured::day, measured::split, measured::amount);
    let rows: Vec<Columns> = measured::table
        .filter(meant(query))
        .group_by(by)
        .order(by)
        .select((measured::day, measured::split, measured::amount, count_star()))
        .load(connection)?;
    let row = |(day, split, amount, records): Columns| MeasuredRow {
        groups: split.split(BETWEEN).map(str::to_owned).collect(),
        day,
        tally: Tally { amount, records: u64::try_from(records).unwrap_or(0) },
    };
    Ok(rows.into_iter().map(row).collect())
}

pub(crate) fn records(
    connection: &mut Connection,
    query: &MeasuredQuery,
    below: Option<InstanceId>,
    limit: usize,
) -> Result<Vec<(CaseRow, i64)>, StoreError> {
    let ids: Vec<(i64, i64)> = measured::table
        .filter(meant(query))
        .filter(measured::instance.lt(below.map_or(i64::MAX, |below| below.0)))
        .order(measured::instance.desc())
        .limit(limited(limit.min(MEASURED_PAGE_MAX)))
        .select((measured::instance, measured::amount))
        .load(connection)?;
    let mut page = Vec::with_capacity(ids.len());
    for (id, amount) in ids {
        if let Some(case) = case_columns(connection, InstanceId(id))? {
            page.push((CaseRow::try_from(case)?, amount));
        }
    }
    Ok(page)
}

pub(crate) fn count(connection: &mut Connection, query: &MeasuredQuery) -> Result<u64, StoreError> {
    let count: i64 = measured::table.filter(meant(query)).select(count_star()).first(connection)?;
    u64::try_from(count).map_err(|cause| StoreError::unreadable("measured", cause))
}
