//! Orders to many records: the list with what can be ordered, the rehearsal of one, and the order itself.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use engine::definition::Labels;
use engine::event::Actor;
use engine::ids::{DefinitionId, Name};
use engine::instance::Status;
use runtime::{BatchError, BatchOrder, Condition, Deed, Foreseen, Selection};
use serde::Serialize;
use store::{BatchId, BatchRow, BatchState, CaseQuery};

use crate::answer::{Answer, Refusal};
use crate::chain::ties::EntryKey;
use crate::chain::view::entry_named;
use crate::flash::{self, Flash};
use crate::moment::Moment;
use crate::pages::admin::definitions::process_label;
use crate::pairs::Pairs;
use crate::visit::{ADMINISTRATOR, Visit};
use crate::why::Reasons;

/// The deeds that the page offers, in the order in which it does.
const VERBS: [&str; 7] = ["suspend", "resume", "retry", "skip", "move", "cancel", "migrate"];
/// How many records are named for each thing that is said of them.
const NAMED_MAX: usize = 5;

#[derive(Debug, Serialize)]
struct View {
    batches: Vec<BatchView>,
    asked: AskedView,
    rehearsal: Option<RehearsalView>,
    problem: Option<String>,
    may: bool,
}

/// A batch with its progress.
#[derive(Debug, Serialize)]
pub(super) struct BatchView {
    pub(super) id: i64,
    verb: String,
    by: String,
    reason: String,
    ordered: Moment,
    state: &'static str,
    state_text: String,
    total: u64,
    done: u64,
    refused: u64,
    looked_at: u64,
}

#[derive(Debug, Serialize)]
struct AskedView {
    verbs: Vec<Choice>,
    processes: Vec<Choice>,
    statuses: Vec<Choice>,
    version: String,
    to_version: String,
    step: String,
    to: String,
    numbers: String,
}

#[derive(Debug, Serialize)]
struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

#[derive(Debug, Serialize)]
struct RehearsalView {
    total: u64,
    groups: Vec<Group>,
    /// What the order is about, to be posted with it.
    kept: Vec<Kept>,
    newest: i64,
    reason: String,
}

/// Records of which the same is said.
#[derive(Debug, Serialize)]
pub(super) struct Group {
    pub(super) refused: bool,
    pub(super) text: String,
    pub(super) count: u64,
    pub(super) named: String,
}

#[derive(Debug, Serialize)]
struct Kept {
    name: String,
    value: String,
}

/// The page; with a deed in its address also what that would do.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let query = &visit.asked.query;
    if query.get("verb").is_none() {
        return page(visit, StatusCode::OK, query, Outcome::Listed);
    }
    match order(visit, query, None)? {
        Ok(order) => rehearsed(visit, StatusCode::OK, query, &order, None),
        Err(problem) => page(visit, StatusCode::UNPROCESSABLE_ENTITY, query, Outcome::Refused(problem)),
    }
}

/// Takes an order that was rehearsed. The same form sent twice orders once.
pub fn give(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let form = &visit.asked.form;
    let newest = form.get("newest").and_then(|text| text.parse().ok());
    let ordered = match order(visit, form, newest)? {
        Ok(ordered) => ordered,
        Err(problem) => return page(visit, StatusCode::UNPROCESSABLE_ENTITY, form, Outcome::Refused(problem)),
    };
    if let Some(earlier) = same_order(visit, &ordered)? {
        return Ok(Answer::see_other(format!("/admin/batches/{}", earlier.0)));
    }
    match visit.app.runtime().order_batch(&ordered, visit.person()?) {
        Ok(batch) => {
            let verb = visit.say(&format!("deed-{}", ordered.deed.verb()));
            Ok(visit.done(format!("/admin/batches/{}", batch.0), Flash::new(flash::Deed::Operated, verb)))
        }
        Err(BatchError::ReasonMissing) => {
            let problem = Some(visit.say("refused-reason-missing"));
            rehearsed(visit, StatusCode::UNPROCESSABLE_ENTITY, form, &ordered, problem)
        }
        Err(BatchError::Broken(cause)) => Err(cause.into()),
        Err(other) => {
            let problem = refused(visit, &other);
            page(visit, StatusCode::UNPROCESSABLE_ENTITY, form, Outcome::Refused(problem))
        }
    }
}

