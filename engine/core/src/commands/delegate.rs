//! Asking somebody else to do the work of a task, and giving it back done. Whoever holds the task completes it.

use crate::command::Rejection;
use crate::commands::assign::workable_task;
use crate::commands::claim::open_for;
use crate::commands::{changeable, person, short_enough};
use crate::definition::Definition;
use crate::event::Event;
use crate::ids::{Name, TaskId};
use crate::instance::Instance;
use crate::people;
use crate::run::Run;
use crate::step::{Step, World};
use crate::value::MARKDOWN_MAX;

/// What somebody is asked to do.
pub(crate) struct Request {
    pub(crate) task: TaskId,
    pub(crate) to: Name,
    pub(crate) text: String,
}

pub(crate) fn delegate(
    definition: &Definition,
    instance: &Instance,
    request: Request,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    let Request { task, to, text } = request;
    let mut run = Run::new(definition, instance, world);
    changeable(&run.instance)?;
    let (open, _) = open_for(&run, task)?;
    let by = person(world)?;
    if open.assignee.as_ref() != Some(by) {
        return Err(Rejection::NotTaken);
    }
    if world.directory.standing(&to).is_none() {
        return Err(Rejection::NoSuchPerson(to));
    }
    if to == *by {
        return Err(Rejection::NotTheirs(to));
    }
    if people::is_barred_from(&to, &open, &run.instance, &run.scope()) {
        return Err(Rejection::Barred(to));
    }
    short_enough(&text, MARKDOWN_MAX)?;
    run.emit(Event::TaskDelegated { task, step: open.step, by: by.clone(), to, text });
    Ok(run.finish())
}

pub(crate) fn resolve(
    definition: &Definition,
    instance: &Instance,
    task: TaskId,
    text: String,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    let mut run = Run::new(definition, instance, world);
    changeable(&run.instance)?;
    let open = workable_task(&run.instance, task)?;
    let by = person(world)?;
    let to = match &open.delegated_by {
        Some(holder) if open.assignee.as_ref() == Some(by) => holder.clone(),
        Some(_) | None => return Err(Rejection::NotDelegated),
    };
    if people::is_barred_from(by, open, &run.instance, &run.scope()) {
        return Err(Rejection::DutiesSeparated);
    }
    short_enough(&text, MARKDOWN_MAX)?;
    let (step, by) = (open.step.clone(), by.clone());
    run.emit(Event::TaskResolved { task, step, by, to, text });
    Ok(run.finish())
}
