//! Giving a task to somebody who may do it.

use crate::command::Rejection;
use crate::commands::edit::edits;
use crate::commands::{administers, changeable, person};
use crate::definition::Definition;
use crate::event::Event;
use crate::ids::{Name, TaskId};
use crate::instance::{Instance, OpenTask};
use crate::people;
use crate::run::Run;
use crate::step::{Step, World};
use crate::substitution::{self, Capacity};

pub(crate) fn assign(
    definition: &Definition,
    instance: &Instance,
    task: TaskId,
    to: Name,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    let mut run = Run::new(definition, instance, world);
    changeable(&run.instance)?;
    let open = workable_task(&run.instance, task)?;
    let by = person(world)?;
    if !edits(&run) {
        administers(world)?;
    }
    // Nor does whoever may not do it choose who does.
    if people::is_barred_from(by, open, &run.instance, &run.scope()) {
        return Err(Rejection::DutiesSeparated);
    }
    let capacity = may_be_given(&run, open, &to)?;
    if open.assignee.as_ref() != Some(&to) || open.delegated_by.is_some() {
        let (step, by, in_stead_of) = (open.step.clone(), by.clone(), capacity.in_stead_of().cloned());
        run.emit(Event::TaskAssigned { task, step, by, to, in_stead_of });
    }
    Ok(run.finish())
}

/// An open task that people do, as opposed to one that they vote on.
pub(crate) fn workable_task(instance: &Instance, task: TaskId) -> Result<&OpenTask, Rejection> {
    let open = instance.task(task).ok_or(Rejection::NoSuchTask(task))?;
    if instance.ballot(open.token).is_some() { Err(Rejection::VotedOn) } else { Ok(open) }
}

fn may_be_given(run: &Run<'_>, open: &OpenTask, to: &Name) -> Result<Capacity, Rejection> {
    let scope = run.scope();
    if scope.directory.standing(to).is_none() {
        return Err(Rejection::NoSuchPerson(to.clone()));
    }
    let capacity = substitution::capacity(to, open, &run.instance, &scope);
    let capacity = capacity.ok_or_else(|| Rejection::NotTheirs(to.clone()))?;
    if people::is_barred_from(to, open, &run.instance, &scope) {
        return Err(Rejection::Barred(to.clone()));
    }
    Ok(capacity)
}
