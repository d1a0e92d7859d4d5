//! Ending tokens, with what they waited for.

use super::Run;
use crate::effect::Effect;
use crate::event::Event;
use crate::ids::{InstanceId, TokenId};
use crate::instance::Waits;

impl<'a> Run<'a> {
    /// Ends every token inside another, with its task.
    pub(crate) fn cancel_inside(&mut self, token: TokenId) {
        let inside: Vec<TokenId> =
            self.instance.tokens().iter().filter(|held| held.parent == Some(token)).map(|held| held.id).collect();
        for inner in inside {
            self.cancel_inside(inner);
            self.cancel(inner);
        }
    }

    /// Ends everything but a token that lies in nothing else, and what is inside it.
    pub(crate) fn cancel_beside(&mut self, token: TokenId) {
        let outermost = self.instance.tokens().iter().filter(|held| held.parent.is_none() && held.id != token);
        let others: Vec<TokenId> = outermost.map(|held| held.id).collect();
        for other in others {
            self.cancel_inside(other);
            self.cancel(other);
        }
    }

    pub(crate) fn cancel_all(&mut self) {
        let all: Vec<TokenId> = self.instance.tokens().iter().map(|token| token.id).collect();
        all.into_iter().for_each(|token| self.cancel(token));
    }

    /// Ends a token; those inside it must be over.
    pub(crate) fn cancel(&mut self, token: TokenId) {
        self.abandon(token);
        self.emit(Event::TokenEnded { token });
    }

    /// Nobody needs any more what a token waits for.
    pub(crate) fn abandon(&mut self, token: TokenId) {
        let called = self.instance.token(token).and_then(|held| match held.waits {
            Waits::Return(begun) => Some(begun),
            _ => None,
        });
        let open = self.instance.tasks().iter().find(|task| task.token == token);
        if let Some((task, step)) = open.map(|task| (task.id, task.step.clone())) {
            self.emit(Event::TaskCancelled { task, step });
        }
        let job = self.instance.jobs().iter().find(|job| job.token == token);
        if let Some((job, step)) = job.map(|job| (job.id, job.step.clone())) {
            self.emit(Event::JobCancelled { job, step });
        }
        if let Some(begun) = called.filter(|begun| !self.owes(*begun)) {
            self.effects.push(Effect::CancelCalled { begun });
        }
    }

    /// Whether a record could not be begun so far.
    fn owes(&self, record: InstanceId) -> bool {
        self.instance.repair().is_some_and(|repair| repair.owes(record))
    }
}
