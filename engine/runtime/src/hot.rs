//! Instances that were stepped lately, so that the next command need not read them. The store's revision check
//! keeps this honest: a stale copy loses its commit and is read anew.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use engine::ids::InstanceId;
use store::Loaded;

/// How many instances are kept; a few kilobytes each.
const KEPT_MAX: usize = 2_000;

#[derive(Default)]
struct Kept {
    loaded: BTreeMap<InstanceId, Arc<Loaded>>,
    order: VecDeque<InstanceId>,
}

impl Kept {
    fn remove(&mut self, id: InstanceId) {
        if self.loaded.remove(&id).is_some() {
            self.order.retain(|held| *held != id);
        }
    }
}

#[derive(Default)]
pub(crate) struct Hot(Mutex<Kept>);

impl Hot {
    pub(crate) fn get(&self, id: InstanceId) -> Option<Arc<Loaded>> {
        self.held().loaded.get(&id).cloned()
    }

    pub(crate) fn put(&self, loaded: Arc<Loaded>) {
        let id = loaded.instance.id();
        let mut held = self.held();
        if loaded.instance.is_ended() {
            held.remove(id);
            return;
        }
        // Two commits of one record may come back in the other order.
        if held.loaded.get(&id).is_some_and(|kept| kept.revision > loaded.revision) {
            return;
        }
        if held.loaded.insert(id, loaded).is_none() {
            held.order.push_back(id);
        }
        while held.order.len() > KEPT_MAX {
            if let Some(oldest) = held.order.pop_front() {
                held.loaded.remove(&oldest);
            }
        }
    }

    pub(crate) fn forget(&self, id: InstanceId) {
        self.held().remove(id);
    }

    fn held(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