/// A batch of the same person with the very same order that is still worked on.
fn same_order(visit: &Visit<'_>, ordered: &BatchOrder) -> Result<Option<BatchId>, Refusal> {
    let by = visit.person()?;
    let same = |row: &BatchRow| {
        let running = row.state == BatchState::Running;
        let just_now = visit.now.since_ms(row.ordered_at) < 60_000;
        row.by == *by && (running || just_now) && BatchOrder::of(row).is_ok_and(|held| held == *ordered)
    };
    Ok(visit.app.store().batches()?.iter().find(|row| same(row)).map(|row| row.id))
}

enum Outcome {
    Listed,
    Refused(String),
    Rehearsed(Box<RehearsalView>, Option<String>),
}

fn page(visit: &Visit<'_>, status: StatusCode, asked: &Pairs, outcome: Outcome) -> Result<Answer, Refusal> {
    let (rehearsal, problem) = match outcome {
        Outcome::Listed => (None, None),
        Outcome::Refused(problem) => (None, Some(problem)),
        Outcome::Rehearsed(rehearsal, problem) => (Some(*rehearsal), problem),
    };
    let batches = visit.app.store().batches()?.iter().map(|row| batch_view(visit, row)).collect();
    let view = View { batches, asked: asked_view(visit, asked)?, rehearsal, problem, may: visit.holds(ADMINISTRATOR) };
    visit.page_with(status, "batches", visit.say("batches-title"), &view)
}

/// A batch, as shown.
pub(super) fn batch_view(visit: &Visit<'_>, row: &BatchRow) -> BatchView {
    let state = match row.state {
        BatchState::Running => "running",
        BatchState::Stopped => "stopped",
        BatchState::Done => "done",
        BatchState::Final => "final",
    };
    let order = BatchOrder::of(row).ok();
    let verb = order.as_ref().map_or("unknown", |order| order.deed.verb());
    BatchView {
        id: row.id.0,
        verb: visit.say(&format!("deed-{verb}")),
        by: visit.names().person(&row.by),
        reason: match order.map(|order| order.deed) {
            Some(Deed::LookAgain { .. }) => entry_said(visit, &row.reason),
            Some(_) | None => row.reason.clone(),
        },
        ordered: visit.moment(row.ordered_at),
        state,
        state_text: visit.say(&format!("batch-is-{state}")),
        total: row.total,
        done: row.done,
        refused: row.refused,
        looked_at: row.done + row.refused,
    }
}

/// What was changed, for which records are looked at again: an entry by its register and key, as people call it.
fn entry_said(visit: &Visit<'_>, reason: &str) -> String {
    match reason.split_once(' ') {
        Some((register, key)) if visit.directory.has_register(register) => {
            entry_named(visit, &EntryKey { register: Name::from(register), key: Name::from(key) })
        }
        Some(_) | None => reason.to_owned(),
    }
}

fn asked_view(visit: &Visit<'_>, asked: &Pairs) -> Result<AskedView, Refusal> {
    let text = |name: &str| asked.get(name).unwrap_or_default().to_owned();
    let choices = |name: &'static str, prefix: &'static str, values: &[&str]| {
        let chosen = asked.get(name).unwrap_or_default();
        let choice = |value: &&str| Choice {
            value: (*value).to_owned(),
            label: visit.say(&format!("{prefix}-{value}")),
            chosen: *value == chosen,
        };
        values.iter().map(choice).collect::<Vec<_>>()
    };
    let versions = visit.app.store().current_versions()?;
    let process = |name: Name| {
        let (value, chosen) = (name.to_string(), asked.get("process") == Some(name.as_str()));
        Ok::<_, Refusal>(Choice { value, label: process_label(visit, &name)?, chosen })
    };
    Ok(AskedView {
        verbs: choices("verb", "deed", &VERBS),
        statuses: choices("status", "filter", &["open", "stuck", "suspended"]),
        processes: versions.into_iter().map(|version| process(version.process)).collect::<Result<_, _>>()?,
        version: text("version"),
        to_version: text("to_version"),
        step: text("step"),
        to: text("to"),
        numbers: text("numbers"),
    })
}

