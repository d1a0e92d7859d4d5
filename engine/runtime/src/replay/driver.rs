//! Plays each record of the log in memory, and writes those whose every row was accepted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::activities::PutOff;
use super::log::{Log, Row};
use super::mapping::{Mapping, MappingError, ProcessMapping, StateSource, Target};
use super::order::{By, Order, Verb};
use super::people::{Conflict, gathered, keep, nobody_known, person_key};
use super::report::Summary;
use super::values;
use crate::execute::ExecuteError;
use crate::{Runtime, RuntimeError};
use engine::audience::Audience;
use engine::command::{Command, Rejection, Start};
use engine::definition::{Ask, Definition, Reason};
use engine::directory::Directory;
use engine::event::Actor;
use engine::ids::Name;
use engine::instance::{Instance, Status};
use engine::play::Play;
use engine::time::Timestamp;
use engine::value::{Fields, Misfit, Value};

/// What a replay led to.
#[derive(Debug)]
pub struct Outcome {
    /// The figures.
    pub summary: Summary,
    /// Every row that did not reach the store.
    pub rejected: Vec<Rejected>,
    /// Closings of the log that are not where the log has them.
    pub put_off: Vec<PutOff>,
    /// Attributes of register entries on which rows do not agree.
    pub conflicts: Vec<Conflict>,
}

/// The file of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The log.
    Log,
    /// The file of attributes.
    Attributes,
}

/// A row that did not reach the store.
#[derive(Clone, Debug)]
pub struct Rejected {
    /// Its file.
    pub source: Source,
    /// Its line in the file.
    pub line: u64,
    /// The record.
    pub case: String,
    /// Why.
    pub reason: String,
    /// The row as it was.
    pub cells: Vec<String>,
}

/// Why a replay could not run at all.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The mapping does not fit the process.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// The process is not deployed.
    #[error("no version of the process {0} is deployed")]
    NoSuchProcess(Name),
    /// Something beneath failed.
    #[error(transparent)]
    Broken(#[from] RuntimeError),
    /// A played record could not be written.
    #[error("a played record could not be written: {0}")]
    Unwritten(#[from] ExecuteError),
}

impl From<store::StoreError> for ReplayError {
    fn from(cause: store::StoreError) -> Self {
        ReplayError::Broken(RuntimeError::Store(cause))
    }
}

/// Replays a log. `progress` is told the number of records done.
///
/// # Errors
/// The mapping does not fit the process, or the store failed. What single rows are refused for is in the outcome.
pub fn replay(
    runtime: &Runtime,
    mapping: &Mapping,
    log: &Log,
    progress: &mut dyn FnMut(usize),
) -> Result<Outcome, ReplayError> {
    mapping.check_columns(log)?;
    let mut definitions = BTreeMap::new();
    for process in mapping.targets() {
        let definition = runtime.current(process)?.ok_or_else(|| ReplayError::NoSuchProcess(process.clone()))?;
        mapping.check(&definition)?;
        definitions.insert(process.clone(), definition);
    }
    let known = runtime.directory();
    let (directory, conflicts) = gathered(mapping, definitions.values().map(Arc::as_ref), log, &known);
    let directory = Arc::new(directory);
    keep(runtime, &directory)?;
    runtime.reload_directory()?;

    let mut players = BTreeMap::new();
    for (process, definition) in &definitions {
        let player = Player {
            mapping,
            process: mapping.through(process)?,
            definition: definition.clone(),
            directory: directory.clone(),
            log,
        };
        players.insert(process, player);
    }
    let mut bad = BTreeMap::new();
    for row in log.bad_rows() {
        if let Some(case) = &row.case {
            bad.entry(case.as_str()).or_insert(row);
        }
    }
    let mut summary = Summary::new(mapping, log);
    let mut rejected: Vec<Rejected> = Vec::new();
    let mut writer = runtime.past_writer();
    for (done, (case, rows)) in log.cases().iter().enumerate() {
        let played = match bad.get(case.as_str()) {
            Some(bad) => Err((bad.line, bad.reason.clone())),
            None => target(mapping, log, rows).and_then(|process| {
                let player = players.get(process).ok_or_else(|| (0, format!("nothing plays {process}")))?;
                player.play(runtime, case, rows).map(|play| (player, play))
            }),
        };
        match played {
            Ok((player, play)) => {
                summary.accept(mapping, player.process, log, (case, rows), (&player.definition, play.played()));
                writer.write(&player.definition, play.played())?;
            }
            Err((line, reason)) => {
                summary.refuse();
                rejected.extend(rows.iter().map(|row| Rejected {
                    source: Source::Log,
                    line: row.line,
                    case: case.clone(),
                    reason: if row.line == line { reason.clone() } else { format!("with its record: see line {line}") },
                    cells: row.cells.clone(),
                }));
            }
        }
        progress(done + 1);
    }
    writer.finish()?;
    let told: std::collections::BTreeSet<u64> = rejected.iter().map(|row| row.line).collect();
    let bad_rows = log.bad_rows().iter().filter(|bad| !told.contains(&bad.line)).map(|bad| (Source::Log, bad));
    let bad_attributes = log.bad_attributes();
    rejected.extend(bad_rows.chain(bad_attributes.iter().map(|bad| (Source::Attributes, bad))).map(|(source, bad)| {
        Rejected {
            source,
            line: bad.line,
            case: bad.case.clone().unwrap_or_default(),
            reason: bad.reason.clone(),
            cells: bad.cells.clone(),
        }
    }));
    rejected.sort_by_key(|row| (row.source, row.line));
    summary.rejected_rows = rejected.len();
    Ok(Outcome { summary, rejected, put_off: log.put_off().to_vec(), conflicts })
}

/// The process that a record goes through.
fn target<'m>(mapping: &'m Mapping, log: &Log, rows: &[Row]) -> Result<&'m Name, Refusal> {
    let first = rows.first().ok_or((0, "has no rows".to_owned()))?;
    match &mapping.process {
        Target::One(process) => Ok(process),
        Target::ByValue { column, values } => {
            let value = log.value(first, column).ok_or_else(|| (first.line, format!("has no {column}")))?;
            values.get(value).ok_or_else(|| {
                (first.line, format!("{column} has the value \"{value}\", for which the mapping names no process"))
            })
        }
    }
}

