//! A task: what the record says beside it, each way to finish it with its own form; taking it and giving it back.
//! Where somebody else was quicker, a page says who, when and how, and shows what was typed.

use actix_web::http::StatusCode;
use engine::ballot::Vote;
use engine::command::{Command, Rejection};
use engine::definition::{APPROVED, Abstaining, Ask, Definition, Field, Outcome, Presence, REJECTED, Reason, StepKind};
use engine::event::{Event, Principal};
use engine::ids::{InstanceId, Name, TaskId};
use engine::instance::{Instance, OpenTask, Status};
use engine::people;
use engine::substitution;
use engine::value::Fields;
use runtime::{ExecuteError, Sent};
use serde::Serialize;

use crate::answer::{Answer, Refusal};
use crate::asked::safe_path;
use crate::canned;
use crate::clocks;
use crate::facts::{Fact, facts};
use crate::flash::{Deed, Flash};
use crate::form::{self, Control, Filling, Place, Wrong};
use crate::in_the_way::{ObstacleView, in_the_way};
use crate::meant::{self, Meant};
use crate::misfit;
use crate::moment::Moment;
use crate::pages::ballot::{self, BallotView};
use crate::pages::hand::{self, HandView};
use crate::pages::watch::{self, WatchView};
use crate::pages::{Method, inbox, record};
use crate::reach::{self, Reached};
use crate::sla::Urgency;
use crate::timeline::{EntryView, Values, timeline};
use crate::visit::Visit;
use crate::windows;

/// How many of the last things said stand beside the form.
const SAID_MAX: usize = 5;

/// A task, ready to be shown.
#[derive(Debug, Serialize)]
pub struct View {
    task: String,
    number: String,
    title: String,
    process: String,
    step: String,
    requester: String,
    candidates: String,
    holder: Option<String>,
    may_free: bool,
    mine: bool,
    may_do: bool,
    stead: Option<String>,
    absences: Vec<String>,
    has_voted: bool,
    ballot: Option<BallotView>,
    hand: HandView,
    barred: Option<String>,
    urgency: Urgency,
    provisional: bool,
    opened: Moment,
    problem: Option<String>,
    outcome_problem: Option<String>,
    /// What stands in the way.
    obstacles: Vec<ObstacleView>,
    /// The revision whose values the form shows.
    shown: String,
    /// What the page follows.
    live: String,
    asks: Vec<Control>,
    /// Whether a window is chosen, beside which one looks at the change calendar.
    plans: bool,
    outcomes: Vec<OutcomeView>,
    /// What can be inserted into long texts.
    texts: Vec<canned::Text>,
    single: bool,
    facts: Vec<Fact>,
    clocks: Vec<clocks::ClockView>,
    said: Vec<EntryView>,
    watch: Option<WatchView>,
}

#[derive(Debug, Serialize)]
struct OutcomeView {
    name: String,
    label: String,
    chosen: bool,
    controls: Vec<Control>,
}

#[derive(Debug, Serialize)]
struct GoneView {
    number: String,
    title: String,
    step: String,
    how: String,
    at: Option<Moment>,
    reason: Option<String>,
    typed: Vec<Typed>,
}

#[derive(Debug, Serialize)]
struct Typed {
    label: String,
    value: String,
}

/// What a person posted and why it was refused.
#[derive(Default)]
struct Refused {
    status: StatusCode,
    problem: Option<String>,
    wrong: Wrong,
    outcome_problem: Option<String>,
    reason_problem: Option<String>,
    overtaken: Meant,
    obstacles: Vec<ObstacleView>,
}

struct Asked {
    reached: Reached,
    id: InstanceId,
    task: TaskId,
}

/// The page of a task.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let asked = asked(visit)?;
    match asked.reached.loaded.instance.task(asked.task) {
        Some(open) => page(visit, &asked.reached, open, Refused { status: StatusCode::OK, ..Refused::default() }),
        None => gone(visit, &asked, StatusCode::GONE),
    }
}

