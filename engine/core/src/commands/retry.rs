//! Letting a stuck instance try again.

use crate::command::Rejection;
use crate::definition::Definition;
use crate::event::Event;
use crate::instance::{Instance, Status};
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
    if let Some(token) = instance.half_way() {
        run.redo(token);
    }
    for owed in &repair.owed {
        if !run.instance.is_ended() {
            run.pay(owed);
        }
    }
    Ok(run.finish(Some(instance)))
}
