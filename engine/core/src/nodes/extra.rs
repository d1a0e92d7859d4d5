//! A part that a person has added: nobody waits for it, and its end ends nothing else. A jump out of it ends everything
//! else and goes on from there.

use crate::event::Event;
use crate::expr::EvalError;
use crate::ids::{Name, TokenId};
use crate::nodes::Then;
use crate::run::Run;

pub(crate) fn enter(run: &mut Run<'_>, token: TokenId, first: &Name) -> Result<Then, EvalError> {
    let then = run.spawn(first, token);
    Ok(left(run, token, then))
}

/// What becomes of it when the token inside comes to its end, or jumps out.
pub(crate) fn left(run: &mut Run<'_>, token: TokenId, then: Then) -> Then {
    match then {
        Then::Next => {
            run.cancel_inside(token);
            run.cancel(token);
            Then::Done
        }
        Then::To(_) => {
            run.cancel_beside(token);
            if run.instance.caught().is_some() {
                run.emit(Event::ErrorHandled);
            }
            then
        }
        Then::Wait | Then::Done => then,
    }
}
