//! What the migrations of the two databases build: the same tables with the same columns, which mean the same; and up
//! and down leave nothing.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Binary, Text};
use diesel_migrations::MigrationHarness;

use crate::cluster::{Cluster, Purpose, new_database};
use crate::packed::{pack, unpack};
use crate::{postgres, sqlite};

#[derive(QueryableByName, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Column {
    #[diesel(sql_type = Text)]
    place: String,
    #[diesel(sql_type = Text)]
    holds: String,
}

/// A column as `table.column`, and its type in the words of PostgreSQL. A key that is one INTEGER is SQLite's own
/// 64-bit number of the row.
const OF_SQLITE: &str = "SELECT t.name || '.' || c.name AS place, \
    CASE WHEN c.type = 'INTEGER' AND c.pk = 1 \
            AND (SELECT count(*) FROM pragma_table_info(t.name) AS k WHERE k.pk > 0) = 1 THEN 'bigint' \
        WHEN c.type = 'BLOB' THEN 'bytea' ELSE lower(c.type) END \
    || CASE WHEN c.\"notnull\" = 1 THEN '' ELSE ' or nothing' END AS holds \
    FROM sqlite_master AS t JOIN pragma_table_info(t.name) AS c \
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name <> '__diesel_schema_migrations' \
    AND t.name NOT LIKE 'search_text%'";

const OF_POSTGRES: &str = "SELECT table_name || '.' || column_name AS place, \
    data_type || CASE WHEN is_nullable = 'NO' THEN '' ELSE ' or nothing' END AS holds \
    FROM information_schema.columns \
    WHERE table_schema = 'public' AND table_name NOT IN ('__diesel_schema_migrations', 'migration_lease', 'search_text')";

/// A database on the server that the tests have, empty.
fn on_server(name: &str, own: &mut Option<Cluster>) -> PgConnection {
    let server = std::env::var("TIAOLI_POSTGRES").unwrap_or_else(|_| {
        let started = Cluster::start(Purpose::Testing).expect("PostgreSQL is on this machine");
        own.insert(started).url_of("postgres")
    });
    let database = new_database(&server, &format!("tiaoli_{name}_{}", std::process::id()));
    PgConnection::establish(&database.expect("the server makes databases")).expect("it is there")
}

#[test]
fn both_databases_build_the_same_and_down_leaves_nothing() {
    let mut own = None;
    let mut server = on_server("agreement", &mut own);
    let mut file = SqliteConnection::establish(":memory:").expect("memory opens");
    for _ in 0..2 {
        file.run_pending_migrations(sqlite::MIGRATIONS).expect("up runs");
        server.run_pending_migrations(postgres::MIGRATIONS).expect("up runs");
        let of_file: BTreeSet<Column> = columns(diesel::sql_query(OF_SQLITE).load(&mut file));
        let of_server: BTreeSet<Column> = columns(diesel::sql_query(OF_POSTGRES).load(&mut server));
        assert!(of_file.iter().any(|column| column.place == "open_task.principal"), "{of_file:?}");
        let apart: Vec<_> = of_file.symmetric_difference(&of_server).collect();
        assert!(apart.is_empty(), "only one of them has these: {apart:?}");
        let steps = |applied: Vec<diesel::migration::MigrationVersion<'static>>| {
            applied.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let of_file = steps(file.applied_migrations().expect("it reads"));
        assert_eq!(of_file, steps(server.applied_migrations().expect("it reads")), "the same numbers in both");
        file.revert_all_migrations(sqlite::MIGRATIONS).expect("down runs");
        server.revert_all_migrations(postgres::MIGRATIONS).expect("down runs");
        assert!(columns(diesel::sql_query(OF_SQLITE).load(&mut file)).is_empty());
        assert!(columns(diesel::sql_query(OF_POSTGRES).load(&mut server)).is_empty());
    }
}

#[derive(QueryableByName)]
struct Kept {
    #[diesel(sql_type = Binary)]
    bytes: Vec<u8>,
}

const STATE: &str = "{\"id\":1,\"number\":\"INC-1\"}";
const FACTS: &str = "[{\"entered\":{\"token\":1,\"step\":\"review\"}}]";
const READ: &str = "SELECT document AS bytes FROM instance UNION ALL SELECT body AS bytes FROM event";

/// What was kept before states were packed goes along, up and down; what is packed does not go down, and stays.
macro_rules! rows_go_along {
    ($connection:expr, $migrations:expr, $literal:expr) => {{
        let connection = $connection;
        while connection.run_next_migration($migrations).expect("up runs").to_string() != "0012" {}
        let rows = format!(
            "INSERT INTO instance (id, shard, revision, document, head) VALUES (1, 5, 1, '{STATE}', 'h'); \
             INSERT INTO event (shard, instance, revision, at_ms, command, body, hash) \
             VALUES (5, 1, 1, 7, 'start', '{FACTS}', 'h');"
        );
        connection.batch_execute(&rows).expect("it writes");
        connection.run_pending_migrations($migrations).expect("up runs");
        let kept: Vec<Kept> = diesel::sql_query(READ).load(connection).expect("it reads");
        let read = kept.iter().map(|kept| unpack(&kept.bytes, "state").expect("it is JSON"));
        assert_eq!(read.collect::<Vec<_>>(), [STATE, FACTS]);

        // The later ones are reverted first, and stay so.
        let mut reverted = String::new();
        while reverted != "0014" {
            reverted = connection.revert_last_migration($migrations).expect("down runs").to_string();
        }
        assert_eq!(connection.run_next_migration($migrations).expect("up runs").to_string(), "0014");
        let packed = pack(FACTS);
        let packing = format!("UPDATE event SET body = {}", $literal(hex::encode(&packed)));
        connection.batch_execute(&packing).expect("it writes");
        let refused = connection.revert_last_migration($migrations).expect_err("SQL cannot unpack");
        assert!(refused.to_string().contains("rows_are_packed"), "{refused}");
        let kept: Vec<Kept> = diesel::sql_query(READ).load(connection).expect("it reads");
        let kept: Vec<&[u8]> = kept.iter().map(|kept| kept.bytes.as_slice()).collect();
        assert_eq!(kept, [STATE.as_bytes(), &packed]);
    }};
}

#[test]
fn what_is_kept_goes_along_when_states_come_to_be_packed() {
    let mut file = SqliteConnection::establish(":memory:").expect("memory opens");
    rows_go_along!(&mut file, sqlite::MIGRATIONS, |hex| format!("X'{hex}'"));
    let mut own = None;
    let mut server = on_server("packed", &mut own);
    rows_go_along!(&mut server, postgres::MIGRATIONS, |hex| format!("'\\x{hex}'"));
}

fn columns(found: QueryResult<Vec<Column>>) -> BTreeSet<Column> {
    found.expect("the schema reads").into_iter().collect()
}