/// Finishes a task and leads to the next one.
pub fn complete(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    meant::answered(visit, completed)
}

fn completed(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let asked = asked(visit)?;
    let Some(open) = asked.reached.loaded.instance.task(asked.task) else {
        return gone(visit, &asked, StatusCode::CONFLICT);
    };
    if let Some(inserted) = canned::inserted(visit, &asked.reached) {
        let as_it_is = Refused { status: StatusCode::OK, ..Refused::default() };
        return page(&visit.asking(&inserted), &asked.reached, open, as_it_is);
    }
    let definition = asked.reached.definition.clone();
    let work = Work::of(&definition, open).ok_or(Refusal::NotFound)?;
    let posted = &visit.asked.form;
    if work.may_abstain && posted.get("outcome") == Some(Vote::Abstained.name()) {
        let (task, fields) = (asked.task, Fields::new());
        return perform(visit, asked, Command::Vote { task, vote: Vote::Abstained, fields, reason: None });
    }
    let Some(outcome) = chosen(visit, &work) else {
        let problem = Some(visit.say("refused-bad-fields"));
        let outcome_problem = Some(visit.say("refused-choose-outcome"));
        let refused = Refused { problem, outcome_problem, ..Refused::default() };
        return page(visit, &asked.reached, open, unprocessable(refused));
    };
    let prefix = format!("{}.", outcome.name);
    let common = form::parse_of(visit, &asked.reached, &fields_of(&definition, work.asks), "", posted);
    let own = form::parse_of(visit, &asked.reached, &own_fields(&definition, &work, outcome), &prefix, posted);
    let fields = match (common, own) {
        (Ok(mut common), Ok(own)) => {
            common.extend(own);
            common
        }
        (common, own) => {
            let wrong = common.err().into_iter().chain(own.err()).flatten().collect();
            let problem = Some(visit.say("refused-bad-fields"));
            return page(visit, &asked.reached, open, unprocessable(Refused { problem, wrong, ..Refused::default() }));
        }
    };
    let reason = posted.get(&format!("{prefix}_reason")).or_else(|| posted.get("reason")).map(str::to_owned);
    let meant = meant::meant(visit, &asked.reached, fields)?;
    if !meant.clashes.is_empty() {
        let (status, problem) = (StatusCode::CONFLICT, Some(visit.say("overtaken")));
        let refused = Refused { status, problem, overtaken: meant, ..Refused::default() };
        return page(visit, &asked.reached, open, refused);
    }
    let command = work.command(asked.task, outcome, meant.fields, reason);
    perform(visit, asked, command)
}

fn perform(visit: &Visit<'_>, asked: Asked, command: Command) -> Result<Answer, Refusal> {
    let sent = Sent { command, files: &visit.asked.bytes() };
    match visit.app.runtime().execute_on(&asked.reached.loaded, visit.actor()?, sent) {
        Ok(done) => onward(visit, &asked, &done.instance),
        Err(ExecuteError::Rejected(rejection)) => refused(visit, asked, rejection),
        Err(other) => Err(beneath(other)),
    }
}

/// Takes a task.
pub fn claim(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    take_or_give(visit, Deed::Claimed)
}

/// Gives a task back.
pub fn release(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    take_or_give(visit, Deed::Released)
}

fn take_or_give(visit: &Visit<'_>, deed: Deed) -> Result<Answer, Refusal> {
    hand(visit, deed, |task| if deed == Deed::Claimed { Command::Claim { task } } else { Command::Release { task } })
}

