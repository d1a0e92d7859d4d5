//! What instances wait for from elsewhere.

use diesel::prelude::*;
use engine::ids::{InstanceId, JobId, Name};
use engine::time::Timestamp;

use super::Connection;
use super::instances::limited;
use crate::StoreError;
use crate::awaited::WAITING_PAGE_MAX;
use crate::projection::{job_subject, signal_subject};
use crate::schema::awaited;

/// Jobs of that name that may be taken now, those that wait longest first.
pub(crate) fn jobs(
    connection: &mut Connection,
    job: &Name,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<(InstanceId, JobId)>, StoreError> {
    let rows: Vec<(i64, i32)> = awaited::table
        .filter(awaited::subject.eq(job_subject(job)))
        .filter(awaited::ready_ms.le(now.0))
        .order((awaited::ready_ms, awaited::instance, awaited::place))
        .limit(limited(limit))
        .select((awaited::instance, awaited::place))
        .load(connection)?;
    let job = |(instance, place): (i64, i32)| {
        let place = u32::try_from(place).map_err(|cause| StoreError::unreadable("job", cause))?;
        Ok((InstanceId(instance), JobId(place)))
    };
    rows.into_iter().map(job).collect()
}

/// The records under one of these subjects, newest first.
pub(crate) fn found(
    connection: &mut Connection,
    subjects: &[String],
    limit: usize,
) -> Result<Vec<InstanceId>, StoreError> {
    let mut newest = std::collections::BTreeSet::new();
    for subject in subjects {
        let rows: Vec<(i64, i64)> = awaited::table
            .filter(awaited::subject.eq(subject))
            .order((awaited::subject.desc(), awaited::ready_ms.desc(), awaited::instance.desc()))
            .limit(limited(limit))
            .select((awaited::ready_ms, awaited::instance))
            .load(connection)?;
        newest.extend(rows);
    }
    Ok(newest.into_iter().rev().take(limit).map(|(_, id)| InstanceId(id)).collect())
}

/// The records after one that wait for a signal.
pub(crate) fn waiting_for(
    connection: &mut Connection,
    signal: &Name,
    after: Option<InstanceId>,
) -> Result<Vec<InstanceId>, StoreError> {
    let rows: Vec<i64> = awaited::table
        .filter(awaited::subject.eq(signal_subject(signal)))
        .filter(awaited::ready_ms.eq(0))
        .filter(awaited::instance.gt(after.map_or(i64::MIN, |id| id.0)))
        .order(awaited::instance)
        .limit(limited(WAITING_PAGE_MAX))
        .select(awaited::instance)
        .load(connection)?;
    let mut ids: Vec<InstanceId> = rows.into_iter().map(InstanceId).collect();
    ids.dedup();
    Ok(ids)
}
