//! Waits for time to pass.

use crate::definition::Due;
use crate::event::Event;
use crate::expr::EvalError;
use crate::ids::TokenId;
use crate::nodes::Then;
use crate::run::Run;
use crate::time::Counting;

pub(crate) fn enter(run: &mut Run<'_>, token: TokenId, after: &Due) -> Result<Then, EvalError> {
    let at = run.due_at(after)?;
    let counts_since = match after.span.counting {
        Counting::Working => Some(run.world.now),
        Counting::Plain => None,
    };
    run.emit(Event::TimerSet { token, at, counts_since });
    Ok(Then::Wait)
}