/// Carries out a command about a task, and leads back to where it was given.
///
/// # Errors
/// Something beneath failed.
pub fn hand(visit: &Visit<'_>, deed: Deed, command: impl FnOnce(TaskId) -> Command) -> Result<Answer, Refusal> {
    let asked = asked(visit)?;
    let task = asked.task;
    let command = command(task);
    let here = format!("/tasks/{}-{}", asked.id, task.0);
    let to = visit.asked.form.get("back").and_then(safe_path).unwrap_or(&here).to_owned();
    let number = asked.reached.loaded.instance.number().to_owned();
    match visit.app.runtime().execute(asked.id, visit.actor()?, command) {
        Ok(_) => Ok(visit.done(to, Flash::new(deed, number))),
        Err(ExecuteError::Rejected(rejection)) => refused(visit, asked, rejection),
        Err(other) => Err(beneath(other)),
    }
}

/// What failed beneath a command, as an answer.
pub fn beneath(cause: ExecuteError) -> Refusal {
    match cause {
        ExecuteError::NoSuchRecord | ExecuteError::NoSuchProcess(_) => Refusal::NotFound,
        ExecuteError::Busy => Refusal::Busy,
        ExecuteError::Rejected(rejection) => Refusal::Broken(format!("refused where it cannot be: {rejection}")),
        ExecuteError::Broken(cause) => Refusal::from(cause),
    }
}

fn asked(visit: &Visit<'_>) -> Result<Asked, Refusal> {
    let (id, task) = named(visit.asked.part("task")).ok_or(Refusal::NotFound)?;
    Ok(Asked { reached: reach::by_id(visit, id)?, id, task })
}

/// The task that a part of an address names.
pub fn named(text: &str) -> Option<(InstanceId, TaskId)> {
    let (id, task) = text.rsplit_once('-')?;
    Some((InstanceId(id.parse().ok()?), TaskId(task.parse().ok()?)))
}

/// What the form of a task or an approval offers.
struct Work<'d> {
    asks: &'d [Ask],
    outcomes: Vec<&'d Outcome>,
    is_voted_on: bool,
    may_abstain: bool,
}

impl<'d> Work<'d> {
    fn of(definition: &'d Definition, open: &OpenTask) -> Option<Work<'d>> {
        match &definition.step(&open.step)?.kind {
            StepKind::Task(task) => Some(Work {
                asks: &task.asks,
                outcomes: task.outcomes.iter().collect(),
                is_voted_on: false,
                may_abstain: false,
            }),
            StepKind::Approval(approval) => Some(Work {
                asks: &approval.asks,
                outcomes: [APPROVED, REJECTED].into_iter().filter_map(|name| approval.outcome(name)).collect(),
                is_voted_on: true,
                may_abstain: approval.abstaining == Abstaining::Allowed,
            }),
            _ => None,
        }
    }

    fn command(&self, task: TaskId, outcome: &Outcome, fields: Fields, reason: Option<String>) -> Command {
        if self.is_voted_on {
            let vote = if outcome.name == *APPROVED { Vote::Approved } else { Vote::Rejected };
            return Command::Vote { task, vote, fields, reason };
        }
        Command::Complete { task, outcome: outcome.name.clone(), fields, reason }
    }
}

fn abstaining(visit: &Visit<'_>, picked: Option<&str>) -> OutcomeView {
    let name = Vote::Abstained.name();
    OutcomeView {
        name: name.to_owned(),
        label: visit.say("vote-abstained"),
        chosen: picked == Some(name),
        controls: Vec::new(),
    }
}

/// Whom a task is for, but for those who stand in for them; of an approval whom its level is for.
pub fn whom(visit: &Visit<'_>, reached: &Reached, open: &OpenTask) -> String {
    match reached.loaded.instance.ballot(open.token) {
        Some(ballot) => visit.names().principals(&ballot.whom),
        None => {
            let mut plain = open.candidates.clone();
            plain.retain(|principal| !matches!(principal, Principal::StandIn(_)));
            visit.names().principals(&plain)
        }
    }
}

/// Who of those whom a task names is absent, and who stands in.
fn absences(visit: &Visit<'_>, reached: &Reached, open: &OpenTask) -> Vec<String> {
    let absent = open.candidates.iter().filter_map(|principal| match principal {
        Principal::StandIn(person) => Some((person, ballot::absence(visit, reached, open, person)?)),
        Principal::Anyone | Principal::Role(_) | Principal::Team(_) | Principal::Person(_) => None,
    });
    let names = visit.names();
    let line = |(person, note): (&Name, String)| {
        visit.say_with("task-absent", &[("person", names.person(person).into()), ("note", note.into())])
    };
    if reached.loaded.instance.ballot(open.token).is_some() { Vec::new() } else { absent.map(line).collect() }
}

/// The outcome that was posted; the only one where there is but one.
fn chosen<'d>(visit: &Visit<'_>, work: &Work<'d>) -> Option<&'d Outcome> {
    match (visit.asked.form.get("outcome"), work.outcomes.as_slice()) {
        (None, [only]) => Some(only),
        (None, _) => None,
        (Some(name), outcomes) => outcomes.iter().copied().find(|outcome| outcome.name == name),
    }
}

fn fields_of<'d>(definition: &'d Definition, asks: &'d [Ask]) -> Vec<&'d Field> {
    asks.iter().filter_map(|ask| definition.field(&ask.field)).collect()
}

/// What an outcome asks besides what every outcome of the task asks.
fn own_asks<'d>(work: &Work<'d>, outcome: &'d Outcome) -> impl Iterator<Item = &'d Ask> + use<'d> {
    let common = work.asks;
    outcome.asks.iter().filter(|ask| !common.iter().any(|common| common.field == ask.field))
}

