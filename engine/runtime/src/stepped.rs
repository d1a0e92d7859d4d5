//! Which records this node has stepped, for what is worked out behind the commits: their words and their measures.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use engine::ids::InstanceId;

use crate::Runtime;

/// How many records are remembered; where there are more, a look for all of them finds the rest.
const STEPPED_MAX: usize = 10_000;

/// Records that were stepped here, and not looked at since.
#[derive(Debug, Default)]
pub(crate) struct Stepped(BTreeSet<InstanceId>);

/// Whether a stepped record is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remembered {
    /// It is.
    Known,
    /// There are too many.
    Lost,
}

impl Stepped {
    pub(crate) fn add(&mut self, id: InstanceId) -> Remembered {
        if self.0.len() >= STEPPED_MAX {
            return Remembered::Lost;
        }
        self.0.insert(id);
        Remembered::Known
    }

    /// Takes so many, those that began first.
    pub(crate) fn take(&mut self, count: usize) -> Vec<InstanceId> {
        std::iter::from_fn(|| self.0.pop_first()).take(count).collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Runtime {
    /// Remembers that a record was stepped.
    pub(crate) fn was_stepped(&self, id: InstanceId) {
        self.0.searching.lock().unwrap_or_else(PoisonError::into_inner).was_stepped(id);
        self.0.measuring.lock().unwrap_or_else(PoisonError::into_inner).was_stepped(id);
    }
}
