//! Other data of a calendar or of another entry of a register: kept, then every open record that counts on it is counted
//! anew, in the background.

use engine::calendar::CalendarData;
use engine::directory::Entry;
use engine::ids::Name;
use engine::time::Timestamp;
use store::BatchId;

use crate::batch::{BatchError, BatchOrder, Condition, Deed, Selection};
use crate::{Runtime, RuntimeError};

/// How long records are not counted anew after their calendar has changed, in milliseconds. By then every process that
/// works on the same store has read the registers, and begins nothing more by the old data.
pub const SETTLING_MS: i64 = 3_000;

impl Runtime {
    /// Keeps a calendar's data and orders that the open records be counted anew. Who orders it must run the
    /// installation: records are refused to others, one by one.
    ///
    /// # Errors
    /// The data make no calendar, no reason is given, or the store failed.
    pub fn load_calendar(
        &self,
        key: &Name,
        data: &CalendarData,
        by: &Name,
        reason: String,
    ) -> Result<BatchId, BatchError> {
        if reason.trim().is_empty() {
            return Err(BatchError::ReasonMissing);
        }
        self.store().put_calendar(key, data, by, self.now())?;
        self.reload_directory()?;
        let deed = Deed::Recount { calendar: key.clone(), from: self.now().plus_ms(SETTLING_MS) };
        self.order_batch(&BatchOrder { selection: every_open(), deed, reason }, by)
    }

    /// Keeps an entry of a register. Where it had other values before, such as another agreement, every open record looks
    /// again at what it takes from it: targets and calendars of clocks, conditions. Who changes it must run the
    /// installation.
    ///
    /// # Errors
    /// The store failed.
    pub fn change_entry(
        &self,
        register: &str,
        key: &Name,
        entry: &Entry,
        by: &Name,
    ) -> Result<Option<BatchId>, RuntimeError> {
        let directory = self.directory();
        let before = directory.entry(register, key).map(|held| &held.fields);
        let changes = before.is_some_and(|fields| *fields != entry.fields);
        self.store().put_entry(register, key, entry, by, self.now())?;
        self.reload_directory()?;
        if !changes {
            return Ok(None);
        }
        let deed = Deed::LookAgain { from: self.now().plus_ms(SETTLING_MS) };
        let order = BatchOrder { selection: every_open(), deed, reason: format!("{register} {key}") };
        self.take_order(order, by).map(Some)
    }

    /// Whether a batch waits until everybody has read the registers. Whoever works on it reads them first.
    pub(crate) fn settles(&self, deed: &Deed, now: Timestamp) -> Result<bool, RuntimeError> {
        match deed {
            Deed::Recount { from, .. } | Deed::LookAgain { from } if now < *from => Ok(true),
            Deed::Recount { .. } | Deed::LookAgain { .. } => self.follow_registers().map(|_| false),
            _ => Ok(false),
        }
    }
}

/// Every open record, also one that begins by the old data before everybody has read the new.
fn every_open() -> Selection {
    Selection::Where { process: None, definition: None, condition: Condition::Open, step: None, newest: Some(i64::MAX) }
}
