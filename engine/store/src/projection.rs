//! What lists show of an instance, worked out from its state alone: its open tasks as inboxes order them, its next
//! wake, its line among the records.

use std::collections::BTreeSet;

use engine::definition::{Definition, Work};
use engine::ids::Name;
use engine::instance::{Instance, JobState, OpenTask, Status, Waits};
use engine::time::Timestamp;
use engine::value::{FieldType, Value};

use crate::Life;

/// What stands in for the due of a task that has none, so that it comes last.
pub(crate) const NO_DUE_MS: i64 = i64::MAX;
/// Between the names of steps where a record stands in more than one.
pub(crate) const STAGE_SEPARATOR: char = ',';

/// All that lists show of one instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Projection {
    pub(crate) tasks: BTreeSet<TaskRow>,
    pub(crate) wake: Option<Timestamp>,
    pub(crate) awaits: BTreeSet<AwaitRow>,
    pub(crate) case: CaseLine,
}

/// An open task for one principal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TaskRow {
    pub(crate) principal: String,
    pub(crate) taken: i16,
    pub(crate) due_ms: i64,
    pub(crate) opened_ms: i64,
    pub(crate) task: i32,
    pub(crate) step: String,
    pub(crate) assignee: Option<String>,
}

/// Where an instance is found from elsewhere: by workers and records that give signals, for which it waits, and by records
/// that look for others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AwaitRow {
    pub(crate) subject: String,
    pub(crate) ready_ms: i64,
    pub(crate) place: i32,
}

/// The line of a record, but for what never changes and when it was updated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CaseLine {
    pub(crate) title: String,
    pub(crate) status: &'static str,
    pub(crate) stage: String,
    pub(crate) priority: Option<String>,
    pub(crate) team: Option<String>,
    pub(crate) service: Option<String>,
    pub(crate) ended_ms: Option<i64>,
    pub(crate) due_ms: Option<i64>,
}

/// A record that waits for people, messages or time.
pub(crate) const RUNNING: &str = "running";
/// A record that waits for somebody to mend it.
pub(crate) const STUCK: &str = "stuck";
/// A record of which nothing moves.
pub(crate) const SUSPENDED: &str = "suspended";
/// A record that is over.
pub(crate) const ENDED: &str = "ended";
/// A task that anyone of its candidates may take.
pub(crate) const FREE: i16 = 0;
/// A task that somebody has taken.
pub(crate) const TAKEN: i16 = 1;

/// The principal under whom the tasks of an assignee are listed.
pub(crate) fn assignee_principal(person: &str) -> String {
    format!("assignee:{person}")
}

/// What lists show of an instance.
pub(crate) fn project(definition: &Definition, instance: &Instance) -> Projection {
    let clock_due = instance.clock_due();
    let tasks = match instance.status() {
        // Its tasks wait with it, and are in nobody's inbox.
        Status::Suspended(_) => BTreeSet::new(),
        Status::Running | Status::Stuck(_) | Status::Ended { .. } => {
            instance.tasks().iter().flat_map(|open| task_rows(open, clock_due)).collect()
        }
    };
    let awaits = await_rows(definition, instance);
    Projection { tasks, wake: instance.next_wake(), awaits, case: case_line(definition, instance, clock_due) }
}

fn task_rows(open: &OpenTask, clock_due: Option<Timestamp>) -> Vec<TaskRow> {
    let due = earlier(open.due, clock_due);
    let row = |principal: String| TaskRow {
        principal,
        taken: if open.assignee.is_some() { TAKEN } else { FREE },
        due_ms: due.map_or(NO_DUE_MS, |due| due.0),
        opened_ms: open.opened.0,
        task: i32::try_from(open.id.0).unwrap_or(i32::MAX),
        step: open.step.to_string(),
        assignee: open.assignee.as_ref().map(ToString::to_string),
    };
    let taken_by = open.assignee.iter().map(|person| assignee_principal(person.as_str()));
    open.candidates.iter().map(ToString::to_string).chain(taken_by).map(row).collect()
}

/// How the subjects of jobs begin, and what comes after them all.
pub(crate) const JOBS: &str = "job:";
pub(crate) const AFTER_JOBS: &str = "job;";

/// The subject under which a worker finds its jobs.
pub(crate) fn job_subject(job: &Name) -> String {
    format!("{JOBS}{job}")
}

/// The subject under which those are found who wait for a signal.
pub(crate) fn signal_subject(signal: &Name) -> String {
    format!("signal:{signal}")
}

/// The most characters of a value by which records are found; of a longer one its hash stands there.
const FOUND_MAX: usize = 120;

