//! Which rows of decision tables decided, kept for those who ask how much of a definition its examples touch.

use std::collections::BTreeSet;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::ids::Name;

/// A row of a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowSeen {
    /// The table.
    pub table: Name,
    /// The row's line in the source, from 1; nothing for `else`.
    pub line: Option<u32>,
}

/// Keeps the rows that decided, wherever their table was asked, by a refused command too. It only looks on: what a
/// step gives is the same with and without it.
#[derive(Debug, Default)]
pub struct Witness(Mutex<BTreeSet<RowSeen>>);

impl Witness {
    pub(crate) fn saw(&self, row: RowSeen) {
        self.rows().insert(row);
    }

    /// The rows that decided since this was asked last.
    pub fn taken(&self) -> BTreeSet<RowSeen> {
        mem::take(&mut *self.rows())
    }

    fn rows(&self) -> MutexGuard<'_, BTreeSet<RowSeen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
