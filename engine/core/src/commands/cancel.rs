//! Ending a record from outside of its process.

use crate::clock;
use crate::command::Rejection;
use crate::commands::{open, operates, reason_given};
use crate::definition::Definition;
use crate::event::Event;
use crate::instance::Instance;
use crate::run::Run;
use crate::step::{Step, World};

/// How a record that was cancelled has ended.
const CANCELLED: &str = "cancelled";

pub(crate) fn cancel(
    definition: &Definition,
    instance: &Instance,
    reason: String,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    open(instance)?;
    let mut run = Run::new(definition, instance.clone(), world);
    operates(&run)?;
    reason_given(&reason)?;
    clock::catch_up(&mut run);
    run.emit(Event::Cancelled { reason });
    // What a process does when it is cancelled has its place here, while its tokens still stand where they stood.
    run.cancel_all();
    clock::stop_all(&mut run);
    run.emit(Event::Ended { outcome: CANCELLED.into(), at: world.now });
    Ok(run.finish(Some(instance)))
}
