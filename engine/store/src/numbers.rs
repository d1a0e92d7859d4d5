//! Blocks of numbers for records.

use engine::ids::Name;

use crate::dispatch::write;
use crate::{Store, StoreError};

/// The year of numbers whose pattern has none: they count on through all years.
pub const NO_YEAR: i16 = 0;

impl Store {
    /// Reserves `count` numbers of a process and year and gives the first. Numbers begin at 1; gaps are fine.
    ///
    /// # Errors
    /// The database failed.
    pub fn reserve_numbers(&self, process: &Name, year: i16, count: u32) -> Result<u64, StoreError> {
        let process = process.clone();
        write!(self, numbers::reserve(&process, year, count))
    }
}
