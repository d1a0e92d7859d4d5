//! Other data of a calendar: kept, then every open record that counts on it is counted anew, in the background.

use engine::calendar::CalendarData;
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
pub(crate) fn every_open() -> Selection {
    Selection::Where { process: None, definition: None, condition: Condition::Open, step: None, newest: Some(i64::MAX) }
}
