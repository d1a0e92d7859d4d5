//! The words by which records are found: how far they have come. The words themselves each database keeps in its own way.

use diesel::prelude::*;
use engine::ids::InstanceId;

use super::instances::limited;
use super::{Connection, search_text};
use crate::address;
use crate::projection::{RUNNING, STUCK, SUSPENDED};
use crate::schema::{case_row, definition, instance, searched};
use crate::shard::shard_of;
use crate::{FOUND_MAX, SearchQuery, SearchedRecord, StoreError, Unsearched};

pub(crate) fn unsearched(connection: &mut Connection, wanted: &Unsearched<'_>) -> Result<Vec<InstanceId>, StoreError> {
    let followed: Vec<String> = definition::table.select(definition::id).distinct().load(connection)?;
    let shards = wanted.share.shards();
    let mut found = Vec::new();
    for id in &followed {
        for status in [Some(RUNNING), Some(STUCK), Some(SUSPENDED), None] {
            let left = wanted.limit.saturating_sub(found.len());
            if left == 0 {
                return Ok(found);
            }
            let mark = searched::shard.eq(case_row::shard).and(searched::instance.eq(case_row::id));
            let state = instance::shard.eq(case_row::shard).and(instance::id.eq(case_row::id));
            let mut records = case_row::table
                .inner_join(instance::table.on(state))
                .left_join(searched::table.on(mark))
                .filter(case_row::definition.eq(address::kept(id)))
                .filter(
                    searched::revision
                        .nullable()
                        .is_null()
                        .or(searched::revision.nullable().ne(instance::revision.nullable()))
                        .or(searched::edition.nullable().ne(wanted.edition)),
                )
                .select(case_row::id)
                .into_boxed();
            records = match status {
                Some(open) => records.filter(case_row::status.eq(open)),
                None => records.filter(case_row::ended_ms.ge(wanted.ended_since.0)),
            };
            if let Some(shards) = &shards {
                records = records.filter(case_row::shard.eq_any(shards.clone()));
            }
            let some: Vec<i64> = records.limit(limited(left)).load(connection)?;
            found.extend(some.into_iter().map(InstanceId));
        }
    }
    Ok(found)
}

pub(crate) fn keep(connection: &mut Connection, edition: i16, records: &[SearchedRecord]) -> Result<(), StoreError> {
    for record in records {
        let shard = shard_of(record.instance);
        let there: i64 = instance::table
            .filter(instance::shard.eq(shard))
            .filter(instance::id.eq(record.instance.0))
            .count()
            .get_result(connection)?;
        forget(connection, record.instance)?;
        // Removed since it was read.
        if there == 0 {
            continue;
        }
        search_text::put(connection, record.instance, &record.words)?;
        diesel::insert_into(searched::table)
            .values((
                searched::instance.eq(record.instance.0),
                searched::shard.eq(shard),
                searched::revision.eq(i64::try_from(record.revision).unwrap_or(i64::MAX)),
                searched::edition.eq(edition),
            ))
            .execute(connection)?;
    }
    Ok(())
}

/// Takes away the words of a record.
pub(crate) fn forget(connection: &mut Connection, id: InstanceId) -> Result<(), StoreError> {
    let mark = searched::table.filter(searched::shard.eq(shard_of(id))).filter(searched::instance.eq(id.0));
    diesel::delete(mark).execute(connection)?;
    search_text::forget(connection, id)
}

pub(crate) fn forget_all(connection: &mut Connection) -> Result<(), StoreError> {
    diesel::delete(searched::table).execute(connection)?;
    search_text::forget_all(connection)
}

pub(crate) fn found(connection: &mut Connection, query: &SearchQuery) -> Result<Vec<InstanceId>, StoreError> {
    // Nothing asked finds nothing.
    let finds_nothing = |term: &Vec<Vec<_>>| term.is_empty() || term.iter().any(Vec::is_empty);
    if query.terms.is_empty() || query.terms.iter().any(finds_nothing) {
        return Ok(Vec::new());
    }
    let below = query.below.map_or(i64::MAX, |below| below.0);
    let found = search_text::find(connection, query, below, limited(query.limit.min(FOUND_MAX)))?;
    Ok(found.into_iter().map(InstanceId).collect())
}
