//! What the migrations of the two databases build: the same tables with the same columns, which mean the same; and up
//! and down leave nothing.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_migrations::MigrationHarness;

use crate::cluster::{Cluster, Purpose, new_database};
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
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name <> '__diesel_schema_migrations'";

const OF_POSTGRES: &str = "SELECT table_name || '.' || column_name AS place, \
    data_type || CASE WHEN is_nullable = 'NO' THEN '' ELSE ' or nothing' END AS holds \
    FROM information_schema.columns \
    WHERE table_schema = 'public' AND table_name NOT IN ('__diesel_schema_migrations', 'migration_lease')";

#[test]
fn both_databases_build_the_same_and_down_leaves_nothing() {
    let own;
    let server = match std::env::var("TIAOLI_POSTGRES") {
        Ok(given) => given,
        Err(_) => {
            own = Cluster::start(Purpose::Testing).expect("PostgreSQL is on this machine");
            own.url_of("postgres")
        }
    };
    let database = new_database(&server, &format!("tiaoli_agreement_{}", std::process::id()));
    let mut server = PgConnection::establish(&database.expect("the server makes databases")).expect("it is there");
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

fn columns(found: QueryResult<Vec<Column>>) -> BTreeSet<Column> {
    found.expect("the schema reads").into_iter().collect()
}
