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
        if let Err(problem) = self.walk(token, step, None, None).and_then(|then| self.follow(token, then)) {
            self.fail(&problem);
        }
    }

    /// Lets a token go on from where it stands.
    pub(crate) fn proceed(&mut self, token: TokenId, then: Then) {
        if let Err(problem) = self.follow(token, then) {
            self.fail(&problem);
        }
    }

    /// Takes a token from where it waits to where a way leads, leaving every race and block that the way does not lie
    /// in; what it waited for is not needed any more.
    pub(crate) fn jump(&mut self, token: TokenId, way: Way) -> Result<(), Rejection> {
        let Way { to, entry, detours } = way;
        self.abandon(token);
        self.detours = detours;
        self.follow(token, Then::To(entry)).map_err(Rejection::CannotJudge)?;
        if self.detours.is_empty() { Ok(()) } else { Err(Rejection::CannotMove(Immovable::NotEntered(to))) }
    }

    /// Brings a new token to a step inside `parent`'s, and says what `parent`'s token does then: it waits for those
    /// inside, or goes on since the branch finished or jumped out at once. Where the branch fails or jumps, nothing stays
    /// inside, so that `parent`'s step can be done anew as a whole.
    pub(crate) fn spawn(&mut self, step: &Name, parent: TokenId) -> Result<Then, EvalError> {
        self.spawn_round(step, parent, None)
    }

    /// The same for a round of a `for each`.
    pub(crate) fn spawn_round(&mut self, step: &Name, parent: TokenId, round: Option<u32>) -> Result<Then, EvalError> {
        let token = self.instance.new_token();
        let step = self.detours.remove(step).unwrap_or_else(|| step.clone());
        let then = self.walk(token, &step, Some(parent), round);
        match then {
            Ok(Then::Wait | Then::Next | Then::Done) => {}
            Ok(Then::To(_)) | Err(_) => self.cancel_inside(parent),
        }
        then
    }

    /// Takes a token from step to step until it waits; or until it comes to the end of its branch ([`Then::Next`])
    /// or jumps out of it ([`Then::To`]), which is for the token around it to follow. So the depth of calls is the
    /// depth of nesting, however long the way.
    pub(super) fn walk(
        &mut self,
        token: TokenId,
        step: &Name,
        parent: Option<TokenId>,
        round: Option<u32>,
    ) -> Result<Then, EvalError> {
        let mut at = step.clone();
        loop {
            if self.steps_left == 0 {
                return Err(EvalError::EndlessLoop(STEPS_MAX));
            }
            self.steps_left -= 1;
            let found = self.definition.step(&at).ok_or_else(|| EvalError::Unknown(at.to_string()))?;
            let round = round.filter(|_| self.instance.token(token).is_none());
            self.emit(Event::Entered { token, step: at.clone(), parent, round });
            self.stand_at(token);
            match nodes::enter(self, token, found)? {
                Then::Wait => return Ok(Then::Wait),
                Then::Done => return Ok(Then::Done),
                Then::Next => match &found.next {
                    Some(next) => at = next.clone(),
                    None => return Ok(Then::Next),
                },
                Then::To(target) if self.scope_name(&target)? == found.scope => at = target,
                Then::To(target) => return Ok(Then::To(target)),
            }
        }
    }

    /// Takes a token on from where it stands. At the end of a branch the enclosing race is won and the enclosing
    /// block is over; a jump leaves every race and block that its target does not lie in.
    pub(super) fn follow(&mut self, token: TokenId, then: Then) -> Result<(), EvalError> {
        let (mut token, mut then) = (token, then);
        loop {
            let Some(held) = self.instance.token(token).cloned() else { return Ok(()) };
            let target = match &then {
                Then::Wait | Then::Done => return Ok(()),
                Then::Next => self.definition.step(&held.step).and_then(|step| step.next.clone()),
                Then::To(target) if self.scope_name(target)? == self.scope_name(&held.step)? => Some(target.clone()),
                Then::To(_) => None,
            };
            match (target, held.parent) {
                (Some(target), parent) => {
                    self.cancel_inside(token);
                    then = self.walk(token, &target, parent, None)?;
                }
                (None, Some(parent)) => {
                    then = nodes::left(self, token, parent, then)?;
                    match then {
                        Then::Wait | Then::Done => return Ok(()),
                        Then::Next | Then::To(_) => self.cancel_inside(parent),
                    }
                    token = parent;
                }
                (None, None) => return Err(nowhere(&then)),
            }
        }
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

/// The checker proves that every way leads to an end; this is what its mistake would look like.
fn nowhere(then: &Then) -> EvalError {
    EvalError::Unknown(match then {
        Then::To(target) => format!("way to {target}"),
        Then::Wait | Then::Done | Then::Next => "end after the last step".into(),
    })
}
