//! A PostgreSQL database of a test's own.

use std::path::{Path, PathBuf};

use store::Place;
use store::cluster::{Cluster, Purpose, new_database};

use crate::Scratch;

/// An empty database on the server that the run was given (`TIAOLI_POSTGRES`), or on one of the test's own.
#[derive(Debug)]
pub struct Database {
    url: String,
    own: Option<Cluster>,
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
        Database { url, own }
    }

    /// One on a server of the test's own, which it may stop.
    ///
    /// # Panics
    /// PostgreSQL is not on this machine.
    pub fn on_own_server(name: &str) -> Database {
        let cluster = Cluster::start(Purpose::Testing).expect("PostgreSQL is on this machine");
        let url = new_database(&cluster.url_of("postgres"), &format!("tiaoli_{name}")).expect("it makes databases");
        Database { url, own: Some(cluster) }
    }

    /// Stops its own server: every connection ends.
    ///
    /// # Panics
    /// It has none, or that does not stop.
    pub fn stop(&mut self) {
        self.own.as_mut().expect("it has a server of its own").stop().expect("the server stops");
    }

    /// Starts its own server again.
    ///
    /// # Panics
    /// It has none, or that does not start.
    pub fn resume(&mut self) {
        self.own.as_mut().expect("it has a server of its own").resume().expect("the server starts");
    }

    /// Where it is, as `--data` takes it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The socket of its server, and its name there.
    ///
    /// # Panics
    /// The server listens elsewhere.
    pub fn socket(&self) -> (PathBuf, String) {
        let rest = self.url.strip_prefix("postgres:///").expect("the server listens on a socket");
        let (name, options) = rest.split_once('?').expect("a socket lies in a folder");
        let folder = options.split('&').find_map(|option| option.strip_prefix("host=")).expect("it is named");
        (PathBuf::from(folder).join(".s.PGSQL.5432"), name.to_owned())
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
