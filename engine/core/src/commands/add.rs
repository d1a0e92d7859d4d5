//! Adding a part that people may add while the record runs.

use crate::command::Rejection;
use crate::commands::{changeable, person};
use crate::definition::{Definition, StepKind};
use crate::event::Event;
use crate::ids::Name;
use crate::instance::Instance;
use crate::run::{Run, is_meant};
use crate::step::{Step, World};

/// The most places at which a record may stand when a person adds another.
const TOKENS_MAX: usize = 500;

pub(crate) fn add(
    definition: &Definition,
    instance: &Instance,
    step: &Name,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    let by = person(world)?.clone();
    let extra = definition.step(step).and_then(|step| match &step.kind {
        StepKind::Extra { by, first: _ } => Some(by),
        _ => None,
    });
    let allowed = extra.ok_or_else(|| Rejection::NothingToAdd(step.clone()))?;
    let mut run = Run::new(definition, instance, world);
    changeable(&run.instance)?;
    if !is_meant(&run, allowed) {
        return Err(Rejection::NotAllowed);
    }
    // Nothing leads out of that any more.
    if run.is_being_cancelled() {
        return Err(Rejection::NothingToAdd(step.clone()));
    }
    if run.instance.tokens().len() >= TOKENS_MAX {
        return Err(Rejection::Full);
    }
    run.emit(Event::Added { step: step.clone(), by });
    run.begin_at(step);
    Ok(run.finish())
}
