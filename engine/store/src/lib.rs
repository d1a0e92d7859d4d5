//! Where it is kept: diesel over SQLite, one writer that commits in batches, reads for the pages.
//!
//! A [`Commit`] is worked out in its caller's thread: the new state as a document, the facts chained by hash, what
//! changed in the lists. The writer applies what waits in one transaction; each commit wins or loses alone by the
//! revision and the chain's head that it was decided upon, and is answered only after the flush that covers it.
//! Reads go through a few connections that cannot write, and give plain structs. No diesel type is public.

mod accounts;
mod apply;
mod audit;
mod batches;
mod cases;
pub mod ceiling;
mod chain;
mod check;
mod commit;
mod connection;
mod definitions;
mod error;
mod fixed;
mod four_eyes;
mod inbox;
mod instances;
mod numbers;
mod outbox;
mod people;
mod projection;
mod readers;
mod registers;
mod schema;
mod shard;
mod ticket;
mod writer;

use std::path::Path;
use std::sync::Arc;

pub use accounts::SessionRow;
pub use audit::{AuditEntry, AuditRow, AuditWhat};
pub use batches::{
    BATCH_LINES_MAX, BATCHES_MAX, BatchId, BatchLine, BatchRow, BatchState, LineFilter, LineOutcome, NewBatch,
};
pub use cases::{CASES_PAGE_MAX, CaseFilter, CaseQuery, CaseRow, CaseStatus};
pub use check::{Checked, Finding};
pub use commit::{Commit, CommitError, Loaded};
pub use definitions::{DefinitionRow, DeployError, Deployed, Deployment, StoredDefinition};
pub use error::StoreError;
pub use four_eyes::{FourEyes, FourEyesSetting, TwoEyes};
pub use inbox::{
    INBOX_COUNT_MAX, INBOX_PAGE_MAX, InboxCounts, InboxCursor, InboxQuery, InboxRow, InboxView, NotACursor,
};
pub use instances::{HistoryEntry, RUNNING_PAGE_MAX};
pub use outbox::{Notice, NoticeDelivery, Notification, OutboxKey, OutboxRow};
pub use people::{PersonRow, PersonState};
pub use writer::Pending;

use readers::Readers;
use writer::Writer;

/// The database of an installation. Cheap to clone; everything it does blocks. The last clone to go lets the writer
/// finish what waits.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    readers: Readers,
    writer: Writer,
}

impl Store {
    /// Opens the database at a path, makes it where there is none, brings its schema up to date and starts the
    /// writer. Of a folder it is the file `tiaoli.sqlite` in it.
    ///
    /// # Errors
    /// The file cannot be opened or migrated.
    pub fn open(path: &Path) -> Result<Store, StoreError> {
        let file = connection::file_of(path);
        let writing = connection::writer(&file)?;
        let readers = Readers::open(&file)?;
        Ok(Store(Arc::new(Inner { readers, writer: Writer::start(writing)? })))
    }

    fn readers(&self) -> &Readers {
        &self.0.readers
    }

    fn writer(&self) -> &Writer {
        &self.0.writer
    }
}
