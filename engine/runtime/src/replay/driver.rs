//! Plays each record of the log in memory, and writes those whose every row was accepted.

use std::sync::Arc;

use super::log::{Log, Row};
use super::mapping::{Mapping, MappingError};
use super::order::{By, Order, Verb};
use super::people::{gathered, keep, person_key};
use super::report::Summary;
use super::values;
use crate::execute::ExecuteError;
use crate::past::Telling;
use crate::{Runtime, RuntimeError};
use engine::command::{Command, Rejection, Start};
use engine::definition::{Ask, Definition, Reason};
use engine::directory::Directory;
use engine::event::Actor;
use engine::ids::Name;
use engine::instance::{Instance, Status};
use engine::play::Play;
use engine::time::{Timestamp, Zone};
use engine::value::{Fields, Misfit, Value};

/// What a replay led to.
#[derive(Debug)]
pub struct Outcome {
    /// The figures.
    pub summary: Summary,
    /// Every row that did not reach the store.
    pub rejected: Vec<Rejected>,
}

/// A row that did not reach the store.
#[derive(Clone, Debug)]
pub struct Rejected {
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
    /// The zone of the mapping is not known.
    #[error(transparent)]
    Time(#[from] engine::time::TimeError),
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
    let definition =
        runtime.current(&mapping.process)?.ok_or_else(|| ReplayError::NoSuchProcess(mapping.process.clone()))?;
    mapping.check(&definition)?;
    let directory = Arc::new(gathered(mapping, &definition, log, &runtime.directory()));
    keep(runtime, &directory)?;
    runtime.reload_directory()?;

    let player =
        Player { mapping, definition: definition.clone(), directory, log, zone: Zone::named(&mapping.log.zone)? };
    let mut summary = Summary::new(log);
    let mut rejected: Vec<Rejected> = Vec::new();
    let mut writer = runtime.past_writer(Telling::Nobody);
    for (done, (case, rows)) in log.cases().iter().enumerate() {
        let bad = log.bad_rows().iter().find(|bad| bad.case.as_deref() == Some(case));
        let played = match bad {
            Some(bad) => Err((bad.line, bad.reason.clone())),
            None => player.play(runtime, case, rows),
        };
        match played {
            Ok(play) => {
                summary.accept(mapping, play.played());
                writer.write(&definition, play.played())?;
            }
            Err((line, reason)) => {
                summary.refuse();
                rejected.extend(rows.iter().map(|row| Rejected {
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
    rejected.extend(log.bad_rows().iter().map(|bad| Rejected {
        line: bad.line,
        case: bad.case.clone().unwrap_or_default(),
        reason: bad.reason.clone(),
        cells: bad.cells.clone(),
    }));
    rejected.sort_by_key(|row| row.line);
    summary.rejected_rows = rejected.len();
    Ok(Outcome { summary, rejected })
}

/// Why a row is refused: its line and the reason.
type Refusal = (u64, String);

struct Player<'l> {
    mapping: &'l Mapping,
    definition: Arc<Definition>,
    directory: Arc<Directory>,
    log: &'l Log,
    zone: Zone,
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
        let opened = self
            .zone
            .instant(written, &self.mapping.log.dates)
            .map_err(|_| (first.line, format!("{column} \"{written}\" is not a date")))?;
        Ok(opened.min(first.at))
    }

    fn begin(&self, runtime: &Runtime, play: &mut Play, row: &Row) -> Result<(), String> {
        let start = &self.definition.parts().start;
        let asked: Vec<&Ask> = start.asks.iter().collect();
        let requester = self.log.value(row, &self.mapping.people.requester).map(person_key);
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
        self.take_changes(play, before, row)?;
        let from = before.and_then(|before| self.log.value(before, &self.mapping.log.state)).unwrap_or("start");
        let to = self.log.value(row, &self.mapping.log.state).ok_or("has no state")?;
        if before.is_none() || from != to {
            let pair = format!("{from} -> {to}");
            let orders = self.mapping.moves.get(&pair).ok_or_else(|| format!("the mapping has no move {pair}"))?;
            for order in orders {
                self.carry_out(play, row, order)?;
            }
        }
        self.stands_as_recorded(play, to)
    }

    /// After every row the record must stand where the log says that it stood.
    fn stands_as_recorded(&self, play: &Play, state: &str) -> Result<(), String> {
        let places =
            self.mapping.states.get(state).ok_or_else(|| format!("the mapping does not know the state {state}"))?;
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
        for field in &self.mapping.follow {
            let now = values::of_row(self.mapping, &self.definition, self.log, row, field)?;
            let was = match before {
                Some(before) => values::of_row(self.mapping, &self.definition, self.log, before, field)?,
                None => None,
            };
            let Some(value) = now.filter(|value| was.as_ref() != Some(value)) else { continue };
            let held = play.instance().and_then(|instance| instance.fields().get(field));
            let overriding = self.mapping.fields.get(field).and_then(|source| source.override_reason.as_deref());
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
            .mapping
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
            values::of_row_for(self.mapping, &self.definition, self.log, row, asked.iter().map(|ask| &ask.field))?;
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
            fields.insert(field.clone(), values::stand_in(self.mapping, &self.definition, field)?);
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
    }
}
