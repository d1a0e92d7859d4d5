//! Where it is kept: diesel over SQLite, one writer that commits in batches, reads for the pages.
//!
//! A [`Commit`] is worked out in its caller's thread: the new state as a document, the facts chained by hash, what
//! changed in the lists. The writer applies what waits in one transaction; each commit wins or loses alone by the
//! revision and the chain's head that it was decided upon, and is answered only after the flush that covers it.
//! Reads go through a few connections that cannot write, and give plain structs. No diesel type is public.

#![expect(clippy::duplicate_mod, reason = "what is asked of the tables is compiled once for each database")]

mod access_tokens;
mod accounts;
mod address;
#[cfg(test)]
mod agreement;
mod audit;
mod awaited;
mod batches;
mod cases;
pub mod ceiling;
pub mod ceiling_timers;
mod chain;
mod check;
pub mod cluster;
mod commit;
mod content;
mod definitions;
mod dispatch;
mod document;
mod erasure;
mod error;
mod files;
mod four_eyes;
mod heads;
pub mod heap;
mod inbox;
mod instances;
mod leases;
mod measured;
mod numbers;
mod outbox;
mod packed;
mod people;
mod place;
mod postgres;
mod preferences;
mod pressure;
mod projection;
mod readers;
mod registers;
mod retention;
mod saved_views;
mod schema;
mod searched;
mod shard;
mod snoozed;
mod sqlite;
mod starts;
mod ticket;
mod watch;
mod work;
mod worker;

use std::path::Path;
use std::sync::Arc;

pub use access_tokens::{AccessTokenId, AccessTokenRow, NewAccessToken, Revoked};
pub use accounts::SessionRow;
pub use audit::{AuditArea, AuditEntry, AuditFilter, AuditNews, AuditRow, AuditWhat};
pub use awaited::{JOBS_MAX, Life, WAITING_PAGE_MAX};
pub use batches::{
    BATCH_LINES_MAX, BATCHES_MAX, BatchId, BatchLine, BatchRow, BatchState, ClaimedBatch, LineFilter, LineOutcome,
    NewBatch,
};
pub use cases::{CASES_PAGE_MAX, CaseFilter, CaseQuery, CaseRow, CaseStatus};
pub use chain::{EventRow, GENESIS};
pub use check::{Astray, Checked, Definitions, Finding};
pub use commit::{Commit, CommitError, Loaded};
pub use definitions::{DefinitionRow, DeployError, Deployed, Deployment, NumberTaken, StoredDefinition};
pub use erasure::{CannotErase, EraseError, Erasure};
pub use error::{Outage, StoreError};
pub use files::FileBytes;
pub use four_eyes::{FourEyes, FourEyesSetting, TwoEyes};
pub use heads::{AuditHead, Heads, RecordHead};
pub use inbox::{
    INBOX_COUNT_MAX, INBOX_PAGE_MAX, InboxCounts, InboxCursor, InboxQuery, InboxRow, InboxView, NotACursor,
};
pub use instances::{HistoryEntry, RUNNING_PAGE_MAX};
pub use leases::{SLICES, Seen, Share, Slice, SliceLease};
pub use measured::{MEASURED_PAGE_MAX, MeasuredQuery, MeasuredRecord, MeasuredRow, Unmeasured};
pub use numbers::NO_YEAR;
pub use outbox::{GiveUp, NotAKey, Notice, NoticeDelivery, Notification, OutboxKey, OutboxRow, UndeliveredRow};
pub use people::{PersonRow, PersonState};
pub use place::{Place, Server};
pub use pressure::Pressure;
pub use registers::{EntryCause, EntryChange, EntryOrderRow, EntryRevision, RegisterDeployment};
pub use retention::{HoldId, HoldOrder, HoldRow, OverRow, Released, RemovedRecord, Term};
pub use saved_views::{NewView, SAVED_VIEWS_MAX, SavedView, SavedViewId};
pub use searched::{FOUND_MAX, Needle, SearchQuery, SearchedRecord, Unsearched};
pub use snoozed::{SNOOZED_MAX, Snooze, Snoozed};
pub use starts::CurrentVersion;
pub use watch::{WATCHED_MAX, WATCHERS_MAX, Watched};
pub use work::Pending;

/// The database of an installation. Cheap to clone; everything it does blocks. The last clone to go lets the writer
/// finish what waits.
#[derive(Clone)]
pub struct Store(Arc<Database>);

/// The database that is open.
enum Database {
    Sqlite(sqlite::Database),
    Postgres(postgres::Database),
}

impl Store {
    /// Opens the database at a place, makes it where there is none, brings its schema up to date and starts the
    /// writers. Of a folder it is the file `tiaoli.sqlite` in it; a server must have the database already, if empty.
    ///
    /// # Errors
    /// The file cannot be opened, the server cannot be reached, or the schema cannot be migrated.
    pub fn open(place: impl Into<Place>) -> Result<Store, StoreError> {
        let database = match place.into() {
            Place::File(path) => Database::Sqlite(sqlite::Database::open(&path)?),
            Place::Memory(name) => Database::Sqlite(sqlite::Database::in_memory(&name)?),
            Place::Server(server) => Database::Postgres(postgres::Database::open(&server)?),
        };
        Ok(Store(Arc::new(database)))
    }

    /// Queues a commit; blocks only while the queue is full.
    pub fn submit(&self, commit: impl Into<Box<Commit>>) -> Pending {
        let commit = commit.into();
        match self.database() {
            Database::Sqlite(database) => database.submit(commit),
            Database::Postgres(database) => database.submit(commit),
        }
    }

    /// Commits and waits until it is durable.
    ///
    /// # Errors
    /// Somebody else was faster, or the database failed.
    pub fn commit(&self, commit: impl Into<Box<Commit>>) -> Result<Loaded, CommitError> {
        let commit = commit.into();
        match self.database() {
            Database::Sqlite(database) => database.commit(commit),
            Database::Postgres(database) => database.commit(commit),
        }
    }

    /// Writes a copy of the database as of now to a file that is not there yet, and flushes it to the disk. Everything
    /// that was answered before the call is in it. Writers go on meanwhile.
    ///
    /// # Errors
    /// It is on a server, which has tools of its own for that; or the database or the disk failed, and what was written
    /// by then stays where it is.
    pub fn copy_to(&self, file: &Path) -> Result<(), StoreError> {
        match self.database() {
            Database::Sqlite(database) => database.copy_to(file),
            Database::Postgres(_) => Err(StoreError::OnAServer),
        }
    }

    /// From now on this is called soon after another node has written something. It is a hint: a call may be missing,
    /// and one may come for nothing.
    pub fn on_news(&self, listener: impl Fn() + Send + Sync + 'static) {
        match self.database() {
            // A file and a memory have one node.
            Database::Sqlite(_) => {}
            Database::Postgres(database) => database.on_news(Box::new(listener)),
        }
    }

    /// How many writes were handed over and are not answered yet.
    pub fn unanswered(&self) -> usize {
        match self.database() {
            Database::Sqlite(database) => database.unanswered(),
            Database::Postgres(database) => database.unanswered(),
        }
    }

    fn database(&self) -> &Database {
        &self.0
    }
}
