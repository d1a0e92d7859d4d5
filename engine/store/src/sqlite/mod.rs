//! The database in one SQLite file, or in memory: one connection writes, a few read.

mod connection;
mod inbox;
mod picture;
mod place;
mod search_text;
#[path = "../tables/mod.rs"]
pub(crate) mod tables;
mod writer;

use std::fs::File;
use std::path::Path;

use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;

use crate::readers::Readers;
use crate::work::{Pending, job, submitted};
use crate::worker::Worker;
use crate::{Commit, CommitError, Loaded, StoreError};

use place::Footing;
use writer::{Desk, Work};

pub(crate) use connection::file_of;

#[cfg(test)]
pub(crate) use connection::MIGRATIONS;

/// What `tables` asks.
pub(crate) type Connection = diesel::SqliteConnection;
/// What `tables` writes its statements for.
pub(crate) type Backend = diesel::sqlite::Sqlite;
/// Shards that are walked along together: keys begin with the instance here, so all of them at once.
pub(crate) const STRETCHES: [(i16, i16); 1] = [(0, i16::MAX)];

/// An open database.
pub(crate) struct Database {
    readers: Readers<Connection>,
    writer: Worker<Desk>,
    home: Home,
}

/// Where the database is. A copy goes to the disk from either.
#[derive(Clone, Copy)]
enum Home {
    Disk,
    Memory,
}

impl Database {
    /// Opens a file, or makes it, with the schema up to date.
    pub(crate) fn open(path: &Path) -> Result<Database, StoreError> {
        let file = connection::file_of(path);
        let writing = connection::writer(&file)?;
        let footing = Footing::of(&file);
        Database::start(Home::Disk, writing, Some(footing), Box::new(move || connection::reader(&file)))
    }

    /// Opens a database in memory by its name. It is there as long as somebody has it open in this process.
    pub(crate) fn in_memory(name: &str) -> Result<Database, StoreError> {
        let name = connection::memory(name);
        let writing = connection::writer_in_memory(&name)?;
        Database::start(Home::Memory, writing, None, Box::new(move || connection::reader_in_memory(&name)))
    }

    fn start(
        home: Home,
        writing: Connection,
        footing: Option<Footing>,
        read: Box<dyn Fn() -> Result<Connection, StoreError> + Send + Sync>,
    ) -> Result<Database, StoreError> {
        let readers = Readers::open(read)?;
        let writer = Worker::start("store-writer", Desk::new(writing, footing))?;
        Ok(Database { readers, writer, home })
    }

    pub(crate) fn read<T>(&self, read: impl FnOnce(&mut Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut lent = self.readers.lend()?;
        picture::Begin.execute(lent.connection())?;
        let done = read(lent.connection());
        if picture::End.execute(lent.connection()).is_err() {
            lent.spoil();
        }
        done
    }

    /// A copy of the whole in one consistent picture. The connection may not write, and `VACUUM INTO` counts as writing,
    /// though it writes elsewhere; so it is allowed to for so long.
    pub(crate) fn copy_to(&self, file: &Path) -> Result<(), StoreError> {
        let cannot = |cause: &dyn std::fmt::Display| StoreError::CannotOpen {
            path: file.display().to_string(),
            cause: cause.to_string(),
        };
        let name = file.to_str().ok_or_else(|| cannot(&"its name is not text"))?;
        let name = match self.home {
            Home::Disk => name.to_owned(),
            Home::Memory => connection::on_disk(name),
        };
        let mut lent = self.readers.lend()?;
        let reader = lent.connection();
        let copied = reader
            .batch_execute("PRAGMA query_only = OFF")
            .and_then(|()| diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(name).execute(reader));
        if reader.batch_execute("PRAGMA query_only = ON").is_err() {
            lent.spoil();
        }
        copied?;
        let flushed = File::options().read(true).write(true).open(file).and_then(|copy| copy.sync_all());
        flushed.map_err(|cause| cannot(&cause))
    }

    /// How many writes were handed over and are not answered yet.
    pub(crate) fn unanswered(&self) -> usize {
        self.writer.unanswered()
    }

    pub(crate) fn write<T, F>(&self, write: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnMut(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let _counted = self.writer.count();
        let (ticket, job) = job(write);
        self.writer.carry_out(Work::Job(job));
        ticket.wait()
    }

    pub(crate) fn submit(&self, commit: Box<Commit>) -> Pending {
        let (pending, submitted) = submitted(commit, self.writer.count());
        self.writer.hand_over(Work::Commit(submitted));
        pending
    }

    pub(crate) fn commit(&self, commit: Box<Commit>) -> Result<Loaded, CommitError> {
        let (pending, submitted) = submitted(commit, self.writer.count());
        self.writer.carry_out(Work::Commit(submitted));
        pending.wait()
    }
}
