//! The inbox: open tasks of a person and of the person's groups, due first.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use diesel::prelude::*;
use engine::event::Principal;
use engine::ids::{DefinitionId, InstanceId, Name, TaskId};
use engine::time::Timestamp;

use crate::cases::{CaseColumns, case_columns};
use crate::instances::limited;
use crate::projection::{FREE, NO_DUE_MS, TAKEN, assignee_principal};
use crate::schema::open_task;
use crate::{Store, StoreError};

/// The most tasks that one page of the inbox holds.
pub const INBOX_PAGE_MAX: usize = 100;
/// Counting stops here, so that it stays cheap; show `1000+`.
pub const INBOX_COUNT_MAX: usize = 1_000;

/// Whose tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InboxView {
    /// Those that the person has taken, or that name the person.
    Mine,
    /// Those that nobody has taken and that one of the person's groups may do.
    Groups,
    /// Both.
    Both,
}

/// What to show of the inbox.
#[derive(Clone, Debug)]
pub struct InboxQuery {
    /// The person.
    pub person: Name,
    /// The groups: roles, teams, [`Principal::Anyone`]. The person itself need not be among them.
    pub principals: Vec<Principal>,
    /// Whose tasks.
    pub view: InboxView,
    /// Those that come after this one.
    pub after: Option<InboxCursor>,
    /// How many, at most [`INBOX_PAGE_MAX`].
    pub limit: usize,
}

/// A place in the order of the inbox. As text it fits into a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InboxCursor {
    due_ms: i64,
    opened_ms: i64,
    instance: i64,
    task: i32,
}

impl InboxCursor {
    /// Before everything.
    const FIRST: InboxCursor = InboxCursor { due_ms: i64::MIN, opened_ms: i64::MIN, instance: i64::MIN, task: 0 };
}

impl fmt::Display for InboxCursor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}.{}.{}", self.due_ms, self.opened_ms, self.instance, self.task)
    }
}

/// Not a place in the inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a place in the inbox")]
pub struct NotACursor;

impl FromStr for InboxCursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let numbers = text.split('.').map(str::parse::<i64>).collect::<Result<Vec<i64>, _>>();
        match numbers.map_err(|_| NotACursor)?.as_slice() {
            &[due_ms, opened_ms, instance, task] => {
                Ok(InboxCursor { due_ms, opened_ms, instance, task: i32::try_from(task).map_err(|_| NotACursor)? })
            }
            _ => Err(NotACursor),
        }
    }
}

/// A line of the inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxRow {
    /// The record.
    pub instance: InstanceId,
    /// The task.
    pub task: TaskId,
    /// The step that opened it.
    pub step: Name,
    /// Who has taken it.
    pub assignee: Option<Name>,
    /// By when: the earlier of its own due and that of the record's clock.
    pub due: Option<Timestamp>,
    /// Since when it is open.
    pub opened: Timestamp,
    /// The record's number.
    pub number: String,
    /// The record's title.
    pub title: String,
    /// The process.
    pub process: Name,
    /// The definition that the record follows.
    pub definition: DefinitionId,
    /// The record's priority, where its process has one.
    pub priority: Option<Name>,
    /// The record's service, where its process has one.
    pub service: Option<Name>,
    /// The record's team, where its process has one.
    pub team: Option<Name>,
    /// For whom the record is.
    pub requester: Name,
}

/// How much there is to do. Each figure stops at [`INBOX_COUNT_MAX`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InboxCounts {
    /// Taken by the person, or for the person by name.
    pub mine: usize,
    /// Free for the person's groups.
    pub groups: usize,
    /// Those of both that are past their due.
    pub overdue: usize,
}

impl InboxRow {
    /// Its place in the order; the next page begins after that of the last row.
    pub fn cursor(&self) -> InboxCursor {
        InboxCursor {
            due_ms: self.due.map_or(NO_DUE_MS, |due| due.0),
            opened_ms: self.opened.0,
            instance: self.instance.0,
            task: i32::try_from(self.task.0).unwrap_or(i32::MAX),
        }
    }
}

/// A part of the index that holds the tasks of one principal in order.
struct Shelf {
    principal: String,
    taken: i16,
}

/// What a shelf holds of a task, besides its place.
struct Slip {
    step: String,
    assignee: Option<String>,
}

