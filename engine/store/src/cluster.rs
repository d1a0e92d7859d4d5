//! A PostgreSQL server of one's own in a temporary folder, for tests and for measuring: it listens on a socket in that
//! folder only, and is stopped and removed when dropped. PostgreSQL refuses to run as root; root runs it as `postgres`,
//! or as `nobody` where there is none.

use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double};

use crate::Place;

/// How long the server may take to start.
const START_MAX: Duration = Duration::from_secs(30);
/// How long the server may take to stop.
const STOP_MAX: Duration = Duration::from_secs(30);
/// Between two looks at a server that starts or stops.
const LOOK: Duration = Duration::from_millis(10);

/// What the server is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Tests: nothing survives the machine, so nothing is flushed.
    Testing,
    /// Measuring: flushed as an installation's would be.
    Measuring,
}

/// A server that goes when this does.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    programs: PathBuf,
    user: Option<User>,
    purpose: Purpose,
    server: Option<Child>,
}

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// PostgreSQL is not on this machine.
    #[error("PostgreSQL is not installed: there is no initdb in PATH or /usr/lib/postgresql")]
    NotInstalled,
    /// It cannot run as root, and there is nobody else to run it as.
    #[error("PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody")]
    NobodyToRunIt,
    /// The folder, or a program, could not be used.
    #[error("the server in {folder} could not be made: {cause}")]
    Machine {
        /// Where.
        folder: String,
        /// What the operating system said.
        cause: String,
    },
    /// The server did not start or stop; what it said.
    #[error("the server at {folder} is not as it should be: {cause}")]
    Server {
        /// Where.
        folder: String,
        /// What it said.
        cause: String,
    },
}

/// Whom the server runs as, where it is not oneself.
#[derive(Clone, Copy, Debug)]
struct User {
    id: u32,
    group: u32,
}

