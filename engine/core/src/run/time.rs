//! When something is due, and what is done then.

use super::Run;
use crate::calendar::{Calendar, span_ms};
use crate::definition::Due;
use crate::event::{Event, Owed};
use crate::expr::{EvalError, Expr, no_calendar};
use crate::ids::{Name, TaskId};
use crate::instance::{ClockRun, KeptMessage};
use crate::nodes;
use crate::time::{Counting, DAY_MS, Timestamp};

impl<'a> Run<'a> {
    pub(crate) fn clock_run(&self, clock: &Name) -> Option<&ClockRun> {
        self.instance.clocks().iter().find(|run| run.clock == *clock)
    }

    /// The calendar that an expression names, or the process's own.
    pub(crate) fn calendar(&self, hours: Option<&Expr>) -> Result<(Name, &'a Calendar), EvalError> {
        let (key, _) = self.scope().calendar(hours)?;
        let calendar = self.calendar_named(&key)?;
        Ok((key, calendar))
    }

    pub(crate) fn calendar_named(&self, key: &Name) -> Result<&'a Calendar, EvalError> {
        self.world.directory.calendar(key).ok_or_else(|| no_calendar(key))
    }

    /// When a length of time from now is over.
    pub(crate) fn due_at(&self, due: &Due) -> Result<Timestamp, EvalError> {
        self.due_from(due, self.world.now)
    }

    /// When a length of time from an instant is over.
    pub(crate) fn due_from(&self, due: &Due, from: Timestamp) -> Result<Timestamp, EvalError> {
        match due.span.counting {
            Counting::Plain => Ok(from.plus_ms(due.span.length_ms(DAY_MS))),
            Counting::Working => {
                let (key, calendar) = self.calendar(due.hours.as_ref())?;
                calendar
                    .add(from, span_ms(&due.span, calendar))
                    .ok_or_else(|| EvalError::Empty(format!("working time of {key}")))
            }
        }
    }

    /// Does what a task says to do while it is open too long.
    pub(crate) fn remind(&mut self, task: TaskId, reminder: usize) {
        let definition = self.definition;
        let Some((token, step)) = self.instance.task(task).map(|open| (open.token, open.step.clone())) else { return };
        self.stand_at(token);
        self.emit(Event::Reminded { task, reminder });
        let Some(held) = definition.task(&step).and_then(|task| task.reminders.get(reminder)) else { return };
        if let Err(problem) = nodes::perform(self, &held.actions) {
            let items = self.items.clone();
            self.owe(Owed::Reminder { step, reminder, items }, &problem);
        }
    }

    /// Lets go of messages that were kept for as long as was said.
    pub(crate) fn drop_expired(&mut self) {
        let now = self.world.now;
        let expired = |kept: &KeptMessage| kept.until.is_some_and(|until| until <= now);
        while let Some(place) = self.instance.kept().iter().position(expired) {
            self.emit(Event::KeptMessageLost { place });
        }
    }
}
