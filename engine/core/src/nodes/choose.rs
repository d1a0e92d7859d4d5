//! Goes the first way whose condition holds.

use crate::definition::Case;
use crate::expr::EvalError;
use crate::ids::Name;
use crate::nodes::Then;
use crate::run::Run;

pub(crate) fn enter(run: &mut Run<'_>, cases: &[Case], otherwise: Option<&Name>) -> Result<Then, EvalError> {
    for case in cases {
        if case.when.holds(&run.scope())? {
            return Ok(Then::To(case.to.clone()));
        }
    }
    Ok(otherwise.map_or(Then::Next, |name| Then::To(name.clone())))
}
