//! How much waits. Every figure comes from an index and is bounded, so that asking often costs little however long the
//! history is.

use diesel::prelude::*;
use engine::time::Timestamp;

use super::Connection;
use super::outbox::undelivered_count;
use crate::address;
use crate::projection::{AFTER_JOBS, JOBS, STUCK};
use crate::schema::{awaited, case_row, definition, outbox, session, wake};
use crate::{Pressure, StoreError};

/// Where counting ends.
const COUNT_MAX: i64 = 10_001;

pub(crate) fn measured(connection: &mut Connection, now: Timestamp) -> Result<Pressure, StoreError> {
    let owed: Vec<i64> = outbox::table.select(outbox::at_ms).order(outbox::at_ms).limit(COUNT_MAX).load(connection)?;
    let due: Vec<i64> = wake::table
        .filter(wake::due_ms.le(now.0))
        .select(wake::due_ms)
        .order(wake::due_ms)
        .limit(COUNT_MAX)
        .load(connection)?;
    // The index begins with the definition: one short look for each, none at the records.
    let definitions: Vec<String> = definition::table.select(definition::id).distinct().load(connection)?;
    let stuck: Vec<i64> = case_row::table
        .filter(case_row::definition.eq_any(definitions.iter().map(|id| address::kept(id))))
        .filter(case_row::status.eq(STUCK))
        .limit(COUNT_MAX)
        .select(case_row::id)
        .load(connection)?;
    // The jobs of all workers lie side by side in the index.
    let ready: Vec<i64> = awaited::table
        .filter(awaited::subject.ge(JOBS))
        .filter(awaited::subject.lt(AFTER_JOBS))
        .filter(awaited::ready_ms.le(now.0))
        .limit(COUNT_MAX)
        .select(awaited::ready_ms)
        .load(connection)?;
    let sessions: Vec<i64> = session::table
        .filter(session::expires_at_ms.gt(now.0))
        .limit(COUNT_MAX)
        .select(session::expires_at_ms)
        .load(connection)?;
    Ok(Pressure {
        owed: owed.len() as u64,
        owed_since: owed.first().copied().map(Timestamp),
        undelivered: undelivered_count(connection, COUNT_MAX)?,
        due: due.len() as u64,
        due_since: due.first().copied().map(Timestamp),
        jobs: ready.len() as u64,
        repairs: stuck.len() as u64,
        sessions: sessions.len() as u64,
    })
}
