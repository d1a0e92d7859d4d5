//! The list of records.

use std::collections::BTreeSet;

use diesel::prelude::*;
use engine::ids::{InstanceId, Name};
use engine::time::Timestamp;

use super::Connection;
use super::instances::limited;
use crate::address;
use crate::projection::{ENDED, RUNNING, STAGE_SEPARATOR, STUCK, SUSPENDED};
use crate::schema::{case_row, definition};
use crate::shard::shard_of;
use crate::{CASES_PAGE_MAX, CaseQuery, CaseRow, CaseStatus, StoreError};

/// A line as kept.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = case_row)]
pub(crate) struct CaseColumns {
    pub(crate) id: i64,
    pub(crate) number: String,
    pub(crate) title: String,
    pub(crate) process: String,
    pub(crate) definition: Vec<u8>,
    pub(crate) status: String,
    pub(crate) stage: String,
    pub(crate) priority: Option<String>,
    pub(crate) requester: String,
    pub(crate) team: Option<String>,
    pub(crate) service: Option<String>,
    pub(crate) started_ms: i64,
    pub(crate) updated_ms: i64,
    pub(crate) ended_ms: Option<i64>,
    pub(crate) due_ms: Option<i64>,
}

impl TryFrom<CaseColumns> for CaseRow {
    type Error = StoreError;

    fn try_from(row: CaseColumns) -> Result<Self, StoreError> {
        let status = match row.status.as_str() {
            RUNNING => CaseStatus::Running,
            STUCK => CaseStatus::Stuck,
            SUSPENDED => CaseStatus::Suspended,
            ENDED => CaseStatus::Ended,
            other => return Err(StoreError::unreadable("record", format!("the status is {other}"))),
        };
        Ok(CaseRow {
            instance: InstanceId(row.id),
            number: row.number,
            title: row.title,
            process: Name::from(row.process),
            definition: address::read(&row.definition),
            status,
            stage: row.stage.split(STAGE_SEPARATOR).filter(|step| !step.is_empty()).map(Name::from).collect(),
            priority: row.priority.map(Name::from),
            requester: Name::from(row.requester),
            team: row.team.map(Name::from),
            service: row.service.map(Name::from),
            started: Timestamp(row.started_ms),
            updated: Timestamp(row.updated_ms),
            ended: row.ended_ms.map(Timestamp),
            due: row.due_ms.map(Timestamp),
        })
    }
}

/// A page of the list, newest first.
pub(crate) fn page(connection: &mut Connection, query: &CaseQuery) -> Result<Vec<CaseRow>, StoreError> {
    let limit = query.limit.min(CASES_PAGE_MAX);
    let rows = match (&query.requester, query.is_unfiltered()) {
        (Some(requester), _) => of_requester(connection, query, requester, limit),
        (None, true) => newest(connection, query, limit),
        (None, false) => shelved(connection, query, limit),
    }?;
    rows.into_iter().map(CaseRow::try_from).collect()
}

pub(crate) fn case(connection: &mut Connection, id: InstanceId) -> Result<Option<CaseRow>, StoreError> {
    case_columns(connection, id)?.map(CaseRow::try_from).transpose()
}

pub(crate) fn instance_of_number(connection: &mut Connection, number: &str) -> Result<Option<InstanceId>, StoreError> {
    let query = case_row::table.filter(case_row::number.eq(number)).select(case_row::id);
    Ok(query.first(connection).optional()?.map(InstanceId))
}

/// The newest records of all.
fn newest(connection: &mut Connection, query: &CaseQuery, limit: usize) -> Result<Vec<CaseColumns>, StoreError> {
    let lines = case_row::table.filter(case_row::id.lt(query.below())).order(case_row::id.desc());
    Ok(lines.limit(limited(limit)).select(CaseColumns::as_select()).load(connection)?)
}

/// One person's records are few: they are read by the person, and the rest is a filter.
fn of_requester(
    connection: &mut Connection,
    query: &CaseQuery,
    requester: &Name,
    limit: usize,
) -> Result<Vec<CaseColumns>, StoreError> {
    let mut lines = case_row::table
        .filter(case_row::requester.eq(requester.as_str()))
        .filter(case_row::id.lt(query.below()))
        .filter(case_row::status.eq_any(query.status.statuses()))
        .into_boxed();
    if let Some(process) = &query.process {
        lines = lines.filter(case_row::process.eq(process.as_str()));
    }
    if let Some(definition) = &query.definition {
        lines = lines.filter(case_row::definition.eq(address::kept(&definition.0)));
    }
    let lines = lines.order(case_row::id.desc()).limit(limited(limit));
    Ok(lines.select(CaseColumns::as_select()).load(connection)?)
}

/// The index holds the records of each definition and status newest first; a page is the newest of the newest.
fn shelved(connection: &mut Connection, query: &CaseQuery, limit: usize) -> Result<Vec<CaseColumns>, StoreError> {
    let mut ids = BTreeSet::new();
    for definition in definitions_of(connection, query)? {
        for status in query.status.statuses() {
            let shelf: Vec<i64> = case_row::table
                .filter(case_row::definition.eq(address::kept(&definition)))
                .filter(case_row::status.eq(status))
                .filter(case_row::id.lt(query.below()))
                .order(case_row::id.desc())
                .limit(limited(limit))
                .select(case_row::id)
                .load(connection)?;
            ids.extend(shelf);
        }
    }
    let page = ids.into_iter().rev().take(limit);
    page.filter_map(|id| case_columns(connection, InstanceId(id)).transpose()).collect()
}

fn definitions_of(connection: &mut Connection, query: &CaseQuery) -> Result<Vec<String>, StoreError> {
    if let Some(definition) = &query.definition {
        return Ok(vec![definition.0.clone()]);
    }
    let mut known = definition::table.select(definition::id).distinct().into_boxed();
    if let Some(process) = &query.process {
        known = known.filter(definition::process.eq(process.as_str()));
    }
    Ok(known.load(connection)?)
}

/// The line of one record as kept.
pub(crate) fn case_columns(connection: &mut Connection, id: InstanceId) -> Result<Option<CaseColumns>, StoreError> {
    let row = case_row::table.filter(case_row::shard.eq(shard_of(id))).filter(case_row::id.eq(id.0));
    Ok(row.select(CaseColumns::as_select()).first(connection).optional()?)
}
