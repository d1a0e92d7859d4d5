//! Waits for a message.

use crate::definition::Who;
use crate::event::Event;
use crate::expr::EvalError;
use crate::ids::{Name, TokenId};
use crate::nodes::Then;
use crate::people;
use crate::run::Run;

pub(crate) fn enter(run: &mut Run<'_>, token: TokenId, message: &Name, from: &[Who]) -> Result<Then, EvalError> {
    let from = people::principals(from, &run.scope())?;
    run.emit(Event::MessageAwaited { token, message: message.clone(), from });
    Ok(Then::Wait)
}