impl Cluster {
    /// Makes a server and starts it.
    ///
    /// # Errors
    /// PostgreSQL is not there, or does not do as it is told.
    pub fn start(purpose: Purpose) -> Result<Cluster, ClusterError> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let made = MADE.fetch_add(1, Ordering::Relaxed);
        // A short name: the path of a socket holds a hundred bytes.
        let folder = std::env::temp_dir().join(format!("tiaoli-pg-{}-{made}", std::process::id()));
        let programs = programs().ok_or(ClusterError::NotInstalled)?;
        let user = user(&folder)?;
        let mut cluster = Cluster { folder, programs, user, purpose, server: None };
        cluster.make()?;
        cluster.resume()?;
        Ok(cluster)
    }

    /// Starts a server that was stopped.
    ///
    /// # Errors
    /// It does not start; what it said.
    pub fn resume(&mut self) -> Result<(), ClusterError> {
        let log = fs::File::create(self.folder.join("log")).map_err(|cause| self.machine(&cause))?;
        let flushed = match self.purpose {
            Purpose::Testing => "off",
            Purpose::Measuring => "on",
        };
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.folder.join("data")).arg("-k").arg(&self.folder).args(["-h", ""]);
        for setting in [
            format!("fsync={flushed}"),
            format!("full_page_writes={flushed}"),
            "shared_buffers=128MB".to_owned(),
            "max_wal_size=4GB".to_owned(),
            "max_connections=200".to_owned(),
            // What a transaction changed can be read from the log then, which costs log.
            format!("wal_level={}", if self.purpose == Purpose::Testing { "logical" } else { "replica" }),
            "log_min_messages=fatal".to_owned(),
        ] {
            command.arg("-c").arg(setting);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.server = Some(command.spawn().map_err(|cause| self.machine(&cause))?);
        let began = Instant::now();
        while PgConnection::establish(&self.url_of("postgres")).is_err() {
            let ended = self.server.as_mut().is_some_and(|server| !matches!(server.try_wait(), Ok(None)));
            if ended || began.elapsed() > START_MAX {
                return Err(self.wrong(fs::read_to_string(self.folder.join("log")).unwrap_or_default()));
            }
            std::thread::sleep(LOOK);
        }
        Ok(())
    }

    /// Stops the server at once; every connection ends.
    ///
    /// # Errors
    /// It does not stop.
    pub fn stop(&mut self) -> Result<(), ClusterError> {
        let Some(mut server) = self.server.take() else { return Ok(()) };
        let told = self
            .command("pg_ctl")
            .args(["stop", "--no-wait", "-m", "fast", "-D"])
            .arg(self.folder.join("data"))
            .output();
        told.map_err(|cause| self.machine(&cause))?;
        let began = Instant::now();
        loop {
            match server.try_wait() {
                Ok(Some(_)) => return Ok(()),
                Ok(None) if began.elapsed() > STOP_MAX => {
                    let killed = server.kill().and_then(|()| server.wait());
                    return Err(self.wrong(format!("it did not stop, and was killed: {killed:?}")));
                }
                Ok(None) => std::thread::sleep(LOOK),
                Err(cause) => return Err(self.machine(&cause)),
            }
        }
    }

    /// The server as the address of one of its databases, which need not be there yet.
    pub fn url_of(&self, database: &str) -> String {
        format!("postgres:///{database}?host={}&user={OWNER}", self.folder.display())
    }

    fn make(&self) -> Result<(), ClusterError> {
        let prepared = fs::create_dir(&self.folder)
            .and_then(|()| fs::set_permissions(&self.folder, fs::Permissions::from_mode(0o755)))
            .and_then(|()| match self.user {
                Some(user) => chown(&self.folder, Some(user.id), Some(user.group)),
                None => Ok(()),
            });
        prepared.map_err(|cause| self.machine(&cause))?;
        let made = self
            .command("initdb")
            .args(["--no-sync", "--no-instructions", "-A", "trust", "-U", OWNER, "-E", "UTF8", "--locale=C", "-D"])
            .arg(self.folder.join("data"))
            .output()
            .map_err(|cause| self.machine(&cause))?;
        if made.status.success() { Ok(()) } else { Err(self.wrong(String::from_utf8_lossy(&made.stderr).into_owned())) }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = self.as_user(&self.programs.join(program));
        // Whatever speaks to the test's server must not be led to another one.
        for variable in ["PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGSERVICE", "PGOPTIONS"] {
            command.env_remove(variable);
        }
        command.env("LC_ALL", "C");
        command
    }

    /// A program run as whoever the server runs as.
    fn as_user(&self, program: &Path) -> Command {
        let mut command = match self.user {
            // The server ends with the thread that started it, however that ends.
            Some(user) => {
                let mut command = Command::new("setpriv");
                command.args([format!("--reuid={}", user.id), format!("--regid={}", user.group)]);
                command.args(["--clear-groups", "--pdeathsig=INT", "--"]).arg(program);
                command
            }
            None => Command::new(program),
        };
        command.current_dir("/");
        command
    }

    fn machine(&self, cause: &io::Error) -> ClusterError {
        ClusterError::Machine { folder: self.folder.display().to_string(), cause: cause.to_string() }
    }

    fn wrong(&self, cause: String) -> ClusterError {
        ClusterError::Server { folder: self.folder.display().to_string(), cause: cause.trim().to_owned() }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Err(cause) = self.stop() {
            tracing::error!(%cause, "a server of one's own stays behind");
        }
        if let Err(cause) = fs::remove_dir_all(&self.folder) {
            tracing::error!(%cause, "the folder of a server of one's own stays behind");
        }
    }
}

/// Makes an empty database on a server, given as the address of another database of it; gives the new one's address.
///
/// # Errors
/// The server does not make it.
pub fn new_database(beside: &str, name: &str) -> Result<String, ClusterError> {
    asked(beside, |connection| connection.batch_execute(&format!("CREATE DATABASE {name}")))?;
    let (before, asked) = beside.split_once('?').map_or((beside, None), |(before, asked)| (before, Some(asked)));
    let server = before.rsplit_once('/').map_or(before, |(server, _)| server);
    let asked = asked.map_or_else(String::new, |asked| format!("?{asked}"));
    Ok(format!("{server}/{name}{asked}"))
}

/// Drops a database that nobody uses any more.
///
/// # Errors
/// The server does not drop it.
pub fn drop_database(beside: &str, name: &str) -> Result<(), ClusterError> {
    asked(beside, |connection| connection.batch_execute(&format!("DROP DATABASE {name}")))
}

