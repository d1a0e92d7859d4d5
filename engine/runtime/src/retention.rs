//! Retention: when a record's time is up, and the work of removing what is due.
//!
//! The time is not kept beside the record: it follows from when it ended and from the definition that it followed then,
//! which never changes; so nothing is written for it, and a default that an administrator decides holds for all at once.

use std::sync::PoisonError;

use engine::definition::Keep;
use engine::effect::{Awaited, Caller};
use engine::ids::{DefinitionId, InstanceId};
use engine::time::Timestamp;
use store::{OverRow, RemovedRecord, Term};

use crate::{Runtime, RuntimeError};

/// How many records are removed in one transaction.
const BATCH: usize = 50;
/// How many records whose time is up are looked at for one batch.
const LOOKED_AT: usize = 5_000;
/// How long the background waits between two looks, in milliseconds.
const PAUSE_MS: i64 = 60 * 60 * 1_000;

impl Runtime {
    /// For how long the records of a definition are kept: what it says itself, else what an administrator decided;
    /// nothing where they are kept for ever.
    ///
    /// # Errors
    /// The store failed, or the definition cannot be used.
    pub fn kept(&self, definition: &DefinitionId) -> Result<Option<Keep>, RuntimeError> {
        match self.definition(definition)?.parts().keep {
            Some(keep) => Ok(Some(keep)),
            None => Ok(self.store().keep_default()?.map(|months| Keep { months })),
        }
    }

    /// Until when records must have ended to be due at an instant, for each definition that does not keep for ever.
    ///
    /// # Errors
    /// The store failed.
    pub fn terms(&self, at: Timestamp) -> Result<Vec<Term>, RuntimeError> {
        let mut ids: Vec<DefinitionId> = self.store().definitions()?.into_iter().map(|row| row.id).collect();
        ids.sort();
        ids.dedup();
        let mut terms = Vec::new();
        for definition in ids {
            if let Some(keep) = self.kept(&definition)? {
                terms.push(Term { definition, ended_by: keep.before(at) });
            }
        }
        Ok(terms)
    }

    /// Records whose time is up and that nothing holds: no legal hold, and no record that called them and is there still,
    /// since what was called goes with its root or after it.
    ///
    /// # Errors
    /// The store failed.
    pub fn due_for_removal(&self, limit: usize) -> Result<Vec<OverRow>, RuntimeError> {
        let mut due = Vec::new();
        for record in self.store().due_for_removal(&self.terms(self.now())?, LOOKED_AT)? {
            if due.len() == limit {
                break;
            }
            if !self.belongs_to_another(record.instance)? {
                due.push(record);
            }
        }
        Ok(due)
    }

    fn belongs_to_another(&self, record: InstanceId) -> Result<bool, RuntimeError> {
        let Some(loaded) = self.store().load(record)? else { return Ok(false) };
        match loaded.instance.origin() {
            Some(Caller { by, waits: Awaited::Called, .. }) => Ok(self.store().load(*by)?.is_some()),
            Some(Caller { waits: Awaited::Started, .. }) | None => Ok(false),
        }
    }

    /// Removes a batch of what is due; gives what went.
    ///
    /// # Errors
    /// The store failed.
    pub fn remove_due(&self) -> Result<Vec<RemovedRecord>, RuntimeError> {
        let due = self.due_for_removal(BATCH)?;
        let removed = self.store().remove_records(&due, self.now())?;
        for record in &removed {
            self.0.hot.forget(record.instance);
        }
        Ok(removed)
    }

    /// The background's share: a batch while there is something to remove, then a look an hour later.
    pub(crate) fn keep_house(&self) -> Result<usize, RuntimeError> {
        let now = self.now();
        let next = *self.0.next_removal.lock().unwrap_or_else(PoisonError::into_inner);
        if now < next {
            return Ok(0);
        }
        let removed = self.remove_due()?.len();
        if removed == 0 {
            *self.0.next_removal.lock().unwrap_or_else(PoisonError::into_inner) = now.plus_ms(PAUSE_MS);
        } else {
            tracing::info!(removed, "records whose time was up were removed");
        }
        Ok(removed)
    }
}
