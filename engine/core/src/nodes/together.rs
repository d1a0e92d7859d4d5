//! Several ways at once: all whose conditions hold start, and the step is over when enough of them are.

use crate::definition::{Branch, Needs, Rest, StepKind};
use crate::event::Event;
use crate::expr::EvalError;
use crate::ids::{Name, TokenId};
use crate::instance::Waits;
use crate::nodes::Then;
use crate::run::Run;

pub(crate) fn enter(
    run: &mut Run<'_>,
    token: TokenId,
    branches: &[Branch],
    needs: Needs,
    rest: Rest,
) -> Result<Then, EvalError> {
    let started = started(run, branches)?;
    let enough = enough(needs, started.len());
    for branch in &started {
        let inner = run.instance.new_token();
        match run.spawn(branch, token) {
            Then::Wait => {}
            Then::Next => {
                run.emit(Event::BranchFinished { token: inner, around: token });
                // Those that go on beside begin before the step is over.
                if rest == Rest::Cancelled && has_enough(run, token, enough) {
                    return Ok(Then::Next);
                }
            }
            over @ (Then::Done | Then::To(_)) => return Ok(over),
        }
    }
    Ok(if has_enough(run, token, enough) { go_on(run, token, rest) } else { Then::Wait })
}

/// The first steps of the branches whose conditions hold now.
fn started(run: &Run<'_>, branches: &[Branch]) -> Result<Vec<Name>, EvalError> {
    let mut started = Vec::new();
    for branch in branches {
        let holds = match &branch.when {
            Some(condition) => condition.holds(&run.scope())?,
            None => true,
        };
        if holds {
            started.push(branch.first.clone());
        }
    }
    Ok(started)
}

/// What the step does when a branch of it has come to its end: it goes on, and the others are cancelled or go on beside,
/// or it waits for more.
pub(crate) fn branch_ended(run: &mut Run<'_>, branch: TokenId, around: TokenId, needs: Needs, rest: Rest) -> Then {
    let started = started_inside(run, around);
    run.emit(Event::BranchFinished { token: branch, around });
    if has_enough(run, around, enough(needs, started)) { go_on(run, around, rest) } else { Then::Wait }
}

/// Lets every step go on of which enough branches are over: another version may need fewer.
pub(crate) fn settle(run: &mut Run<'_>) {
    let definition = run.definition;
    let waiting = run.instance.tokens().iter().filter(|token| token.waits == Waits::Inner && token.finished > 0);
    let waiting: Vec<TokenId> = waiting.map(|token| token.id).collect();
    for token in waiting {
        let step = run.instance.token(token).and_then(|held| definition.step(&held.step));
        let Some(StepKind::Together { needs, rest, .. }) = step.map(|step| &step.kind) else { continue };
        if has_enough(run, token, enough(*needs, started_inside(run, token))) {
            let then = go_on(run, token, *rest);
            run.proceed(token, then);
        }
    }
}

/// How many branches a step has started: those that are open, and those that are over.
fn started_inside(run: &Run<'_>, around: TokenId) -> usize {
    let over = run.instance.token(around).map_or(0, |held| held.finished);
    inside(run, around) + usize::try_from(over).unwrap_or(usize::MAX)
}

/// What becomes of those that go on beside when one of them has come to its end, or jumps out.
pub(crate) fn rest_ended(run: &mut Run<'_>, branch: TokenId, around: TokenId) -> Then {
    run.emit(Event::BranchFinished { token: branch, around });
    let mut emptied = Some(around);
    while let Some(rest) = emptied.and_then(|token| run.instance.token(token)).cloned() {
        let holds = run.instance.tokens().iter().any(|held| held.parent == Some(rest.id));
        if holds || rest.waits != Waits::Rest {
            break;
        }
        run.cancel(rest.id);
        emptied = rest.parent;
    }
    Then::Done
}

/// How many branches are open inside a token, apart from those that nobody waits for.
fn inside(run: &Run<'_>, around: TokenId) -> usize {
    run.instance.tokens().iter().filter(|held| held.parent == Some(around) && held.waits != Waits::Rest).count()
}

fn has_enough(run: &Run<'_>, around: TokenId, enough: u32) -> bool {
    run.instance.token(around).is_some_and(|held| held.finished >= enough)
}

/// Goes on, since enough branches are over; the others are cancelled with that, or stay behind.
fn go_on(run: &mut Run<'_>, around: TokenId, rest: Rest) -> Then {
    if rest == Rest::GoesOn && inside(run, around) > 0 {
        let rest = run.instance.new_token();
        run.emit(Event::RestLeft { token: around, rest });
    }
    Then::Next
}

/// How many branches must finish of those that were started.
fn enough(needs: Needs, started: usize) -> u32 {
    let started = u32::try_from(started).unwrap_or(u32::MAX);
    match needs {
        Needs::All => started,
        Needs::Count(count) => count.min(started),
    }
}
