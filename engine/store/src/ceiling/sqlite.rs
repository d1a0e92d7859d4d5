//! The ceiling on SQLite: one writer; what waits, and what comes meanwhile, shares a transaction (group commit).

use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Instant;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::Sqlite;

use super::{BODY, CHAIN, CeilingRun, Completion, DOCUMENT_BYTES, DUE_MS, Load, Work, call, task_id, team};
use crate::StoreError;
use crate::ticket::{Promise, pair};

use raw::{raw_history, raw_instance, raw_task};

/// The most completions in one transaction.
const BATCH_MAX: usize = 256;

const SETTINGS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 10000; \
    PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY;";

const SCHEMA: &str = "
    CREATE TABLE raw_instance (id INTEGER PRIMARY KEY, revision BIGINT NOT NULL, document TEXT NOT NULL);
    CREATE TABLE raw_task (
        id INTEGER PRIMARY KEY, instance BIGINT NOT NULL, step TEXT NOT NULL, assignee TEXT, team TEXT,
        due_ms BIGINT NOT NULL, open SMALLINT NOT NULL
    );
    CREATE INDEX raw_task_of_assignee ON raw_task (assignee, due_ms) WHERE open = 1;
    CREATE INDEX raw_task_of_team ON raw_task (team, due_ms) WHERE open = 1;
    CREATE INDEX raw_task_of_instance ON raw_task (instance) WHERE open = 1;
    CREATE TABLE raw_history (
        id INTEGER PRIMARY KEY, instance BIGINT NOT NULL, at_ms BIGINT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL
    );";

/// The ceiling's tables.
mod raw {
    diesel::table! {
        raw_instance (id) {
            id -> BigInt,
            revision -> BigInt,
            document -> Text,
        }
    }

    diesel::table! {
        raw_task (id) {
            id -> BigInt,
            instance -> BigInt,
            step -> Text,
            assignee -> Nullable<Text>,
            team -> Nullable<Text>,
            due_ms -> BigInt,
            open -> SmallInt,
        }
    }

    diesel::table! {
        raw_history (id) {
            id -> BigInt,
            instance -> BigInt,
            at_ms -> BigInt,
            kind -> Text,
            body -> Text,
        }
    }
}

type Order = (Work, Promise<Result<(), StoreError>>);

pub(super) fn run(folder: &Path, callers: usize, load: Load) -> Result<CeilingRun, StoreError> {
    let mut connection = open(folder)?;
    let callers = callers.max(1);
    let each = load.of_each(callers);
    let (queue, waiting) = sync_channel::<Order>(callers);
    let next = AtomicI64::new(0);
    let began = Instant::now();
    let (written, waits) = std::thread::scope(|scope| {
        let writer = scope.spawn(move || serve(&mut connection, &waiting));
        let handles: Vec<_> = (0..callers)
            .map(|_| {
                let (queue, next) = (queue.clone(), &next);
                let ask = move |work: Work| {
                    let (ticket, promise) = pair(Err(StoreError::Closed));
                    queue.send((work, promise)).map_err(|_| StoreError::Closed)?;
                    ticket.wait()
                };
                scope.spawn(move || call(each, || next.fetch_add(1, Ordering::Relaxed), ask))
            })
            .collect();
        drop(queue);
        let waits: Vec<_> = handles.into_iter().map(|handle| handle.join().map_err(|_| StoreError::Closed)?).collect();
        (writer.join(), waits)
    });
    let elapsed = began.elapsed();
    match written {
        Ok(outcome) => outcome?,
        Err(_) => return Err(StoreError::Closed),
    }
    let waits = waits.into_iter().collect::<Result<Vec<Vec<u64>>, StoreError>>()?;
    Ok(CeilingRun::of(waits.concat(), elapsed))
}

pub(super) fn update(folder: &Path, instances: u32, together: usize) -> Result<f64, StoreError> {
    let mut connection = open(folder)?;
    let all: Vec<i64> = (0..i64::from(instances)).collect();
    connection.immediate_transaction(|connection| {
        all.iter().try_for_each(|instance| start(connection, *instance, &"x".repeat(DOCUMENT_BYTES)))
    })?;
    let document = "y".repeat(DOCUMENT_BYTES);
    let began = Instant::now();
    for piece in all.chunks(together.max(1)) {
        connection.immediate_transaction(|connection| {
            piece.iter().try_for_each(|id| {
                let replaced = ReplaceRaw { id: *id, revision_before: 0, revision: 1, document: &document };
                replaced.execute(connection).map(|_| ())
            })
        })?;
    }
    Ok(f64::from(instances) / began.elapsed().as_secs_f64())
}

