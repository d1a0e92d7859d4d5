//! A race: all branches start, the first to finish wins.

use crate::expr::EvalError;
use crate::ids::{Name, TokenId};
use crate::nodes::Then;
use crate::run::Run;

pub(crate) fn enter(run: &mut Run<'_>, token: TokenId, branches: &[Name]) -> Result<Then, EvalError> {
    for branch in branches {
        run.spawn(branch, token)?;
        // A branch that finishes at once has carried this token on.
        if !run.waits_for_inner(token) {
            break;
        }
    }
    Ok(Then::Done)
}
