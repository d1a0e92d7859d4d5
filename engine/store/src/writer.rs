//! The one thread that writes. It takes what waits, applies it in one transaction, and answers after the durable
//! commit: the more callers wait, the more share one flush. Nothing that is answered can be lost.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use crate::apply::{Verdict, apply};
use crate::ticket::{Promise, Ticket, pair};
use crate::{Commit, CommitError, Loaded, Store, StoreError};

/// The most work that one transaction holds.
const BATCH_MAX: usize = 256;
/// The most work that may wait; then callers wait to hand theirs over.
const QUEUE_MAX: usize = 1_024;
/// How long nothing must come before the log is folded into the file.
const IDLE: Duration = Duration::from_secs(1);

/// Something to be written.
enum Work {
    /// It goes back to the caller, who has the time to take it apart.
    Commit(Box<Commit>, Promise<Result<Box<Commit>, CommitError>>),
    Job(Box<dyn Job>),
}

/// A write other than a commit. It may be run twice: in a batch that fails for somebody else's sake, then alone.
trait Job: Send {
    fn run(&mut self, connection: &mut SqliteConnection) -> Result<(), StoreError>;
    fn answer(self: Box<Self>, done: Result<(), StoreError>);
}

struct Writing<T, F> {
    write: F,
    result: Option<T>,
    promise: Promise<Result<T, StoreError>>,
}

impl<T, F> Job for Writing<T, F>
where
    T: Send,
    F: FnMut(&mut SqliteConnection) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        self.result = Some((self.write)(connection)?);
        Ok(())
    }

    fn answer(self: Box<Self>, done: Result<(), StoreError>) {
        let Writing { result, promise, .. } = *self;
        promise.keep(done.and_then(|()| result.ok_or(StoreError::Closed)));
    }
}

/// A commit on its way to the disk.
pub struct Pending(Ticket<Result<Box<Commit>, CommitError>>);

impl Pending {
    /// Blocks until the commit is durable, or has failed; gives what the instance is now.
    ///
    /// # Errors
    /// Somebody else was faster, or the database failed.
    pub fn wait(self) -> Result<Loaded, CommitError> {
        self.0.wait().map(|commit| commit.after)
    }
}

impl Store {
    /// Queues a commit; blocks only while the queue is full.
    pub fn submit(&self, commit: Commit) -> Pending {
        let (ticket, promise) = pair(Err(CommitError::Broken(StoreError::Closed)));
        self.writer().hand_over(Work::Commit(Box::new(commit), promise));
        Pending(ticket)
    }

    /// Commits and waits until it is durable.
    ///
    /// # Errors
    /// Somebody else was faster, or the database failed.
    pub fn commit(&self, commit: Commit) -> Result<Loaded, CommitError> {
        self.submit(commit).wait()
    }

    /// Writes something else in the writer's thread and waits until it is durable. `write` may be run twice.
    pub(crate) fn write<T, F>(&self, write: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnMut(&mut SqliteConnection) -> Result<T, StoreError> + Send + 'static,
    {
        let (ticket, promise) = pair(Err(StoreError::Closed));
        self.writer().hand_over(Work::Job(Box::new(Writing { write, result: None, promise })));
        ticket.wait()
    }
}

/// The writer's thread, seen from outside. Dropped, it lets the thread finish what waits.
pub(crate) struct Writer {
    queue: Option<SyncSender<Work>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(crate) fn start(connection: SqliteConnection) -> Result<Writer, StoreError> {
        let (queue, waiting) = sync_channel(QUEUE_MAX);
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || Desk { connection, waiting, log: Log::Folded }.serve())
            .map_err(|cause| StoreError::Database(format!("the writer cannot start: {cause}")))?;
        Ok(Writer { queue: Some(queue), thread: Some(thread) })
    }

    /// Work that cannot be handed over is dropped, and its promise tells the caller that the store is closed.
    fn hand_over(&self, work: Work) {
        if let Some(queue) = &self.queue {
            let _ = queue.send(work);
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the writer had panicked");
        }
    }
}

/// Whether the write-ahead log holds what is not in the file yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Log {
    Holding,
    Folded,
}

struct Desk {
    connection: SqliteConnection,
    waiting: Receiver<Work>,
    log: Log,
}

impl Desk {
    fn serve(mut self) {
        loop {
            match self.waiting.recv_timeout(IDLE) {
                Ok(first) => {
                    self.log = Log::Holding;
                    self.settle(vec![first], BATCH_MAX);
                }
                Err(RecvTimeoutError::Timeout) => self.fold(),
                Err(RecvTimeoutError::Disconnected) => return self.fold(),
            }
        }
    }

    /// Applies a batch, and what joins it up to `limit`, in one transaction. Where that fails, each is tried alone,
    /// so that only the culprit hears of it.
    fn settle(&mut self, mut batch: Vec<Work>, limit: usize) {
        match self.transact(&mut batch, limit) {
            Ok(verdicts) => {
                for (work, verdict) in batch.into_iter().zip(verdicts) {
                    work.answer(Ok(verdict));
                }
            }
            Err(cause) if batch.len() == 1 => {
                tracing::error!(%cause, "a write failed");
                for work in batch {
                    work.answer(Err(cause.clone()));
                }
            }
            Err(cause) => {
                tracing::warn!(%cause, "a batch of {} writes failed and is tried one by one", batch.len());
                for work in batch {
                    self.settle(vec![work], 1);
                }
            }
        }
    }

    /// What comes while the transaction is open joins it: the callers that the last one answered hand in their next
    /// while this one works, and so share its flush.
    fn transact(&mut self, batch: &mut Vec<Work>, limit: usize) -> Result<Vec<Verdict>, StoreError> {
        let Desk { connection, waiting, .. } = self;
        connection.immediate_transaction(|connection| {
            let mut verdicts = Vec::new();
            loop {
                for work in batch.iter_mut().skip(verdicts.len()) {
                    verdicts.push(work.run(connection)?);
                }
                batch.extend(waiting.try_iter().take(limit - batch.len()));
                if batch.len() == verdicts.len() {
                    return Ok(verdicts);
                }
            }
        })
    }

    /// Folds the log into the file in idle time, so that busy time need not.
    fn fold(&mut self) {
        match self.log {
            Log::Folded => {}
            Log::Holding => {
                if let Err(cause) = self.connection.batch_execute("PRAGMA wal_checkpoint(PASSIVE)") {
                    tracing::warn!(%cause, "the log could not be folded into the file");
                }
                self.log = Log::Folded;
            }
        }
    }
}

impl Work {
    fn run(&mut self, connection: &mut SqliteConnection) -> Result<Verdict, StoreError> {
        match self {
            Work::Commit(commit, _) => apply(connection, commit),
            Work::Job(job) => job.run(connection).map(|()| Verdict::Won),
        }
    }

    fn answer(self, done: Result<Verdict, StoreError>) {
        match self {
            Work::Commit(commit, promise) => promise.keep(match done {
                Ok(Verdict::Won) => Ok(commit),
                Ok(Verdict::Lost) => Err(CommitError::Lost),
                Err(cause) => Err(CommitError::Broken(cause)),
            }),
            Work::Job(job) => job.answer(done.map(|_| ())),
        }
    }
}
