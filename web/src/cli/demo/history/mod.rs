//! The demo's history: a seeded organisation at work. The real runtime runs over a virtual clock from some months ago to
//! now. The diary says what begins when; whatever task opens from it is answered after a while by somebody who may,
//! as the file of its process says. A task that no file knows is an error, so that a process cannot change without it.

mod answer;
mod audit;
mod change;
mod deed;
mod diary;
mod dice;
mod incident;
mod major;
mod problem;
mod release;
mod request;
mod template;
mod trend;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use engine::calendar::Calendar;
use engine::command::{Command, Rejection};
use engine::definition::StepKind;
use engine::effect::Effect;
use engine::event::{Actor, Principal};
use engine::ids::{InstanceId, Name, TaskId};
use engine::instance::{Instance, OpenTask, Status};
use engine::people;
use engine::time::{DAY_MS, MINUTE_MS, Timestamp, ZONE};
use engine::value::Value;
use runtime::{EntryError, ExecuteError, Runtime, RuntimeError, StartOrder, VirtualClock};
use store::{OutboxKey, Share, StoreError};

use self::answer::{Answer, Case, Pace, answer, minutes, pace};
pub(super) use self::answer::{choice, text};
use self::deed::{Deed, Fate};
use self::dice::Dice;
pub(super) use self::incident::reported;

/// What makes the history the same every time.
const SEED: u64 = 20_000;
/// How far back people are still told.
const TOLD_DAYS: i64 = 2;
/// How many effects are looked at at once.
const OWED_AT_ONCE: usize = 256;
/// How many notices of the past wait to be dropped together.
const UNTOLD_MAX: usize = 48;
/// How often an answer that was refused is tried in another way.
const REFUSED_MAX: i64 = 12;
/// From how many minutes of office time on somebody takes a task before working on it.
const WORTH_CLAIMING: i64 = 120;

