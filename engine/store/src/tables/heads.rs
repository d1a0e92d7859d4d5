//! The ends of all chains.

use diesel::prelude::*;
use engine::ids::InstanceId;
use engine::time::Timestamp;
use sha2::{Digest, Sha256};

use super::audit;
use super::instances::stored_events;
use super::{Connection, STRETCHES};
use crate::chain::{self, EventRow, Hash};
use crate::schema::{case_row, event, instance};
use crate::shard::shard_of;
use crate::{AuditHead, Heads, RecordHead, StoreError};

/// How many rows are read at a time.
const PIECE: i64 = 1_000;

pub(crate) fn digested(connection: &mut Connection) -> Result<Heads, StoreError> {
    let (mut digest, mut records) = (Sha256::new(), 0);
    for (first, last) in STRETCHES {
        let mut after = i64::MIN;
        loop {
            let rows: Vec<(i64, i64, Vec<u8>)> = instance::table
                .filter(instance::shard.between(first, last))
                .filter(instance::id.gt(after))
                .order(instance::id)
                .limit(PIECE)
                .select((instance::id, instance::revision, instance::head))
                .load(connection)?;
            let Some((newest, ..)) = rows.last() else { break };
            after = *newest;
            for (id, revision, head) in rows {
                digest.update(id.to_be_bytes());
                digest.update(revision.to_be_bytes());
                digest.update(hash(&head)?);
                records += 1;
            }
        }
    }
    Ok(Heads { audit: audit::head(connection)?, records, digest: digest.finalize().into() })
}

pub(crate) fn since(
    connection: &mut Connection,
    since: Timestamp,
    tell: &mut dyn FnMut(RecordHead),
) -> Result<AuditHead, StoreError> {
    for (first, last) in STRETCHES {
        let mut after = i64::MIN;
        loop {
            let rows: Vec<(i64, String, i64, Vec<u8>)> = instance::table
                .inner_join(case_row::table.on(case_row::shard.eq(instance::shard).and(case_row::id.eq(instance::id))))
                .filter(instance::shard.between(first, last))
                .filter(instance::id.gt(after))
                .filter(case_row::updated_ms.ge(since.0))
                .order(instance::id)
                .limit(PIECE)
                .select((instance::id, case_row::number, instance::revision, instance::head))
                .load(connection)?;
            let Some((newest, ..)) = rows.last() else { break };
            after = *newest;
            for (id, number, revision, head) in rows {
                let revision = u64::try_from(revision).map_err(|cause| StoreError::unreadable("instance", cause))?;
                tell(RecordHead { instance: InstanceId(id), number, revision, hash: hash(&head)? });
            }
        }
    }
    audit::head(connection)
}

pub(crate) fn event_hash(
    connection: &mut Connection,
    record: InstanceId,
    revision: u64,
) -> Result<Option<Hash>, StoreError> {
    let revision = i64::try_from(revision).unwrap_or(i64::MAX);
    let found: Option<Vec<u8>> = event::table
        .filter(event::shard.eq(shard_of(record)))
        .filter(event::instance.eq(record.0))
        .filter(event::revision.eq(revision))
        .select(event::hash)
        .first(connection)
        .optional()?;
    found.map(|bytes| hash(&bytes)).transpose()
}

pub(crate) fn chain(connection: &mut Connection, record: InstanceId) -> Result<Vec<(EventRow, Hash)>, StoreError> {
    stored_events(connection, record)?.into_iter().map(|(row, stored)| Ok((row, hash(&stored)?))).collect()
}

fn hash(bytes: &[u8]) -> Result<Hash, StoreError> {
    chain::stored(bytes).ok_or_else(|| StoreError::unreadable("hash", "it has not 32 bytes"))
}
