//! The ceiling on PostgreSQL: a connection for each caller, and one statement, a CTE, for each completion, or for each
//! instance that goes through its steps by itself.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use diesel::connection::SimpleConnection;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Nullable, Text};

use super::{BODY, CHAIN, CeilingRun, Completion, DOCUMENT_BYTES, DUE_MS, Load, Work, call, task_id, team};
use crate::{Server, StoreError};

const SCHEMA: &str = "
    CREATE TABLE raw_instance (id BIGINT PRIMARY KEY, revision BIGINT NOT NULL, document TEXT NOT NULL)
        WITH (fillfactor = 70);
    CREATE TABLE raw_task (
        id BIGINT PRIMARY KEY, instance BIGINT NOT NULL, step TEXT NOT NULL, assignee TEXT, team TEXT,
        due_ms BIGINT NOT NULL, open SMALLINT NOT NULL
    );
    CREATE INDEX raw_task_of_assignee ON raw_task (assignee, due_ms) WHERE open = 1;
    CREATE INDEX raw_task_of_team ON raw_task (team, due_ms) WHERE open = 1;
    CREATE INDEX raw_task_of_instance ON raw_task (instance) WHERE open = 1;
    CREATE TABLE raw_history (
        id BIGINT PRIMARY KEY, instance BIGINT NOT NULL, at_ms BIGINT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL
    );";

pub(super) fn run(server: &Server, callers: usize, load: Load) -> Result<CeilingRun, StoreError> {
    open(server)?.batch_execute(SCHEMA)?;
    let callers = callers.max(1);
    let each = load.of_each(callers);
    let mut connections = (0..callers).map(|_| open(server)).collect::<Result<Vec<_>, _>>()?;
    let next = AtomicI64::new(0);
    let began = Instant::now();
    let waits = std::thread::scope(|scope| {
        let handles: Vec<_> = connections
            .iter_mut()
            .map(|connection| {
                let next = &next;
                scope.spawn(move || {
                    let answered = |work: Work| write(connection, &work);
                    call(each, || next.fetch_add(1, Ordering::Relaxed), answered)
                })
            })
            .collect();
        handles.into_iter().map(|handle| handle.join().map_err(|_| StoreError::Closed)?).collect::<Result<Vec<_>, _>>()
    })?;
    Ok(CeilingRun::of(waits.concat(), began.elapsed()))
}

pub(super) fn update(server: &Server, instances: u32, together: usize) -> Result<f64, StoreError> {
    let mut connection = open(server)?;
    connection.batch_execute(SCHEMA)?;
    connection.batch_execute(&format!(
        "INSERT INTO raw_instance SELECT n, 0, repeat('x', {DOCUMENT_BYTES}) FROM generate_series(1, {instances}) AS s (n)"
    ))?;
    connection.batch_execute("VACUUM ANALYZE")?;
    let document = "y".repeat(DOCUMENT_BYTES);
    let all: Vec<i64> = (1..=i64::from(instances)).collect();
    let began = Instant::now();
    for piece in all.chunks(together.max(1)) {
        connection.transaction(|connection| {
            piece
                .iter()
                .try_for_each(|id| Replace { instance: *id, document: &document }.execute(connection).map(|_| ()))
        })?;
    }
    Ok(f64::from(instances) / began.elapsed().as_secs_f64())
}

fn open(server: &Server) -> Result<PgConnection, StoreError> {
    PgConnection::establish(server.url())
        .map_err(|cause| StoreError::CannotOpen { path: server.to_string(), cause: cause.to_string() })
}

fn write(connection: &mut PgConnection, work: &Work) -> Result<(), StoreError> {
    match work {
        Work::Start { instance, document } => {
            Start { instance: *instance, document, task: task_id(*instance, 0), team: team(*instance) }
                .execute(connection)?;
            Ok(())
        }
        Work::Chain { instance, document } => {
            let bodies = vec![BODY; usize::try_from(CHAIN).unwrap_or(0)];
            Chain { instance: *instance, document, bodies }.execute(connection)?;
            Ok(())
        }
        Work::Complete(Completion { instance, revision, document }) => {
            let won = Complete {
                instance: *instance,
                revision: *revision,
                document,
                gone: task_id(*instance, *revision),
                task: task_id(*instance, revision + 1),
                team: team(*instance),
            }
            .execute(connection)?;
            match won {
                1 => Ok(()),
                _ => Err(StoreError::Database("the ceiling lost a race against nobody".to_owned())),
            }
        }
    }
}

struct Start<'a> {
    instance: i64,
    document: &'a str,
    task: i64,
    team: Option<&'a str>,
}