fn own_fields<'d>(definition: &'d Definition, work: &Work<'d>, outcome: &'d Outcome) -> Vec<&'d Field> {
    own_asks(work, outcome).filter_map(|ask| definition.field(&ask.field)).collect()
}

fn unprocessable(refused: Refused) -> Refused {
    Refused { status: StatusCode::UNPROCESSABLE_ENTITY, ..refused }
}

fn refused(visit: &Visit<'_>, asked: Asked, rejection: Rejection) -> Result<Answer, Refusal> {
    // The record may have moved on since it was read above.
    let asked = Asked { reached: reach::by_id(visit, asked.id)?, ..asked };
    let Some(open) = asked.reached.loaded.instance.task(asked.task) else {
        return gone(visit, &asked, StatusCode::CONFLICT);
    };
    let sentence = misfit::refused(visit, &rejection);
    let obstacles = in_the_way(visit, &asked.reached, &rejection)?;
    let answer = match rejection {
        Rejection::BadFields(fields) => unprocessable(Refused {
            problem: Some(sentence),
            wrong: fields.into_iter().collect(),
            ..Refused::default()
        }),
        Rejection::ReasonMissing => unprocessable(Refused {
            problem: Some(visit.say("refused-bad-fields")),
            reason_problem: Some(sentence),
            ..Refused::default()
        }),
        Rejection::TakenBy(_) | Rejection::Ended | Rejection::Stuck | Rejection::Suspended => {
            Refused { status: StatusCode::CONFLICT, problem: Some(sentence), ..Refused::default() }
        }
        _ => unprocessable(Refused { problem: Some(sentence), obstacles, ..Refused::default() }),
    };
    page(visit, &asked.reached, open, answer)
}

/// The next task of the inbox, or the inbox; the record for those who have none.
fn onward(visit: &Visit<'_>, asked: &Asked, done: &Instance) -> Result<Answer, Refusal> {
    let number = done.number();
    let step = asked.reached.loaded.instance.task(asked.task).map(|open| &open.step);
    let step = step.map(|step| visit.names().step(&asked.reached.definition, step)).unwrap_or_default();
    let flash = Flash::new(Deed::Completed, step).of_record(number);
    if !visit.is_staff() {
        return Ok(visit.done(format!("/records/{number}"), flash));
    }
    // The next task of the same record first: whoever has just read it need not read it again.
    let next = match next_of(visit, done)? {
        Some(task) => Some((done.id(), task)),
        None => inbox::first(visit)?,
    };
    let to = next.map_or_else(|| "/inbox".to_owned(), |(record, task)| format!("/tasks/{record}-{}", task.0));
    Ok(visit.done(to, flash))
}