/// Why the history could not be made.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The process refuses what the demo's people do: its definition and the demo do not fit each other.
    #[error("the demo's story does not fit the process: {number}, {step}, {what}: {rejection}")]
    Refused { number: String, step: Name, what: String, rejection: Box<Rejection> },
    /// The demo's people do not know what to do with a task.
    #[error("the demo's story does not know the task {step} of {process}")]
    Unknown { process: Name, step: Name },
    /// Nobody of the demo may do a task.
    #[error("nobody of the demo may do {step} of {number}")]
    Nobody { number: String, step: Name },
    /// A record cannot go on.
    #[error("the demo's record {number} is stuck: {repair}")]
    Stuck { number: String, repair: String },
    /// What a record owes could not be done.
    #[error("the demo's record {number} owes what cannot be done: {problem}")]
    Owed { number: String, problem: String },
    /// A command failed.
    #[error(transparent)]
    Unwritten(#[from] ExecuteError),
    /// Something beneath failed.
    #[error(transparent)]
    Broken(#[from] RuntimeError),
    /// An entry of a register could not be changed.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The organisation on its way through time.
pub(super) struct Life<'r> {
    runtime: &'r Runtime,
    clock: &'r VirtualClock,
    office: Calendar,
    end: Timestamp,
    dice: Dice,
    agenda: BTreeMap<(Timestamp, u64), Deed>,
    planned_so_far: u64,
    /// The tasks that somebody has in mind.
    minded: BTreeSet<(InstanceId, TaskId)>,
    known: BTreeSet<InstanceId>,
    fates: BTreeMap<InstanceId, Fate>,
    /// Until when a story does not come again, since its cause was removed.
    cured: BTreeMap<usize, Timestamp>,
    /// The templates in force, by their summaries.
    templates: BTreeMap<String, Name>,
    /// The record of each story that was reported last.
    reported: BTreeMap<usize, Name>,
    versions: i64,
    untold: Vec<OutboxKey>,
    /// What was refused though the story did not foresee it.
    unforeseen: Vec<HistoryError>,
}

/// Makes the history from an instant, which the clock shows, to another. `progress` is told the instant that is reached.
///
/// What a process refused though the story did not foresee it is given back: whoever wanted it let it be.
///
/// # Errors
/// A record is stuck, or the store failed.
pub(super) fn make(
    runtime: &Runtime,
    clock: &VirtualClock,
    end: Timestamp,
    progress: &mut dyn FnMut(Timestamp),
) -> Result<Vec<HistoryError>, HistoryError> {
    let directory = runtime.directory();
    let office =
        directory.calendar(&Name::from("office_09_18_shanghai")).cloned().unwrap_or_else(Calendar::around_the_clock);
    let mut life = Life {
        runtime,
        clock,
        office,
        end,
        dice: Dice(SEED),
        agenda: BTreeMap::new(),
        planned_so_far: 0,
        minded: BTreeSet::new(),
        known: BTreeSet::new(),
        fates: BTreeMap::new(),
        cured: BTreeMap::new(),
        templates: BTreeMap::new(),
        reported: BTreeMap::new(),
        versions: 0,
        untold: Vec::new(),
        unforeseen: Vec::new(),
    };
    diary::write(&mut life, runtime.now());
    life.live(progress)?;
    Ok(life.unforeseen)
}

impl Life<'_> {
    fn live(&mut self, progress: &mut dyn FnMut(Timestamp)) -> Result<(), HistoryError> {
        let store = self.runtime.store();
        loop {
            let wake = store.next_wake(&Share::Whole)?.filter(|wake| *wake <= self.end);
            let deed = self.agenda.first_key_value().map(|((at, _), _)| *at).filter(|at| *at <= self.end);
            let retry = store.next_retry(&Share::Whole, self.runtime.now())?.filter(|retry| *retry <= self.end);
            let Some(at) = wake.into_iter().chain(deed).chain(retry).min() else { break };
            self.clock.set(at.max(self.runtime.now()));
            progress(self.runtime.now());
            let touched = if wake == Some(at) {
                self.fire()?
            } else if deed == Some(at) {
                match self.next_deed() {
                    Err(cause @ (HistoryError::Refused { .. } | HistoryError::Nobody { .. })) => {
                        self.unforeseen.push(cause);
                        Vec::new()
                    }
                    done => done?,
                }
            } else {
                Vec::new()
            };
            self.settle(touched)?;
        }
        self.clock.set(self.end);
        store.settle_owed(std::mem::take(&mut self.untold))?;
        progress(self.end);
        Ok(())
    }

    fn fire(&mut self) -> Result<Vec<InstanceId>, HistoryError> {
        let due = self.runtime.store().due(&Share::Whole, self.runtime.now(), OWED_AT_ONCE)?;
        let mut left_alone = BTreeMap::new();
        self.runtime.fire_due(&mut left_alone)?;
        match left_alone.into_keys().next() {
            Some(stuck) => Err(HistoryError::Stuck { number: stuck.to_string(), repair: "its timer fails".to_owned() }),
            None => Ok(due.into_iter().map(|(id, _)| id).collect()),
        }
    }

    fn next_deed(&mut self) -> Result<Vec<InstanceId>, HistoryError> {
        let Some((_, deed)) = self.agenda.pop_first() else { return Ok(Vec::new()) };
        match deed {
            Deed::Begin { process, by, fields, fate } => {
                let Some(fields) = diary::begins(self, process, fields, fate) else { return Ok(Vec::new()) };
                let order = StartOrder { process: Name::from(process), by, on_behalf_of: None, fields };
                let done = self.runtime.start(order).map_err(|cause| refused(cause, "", process, "start"))?;
                self.fates.insert(done.instance.id(), fate);
                Ok(vec![done.instance.id()])
            }
            Deed::Claim { record, task } => self.claim(record, task),
            Deed::Act { record, task } => self.act(record, task),
            Deed::Reply { record } => self.reply(record),
            Deed::Add { record, first, by } => self.add(record, first, by),
            Deed::Release { change } => release::begin(self, change),
            Deed::Enter { under, items, version } => {
                if let Some(at) = change::enter(self, &under, &items, ("version", &version))? {
                    self.plan(at, Deed::LookAgain);
                }
                Ok(Vec::new())
            }
            Deed::LookAgain => {
                while self.runtime.work_on_batch()? > 0 {}
                Ok(Vec::new())
            }
        }
    }

    /// Performs what is owed, and looks at everything that may have changed.
    fn settle(&mut self, mut touched: Vec<InstanceId>) -> Result<(), HistoryError> {
        let since = self.end.plus_ms(-TOLD_DAYS * DAY_MS);
        loop {
            let owed = self.runtime.store().outbox(&Share::Whole, self.runtime.now(), OWED_AT_ONCE)?;
            let is_untold = |effect: &Effect| matches!(effect, Effect::Notify { .. } | Effect::Mail { .. });
            let (past, owed): (Vec<_>, Vec<_>) =
                owed.into_iter().partition(|row| row.key.at < since && is_untold(&row.effect));
            self.untold = past.into_iter().map(|row| row.key).collect();
            if self.untold.len() > UNTOLD_MAX {
                self.runtime.store().settle_owed(std::mem::take(&mut self.untold))?;
            }
            if owed.is_empty() {
                break;
            }
            for row in &owed {
                touched.push(row.key.instance);
                match &row.effect {
                    Effect::Begin(begun) => touched.push(begun.instance),
                    Effect::Return { to, .. } => touched.push(*to),
                    Effect::CancelCalled { begun } => touched.push(*begun),
                    Effect::Link { to, .. } | Effect::Unlink { to, .. } => touched.push(*to),
                    Effect::Notify { .. }
                    | Effect::Mail { .. }
                    | Effect::Signal { .. }
                    | Effect::Put(_)
                    | Effect::Request { .. } => {}
                }
            }
            self.runtime.perform_rows(owed)?;
            if let Some(row) = self.runtime.store().undelivered(1)?.into_iter().next() {
                return Err(HistoryError::Owed { number: row.owed.number, problem: row.problem });
            }
        }
        let mut looked_at = BTreeSet::new();
        while let Some(id) = touched.pop() {
            if looked_at.insert(id) {
                self.look(id, &mut touched)?;
            }
        }
        Ok(())
    }

    /// Looks at a record: somebody has in mind whatever is open in it.
    fn look(&mut self, id: InstanceId, touched: &mut Vec<InstanceId>) -> Result<(), HistoryError> {
        let Some(record) = self.runtime.load(id)?.map(|loaded| loaded.instance) else { return Ok(()) };
        self.known.insert(id);
        let fate = self.fate(id);
        for link in record.links() {
            if self.known.insert(link.other) {
                // What something shown has brought about is shown as well; it is no major incident for that.
                if fate != Fate::Chance {
                    self.fates.entry(link.other).or_insert(Fate::Shown);
                }
                touched.push(link.other);
            }
        }
        // Whoever called it goes on, in the same moment.
        if let Some(origin) = record.origin().filter(|_| record.is_ended()) {
            touched.push(origin.by);
        }
        if let Status::Stuck(repair) = record.status() {
            return Err(HistoryError::Stuck { number: record.number().to_owned(), repair: format!("{repair:?}") });
        }
        let process = self.process_of(&record)?;
        template::remember(self, &process, &record);
        for task in record.tasks() {
            if !self.minded.insert((id, task.id)) {
                continue;
            }
            let mut case = Case { life: self, record: &record, process: &process, task, refused: 0 };
            let Some(pace) = pace(&mut case) else {
                return Err(HistoryError::Unknown { process: process.clone(), step: task.step.clone() });
            };
            self.mind(&record, task, pace);
        }
        Ok(())
    }

    /// Somebody will answer a task, and perhaps take it before.
    fn mind(&mut self, record: &Instance, task: &OpenTask, pace: Pace) {
        let (now, act) = (self.runtime.now(), Deed::Act { record: record.id(), task: task.id });
        match pace {
            Pace::Office(from, to) => {
                let after = self.dice.between(from, to);
                let shared = task.candidates.iter().any(|one| matches!(one, Principal::Team(_) | Principal::Role(_)));
                if after >= WORTH_CLAIMING && shared && task.assignee.is_none() && record.ballot(task.token).is_none() {
                    let claim = Deed::Claim { record: record.id(), task: task.id };
                    self.plan(self.office_after(now, after / 4), claim);
                }
                self.plan(self.office_after(now, after), act);
            }
            Pace::Wall(from, to) => {
                let after = self.dice.between(minutes(from), minutes(to));
                self.plan(now.plus_ms(after), act);
            }
        }
    }

    fn claim(&mut self, id: InstanceId, task: TaskId) -> Result<Vec<InstanceId>, HistoryError> {
        let Some((record, open)) = self.open(id, task)? else { return Ok(Vec::new()) };
        if open.assignee.is_some() {
            return Ok(Vec::new());
        }
        self.order(&record, &open, "claim", |_| Command::Claim { task })?;
        Ok(vec![id])
    }

    fn act(&mut self, id: InstanceId, task: TaskId) -> Result<Vec<InstanceId>, HistoryError> {
        let Some((record, open)) = self.open(id, task)? else { return Ok(Vec::new()) };
        let process = self.process_of(&record)?;
        let mut refused_so_far = 0;
        loop {
            let mut case =
                Case { life: self, record: &record, process: &process, task: &open, refused: refused_so_far };
            let Some(answer) = answer(&mut case)? else {
                return Err(HistoryError::Unknown { process, step: open.step.clone() });
            };
            let (what, command, then) = match answer {
                Answer::Leave => return Ok(Vec::new()),
                Answer::Later(minutes) => {
                    let at = self.office_after(self.runtime.now(), minutes);
                    self.plan(at, Deed::Act { record: id, task });
                    return Ok(Vec::new());
                }
                Answer::Finish { outcome, fields, reason, then } => {
                    (outcome, Command::Complete { task, outcome: Name::from(outcome), fields, reason }, then)
                }
                Answer::Ballot { vote, fields, reason } => {
                    // Whoever has not voted yet is asked still.
                    self.minded.remove(&(id, task));
                    (vote.name(), Command::Vote { task, vote, fields, reason }, Vec::new())
                }
            };
            match self.order(&record, &open, what, |_| command.clone()) {
                Ok(()) => {
                    then.into_iter().for_each(|(at, deed)| self.plan(at, deed));
                    return Ok(vec![id]);
                }
                Err(HistoryError::Refused { .. }) if refused_so_far < REFUSED_MAX && is_tried_again(&open.step) => {
                    refused_so_far += 1;
                }
                Err(cause) => return Err(cause),
            }
        }
    }

    /// Somebody who may gives an order about a task: who holds it, or else one of those whom it is for.
    fn order(
        &mut self,
        record: &Instance,
        open: &OpenTask,
        what: &str,
        command: impl Fn(&Name) -> Command,
    ) -> Result<(), HistoryError> {
        for person in self.whoever(open) {
            match self.runtime.execute(record.id(), Actor::Person(person.clone()), command(&person)) {
                Ok(_) => return Ok(()),
                // Somebody else does it where duties are separated.
                Err(ExecuteError::Rejected(
                    Rejection::DutiesSeparated | Rejection::NotForYou | Rejection::HasVoted | Rejection::Barred(_),
                )) => {}
                Err(cause) => return Err(refused(cause, record.number(), open.step.as_str(), what)),
            }
        }
        Err(HistoryError::Nobody { number: record.number().to_owned(), step: open.step.clone() })
    }

    /// Who may do a task, in the order in which they are tried: a team before those who hold a role.
    fn whoever(&mut self, open: &OpenTask) -> Vec<Name> {
        if let Some(holder) = &open.assignee {
            return vec![holder.clone()];
        }
        let directory = self.runtime.directory();
        let (teams, others): (Vec<_>, Vec<_>) =
            open.candidates.iter().cloned().partition(|candidate| matches!(candidate, Principal::Team(_)));
        let mut found: Vec<Name> = Vec::new();
        for some in [teams, others] {
            let mut people = people::members(&some, &directory);
            people.retain(|person| !found.contains(person));
            let first = self.dice.below(i64::try_from(people.len()).unwrap_or(0));
            people.rotate_left(usize::try_from(first).unwrap_or(0));
            found.extend(people);
        }
        found
    }

    fn reply(&mut self, id: InstanceId) -> Result<Vec<InstanceId>, HistoryError> {
        let Some(record) = self.runtime.load(id)?.map(|loaded| loaded.instance) else { return Ok(Vec::new()) };
        let waits =
            record.tokens().iter().any(|token| token.waits.message().is_some_and(|(name, _)| *name == *"reply"));
        if !waits {
            return Ok(Vec::new());
        }
        let summary = record.fields().get("summary").map(Value::plain).unwrap_or_default();
        let text = super::stories::Story::told(&summary)
            .map(|(_, story)| story.reply)
            .or_else(|| super::wishes::Wish::told(&summary).map(|wish| wish.reply))
            .unwrap_or("好的，谢谢。");
        let command =
            Command::Message { message: Name::from("reply"), text: text.to_owned(), fields: Default::default() };
        let done = self.runtime.execute(id, Actor::Person(record.requester().clone()), command);
        done.map_err(|cause| refused(cause, record.number(), "reply", "message"))?;
        Ok(vec![id])
    }

    fn add(&mut self, id: InstanceId, first: &str, by: Name) -> Result<Vec<InstanceId>, HistoryError> {
        let Some(loaded) = self.runtime.load(id)? else { return Ok(Vec::new()) };
        if loaded.instance.is_ended() {
            return Ok(Vec::new());
        }
        let definition = self.runtime.definition(loaded.instance.definition())?;
        let extra = definition.parts().steps.iter().find(|step| match &step.kind {
            StepKind::Extra { first: begins, .. } => *begins == *first,
            _ => false,
        });
        let Some(extra) = extra else {
            return Err(HistoryError::Unknown { process: definition.parts().name.clone(), step: Name::from(first) });
        };
        let command = Command::Add { step: extra.name.clone() };
        let done = self.runtime.execute(id, Actor::Person(by), command);
        done.map_err(|cause| refused(cause, loaded.instance.number(), first, "add"))?;
        Ok(vec![id])
    }

    fn open(&self, id: InstanceId, task: TaskId) -> Result<Option<(Arc<Instance>, OpenTask)>, HistoryError> {
        let Some(record) = self.runtime.load(id)?.map(|loaded| loaded.instance) else { return Ok(None) };
        let open = record.task(task).cloned();
        Ok(open.map(|open| (record, open)))
    }

    fn process_of(&self, record: &Instance) -> Result<Name, HistoryError> {
        Ok(self.runtime.definition(record.definition())?.parts().name.clone())
    }

    fn plan(&mut self, at: Timestamp, deed: Deed) {
        self.planned_so_far += 1;
        self.agenda.insert((at, self.planned_so_far), deed);
    }

    fn fate(&self, id: InstanceId) -> Fate {
        self.fates.get(&id).copied().unwrap_or(Fate::Chance)
    }

    /// After so many minutes of office time.
    fn office_after(&self, from: Timestamp, minutes: i64) -> Timestamp {
        self.office.add(from, minutes * MINUTE_MS).unwrap_or_else(|| from.plus_ms(minutes * MINUTE_MS))
    }

    /// The local day of an instant, as in `2026-09-18`.
    fn day_of(&self, instant: Timestamp) -> String {
        let local = instant.to_local(ZONE).unwrap_or_default();
        local.chars().take("2026-01-01".len()).collect()
    }

    /// An hour of a local day.
    fn at(&self, day: &str, hour: &str) -> Timestamp {
        Timestamp::from_local(&format!("{day} {hour}"), ZONE).unwrap_or_else(|_| self.runtime.now())
    }

    /// The number and the state of a record.
    fn record(&self, id: InstanceId) -> Result<Option<Arc<Instance>>, HistoryError> {
        Ok(self.runtime.load(id)?.map(|loaded| loaded.instance))
    }
}

/// The steps at which a refusal is part of the story: a window that is taken, what has come back unseen.
fn is_tried_again(step: &Name) -> bool {
    matches!(step.as_str(), "classify" | "schedule" | "review")
}

fn refused(cause: ExecuteError, number: &str, step: &str, what: &str) -> HistoryError {
    match cause {
        ExecuteError::Rejected(rejection) => HistoryError::Refused {
            number: number.to_owned(),
            step: Name::from(step),
            what: what.to_owned(),
            rejection: Box::new(rejection),
        },
        cause => cause.into(),
    }
}
