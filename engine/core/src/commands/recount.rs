//! Counting anew what is counted on a calendar that has other data now: the holidays of the next year were published, or
//! a day was put right.
//!
//! What was told stays told: a mark that a clock has passed stays passed, a reminder that came does not come again. What
//! has ended already is not counted anew, and neither is a clock that has stopped. A length of time counts on the calendar
//! that the record names now.

use crate::ballot::Ballot;
use crate::clock;
use crate::command::Rejection;
use crate::commands::{administers, open};
use crate::definition::{Definition, Due, StepKind, Unawaited};
use crate::event::Event;
use crate::ids::Name;
use crate::instance::{Instance, KeptMessage, OpenJob, OpenTask, Token, Waits};
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
    let changes = changes(&run, calendar);
    if changes.is_empty() {
        return Ok(Step { instance: instance.clone(), events: Vec::new(), effects: Vec::new() });
    }
    run.emit(Event::Recounted { calendar: calendar.clone() });
    changes.into_iter().for_each(|change| run.emit(change));
    Ok(run.finish())
}

/// What comes to another instant. What names no calendar now stays as it is.
fn changes(run: &Run<'_>, calendar: &Name) -> Vec<Event> {
    let instance = &run.instance;
    let mut changes = clock::recounted(run, calendar);
    changes.extend(instance.tasks().iter().filter_map(|open| rescheduled(run, open, calendar)));
    changes.extend(instance.ballots().iter().filter_map(|ballot| expires_anew(run, ballot, calendar)));
    changes.extend(instance.jobs().iter().filter_map(|job| job_anew(run, job, calendar)));
    changes.extend(instance.tokens().iter().filter_map(|token| timed_anew(run, token, calendar)));
    changes
        .extend(instance.kept().iter().enumerate().filter_map(|(place, kept)| kept_anew(run, (place, kept), calendar)));
    changes
}

fn rescheduled(run: &Run<'_>, open: &OpenTask, calendar: &Name) -> Option<Event> {
    let task = run.definition.task(&open.step)?;
    let counted = |due: &Due| counted_anew(run, due, open.opened, calendar);
    let due = task.due.as_ref().and_then(counted).or(open.due);
    let mut reminders = open.reminders.clone();
    for (slot, reminder) in reminders.iter_mut().zip(&task.reminders) {
        let anew = match &reminder.after {
            Some(after) => counted(after),
            None => due.filter(|_| due != open.due),
        };
        // One that came does not come again.
        *slot = slot.map(|at| anew.unwrap_or(at));
    }
    let moved = due != open.due || reminders != open.reminders;
    moved.then_some(Event::TaskRescheduled { task: open.id, due, reminders })
}

fn expires_anew(run: &Run<'_>, ballot: &Ballot, calendar: &Name) -> Option<Event> {
    let due = run.definition.approval(&ballot.step)?.due.as_ref()?;
    let task = run.instance.task_of(ballot.token)?.id;
    let anew = counted_anew(run, due, ballot.opened, calendar).filter(|at| Some(*at) != ballot.due)?;
    Some(Event::TaskRescheduled { task, due: Some(anew), reminders: Vec::new() })
}

fn job_anew(run: &Run<'_>, open: &OpenJob, calendar: &Name) -> Option<Event> {
    let due = run.definition.job(&open.step)?.due.as_ref()?;
    let anew = counted_anew(run, due, open.opened?, calendar).filter(|at| Some(*at) != open.due)?;
    Some(Event::JobRescheduled { job: open.id, inputs: open.inputs.clone(), due: Some(anew) })
}

fn timed_anew(run: &Run<'_>, token: &Token, calendar: &Name) -> Option<Event> {
    let (Waits::Time(held), Some(since)) = (&token.waits, token.counts_since) else { return None };
    let StepKind::Timer { after } = &run.definition.step(&token.step)?.kind else { return None };
    let at = counted_anew(run, after, since, calendar).filter(|at| at != held)?;
    Some(Event::TimerSet { token: token.id, at, counts_since: Some(since) })
}

fn kept_anew(run: &Run<'_>, (place, kept): (usize, &KeptMessage), calendar: &Name) -> Option<Event> {
    let Some(Unawaited::Kept { at_most: Some(due) }) = run.definition.parts().unawaited.get(&kept.message) else {
        return None;
    };
    let until = counted_anew(run, due, kept.at, calendar).filter(|until| Some(*until) != kept.until)?;
    Some(Event::KeptMessageRescheduled { place, until })
}

/// When a length of time from an instant is over, if it counts on the calendar.
fn counted_anew(run: &Run<'_>, due: &Due, from: Timestamp, on: &Name) -> Option<Timestamp> {
    match due.span.counting {
        Counting::Plain => None,
        Counting::Working => {
            let (named, _) = run.calendar(due.hours.as_ref()).ok()?;
            if named == *on { run.due_from(due, from).ok() } else { None }
        }
    }
}
