//! The database on a PostgreSQL server: a few connections write commits, each its own shards; one writes everything
//! else; a few read. A connection that breaks is made again when it is wanted.

mod bell;
mod columns;
mod connection;
mod desk;
mod inbox;
mod migration;
mod search_text;
mod statement;
#[path = "../tables/mod.rs"]
pub(crate) mod tables;
mod transaction;
mod writer;

use crate::readers::Readers;
use crate::work::{Pending, job, submitted};
use crate::worker::Worker;
use crate::{Commit, CommitError, Loaded, Server, StoreError};

#[cfg(test)]
pub(crate) use migration::MIGRATIONS;

/// What `tables` asks.
pub(crate) type Connection = diesel::PgConnection;
/// What `tables` writes its statements for.
pub(crate) type Backend = diesel::pg::Pg;
/// Shards that are walked along together: keys begin with the shard here, so one at a time.
pub(crate) const STRETCHES: [(i16, i16); 1024] = {
    let mut stretches = [(0, 0); 1024];
    let mut shard = 0;
    while shard < 1024 {
        stretches[shard as usize] = (shard, shard);
        shard += 1;
    }
    stretches
};

/// The most connections that write commits.
const WRITERS_MAX: usize = 4;

/// How many connections write commits: one for two processors. What waits for one shares its statement, so more make the
/// batches smaller; on two processors, two connections write a quarter less than one.
fn writers() -> usize {
    std::thread::available_parallelism().map_or(1, |processors| (processors.get() / 2).clamp(1, WRITERS_MAX))
}

/// An open database.
pub(crate) struct Database {
    readers: Readers<Connection>,
    writers: Vec<Worker<writer::Desk>>,
    desk: Worker<desk::Desk>,
    /// Last, since it ends when those are gone that ring it.
    bell: bell::Bell,
}

impl Database {
    /// Opens a database that is there, with the schema up to date.
    pub(crate) fn open(server: &Server) -> Result<Database, StoreError> {
        migration::run(server)?;
        let reading = server.clone();
        let readers = Readers::open(Box::new(move || connection::open(&reading)))?;
        let (bell, rope) = bell::Bell::start(server)?;
        let writers = (0..writers())
            .map(|_| {
                let (line, rope) = (connection::Line::open(server)?, rope.clone());
                Worker::start("store-writer", writer::Desk { line, rope })
            })
            .collect::<Result<_, StoreError>>()?;
        let (line, rope) = (connection::Line::open(server)?, rope.clone());
        let desk = Worker::start("store-desk", desk::Desk { line, rope })?;
        Ok(Database { readers, writers, desk, bell })
    }

    pub(crate) fn read<T>(&self, read: impl FnOnce(&mut Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut lent = self.readers.lend()?;
        // Whether the server has closed a connection meanwhile shows only when it is used.
        if transaction::begin_reading(lent.connection()).is_err() {
            lent.renew()?;
            transaction::begin_reading(lent.connection())?;
        }
        let done = read(lent.connection());
        if transaction::end(lent.connection()).is_err() {
            lent.spoil();
        }
        done
    }

    pub(crate) fn write<T, F>(&self, write: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnMut(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let _counted = self.desk.count();
        let (ticket, job) = job(write);
        self.desk.carry_out(job);
        ticket.wait()
    }

    /// From now on this is called when another node has written something.
    pub(crate) fn on_news(&self, listener: Box<dyn Fn() + Send + Sync>) {
        self.bell.listen(listener);
    }

    /// How many writes were handed over and are not answered yet.
    pub(crate) fn unanswered(&self) -> usize {
        self.desk.unanswered() + self.writers.iter().map(Worker::unanswered).sum::<usize>()
    }

    pub(crate) fn submit(&self, commit: Box<Commit>) -> Pending {
        let writer = self.writer_of(&commit);
        let (pending, submitted) = submitted(commit, writer.count());
        writer.hand_over(submitted);
        pending
    }

    pub(crate) fn commit(&self, commit: Box<Commit>) -> Result<Loaded, CommitError> {
        let writer = self.writer_of(&commit);
        let (pending, submitted) = submitted(commit, writer.count());
        writer.carry_out(submitted);
        pending.wait()
    }

    /// All commits of an instance go through one connection, so that those which follow one another stay in order.
    fn writer_of(&self, commit: &Commit) -> &Worker<writer::Desk> {
        // A shard always has its line: there is at least one writer.
        let line = usize::from(commit.shard.unsigned_abs()) % self.writers.len();
        &self.writers[line]
    }
}
