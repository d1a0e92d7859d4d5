//! Connections: how SQLite is opened, set up and migrated. Migrations are compiled in.

use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::StoreError;

/// The schema's steps, in order.
pub(crate) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// The file's name where only a folder is given.
const FILE_NAME: &str = "tiaoli.sqlite";

/// What every connection is told. No `mmap_size`: a broken page must not become a broken process.
const EVERYWHERE: &str = "PRAGMA busy_timeout = 10000; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0;";

/// What the writer is told: durable before answered, checkpoints rarely and by nobody else.
const WRITER: &str = "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
    PRAGMA wal_autocheckpoint = 10000; PRAGMA journal_size_limit = 134217728; PRAGMA cache_size = -32768;";

/// What readers are told.
const READER: &str = "PRAGMA query_only = ON; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -4096;";

/// Where the database is: the path itself, or the usual name in a folder.
pub(crate) fn file_of(path: &Path) -> PathBuf {
    if path.is_dir() { path.join(FILE_NAME) } else { path.to_owned() }
}

/// The one connection that writes, with the schema up to date.
pub(crate) fn writer(file: &Path) -> Result<SqliteConnection, StoreError> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(|cause| cannot_open(file, cause))?;
    }
    let mut connection = opened(file, WRITER)?;
    connection.run_pending_migrations(MIGRATIONS).map_err(|cause| StoreError::Migration(cause.to_string()))?;
    Ok(connection)
}

/// A connection that only reads.
pub(crate) fn reader(file: &Path) -> Result<SqliteConnection, StoreError> {
    opened(file, READER)
}

fn opened(file: &Path, settings: &str) -> Result<SqliteConnection, StoreError> {
    let name = file.to_str().ok_or_else(|| cannot_open(file, "its name is not text"))?;
    let mut connection = SqliteConnection::establish(name).map_err(|cause| cannot_open(file, cause))?;
    for statements in [EVERYWHERE, settings] {
        connection.batch_execute(statements).map_err(|cause| cannot_open(file, cause))?;
    }
    Ok(connection)
}

fn cannot_open(file: &Path, cause: impl ToString) -> StoreError {
    StoreError::CannotOpen { path: file.display().to_string(), cause: cause.to_string() }
}
