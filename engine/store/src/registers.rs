//! The registers: entries, calendars, and the snapshot of all that steps look at.

use engine::calendar::{Calendar, CalendarData};
use engine::directory::{CALENDAR, Directory, Entry};
use engine::ids::{DefinitionId, Name};
use engine::register::Register;
use engine::time::Timestamp;

use crate::commit::json;
use crate::dispatch::{read, write};
use crate::{AuditEntry, AuditWhat, DeployError, Deployed, Store, StoreError};

/// A change of an entry of a register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryChange {
    /// The register.
    pub register: Name,
    /// The entry.
    pub key: Name,
    /// What it says from now on.
    pub entry: Entry,
}

/// Why and by whom entries are changed.
#[derive(Clone, Debug)]
pub struct EntryCause {
    /// Who changes them; nobody where the engine does.
    pub by: Option<Name>,
    /// The number of the record under which they are changed.
    pub under: Option<Name>,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// What an entry said from an instant on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryRevision {
    /// The register.
    pub register: Name,
    /// The entry.
    pub key: Name,
    /// Its number, from 1.
    pub revision: u32,
    /// Since when.
    pub at: Timestamp,
    /// Who changed it; nobody where the engine did.
    pub by: Option<Name>,
    /// The number of the record under which it was changed.
    pub under: Option<Name>,
    /// Why.
    pub reason: String,
    /// What it said.
    pub entry: Entry,
}

/// An order by which entries of a register were changed together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryOrderRow {
    /// When.
    pub at: Timestamp,
    /// By whom; by nobody where the engine did.
    pub by: Option<Name>,
    /// The number of the record under which it was given.
    pub under: Option<Name>,
    /// Why.
    pub reason: String,
    /// How many entries were changed.
    pub entries: u64,
}

/// An order to declare a register, or to declare it anew.
#[derive(Clone, Debug)]
pub struct RegisterDeployment {
    /// What the language says of it.
    pub register: Register,
    /// The content address of the source.
    pub id: DefinitionId,
    /// The text as written.
    pub source: String,
    /// Who wrote it.
    pub author: Name,
    /// Who approved it.
    pub approver: Name,
    /// Why.
    pub reason: String,
    /// The number of the change record under which it was approved.
    pub change: Option<String>,
}

impl Store {
    /// Changes entries, all of them or none, each with its revision; one change of one entry has its row in the audit
    /// trail, several together have one.
    ///
    /// # Errors
    /// The database failed.
    pub fn change_entries(&self, changes: &[EntryChange], cause: &EntryCause) -> Result<(), StoreError> {
        let (changes, cause) = (changes.to_vec(), cause.clone());
        write!(self, registers::change_entries(&changes, &cause))
    }

    /// The texts of what is current: of every process, and of every register.
    ///
    /// # Errors
    /// The database failed.
    pub fn current_sources(&self) -> Result<Vec<String>, StoreError> {
        read!(self, registers::current_sources())
    }

    /// Adds or replaces an entry, as it is; nobody is asked whether it may be so.
    ///
    /// # Errors
    /// The database failed.
    pub fn put_entry(
        &self,
        register: &str,
        key: &Name,
        entry: &Entry,
        by: &Name,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let change = EntryChange { register: Name::from(register), key: key.clone(), entry: entry.clone() };
        let cause = EntryCause { by: Some(by.clone()), under: None, reason: String::new(), at };
        self.change_entries(&[change], &cause)
    }

    /// What an entry said since it is there, newest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn entry_history(&self, register: &Name, key: &Name) -> Result<Vec<EntryRevision>, StoreError> {
        read!(self, registers::history(register, key))
    }

    /// The revisions of a register's entries that somebody made at an instant, by entry: those of one order.
    ///
    /// # Errors
    /// The database failed.
    pub fn entries_changed_at(
        &self,
        register: &Name,
        at: Timestamp,
        by: Option<&Name>,
    ) -> Result<Vec<EntryRevision>, StoreError> {
        read!(self, registers::changed_at(register, at, by))
    }

    /// The newest orders by which entries of a register were changed, newest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn entry_orders(&self, register: &Name, limit: usize) -> Result<Vec<EntryOrderRow>, StoreError> {
        read!(self, registers::orders(register, limit))
    }

    /// The changes of entries that were made under a record, oldest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn entries_changed_under(&self, number: &Name) -> Result<Vec<EntryRevision>, StoreError> {
        read!(self, registers::changed_under(number))
    }

    /// Declares a register, unless it is declared so already or lacks the four eyes that the installation wants.
    ///
    /// # Errors
    /// It lacks them, or the database failed.
    pub fn deploy_register(&self, order: &RegisterDeployment, now: Timestamp) -> Result<Deployed, DeployError> {
        let order = order.clone();
        write!(self, registers::deploy(&order, now))?
    }

    /// Declares a register that comes with the product, where there is none of that name.
    ///
    /// # Errors
    /// The database failed.
    pub fn install_register(&self, order: &RegisterDeployment, now: Timestamp) -> Result<Deployed, DeployError> {
        let order = order.clone();
        Ok(write!(self, registers::install(&order, now))?)
    }

    /// The whole of the registers, as steps and pages look at them.
    ///
    /// # Errors
    /// The database failed.
    pub fn directory(&self) -> Result<Directory, StoreError> {
        read!(self, registers::directory())
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
