//! What fails: `on error` begins, or a person must look; and trying again once somebody has.

use super::Run;
use crate::blame;
use crate::definition::{Handled, Step};
use crate::effect::{Awaited, Begun, Effect};
use crate::event::{Event, Owed, Repair};
use crate::expr::{EvalError, Expr};
use crate::ids::{Name, TokenId};
use crate::instance::{Status, Waits};
use crate::nodes::{self, Then};
use crate::value::{Fields, Value};

impl<'a> Run<'a> {
    /// What a token does has failed; it stays where it is. What follows from that waits until the command has done all else
    /// ([`Run::face_failures`]), since a handler may end what is still on its way.
    pub(crate) fn fail(&mut self, token: TokenId, problem: EvalError) {
        let handled = self.instance.caught().is_some_and(|caught| caught.token == token && self.stands(caught));
        if !handled && self.failures.iter().all(|(held, _)| *held != token) {
            self.failures.push_back((token, problem));
        }
    }

    /// The first failure, where there is one; the record is as if it had not been one.
    pub(super) fn take_failure(&mut self) -> Option<EvalError> {
        self.failures.pop_front().map(|(_, problem)| problem)
    }

    /// Each step that failed: `on error` is gone through, where the process has it, or a person must look.
    pub(crate) fn face_failures(&mut self) {
        while let Some((token, problem)) = self.failures.pop_front() {
            if self.instance.is_ended() || self.instance.token(token).is_none() {
                continue;
            }
            self.stand_at(token);
            let repair = self.repair_of(Some(token), &problem, Vec::new());
            match self.handler() {
                Some(handler) => {
                    self.emit(Event::ErrorCaught { repair });
                    self.begin_at(&handler);
                }
                None => self.need_repair(repair),
            }
        }
    }

    /// Where `on error` begins. Nothing where it is gone through already, and nothing brings a record back that is being
    /// cancelled.
    fn handler(&self) -> Option<Name> {
        let handler = self.definition.handler(Handled::Error)?.name.clone();
        let free = self.instance.caught().is_none() && *self.instance.status() == Status::Running;
        (free && !self.is_being_cancelled()).then_some(handler)
    }

    /// Whether what the process does when it is cancelled is gone through.
    pub(crate) fn is_being_cancelled(&self) -> bool {
        let stands = |cancel: &Step| self.instance.tokens().iter().any(|token| token.step == cancel.name);
        self.definition.handler(Handled::Cancel).is_some_and(stands)
    }

    /// Whether the token of a repair still stands where it failed.
    pub(crate) fn stands(&self, repair: &Repair) -> bool {
        self.instance.token(repair.token).is_some_and(|held| held.step == repair.step)
    }

    /// The instance cannot go on, and no step is to blame: a person must look.
    pub(crate) fn repair(&mut self, problem: &EvalError) {
        self.need_repair(self.repair_of(None, problem, Vec::new()));
    }

    /// Something must be done once a person has looked.
    pub(crate) fn owe(&mut self, owed: Owed, problem: &EvalError) {
        self.need_repair(self.repair_of(None, problem, vec![owed]));
    }

    fn need_repair(&mut self, repair: Repair) {
        let known = self.instance.is_ended()
            || self.instance.repair().is_some_and(|held| repair.owed.iter().all(|new| held.owed.contains(new)));
        if !known {
            self.emit(Event::RepairNeeded { repair });
        }
    }

    fn repair_of(&self, token: Option<TokenId>, problem: &EvalError, owed: Vec<Owed>) -> Repair {
        let first = || self.instance.tokens().first().map(|token| token.id);
        let token = token.or_else(first).unwrap_or(TokenId(0));
        let step = self.instance.token(token).map_or_else(|| Name::from(""), |token| token.step.clone());
        let line = self.definition.step(&step).map_or(0, |step| step.line);
        let culprit = blame::culprit(self, &step, &owed, problem);
        let (expression, saw) =
            culprit.map_or((None, Fields::new()), |found| (Some(found.source()), self.seen_by(found)));
        Repair { token, step, line, problem: problem.to_string(), expression, saw, owed }
    }

    /// The fields that an expression reads, with their values.
    fn seen_by(&self, expr: &Expr) -> Fields {
        let value = |name: &Name| self.instance.fields().get(name).cloned().unwrap_or(Value::Nothing);
        expr.reads().into_iter().map(|name| (name.clone(), value(name))).collect()
    }

    /// Lets a token do its step once more, after a repair.
    pub(crate) fn redo(&mut self, token: TokenId) {
        let Some(held) = self.instance.token(token).cloned() else { return };
        let then = match (self.instance.ballot(token).cloned(), &held.waits) {
            (Some(ballot), _) => match nodes::resume(self, &ballot) {
                Ok(then) => then,
                Err(problem) => return self.fail(token, problem),
            },
            (None, Waits::Judgement) => Then::Next,
            (None, _) => self.walk(token, &held.step, held.parent, held.round),
        };
        self.proceed(token, then);
    }

    /// Does what is still to be done after a repair: the step at which the instance stands half way, and what is owed.
    pub(crate) fn recover(&mut self, owed: &[Owed]) {
        for token in self.instance.half_way() {
            if !self.instance.is_ended() {
                self.redo(token);
            }
        }
        for owed in owed {
            if !self.instance.is_ended() {
                self.pay(owed);
            }
        }
    }

    /// Does once more what could not be done when its moment came.
    pub(crate) fn pay(&mut self, owed: &Owed) {
        if let Owed::Begin(begun) = owed
            && self.needs(begun)
        {
            self.effects.push(Effect::Begin((**begun).clone()));
        }
        self.stand_among(owed.items());
        if let Err(problem) = nodes::perform(self, owed.actions(self.definition.parts())) {
            self.owe(owed.clone(), &problem);
        }
        self.stand_nowhere();
    }

    /// Whether a record that another one owes is still to be begun: not where nobody waits for its end any more.
    pub(crate) fn needs(&self, begun: &Begun) -> bool {
        match begun.origin.waits {
            Awaited::Started => true,
            Awaited::Called => self.instance.tokens().iter().any(|token| token.waits == Waits::Return(begun.instance)),
        }
    }
}
