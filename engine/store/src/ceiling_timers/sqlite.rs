//! Timers on SQLite: many share a transaction.

use std::path::Path;
use std::time::Instant;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::DOCUMENT_BYTES;
use super::raw::{alarm, history, record};
use crate::StoreError;

/// How many alarms share a transaction.
const AT_ONCE: i64 = 2_048;

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 10000;
    PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY;
    CREATE TABLE record (id INTEGER PRIMARY KEY, revision BIGINT NOT NULL, document TEXT NOT NULL);
    CREATE TABLE alarm (due_ms BIGINT NOT NULL, record BIGINT NOT NULL, PRIMARY KEY (due_ms, record)) WITHOUT ROWID;
    CREATE TABLE history (id INTEGER PRIMARY KEY, record BIGINT NOT NULL, at_ms BIGINT NOT NULL, body TEXT NOT NULL);";

pub(super) fn run(folder: &Path, timers: u64) -> Result<f64, StoreError> {
    let file = folder.join("timers.sqlite");
    let cannot =
        |cause: &dyn ToString| StoreError::CannotOpen { path: file.display().to_string(), cause: cause.to_string() };
    std::fs::create_dir_all(folder).map_err(|cause| cannot(&cause))?;
    let mut connection = SqliteConnection::establish(&file.display().to_string()).map_err(|cause| cannot(&cause))?;
    connection.batch_execute(SCHEMA).map_err(|cause| cannot(&cause))?;
    fill(&mut connection, timers)?;
    let began = Instant::now();
    while fire(&mut connection)? > 0 {}
    Ok(began.elapsed().as_secs_f64())
}

fn fill(connection: &mut SqliteConnection, timers: u64) -> Result<(), StoreError> {
    let document = "x".repeat(DOCUMENT_BYTES);
    connection.immediate_transaction(|connection| {
        for id in 0..i64::try_from(timers).unwrap_or(i64::MAX) {
            diesel::insert_into(record::table)
                .values((record::id.eq(id), record::revision.eq(0), record::document.eq(&document)))
                .execute(connection)?;
            diesel::insert_into(alarm::table)
                .values((alarm::due_ms.eq(id), alarm::record.eq(id)))
                .execute(connection)?;
        }
        Ok(())
    })
}

fn fire(connection: &mut SqliteConnection) -> Result<usize, StoreError> {
    let document = "y".repeat(DOCUMENT_BYTES);
    connection.immediate_transaction(|connection| {
        let due: Vec<(i64, i64)> =
            alarm::table.order((alarm::due_ms, alarm::record)).limit(AT_ONCE).load(connection)?;
        for (due_ms, id) in &due {
            let held = record::table.filter(record::id.eq(id)).filter(record::revision.eq(0));
            diesel::update(held).set((record::revision.eq(1), record::document.eq(&document))).execute(connection)?;
            diesel::insert_into(history::table)
                .values((history::record.eq(id), history::at_ms.eq(due_ms), history::body.eq(&document)))
                .execute(connection)?;
            diesel::delete(alarm::table.find((*due_ms, *id))).execute(connection)?;
        }
        Ok(due.len())
    })
}