/// The task of a record that the visitor may do next.
fn next_of(visit: &Visit<'_>, record: &Instance) -> Result<Option<TaskId>, Refusal> {
    if *record.status() != Status::Running {
        return Ok(None);
    }
    let (person, definition) = (visit.person()?, visit.app.runtime().definition(record.definition())?);
    let scope = reach::scope(visit, &definition, record);
    let is_theirs = |open: &&OpenTask| match &open.assignee {
        Some(assignee) => assignee == person,
        None => {
            substitution::capacity(person, open, record, &scope).is_some()
                && !people::is_barred_from(person, open, record, &scope)
        }
    };
    let theirs = record.tasks().iter().filter(is_theirs);
    Ok(theirs.min_by_key(|open| (open.due.is_none(), open.due, open.opened, open.id)).map(|open| open.id))
}

fn page(visit: &Visit<'_>, reached: &Reached, open: &OpenTask, refused: Refused) -> Result<Answer, Refusal> {
    let view = view(visit, reached, open, &refused)?;
    let title = format!("{} · {}", view.number, view.step);
    visit.page_with(refused.status, "task", title, &view)
}

/// A task as it stands beside a list; nothing of one that is not open any more.
///
/// # Errors
/// There is no such record, or not for the visitor.
pub fn beside(visit: &Visit<'_>, task: &str) -> Result<Option<View>, Refusal> {
    let (id, task) = named(task).ok_or(Refusal::NotFound)?;
    let reached = reach::by_id(visit, id)?;
    let Some(open) = reached.loaded.instance.task(task) else { return Ok(None) };
    let as_it_is = Refused { status: StatusCode::OK, ..Refused::default() };
    view(visit, &reached, open, &as_it_is).map(Some)
}