impl QueryFragment<Pg> for Start<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH i AS (INSERT INTO raw_instance VALUES (");
        out.push_bind_param::<BigInt, _>(&self.instance)?;
        out.push_sql(", 0, ");
        out.push_bind_param::<Text, _>(self.document)?;
        out.push_sql(") RETURNING id), t AS (INSERT INTO raw_task SELECT ");
        out.push_bind_param::<BigInt, _>(&self.task)?;
        out.push_sql(", id, 'resolve', NULL, ");
        out.push_bind_param::<Nullable<Text>, _>(&self.team)?;
        out.push_sql(", ");
        out.push_bind_param::<BigInt, _>(&DUE_MS)?;
        out.push_sql(" + id, 1 FROM i) INSERT INTO raw_history SELECT id * 16, id, ");
        out.push_bind_param::<BigInt, _>(&DUE_MS)?;
        out.push_sql(", 'started', ");
        out.push_bind_param::<Text, _>(BODY)?;
        out.push_sql(" FROM i");
        Ok(())
    }
}

impl QueryId for Start<'_> {
    type QueryId = Start<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl RunQueryDsl<PgConnection> for Start<'_> {}

struct Complete<'a> {
    instance: i64,
    revision: i64,
    document: &'a str,
    gone: i64,
    task: i64,
    team: Option<&'a str>,
}

impl QueryFragment<Pg> for Complete<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH i AS (UPDATE raw_instance SET revision = revision + 1, document = ");
        out.push_bind_param::<Text, _>(self.document)?;
        out.push_sql(" WHERE id = ");
        out.push_bind_param::<BigInt, _>(&self.instance)?;
        out.push_sql(" AND revision = ");
        out.push_bind_param::<BigInt, _>(&self.revision)?;
        out.push_sql(" RETURNING id, revision), g AS (DELETE FROM raw_task USING i WHERE raw_task.id = ");
        out.push_bind_param::<BigInt, _>(&self.gone)?;
        out.push_sql("), t AS (INSERT INTO raw_task SELECT ");
        out.push_bind_param::<BigInt, _>(&self.task)?;
        out.push_sql(", id, 'resolve', NULL, ");
        out.push_bind_param::<Nullable<Text>, _>(&self.team)?;
        out.push_sql(", ");
        out.push_bind_param::<BigInt, _>(&DUE_MS)?;
        out.push_sql(" + id, 1 FROM i), h AS (INSERT INTO raw_history SELECT id * 16 + revision * 2, id, ");
        out.push_bind_param::<BigInt, _>(&DUE_MS)?;
        out.push_sql(" + revision, 'task_opened', ");
        out.push_bind_param::<Text, _>(BODY)?;
        out.push_sql(" FROM i) INSERT INTO raw_history SELECT id * 16 + revision * 2 - 1, id, ");
        out.push_bind_param::<BigInt, _>(&DUE_MS)?;
        out.push_sql(" + revision, 'task_completed', ");
        out.push_bind_param::<Text, _>(BODY)?;
        out.push_sql(" FROM i");
        Ok(())
    }
}

impl QueryId for Complete<'_> {
    type QueryId = Complete<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl RunQueryDsl<PgConnection> for Complete<'_> {}

struct Chain<'a> {
    instance: i64,
    document: &'a str,
    bodies: Vec<&'a str>,
}

impl QueryFragment<Pg> for Chain<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH i AS (INSERT INTO raw_instance VALUES (");
        out.push_bind_param::<BigInt, _>(&self.instance)?;
        out.push_sql(", 0, ");
        out.push_bind_param::<Text, _>(self.document)?;
        out.push_sql(") RETURNING id) INSERT INTO raw_history SELECT i.id * 16 + h.step, i.id, ");
        out.push_bind_param::<BigInt, _>(&DUE_MS)?;
        out.push_sql(" + h.step, 'step_passed', h.body FROM i, unnest(");
        out.push_bind_param::<Array<Text>, _>(&self.bodies)?;
        out.push_sql(") WITH ORDINALITY AS h (body, step)");
        Ok(())
    }
}

impl QueryId for Chain<'_> {
    type QueryId = Chain<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl RunQueryDsl<PgConnection> for Chain<'_> {}

struct Replace<'a> {
    instance: i64,
    document: &'a str,
}

impl QueryFragment<Pg> for Replace<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("UPDATE raw_instance SET revision = 1, document = ");
        out.push_bind_param::<Text, _>(self.document)?;
        out.push_sql(" WHERE revision = 0 AND id = ");
        out.push_bind_param::<BigInt, _>(&self.instance)
    }
}

impl QueryId for Replace<'_> {
    type QueryId = Replace<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl RunQueryDsl<PgConnection> for Replace<'_> {}
