//! A milestone: it is noted, and the clocks that run until it stop.

use crate::clock;
use crate::definition::Step;
use crate::event::Event;
use crate::expr::EvalError;
use crate::nodes::Then;
use crate::run::Run;

pub(crate) fn enter(run: &mut Run<'_>, step: &Step) -> Result<Then, EvalError> {
    run.emit(Event::MilestoneReached { step: step.name.clone(), at: run.world.now });
    clock::stop_at(run, &step.name);
    Ok(Then::Next)
}
