//! Blocks of numbers for records.

use diesel::prelude::*;
use diesel::upsert::excluded;
use engine::ids::Name;

use crate::schema::number_block;
use crate::{Store, StoreError};

impl Store {
    /// Reserves `count` numbers of a process and year and gives the first. Numbers begin at 1; gaps are fine.
    ///
    /// # Errors
    /// The database failed.
    pub fn reserve_numbers(&self, process: &Name, year: i16, count: u32) -> Result<u64, StoreError> {
        let process = process.to_string();
        let first = self.write(move |connection| {
            let reserved: Option<i64> = number_block::table
                .filter(number_block::process.eq(&process))
                .filter(number_block::year.eq(year))
                .select(number_block::next)
                .first(connection)
                .optional()?;
            let first = reserved.unwrap_or(1);
            diesel::insert_into(number_block::table)
                .values((
                    number_block::process.eq(&process),
                    number_block::year.eq(year),
                    number_block::next.eq(first + i64::from(count)),
                ))
                .on_conflict((number_block::process, number_block::year))
                .do_update()
                .set(number_block::next.eq(excluded(number_block::next)))
                .execute(connection)?;
            Ok(first)
        })?;
        u64::try_from(first).map_err(|cause| StoreError::unreadable("number", cause))
    }
}
