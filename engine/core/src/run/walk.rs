//! How tokens go from step to step, into branches and out of them.

use super::{Run, STEPS_MAX};
use crate::command::{Immovable, Rejection};
use crate::event::Event;
use crate::expr::EvalError;
use crate::ids::{Name, TokenId};
use crate::nodes::{self, Then};
use crate::places::Way;

impl<'a> Run<'a> {
    /// Brings the first token to the first step.
    pub(crate) fn begin(&mut self) {
        let first = self.definition.parts().first.clone();
        self.begin_at(&first);
    }

    /// Brings a new token to a step that lies in nothing else.
    pub(crate) fn begin_at(&mut self, step: &Name) {
        let token = self.instance.new_token();
        let then = self.walk(token, step, None, None);
        self.proceed(token, then);
    }

    /// Takes a token from where it waits to where a way leads, leaving every race and block that the way does not lie
    /// in; what it waited for is not needed any more.
    pub(crate) fn jump(&mut self, token: TokenId, way: Way) -> Result<(), Rejection> {
        let Way { to, entry, detours } = way;
        self.abandon(token);
        self.detours = detours;
        let before = self.events.len();
        self.proceed(token, Then::To(entry.clone()));
        if let Some(problem) = self.take_failure() {
            return Err(Rejection::CannotJudge(problem));
        }
        // From a branch that nobody waits for no way leads out.
        let came = |event: &Event| matches!(event, Event::Entered { step, .. } if *step == entry);
        let entered = self.events.iter().skip(before).any(came) && self.detours.is_empty();
        if entered { Ok(()) } else { Err(Rejection::CannotMove(Immovable::NotEntered(to))) }
    }

    /// Brings a new token to a step inside `parent`'s, and says what `parent`'s token does then: it waits for those
    /// inside, or goes on since the branch finished or jumped out at once. A branch that fails stays inside, half way.
    pub(crate) fn spawn(&mut self, step: &Name, parent: TokenId) -> Then {
        self.spawn_round(step, parent, None)
    }

    /// The same for a round of a `for each`.
    pub(crate) fn spawn_round(&mut self, step: &Name, parent: TokenId, round: Option<u32>) -> Then {
        let token = self.instance.new_token();
        let step = self.detours.remove(step).unwrap_or_else(|| step.clone());
        let then = self.walk(token, &step, Some(parent), round);
        match then {
            Then::Wait | Then::Next | Then::Done => {}
            Then::To(_) => self.cancel_inside(parent),
        }
        then
    }

    /// Takes a token from step to step until it waits; or until it comes to the end of its branch ([`Then::Next`])
    /// or jumps out of it ([`Then::To`]), which is for the token around it to follow. So the depth of calls is the
    /// depth of nesting, however long the way. Where a step fails the token stays in it.
    pub(super) fn walk(&mut self, token: TokenId, step: &Name, parent: Option<TokenId>, round: Option<u32>) -> Then {
        let mut at = step.clone();
        loop {
            match self.enter(token, &at, parent, round) {
                Ok(Onward::Step(next)) => at = next,
                Ok(Onward::Stop(then)) => return then,
                Err(problem) => {
                    self.fail(token, problem);
                    return Then::Wait;
                }
            }
        }
    }

    fn enter(
        &mut self,
        token: TokenId,
        at: &Name,
        parent: Option<TokenId>,
        round: Option<u32>,
    ) -> Result<Onward, EvalError> {
        let round = round.filter(|_| self.instance.token(token).is_none());
        self.emit(Event::Entered { token, step: at.clone(), parent, round });
        self.stand_at(token);
        let found = self.definition.step(at).ok_or_else(|| EvalError::Unknown(at.to_string()))?;
        self.steps_left = self.steps_left.checked_sub(1).ok_or(EvalError::EndlessLoop(STEPS_MAX))?;
        let then = nodes::enter(self, token, found)?;
        self.close(token, &then);
        Ok(match then {
            Then::Next => found.next.clone().map_or(Onward::Stop(Then::Next), Onward::Step),
            Then::To(target) if self.scope_name(&target)? == found.scope => Onward::Step(target),
            then @ (Then::To(_) | Then::Wait | Then::Done) => Onward::Stop(then),
        })
    }

    /// Who goes on has nobody inside.
    fn close(&mut self, token: TokenId, then: &Then) {
        match then {
            Then::Next | Then::To(_) => self.cancel_inside(token),
            Then::Wait | Then::Done => {}
        }
    }

    /// Takes a token on from where it stands. At the end of a branch the enclosing race is won and the enclosing
    /// block is over; a jump leaves every race and block that its target does not lie in.
    pub(crate) fn proceed(&mut self, token: TokenId, then: Then) {
        let (mut token, mut then) = (token, then);
        loop {
            if let Then::Wait | Then::Done = then {
                return;
            }
            let Some(held) = self.instance.token(token) else { return };
            let (step, parent) = (held.step.clone(), held.parent);
            self.close(token, &then);
            let target = match self.target(&step, &then) {
                Ok(target) => target,
                Err(problem) => return self.fail(token, problem),
            };
            match (target, parent) {
                (Some(target), parent) => then = self.walk(token, &target, parent, None),
                (None, Some(parent)) => {
                    then = nodes::left(self, token, parent, then);
                    token = parent;
                }
                (None, None) => return self.fail(token, nowhere(&then)),
            }
        }
    }

    /// The step in the same scope to which a token goes; nothing where its way leads out of the scope.
    fn target(&self, from: &Name, then: &Then) -> Result<Option<Name>, EvalError> {
        Ok(match then {
            Then::Wait | Then::Done => None,
            Then::Next => self.definition.step(from).and_then(|step| step.next.clone()),
            Then::To(target) if self.scope_name(target)? == self.scope_name(from)? => Some(target.clone()),
            Then::To(_) => None,
        })
    }

    fn scope_name(&self, step: &Name) -> Result<Option<Name>, EvalError> {
        self.definition.step(step).map(|step| step.scope.clone()).ok_or_else(|| EvalError::Unknown(step.to_string()))
    }

    /// The first of these steps that a token stands in.
    pub(crate) fn place_within(&self, steps: &[Name]) -> Option<Name> {
        steps
            .iter()
            .find(|step| self.instance.tokens().iter().any(|token| self.definition.is_within(&token.step, step)))
            .cloned()
    }
}

/// What a token does after a step.
enum Onward {
    /// It goes to that step, in the same scope.
    Step(Name),
    /// It waits, or leaves the scope.
    Stop(Then),
}

/// The checker proves that every way leads to an end; this is what its mistake would look like.
fn nowhere(then: &Then) -> EvalError {
    EvalError::Unknown(match then {
        Then::To(target) => format!("way to {target}"),
        Then::Wait | Then::Done | Then::Next => "end after the last step".into(),
    })
}
