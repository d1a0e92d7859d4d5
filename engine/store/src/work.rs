//! What waits to be written, and the answers to those who wait for it.

use crate::commit::Verdict;
use crate::ticket::{Promise, Ticket, pair};
use crate::worker::Counted;
use crate::{Commit, CommitError, Loaded, StoreError};

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
pub(crate) fn submitted(commit: Box<Commit>, counted: Counted) -> (Pending, Submitted) {
    let (ticket, promise) = pair(Err(CommitError::Broken(StoreError::Closed)));
    (Pending { ticket, _counted: counted }, Submitted { commit, promise })
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
