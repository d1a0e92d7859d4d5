//! The inbox: open tasks of a person and of the person's groups, due first.

use std::collections::BTreeSet;

use diesel::prelude::*;
use engine::ids::Name;
use engine::time::Timestamp;

use super::Connection;
use super::instances::limited;
use crate::inbox::Shelf;
use crate::schema::open_task;
use crate::{INBOX_COUNT_MAX, InboxCounts, InboxCursor, InboxRow, StoreError};

/// A page of the inbox. How some shelves are read together differs between the databases.
pub(crate) fn page(
    connection: &mut Connection,
    shelves: &[Shelf],
    after: InboxCursor,
    limit: usize,
) -> Result<Vec<InboxRow>, StoreError> {
    super::inbox_page(connection, shelves, after, limit)
}

pub(crate) fn counts(
    connection: &mut Connection,
    person: &Name,
    mine: &[Shelf],
    groups: &[Shelf],
    now: Timestamp,
) -> Result<InboxCounts, StoreError> {
    let asleep = super::snoozed::of_person(connection, person, now)?;
    let asleep: BTreeSet<(i64, u32)> = asleep.into_iter().map(|held| (held.instance.0, held.task.0)).collect();
    let is_awake = |place: &InboxCursor| !asleep.contains(&(place.instance, u32::try_from(place.task).unwrap_or(0)));
    let (mut mine, mut groups) = (places(connection, mine)?, places(connection, groups)?);
    mine.retain(is_awake);
    groups.retain(is_awake);
    let late = |place: &&InboxCursor| place.due_ms < now.0;
    Ok(InboxCounts {
        mine: mine.len().min(INBOX_COUNT_MAX),
        groups: groups.len().min(INBOX_COUNT_MAX),
        overdue: mine.union(&groups).filter(late).count().min(INBOX_COUNT_MAX),
    })
}

/// The columns of a place, in the order of the index.
const PLACE: (open_task::due_ms, open_task::opened_ms, open_task::instance, open_task::task) =
    (open_task::due_ms, open_task::opened_ms, open_task::instance, open_task::task);

type PlaceColumns = (i64, i64, i64, i32);

fn placed((due_ms, opened_ms, instance, task): PlaceColumns) -> InboxCursor {
    InboxCursor { due_ms, opened_ms, instance, task }
}

/// The distinct tasks of some shelves, so many of each as are counted at most.
fn places(connection: &mut Connection, shelves: &[Shelf]) -> Result<BTreeSet<InboxCursor>, StoreError> {
    let mut found = BTreeSet::new();
    for shelf in shelves {
        let rows: Vec<PlaceColumns> = open_task::table
            .filter(open_task::principal.eq(&shelf.principal))
            .filter(open_task::taken.eq(shelf.taken))
            .order(PLACE)
            .limit(limited(INBOX_COUNT_MAX))
            .select(PLACE)
            .load(connection)?;
        found.extend(rows.into_iter().map(placed));
    }
    Ok(found)
}