fn view(visit: &Visit<'_>, reached: &Reached, open: &OpenTask, refused: &Refused) -> Result<View, Refusal> {
    let (instance, definition) = (&reached.loaded.instance, &reached.definition);
    let work = Work::of(definition, open).ok_or(Refusal::NotFound)?;
    let person = visit.person()?;
    let names = visit.names();
    let scope = reached.scope(visit);
    let barred = people::is_barred_from(person, open, instance, &scope);
    let capacity = substitution::capacity(person, open, instance, &scope);
    let is_candidate = capacity.is_some();
    let absent = capacity.as_ref().and_then(|capacity| capacity.in_stead_of());
    let taken_by_other = open.assignee.as_ref().filter(|holder| *holder != person);
    let ballot = ballot::of_task(visit, reached, open);
    let has_voted = instance.ballot(open.token).is_some_and(|ballot| ballot.cast().any(|cast| cast.by == *person));
    let posted = (visit.asked.method == Method::Post).then_some(&visit.asked.form);
    let filling = posted.map_or(Filling::Held(instance.fields()), Filling::Typed);
    let picked = posted.and_then(|posted| posted.get("outcome"));
    let texts = canned::offered(visit, reached);
    let asks = canned::beside(&texts, controls(visit, reached, work.asks.iter(), "", filling, refused));
    // Who is told what others changed sees the record as it is now.
    let told = !refused.overtaken.clashes.is_empty();
    let shown = posted.and_then(|posted| posted.get("_shown")).filter(|_| !told).map(str::to_owned);
    let outcomes: Vec<OutcomeView> = work
        .outcomes
        .iter()
        .map(|outcome| {
            // Where there is a choice, nothing is chosen beforehand: a key pressed twice must finish nothing.
            let is_chosen = picked.map_or(work.outcomes.len() == 1, |picked| outcome.name == picked);
            outcome_view(visit, reached, &work, outcome, is_chosen, filling, refused)
        })
        .chain(work.may_abstain.then(|| abstaining(visit, picked)))
        .map(|outcome| OutcomeView { controls: canned::beside(&texts, outcome.controls), ..outcome })
        .collect();
    let own = work.outcomes.iter().flat_map(|outcome| &outcome.asks);
    let asks_window = work.asks.iter().chain(own).any(|ask| ask.field == *windows::START);
    let history = visit.app.store().history(instance.id())?;
    let said =
        timeline(visit, reached, &history, Values::Shortened).into_iter().filter_map(spoken).take(SAID_MAX).collect();
    Ok(View {
        task: format!("{}-{}", instance.id(), open.id.0),
        number: instance.number().to_owned(),
        title: reached.title(),
        process: visit.language.of(&definition.parts().labels).to_owned(),
        step: names.step(definition, &open.step),
        requester: names.person(instance.requester()),
        candidates: whom(visit, reached, open),
        holder: taken_by_other.map(|holder| names.person(holder)),
        may_free: taken_by_other.is_some() && record::may_edit(visit, reached),
        mine: open.assignee.as_ref() == Some(person),
        may_do: is_candidate
            && !barred
            && taken_by_other.is_none()
            && open.delegated_by.is_none()
            && !instance.is_ended(),
        stead: absent.map(|absent| visit.say_with("task-in-stead", &[("person", names.person(absent).into())])),
        absences: absences(visit, reached, open),
        watch: watch::button(visit, reached, None)?,
        has_voted,
        ballot,
        hand: hand::of_task(visit, reached, open)?,
        barred: (is_candidate && barred).then(|| visit.say("refused-duties-separated")),
        urgency: clocks::of_task(visit, instance, open),
        provisional: clocks::is_provisional(visit, reached, open),
        opened: visit.moment(open.opened),
        problem: refused.problem.clone(),
        outcome_problem: refused.outcome_problem.clone(),
        obstacles: refused.obstacles.clone(),
        live: reached.followed(),
        shown: shown.unwrap_or_else(|| reached.loaded.revision.to_string()),
        asks,
        plans: visit.is_staff() && asks_window,
        texts,
        single: outcomes.len() == 1,
        outcomes,
        facts: facts(visit, reached),
        clocks: clocks::clocks(visit, definition, instance),
        said,
    })
}

fn outcome_view(
    visit: &Visit<'_>,
    reached: &Reached,
    work: &Work<'_>,
    outcome: &Outcome,
    chosen: bool,
    filling: Filling<'_>,
    refused: &Refused,
) -> OutcomeView {
    let prefix = format!("{}.", outcome.name);
    let nothing = Refused::default();
    let (refused, filling) = match chosen {
        true => (refused, filling),
        // What was typed beside another outcome may be of before: it was not meant.
        false if !refused.overtaken.clashes.is_empty() => (&nothing, Filling::Held(reached.loaded.instance.fields())),
        false => (&nothing, filling),
    };
    let mut controls = controls(visit, reached, own_asks(work, outcome), &prefix, filling, refused);
    if outcome.reason == Reason::Asked {
        let name = format!("{prefix}_reason");
        let typed = match filling {
            Filling::Typed(pairs) => pairs.raw(&name).or_else(|| pairs.raw("reason").filter(|_| chosen)),
            Filling::Held(_) => None,
        };
        let problem = refused.reason_problem.clone();
        controls.push(form::reason(visit, name.clone(), typed, problem));
    }
    OutcomeView {
        name: outcome.name.to_string(),
        label: visit.language.of(&outcome.labels).to_owned(),
        chosen,
        controls,
    }
}

