//! One deed for several tasks: first what would happen to each, or why not; then what was done. Each task is judged and
//! committed by itself, so that one that cannot follow holds up no other.

use std::collections::BTreeMap;

use engine::command::Command;
use engine::definition::{Outcome, Reason, StepKind};
use engine::event::Actor;
use engine::ids::{InstanceId, Name, TaskId};
use engine::value::Fields;
use runtime::{ExecuteError, Would};
use serde::Serialize;

use super::{undo, views};
use crate::answer::{Answer, Refusal};
use crate::asked::safe_path;
use crate::form::{self, Choosable, Filling, Place, Wrong};
use crate::misfit;
use crate::pages::record;
use crate::pages::task::{beneath, named};
use crate::pairs::Pairs;
use crate::reach::{self, Reached};
use crate::visit::Visit;

/// The most tasks that are done with at once: two pages of the inbox.
pub(super) const TASKS_MAX: usize = 100;
/// The fields that can be changed for several records.
pub(super) const FIELDS: [&str; 2] = ["priority", "team"];

#[derive(Debug, Serialize)]
struct View {
    title: String,
    deed: &'static str,
    is_done: bool,
    /// Whether all that the deed needs was chosen.
    is_whole: bool,
    summary: Option<String>,
    too_many: Option<String>,
    people: Vec<Choosable>,
    outcomes: Vec<Choosable>,
    fields: Vec<Choosable>,
    values: Vec<Choosable>,
    reason: String,
    /// What the forms carry on.
    kept: Vec<Kept>,
    lines: Vec<Line>,
    /// The button, where there is anything to be done.
    send: Option<String>,
    /// The button that takes back what was done, where that is possible, and what its form says.
    undo: Option<String>,
    undone_by: Vec<Kept>,
    /// What cannot be taken back.
    stays: Option<String>,
    back: String,
}

/// A hidden part of a form.
#[derive(Debug, Serialize)]
pub(super) struct Kept {
    pub(super) name: String,
    pub(super) value: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Line {
    task: String,
    number: Option<String>,
    title: String,
    step: String,
    /// `good`, `same`, `bad`: what the line looks like.
    band: &'static str,
    icon: &'static str,
    words: String,
    why: Option<String>,
}

/// What can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Claim,
    Assign,
    Complete,
    Edit,
}

const KINDS: [(Kind, &str); 4] =
    [(Kind::Claim, "claim"), (Kind::Assign, "assign"), (Kind::Complete, "complete"), (Kind::Edit, "edit")];

/// What was chosen to be done.
pub(super) enum Deed {
    Claim,
    Assign(Name),
    Complete(Name),
    Edit { field: Name, value: String, reason: String },
}

impl Deed {
    pub(super) fn of(kind: Kind, pairs: &Pairs) -> Option<Deed> {
        let name = |key: &str| pairs.get(key).map(Name::from);
        Some(match kind {
            Kind::Claim => Deed::Claim,
            Kind::Assign => Deed::Assign(name("to")?),
            Kind::Complete => Deed::Complete(name("outcome")?),
            Kind::Edit => Deed::Edit {
                field: name("field").filter(|field| FIELDS.contains(&field.as_str()))?,
                value: pairs.get("value")?.to_owned(),
                reason: pairs.get("reason").unwrap_or_default().to_owned(),
            },
        })
    }
}

/// A task that was chosen.
pub(super) struct Chosen {
    pub(super) name: String,
    /// Nothing where it is not open, or not for the visitor.
    pub(super) found: Option<(Reached, TaskId)>,
}

/// What would happen, and nothing done.
pub fn preview(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let asked = &visit.asked.query;
    let kind = kind_of(asked);
    let chosen = chosen(visit, asked)?;
    let deed = Deed::of(kind, asked);
    let mut lines = Vec::new();
    let mut able = 0;
    for one in &chosen {
        let foreseen = match &deed {
            None => None,
            Some(deed) => Some(foreseen(visit, deed, one)?),
        };
        able += usize::from(matches!(foreseen, Some(Ok(Would::Change))));
        lines.push(line(
            visit,
            one,
            foreseen.map(|foreseen| match foreseen {
                Ok(Would::Change) => ("ok", "done", visit.say("bulk-would"), None),
                Ok(Would::ChangeNothing) => ("none", "done", visit.say("bulk-already"), None),
                Err(why) => ("over", "warning", visit.say("bulk-cannot"), Some(why)),
            }),
        ));
    }
    let send = (able > 0).then(|| counted(visit, "bulk-do", able, chosen.len()));
    page(visit, kind, &chosen, Told { lines, send, ..Told::default() })
}

