//! Orders to many records at once.

use diesel::prelude::*;
use engine::ids::{InstanceId, Name};
use engine::time::Timestamp;

use super::Connection;
use super::instances::limited;
use crate::batches::RUNNING;
use crate::schema::{batch, batch_line, case_row};
use crate::shard::shard_of;
use crate::{
    BATCH_LINES_MAX, BATCHES_MAX, BatchId, BatchLine, BatchRow, BatchState, ClaimedBatch, LineFilter, LineOutcome,
    NewBatch, StoreError,
};

type LineColumns = (i64, Option<i64>, Option<String>, Option<String>);
type Columns = (i64, String, String, String, i64, i64, String, Option<i64>);

const COLUMNS: (
    batch::id,
    batch::body,
    batch::reason,
    batch::ordered_by,
    batch::ordered_at_ms,
    batch::total,
    batch::state,
    batch::ended_at_ms,
) = (
    batch::id,
    batch::body,
    batch::reason,
    batch::ordered_by,
    batch::ordered_at_ms,
    batch::total,
    batch::state,
    batch::ended_at_ms,
);

pub(crate) fn order(connection: &mut Connection, order: &NewBatch) -> Result<(), StoreError> {
    diesel::insert_into(batch::table)
        .values((
            batch::id.eq(order.id.0),
            batch::body.eq(&order.body),
            batch::reason.eq(&order.reason),
            batch::ordered_by.eq(order.by.as_str()),
            batch::ordered_at_ms.eq(order.at.0),
            batch::total.eq(i64::try_from(order.total).unwrap_or(i64::MAX)),
            batch::state.eq(RUNNING),
            batch::held_until_ms.eq(0),
        ))
        .execute(connection)?;
    Ok(())
}

/// Whether there is an order that `holder` holds or may take up.
pub(crate) fn waits(connection: &mut Connection, holder: &str, now: Timestamp) -> Result<bool, StoreError> {
    Ok(free(connection, "", now)?.is_some() || held(connection, holder)?)
}

