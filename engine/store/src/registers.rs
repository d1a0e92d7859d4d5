//! The registers: entries, calendars, and the snapshot of all that steps look at.

use engine::calendar::CalendarData;
use engine::directory::{Directory, Entry};
use engine::ids::Name;
use engine::time::Timestamp;

use crate::{Store, StoreError};

impl Store {
    /// The whole of the registers, as steps and pages look at them.
    ///
    /// # Errors
    /// The database failed.
    pub fn directory(&self) -> Result<Directory, StoreError> {
        Err(StoreError::Closed)
    }

    /// Adds or replaces an entry, with its row in the audit trail.
    ///
    /// # Errors
    /// The database failed.
    pub fn put_entry(
        &self,
        register: &str,
        key: &Name,
        entry: &Entry,
        by: &Name,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let _ = (register, key, entry, by, now);
        Err(StoreError::Closed)
    }

    /// Adds or replaces a calendar, with its row in the audit trail.
    ///
    /// # Errors
    /// The data make no calendar, or the database failed.
    pub fn put_calendar(&self, key: &Name, data: &CalendarData, by: &Name, now: Timestamp) -> Result<(), StoreError> {
        let _ = (key, data, by, now);
        Err(StoreError::Closed)
    }
}
