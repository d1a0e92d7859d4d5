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

/// What a writer in memory is told, which knows no log and needs no flush.
const WRITER_IN_MEMORY: &str = "PRAGMA page_size = 4096; PRAGMA synchronous = OFF;";

/// What readers in memory are told.
const READER_IN_MEMORY: &str = "PRAGMA query_only = ON;";

/// Where the database is: the path itself, or the usual name in a folder.
pub(crate) fn file_of(path: &Path) -> PathBuf {
    if path.is_dir() { path.join(FILE_NAME) } else { path.to_owned() }
}

/// The one connection that writes, with the schema up to date.
pub(super) fn writer(file: &Path) -> Result<SqliteConnection, StoreError> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(|cause| cannot_open(file, cause))?;
    }
    migrated(opened(text(file)?, WRITER)?)
}

/// A database in memory, as SQLite names it: connections of this process that name it share it.
pub(super) fn memory(name: &str) -> String {
    format!("file:/{name}?vfs=memdb")
}

/// A file as a connection to a database in memory has to name it, which else would make it in memory too.
pub(super) fn on_disk(file: &str) -> String {
    let path = file.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    if cfg!(windows) {
        format!("file:///{}?vfs=win32", path.replace('\\', "/"))
    } else {
        format!("file:{path}?vfs=unix")
    }
}

/// The one connection that writes to a database in memory, with the schema up to date.
pub(super) fn writer_in_memory(name: &str) -> Result<SqliteConnection, StoreError> {
    migrated(opened(name, WRITER_IN_MEMORY)?)
}

/// A connection that only reads from a database in memory.
pub(super) fn reader_in_memory(name: &str) -> Result<SqliteConnection, StoreError> {
    opened(name, READER_IN_MEMORY)
}

fn migrated(mut connection: SqliteConnection) -> Result<SqliteConnection, StoreError> {
    connection.run_pending_migrations(MIGRATIONS).map_err(|cause| StoreError::Migration(cause.to_string()))?;
    Ok(connection)
}

/// A connection that only reads.
pub(super) fn reader(file: &Path) -> Result<SqliteConnection, StoreError> {
    opened(text(file)?, READER)
}

fn text(file: &Path) -> Result<&str, StoreError> {
    file.to_str().ok_or_else(|| cannot_open(file, "its name is not text"))
}

fn opened(name: &str, settings: &str) -> Result<SqliteConnection, StoreError> {
    let cannot = |cause: &dyn ToString| cannot_open(Path::new(name), cause.to_string());
    let mut connection = SqliteConnection::establish(name).map_err(|cause| cannot(&cause))?;
    for statements in [EVERYWHERE, settings] {
        connection.batch_execute(statements).map_err(|cause| cannot(&cause))?;
    }
    Ok(connection)
}

fn cannot_open(file: &Path, cause: impl ToString) -> StoreError {
    StoreError::CannotOpen { path: file.display().to_string(), cause: cause.to_string() }
}

#[cfg(test)]
mod tests {
    use diesel::sql_types::Text;

    use super::*;

    #[derive(QueryableByName)]
    struct Named {
        #[diesel(sql_type = Text)]
        name: String,
    }

    fn names(connection: &mut SqliteConnection, query: &str) -> Vec<String> {
        let rows: Vec<Named> = diesel::sql_query(query).load(connection).expect("the schema reads");
        rows.into_iter().map(|row| row.name).collect()
    }

    #[test]
    fn migrations_up_and_down_leave_nothing() {
        let mut connection = SqliteConnection::establish(":memory:").expect("memory opens");
        let tables = "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' \
            AND name <> '__diesel_schema_migrations' ORDER BY name";
        connection.run_pending_migrations(MIGRATIONS).expect("up runs");
        let built = names(&mut connection, tables);
        assert!(built.contains(&"open_task".to_owned()) && built.contains(&"case_by_number".to_owned()), "{built:?}");
        connection.revert_all_migrations(MIGRATIONS).expect("down runs");
        assert_eq!(names(&mut connection, tables), Vec::<String>::new());
        connection.run_pending_migrations(MIGRATIONS).expect("up runs again");
        assert_eq!(names(&mut connection, tables), built);
    }