/// Does it, one task after the other, and says what became of each.
pub fn carry_out(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let form = &visit.asked.form;
    let kind = kind_of(form);
    let chosen = chosen(visit, form)?;
    let Some(deed) = Deed::of(kind, form) else {
        return Ok(Answer::see_other(back(visit)));
    };
    let (mut lines, mut undone_by, mut done) = (Vec::new(), Vec::new(), 0);
    for one in &chosen {
        let outcome = carried_out(visit, &deed, one)?;
        done += usize::from(outcome.is_ok());
        lines.push(line(
            visit,
            one,
            Some(match outcome {
                Ok(Would::Change) => {
                    undone_by.extend(undo::remembered(&deed, one));
                    ("ok", "done", visit.say(done_key(kind)), None)
                }
                Ok(Would::ChangeNothing) => ("none", "done", visit.say("bulk-already"), None),
                Err(why) => ("over", "warning", visit.say("bulk-failed"), Some(why)),
            }),
        ));
    }
    let key = if done == chosen.len() { "bulk-done-all" } else { "bulk-done-some" };
    let stays = (done > 0 && kind == Kind::Complete).then(|| visit.say("bulk-stays"));
    let summary = Some(counted(visit, key, done, chosen.len()));
    page(visit, kind, &chosen, Told { lines, summary, undone_by, stays, ..Told::default() })
}

fn done_key(kind: Kind) -> &'static str {
    match kind {
        Kind::Claim => "bulk-done-claim",
        Kind::Assign => "bulk-done-assign",
        Kind::Complete => "bulk-done-complete",
        Kind::Edit => "bulk-done-edit",
    }
}

pub(super) fn counted(visit: &Visit<'_>, key: &str, count: usize, all: usize) -> String {
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    visit.say_with(key, &[("count", number(count).into()), ("all", number(all).into())])
}

pub(super) fn kind_of(pairs: &Pairs) -> Kind {
    let named = KINDS.iter().find(|(_, name)| pairs.get("deed") == Some(name));
    named.map_or(Kind::Claim, |(kind, _)| *kind)
}

pub(super) fn chosen(visit: &Visit<'_>, pairs: &Pairs) -> Result<Vec<Chosen>, Refusal> {
    let mut chosen: Vec<Chosen> = Vec::new();
    for name in pairs.all("task").take(TASKS_MAX) {
        if chosen.iter().any(|held| held.name == name) {
            continue;
        }
        let found = match named(name) {
            Some((id, task)) => found(visit, id, task)?,
            None => None,
        };
        chosen.push(Chosen { name: name.to_owned(), found });
    }
    Ok(chosen)
}

fn found(visit: &Visit<'_>, id: InstanceId, task: TaskId) -> Result<Option<(Reached, TaskId)>, Refusal> {
    match reach::by_id(visit, id) {
        Ok(reached) if reached.loaded.instance.task(task).is_some() => Ok(Some((reached, task))),
        Ok(_) | Err(Refusal::NotFound) => Ok(None),
        Err(other) => Err(other),
    }
}

/// The command for a task, or why there is none.
pub(super) fn command(visit: &Visit<'_>, deed: &Deed, reached: &Reached, task: TaskId) -> Result<Command, String> {
    Ok(match deed {
        Deed::Claim => Command::Claim { task },
        Deed::Assign(to) => Command::Assign { task, to: to.clone() },
        Deed::Complete(outcome) => {
            let open = reached.loaded.instance.task(task).map(|open| &open.step);
            let kind = open.and_then(|step| reached.definition.step(step)).map(|step| &step.kind);
            let asks_nothing = match kind {
                Some(StepKind::Task(work)) => {
                    work.outcomes.iter().any(|held| held.name == *outcome && is_asked_nothing(held))
                }
                Some(_) | None => false,
            };
            if !asks_nothing {
                return Err(visit.say("refused-choose-outcome"));
            }
            Command::Complete { task, outcome: outcome.clone(), fields: Fields::new(), reason: None }
        }
        Deed::Edit { field, value, reason } => {
            let editable = record::editable(visit, reached);
            let Some(held) = editable.into_iter().find(|held| held.name == *field) else {
                return Err(visit.say("bulk-not-editable"));
            };
            if !record::may_edit(visit, reached) {
                return Err(visit.say("bulk-not-editable"));
            }
            let typed = Pairs::of(vec![(field.to_string(), value.clone())]);
            let fields =
                form::parse(visit, &[held], "", &typed, reached.loaded.instance.fields()).map_err(|wrong| {
                    wrong.values().next().map_or_else(String::new, |misfit| misfit::said(visit, misfit))
                })?;
            if let Some(parsed) = fields.get(field)
                && held.holds.admits(parsed).is_err()
            {
                return Err(visit.say("bulk-other-value"));
            }
            Command::Edit { fields, reason: reason.clone() }
        }
    })
}

