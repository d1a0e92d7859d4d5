//! Begins another record and waits until it ends.

use crate::definition::Begin;
use crate::effect::Awaited;
use crate::expr::EvalError;
use crate::ids::TokenId;
use crate::nodes::Then;
use crate::run::Run;

pub(crate) fn enter(run: &mut Run<'_>, token: TokenId, begin: &Begin) -> Result<Then, EvalError> {
    run.begin_other(begin, Awaited::Called, Some(token))?;
    Ok(Then::Wait)
}
