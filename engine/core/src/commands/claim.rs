//! Taking a task and giving it back.

use crate::command::Rejection;
use crate::commands::assign::workable_task;
use crate::commands::{changeable, operates, person};
use crate::definition::Definition;
use crate::event::Event;
use crate::ids::{Name, TaskId};
use crate::instance::{Instance, OpenTask};
use crate::people;
use crate::run::Run;
use crate::step::{Step, World};
use crate::substitution::{self, Capacity};

pub(crate) fn claim(
    definition: &Definition,
    instance: &Instance,
    task: TaskId,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    let mut run = Run::new(definition, instance, world);
    changeable(&run.instance)?;
    let (open, capacity) = open_for(&run, task)?;
    let by = person(world)?.clone();
    if open.assignee.is_none() {
        run.emit(Event::TaskClaimed { task, by, in_stead_of: capacity.in_stead_of().cloned() });
    }
    Ok(run.finish())
}

pub(crate) fn release(
    definition: &Definition,
    instance: &Instance,
    task: TaskId,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    let mut run = Run::new(definition, instance, world);
    changeable(&run.instance)?;
    let open = workable_task(&run.instance, task)?;
    match open.delegated_by.as_ref().or(open.assignee.as_ref()) {
        Some(holder) if holder == person(world)? => {}
        // A holder may be ill or gone: those who operate the record give the task back to its candidates.
        Some(holder) if operates(&run).is_err() => return Err(Rejection::TakenBy(holder.clone())),
        Some(_) => {}
        None => return Err(Rejection::NotTaken),
    }
    run.emit(Event::TaskReleased { task });
    Ok(run.finish())
}

/// The open task, if the acting person may do it and nobody else has taken it; with whom it is done for.
pub(crate) fn open_for(run: &Run<'_>, task: TaskId) -> Result<(OpenTask, Capacity), Rejection> {
    let open = workable_task(&run.instance, task)?;
    let by = person(run.world)?;
    let scope = run.scope();
    if let (Some(holder), Some(asked)) = (&open.delegated_by, &open.assignee) {
        if asked == by {
            return Err(Rejection::OnlyAsked(holder.clone()));
        }
        if holder == by {
            return Err(Rejection::Delegated(asked.clone()));
        }
    }
    let capacity = substitution::capacity(by, open, &run.instance, &scope).ok_or(Rejection::NotForYou)?;
    let barred = |person: &Name| people::is_barred_from(person, open, &run.instance, &scope);
    if barred(by) || capacity.in_stead_of().is_some_and(barred) {
        return Err(Rejection::DutiesSeparated);
    }
    match open.delegated_by.as_ref().or(open.assignee.as_ref()) {
        Some(holder) if holder != by => Err(Rejection::TakenBy(holder.clone())),
        Some(_) | None => Ok((open.clone(), capacity)),
    }
}
