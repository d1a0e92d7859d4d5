//! A race: all branches start, the first to finish wins.

use crate::expr::EvalError;
use crate::ids::{Name, TokenId};
use crate::nodes::Then;
use crate::run::Run;

pub(crate) fn enter(run: &mut Run<'_>, token: TokenId, branches: &[Name]) -> Result<Then, EvalError> {
    for branch in branches {
        match run.spawn(branch, token) {
            Then::Wait => {}
            over @ (Then::Done | Then::Next | Then::To(_)) => return Ok(over),
        }
    }
    Ok(Then::Wait)
}
