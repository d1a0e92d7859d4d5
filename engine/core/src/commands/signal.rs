//! A signal that another record has given.

use crate::command::Rejection;
use crate::commands::{by_engine, open};
use crate::definition::Definition;
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
    by_engine(world)?;
    let mut run = Run::new(definition, instance, world);
    run.hear(signal);
    Ok(run.finish())
}
