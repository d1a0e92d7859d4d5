//! What time has brought: timers that are due, and, as after every command, the marks that clocks have passed.

use crate::clock;
use crate::command::Rejection;
use crate::definition::Definition;
use crate::event::Event;
use crate::instance::{Alarm, Instance, Status};
use crate::nodes::{self, Then, job};
use crate::run::Run;
use crate::step::{Step, World};

pub(crate) fn tick(definition: &Definition, instance: &Instance, world: &World<'_>) -> Result<Step, Rejection> {
    let mut run = Run::new(definition, instance.clone(), world);
    match instance.status() {
        Status::Ended { .. } => return Err(Rejection::Ended),
        // What comes due meanwhile waits for the end of the suspension.
        Status::Suspended(_) => {}
        Status::Stuck(_) | Status::Running => bring(&mut run),
    }
    Ok(run.finish(Some(instance)))
}

/// What is said of a job whose deadline has passed.
const OVERDUE: &str = "its deadline has passed";
/// Does what time has brought to a record that is not suspended. The timers of one that is stuck wait.
pub(crate) fn bring(run: &mut Run<'_>) {
    let was_running = *run.instance.status() == Status::Running;
    clock::catch_up(run);
    if was_running {
        fire_due(run);
    }
}

/// Fires in the order in which timers and reminders were due. A timer may end others, or set new ones.
fn fire_due(run: &mut Run<'_>) {
    let mut fired = 0;
    while fired < crate::run::STEPS_MAX {
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
        fired += 1;
        if *run.instance.status() != Status::Running {
            return;
        }
    }
}