fn rehearsed(
    visit: &Visit<'_>,
    status: StatusCode,
    asked: &Pairs,
    order: &BatchOrder,
    problem: Option<String>,
) -> Result<Answer, Refusal> {
    let (runtime, reasons) = (visit.app.runtime(), Reasons::of(visit.app.runtime(), order));
    let by = Actor::Person(visit.person()?.clone());
    let mut heap: BTreeMap<(bool, String), (u64, Vec<String>)> = BTreeMap::new();
    let told = runtime.rehearse(order, &by, &mut |one| {
        let said = match &one.foreseen {
            Foreseen::Refusal(why) => (true, visit.language.of(&reasons.said(why)).to_owned()),
            Foreseen::Change(after) => (false, foreseen(visit, after)),
        };
        let (count, named) = heap.entry(said).or_default();
        *count += 1;
        if named.len() < NAMED_MAX {
            named.push(one.number);
        }
    });
    let total = match told {
        Ok(total) => total,
        Err(BatchError::Broken(cause)) => return Err(cause.into()),
        Err(other) => {
            let problem = refused(visit, &other);
            return page(visit, StatusCode::UNPROCESSABLE_ENTITY, asked, Outcome::Refused(problem));
        }
    };
    let newest = match &order.selection {
        Selection::Where { newest: Some(newest), .. } => *newest,
        Selection::Where { newest: None, .. } | Selection::Numbers(_) | Selection::ChangedBy(_) => 0,
    };
    let kept = ["verb", "process", "version", "to_version", "status", "step", "to", "numbers"];
    let kept = kept.into_iter().filter_map(|name| {
        Some(Kept { name: name.to_owned(), value: asked.get(name).filter(|value| !value.is_empty())?.to_owned() })
    });
    let rehearsal = RehearsalView {
        total,
        groups: groups(heap),
        kept: kept.collect(),
        newest,
        reason: asked.get("reason").unwrap_or_default().to_owned(),
    };
    page(visit, status, asked, Outcome::Rehearsed(Box::new(rehearsal), problem))
}

/// Records by what is said of them, those that are refused first.
pub(super) fn groups(heap: BTreeMap<(bool, String), (u64, Vec<String>)>) -> Vec<Group> {
    let group = |((refused, text), (count, named)): ((bool, String), (u64, Vec<String>))| {
        let more = if count > named.len() as u64 { " …" } else { "" };
        Group { refused, text, count, named: format!("{}{more}", named.join(", ")) }
    };
    heap.into_iter().rev().map(group).collect()
}

/// How a record would be, in words.
fn foreseen(visit: &Visit<'_>, after: &engine::instance::Instance) -> String {
    let Ok(definition) = visit.app.runtime().definition(after.definition()) else { return after.number().to_owned() };
    let names = visit.names();
    match after.status() {
        Status::Ended { outcome, .. } => {
            visit.say_with("batch-would-end", &[("outcome", names.end(&definition, outcome).into())])
        }
        Status::Suspended(_) => visit.say("stage-suspended"),
        Status::Stuck(repair) => {
            visit.say_with("status-stuck", &[("step", names.step(&definition, &repair.step).into())])
        }
        Status::Running => {
            let mut places: Vec<String> = Vec::new();
            for place in after.tokens().iter().filter_map(|token| names.place(&definition, &token.step)) {
                if !places.contains(&place) {
                    places.push(place);
                }
            }
            let places = places.join(&visit.say("list-comma"));
            visit.say_with("batch-would-stand", &[("places", places.into())])
        }
    }
}

