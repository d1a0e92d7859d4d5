//! The clocks of a record.

use serde::{Deserialize, Serialize};

use super::Instance;
use crate::calendar::Calendar;
use crate::event::{Mark, PauseReason};
use crate::ids::Name;
use crate::time::Timestamp;

/// A clock of the record. Its figures can be recomputed from the segments and the calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockRun {
    /// Which.
    pub clock: Name,
    /// The calendar that counts.
    pub calendar: Name,
    /// The working time allowed, in milliseconds.
    pub target_ms: i64,
    /// When it ran, but for the time that runs now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<Segment>,
    /// What it does now.
    pub state: ClockState,
    /// The percents that it has passed, rising.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed: Vec<u16>,
    /// When it was seen that all of the target was used up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breached: Option<Timestamp>,
}

/// What a clock does at the moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockState {
    /// It runs.
    Running {
        /// Since when.
        since: Timestamp,
        /// What it will pass, and when.
        marks: Vec<Mark>,
    },
    /// It stands still.
    Paused {
        /// Since when.
        since: Timestamp,
        /// Why.
        reason: PauseReason,
    },
    /// It has stopped.
    Stopped {
        /// When.
        at: Timestamp,
    },
}

/// A time during which a clock ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// From.
    pub from: Timestamp,
    /// To.
    pub to: Timestamp,
}

impl ClockRun {
    /// Whether all of the target was used up.
    pub fn is_breached(&self) -> bool {
        self.passed.iter().any(|percent| *percent >= 100)
    }

    /// When the target will be used up, or was, while the clock runs.
    pub fn due(&self) -> Option<Timestamp> {
        match &self.state {
            ClockState::Running { marks, .. } => {
                marks.iter().find(|mark| mark.percent == 100).map(|mark| mark.at).or(self.breached)
            }
            ClockState::Paused { .. } | ClockState::Stopped { .. } => None,
        }
    }

    /// The next mark that it has not passed yet.
    pub fn next_mark(&self) -> Option<Mark> {
        match &self.state {
            ClockState::Running { marks, .. } => {
                marks.iter().filter(|mark| !self.passed.contains(&mark.percent)).min_by_key(|mark| mark.at).copied()
            }
            ClockState::Paused { .. } | ClockState::Stopped { .. } => None,
        }
    }

    /// All times during which it ran, up to `now`.
    pub fn ran(&self, now: Timestamp) -> Vec<Segment> {
        let mut segments = self.segments.clone();
        if let ClockState::Running { since, .. } = &self.state {
            segments.push(Segment { from: *since, to: now.max(*since) });
        }
        segments
    }

    /// The working time used up to `now`, in milliseconds.
    pub fn elapsed_ms(&self, calendar: &Calendar, now: Timestamp) -> i64 {
        self.ran(now).iter().map(|segment| calendar.between_ms(segment.from, segment.to)).sum()
    }

    /// What it will pass, while it runs.
    pub(super) fn set_marks(&mut self, marks: &[Mark]) {
        if let ClockState::Running { marks: held, .. } = &mut self.state {
            *held = marks.to_vec();
        }
    }

    /// What it will pass again it has not passed.
    pub(super) fn unpass(&mut self, marks: &[Mark]) {
        self.passed.retain(|percent| !marks.iter().any(|mark| mark.percent == *percent));
        self.breached = self.breached.filter(|_| self.passed.contains(&100));
    }

    /// It has passed these and no others, which is seen at an instant.
    pub(super) fn pass_only(&mut self, passed: &[u16], at: Timestamp) {
        self.passed = passed.to_vec();
        self.breached = if self.is_breached() { self.breached.or(Some(at)) } else { None };
    }

    pub(super) fn close_segment(&mut self, at: Timestamp) {
        if let ClockState::Running { since, .. } = &self.state
            && at > *since
        {
            self.segments.push(Segment { from: *since, to: at });
        }
    }
}

impl Instance {
    pub(super) fn with_clock(&mut self, clock: &Name, change: impl FnOnce(&mut ClockRun)) {
        if let Some(run) = self.clocks.iter_mut().find(|run| run.clock == *clock) {
            change(run);
        }
    }
}
