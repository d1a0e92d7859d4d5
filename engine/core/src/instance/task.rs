//! The tasks that are open.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Instance, Waits};
use crate::event::Principal;
use crate::ids::{Name, TaskId, TokenId};
use crate::time::Timestamp;

/// A task that is there to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenTask {
    /// Its identity.
    pub id: TaskId,
    /// The token that waits for it.
    pub token: TokenId,
    /// The step.
    pub step: Name,
    /// Who may do it.
    pub candidates: Vec<Principal>,
    /// Who has taken it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Name>,
    /// For whom the holder does it, where that is somebody who is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_stead_of: Option<Name>,
    /// Who asked the assignee to do the work, where somebody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegated_by: Option<Name>,
    /// Everybody who was asked to do the work.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub helpers: BTreeSet<Name>,
    /// By when it should be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// When each of the step's reminders comes; nothing where it came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reminders: Vec<Option<Timestamp>>,
    /// Since when it is open.
    pub opened: Timestamp,
}

impl OpenTask {
    /// A task that nobody has taken, with neither due nor reminders.
    pub(super) fn new(id: TaskId, token: TokenId, step: Name, candidates: Vec<Principal>, opened: Timestamp) -> Self {
        OpenTask {
            id,
            token,
            step,
            candidates,
            assignee: None,
            in_stead_of: None,
            delegated_by: None,
            helpers: BTreeSet::new(),
            due: None,
            reminders: Vec::new(),
            opened,
        }
    }
}

impl OpenTask {
    /// It is for other people now; who keeps the claim may still have asked somebody to do the work.
    pub(super) fn reassign(&mut self, candidates: &[Principal], assignee: Option<&Name>, in_stead_of: Option<&Name>) {
        self.candidates = candidates.to_vec();
        self.assignee = assignee.cloned();
        self.in_stead_of = in_stead_of.cloned();
        self.delegated_by.take_if(|_| assignee.is_none());
    }
}

impl Instance {
    pub(super) fn open(&mut self, task: OpenTask) {
        self.next_task = self.next_task.max(task.id.0 + 1);
        self.set_waits(task.token, Waits::Task(task.id));
        self.tasks.push(task);
    }

    pub(super) fn close_task(&mut self, task: TaskId) -> Option<OpenTask> {
        let place = self.tasks.iter().position(|open| open.id == task)?;
        Some(self.tasks.remove(place))
    }

    pub(super) fn hold(&mut self, task: TaskId, holder: Option<&Name>, in_stead_of: Option<&Name>) {
        self.with_task(task, |open| {
            open.assignee = holder.cloned();
            open.in_stead_of = in_stead_of.cloned();
            open.delegated_by = None;
        });
    }

    pub(super) fn with_task(&mut self, task: TaskId, change: impl FnOnce(&mut OpenTask)) {
        if let Some(open) = self.tasks.iter_mut().find(|open| open.id == task) {
            change(open);
        }
    }

    pub(crate) fn task_of(&self, token: TokenId) -> Option<&OpenTask> {
        self.tasks.iter().find(|open| open.token == token)
    }

    pub(crate) fn new_task(&self) -> TaskId {
        TaskId(self.next_task)
    }

    pub(super) fn take_part(&mut self, step: &Name, people: impl IntoIterator<Item = Name>) {
        self.took_part.entry(step.clone()).or_default().extend(people);
    }
}
