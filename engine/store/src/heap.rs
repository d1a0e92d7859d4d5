//! Many rows of lists at once, for measuring what reads them: bulk SQL writes the lines of records and their open tasks as
//! steps would have left them. States and histories are not there, so such a database is good for reading lists only.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use engine::ids::InstanceId;

use crate::projection::{ENDED, FREE, RUNNING};
use crate::shard::shard_of;
use crate::{Place, StoreError};

/// What the records of a heap are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heap<'a> {
    /// Open, each with one free task: a tenth of them for each of these principals, the rest for seven other teams. Dues are
    /// scattered.
    Open(&'a [String; 3]),
    /// Over, with no task.
    Finished,
}

/// How many rows a statement writes.
const PIECE: usize = 10_000;
/// An instant of 2026, for columns of time.
const BEGAN_MS: i64 = 1_780_000_000_000;

/// Puts so many records with these identities into a database whose schema is there.
///
/// # Errors
/// The database failed, or is none to which one may be added.
pub fn pile(place: &Place, records: std::ops::Range<u64>, heap: Heap<'_>) -> Result<(), StoreError> {
    if records.is_empty() {
        return Ok(());
    }
    let texts: Vec<String> = (records.start..records.end)
        .step_by(PIECE)
        .map(|first| {
            let piece = first..records.end.min(first + PIECE as u64);
            let mut text = lines(&piece, heap);
            if let Heap::Open(principals) = heap {
                text.push_str(&tasks(&piece, principals));
            }
            text
        })
        .collect();
    let cannot = |cause: ConnectionError| StoreError::CannotOpen { path: place.to_string(), cause: cause.to_string() };
    match place {
        Place::File(folder) => {
            let file = crate::sqlite::file_of(folder);
            let mut connection = SqliteConnection::establish(&file.display().to_string()).map_err(cannot)?;
            connection.batch_execute("PRAGMA busy_timeout = 10000; PRAGMA cache_size = -131072")?;
            connection
                .immediate_transaction(|connection| texts.iter().try_for_each(|text| connection.batch_execute(text)))?;
            connection.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")?;
        }
        Place::Server(server) => {
            let mut connection = PgConnection::establish(server.url()).map_err(cannot)?;
            connection.transaction(|connection| texts.iter().try_for_each(|text| connection.batch_execute(text)))?;
            connection.batch_execute("VACUUM ANALYZE")?;
        }
        Place::Memory(_) => return Err(StoreError::Database("nothing is piled up in memory".to_owned())),
    }
    Ok(())
}

/// Identities with their shards.
fn series(records: &std::ops::Range<u64>) -> String {
    let placed = |id: u64| {
        let id = i64::try_from(id).unwrap_or(i64::MAX);
        format!("({id}, {})", shard_of(InstanceId(id)))
    };
    let rows: Vec<String> = records.clone().map(placed).collect();
    format!(
        "WITH t (n, shard) AS (VALUES {}), s (n, shard) AS (SELECT CAST(n AS BIGINT), shard FROM t)",
        rows.join(", ")
    )
}

fn lines(records: &std::ops::Range<u64>, heap: Heap<'_>) -> String {
    let series = series(records);
    let (status, stage, ended) = match heap {
        Heap::Open(_) => (RUNNING, "triage", "NULL".to_owned()),
        Heap::Finished => (ENDED, "closed", (BEGAN_MS + 1).to_string()),
    };
    format!(
        "INSERT INTO case_row (id, shard, number, title, process, definition, status, stage, priority, requester, team, \
         service, started_ms, updated_ms, ended_ms, due_ms) {series} \
         SELECT n, shard, 'B-' || n, 'Mail does not arrive, case ' || n, 'benchmark', 'd', '{status}', '{stage}', 'p2', \
         'person' || (n % 5000), 'team', 'service', {BEGAN_MS}, {BEGAN_MS}, {ended}, NULL FROM s;"
    )
}

fn tasks(records: &std::ops::Range<u64>, [one, two, three]: &[String; 3]) -> String {
    let series = series(records);
    format!(
        "INSERT INTO open_task (principal, taken, due_ms, opened_ms, instance, task, shard, step, assignee) {series} \
         SELECT CASE n % 10 WHEN 0 THEN '{one}' WHEN 1 THEN '{two}' WHEN 2 THEN '{three}' \
         ELSE 'team:other' || (n % 10) END AS principal, {FREE}, {BEGAN_MS} + n * 7919 % 1000003 AS due_ms, {BEGAN_MS}, \
         n, 1, shard, 'triage', NULL FROM s ORDER BY principal, due_ms;"
    )
}
