//! A part that a person has added: nobody waits for it, and its end ends nothing else.

use crate::expr::EvalError;
use crate::ids::{Name, TokenId};
use crate::nodes::Then;
use crate::run::Run;

pub(crate) fn enter(run: &mut Run<'_>, token: TokenId, first: &Name) -> Result<Then, EvalError> {
    match run.spawn(first, token) {
        Then::Next => Ok(ended(run, token)),
        then @ (Then::Wait | Then::Done | Then::To(_)) => Ok(then),
    }
}

pub(crate) fn ended(run: &mut Run<'_>, token: TokenId) -> Then {
    run.cancel_inside(token);
    run.cancel(token);
    Then::Done
}
