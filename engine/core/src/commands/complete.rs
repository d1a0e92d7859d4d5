//! Finishing a task.

use crate::clock;
use crate::command::Rejection;
use crate::commands::claim::open_for;
use crate::commands::form::Desk;
use crate::commands::{changeable, person, reason_given};
use crate::definition::{Ask, Definition, Reason};
use crate::event::Event;
use crate::ids::{Name, TaskId};
use crate::instance::{Instance, Undoable};
use crate::nodes::Then;
use crate::run::Run;
use crate::step::{Step, World};
use crate::value::Fields;

/// What the person says by finishing a task.
pub(crate) struct Completion {
    pub(crate) task: TaskId,
    pub(crate) outcome: Name,
    pub(crate) fields: Fields,
    pub(crate) reason: Option<String>,
}

pub(crate) fn complete(
    definition: &Definition,
    instance: &Instance,
    completion: Completion,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    let Completion { task, outcome, fields, reason } = completion;
    let mut run = Run::new(definition, instance, world);
    changeable(&run.instance)?;
    let (open, capacity) = open_for(&run, task)?;
    let work = definition.task(&open.step).ok_or(Rejection::NoSuchTask(task))?;
    let chosen = work.outcomes.iter().find(|held| held.name == outcome).ok_or(Rejection::NoSuchOutcome(outcome))?;

    let asks: Vec<&Ask> = work.asks.iter().chain(&chosen.asks).collect();
    let desk = Desk::at(&run, open.token);
    desk.check(&asks, &fields)?;
    let reason = match chosen.reason {
        Reason::Asked => Some(reason_asked(reason)?),
        Reason::NotAsked => None,
    };
    desk.require(&chosen.requires, &fields)?;
    let items = desk.items;

    run.emit(Event::TaskCompleted {
        task,
        step: open.step.clone(),
        outcome: chosen.name.clone(),
        reason,
        by: person(world)?.clone(),
        in_stead_of: capacity.in_stead_of().cloned(),
    });
    if !work.undo.is_empty() {
        let undoable = Undoable { step: open.step, items };
        run.emit(Event::UndoKept { undoable });
    }
    run.take(fields).map_err(Rejection::CannotJudge)?;
    clock::resume_on(&mut run, &chosen.name);
    run.proceed(open.token, chosen.to.clone().map_or(Then::Next, Then::To));
    Ok(run.finish())
}

/// The reason that a form asks for.
pub(crate) fn reason_asked(reason: Option<String>) -> Result<String, Rejection> {
    let reason = reason.unwrap_or_default();
    reason_given(&reason)?;
    Ok(reason)
}
