//! What waits to be written, and the threads that write it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use crate::commit::Verdict;
use crate::ticket::{Promise, Ticket, pair};
use crate::{Commit, CommitError, Loaded, StoreError};

/// The most work that one transaction holds.
pub(crate) const BATCH_MAX: usize = 256;
/// The most work that may wait; then callers wait to hand theirs over.
const QUEUE_MAX: usize = 1_024;

/// A commit that waits. It goes back to the caller, who has the time to take it apart.
pub(crate) struct Submitted {
    pub(crate) commit: Box<Commit>,
    promise: Promise<Result<Box<Commit>, CommitError>>,
}

/// A commit on its way to the disk.
pub struct Pending {
    ticket: Ticket<Result<Box<Commit>, CommitError>>,
    _counted: Counted,
}

/// A commit that waits, and its caller's end.
pub(crate) fn submitted(commit: Commit, counted: Counted) -> (Pending, Submitted) {
    let (ticket, promise) = pair(Err(CommitError::Broken(StoreError::Closed)));
    (Pending { ticket, _counted: counted }, Submitted { commit: Box::new(commit), promise })
}

impl Pending {
    /// Blocks until the commit is durable, or has failed; gives what the instance is now.
    ///
    /// # Errors
    /// Somebody else was faster, or the database failed.
    pub fn wait(self) -> Result<Loaded, CommitError> {
        self.ticket.wait().map(|commit| commit.after)
    }
}

impl Submitted {
    pub(crate) fn answer(self, done: Result<Verdict, StoreError>) {
        self.promise.keep(match done {
            Ok(Verdict::Won) => Ok(self.commit),
            Ok(Verdict::Lost) => Err(CommitError::Lost),
            Err(cause) => Err(CommitError::Broken(cause)),
        });
    }
}

/// A write other than a commit. It may be run more than once: in a batch that fails for somebody else's sake, then
/// alone; and where what it read has changed meanwhile.
pub(crate) trait Job<C>: Send {
    fn run(&mut self, connection: &mut C) -> Result<(), StoreError>;
    fn answer(self: Box<Self>, done: Result<(), StoreError>);
}

struct Writing<T, F> {
    write: F,
    result: Option<T>,
    promise: Promise<Result<T, StoreError>>,
}

impl<C, T, F> Job<C> for Writing<T, F>
where
    T: Send,
    F: FnMut(&mut C) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, connection: &mut C) -> Result<(), StoreError> {
        self.result = Some((self.write)(connection)?);
        Ok(())
    }

    fn answer(self: Box<Self>, done: Result<(), StoreError>) {
        let Writing { result, promise, .. } = *self;
        promise.keep(done.and_then(|()| result.ok_or(StoreError::Closed)));
    }
}

/// A job, and its caller's end.
pub(crate) fn job<C, T, F>(write: F) -> (Ticket<Result<T, StoreError>>, Box<dyn Job<C>>)
where
    T: Send + 'static,
    F: FnMut(&mut C) -> Result<T, StoreError> + Send + 'static,
{
    let (ticket, promise) = pair(Err(StoreError::Closed));
    (ticket, Box::new(Writing { write, result: None, promise }))
}

/// Somebody who waits for a worker's answer counts as long as this lives.
pub(crate) struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A thread that works off a queue, seen from outside. Dropped, it lets the thread finish what waits.
pub(crate) struct Worker<W> {
    waiting: Arc<AtomicUsize>,
    queue: Option<SyncSender<W>>,
    thread: Option<JoinHandle<()>>,
}

impl<W: Send + 'static> Worker<W> {
    /// Starts the thread; `serve` ends when the queue does.
    pub(crate) fn start(name: &str, serve: impl FnOnce(Receiver<W>) + Send + 'static) -> Result<Worker<W>, StoreError> {
        let (queue, waiting) = sync_channel(QUEUE_MAX);
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || serve(waiting))
            .map_err(|cause| StoreError::Database(format!("the writer cannot start: {cause}")))?;
        Ok(Worker { waiting: Arc::default(), queue: Some(queue), thread: Some(thread) })
    }

    /// From now on somebody waits for an answer.
    pub(crate) fn count(&self) -> Counted {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Counted(self.waiting.clone())
    }

    /// How many wait for an answer.
    pub(crate) fn unanswered(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Work that cannot be handed over is dropped, and its promise tells the caller that the store is closed.
    pub(crate) fn hand_over(&self, work: W) {
        if let Some(queue) = &self.queue {
            let _ = queue.send(work);
        }
    }
}

impl<W> Drop for Worker<W> {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the writer had panicked");
        }
    }
}
