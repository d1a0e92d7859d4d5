//! The approvals on their way.

use super::{Instance, OpenTask};
use crate::ballot::Ballot;
use crate::ids::{Name, TaskId};
use crate::time::Timestamp;

impl Instance {
    /// Asks a level under a task. Of the levels before it the votes stay, and since when the approval is on its way.
    pub(super) fn open_ballot(&mut self, task: TaskId, mut ballot: Ballot, at: Timestamp) {
        if let Some(place) = self.ballots.iter().position(|held| held.token == ballot.token) {
            let before = self.ballots.swap_remove(place);
            (ballot.votes, ballot.opened) = (before.votes, before.opened);
        }
        let asked = OpenTask::new(task, ballot.token, ballot.step.clone(), ballot.candidates(), at);
        self.open(OpenTask { due: ballot.due, ..asked });
        self.ballots.push(ballot);
        self.ballots.sort_by_key(|ballot| ballot.token);
    }

    /// Ends an approval: all who voted, and those in whose stead somebody did, had a hand in it.
    pub(super) fn close_ballot(&mut self, task: TaskId, step: &Name) {
        let Some(place) = self.ballot_of(task) else { return };
        let votes = self.ballots.remove(place).votes;
        self.take_part(step, votes.into_iter().flat_map(|cast| cast.in_stead_of.into_iter().chain([cast.by])));
    }

    pub(super) fn ballot_of(&self, task: TaskId) -> Option<usize> {
        let token = self.task(task)?.token;
        self.ballots.iter().position(|ballot| ballot.token == token)
    }

    /// Changes a ballot, and whom its task is for with it.
    pub(super) fn with_ballot(&mut self, task: TaskId, change: impl FnOnce(&mut Ballot)) {
        let Some(place) = self.ballot_of(task) else { return };
        let Some(ballot) = self.ballots.get_mut(place) else { return };
        change(ballot);
        let candidates = ballot.candidates();
        self.with_task(task, |open| open.candidates = candidates);
    }
}
