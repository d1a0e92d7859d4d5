//! Waits for an instant, or for a condition, which is asked after every command and whenever time alone may have changed
//! the answer (see [`crate::recheck`]).

use crate::definition::{Definition, StepKind, Until};
use crate::event::Event;
use crate::expr::{EvalError, Expr};
use crate::ids::TokenId;
use crate::instance::Waits;
use crate::nodes::Then;
use crate::recheck;
use crate::run::Run;
use crate::value::Value;

pub(crate) fn enter(run: &mut Run<'_>, token: TokenId, until: &Until) -> Result<Then, EvalError> {
    match until {
        Until::Condition(condition) if condition.holds(&run.scope())? => Ok(Then::Next),
        Until::Condition(condition) => {
            run.emit(Event::ConditionAwaited { token });
            sleep(run, token, condition);
            Ok(Then::Wait)
        }
        Until::Instant(instant) => {
            let at = match instant.value(&run.scope())? {
                Value::Instant(at) => at,
                Value::Date(day) => run.calendar(None)?.1.begin_of(&day).ok_or(EvalError::Empty(instant.source()))?,
                _ => return Err(EvalError::Empty(instant.source())),
            };
            if at <= run.world.now {
                return Ok(Then::Next);
            }
            run.emit(Event::TimerSet { token, at, counts_since: None });
            Ok(Then::Wait)
        }
    }
}

/// Lets every token go on whose condition holds now.
pub(crate) fn settle(run: &mut Run<'_>) {
    let waiting: Vec<TokenId> =
        run.instance.tokens().iter().filter(|token| token.waits == Waits::Condition).map(|token| token.id).collect();
    for token in waiting {
        run.stand_at(token);
        match holds(run, token) {
            Ok(true) => run.proceed(token, Then::Next),
            Ok(false) => fall_asleep_again(run, token),
            Err(problem) => {
                rest(run, token);
                run.fail(token, problem);
            }
        }
    }
}

fn fall_asleep_again(run: &mut Run<'_>, token: TokenId) {
    let definition = run.definition;
    if let Some(condition) = condition(run, token, definition) {
        sleep(run, token, condition);
    }
}

/// A condition that fails asks for no tick: time alone does not mend it, and every command asks it again.
fn rest(run: &mut Run<'_>, token: TokenId) {
    if run.instance.token(token).is_some_and(|held| held.sleeps_until.is_some()) {
        run.emit(Event::ConditionSleeps { token, until: None });
    }
}

/// Notes when a condition that does not hold is worth asking again.
fn sleep(run: &mut Run<'_>, token: TokenId, condition: &Expr) {
    let held = run.instance.token(token).and_then(|held| held.sleeps_until);
    let until = recheck::worth_asking(condition, &run.scope(), held);
    if until != held {
        run.emit(Event::ConditionSleeps { token, until });
    }
}

/// Whether a token still waits for a condition, and it holds.
fn holds(run: &Run<'_>, token: TokenId) -> Result<bool, EvalError> {
    condition(run, token, run.definition).map_or(Ok(false), |condition| condition.holds(&run.scope()))
}

/// What a token waits for, if it still waits for a condition.
fn condition<'d>(run: &Run<'_>, token: TokenId, definition: &'d Definition) -> Option<&'d Expr> {
    let held = run.instance.token(token).filter(|held| held.waits == Waits::Condition)?;
    match &definition.step(&held.step)?.kind {
        StepKind::Wait { until: Until::Condition(condition) } => Some(condition),
        _ => None,
    }
}
