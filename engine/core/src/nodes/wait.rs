//! Waits for an instant, or for a condition, which is asked after every command.

use crate::definition::{StepKind, Until};
use crate::event::Event;
use crate::expr::EvalError;
use crate::ids::TokenId;
use crate::instance::Waits;
use crate::nodes::Then;
use crate::run::Run;
use crate::value::Value;

pub(crate) fn enter(run: &mut Run<'_>, token: TokenId, until: &Until) -> Result<Then, EvalError> {
    match until {
        Until::Condition(condition) if condition.holds(&run.scope())? => Ok(Then::Next),
        Until::Condition(_) => {
            run.emit(Event::ConditionAwaited { token });
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
            run.emit(Event::TimerSet { token, at });
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
            Ok(false) => {}
            Err(problem) => run.fail(&problem),
        }
    }
}

/// Whether a token still waits for a condition, and it holds.
fn holds(run: &Run<'_>, token: TokenId) -> Result<bool, EvalError> {
    let held = run.instance.token(token).filter(|held| held.waits == Waits::Condition);
    let step = held.and_then(|held| run.definition.step(&held.step));
    match step.map(|step| &step.kind) {
        Some(StepKind::Wait { until: Until::Condition(condition) }) => condition.holds(&run.scope()),
        _ => Ok(false),
    }
}