fn refused(visit: &Visit<'_>, problem: &BatchError) -> String {
    match problem {
        BatchError::ReasonMissing => visit.say("refused-reason-missing"),
        BatchError::NoSuchRecords(numbers) => {
            visit.say_with("batch-no-such-records", &[("numbers", numbers.join(", ").into())])
        }
        BatchError::TooManyNumbers => visit.say("batch-too-many-numbers"),
        BatchError::PlanDoesNotFit(faults) => {
            let said = |labels: Labels| visit.language.of(&labels).to_owned();
            faults.iter().map(|fault| said(fault.said())).collect::<Vec<_>>().join("; ")
        }
        BatchError::NoSuchBatch => visit.say("batch-none"),
        BatchError::CannotUndo => visit.say("batch-cannot-undo"),
        BatchError::Broken(cause) => cause.to_string(),
    }
}

/// The order that a form or an address asks for, or what is wrong with it.
fn order(visit: &Visit<'_>, asked: &Pairs, newest: Option<i64>) -> Result<Result<BatchOrder, String>, Refusal> {
    let given = |name: &str| asked.get(name).map(str::trim).filter(|text| !text.is_empty());
    let process = given("process").map(Name::from);
    let definition = match version(visit, process.as_ref(), given("version"))? {
        Ok(definition) => definition,
        Err(problem) => return Ok(Err(problem)),
    };
    let step = given("step").map(Name::from);
    let deed = match given("verb") {
        Some("suspend") => Deed::Suspend,
        Some("resume") => Deed::Resume,
        Some("retry") => Deed::Retry,
        Some("skip") => Deed::Skip,
        Some("cancel") => Deed::Cancel,
        Some("move") => match (&step, given("to")) {
            (Some(from), Some(to)) => Deed::Move { from: from.clone(), to: Name::from(to) },
            _ => return Ok(Err(visit.say("batch-move-needs"))),
        },
        Some("migrate") => {
            let to = match version(visit, process.as_ref(), given("to_version"))? {
                Ok(to) => to,
                Err(problem) => return Ok(Err(problem)),
            };
            let (Some(from), Some(to)) = (&definition, to) else { return Ok(Err(visit.say("batch-migrate-needs"))) };
            let runtime = visit.app.runtime();
            let (old, new) = (runtime.definition(from)?, runtime.definition(&to)?);
            Deed::Migrate { plan: dsl::Plan::of(old.parts(), new.parts()).proposal(from.clone(), to) }
        }
        Some(_) | None => return Ok(Err(visit.say("refused-nothing-changed"))),
    };
    let numbers: Vec<String> = given("numbers")
        .into_iter()
        .flat_map(|text| text.split(|sign: char| sign.is_whitespace() || sign == ',' || sign == '，'))
        .filter(|number| !number.is_empty())
        .map(str::to_owned)
        .collect();
    let selection = if numbers.is_empty() {
        let newest = match newest {
            Some(newest) => Some(newest),
            None => {
                let cases = visit.app.store().cases(&CaseQuery { limit: 1, ..CaseQuery::default() })?;
                Some(cases.first().map_or(0, |case| case.instance.0))
            }
        };
        let condition = match given("status") {
            Some("stuck") => Condition::Stuck,
            Some("suspended") => Condition::Suspended,
            Some(_) | None => Condition::Open,
        };
        Selection::Where { process, definition, condition, step, newest }
    } else {
        Selection::Numbers(numbers)
    };
    let reason = given("reason").unwrap_or_default().to_owned();
    Ok(Ok(BatchOrder { selection, deed, reason }))
}

/// The definition of a version's number, where one is given.
fn version(
    visit: &Visit<'_>,
    process: Option<&Name>,
    number: Option<&str>,
) -> Result<Result<Option<DefinitionId>, String>, Refusal> {
    let (Some(process), Some(number)) = (process, number) else { return Ok(Ok(None)) };
    let found = match number.parse() {
        Ok(number) => visit.app.store().definition_version(process, number)?,
        Err(_) => None,
    };
    Ok(match found {
        Some(found) => Ok(Some(found.id)),
        None => Err(visit.say_with("batch-no-such-version", &[("version", number.into())])),
    })
}