/// Whether a database has no table.
///
/// # Errors
/// It cannot be asked.
pub fn is_empty(database: &str) -> Result<bool, ClusterError> {
    let tables = "SELECT count(*) FROM pg_stat_user_tables";
    Ok(asked(database, |connection| {
        diesel::select(sql::<BigInt>(&format!("({tables})"))).get_result::<i64>(connection)
    })? == 0)
}

/// What was written to a database.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Written {
    /// Rows inserted, updated and deleted, those of timers, outbox, notifications and orders to many apart.
    pub rows: f64,
    /// Bytes of the server's write-ahead log, whoever wrote them.
    pub log_bytes: f64,
}

impl Written {
    /// What came after an earlier reading.
    pub fn since(self, before: Written) -> Written {
        Written { rows: self.rows - before.rows, log_bytes: self.log_bytes - before.log_bytes }
    }

    /// The share of one of so many.
    pub fn per(self, many: u64) -> Written {
        Written { rows: self.rows / many as f64, log_bytes: self.log_bytes / many as f64 }
    }
}

/// What was written so far. Sessions tell what they wrote when they end at the latest.
///
/// # Errors
/// The server cannot be asked.
pub fn written(database: &str) -> Result<Written, ClusterError> {
    const ROWS: &str = "(SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::float8 FROM pg_stat_user_tables \
        WHERE relname NOT IN ('wake', 'outbox', 'notification', 'batch_line', 'awaited'))";
    const LOG: &str = "(pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0'))::float8";
    let (rows, log_bytes) = asked(database, |connection| {
        diesel::select((sql::<Double>(ROWS), sql::<Double>(LOG))).get_result::<(f64, f64)>(connection)
    })?;
    Ok(Written { rows, log_bytes })
}

/// The bytes that a database takes on the server's disk.
///
/// # Errors
/// The server cannot be asked.
pub fn bytes(database: &str) -> Result<u64, ClusterError> {
    let bytes = asked(database, |connection| {
        diesel::select(sql::<BigInt>("pg_database_size(current_database())")).get_result::<i64>(connection)
    })?;
    Ok(u64::try_from(bytes).unwrap_or(0))
}

fn asked<T>(database: &str, what: impl FnOnce(&mut PgConnection) -> QueryResult<T>) -> Result<T, ClusterError> {
    let wrong = |cause: String| ClusterError::Server { folder: Place::from(database).to_string(), cause };
    let mut connection = PgConnection::establish(database).map_err(|cause| wrong(cause.to_string()))?;
    what(&mut connection).map_err(|cause| wrong(cause.to_string()))
}

/// The database's superuser.
const OWNER: &str = "tiaoli";

/// Where a program of PostgreSQL is, such as `pg_dump`; nothing where it is not on this machine.
pub fn program(name: &str) -> Option<PathBuf> {
    folders().into_iter().map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// The folder of the server's programs.
fn programs() -> Option<PathBuf> {
    let holds = |folder: &PathBuf| ["initdb", "postgres", "pg_ctl"].iter().all(|name| folder.join(name).is_file());
    folders().into_iter().find(holds)
}

/// The folders of PATH, then those that Debian has put beside it, the newest first.
fn folders() -> Vec<PathBuf> {
    let in_path =
        std::env::var_os("PATH").into_iter().flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let mut debian: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    debian.sort();
    in_path.chain(debian.into_iter().rev()).collect()
}

/// Whom to run the server as: oneself, or somebody else where one is root.
fn user(folder: &Path) -> Result<Option<User>, ClusterError> {
    let machine = |cause: String| ClusterError::Machine { folder: folder.display().to_string(), cause };
    let asked = Command::new("id").arg("-u").output().map_err(|cause| machine(cause.to_string()))?;
    if String::from_utf8_lossy(&asked.stdout).trim() != "0" {
        return Ok(None);
    }
    let known = fs::read_to_string("/etc/passwd").map_err(|cause| machine(cause.to_string()))?;
    let find = |name: &str| {
        let line = known.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut numbers = line.split(':').skip(2).map(str::parse);
        Some(User { id: numbers.next()?.ok()?, group: numbers.next()?.ok()? })
    };
    find("postgres").or_else(|| find("nobody")).map(Some).ok_or(ClusterError::NobodyToRunIt)
}
