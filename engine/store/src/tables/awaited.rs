//! What instances wait for from elsewhere.

use std::collections::BTreeSet;

use diesel::prelude::*;
use engine::ids::{InstanceId, JobId, Name};
use engine::time::Timestamp;

use super::Connection;
use super::instances::limited;
use crate::StoreError;
use crate::awaited::{Life, WAITING_PAGE_MAX};
use crate::projection::{job_subject, signal_subject};
use crate::schema::awaited;

/// How many subjects one statement asks for: a server takes 32,766 values.
const SUBJECTS_AT_ONCE: usize = 1_000;

/// How many times fewer the rows between many subjects must be than the subjects, to be read at one look.
const FEWER: usize = 8;

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

/// The records under one of these subjects with when they began, newest first. Open ones are so few that all of many
/// subjects are read at once; of those that are over, the newest of each.
pub(crate) fn found(
    connection: &mut Connection,
    life: Life,
    subjects: &[String],
    limit: usize,
) -> Result<Vec<(Timestamp, InstanceId)>, StoreError> {
    let at_once = match life {
        Life::Open => SUBJECTS_AT_ONCE,
        Life::Over => 1,
    };
    if life == Life::Open
        && let Some(all) = between(connection, subjects)?
    {
        return Ok(first(all, limit));
    }
    let mut newest = BTreeSet::new();
    for subjects in subjects.chunks(at_once) {
        let of_these = awaited::table.into_boxed();
        let of_these = match subjects {
            [subject] => of_these.filter(awaited::subject.eq(subject)),
            subjects => of_these.filter(awaited::subject.eq_any(subjects)),
        };
        let rows: Vec<(i64, i64)> = of_these
            .order((awaited::ready_ms.desc(), awaited::instance.desc()))
            .limit(limited(limit))
            .select((awaited::ready_ms, awaited::instance))
            .load(connection)?;
        newest.extend(rows);
    }
    Ok(first(newest, limit))
}

fn first(newest: BTreeSet<(i64, i64)>, limit: usize) -> Vec<(Timestamp, InstanceId)> {
    newest.into_iter().rev().take(limit).map(|(began, id)| (Timestamp(began), InstanceId(id))).collect()
}

/// The records under many subjects by one look at all rows between the first subject and the last, where those are far fewer
/// than the subjects: an item that reaches ten thousand others has some changes on its way, and hundreds at most.
fn between(connection: &mut Connection, subjects: &[String]) -> Result<Option<BTreeSet<(i64, i64)>>, StoreError> {
    let few = subjects.len() / FEWER;
    let (Some(least), Some(greatest)) = (subjects.iter().min(), subjects.iter().max()) else { return Ok(None) };
    if few == 0 {
        return Ok(None);
    }
    let rows: Vec<(String, i64, i64)> = awaited::table
        .filter(awaited::subject.ge(least))
        .filter(awaited::subject.le(greatest))
        .limit(limited(few + 1))
        .select((awaited::subject, awaited::ready_ms, awaited::instance))
        .load(connection)?;
    if rows.len() > few {
        return Ok(None);
    }
    let asked: BTreeSet<&str> = subjects.iter().map(String::as_str).collect();
    let meant = rows.into_iter().filter(|(subject, ..)| asked.contains(subject.as_str()));
    Ok(Some(meant.map(|(_, began, id)| (began, id)).collect()))
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
