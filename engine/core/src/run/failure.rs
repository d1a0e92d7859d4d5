//! What fails: `on error` begins, or a person must look; and trying again once somebody has.

use super::Run;
use crate::blame;
use crate::definition::Handled;
use crate::effect::Effect;
use crate::event::{Event, Owed, Repair};
use crate::expr::{EvalError, Expr};
use crate::ids::{Name, TokenId};
use crate::instance::Status;
use crate::nodes;
use crate::value::{Fields, Value};

impl<'a> Run<'a> {
    /// What a token does has failed: `on error` is gone through, where the process has it, or a person must look.
    pub(crate) fn fail(&mut self, problem: &EvalError) {
        let handler = self.definition.handler(Handled::Error).map(|step| step.name.clone());
        match handler {
            Some(handler) if self.instance.caught().is_none() && *self.instance.status() == Status::Running => {
                let repair = self.repair_of(problem, Vec::new());
                self.emit(Event::ErrorCaught { repair });
                self.begin_at(&handler);
            }
            Some(_) | None => self.repair(problem),
        }
    }

    /// The instance cannot go on: a person must look.
    pub(crate) fn repair(&mut self, problem: &EvalError) {
        self.need_repair(problem, Vec::new());
    }

    /// Something must be done once a person has looked.
    pub(crate) fn owe(&mut self, owed: Owed, problem: &EvalError) {
        self.need_repair(problem, vec![owed]);
    }

    fn need_repair(&mut self, problem: &EvalError, owed: Vec<Owed>) {
        let known = match self.instance.status() {
            Status::Stuck(repair) => owed.iter().all(|new| repair.owed.contains(new)),
            Status::Running | Status::Suspended(_) => false,
            Status::Ended { .. } => true,
        };
        if known {
            return;
        }
        let repair = self.repair_of(problem, owed);
        self.emit(Event::RepairNeeded { repair });
    }

    fn repair_of(&self, problem: &EvalError, owed: Vec<Owed>) -> Repair {
        let first = || self.instance.tokens().first().map(|token| token.id);
        let token = self.instance.half_way().first().copied().or_else(first).unwrap_or(TokenId(0));
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
        let ballot = self.instance.ballot(token).cloned();
        let then = match &ballot {
            Some(ballot) => nodes::resume(self, ballot),
            None => self.walk(token, &held.step, held.parent, held.round),
        };
        if let Err(problem) = then.and_then(|then| self.follow(token, then)) {
            self.fail(&problem);
        }
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
        if let Owed::Begin(begun) = owed {
            self.effects.push(Effect::Begin((**begun).clone()));
        }
        for action in owed.actions(self.definition.parts()) {
            if let Err(problem) = nodes::perform(self, std::slice::from_ref(action)) {
                self.owe(owed.clone(), &problem);
                return;
            }
        }
    }
}
