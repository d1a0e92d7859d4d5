//! Timers on PostgreSQL: one statement, a CTE over arrays, fires many.

use std::time::Instant;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text};

use super::DOCUMENT_BYTES;
use super::raw::alarm;
use crate::{Server, StoreError};

/// How many alarms share a statement.
const AT_ONCE: i64 = 256;

const SCHEMA: &str = "
    CREATE TABLE record (id BIGINT PRIMARY KEY, revision BIGINT NOT NULL, document TEXT NOT NULL) WITH (fillfactor = 70);
    CREATE TABLE alarm (due_ms BIGINT NOT NULL, record BIGINT NOT NULL, PRIMARY KEY (due_ms, record));
    CREATE TABLE history (
        id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, record BIGINT NOT NULL, at_ms BIGINT NOT NULL,
        body TEXT NOT NULL
    );";

const FIRE: &str = "
    WITH d AS (SELECT * FROM unnest($1, $2, $3) AS d (due_ms, id, document)),
    r AS (UPDATE record SET revision = record.revision + 1, document = d.document
        FROM d WHERE record.id = d.id AND record.revision = 0 RETURNING record.id),
    h AS (INSERT INTO history (record, at_ms, body) SELECT id, d.due_ms, d.document FROM d JOIN r USING (id))
    DELETE FROM alarm USING d WHERE alarm.due_ms = d.due_ms AND alarm.record = d.id";

pub(super) fn run(server: &Server, timers: u64) -> Result<f64, StoreError> {
    let mut connection = PgConnection::establish(server.url())
        .map_err(|cause| StoreError::CannotOpen { path: server.to_string(), cause: cause.to_string() })?;
    connection.batch_execute(SCHEMA)?;
    connection.batch_execute(&format!(
        "INSERT INTO record SELECT n, 0, repeat('x', {DOCUMENT_BYTES}) FROM generate_series(1, {timers}) AS s (n);
         INSERT INTO alarm SELECT n, n FROM generate_series(1, {timers}) AS s (n)"
    ))?;
    connection.batch_execute("VACUUM ANALYZE")?;
    let began = Instant::now();
    while fire(&mut connection)? > 0 {}
    Ok(began.elapsed().as_secs_f64())
}

fn fire(connection: &mut PgConnection) -> Result<usize, StoreError> {
    let due: Vec<(i64, i64)> = alarm::table.order((alarm::due_ms, alarm::record)).limit(AT_ONCE).load(connection)?;
    let (dues, records): (Vec<i64>, Vec<i64>) = due.iter().copied().unzip();
    let documents = vec!["y".repeat(DOCUMENT_BYTES); due.len()];
    let fired = diesel::sql_query(FIRE)
        .bind::<Array<BigInt>, _>(dues)
        .bind::<Array<BigInt>, _>(records)
        .bind::<Array<Text>, _>(documents)
        .execute(connection)?;
    if fired == due.len() { Ok(fired) } else { Err(StoreError::Database(format!("{fired} of {} alarms", due.len()))) }
}
