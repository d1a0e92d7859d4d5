//! What time has brought: timers that are due, and, as after every command, the marks that clocks have passed.

use crate::command::Rejection;
use crate::commands::open;
use crate::definition::Definition;
use crate::event::Event;
use crate::instance::{Alarm, Instance, Status};
use crate::nodes::{self, Then, job};
use crate::run::Run;
use crate::step::{Step, World};

pub(crate) fn tick(definition: &Definition, instance: &Instance, world: &World<'_>) -> Result<Step, Rejection> {
    open(instance)?;
    let mut run = Run::new(definition, instance, world);
    fire_due(&mut run);
    Ok(run.finish())
}

/// What is said of a job whose deadline has passed.
const OVERDUE: &str = "its deadline has passed";

/// Fires in the order in which timers and reminders were due. A timer may end others, or set new ones. What is stuck or
/// suspended has none that fire: they wait until it goes on.
pub(crate) fn fire_due(run: &mut Run<'_>) {
    let mut fired = 0;
    while fired < crate::run::STEPS_MAX && *run.instance.status() == Status::Running {
        let now = run.world.now;
        let due = run.instance.alarms().filter(|(at, _)| *at <= now).min();
        match due.map(|(_, alarm)| alarm) {
            None => return,
            Some(Alarm::Deadline(token)) => nodes::expire(run, token),
            Some(Alarm::Retry(job)) => job::ask(run, job),
            Some(Alarm::Overdue(job)) => job::give_up(run, job, OVERDUE.to_owned()),
            Some(Alarm::Reminder(task, reminder)) => run.remind(task, reminder),
            Some(Alarm::Timer(token)) => {
                let Some(step) = run.instance.token(token).map(|held| held.step.clone()) else { return };
                run.emit(Event::TimerFired { token, step });
                run.proceed(token, Then::Next);
            }
        }
        run.face_failures();
        fired += 1;
    }
}
