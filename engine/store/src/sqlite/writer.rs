//! The one thread that writes. It takes what waits, applies it in one transaction, and answers after the durable
//! commit: the more callers wait, the more share one flush. Nothing that is answered can be lost.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use diesel::connection::SimpleConnection;

use super::Connection;
use super::place::Footing;
use super::tables::apply::apply;
use crate::StoreError;
use crate::commit::Verdict;
use crate::work::{BATCH_MAX, Job, Submitted};

/// How long nothing must come before the log is folded into the file.
const IDLE: Duration = Duration::from_secs(1);

/// Something to be written.
pub(super) enum Work {
    Commit(Submitted),
    Job(Box<dyn Job<Connection>>),
}

/// Writes what comes until nothing can come any more.
pub(super) fn serve(connection: Connection, footing: Option<Footing>, waiting: Receiver<Work>) {
    Desk { connection, footing, waiting, log: Log::Folded }.serve();
}

/// Whether the write-ahead log holds what is not in the file yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Log {
    Holding,
    Folded,
}

struct Desk {
    connection: Connection,
    /// Nothing of a database in memory.
    footing: Option<Footing>,
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
        let Desk { connection, footing, waiting, .. } = self;
        connection.immediate_transaction(|connection| {
            let mut verdicts = Vec::new();
            loop {
                for work in batch.iter_mut().skip(verdicts.len()) {
                    verdicts.push(work.run(connection)?);
                }
                batch.extend(waiting.try_iter().take(limit - batch.len()));
                if batch.len() == verdicts.len() {
                    footing.as_ref().map_or(Ok(()), Footing::held)?;
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
    fn run(&mut self, connection: &mut Connection) -> Result<Verdict, StoreError> {
        match self {
            Work::Commit(submitted) => apply(connection, &submitted.commit),
            Work::Job(job) => job.run(connection).map(|()| Verdict::Won),
        }
    }

    fn answer(self, done: Result<Verdict, StoreError>) {
        match self {
            Work::Commit(submitted) => submitted.answer(done),
            Work::Job(job) => job.answer(done.map(|_| ())),
        }
    }
}
