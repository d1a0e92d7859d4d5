//! Holding a record up, and letting it go on.
//!
//! While a record is suspended nothing of it moves: tasks are not open to anybody, messages are refused, timers do not
//! fire. Its clocks measure on, since the promise to a customer does not wait for us; what they pass meanwhile, and what
//! else has come due, is done when the record goes on.

use crate::clock;
use crate::command::Rejection;
use crate::commands::tick::fire_due;
use crate::commands::{operates, reason_given, short_enough, workable};
use crate::definition::{Definition, REASON_MAX};
use crate::event::Event;
use crate::instance::{Instance, Status};
use crate::run::Run;
use crate::step::{Step, World};

pub(crate) fn suspend(
    definition: &Definition,
    instance: &Instance,
    reason: String,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    workable(instance)?;
    let mut run = Run::new(definition, instance, world);
    operates(&run)?;
    reason_given(&reason)?;
    // What the clocks set just now may have given them other targets.
    clock::settle(&mut run);
    run.emit(Event::Suspended { by: world.actor.clone(), reason, at: world.now });
    Ok(run.finish())
}

pub(crate) fn resume(
    definition: &Definition,
    instance: &Instance,
    reason: String,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    match instance.status() {
        Status::Suspended(_) => {}
        Status::Running | Status::Stuck(_) => return Err(Rejection::NotSuspended),
        Status::Ended { .. } => return Err(Rejection::Ended),
    }
    let mut run = Run::new(definition, instance, world);
    operates(&run)?;
    short_enough(&reason, REASON_MAX)?;
    run.emit(Event::Resumed { reason });
    clock::catch_up(&mut run);
    fire_due(&mut run);
    Ok(run.finish())
}
