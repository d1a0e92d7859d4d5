//! A page of the inbox: one short read for each shelf and each row. In the same process a read costs next to nothing.

use std::collections::BTreeMap;

use diesel::prelude::*;
use engine::ids::{InstanceId, Name, TaskId};
use engine::time::Timestamp;

use super::Connection;
use super::tables::cases::{CaseColumns, case_columns};
use super::tables::instances::limited;
use crate::address;
use crate::inbox::Shelf;
use crate::projection::NO_DUE_MS;
use crate::schema::open_task;
use crate::{InboxCursor, InboxRow, StoreError};

/// The first tasks of some shelves after a place. A task that is for several of the groups stands on several shelves,
/// in the same place.
pub(super) fn page(
    connection: &mut Connection,
    shelves: &[Shelf],
    after: InboxCursor,
    limit: usize,
) -> Result<Vec<InboxRow>, StoreError> {
    let mut found = BTreeMap::new();
    // What is the reader's anyway is not there for somebody else.
    let (own, absent): (Vec<&Shelf>, Vec<&Shelf>) = shelves.iter().partition(|shelf| shelf.in_stead_of.is_none());
    for shelf in absent.into_iter().chain(own) {
        found.extend(slips(connection, shelf, after, limit)?);
    }
    let page = found.into_iter().take(limit);
    page.filter_map(|(place, slip)| row(connection, place, slip).transpose()).collect()
}

/// What a shelf holds of a task, besides its place.
struct Slip {
    step: String,
    assignee: Option<String>,
    in_stead_of: Option<Name>,
}

/// The columns of a place, in the order of the index.
const PLACE: (open_task::due_ms, open_task::opened_ms, open_task::instance, open_task::task) =
    (open_task::due_ms, open_task::opened_ms, open_task::instance, open_task::task);

type PlaceColumns = (i64, i64, i64, i32);

fn placed((due_ms, opened_ms, instance, task): PlaceColumns) -> InboxCursor {
    InboxCursor { due_ms, opened_ms, instance, task }
}

/// The first tasks of a shelf after a place. The comparison is one of rows, spelt out; the index seeks by the due.
fn slips(
    connection: &mut Connection,
    shelf: &Shelf,
    after: InboxCursor,
    limit: usize,
) -> Result<Vec<(InboxCursor, Slip)>, StoreError> {
    let (due_ms, opened_ms, instance, task) = PLACE;
    let later_task = instance.gt(after.instance).or(instance.eq(after.instance).and(task.gt(after.task)));
    let later_opened = opened_ms.gt(after.opened_ms).or(opened_ms.eq(after.opened_ms).and(later_task));
    let later = due_ms.gt(after.due_ms).or(due_ms.eq(after.due_ms).and(later_opened));
    let rows: Vec<(PlaceColumns, String, Option<String>)> = open_task::table
        .filter(open_task::principal.eq(&shelf.principal))
        .filter(open_task::taken.eq(shelf.taken))
        .filter(due_ms.ge(after.due_ms))
        .filter(later)
        .order(PLACE)
        .limit(limited(limit))
        .select((PLACE, open_task::step, open_task::assignee))
        .load(connection)?;
    let slip = |(place, step, assignee): (PlaceColumns, _, _)| {
        (placed(place), Slip { step, assignee, in_stead_of: shelf.in_stead_of.clone() })
    };
    Ok(rows.into_iter().map(slip).collect())
}

fn row(connection: &mut Connection, place: InboxCursor, slip: Slip) -> Result<Option<InboxRow>, StoreError> {
    let Some(case) = case_columns(connection, InstanceId(place.instance))? else {
        tracing::error!(instance = place.instance, "an open task has no record");
        return Ok(None);
    };
    Ok(Some(joined(place, slip, case)))
}

fn joined(place: InboxCursor, slip: Slip, case: CaseColumns) -> InboxRow {
    InboxRow {
        instance: InstanceId(place.instance),
        task: TaskId(u32::try_from(place.task).unwrap_or(0)),
        step: Name::from(slip.step),
        assignee: slip.assignee.map(Name::from),
        in_stead_of: slip.in_stead_of,
        due: Some(Timestamp(place.due_ms)).filter(|due| due.0 != NO_DUE_MS),
        opened: Timestamp(place.opened_ms),
        number: case.number,
        title: case.title,
        process: Name::from(case.process),
        definition: address::read(&case.definition),
        priority: case.priority.map(Name::from),
        service: case.service.map(Name::from),
        team: case.team.map(Name::from),
        requester: Name::from(case.requester),
    }
}
