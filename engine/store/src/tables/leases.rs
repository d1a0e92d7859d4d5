//! The nodes and what each of them looks after.

use diesel::prelude::*;

use super::{Connection, outbox};
use crate::schema::{node, shard_lease};
use crate::{Seen, Share, Slice, SliceLease, StoreError};

pub(crate) fn beat(connection: &mut Connection, name: &str) -> Result<Seen, StoreError> {
    diesel::insert_into(node::table)
        .values((node::name.eq(name), node::beat.eq(1)))
        .on_conflict(node::name)
        .do_update()
        .set(node::beat.eq(node::beat + 1))
        .execute(connection)?;
    seen(connection)
}

pub(crate) fn seen(connection: &mut Connection) -> Result<Seen, StoreError> {
    let nodes = node::table.order(node::name).select((node::name, node::beat)).load(connection)?;
    let rows: Vec<(i16, Option<String>, i64)> = shard_lease::table.order(shard_lease::slice).load(connection)?;
    let lease = |(slice, holder, epoch)| SliceLease { slice: Slice(slice), holder, epoch };
    Ok(Seen { nodes, slices: rows.into_iter().map(lease).collect() })
}

pub(crate) fn bury(connection: &mut Connection, dead: &str, beat: i64) -> Result<(), StoreError> {
    let gone = diesel::delete(node::table.find(dead)).filter(node::beat.eq(beat)).execute(connection)?;
    if gone > 0 {
        outbox::free(connection, dead)?;
    }
    Ok(())
}

pub(crate) fn take(
    connection: &mut Connection,
    name: &str,
    free: &[(Slice, i64)],
) -> Result<Vec<(Slice, i64)>, StoreError> {
    let mut taken = Vec::new();
    for (slice, epoch) in free {
        let won = diesel::update(shard_lease::table.find(slice.0))
            .filter(shard_lease::epoch.eq(epoch))
            .set((shard_lease::holder.eq(name), shard_lease::epoch.eq(epoch + 1)))
            .execute(connection)?;
        if won > 0 {
            taken.push((*slice, epoch + 1));
        }
    }
    Ok(taken)
}

pub(crate) fn give(connection: &mut Connection, name: &str, given: &[Slice]) -> Result<(), StoreError> {
    let slices: Vec<i16> = given.iter().map(|slice| slice.0).collect();
    diesel::update(shard_lease::table.filter(shard_lease::slice.eq_any(slices)).filter(shard_lease::holder.eq(name)))
        .set(shard_lease::holder.eq(None::<String>))
        .execute(connection)?;
    Ok(())
}

pub(crate) fn leave(connection: &mut Connection, name: &str) -> Result<(), StoreError> {
    diesel::delete(node::table.find(name)).execute(connection)?;
    outbox::free(connection, name)?;
    diesel::update(shard_lease::table.filter(shard_lease::holder.eq(name)))
        .set(shard_lease::holder.eq(None::<String>))
        .execute(connection)?;
    Ok(())
}

/// Whether a shard is still in a node's share. The row is written as it is, so that who would take the slice meanwhile
/// waits, and whoever has taken it makes this transaction fail.
pub(crate) fn holds(connection: &mut Connection, share: &Share, shard: i16) -> Result<bool, StoreError> {
    let Share::Slices { node, held } = share else { return Ok(true) };
    let slice = Slice::of(shard);
    let Some(epoch) = held.get(&slice) else { return Ok(false) };
    let mine =
        shard_lease::table.find(slice.0).filter(shard_lease::holder.eq(node)).filter(shard_lease::epoch.eq(epoch));
    Ok(diesel::update(mine).set(shard_lease::epoch.eq(epoch)).execute(connection)? > 0)
}