impl Store {
    /// A page of the inbox: one short read per principal, whatever else there is to do.
    ///
    /// # Errors
    /// The database failed.
    pub fn inbox(&self, query: &InboxQuery) -> Result<Vec<InboxRow>, StoreError> {
        let limit = query.limit.min(INBOX_PAGE_MAX);
        let shelves = match query.view {
            InboxView::Mine => of_person(&query.person),
            InboxView::Groups => of_groups(&query.person, &query.principals),
            InboxView::Both => {
                of_person(&query.person).into_iter().chain(of_groups(&query.person, &query.principals)).collect()
            }
        };
        let after = query.after.unwrap_or(InboxCursor::FIRST);
        self.read(|connection| {
            // A task that is for several of the groups stands on several shelves, in the same place.
            let mut found = BTreeMap::new();
            for shelf in &shelves {
                found.extend(slips(connection, shelf, after, limit)?);
            }
            let page = found.into_iter().take(limit);
            page.filter_map(|(place, slip)| row(connection, place, slip).transpose()).collect()
        })
    }

    /// How much there is to do for a person and the person's groups.
    ///
    /// # Errors
    /// The database failed.
    pub fn inbox_counts(
        &self,
        person: &Name,
        principals: &[Principal],
        now: Timestamp,
    ) -> Result<InboxCounts, StoreError> {
        self.read(|connection| {
            let mine = places(connection, &of_person(person))?;
            let groups = places(connection, &of_groups(person, principals))?;
            let late = |place: &&InboxCursor| place.due_ms < now.0;
            Ok(InboxCounts {
                mine: mine.len().min(INBOX_COUNT_MAX),
                groups: groups.len().min(INBOX_COUNT_MAX),
                overdue: mine.union(&groups).filter(late).count().min(INBOX_COUNT_MAX),
            })
        })
    }
}

fn of_person(person: &Name) -> Vec<Shelf> {
    vec![
        Shelf { principal: assignee_principal(person.as_str()), taken: TAKEN },
        Shelf { principal: Principal::Person(person.clone()).to_string(), taken: FREE },
    ]
}

fn of_groups(person: &Name, principals: &[Principal]) -> Vec<Shelf> {
    let own = Principal::Person(person.clone());
    let groups: BTreeSet<&Principal> = principals.iter().filter(|principal| **principal != own).collect();
    groups.into_iter().map(|principal| Shelf { principal: principal.to_string(), taken: FREE }).collect()
}

/// The columns of a place, in the order of the index.
const PLACE: (open_task::due_ms, open_task::opened_ms, open_task::instance, open_task::task) =
    (open_task::due_ms, open_task::opened_ms, open_task::instance, open_task::task);

type PlaceColumns = (i64, i64, i64, i32);

impl From<PlaceColumns> for InboxCursor {
    fn from((due_ms, opened_ms, instance, task): PlaceColumns) -> Self {
        InboxCursor { due_ms, opened_ms, instance, task }
    }
}

/// The first tasks of a shelf after a place. The comparison is one of rows, spelt out; the index seeks by the due.
fn slips(
    connection: &mut SqliteConnection,
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
    Ok(rows.into_iter().map(|(place, step, assignee)| (place.into(), Slip { step, assignee })).collect())
}

/// The distinct tasks of some shelves, so many of each as are counted at most.
fn places(connection: &mut SqliteConnection, shelves: &[Shelf]) -> Result<BTreeSet<InboxCursor>, StoreError> {
    let mut found = BTreeSet::new();
    for shelf in shelves {
        let rows: Vec<PlaceColumns> = open_task::table
            .filter(open_task::principal.eq(&shelf.principal))
            .filter(open_task::taken.eq(shelf.taken))
            .order(PLACE)
            .limit(limited(INBOX_COUNT_MAX))
            .select(PLACE)
            .load(connection)?;
        found.extend(rows.into_iter().map(InboxCursor::from));
    }
    Ok(found)
}

fn row(connection: &mut SqliteConnection, place: InboxCursor, slip: Slip) -> Result<Option<InboxRow>, StoreError> {
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
        due: Some(Timestamp(place.due_ms)).filter(|due| due.0 != NO_DUE_MS),
        opened: Timestamp(place.opened_ms),
        number: case.number,
        title: case.title,
        process: Name::from(case.process),
        definition: DefinitionId(case.definition),
        priority: case.priority.map(Name::from),
        service: case.service.map(Name::from),
        team: case.team.map(Name::from),
        requester: Name::from(case.requester),
    }
}
