//! How the demo's people answer what is open: a case is one task of a record, an answer what becomes of it.

use engine::ballot::Vote;
use engine::ids::{InstanceId, Name};
use engine::instance::{Instance, OpenTask};
use engine::time::{MINUTE_MS, Timestamp};
use engine::value::{Fields, Money, Value};

use super::deed::{Deed, Fate};
use super::{HistoryError, Life, audit, change, incident, major, problem, release, request, template, trend};

/// How long a task is left before somebody answers it.
#[derive(Clone, Copy)]
pub(super) enum Pace {
    /// So many minutes of office time, from and to.
    Office(i64, i64),
    /// So many minutes by the clock on the wall, from and to.
    Wall(i64, i64),
}

/// What becomes of a task.
pub(super) enum Answer {
    /// It is completed.
    Finish {
        outcome: &'static str,
        fields: Fields,
        reason: Option<String>,
        /// What follows from it, and when.
        then: Vec<(Timestamp, Deed)>,
    },
    /// Somebody who is asked votes.
    Ballot { vote: Vote, fields: Fields, reason: Option<String> },
    /// It is looked at again after so many minutes of office time.
    Later(i64),
    /// It stands open, and something else ends it.
    Leave,
}

impl Answer {
    pub(super) fn finish(outcome: &'static str) -> Answer {
        Answer::Finish { outcome, fields: Fields::new(), reason: None, then: Vec::new() }
    }

    pub(super) fn approve() -> Answer {
        Answer::Ballot { vote: Vote::Approved, fields: Fields::new(), reason: None }
    }

    pub(super) fn reject(reason: &str) -> Answer {
        Answer::Ballot { vote: Vote::Rejected, fields: Fields::new(), reason: Some(reason.to_owned()) }
    }

    pub(super) fn with(mut self, name: &str, value: Value) -> Answer {
        match &mut self {
            Answer::Finish { fields, .. } | Answer::Ballot { fields, .. } => {
                fields.insert(Name::from(name), value);
            }
            Answer::Later(_) | Answer::Leave => {}
        }
        self
    }

    pub(super) fn because(mut self, why: &str) -> Answer {
        match &mut self {
            Answer::Finish { reason, .. } | Answer::Ballot { reason, .. } => *reason = Some(why.to_owned()),
            Answer::Later(_) | Answer::Leave => {}
        }
        self
    }

    pub(super) fn and_then(mut self, at: Timestamp, deed: Deed) -> Answer {
        if let Answer::Finish { then, .. } = &mut self {
            then.push((at, deed));
        }
        self
    }
}

/// A task that somebody looks at.
pub(super) struct Case<'c, 'r> {
    pub(super) life: &'c mut Life<'r>,
    pub(super) record: &'c Instance,
    pub(super) process: &'c Name,
    pub(super) task: &'c OpenTask,
    /// How often an answer was refused: a window that is taken, say.
    pub(super) refused: i64,
}

impl<'c> Case<'c, '_> {
    pub(super) fn step(&self) -> &'c str {
        self.task.step.as_str()
    }

    pub(super) fn now(&self) -> Timestamp {
        self.life.runtime.now()
    }

    /// What a field says, as plain text; empty where it says nothing.
    pub(super) fn field(&self, name: &str) -> String {
        self.record.fields().get(name).map(Value::plain).unwrap_or_default()
    }

    pub(super) fn says_yes(&self, name: &str) -> bool {
        self.record.fields().get(name) == Some(&Value::Bool(true))
    }

    pub(super) fn instant_of(&self, name: &str) -> Option<Timestamp> {
        match self.record.fields().get(name) {
            Some(Value::Instant(instant)) => Some(*instant),
            _ => None,
        }
    }

    pub(super) fn fate(&self) -> Fate {
        self.life.fate(self.record.id())
    }

    /// Whether something that goes another way than usual happens; never in what must go as planned.
    pub(super) fn happens(&mut self, percent: i64) -> bool {
        let drawn = self.life.dice.chance(percent);
        drawn && self.fate() == Fate::Chance
    }

    /// The Chinese or the English text, as the record is written.
    pub(super) fn speak(&self, zh: &'static str, en: &'static str) -> &'static str {
        if self.field("summary").is_ascii() { en } else { zh }
    }

    pub(super) fn text(&self, zh: &'static str, en: &'static str) -> Value {
        text(self.speak(zh, en))
    }

    /// After so many minutes of office time.
    pub(super) fn office(&self, minutes: i64) -> Timestamp {
        self.life.office_after(self.now(), minutes)
    }

    /// An evening so many working days ahead, at an hour such as `20:00`.
    pub(super) fn evening(&self, days: i64, hour: &str) -> Timestamp {
        let day = self.life.day_of(self.life.office_after(self.now(), days * OFFICE_DAY));
        self.life.at(&day, hour)
    }

    /// Those linked with the record so.
    pub(super) fn linked(&self, kind: &str) -> Vec<InstanceId> {
        self.record.links().iter().filter(|link| link.kind == *kind).map(|link| link.other).collect()
    }

    /// Somebody of a team, who did not have a hand in a step.
    pub(super) fn member_of(&mut self, team: &str) -> Name {
        let members = engine::people::members(
            &[engine::event::Principal::Team(Name::from(team))],
            &self.life.runtime.directory(),
        );
        self.life.dice.pick(&members).cloned().unwrap_or_else(|| Name::from("p02"))
    }
}

/// Minutes of office time in a day.
pub(super) const OFFICE_DAY: i64 = 9 * 60;

/// How long a task of a process waits; nothing where the demo does not know it.
pub(super) fn pace(case: &mut Case<'_, '_>) -> Option<Pace> {
    match case.process.as_str() {
        "incident" => incident::pace(case),
        "service_request" => request::pace(case),
        "change" => change::pace(case),
        "standard_change_template" => template::pace(case),
        "problem" => problem::pace(case),
        "release" => release::pace(case),
        "major_incident" => major::pace(case),
        "trend_analysis" => trend::pace(case),
        "configuration_audit" | "reconciliation" | "verification" => audit::pace(case),
        _ => None,
    }
}

/// What becomes of a task; nothing where the demo does not know it.
///
/// # Errors
/// The store failed.
pub(super) fn answer(case: &mut Case<'_, '_>) -> Result<Option<Answer>, HistoryError> {
    Ok(match case.process.as_str() {
        "incident" => incident::answer(case)?,
        "service_request" => request::answer(case),
        "change" => change::answer(case),
        "standard_change_template" => template::answer(case),
        "problem" => problem::answer(case)?,
        "release" => release::answer(case)?,
        "major_incident" => major::answer(case),
        "trend_analysis" => trend::answer(case),
        "configuration_audit" | "reconciliation" | "verification" => audit::answer(case)?,
        _ => None,
    })
}

pub(in crate::cli::demo) fn text(what: &str) -> Value {
    Value::Text(what.to_owned())
}

pub(in crate::cli::demo) fn choice(name: &str) -> Value {
    Value::Choice(Name::from(name))
}

pub(in crate::cli::demo) fn reference(key: &str) -> Value {
    Value::Ref(Name::from(key))
}

pub(in crate::cli::demo) fn references<'k>(keys: impl IntoIterator<Item = &'k str>) -> Value {
    Value::List(keys.into_iter().map(reference).collect())
}

pub(super) fn number(many: i64) -> Value {
    Value::Number(many.into())
}

pub(super) fn money(amount: &str) -> Value {
    Money::read(amount).map_or(Value::Nothing, Value::Money)
}

/// In milliseconds.
pub(super) fn minutes(many: i64) -> i64 {
    many * MINUTE_MS
}