fn is_asked_nothing(outcome: &Outcome) -> bool {
    outcome.asks.is_empty() && outcome.reason == Reason::NotAsked
}

/// What would become of a task, or why not.
fn foreseen(visit: &Visit<'_>, deed: &Deed, one: &Chosen) -> Result<Result<Would, String>, Refusal> {
    let Some((reached, task)) = &one.found else { return Ok(Err(visit.say("bulk-not-there"))) };
    let command = match command(visit, deed, reached, *task) {
        Ok(command) => command,
        Err(why) => return Ok(Err(why)),
    };
    refused(visit, visit.app.runtime().would(&reached.loaded, &visit.actor()?, command))
}

fn carried_out(visit: &Visit<'_>, deed: &Deed, one: &Chosen) -> Result<Result<Would, String>, Refusal> {
    let Some((reached, task)) = &one.found else { return Ok(Err(visit.say("bulk-not-there"))) };
    let command = match command(visit, deed, reached, *task) {
        Ok(command) => command,
        Err(why) => return Ok(Err(why)),
    };
    let actor: Actor = visit.actor()?;
    let done = visit.app.runtime().execute(reached.loaded.instance.id(), actor, command);
    let changes = |revision| if revision > reached.loaded.revision { Would::Change } else { Would::ChangeNothing };
    refused(visit, done.map(|done| changes(done.revision)))
}

/// What was refused is a sentence beside its task; what failed beneath ends the page, except that others were quicker.
pub(super) fn refused<T>(visit: &Visit<'_>, done: Result<T, ExecuteError>) -> Result<Result<T, String>, Refusal> {
    match done {
        Ok(done) => Ok(Ok(done)),
        Err(ExecuteError::Rejected(rejection)) => Ok(Err(misfit::refused(visit, &rejection))),
        Err(ExecuteError::NoSuchRecord) => Ok(Err(visit.say("bulk-not-there"))),
        Err(ExecuteError::Busy) => Ok(Err(visit.say("problem-busy-text"))),
        Err(other) => Err(beneath(other)),
    }
}

/// How a line looks, its icon, its words, and why.
type Said = (&'static str, &'static str, String, Option<String>);

pub(super) fn line(visit: &Visit<'_>, one: &Chosen, told: Option<Said>) -> Line {
    let (band, icon, words, why) = told.unwrap_or(("none", "clock", String::new(), None));
    let found = one.found.as_ref();
    let step = found.and_then(|(reached, task)| {
        Some(visit.names().step(&reached.definition, &reached.loaded.instance.task(*task)?.step))
    });
    Line {
        task: one.name.clone(),
        number: found.map(|(reached, _)| reached.loaded.instance.number().to_owned()),
        title: found.map(|(reached, _)| reached.title()).unwrap_or_default(),
        step: step.unwrap_or_default(),
        band,
        icon,
        words,
        why,
    }
}

fn back(visit: &Visit<'_>) -> String {
    let asked = visit.asked.query.get("back").and_then(safe_path).filter(|path| path.starts_with("/inbox"));
    asked.map_or_else(|| views::back(visit), str::to_owned)
}

/// What the page tells.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) lines: Vec<Line>,
    pub(super) send: Option<String>,
    /// What came of it, where it was done.
    pub(super) summary: Option<String>,
    pub(super) undone_by: Vec<Kept>,
    pub(super) stays: Option<String>,
}

