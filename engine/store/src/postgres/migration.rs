//! The schema on a server, brought up to date by one node at a time. Who migrates holds a lease, a row with an end, so
//! that a node which dies at it does not hold up the others for ever. The steps are compiled in.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::Connection;
use super::connection;
use crate::{Server, StoreError};

/// The schema's steps, in order.
pub(crate) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// How long a lease holds. A migration that takes longer has to be run with one node.
const LEASE: Duration = Duration::from_secs(60);
/// How long a node waits for another one's migration.
const WAIT_MAX: Duration = Duration::from_secs(120);
/// How long it waits between two looks.
const LOOK: Duration = Duration::from_millis(50);

/// The lease is no part of the schema: it is there before the first step.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS migration_lease \
    (name TEXT NOT NULL PRIMARY KEY, holder TEXT NOT NULL, until_ms BIGINT NOT NULL)";

/// Brings the schema up to date, or waits until another node has.
pub(super) fn run(server: &Server) -> Result<(), StoreError> {
    let mut connection = connection::open(server)?;
    connection::is_new_enough(&mut connection)?;
    let holder = format!("{}-{}", std::process::id(), now_ms()?);
    let began = Instant::now();
    while is_behind(&mut connection)? {
        if take(&mut connection, &holder)? {
            let done = connection.run_pending_migrations(MIGRATIONS).map(|_| ()).map_err(failed);
            give_back(&mut connection, &holder)?;
            return done;
        }
        if began.elapsed() > WAIT_MAX {
            return Err(StoreError::Migration("another node has been migrating it for too long".to_owned()));
        }
        std::thread::sleep(LOOK);
    }
    Ok(())
}

fn failed(cause: impl ToString) -> StoreError {
    StoreError::Migration(cause.to_string())
}

/// Whether a step is missing. Looking makes the table of steps, in which two nodes may clash: then one looks again.
fn is_behind(connection: &mut Connection) -> Result<bool, StoreError> {
    let first = connection.has_pending_migration(MIGRATIONS);
    first.or_else(|_| connection.has_pending_migration(MIGRATIONS)).map_err(failed)
}

/// Takes the lease, unless another node holds it.
fn take(connection: &mut Connection, holder: &str) -> Result<bool, StoreError> {
    let made = connection.batch_execute(TABLE);
    made.or_else(|_| connection.batch_execute(TABLE)).map_err(failed)?;
    let now = now_ms()?;
    let taken = diesel::sql_query(
        "INSERT INTO migration_lease (name, holder, until_ms) VALUES ('schema', $1, $2) \
         ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until_ms = excluded.until_ms \
         WHERE migration_lease.until_ms < $3",
    )
    .bind::<Text, _>(holder)
    .bind::<BigInt, _>(now + i64::try_from(LEASE.as_millis()).unwrap_or(0))
    .bind::<BigInt, _>(now)
    .execute(connection)
    .map_err(failed)?;
    Ok(taken == 1)
}

fn give_back(connection: &mut Connection, holder: &str) -> Result<(), StoreError> {
    diesel::sql_query("DELETE FROM migration_lease WHERE holder = $1")
        .bind::<Text, _>(holder)
        .execute(connection)
        .map_err(failed)?;
    Ok(())
}

fn now_ms() -> Result<i64, StoreError> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_err(failed)?;
    i64::try_from(since.as_millis()).map_err(failed)
}