pub(crate) fn claim(
    connection: &mut Connection,
    holder: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<ClaimedBatch>, StoreError> {
    let Some(id) = free(connection, holder, now)? else { return Ok(None) };
    diesel::update(batch::table.filter(batch::id.eq(id)))
        .set((batch::holder.eq(holder), batch::held_until_ms.eq(until.0)))
        .execute(connection)?;
    let (body, by): (String, String) =
        batch::table.filter(batch::id.eq(id)).select((batch::body, batch::ordered_by)).first(connection)?;
    Ok(Some(ClaimedBatch { id: BatchId(id), body, by: Name::from(by) }))
}

/// The records between two, both included, of which it is known what became of them.
pub(crate) fn noted(
    connection: &mut Connection,
    id: BatchId,
    oldest: InstanceId,
    newest: InstanceId,
) -> Result<Vec<InstanceId>, StoreError> {
    let lines = batch_line::table
        .filter(batch_line::batch.eq(id.0))
        .filter(batch_line::instance.between(oldest.0, newest.0))
        .select(batch_line::instance);
    let found: Vec<i64> = lines.load(connection)?;
    Ok(found.into_iter().map(InstanceId).collect())
}

pub(crate) fn changed(connection: &mut Connection, id: BatchId, record: InstanceId) -> Result<Option<u64>, StoreError> {
    let line = batch_line::table
        .filter(batch_line::shard.eq(shard_of(record)))
        .filter(batch_line::batch.eq(id.0))
        .filter(batch_line::instance.eq(record.0));
    let revision: Option<Option<i64>> = line.select(batch_line::revision).first(connection).optional()?;
    Ok(revision.flatten().and_then(|revision| u64::try_from(revision).ok()))
}

pub(crate) fn refuse(
    connection: &mut Connection,
    id: BatchId,
    refused: &[(InstanceId, String)],
) -> Result<(), StoreError> {
    for (record, why) in refused {
        diesel::insert_into(batch_line::table)
            .values((
                batch_line::batch.eq(id.0),
                batch_line::instance.eq(record.0),
                batch_line::shard.eq(shard_of(*record)),
                batch_line::why.eq(why),
            ))
            .on_conflict_do_nothing()
            .execute(connection)?;
    }
    Ok(())
}

pub(crate) fn turn(
    connection: &mut Connection,
    id: BatchId,
    from: BatchState,
    to: BatchState,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = diesel::update(batch::table)
        .filter(batch::id.eq(id.0))
        .filter(batch::state.eq(from.written()))
        .set((batch::state.eq(to.written()), batch::ended_at_ms.eq(now.0), batch::held_until_ms.eq(0)))
        .execute(connection)?;
    Ok(changed > 0)
}

pub(crate) fn newest(connection: &mut Connection) -> Result<Vec<BatchRow>, StoreError> {
    let newest = batch::table.order(batch::id.desc()).limit(limited(BATCHES_MAX));
    let ids: Vec<i64> = newest.select(batch::id).load(connection)?;
    ids.into_iter().filter_map(|id| batch(connection, BatchId(id)).transpose()).collect()
}

pub(crate) fn lines(
    connection: &mut Connection,
    id: BatchId,
    filter: LineFilter,
    before: Option<InstanceId>,
) -> Result<Vec<BatchLine>, StoreError> {
    let mut lines = batch_line::table
        .left_join(case_row::table.on(case_row::shard.eq(batch_line::shard).and(case_row::id.eq(batch_line::instance))))
        .filter(batch_line::batch.eq(id.0))
        .filter(batch_line::instance.lt(before.map_or(i64::MAX, |before| before.0)))
        .into_boxed();
    lines = match filter {
        LineFilter::Done => lines.filter(batch_line::revision.is_not_null()),
        LineFilter::Refused => lines.filter(batch_line::revision.is_null()),
    };
    let columns = (batch_line::instance, batch_line::revision, batch_line::why, case_row::number.nullable());
    let page = lines.order(batch_line::instance.desc()).limit(limited(BATCH_LINES_MAX));
    let rows: Vec<LineColumns> = page.select(columns).load(connection)?;
    let line = |(instance, revision, why, number): LineColumns| BatchLine {
        instance: InstanceId(instance),
        number: number.unwrap_or_default(),
        outcome: match revision {
            Some(revision) => LineOutcome::Done { revision: u64::try_from(revision).unwrap_or(0) },
            None => LineOutcome::Refused { why: why.unwrap_or_default() },
        },
    };
    Ok(rows.into_iter().map(line).collect())
}

/// The oldest order to be worked on that nobody but `holder` holds now.
fn free(connection: &mut Connection, holder: &str, now: Timestamp) -> Result<Option<i64>, StoreError> {
    let oldest = batch::table
        .filter(batch::state.eq(RUNNING))
        .filter(batch::held_until_ms.lt(now.0).or(batch::holder.eq(holder)))
        .order(batch::id);
    Ok(oldest.select(batch::id).first(connection).optional()?)
}

fn held(connection: &mut Connection, holder: &str) -> Result<bool, StoreError> {
    let mine = batch::table.filter(batch::state.eq(RUNNING)).filter(batch::holder.eq(holder));
    Ok(mine.select(batch::id).first::<i64>(connection).optional()?.is_some())
}

pub(crate) fn batch(connection: &mut Connection, id: BatchId) -> Result<Option<BatchRow>, StoreError> {
    let found: Option<Columns> =
        batch::table.filter(batch::id.eq(id.0)).select(COLUMNS).first(connection).optional()?;
    let Some((_, body, reason, by, ordered_at_ms, total, state, ended_at_ms)) = found else { return Ok(None) };
    let lines = || batch_line::table.filter(batch_line::batch.eq(id.0));
    let done: i64 = lines().filter(batch_line::revision.is_not_null()).count().get_result(connection)?;
    let refused: i64 = lines().filter(batch_line::revision.is_null()).count().get_result(connection)?;
    let counted = |count: i64| u64::try_from(count).unwrap_or(0);
    Ok(Some(BatchRow {
        id,
        body,
        reason,
        by: Name::from(by),
        ordered_at: Timestamp(ordered_at_ms),
        total: counted(total),
        state: BatchState::read(&state)?,
        ended_at: ended_at_ms.map(Timestamp),
        done: counted(done),
        refused: counted(refused),
    }))
}