fn controls<'d>(
    visit: &Visit<'_>,
    reached: &Reached,
    asks: impl Iterator<Item = &'d Ask>,
    prefix: &str,
    filling: Filling<'_>,
    refused: &Refused,
) -> Vec<Control> {
    let Meant { untouched, clashes, .. } = &refused.overtaken;
    asks.filter_map(|ask| {
        let field = reached.definition.field(&ask.field)?;
        let insists = ask.insists_when.as_ref().is_some_and(|when| when.holds(&reached.scope(visit)) == Ok(true));
        let place = Place { prefix, required: field.presence == Presence::Required || insists };
        let is_as_shown = !clashes.is_empty() && untouched.contains(&field.name);
        let filling = if is_as_shown { Filling::Held(reached.loaded.instance.fields()) } else { filling };
        let mut made = form::control_of(visit, reached, field, &place, filling, &refused.wrong);
        made.problem = clashes.get(&field.name).cloned().or(made.problem);
        Some(made)
    })
    .collect()
}

/// An entry of the history in which somebody said something, and only that.
fn spoken(entry: EntryView) -> Option<EntryView> {
    let main: Vec<_> = entry.main.into_iter().filter(|sentence| sentence.quote.is_some()).collect();
    (!main.is_empty()).then_some(EntryView { main, detail: Vec::new(), ..entry })
}

fn gone(visit: &Visit<'_>, asked: &Asked, status: StatusCode) -> Result<Answer, Refusal> {
    let Asked { reached, id, task } = asked;
    let (definition, names) = (&reached.definition, visit.names());
    let finisher = visit.app.store().task_finisher(*id, *task)?.ok_or(Refusal::NotFound)?;
    let who = names.actor(&finisher.actor);
    let found = finisher.events.iter().find_map(|event| match event {
        Event::TaskCompleted { task: held, step, outcome, reason, by, in_stead_of: _ } if held == task => {
            let outcome = names.outcome(definition, step, outcome);
            let said = [("person", names.person(by).into()), ("outcome", outcome.into())];
            Some((step, visit.say_with("gone-completed", &said), reason.clone()))
        }
        Event::TaskCancelled { task: held, step } if held == task => {
            Some((step, visit.say_with("gone-cancelled", &[("person", who.as_str().into())]), None))
        }
        Event::ApprovalDecided { task: held, step, outcome, at: _ } if held == task => {
            let outcome = names.outcome(definition, step, outcome);
            Some((step, visit.say_with("gone-decided", &[("outcome", outcome.into())]), None))
        }
        Event::LevelPassed { task: held, step, level: _ } | Event::ApprovalHalted { task: held, step }
            if held == task =>
        {
            Some((step, visit.say("gone-level"), None))
        }
        _ => None,
    });
    let (step, how, reason) = found.ok_or(Refusal::NotFound)?;
    let view = GoneView {
        number: reached.loaded.instance.number().to_owned(),
        title: reached.title(),
        step: names.step(definition, step),
        how,
        at: Some(visit.moment(finisher.at)),
        reason,
        typed: typed(visit, definition, step),
    };
    let title = format!("{} · {}", view.number, view.step);
    visit.page_with(status, "task_gone", title, &view)
}

/// What was typed into the form of a task that is gone, so that it can be copied elsewhere.
fn typed(visit: &Visit<'_>, definition: &Definition, step: &Name) -> Vec<Typed> {
    let names = visit.names();
    let outcome = visit.asked.form.get("outcome").map(|outcome| Typed {
        label: visit.say("task-outcome"),
        value: names.outcome(definition, step, &Name::from(outcome)),
    });
    let texts = visit.asked.form.iter().filter(|(name, value)| {
        let last = name.rsplit('.').next().unwrap_or_default();
        !value.trim().is_empty()
            && (!name.starts_with('_') && *name != "outcome" && *name != "back" || last == "_reason")
    });
    let texts = texts.map(|(name, value)| {
        let field = name.rsplit('.').next().unwrap_or_default();
        let label = match field {
            "_reason" | "reason" => visit.say("field-reason"),
            field => names.field(definition, &Name::from(field)),
        };
        Typed { label, value: value.to_owned() }
    });
    outcome.into_iter().chain(texts).collect()
}
