//! Counting anew what is counted on a calendar that has other data now: the holidays of the next year were published, or
//! a day was put right.
//!
//! What was told stays told: a mark that a clock has passed stays passed, a reminder that came does not come again. What
//! has ended already is not counted anew, and neither is a clock that has stopped. A length of time counts on the calendar
//! that the record names now.

use crate::clock;
use crate::command::Rejection;
use crate::commands::{administers, open};
use crate::definition::{Definition, Due, StepKind};
use crate::event::Event;
use crate::expr::EvalError;
use crate::ids::Name;
use crate::instance::{Instance, OpenJob, OpenTask, Token, Waits};
use crate::run::Run;
use crate::step::{Step, World};
use crate::time::{Counting, Timestamp};

pub(crate) fn recount(
    definition: &Definition,
    instance: &Instance,
    calendar: &Name,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    open(instance)?;
    administers(world)?;
    let mut run = Run::new(definition, instance, world);
    let changes = changes(&run, calendar).map_err(Rejection::CannotJudge)?;
    if changes.is_empty() {
        return Ok(Step { instance: instance.clone(), events: Vec::new(), effects: Vec::new() });
    }
    run.emit(Event::Recounted { calendar: calendar.clone() });
    changes.into_iter().for_each(|change| run.emit(change));
    Ok(run.finish())
}

/// What comes to another instant.
fn changes(run: &Run<'_>, calendar: &Name) -> Result<Vec<Event>, EvalError> {
    let mut changes = clock::recounted(run, calendar)?;
    for open in run.instance.tasks() {
        changes.extend(rescheduled(run, open, calendar)?);
    }
    for job in run.instance.jobs() {
        changes.extend(job_anew(run, job, calendar)?);
    }
    for token in run.instance.tokens() {
        changes.extend(timed_anew(run, token, calendar)?);
    }
    Ok(changes)
}

fn rescheduled(run: &Run<'_>, open: &OpenTask, calendar: &Name) -> Result<Option<Event>, EvalError> {
    let Some(task) = run.definition.task(&open.step) else { return Ok(None) };
    let due = match &task.due {
        Some(due) => counted_anew(run, due, open.opened, calendar)?.or(open.due),
        None => open.due,
    };
    let mut reminders = open.reminders.clone();
    for (slot, reminder) in reminders.iter_mut().zip(&task.reminders) {
        let anew = match &reminder.after {
            Some(after) => counted_anew(run, after, open.opened, calendar)?,
            None => due.filter(|_| due != open.due),
        };
        // One that came does not come again.
        *slot = slot.map(|at| anew.unwrap_or(at));
    }
    let moved = due != open.due || reminders != open.reminders;
    Ok(moved.then_some(Event::TaskRescheduled { task: open.id, due, reminders }))
}

fn job_anew(run: &Run<'_>, open: &OpenJob, calendar: &Name) -> Result<Option<Event>, EvalError> {
    let due = run.definition.job(&open.step).and_then(|job| job.due.as_ref());
    let (Some(due), Some(opened)) = (due, open.opened) else { return Ok(None) };
    let anew = counted_anew(run, due, opened, calendar)?.filter(|at| Some(*at) != open.due);
    let inputs = open.inputs.clone();
    Ok(anew.map(|at| Event::JobRescheduled { job: open.id, inputs, due: Some(at) }))
}

fn timed_anew(run: &Run<'_>, token: &Token, calendar: &Name) -> Result<Option<Event>, EvalError> {
    let (Waits::Time(held), Some(since)) = (&token.waits, token.counts_since) else { return Ok(None) };
    let after = match run.definition.step(&token.step).map(|step| &step.kind) {
        Some(StepKind::Timer { after }) => after,
        _ => return Ok(None),
    };
    let anew = counted_anew(run, after, since, calendar)?.filter(|at| at != held);
    Ok(anew.map(|at| Event::TimerSet { token: token.id, at, counts_since: Some(since) }))
}

/// When a length of time from an instant is over, if it counts on the calendar.
fn counted_anew(run: &Run<'_>, due: &Due, from: Timestamp, on: &Name) -> Result<Option<Timestamp>, EvalError> {
    match due.span.counting {
        Counting::Plain => Ok(None),
        Counting::Working if run.calendar(due.hours.as_ref())?.0 == *on => run.due_from(due, from).map(Some),
        Counting::Working => Ok(None),
    }
}
