//! The shell around the core: load, step, commit, retry; timers and outbox; clock; replay of event logs.

pub mod anchor;
mod background;
pub mod backup;
mod batch;
mod calendars;
mod catalogue;
mod clock;
pub mod evidence;
mod execute;
mod eyes;
pub mod fence;
mod figures;
mod hot;
mod identity;
mod jobs;
pub mod json;
pub mod mail;
mod measures;
pub mod metrics;
mod once;
pub mod outside;
mod owed;
mod past;
mod registers;
pub mod replay;
mod retention;
pub mod searching;
mod servers;
mod share;
pub mod signing;
mod slow;
mod starts;
mod stepped;
mod target;
pub mod undelivered;
mod watching;
pub mod words;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use engine::directory::Directory;
use engine::ids::InstanceId;
use engine::time::Timestamp;
use store::{AuditNews, BatchId, Store, StoreError};

pub use background::{Background, BackgroundError, News};
pub use batch::{BatchError, BatchOrder, Condition, Deed, Foreseen, Rehearsed, Selection, Why};
pub use catalogue::DeployError;
pub use clock::{Clock, SystemClock, VirtualClock};
pub use execute::{Done, ExecuteError, StartOrder, Would};
pub use fence::{Fence, NotAllowable};
pub use jobs::{Heard, JobNews, JobPlace, JobsWanted, LeasedJob};
pub use mail::{MailError, MailServer};
pub use once::Sent;
pub use outside::Outside;
pub use past::PastWriter;
pub use registers::{EntryError, EntryOrder};
pub use starts::{MessageOrder, Received};
pub use undelivered::{Ordered, Renounced};

/// The running engine over a store. Cheap to clone.
#[derive(Clone)]
pub struct Runtime(Arc<Inner>);

struct Inner {
    store: Store,
    clock: Arc<dyn Clock>,
    directory: RwLock<Arc<Directory>>,
    /// The entry of the audit trail up to which changes of the registers are in `directory`.
    registers_as_of: AtomicI64,
    catalogue: catalogue::Catalogue,
    hot: hot::Hot,
    ids: identity::IdMaker,
    numbers: identity::Numbers,
    nudge: Arc<background::Nudge>,
    /// The records that this node looks after.
    holding: share::Holding,
    jobs_opened: jobs::JobsOpened,
    /// The batch that this process works on, and the record that it looked at last.
    batch_reached: Mutex<Option<(BatchId, InstanceId)>>,
    servers: servers::Servers,
    outside: Outside,
    room: slow::Room,
    metrics: metrics::Metrics,
    measuring: Mutex<measures::Measuring>,
    figures: Mutex<figures::Figures>,
    searching: Mutex<searching::Searching>,
    next_removal: Mutex<Timestamp>,
    /// When a schedule is worth looking at next.
    next_start: Mutex<Timestamp>,
}

/// What is wrong beneath a command: nothing that the person who gave it can mend.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stored definition cannot be made ready.
    #[error("the definition cannot be used: {0}")]
    Definition(#[from] engine::rules::RuleError),
    /// An instance follows a definition that is not there.
    #[error("the definition {0} is not in the store")]
    NoSuchDefinition(engine::ids::DefinitionId),
    /// The definition says what the engine cannot run yet.
    #[error("the engine cannot run this yet: {}", named(.0))]
    NotRunYet(Vec<engine::definition::Later>),
}

impl RuntimeError {
    /// Whether it is of one record or definition alone, so that everything else may go on.
    pub(crate) fn is_of_one(&self) -> bool {
        match self {
            RuntimeError::Store(StoreError::Unreadable { .. })
            | RuntimeError::Definition(_)
            | RuntimeError::NoSuchDefinition(_)
            | RuntimeError::NotRunYet(_) => true,
            RuntimeError::Store(_) => false,
        }
    }
}

fn named(later: &[engine::definition::Later]) -> String {
    later.iter().map(|later| format!("{} (line {})", later.construct, later.line)).collect::<Vec<_>>().join(", ")
}

