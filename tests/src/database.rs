//! A PostgreSQL database of a test's own.

use std::path::Path;

use store::Place;
use store::cluster::{Cluster, Purpose, new_database};

use crate::Scratch;

/// An empty database on the server that the run was given (`TIAOLI_POSTGRES`), or on one of the test's own.
#[derive(Debug)]
pub struct Database {
    url: String,
    _own: Option<Cluster>,
}

impl Database {
    /// Makes one.
    ///
    /// # Panics
    /// PostgreSQL is not on this machine.
    pub fn new(name: &str) -> Database {
        let given = std::env::var("TIAOLI_POSTGRES").ok();
        let own = given.is_none().then(|| Cluster::start(Purpose::Testing).expect("PostgreSQL is on this machine"));
        let beside = own.as_ref().map(|cluster| cluster.url_of("postgres")).or(given).unwrap_or_default();
        let url = new_database(&beside, &format!("tiaoli_{name}_{}", std::process::id())).expect("it makes databases");
        Database { url, _own: own }
    }

    /// Where it is, as `--data` takes it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The same, where a folder might stand.
    pub fn path(&self) -> &Path {
        Path::new(&self.url)
    }
}

/// Runs a test over a SQLite file and over a PostgreSQL server, each empty.
pub fn over_both(name: &str, test: impl Fn(&Place)) {
    let scratch = Scratch::new(name);
    test(&Place::from(scratch.path()));
    test(&Place::from(Database::new(&name.replace('-', "_")).url()));
}
