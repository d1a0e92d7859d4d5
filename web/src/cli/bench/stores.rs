//! Where the bench keeps its records: a new file, or a new database, for each run.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};

use store::Place;
use store::cluster::{self, Cluster, Purpose, Written};

use crate::cli::Failure;

/// Where records are kept, as it is asked for.
#[derive(Clone, Debug)]
pub(super) enum Kept {
    /// In SQLite files.
    Sqlite,
    /// On a PostgreSQL server of the bench's own.
    OwnServer,
    /// On a server that is there.
    Server(String),
}

impl FromStr for Kept {
    type Err = String;

    fn from_str(text: &str) -> Result<Kept, String> {
        match (text, Place::from(text)) {
            ("sqlite", _) => Ok(Kept::Sqlite),
            ("postgres", _) => Ok(Kept::OwnServer),
            (_, Place::Server(_)) => Ok(Kept::Server(text.to_owned())),
            (_, Place::File(_) | Place::Memory(_)) => Err("sqlite, postgres or postgres://…".to_owned()),
        }
    }
}

/// Makes stores for runs.
pub(super) enum Stores {
    Files(PathBuf),
    Server {
        /// The address of a database beside which others are made.
        beside: String,
        /// The server, where it is the bench's own; it goes with this.
        _own: Option<Cluster>,
    },
}

impl Stores {
    pub(super) fn of(kept: &Kept, folder: &Path) -> Result<Stores, Failure> {
        match kept {
            Kept::Sqlite => Ok(Stores::Files(folder.to_owned())),
            Kept::OwnServer => {
                let cluster = Cluster::start(Purpose::Measuring)?;
                Ok(Stores::Server { beside: cluster.url_of("postgres"), _own: Some(cluster) })
            }
            Kept::Server(url) if cluster::is_empty(url)? => Ok(Stores::Server { beside: url.clone(), _own: None }),
            Kept::Server(url) => {
                Err(format!("{} holds something: the bench wants an empty one", Place::from(url.as_str())).into())
            }
        }
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Stores::Files(_) => "sqlite",
            Stores::Server { .. } => "postgres",
        }
    }

    /// One run on a new store, and what it left behind.
    pub(super) fn on_new<T>(&self, run: impl FnOnce(&Place) -> Result<T, Failure>) -> Result<(T, Left), Failure> {
        match self {
            Stores::Files(folder) => in_new_folder(folder, |folder| run(&Place::File(folder.to_owned()))),
            Stores::Server { beside, .. } => on_new_database(beside, |url| run(&Place::from(url))),
        }
    }
}

/// What a run left behind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Left {
    /// What it wrote, where that is counted.
    pub(super) written: Option<Written>,
    /// The bytes on disk: of the files in the folder, whose log is folded in since nobody has them open; of the database,
    /// without those of an empty one.
    pub(super) bytes: u64,
}

fn in_new_folder<T>(folder: &Path, run: impl FnOnce(&Path) -> Result<T, Failure>) -> Result<(T, Left), Failure> {
    let folder = folder.join(fresh());
    std::fs::create_dir_all(&folder)?;
    let done = run(&folder)?;
    let mut bytes = 0;
    for file in std::fs::read_dir(&folder)? {
        bytes += file?.metadata()?.len();
    }
    std::fs::remove_dir_all(&folder)?;
    Ok((done, Left { written: None, bytes }))
}

fn on_new_database<T>(beside: &str, run: impl FnOnce(&str) -> Result<T, Failure>) -> Result<(T, Left), Failure> {
    let name = fresh();
    let url = cluster::new_database(beside, &name)?;
    let measured = measured(&url, run);
    cluster::drop_database(beside, &name)?;
    measured
}

fn measured<T>(url: &str, run: impl FnOnce(&str) -> Result<T, Failure>) -> Result<(T, Left), Failure> {
    let (written, bytes) = (cluster::written(url)?, cluster::bytes(url)?);
    let done = run(url)?;
    let written = Some(cluster::written(url)?.since(written));
    Ok((done, Left { written, bytes: cluster::bytes(url)?.saturating_sub(bytes) }))
}

/// A name that was not used yet.
fn fresh() -> String {
    static MADE: AtomicU32 = AtomicU32::new(0);
    format!("tiaoli_bench_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed))
}