impl Runtime {
    /// The engine over a store, with the registers as they are.
    ///
    /// # Errors
    /// The registers cannot be read.
    pub fn open(store: Store, clock: Arc<dyn Clock>) -> Result<Runtime, RuntimeError> {
        Runtime::open_to(store, clock, Outside::default())
    }

    /// The same with what it may reach outside.
    ///
    /// # Errors
    /// As [`Runtime::open`].
    pub fn open_to(store: Store, clock: Arc<dyn Clock>, outside: Outside) -> Result<Runtime, RuntimeError> {
        Runtime::with(store, clock, identity::IdMaker::default(), outside)
    }

    /// The same with identities that count from a number, for simulations that must be the same each time.
    ///
    /// # Errors
    /// As [`Runtime::open`].
    pub fn counting_from(store: Store, clock: Arc<dyn Clock>, first: InstanceId) -> Result<Runtime, RuntimeError> {
        Runtime::with(store, clock, identity::IdMaker::counting_from(first), Outside::default())
    }

    fn with(
        store: Store,
        clock: Arc<dyn Clock>,
        ids: identity::IdMaker,
        outside: Outside,
    ) -> Result<Runtime, RuntimeError> {
        // What changes while they are read is read once more.
        let registers_as_of = AtomicI64::new(match store.audit_news(0)? {
            AuditNews::Nothing => 0,
            AuditNews::OfRegisters { newest } | AuditNews::OfOthers { newest } => newest,
        });
        let directory = RwLock::new(Arc::new(store.directory()?));
        Ok(Runtime(Arc::new(Inner {
            store,
            clock,
            directory,
            registers_as_of,
            catalogue: catalogue::Catalogue::default(),
            hot: hot::Hot::default(),
            ids,
            numbers: identity::Numbers::default(),
            nudge: Arc::default(),
            holding: share::Holding::default(),
            jobs_opened: jobs::JobsOpened::default(),
            batch_reached: Mutex::new(None),
            servers: servers::Servers::within(&outside.fence),
            outside,
            room: slow::Room::default(),
            metrics: metrics::Metrics::default(),
            measuring: Mutex::default(),
            figures: Mutex::default(),
            searching: Mutex::default(),
            next_removal: Mutex::new(Timestamp(i64::MIN)),
            next_start: Mutex::new(Timestamp(i64::MIN)),
        })))
    }

    /// The store, for what pages read.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// Looks at everything that is kept, whether it agrees with itself; may run beside a busy server.
    ///
    /// # Errors
    /// The store failed.
    pub fn check(&self, report: &mut dyn FnMut(store::Finding)) -> Result<store::Checked, StoreError> {
        self.store().check(&|id| self.definition(id).ok(), report)
    }

    /// The current instant.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// The registers as they are.
    pub fn directory(&self) -> Arc<Directory> {
        self.0.directory.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the registers anew; call it after changing them.
    ///
    /// # Errors
    /// They cannot be read; the old ones stay in use.
    pub fn reload_directory(&self) -> Result<(), RuntimeError> {
        let fresh = Arc::new(self.0.store.directory()?);
        *self.0.directory.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// Reads the registers anew where another process has changed them; tells whether one has.
    ///
    /// # Errors
    /// As [`Runtime::reload_directory`].
    pub fn follow_registers(&self) -> Result<bool, RuntimeError> {
        let seen = self.0.registers_as_of.load(Ordering::Acquire);
        let newest = match self.store().audit_news(seen)? {
            AuditNews::Nothing => return Ok(false),
            AuditNews::OfOthers { newest } => {
                self.0.registers_as_of.fetch_max(newest, Ordering::AcqRel);
                return Ok(false);
            }
            AuditNews::OfRegisters { newest } => newest,
        };
        self.reload_directory()?;
        self.0.registers_as_of.fetch_max(newest, Ordering::AcqRel);
        Ok(true)
    }
}
