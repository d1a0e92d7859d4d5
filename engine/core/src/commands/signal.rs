//! A signal that another record has given.

use crate::command::Rejection;
use crate::commands::open;
use crate::definition::Definition;
use crate::event::Actor;
use crate::ids::Name;
use crate::instance::Instance;
use crate::run::Run;
use crate::step::{Step, World};

pub(crate) fn signal(
    definition: &Definition,
    instance: &Instance,
    signal: &Name,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    open(instance)?;
    match world.actor {
        Actor::System => {}
        Actor::Person(_) => return Err(Rejection::NotAllowed),
    }
    let mut run = Run::new(definition, instance, world);
    run.hear(signal);
    Ok(run.finish())
}
