//! Blocks of numbers for records.

use diesel::prelude::*;
use engine::ids::Name;

use super::Connection;
use crate::StoreError;
use crate::schema::number_block;

/// One statement, so that of several nodes none reads what another is about to change.
pub(crate) fn reserve(connection: &mut Connection, process: &Name, year: i16, count: u32) -> Result<u64, StoreError> {
    let count = i64::from(count);
    let next: i64 = diesel::insert_into(number_block::table)
        .values((
            number_block::process.eq(process.as_str()),
            number_block::year.eq(year),
            number_block::next.eq(1 + count),
        ))
        .on_conflict((number_block::process, number_block::year))
        .do_update()
        .set(number_block::next.eq(number_block::next + count))
        .returning(number_block::next)
        .get_result(connection)?;
    u64::try_from(next - count).map_err(|cause| StoreError::unreadable("number", cause))
}
