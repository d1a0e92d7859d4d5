//! The bytes of files.

use diesel::prelude::*;
use engine::ids::InstanceId;

use super::Connection;
use crate::StoreError;
use crate::schema::attachment;
use crate::shard::shard_of;

pub(crate) fn bytes(
    connection: &mut Connection,
    record: InstanceId,
    sha256: &str,
) -> Result<Option<Vec<u8>>, StoreError> {
    let bytes = attachment::table
        .filter(attachment::shard.eq(shard_of(record)))
        .filter(attachment::instance.eq(record.0))
        .filter(attachment::sha256.eq(sha256))
        .select(attachment::bytes)
        .first(connection)
        .optional()?;
    Ok(bytes)
}
