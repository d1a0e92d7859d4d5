//! Letting a stuck instance try again, as it is or with other values.

use crate::command::Rejection;
use crate::commands::{edit, operates, stuck, take_up};
use crate::definition::Definition;
use crate::instance::Instance;
use crate::run::Run;
use crate::step::{Step, World};
use crate::value::Fields;

pub(crate) fn retry(definition: &Definition, instance: &Instance, world: &World<'_>) -> Result<Step, Rejection> {
    stuck(instance)?;
    let mut run = Run::new(definition, instance, world);
    operates(&run)?;
    let owed = take_up(&mut run);
    run.recover(&owed);
    Ok(run.finish())
}

pub(crate) fn mend(
    definition: &Definition,
    instance: &Instance,
    fields: Fields,
    reason: String,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    stuck(instance)?;
    let mut run = Run::new(definition, instance, world);
    operates(&run)?;
    edit::change(&mut run, fields, reason)?;
    let owed = take_up(&mut run);
    run.recover(&owed);
    Ok(run.finish())
}