/// The subject under which records of a process are found whose field holds a value. Open ones have another than those
/// that are over: however many there were, the open ones are read by themselves.
pub(crate) fn found_subject(life: Life, process: &Name, field: &Name, value: &Value) -> String {
    let mut plain = value.plain();
    if plain.len() > FOUND_MAX && plain.chars().count() > FOUND_MAX {
        plain = engine::ids::DefinitionId::of_source(&plain).0;
    }
    let life = match life {
        Life::Open => "open",
        Life::Over => "over",
    };
    [life, process.as_str(), field.as_str(), &plain].join(":")
}

/// Where others find a record, during its life and after it: under each value of the fields by which it is found.
fn found_rows<'a>(definition: &'a Definition, instance: &'a Instance) -> impl Iterator<Item = AwaitRow> + 'a {
    let parts = definition.parts();
    let life = if instance.is_ended() { Life::Over } else { Life::Open };
    (0..).zip(&parts.found_by).flat_map(move |(place, field)| {
        let values = instance.fields().get(field).into_iter().flat_map(engine::records::each);
        values.map(move |value| AwaitRow {
            subject: found_subject(life, &parts.name, field, value),
            ready_ms: instance.started().0,
            place,
        })
    })
}

/// A record that is stuck or suspended takes no jobs' answers; a signal it keeps until it goes on.
fn await_rows(definition: &Definition, instance: &Instance) -> BTreeSet<AwaitRow> {
    let works = *instance.status() == Status::Running;
    let place = |id: u32| i32::try_from(id).unwrap_or(i32::MAX);
    let jobs = instance.jobs().iter().filter(|_| works).filter_map(|job| {
        let subject = match &definition.job(&job.step)?.work {
            Work::Worker(worker) => job_subject(worker),
            Work::Http { .. } => return None,
        };
        let ready_ms = match &job.state {
            JobState::Ready { from: at } | JobState::Leased { until: at, .. } => at.0,
            JobState::Asked | JobState::Pausing { .. } => return None,
        };
        Some(AwaitRow { subject, ready_ms, place: place(job.id.0) })
    });
    let signals = instance.tokens().iter().filter_map(|token| match &token.waits {
        Waits::Signal(signal) => {
            Some(AwaitRow { subject: signal_subject(signal), ready_ms: 0, place: place(token.id.0) })
        }
        _ => None,
    });
    jobs.chain(signals).chain(found_rows(definition, instance)).collect()
}

fn case_line(definition: &Definition, instance: &Instance, clock_due: Option<Timestamp>) -> CaseLine {
    let task_due = instance.tasks().iter().filter_map(|open| open.due).min();
    let (status, ended) = match instance.status() {
        Status::Running => (RUNNING, None),
        Status::Stuck(_) => (STUCK, None),
        Status::Suspended(_) => (SUSPENDED, None),
        Status::Ended { at, .. } => (ENDED, Some(at.0)),
    };
    let title = instance.fields().get(&definition.parts().title);
    CaseLine {
        title: title.map(Value::plain).unwrap_or_default(),
        status,
        stage: stage(instance),
        priority: priority(definition, instance),
        team: referred(definition, instance, engine::directory::TEAM),
        service: referred(definition, instance, engine::directory::SERVICE),
        ended_ms: ended,
        due_ms: earlier(task_due, clock_due).map(|due| due.0),
    }
}

/// The steps where tokens stand, but for the races and blocks around them; of an ended record its outcome.
fn stage(instance: &Instance) -> String {
    if let Status::Ended { outcome, .. } = instance.status() {
        return outcome.to_string();
    }
    let mut stage = String::new();
    for token in instance.tokens() {
        match token.waits {
            Waits::Inner | Waits::Rest => {}
            Waits::Engine
            | Waits::Judgement
            | Waits::Task(_)
            | Waits::Message { .. }
            | Waits::Job(_)
            | Waits::Return(_)
            | Waits::Signal(_)
            | Waits::Heard(_)
            | Waits::Time(_)
            | Waits::Condition => {
                if !stage.is_empty() {
                    stage.push(STAGE_SEPARATOR);
                }
                stage.push_str(token.step.as_str());
            }
        }
    }
    stage
}

fn priority(definition: &Definition, instance: &Instance) -> Option<String> {
    let (name, value) = instance.fields().get_key_value("priority")?;
    let field = definition.field(name).filter(|field| field.seen_by.is_empty())?;
    match (&field.holds, value) {
        (FieldType::Choice(_), Value::Choice(chosen)) => Some(chosen.to_string()),
        _ => None,
    }
}

/// The entry that the first field of that register names, of those for everybody's eyes.
fn referred(definition: &Definition, instance: &Instance, register: &str) -> Option<String> {
    let field = definition.parts().fields.iter().find(|field| match &field.holds {
        FieldType::Ref(of) => of == register && field.seen_by.is_empty(),
        _ => false,
    })?;
    match instance.fields().get(&field.name)? {
        Value::Ref(key) => Some(key.to_string()),
        _ => None,
    }
}

fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}
