//! The approvals on their way.

use super::Instance;
use crate::ballot::Ballot;
use crate::ids::{TaskId, TokenId};

impl Instance {
    /// Ends the level that a token waits for, if there is one, and gives it.
    pub(super) fn take_ballot(&mut self, token: TokenId) -> Option<Ballot> {
        let held = self.ballots.iter().position(|ballot| ballot.token == token);
        held.map(|place| self.ballots.swap_remove(place))
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
