//! Several ways at once: all whose conditions hold start, and the step is over when enough of them are.

use crate::definition::{Branch, Needs};
use crate::event::Event;
use crate::expr::EvalError;
use crate::ids::{Name, TokenId};
use crate::nodes::Then;
use crate::run::Run;

pub(crate) fn enter(run: &mut Run<'_>, token: TokenId, branches: &[Branch], needs: Needs) -> Result<Then, EvalError> {
    let started = started(run, branches)?;
    let enough = enough(needs, started.len());
    for branch in &started {
        let inner = run.instance.new_token();
        match run.spawn(branch, token)? {
            Then::Wait => {}
            Then::Next if is_over(run, inner, token, enough) => return Ok(Then::Next),
            Then::Next => {}
            over @ (Then::Done | Then::To(_)) => return Ok(over),
        }
    }
    Ok(if started.is_empty() { Then::Next } else { Then::Wait })
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

/// What the step does when a branch of it has come to its end: it goes on, and the others are cancelled, or it waits
/// for more.
pub(crate) fn branch_ended(run: &mut Run<'_>, branch: TokenId, around: TokenId, needs: Needs) -> Then {
    let open = run.instance.tokens().iter().filter(|held| held.parent == Some(around)).count();
    let before = run.instance.token(around).map_or(0, |held| held.finished);
    let started = open + usize::try_from(before).unwrap_or(usize::MAX);
    if is_over(run, branch, around, enough(needs, started)) { Then::Next } else { Then::Wait }
}

fn is_over(run: &mut Run<'_>, branch: TokenId, around: TokenId, enough: u32) -> bool {
    run.emit(Event::BranchFinished { token: branch, around });
    let over = run.instance.token(around).is_some_and(|held| held.finished >= enough);
    if over {
        run.cancel_inside(around);
    }
    over
}

/// How many branches must finish of those that were started.
fn enough(needs: Needs, started: usize) -> u32 {
    let started = u32::try_from(started).unwrap_or(u32::MAX);
    match needs {
        Needs::All => started,
        Needs::Count(count) => count.min(started),
    }
}
