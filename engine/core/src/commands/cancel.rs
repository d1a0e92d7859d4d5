//! Ending a record from outside of its process: what the process does then is gone through first.

use crate::command::Rejection;
use crate::commands::{open, operates, reason_given};
use crate::definition::{Definition, Handled};
use crate::event::Event;
use crate::instance::{Instance, Status};
use crate::nodes::handler;
use crate::run::Run;
use crate::step::{Step, World};

pub(crate) fn cancel(
    definition: &Definition,
    instance: &Instance,
    reason: String,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    open(instance)?;
    let mut run = Run::new(definition, instance, world);
    operates(&run)?;
    reason_given(&reason)?;
    run.emit(Event::Cancelled { reason: reason.clone() });
    // What the process does then is gone through once.
    let handler = definition.handler(Handled::Cancel).filter(|_| !run.is_being_cancelled());
    match handler {
        Some(handler) => {
            run.cancel_all();
            match instance.status() {
                Status::Suspended(_) => run.emit(Event::Resumed { reason }),
                Status::Running | Status::Stuck(_) | Status::Ended { .. } => {}
            }
            if run.instance.repair().is_some() {
                run.emit(Event::RepairRetried);
            }
            run.begin_at(&handler.name);
        }
        None => handler::cancel(&mut run),
    }
    Ok(run.finish())
}