pub(super) fn page(visit: &Visit<'_>, kind: Kind, chosen: &[Chosen], told: Told) -> Result<Answer, Refusal> {
    let Told { lines, send, summary, undone_by, stays } = told;
    let undoable = undone_by.iter().filter(|kept| kept.name == "task").count();
    let pairs = if summary.is_some() { &visit.asked.form } else { &visit.asked.query };
    let name = KINDS.iter().find(|(held, _)| *held == kind).map_or("claim", |(_, name)| *name);
    let found = || chosen.iter().filter_map(|one| one.found.as_ref());
    let field = pairs.get("field").filter(|field| FIELDS.contains(field)).unwrap_or("priority");
    let is_over = pairs.all("task").count() > TASKS_MAX;
    let kept = ["to", "outcome", "field", "value", "reason"];
    let kept =
        kept.into_iter().filter_map(|name| Some(Kept { name: name.to_owned(), value: pairs.get(name)?.to_owned() }));
    let view = View {
        title: visit.say(&format!("bulk-title-{name}")),
        deed: name,
        is_done: summary.is_some(),
        is_whole: Deed::of(kind, pairs).is_some(),
        too_many: is_over.then(|| visit.say_with("bulk-too-many", &[("most", (TASKS_MAX as i64).into())])),
        people: if kind == Kind::Assign { people(visit, pairs) } else { Vec::new() },
        outcomes: if kind == Kind::Complete { outcomes(visit, found(), pairs) } else { Vec::new() },
        fields: if kind == Kind::Edit { fields(visit, found(), field) } else { Vec::new() },
        values: if kind == Kind::Edit { values(visit, found(), field, pairs) } else { Vec::new() },
        reason: pairs.get("reason").unwrap_or_default().to_owned(),
        kept: kept.collect(),
        undo: (undoable > 0).then(|| counted(visit, "bulk-undo", undoable, lines.len())),
        undone_by,
        stays,
        lines,
        send,
        summary,
        back: back(visit),
    };
    visit.page("bulk", view.title.clone(), &view)
}

fn people(visit: &Visit<'_>, pairs: &Pairs) -> Vec<Choosable> {
    let person = |(key, _): (&Name, &engine::directory::Standing)| Choosable {
        value: key.to_string(),
        label: visit.names().person(key),
        chosen: pairs.get("to") == Some(key.as_str()),
    };
    let works = |(_, standing): &(&Name, &engine::directory::Standing)| {
        !standing.roles.is_empty() || !standing.teams.is_empty()
    };
    let mut people: Vec<Choosable> =
        visit.directory.standings().filter(works).take(super::CHOICES_MAX).map(person).collect();
    people.sort_by(|one, other| one.label.cmp(&other.label));
    people
}

/// What the tasks can be finished with that asks for nothing.
fn outcomes<'c>(
    visit: &Visit<'_>,
    found: impl Iterator<Item = &'c (Reached, TaskId)>,
    pairs: &Pairs,
) -> Vec<Choosable> {
    let mut held: BTreeMap<String, String> = BTreeMap::new();
    for (reached, task) in found {
        let step = reached.loaded.instance.task(*task).and_then(|open| reached.definition.step(&open.step));
        let Some(StepKind::Task(work)) = step.map(|step| &step.kind) else { continue };
        for outcome in work.outcomes.iter().filter(|outcome| is_asked_nothing(outcome)) {
            held.insert(outcome.name.to_string(), visit.language.of(&outcome.labels).to_owned());
        }
    }
    let picked = pairs.get("outcome");
    held.into_iter().map(|(value, label)| Choosable { chosen: picked == Some(value.as_str()), value, label }).collect()
}

fn fields<'c>(visit: &Visit<'_>, found: impl Iterator<Item = &'c (Reached, TaskId)>, picked: &str) -> Vec<Choosable> {
    let mut labels: BTreeMap<&str, String> = BTreeMap::new();
    for (reached, _) in found {
        for field in record::editable(visit, reached) {
            if let Some(name) = FIELDS.iter().find(|name| field.name == **name) {
                labels.entry(name).or_insert_with(|| visit.language.of(&field.labels).to_owned());
            }
        }
    }
    let field = |(name, label): (&str, String)| Choosable { value: name.to_owned(), label, chosen: name == picked };
    labels.into_iter().map(field).collect()
}

/// What the field can hold in one of the records.
fn values<'c>(
    visit: &Visit<'_>,
    found: impl Iterator<Item = &'c (Reached, TaskId)>,
    field: &str,
    pairs: &Pairs,
) -> Vec<Choosable> {
    let (nothing, mut values) = (Fields::new(), Vec::<Choosable>::new());
    for (reached, _) in found {
        let Some(held) = record::editable(visit, reached).into_iter().find(|held| held.name == *field) else {
            continue;
        };
        let place = Place { prefix: "", required: true };
        let control = form::control(visit, held, &place, Filling::Held(&nothing), &Wrong::new());
        for option in control.options {
            if !values.iter().any(|known| known.value == option.value) {
                values.push(Choosable { chosen: pairs.get("value") == Some(option.value.as_str()), ..option });
            }
        }
    }
    values
}
