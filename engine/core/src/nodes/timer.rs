//! Waits for time to pass.

use crate::definition::Due;
use crate::event::Event;
use crate::expr::EvalError;
use crate::ids::TokenId;
use crate::nodes::Then;
use crate::run::Run;

pub(crate) fn enter(run: &mut Run<'_>, token: TokenId, after: &Due) -> Result<Then, EvalError> {
    let at = run.due_at(after)?;
    run.emit(Event::TimerSet { token, at });
    Ok(Then::Wait)
}
