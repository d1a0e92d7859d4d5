//! Many rows at once, for measuring what stands before or beside them: bulk SQL writes the lines of records and their open
//! tasks as steps would have left them, without states and histories, for reading lists; or copies a finished record with
//! state and history. Chains of hashes do not hold in such a database.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use engine::ids::InstanceId;
use engine::instance::Instance;

use crate::chain::EventRow;
use crate::commit::json;
use crate::packed::pack;
use crate::projection::{ENDED, FREE, RUNNING};
use crate::shard::shard_of;
use crate::{Place, Server, StoreError};

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
    match place {
        Place::File(folder) => {
            let mut connection = open_file(folder)?;
            connection
                .immediate_transaction(|connection| texts.iter().try_for_each(|text| connection.batch_execute(text)))?;
            connection.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")?;
        }
        Place::Server(server) => {
            let mut connection = open_server(server)?;
            connection.transaction(|connection| texts.iter().try_for_each(|text| connection.batch_execute(text)))?;
            connection.batch_execute("VACUUM ANALYZE")?;
        }
        Place::Memory(_) => return Err(StoreError::Database("nothing is piled up in memory".to_owned())),
    }
    Ok(())
}

/// Puts so many copies of a finished record and its history before it, each with an identity, a shard and a number of its
/// own. The numbers are those that would come next; nobody may have the process open who has reserved some.
///
/// # Errors
/// The database failed, or is none to which one may be added.
pub fn copy(place: &Place, model: &Instance, history: &[EventRow], copies: u64) -> Result<(), StoreError> {
    let mut identities: Vec<i64> =
        (1..=i64::try_from(copies).unwrap_or(i64::MAX)).rev().map(|before| model.id().0 - before).collect();
    match place {
        Place::File(folder) => {
            let mut connection = open_file(folder)?;
            // What is lost when the machine stops is made again.
            connection.batch_execute("PRAGMA synchronous = OFF")?;
            copy_all(&mut connection, |packed| format!("X'{}'", hex::encode(packed)), model, history, &identities)?;
            connection.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")?;
        }
        Place::Server(server) => {
            let mut connection = open_server(server)?;
            connection.batch_execute("SET synchronous_commit = off")?;
            // Keys begin with the shard: what comes together shares pages of their indexes.
            identities.sort_by_key(|id| shard_of(InstanceId(*id)));
            copy_all(
                &mut connection,
                |packed| format!("'\\x{}'::BYTEA", hex::encode(packed)),
                model,
                history,
                &identities,
            )?;
            connection.batch_execute("VACUUM ANALYZE")?;
            // Nothing of this is left to be written while somebody measures. Where one may not order that, the server
            // does it in its own time.
            if let Err(cause) = connection.batch_execute("CHECKPOINT") {
                tracing::warn!(%cause, "the server was not told to write what is in its memory");
            }
        }
        Place::Memory(_) => return Err(StoreError::Database("nothing is piled up in memory".to_owned())),
    }
    Ok(())
}

/// How many records a statement copies: their texts are long.
const COPIES: usize = 1_000;

fn copy_all(
    connection: &mut impl SimpleConnection,
    literal: impl Fn(&[u8]) -> String,
    model: &Instance,
    history: &[EventRow],
    identities: &[i64],
) -> Result<(), StoreError> {
    let digits = model.number().bytes().rev().take_while(u8::is_ascii_digit).count();
    let (before, number) = model.number().split_at(model.number().len() - digits);
    let first = number.parse::<usize>().map_err(|cause| StoreError::unreadable("number", cause))? + 1;
    let (model_id, document) = (model.id().to_string(), json(model));
    for (place, piece) in identities.chunks(COPIES).enumerate() {
        let (mut states, mut facts, mut lines) = (Vec::new(), Vec::new(), Vec::new());
        for (index, id) in piece.iter().enumerate() {
            let number = format!("{before}{:0digits$}", first + place * COPIES + index);
            let (id, shard) = (id.to_string(), shard_of(InstanceId(*id)));
            let own = |text: &str| literal(&pack(&text.replace(&model_id, &id).replace(model.number(), &number)));
            states.push(format!("({id}, {shard}, {})", own(&document)));
            let told = history.iter().map(|row| format!("({id}, {shard}, {}, {})", row.revision, own(&row.body)));
            facts.extend(told);
            lines.push(format!("({id}, {shard}, '{number}')"));
        }
        connection.batch_execute(&copies(model, &states.join(", "), &facts.join(", "), &lines.join(", ")))?;
    }
    let next = first + identities.len();
    connection.batch_execute(&format!("UPDATE number_block SET next = {next} WHERE next < {next}"))?;
    Ok(())
}

/// The statements that write copies of a record, in one transaction: their states, their facts, and their numbers.
fn copies(model: &Instance, states: &str, facts: &str, numbers: &str) -> String {
    let (id, shard) = (model.id(), shard_of(model.id()));
    format!(
        "BEGIN; \
         WITH s (n, shard, document) AS (VALUES {states}) \
         INSERT INTO instance (id, shard, revision, document, head) \
         SELECT s.n, s.shard, m.revision, s.document, m.head FROM s, instance AS m \
         WHERE m.shard = {shard} AND m.id = {id}; \
         WITH s (n, shard, revision, body) AS (VALUES {facts}) \
         INSERT INTO event (shard, instance, revision, at_ms, actor, command, body, hash) \
         SELECT s.shard, s.n, m.revision, m.at_ms, m.actor, m.command, s.body, m.hash FROM s, event AS m \
         WHERE m.shard = {shard} AND m.instance = {id} AND m.revision = s.revision; \
         WITH s (n, shard, number) AS (VALUES {numbers}) \
         INSERT INTO case_row (id, shard, number, title, process, definition, status, stage, priority, requester, team, \
         service, started_ms, updated_ms, ended_ms, due_ms) \
         SELECT s.n, s.shard, s.number, m.title, m.process, m.definition, m.status, m.stage, m.priority, m.requester, \
         m.team, m.service, m.started_ms, m.updated_ms, m.ended_ms, m.due_ms FROM s, case_row AS m \
         WHERE m.shard = {shard} AND m.id = {id}; \
         COMMIT;"
    )
}

fn open_file(folder: &Path) -> Result<SqliteConnection, StoreError> {
    let file = crate::sqlite::file_of(folder).display().to_string();
    let mut connection = SqliteConnection::establish(&file).map_err(|cause| cannot(&file, &cause))?;
    connection.batch_execute("PRAGMA busy_timeout = 10000; PRAGMA cache_size = -131072")?;
    Ok(connection)
}

fn open_server(server: &Server) -> Result<PgConnection, StoreError> {
    PgConnection::establish(server.url()).map_err(|cause| cannot(&server.to_string(), &cause))
}

fn cannot(path: &str, cause: &ConnectionError) -> StoreError {
    StoreError::CannotOpen { path: path.to_owned(), cause: cause.to_string() }
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
