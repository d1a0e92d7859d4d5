//! Who has a page open that follows what changes: so many at most, and who else is at the same record. It is known on
//! this node only and kept in memory: whoever closes the page, or whose connection is gone, is not there any more.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use engine::ids::{InstanceId, Name};
use tokio::sync::{broadcast, oneshot};

/// The most pages that are followed on a node.
const WATCHERS_MAX: usize = 256;
/// The most pages that one person follows. The oldest gives way to the next: it is the one that is read no more.
const OF_ONE_MAX: usize = 8;
/// How many moves are remembered for those who are slow to look.
const MOVES_KEPT: usize = 64;

/// What somebody does at a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doing {
    /// The page is open.
    Looking,
    /// Something was typed into one of its forms.
    Writing,
}

/// One page that is followed.
#[derive(Clone, Debug)]
pub struct Place {
    /// By whom.
    pub person: Name,
    /// The record that it shows, if it shows one.
    pub record: Option<InstanceId>,
    /// What the person does there.
    pub doing: Doing,
}

/// Everybody who follows a page on this node.
#[derive(Debug)]
pub struct Watchers {
    held: Mutex<Held>,
    moves: broadcast::Sender<InstanceId>,
}

#[derive(Debug, Default)]
struct Held {
    places: BTreeMap<u64, (Place, oneshot::Sender<()>)>,
    next: u64,
}

/// A page that is followed until this goes out of scope.
#[derive(Debug)]
pub struct Watching {
    watchers: Arc<Watchers>,
    key: u64,
    record: Option<InstanceId>,
    given_up: oneshot::Receiver<()>,
}

impl Default for Watchers {
    fn default() -> Self {
        Watchers { held: Mutex::default(), moves: broadcast::channel(MOVES_KEPT).0 }
    }
}

impl Watchers {
    /// Follows one more page; nothing where there are too many.
    pub fn enter(self: &Arc<Self>, place: Place) -> Option<Watching> {
        let mut held = self.lock();
        let own = held.places.iter().filter(|(_, (other, _))| other.person == place.person);
        let own: Vec<u64> = own.map(|(key, _)| *key).collect();
        if own.len() >= OF_ONE_MAX
            && let Some(oldest) = own.first()
        {
            held.places.remove(oldest);
        }
        if held.places.len() >= WATCHERS_MAX {
            return None;
        }
        let (key, record) = (held.next, place.record);
        let (hold, given_up) = oneshot::channel();
        held.next += 1;
        held.places.insert(key, (place, hold));
        drop(held);
        self.moved(record);
        Some(Watching { watchers: self.clone(), key, record, given_up })
    }

    /// Who else is at a record, and what each does there.
    pub fn others(&self, record: InstanceId, but: &Name) -> BTreeMap<Name, Doing> {
        let mut found = BTreeMap::new();
        let held = self.lock();
        let there = |place: &&Place| place.record == Some(record) && place.person != *but;
        for place in held.places.values().map(|(place, _)| place).filter(there) {
            let doing = found.entry(place.person.clone()).or_insert(place.doing);
            *doing = (*doing).max(place.doing);
        }
        found
    }

    /// The records to which somebody comes, or from which somebody goes, from now on.
    pub fn moves(&self) -> broadcast::Receiver<InstanceId> {
        self.moves.subscribe()
    }

    fn moved(&self, record: Option<InstanceId>) {
        if let Some(record) = record {
            // Nobody may be listening; then nobody needs to know.
            let _ = self.moves.send(record);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watching {
    /// Returns when the page has given way to another of the same person.
    pub async fn given_up(&mut self) {
        // Nothing is ever sent: what ends it is that the place is gone.
        let _ = (&mut self.given_up).await;
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.watchers.lock().places.remove(&self.key);
        self.watchers.moved(self.record);
    }
}
