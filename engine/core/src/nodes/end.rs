//! Ends the record: what is open is cancelled, clocks stop, nothing changes any more.

use crate::clock;
use crate::definition::End;
use crate::event::Event;
use crate::expr::EvalError;
use crate::nodes::Then;
use crate::run::Run;

pub(crate) fn enter(run: &mut Run<'_>, end: &End) -> Result<Then, EvalError> {
    run.cancel_all();
    clock::stop_all(run);
    run.emit(Event::Ended { outcome: end.outcome.clone(), at: run.world.now });
    Ok(Then::Done)
}
