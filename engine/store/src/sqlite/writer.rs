//! What writes: it applies what waits in one transaction, and answers after the durable commit: the more callers wait, the
//! more share one flush. Nothing that is answered can be lost.

use diesel::connection::SimpleConnection;

use super::Connection;
use super::place::Footing;
use super::tables::apply::apply;
use crate::StoreError;
use crate::commit::Verdict;
use crate::work::{Job, Submitted};
use crate::worker::{self, BATCH_MAX};

/// Something to be written.
pub(super) enum Work {
    Commit(Submitted),
    Job(Box<dyn Job<Connection>>),
}

/// What gives more work, at most so much.
type More<'m> = &'m mut dyn FnMut(usize) -> Vec<Work>;

/// Whether the write-ahead log holds what is not in the file yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Log {
    /// It was written to since the desk rested last.
    Growing,
    Holding,
    Folded,
}

pub(super) struct Desk {
    connection: Connection,
    /// Nothing of a database in memory.
    footing: Option<Footing>,
    log: Log,
}

impl worker::Desk for Desk {
    type Work = Work;

    fn settle(&mut self, batch: Vec<Work>, more: More<'_>) {
        self.log = Log::Growing;
        self.write(batch, BATCH_MAX, more);
    }

    /// Folds the log into the file in idle time, so that busy time need not.
    fn rest(&mut self) {
        match self.log {
            Log::Growing => self.log = Log::Holding,
            Log::Holding => self.fold(),
            Log::Folded => {}
        }
    }

    fn leave(&mut self) {
        self.fold();
    }
}

impl Desk {
    pub(super) fn new(connection: Connection, footing: Option<Footing>) -> Desk {
        Desk { connection, footing, log: Log::Folded }
    }

    /// Applies a batch, and what joins it up to `limit`, in one transaction. Where that fails, each is tried alone,
    /// so that only the culprit hears of it.
    fn write(&mut self, mut batch: Vec<Work>, limit: usize, more: More<'_>) {
        match self.transact(&mut batch, limit, more) {
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
                    self.write(vec![work], 1, more);
                }
            }
        }
    }

    /// What comes while the transaction is open joins it: the callers that the last one answered hand in their next
    /// while this one works, and so share its flush.
    fn transact(&mut self, batch: &mut Vec<Work>, limit: usize, more: More<'_>) -> Result<Vec<Verdict>, StoreError> {
        let Desk { connection, footing, log: _ } = self;
        connection.immediate_transaction(|connection| {
            let mut verdicts = Vec::new();
            loop {
                for work in batch.iter_mut().skip(verdicts.len()) {
                    verdicts.push(work.run(connection)?);
                }
                batch.extend(more(limit - batch.len()));
                if batch.len() == verdicts.len() {
                    footing.as_ref().map_or(Ok(()), Footing::held)?;
                    return Ok(verdicts);
                }
            }
        })
    }

    fn fold(&mut self) {
        if let Err(cause) = self.connection.batch_execute("PRAGMA wal_checkpoint(PASSIVE)") {
            tracing::warn!(%cause, "the log could not be folded into the file");
        }
        self.log = Log::Folded;
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
