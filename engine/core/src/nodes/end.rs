//! Ends the record: what is open is cancelled, clocks stop, nothing changes any more.

use crate::clock;
use crate::definition::End;
use crate::effect::{Awaited, Caller, Effect};
use crate::event::Event;
use crate::expr::EvalError;
use crate::ids::Name;
use crate::nodes::Then;
use crate::run::Run;

pub(crate) fn enter(run: &mut Run<'_>, end: &End) -> Result<Then, EvalError> {
    finish(run, end.outcome.clone());
    Ok(Then::Done)
}

/// Ends the record, and tells the one that called it.
pub(crate) fn finish(run: &mut Run<'_>, outcome: Name) {
    run.cancel_all();
    clock::stop_all(run);
    run.emit(Event::Ended { outcome: outcome.clone(), at: run.world.now });
    match run.instance.origin() {
        Some(Caller { by, waits: Awaited::Called, .. }) => {
            let to = *by;
            run.owe_effect(Effect::Return { to, outcome });
        }
        Some(Caller { waits: Awaited::Started, .. }) | None => {}
    }
}