fn open(folder: &Path) -> Result<SqliteConnection, StoreError> {
    let file = folder.join("ceiling.sqlite");
    let cannot =
        |cause: &dyn ToString| StoreError::CannotOpen { path: file.display().to_string(), cause: cause.to_string() };
    if file.exists() {
        return Err(cannot(&"there is a database already"));
    }
    std::fs::create_dir_all(folder).map_err(|cause| cannot(&cause))?;
    let mut connection = SqliteConnection::establish(&file.display().to_string()).map_err(|cause| cannot(&cause))?;
    for statements in [SETTINGS, SCHEMA] {
        connection.batch_execute(statements).map_err(|cause| cannot(&cause))?;
    }
    Ok(connection)
}

/// The one writer: what waits, and what comes while the transaction is open, shares it.
fn serve(connection: &mut SqliteConnection, waiting: &Receiver<Order>) -> Result<(), StoreError> {
    while let Ok(first) = waiting.recv() {
        let mut batch = vec![first];
        let mut done = 0;
        connection.immediate_transaction(|connection| {
            while done < batch.len() {
                for (work, _) in batch.iter().skip(done) {
                    match work {
                        Work::Start { instance, document } => start(connection, *instance, document)?,
                        Work::Complete(completion) => complete(connection, completion)?,
                        Work::Chain { instance, document } => chain(connection, *instance, document)?,
                    }
                }
                done = batch.len();
                batch.extend(waiting.try_iter().take(BATCH_MAX - batch.len()));
            }
            Ok::<(), StoreError>(())
        })?;
        for (_, promise) in batch {
            promise.keep(Ok(()));
        }
    }
    Ok(())
}

fn start(connection: &mut SqliteConnection, instance: i64, document: &str) -> Result<(), StoreError> {
    begin(connection, instance, document)?;
    open_task(connection, instance, 0)?;
    note(connection, instance, 0, "started")
}

fn chain(connection: &mut SqliteConnection, instance: i64, document: &str) -> Result<(), StoreError> {
    begin(connection, instance, document)?;
    (0..CHAIN).try_for_each(|step| note(connection, instance, step, "step_passed"))
}

fn begin(connection: &mut SqliteConnection, instance: i64, document: &str) -> Result<(), StoreError> {
    diesel::insert_into(raw_instance::table)
        .values((raw_instance::id.eq(instance), raw_instance::revision.eq(0), raw_instance::document.eq(document)))
        .execute(connection)?;
    Ok(())
}

fn complete(connection: &mut SqliteConnection, completion: &Completion) -> Result<(), StoreError> {
    let Completion { instance, revision, document } = completion;
    let won = ReplaceRaw { id: *instance, revision_before: *revision, revision: revision + 1, document }
        .execute(connection)?;
    if won != 1 {
        return Err(StoreError::Database("the ceiling lost a race against nobody".to_owned()));
    }
    diesel::delete(raw_task::table).filter(raw_task::id.eq(task_id(*instance, *revision))).execute(connection)?;
    open_task(connection, *instance, revision + 1)?;
    note(connection, *instance, *revision, "task_completed")?;
    note(connection, *instance, *revision, "task_opened")
}

fn note(connection: &mut SqliteConnection, instance: i64, revision: i64, kind: &str) -> Result<(), StoreError> {
    diesel::insert_into(raw_history::table)
        .values((
            raw_history::instance.eq(instance),
            raw_history::at_ms.eq(DUE_MS + revision),
            raw_history::kind.eq(kind),
            raw_history::body.eq(BODY),
        ))
        .execute(connection)?;
    Ok(())
}

fn open_task(connection: &mut SqliteConnection, instance: i64, revision: i64) -> Result<(), StoreError> {
    diesel::insert_into(raw_task::table)
        .values((
            raw_task::id.eq(task_id(instance, revision)),
            raw_task::instance.eq(instance),
            raw_task::step.eq("resolve"),
            raw_task::assignee.eq(None::<&str>),
            raw_task::team.eq(team(instance)),
            raw_task::due_ms.eq(DUE_MS + instance),
            raw_task::open.eq(1),
        ))
        .execute(connection)?;
    Ok(())
}

/// The ceiling's update of an instance.
struct ReplaceRaw<'a> {
    id: i64,
    revision_before: i64,
    revision: i64,
    document: &'a str,
}

impl QueryFragment<Sqlite> for ReplaceRaw<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("UPDATE raw_instance SET revision = ");
        out.push_bind_param::<BigInt, _>(&self.revision)?;
        out.push_sql(", document = ");
        out.push_bind_param::<Text, _>(self.document)?;
        out.push_sql(" WHERE id = ");
        out.push_bind_param::<BigInt, _>(&self.id)?;
        out.push_sql(" AND revision = ");
        out.push_bind_param::<BigInt, _>(&self.revision_before)
    }
}

impl QueryId for ReplaceRaw<'_> {
    type QueryId = ReplaceRaw<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl RunQueryDsl<SqliteConnection> for ReplaceRaw<'_> {}
