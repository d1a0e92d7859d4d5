//! What waits for an instant.

use super::{Instance, JobState, Status, Waits};
use crate::ids::{JobId, TaskId, TokenId};
use crate::time::Timestamp;

/// Something that waits for an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Alarm {
    /// A token's timer.
    Timer(TokenId),
    /// A task's reminder, from 0.
    Reminder(TaskId, usize),
    /// A job that is asked again.
    Retry(JobId),
    /// The deadline of a job.
    Overdue(JobId),
    /// An approval's deadline.
    Deadline(TokenId),
}

impl Instance {
    /// When a tick is next worth sending, if ever.
    pub fn next_wake(&self) -> Option<Timestamp> {
        let marks = self.clocks.iter().filter_map(|run| run.next_mark().map(|mark| mark.at));
        match self.status {
            Status::Ended { .. } | Status::Suspended(_) => None,
            // Timers wait until the instance is mended; the clocks that measure it do not.
            Status::Stuck(_) => marks.min(),
            Status::Running => {
                let questions = self.tokens.iter().filter_map(|token| token.sleeps_until);
                marks.chain(self.alarms().map(|(at, _)| at)).chain(questions).min()
            }
        }
    }

    /// What waits for an instant, with the instant.
    pub(crate) fn alarms(&self) -> impl Iterator<Item = (Timestamp, Alarm)> + '_ {
        let timers = self.tokens.iter().filter_map(|token| match token.waits {
            Waits::Time(at) => Some((at, Alarm::Timer(token.id))),
            Waits::Engine
            | Waits::Inner
            | Waits::Judgement
            | Waits::Rest
            | Waits::Task(_)
            | Waits::Message { .. }
            | Waits::Job(_)
            | Waits::Return(_)
            | Waits::Signal(_)
            | Waits::Heard(_)
            | Waits::Condition => None,
        });
        let reminders = self.tasks.iter().flat_map(|open| {
            let slots = open.reminders.iter().enumerate();
            slots.filter_map(|(reminder, at)| Some(((*at)?, Alarm::Reminder(open.id, reminder))))
        });
        let retries = self.jobs.iter().filter_map(|job| match job.state {
            JobState::Pausing { until } => Some((until, Alarm::Retry(job.id))),
            JobState::Ready { .. } | JobState::Leased { .. } | JobState::Asked => None,
        });
        let overdue = self.jobs.iter().filter_map(|job| Some((job.due?, Alarm::Overdue(job.id))));
        let deadlines = self.ballots.iter().filter_map(|ballot| {
            let due = ballot.due.filter(|_| self.task_of(ballot.token).is_some())?;
            Some((due, Alarm::Deadline(ballot.token)))
        });
        timers.chain(reminders).chain(retries).chain(overdue).chain(deadlines)
    }
}
