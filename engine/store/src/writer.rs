//! The one thread that writes.

use crate::{Commit, CommitError, Store, StoreError};

/// A commit on its way to the disk.
#[derive(Debug)]
pub struct Pending(());

impl Pending {
    /// Blocks until the commit is durable, or has failed.
    ///
    /// # Errors
    /// Somebody else was faster, or the database failed.
    pub fn wait(self) -> Result<(), CommitError> {
        Err(CommitError::Broken(StoreError::Closed))
    }
}

impl Store {
    /// Queues a commit; blocks only while the queue is full.
    pub fn submit(&self, commit: Commit) -> Pending {
        let _ = commit;
        Pending(())
    }

    /// Commits and waits until it is durable.
    ///
    /// # Errors
    /// Somebody else was faster, or the database failed.
    pub fn commit(&self, commit: Commit) -> Result<(), CommitError> {
        self.submit(commit).wait()
    }
}