/// Why a row is refused: its line and the reason.
type Refusal = (u64, String);

struct Player<'l> {
    mapping: &'l Mapping,
    process: &'l ProcessMapping,
    definition: Arc<Definition>,
    directory: Arc<Directory>,
    log: &'l Log,
}

impl Player<'_> {
    fn play(&self, runtime: &Runtime, case: &str, rows: &[Row]) -> Result<Play, Refusal> {
        let Some(first) = rows.first() else { return Err((0, format!("{case} has no rows"))) };
        let mut play = Play::new(self.definition.clone(), self.directory.clone(), self.opened(first)?);
        self.begin(runtime, &mut play, first).map_err(|reason| (first.line, reason))?;
        let mut before: Option<&Row> = None;
        for row in rows {
            self.follow(&mut play, before, row).map_err(|reason| (row.line, reason))?;
            before = Some(row);
        }
        Ok(play)
    }

    /// The instant at which the record was opened, or its first row's where the log says that it was opened later.
    fn opened(&self, first: &Row) -> Result<Timestamp, Refusal> {
        let column = &self.mapping.log.opened;
        let Some(written) = self.log.value(first, column) else { return Ok(first.at) };
        let opened =
            self.log.instant(written).map_err(|_| (first.line, format!("{column} \"{written}\" is not a date")))?;
        Ok(opened.min(first.at))
    }

    fn begin(&self, runtime: &Runtime, play: &mut Play, row: &Row) -> Result<(), String> {
        let start = &self.definition.parts().start;
        let asked: Vec<&Ask> = start.asks.iter().collect();
        let people = &self.mapping.people;
        let requester = people.requester.as_ref().and_then(|column| self.log.value(row, column)).map(person_key);
        let requester = requester.or_else(|| people.requester_unknown.as_ref().map(|_| nobody_known()));
        let by = self.person(row).or_else(|| requester.clone()).ok_or("names nobody who acts")?;
        let fields = self.form(play, row, &asked)?;
        let (instance, number) = runtime.new_record(&self.definition, play.now()).map_err(|cause| cause.to_string())?;
        let order = |fields: Fields| Start {
            instance,
            number: number.clone(),
            on_behalf_of: requester.clone(),
            fields,
            origin: None,
        };
        match play.start(&by, order(fields.clone())) {
            Ok(_) => Ok(()),
            Err(rejection) => {
                let fields = self.with_stand_ins(fields, &rejection).ok_or_else(|| rejection.to_string())?;
                play.start(&by, order(fields)).map(|_| ()).map_err(|rejection| rejection.to_string())
            }
        }
    }

    fn follow(&self, play: &mut Play, before: Option<&Row>, row: &Row) -> Result<(), String> {
        if before.is_some_and(|before| row.at < before.at) {
            return Err("is earlier than the row before it".into());
        }
        play.advance_to(row.at);
        let to = row.state.as_deref().ok_or("has no state")?;
        let from = before.and_then(|before| before.state.as_deref()).unwrap_or("start");
        self.take_activity(play, row)?;
        self.take_changes(play, before, row)?;
        if before.is_none() || from != to {
            let pair = format!("{from} -> {to}");
            let orders = self.process.moves.get(&pair).ok_or_else(|| format!("the mapping has no move {pair}"))?;
            for order in orders {
                self.carry_out(play, row, order)?;
            }
        }
        self.stands_as_recorded(play, to)
    }

    /// What was done is kept as a comment, and is what the mapping says of it.
    fn take_activity(&self, play: &mut Play, row: &Row) -> Result<(), String> {
        let StateSource::Activities(activities) = &self.mapping.log.state else { return Ok(()) };
        let activity =
            self.log.value(row, &activities.column).ok_or_else(|| format!("has no {}", activities.column))?;
        let by = self.person(row).ok_or("names nobody who acts")?;
        let text = self.log.filled(row, &activities.note);
        let comment = Command::Comment { text, audience: Audience::Public, tells: BTreeSet::new() };
        play.command(Actor::Person(by), comment).map_err(|rejection| rejection.to_string())?;
        for order in self.process.activities.get(activity).into_iter().flatten() {
            self.carry_out(play, row, order)?;
        }
        Ok(())
    }

    /// After every row the record must stand where the log says that it stood.
    fn stands_as_recorded(&self, play: &Play, state: &str) -> Result<(), String> {
        let places =
            self.process.states.get(state).ok_or_else(|| format!("the mapping does not know the state {state}"))?;
        let instance = play.instance().ok_or("the record has not begun")?;
        let stands = match instance.status() {
            Status::Ended { outcome, .. } => places.contains(outcome),
            Status::Running | Status::Suspended(_) => {
                places.iter().any(|place| stands_in(instance, &self.definition, place))
            }
            Status::Stuck(repair) => return Err(format!("the record is stuck: {}", repair.problem)),
        };
        if stands { Ok(()) } else { Err(format!("the record stands at {}, the log says {state}", place_of(instance))) }
    }

    fn take_changes(&self, play: &mut Play, before: Option<&Row>, row: &Row) -> Result<(), String> {
        for field in &self.process.follow {
            let now = values::of_row(self.process, &self.definition, self.log, row, field)?;
            let was = match before {
                Some(before) => values::of_row(self.process, &self.definition, self.log, before, field)?,
                None => None,
            };
            let Some(value) = now.filter(|value| was.as_ref() != Some(value)) else { continue };
            let held = play.instance().and_then(|instance| instance.fields().get(field));
            let overriding = self.process.fields.get(field).and_then(|source| source.override_reason.as_deref());
            if held == Some(&value) && overriding.is_none() {
                continue;
            }
            self.change(play, row, field, value, overriding)?;
        }
        Ok(())
    }

    fn change(
        &self,
        play: &mut Play,
        row: &Row,
        field: &Name,
        value: Value,
        overriding: Option<&str>,
    ) -> Result<(), String> {
        let instance = play.instance().ok_or("the record has not begun")?;
        let by_task = self
            .process
            .changes
            .iter()
            .find(|change| change.field == *field && instance.tasks().iter().any(|task| task.step == change.at));
        if let Some(change) = by_task {
            return self.carry_out(play, row, &Order::completing(&change.at, &change.outcome));
        }
        let command = Command::Edit {
            fields: Fields::from([(field.clone(), value)]),
            reason: overriding.unwrap_or(&self.mapping.reason).to_owned(),
        };
        let actor = Actor::Person(self.person(row).ok_or("names nobody who acts")?);
        play.command(actor, command).map(|_| ()).map_err(|rejection| rejection.to_string())
    }

    fn carry_out(&self, play: &mut Play, row: &Row, order: &Order) -> Result<(), String> {
        let instance = play.instance().ok_or("the record has not begun")?;
        if order.at.as_ref().is_some_and(|at| !stands_in(instance, &self.definition, at)) {
            return Ok(());
        }
        let actor = match order.by {
            By::RowsPerson => self.person(row).ok_or("names nobody who acts")?,
            By::Requester => instance.requester().clone(),
        };
        let said = |rejection: Rejection| format!("{}: {rejection}", spoken(&order.verb));
        let command = self.command(play, row, &order.verb)?;
        match play.command(Actor::Person(actor.clone()), command.clone()) {
            Ok(_) => Ok(()),
            Err(rejection) => {
                let command = self.completed_by_stand_ins(command, &rejection).ok_or_else(|| said(rejection))?;
                play.command(Actor::Person(actor), command).map(|_| ()).map_err(said)
            }
        }
    }

    fn command(&self, play: &Play, row: &Row, verb: &Verb) -> Result<Command, String> {
        match verb {
            Verb::Count(field) => {
                let held = play.instance().and_then(|instance| instance.fields().get(field));
                let one = match held {
                    Some(Value::Number(count)) => count.checked_add(1.into()),
                    Some(_) | None => Some(1.into()),
                };
                let one = one.ok_or_else(|| format!("{field} is too great"))?;
                Ok(Command::Edit {
                    fields: Fields::from([(field.clone(), Value::Number(one))]),
                    reason: self.mapping.reason.clone(),
                })
            }
            Verb::Message(message) => Ok(Command::Message {
                message: message.clone(),
                text: self.mapping.message.clone(),
                fields: Fields::new(),
            }),
            Verb::Complete { task, outcome } => {
                let instance = play.instance().ok_or("the record has not begun")?;
                let open = instance.tasks().iter().find(|open| open.step == *task).ok_or_else(|| {
                    format!("the task {task} is not open: the record stands at {}", place_of(instance))
                })?;
                let work = self.definition.task(task).ok_or_else(|| format!("there is no task {task}"))?;
                let chosen = work
                    .outcomes
                    .iter()
                    .find(|held| held.name == *outcome)
                    .ok_or_else(|| format!("{task} has no outcome {outcome}"))?;
                let asked: Vec<&Ask> = work.asks.iter().chain(&chosen.asks).collect();
                let reason = match chosen.reason {
                    Reason::Asked => Some(self.mapping.reason.clone()),
                    Reason::NotAsked => None,
                };
                Ok(Command::Complete {
                    task: open.id,
                    outcome: outcome.clone(),
                    fields: self.form(play, row, &asked)?,
                    reason,
                })
            }
        }
    }

    /// What the log knows of what a form asks. A value that the record holds already is not said again.
    fn form(&self, play: &Play, row: &Row, asked: &[&Ask]) -> Result<Fields, String> {
        let known =
            values::of_row_for(self.process, &self.definition, self.log, row, asked.iter().map(|ask| &ask.field))?;
        let held = play.instance().map(Instance::fields);
        Ok(known.into_iter().filter(|(name, value)| held.and_then(|held| held.get(name)) != Some(value)).collect())
    }

    fn completed_by_stand_ins(&self, command: Command, rejection: &Rejection) -> Option<Command> {
        let Command::Complete { task, outcome, fields, reason } = command else { return None };
        let fields = self.with_stand_ins(fields, rejection)?;
        Some(Command::Complete { task, outcome, fields, reason })
    }

    /// The form with stand-ins for exactly those fields that are refused as missing, if that is all that is wrong
    /// and there is a stand-in for each.
    fn with_stand_ins(&self, mut fields: Fields, rejection: &Rejection) -> Option<Fields> {
        let Rejection::BadFields(wrong) = rejection else { return None };
        for (field, misfit) in wrong {
            if *misfit != Misfit::Missing {
                return None;
            }
            fields.insert(field.clone(), values::stand_in(self.process, &self.definition, field)?);
        }
        Some(fields)
    }

    fn person(&self, row: &Row) -> Option<Name> {
        self.log.value(row, &self.mapping.people.by).map(person_key)
    }
}

fn stands_in(instance: &Instance, definition: &Definition, place: &Name) -> bool {
    instance.tokens().iter().any(|token| definition.is_within(&token.step, place))
}

fn place_of(instance: &Instance) -> String {
    match instance.status() {
        Status::Ended { outcome, .. } => outcome.to_string(),
        Status::Running | Status::Stuck(_) | Status::Suspended(_) => {
            let steps: Vec<&str> = instance.tokens().iter().map(|token| token.step.as_str()).collect();
            steps.join(", ")
        }
    }
}

fn spoken(verb: &Verb) -> String {
    match verb {
        Verb::Complete { task, outcome } => format!("complete {task} {outcome}"),
        Verb::Message(message) => format!("message {message}"),
        Verb::Count(field) => format!("count {field}"),
    }
}
