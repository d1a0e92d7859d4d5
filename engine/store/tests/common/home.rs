//! Where a test's store is: each test runs over a database in memory, a SQLite file, and a PostgreSQL server.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, RunQueryDsl, SqliteConnection};
use store::cluster::{Cluster, Purpose, new_database};
use store::{Place, Store};

/// Runs tests over every store: each is a function that is given a `Home`.
#[macro_export]
macro_rules! over_every_store {
    ($($test:ident,)*) => {
        mod memory {
            $(#[test] fn $test() { super::$test(&$crate::common::home::Home::memory()); })*
        }
        mod sqlite {
            $(#[test] fn $test() { super::$test(&$crate::common::home::Home::file()); })*
        }
        mod postgres {
            $(#[test] fn $test() { super::$test(&$crate::common::home::Home::server()); })*
        }
    };
}

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    line: String,
}

/// The variable that names a server which tests may make databases on; without it a test makes its own server.
pub const SERVER: &str = "TIAOLI_POSTGRES";

/// A database of one test's own, gone when dropped.
pub struct Home {
    pub place: Place,
    keeper: Keeper,
}

/// What keeps a database there while no store has it open.
enum Keeper {
    Memory(Box<Mutex<SqliteConnection>>),
    Folder(PathBuf),
    /// A server of the test's own; nothing where the test was given one, which goes with all its databases.
    Server {
        url: String,
        own: Option<Box<Mutex<Cluster>>>,
    },
}

/// A name that no other test has.
fn fresh() -> String {
    static MADE: AtomicU32 = AtomicU32::new(0);
    format!("tiaoli_test_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed))
}

impl Home {
    pub fn memory() -> Home {
        let name = fresh();
        let held = SqliteConnection::establish(&format!("file:/{name}?vfs=memdb")).expect("memory opens");
        Home { place: Place::Memory(name), keeper: Keeper::Memory(Box::new(held.into())) }
    }

    pub fn file() -> Home {
        let folder = std::env::temp_dir().join(fresh());
        std::fs::create_dir_all(&folder).expect("the temporary folder can be made");
        Home { place: Place::File(folder.join("tiaoli.sqlite")), keeper: Keeper::Folder(folder) }
    }

    pub fn server() -> Home {
        match std::env::var(SERVER) {
            Ok(given) => Home::on_server(&given, None),
            Err(_) => Home::on_own_server(),
        }
    }

    /// A server that the test may stop.
    pub fn on_own_server() -> Home {
        let cluster = Cluster::start(Purpose::Testing).expect("PostgreSQL is on this machine");
        Home::on_server(&cluster.url_of("postgres"), Some(Box::new(cluster.into())))
    }

    fn on_server(given: &str, own: Option<Box<Mutex<Cluster>>>) -> Home {
        let url = new_database(given, &fresh()).expect("the server makes databases");
        Home { place: Place::from(url.as_str()), keeper: Keeper::Server { url, own } }
    }

    /// An empty one of the same kind.
    pub fn another(&self) -> Home {
        match &self.keeper {
            Keeper::Memory(_) => Home::memory(),
            Keeper::Folder(_) => Home::file(),
            Keeper::Server { url, .. } => Home::on_server(url, None),
        }
    }

    pub fn open(&self) -> Store {
        Store::open(&self.place).expect("the store opens")
    }

    /// Does something to the database behind the product's back.
    pub fn tamper(&self, statements: &str) {
        match (&self.place, &self.keeper) {
            (_, Keeper::Memory(held)) => {
                held.lock().expect("nobody panicked").batch_execute(statements).expect("SQLite does what it is told");
            }
            (place, Keeper::Folder(_)) => {
                let file = place.path().expect("a store in a folder has a path");
                let mut raw = SqliteConnection::establish(&file.display().to_string()).expect("the file opens");
                raw.batch_execute(statements).expect("SQLite does what it is told");
            }
            (_, Keeper::Server { url, .. }) => {
                let mut raw = PgConnection::establish(url).expect("the server is there");
                raw.batch_execute(statements).expect("PostgreSQL does what it is told");
            }
        }
    }

    /// The socket of the server, and the name of the database on it.
    pub fn socket(&self) -> (PathBuf, String) {
        let Keeper::Server { url, .. } = &self.keeper else { panic!("the test has no server") };
        let rest = url.strip_prefix("postgres:///").expect("the server listens on a socket");
        let (database, options) = rest.split_once('?').expect("a socket lies in a folder");
        let folder = options.split('&').find_map(|option| option.strip_prefix("host=")).expect("it is named");
        (PathBuf::from(folder).join(".s.PGSQL.5432"), database.to_owned())
    }

    /// What the server answers to a question that gives one column, `line`.
    pub fn asked(&self, question: &str) -> Vec<String> {
        let Keeper::Server { url, .. } = &self.keeper else { panic!("the test has no server") };
        let mut raw = PgConnection::establish(url).expect("the server is there");
        let lines: Vec<Line> = diesel::sql_query(question).load(&mut raw).expect("PostgreSQL answers");
        lines.into_iter().map(|line| line.line).collect()
    }

    /// The server of the test's own.
    pub fn with_server<T>(&self, what: impl FnOnce(&mut Cluster) -> T) -> T {
        match &self.keeper {
            Keeper::Server { own: Some(cluster), .. } => what(&mut cluster.lock().expect("nobody panicked")),
            Keeper::Server { own: None, .. } | Keeper::Memory(_) | Keeper::Folder(_) => {
                panic!("the test has no server of its own")
            }
        }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        match &self.keeper {
            Keeper::Folder(folder) => {
                // A folder that stays behind harms no test.
                let _ = std::fs::remove_dir_all(folder);
            }
            Keeper::Memory(_) | Keeper::Server { .. } => {}
        }
    }
}
