//! Taking a task and giving it back.

use crate::command::Rejection;
use crate::commands::{changeable, person};
use crate::definition::Definition;
use crate::event::Event;
use crate::ids::{Name, TaskId};
use crate::instance::{Instance, OpenTask};
use crate::people;
use crate::run::{Run, is_meant};
use crate::step::{Step, World};

pub(crate) fn claim(
    definition: &Definition,
    instance: &Instance,
    task: TaskId,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    changeable(instance)?;
    let run = Run::new(definition, instance.clone(), world);
    let open = open_for(&run, instance, task, world)?;
    let by = person(world)?.clone();
    let mut run = run;
    if open.assignee.is_none() {
        run.emit(Event::TaskClaimed { task, by });
    }
    Ok(run.finish(Some(instance)))
}

pub(crate) fn release(
    definition: &Definition,
    instance: &Instance,
    task: TaskId,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    changeable(instance)?;
    let open = instance.task(task).ok_or(Rejection::NoSuchTask(task))?;
    let mut run = Run::new(definition, instance.clone(), world);
    match &open.assignee {
        Some(holder) if holder == person(world)? => {}
        // A holder may be ill or gone: those who may edit the record give the task back to its candidates.
        Some(holder) if !is_meant(&run, &definition.parts().edited_by) => {
            return Err(Rejection::TakenBy(holder.clone()));
        }
        Some(_) => {}
        None => return Err(Rejection::NotTaken),
    }
    run.emit(Event::TaskReleased { task });
    Ok(run.finish(Some(instance)))
}

/// The open task, if the acting person may do it and nobody else has taken it.
pub(crate) fn open_for<'i>(
    run: &Run<'_>,
    instance: &'i Instance,
    task: TaskId,
    world: &World<'_>,
) -> Result<&'i OpenTask, Rejection> {
    let open = instance.task(task).ok_or(Rejection::NoSuchTask(task))?;
    let by = person(world)?;
    if !people::is_among(by, &open.candidates, world.directory) {
        return Err(Rejection::NotForYou);
    }
    let barred = run
        .definition
        .task(&open.step)
        .is_some_and(|task| people::is_barred(by, &task.candidates, instance, &run.scope()));
    if barred {
        return Err(Rejection::DutiesSeparated);
    }
    taken_by_other(open, by).map_or(Ok(open), |holder| Err(Rejection::TakenBy(holder)))
}

fn taken_by_other(open: &OpenTask, by: &Name) -> Option<Name> {
    open.assignee.clone().filter(|holder| holder != by)
}
