//! Letting a stuck instance try again.

use crate::command::Rejection;
use crate::definition::Definition;
use crate::event::Event;
use crate::instance::{Instance, Status, Waits};
use crate::run::Run;
use crate::step::{Step, World};

pub(crate) fn retry(definition: &Definition, instance: &Instance, world: &World<'_>) -> Result<Step, Rejection> {
    let repair = match instance.status() {
        Status::Stuck(repair) => repair.clone(),
        Status::Running => return Err(Rejection::NotStuck),
        Status::Ended { .. } => return Err(Rejection::Ended),
    };
    let mut run = Run::new(definition, instance.clone(), world);
    run.emit(Event::RepairRetried);
    // A token that waits for the engine stopped half way; any other failed in a reaction or a clock, which
    // `finish` tries again.
    let half_way = instance.tokens().iter().find(|token| token.id == repair.token && token.waits == Waits::Engine);
    if let Some(token) = half_way {
        run.redo(token.id);
    }
    Ok(run.finish(Some(instance)))
}
