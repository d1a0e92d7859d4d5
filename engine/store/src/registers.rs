//! The registers: entries, calendars, and the snapshot of all that steps look at.

use engine::calendar::{Calendar, CalendarData};
use engine::directory::{CALENDAR, Directory, Entry};
use engine::ids::Name;
use engine::time::Timestamp;

use crate::commit::json;
use crate::dispatch::{read, write};
use crate::{AuditEntry, AuditWhat, Store, StoreError};

impl Store {
    /// The whole of the registers, as steps and pages look at them.
    ///
    /// # Errors
    /// The database failed.
    pub fn directory(&self) -> Result<Directory, StoreError> {
        read!(self, registers::directory())
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
        let (register, key, entry) = (register.to_owned(), key.clone(), entry.clone());
        let what = AuditWhat::EntryPut { register: register.clone(), key: key.clone() };
        let audited = AuditEntry { at: now, actor: Some(by.clone()), what };
        write!(self, registers::put_entry(&register, &key, &entry, &audited))
    }

    /// Adds or replaces a calendar, with its row in the audit trail.
    ///
    /// # Errors
    /// The data make no calendar, or the database failed.
    pub fn put_calendar(&self, key: &Name, data: &CalendarData, by: &Name, now: Timestamp) -> Result<(), StoreError> {
        Calendar::new(data.clone())?;
        let (key, body) = (key.clone(), json(data));
        let what = AuditWhat::EntryPut { register: CALENDAR.to_owned(), key: key.clone() };
        let audited = AuditEntry { at: now, actor: Some(by.clone()), what };
        write!(self, registers::put_calendar(&key, &body, &audited))
    }
}