    /// The columns that diesel asks a table for: the text between SELECT and FROM.
    fn believed<Q: diesel::query_builder::QueryFragment<diesel::sqlite::Sqlite>>(query: Q) -> (String, Vec<String>) {
        let text = diesel::debug_query::<diesel::sqlite::Sqlite, _>(&query).to_string();
        let words: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
        let table = words.first().expect("a query names its table").to_string();
        let columns = words.iter().filter(|word| **word != table).map(ToString::to_string);
        (table.clone(), columns.collect())
    }

    #[test]
    fn tables_are_what_diesel_believes() {
        use crate::schema;
        let mut connection = SqliteConnection::establish(":memory:").expect("memory opens");
        connection.run_pending_migrations(MIGRATIONS).expect("up runs");
        let mut known = vec![
            believed(schema::instance::table.select(schema::instance::all_columns)),
            believed(schema::event::table.select(schema::event::all_columns)),
            believed(schema::open_task::table.select(schema::open_task::all_columns)),
            believed(schema::wake::table.select(schema::wake::all_columns)),
            believed(schema::awaited::table.select(schema::awaited::all_columns)),
            believed(schema::attachment::table.select(schema::attachment::all_columns)),
            believed(schema::case_row::table.select(schema::case_row::all_columns)),
            believed(schema::outbox::table.select(schema::outbox::all_columns)),
            believed(schema::notification::table.select(schema::notification::all_columns)),
            believed(schema::definition::table.select(schema::definition::all_columns)),
            believed(schema::number_block::table.select(schema::number_block::all_columns)),
            believed(schema::register_definition::table.select(schema::register_definition::all_columns)),
            believed(schema::entry_revision::table.select(schema::entry_revision::all_columns)),
            believed(schema::register_entry::table.select(schema::register_entry::all_columns)),
            believed(schema::calendar::table.select(schema::calendar::all_columns)),
            believed(schema::person::table.select(schema::person::all_columns)),
            believed(schema::standing::table.select(schema::standing::all_columns)),
            believed(schema::password::table.select(schema::password::all_columns)),
            believed(schema::session::table.select(schema::session::all_columns)),
            believed(schema::setting::table.select(schema::setting::all_columns)),
            believed(schema::audit::table.select(schema::audit::all_columns)),
            believed(schema::batch::table.select(schema::batch::all_columns)),
            believed(schema::batch_line::table.select(schema::batch_line::all_columns)),
            believed(schema::legal_hold::table.select(schema::legal_hold::all_columns)),
            believed(schema::node::table.select(schema::node::all_columns)),
            believed(schema::shard_lease::table.select(schema::shard_lease::all_columns)),
            believed(schema::held_record::table.select(schema::held_record::all_columns)),
            believed(schema::schedule_reached::table.select(schema::schedule_reached::all_columns)),
            believed(schema::correlation::table.select(schema::correlation::all_columns)),
            believed(schema::measured::table.select(schema::measured::all_columns)),
            believed(schema::measured_record::table.select(schema::measured_record::all_columns)),
            believed(schema::searched::table.select(schema::searched::all_columns)),
            believed(schema::saved_view::table.select(schema::saved_view::all_columns)),
            believed(schema::snoozed::table.select(schema::snoozed::all_columns)),
            believed(schema::watch::table.select(schema::watch::all_columns)),
            believed(schema::preference::table.select(schema::preference::all_columns)),
            believed(schema::access_token::table.select(schema::access_token::all_columns)),
        ];
        known.sort();
        // The full-text index has tables of its own that nobody else reads.
        let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
            AND name <> '__diesel_schema_migrations' AND name NOT LIKE 'search_text%' ORDER BY name";
        let built: Vec<(String, Vec<String>)> = names(&mut connection, tables)
            .into_iter()
            .map(|table| {
                let query = format!("SELECT name FROM pragma_table_info('{table}') WHERE name <> '{table}'");
                let columns = names(&mut connection, &query);
                (table, columns)
            })
            .collect();
        assert_eq!(built, known);
    }
}
