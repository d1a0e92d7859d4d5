//! A named part beside the main way: a token of its own goes through it.

use crate::expr::EvalError;
use crate::ids::{Name, TokenId};
use crate::nodes::Then;
use crate::run::Run;

pub(crate) fn enter(run: &mut Run<'_>, token: TokenId, first: &Name) -> Result<Then, EvalError> {
    Ok(run.spawn(first, token))
}
