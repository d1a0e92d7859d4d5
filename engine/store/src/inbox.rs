//! The inbox: open tasks of a person and of the person's groups, due first.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use engine::event::Principal;
use engine::ids::{DefinitionId, InstanceId, Name, TaskId};
use engine::time::Timestamp;

use crate::dispatch::read;
use crate::projection::{FREE, NO_DUE_MS, TAKEN, assignee_principal};
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
    /// The groups: roles, teams, [`Principal::Anyone`], and [`Principal::StandIn`] for each absent person for whom the
    /// person may have to act. The person itself need not be among them.
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
    pub(crate) due_ms: i64,
    pub(crate) opened_ms: i64,
    pub(crate) instance: i64,
    pub(crate) task: i32,
}

impl InboxCursor {
    /// Before everything.
    pub(crate) const FIRST: InboxCursor =
        InboxCursor { due_ms: i64::MIN, opened_ms: i64::MIN, instance: i64::MIN, task: 0 };

    /// Before everything that is due then or later.
    pub fn before(due: Timestamp) -> InboxCursor {
        InboxCursor { due_ms: due.0, ..InboxCursor::FIRST }
    }

    /// Before everything that has no due.
    pub fn before_undue() -> InboxCursor {
        InboxCursor { due_ms: NO_DUE_MS, ..InboxCursor::FIRST }
    }
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
    /// The absent person for whom alone it is here; whether it is really the reader who stands in, the record says.
    pub in_stead_of: Option<Name>,
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
pub(crate) struct Shelf {
    pub(crate) principal: String,
    pub(crate) taken: i16,
    /// The absent person for whom alone its tasks are here.
    pub(crate) in_stead_of: Option<Name>,
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
        read!(self, inbox::page(&shelves, after, limit))
    }

    /// How much there is to do for a person and the person's groups, but for what the person has put off.
    ///
    /// # Errors
    /// The database failed.
    pub fn inbox_counts(
        &self,
        person: &Name,
        principals: &[Principal],
        now: Timestamp,
    ) -> Result<InboxCounts, StoreError> {
        read!(self, inbox::counts(person, &of_person(person), &of_groups(person, principals), now))
    }
}

fn of_person(person: &Name) -> Vec<Shelf> {
    vec![
        Shelf { principal: assignee_principal(person.as_str()), taken: TAKEN, in_stead_of: None },
        Shelf { principal: Principal::Person(person.clone()).to_string(), taken: FREE, in_stead_of: None },
    ]
}

fn of_groups(person: &Name, principals: &[Principal]) -> Vec<Shelf> {
    let own = Principal::Person(person.clone());
    let groups: BTreeSet<&Principal> = principals.iter().filter(|principal| **principal != own).collect();
    let shelf = |principal: &Principal| {
        let in_stead_of = match principal {
            Principal::StandIn(absent) => Some(absent.clone()),
            Principal::Anyone | Principal::Role(_) | Principal::Team(_) | Principal::Person(_) => None,
        };
        Shelf { principal: principal.to_string(), taken: FREE, in_stead_of }
    };
    groups.into_iter().map(shelf).collect()
}
