//! What every request shares: the runtime, the words and templates, the settings.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use engine::directory::Directory;
use jiff::tz::TimeZone;
use runtime::Runtime;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::lookup::Lookup;
use crate::picture::Pictures;
use crate::settings::Settings;
use crate::templates::Speech;
use crate::watchers::Watchers;

/// What every request shares.
pub struct App {
    runtime: Runtime,
    settings: Settings,
    speech: Speech,
    zone: TimeZone,
    first_run: Mutex<()>,
    sign_in: Mutex<()>,
    signing_in: AtomicUsize,
    waiting: Arc<Semaphore>,
    uploading: Arc<Semaphore>,
    watchers: Arc<Watchers>,
    lookup: Mutex<Option<Arc<Lookup>>>,
    pictures: Pictures,
}

/// How many forms with files are taken in at once; each is in memory as a whole.
const UPLOADS_MAX: usize = 4;

/// How many calls of machines may wait for jobs at once.
const WAITING_MAX: usize = 256;

/// How many people may wait for their turn to sign in.
const SIGNING_IN_MAX: usize = 32;

/// Somebody's turn to sign in; ends when it goes out of scope.
pub struct Turn<'a> {
    app: &'a App,
    _held: MutexGuard<'a, ()>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.app.signing_in.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Why the pages cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// A template cannot be read.
    #[error("a template cannot be read: {0}")]
    Template(#[from] Box<handlebars::TemplateError>),
    /// The zone of the settings does not exist.
    #[error(transparent)]
    Zone(#[from] engine::time::TimeError),
}

impl App {
    /// Makes ready what every request shares.
    ///
    /// # Errors
    /// A template or the zone cannot be read.
    pub fn new(runtime: Runtime, settings: Settings) -> Result<App, AppError> {
        let zone = engine::time::zone_named(&settings.zone)?;
        Ok(App {
            runtime,
            settings,
            speech: Speech::new()?,
            zone,
            first_run: Mutex::new(()),
            sign_in: Mutex::new(()),
            signing_in: AtomicUsize::new(0),
            waiting: Arc::new(Semaphore::new(WAITING_MAX)),
            uploading: Arc::new(Semaphore::new(UPLOADS_MAX)),
            watchers: Arc::default(),
            lookup: Mutex::default(),
            pictures: Pictures::default(),
        })
    }

    /// The engine.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// The store, for what pages read.
    pub fn store(&self) -> &store::Store {
        self.runtime.store()
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Words and templates.
    pub fn speech(&self) -> &Speech {
        &self.speech
    }

    /// Where dates are shown.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Whoever holds this may make the first administrator; nobody else does so meanwhile.
    pub fn first_run(&self) -> MutexGuard<'_, ()> {
        self.first_run.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place to wait for jobs, until it goes out of scope; nothing where too many wait already.
    pub fn waiting_room(&self) -> Option<OwnedSemaphorePermit> {
        self.waiting.clone().try_acquire_owned().ok()
    }

    /// Who follows a page on this node.
    pub(crate) fn watchers(&self) -> &Arc<Watchers> {
        &self.watchers
    }

    /// The entries of the registers as they are, ready to be looked for.
    pub(crate) fn lookup(&self, directory: &Arc<Directory>) -> Arc<Lookup> {
        let mut held = self.lookup.lock().unwrap_or_else(PoisonError::into_inner);
        match &*held {
            Some(lookup) if lookup.is_of(directory) => lookup.clone(),
            Some(_) | None => held.insert(Arc::new(Lookup::new(directory))).clone(),
        }
    }

    /// The processes that were drawn.
    pub(crate) fn pictures(&self) -> &Pictures {
        &self.pictures
    }

    /// Waits for room for a form with files, held until it goes out of scope.
    pub async fn upload_room(&self) -> Option<OwnedSemaphorePermit> {
        self.uploading.clone().acquire_owned().await.ok()
    }

    /// Waits for one's turn to sign in; nothing where too many wait already.
    pub fn sign_in_turn(&self) -> Option<Turn<'_>> {
        if self.signing_in.fetch_add(1, Ordering::SeqCst) >= SIGNING_IN_MAX {
            self.signing_in.fetch_sub(1, Ordering::SeqCst);
            return None;
        }
        let held = self.sign_in.lock().unwrap_or_else(PoisonError::into_inner);
        Some(Turn { app: self, _held: held })
    }
}
