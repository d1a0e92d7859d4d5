//! A record: its fields, where it stands, its clocks with their arithmetic, everything that happened to it, and
//! what this person may do with it: comment, reply, edit, finish a task.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use engine::definition::{Ask, Field, Origin, Overriding, Presence, StepKind, Who};
use engine::directory::Standing;
use engine::event::{Actor, Event, Principal};
use engine::file::{FILE_BYTES_MAX, FILES_MAX};
use engine::ids::Name;
use engine::instance::{Status, Token, Waits};
use engine::people;
use engine::substitution;
use serde::Serialize;
use store::HistoryEntry;

use crate::answer::{Answer, Refusal};
use crate::canned;
use crate::chain::view::{self, TieView};
use crate::clocks::{self, ClockView};
use crate::facts::{Fact, facts};
use crate::files::{self, FileView};
use crate::form::{self, Choosable, Control, Filling, Insert, Place, Wrong};
use crate::meant::Meant;
use crate::moment::Moment;
use crate::pages::ballot::{self, BallotView};
use crate::pages::link::{self, LinkView};
use crate::pages::watch::{self, WatchView};
use crate::picture;
use crate::reach::{self, Reached};
use crate::sla::Urgency;
use crate::timeline::{EntryView, Values, message_name, timeline};
use crate::visit::Visit;

/// The most people among whom one chooses whom to tell.
const READERS_MAX: usize = 200;

#[derive(Debug, Serialize)]
struct View {
    number: String,
    title: String,
    process: String,
    definition: Option<String>,
    version: String,
    /// The revision that the page shows.
    shown: u64,
    /// What the page follows.
    live: String,
    requester: String,
    started: Moment,
    status: StatusView,
    problem: Option<String>,
    stray: Option<StrayView>,
    tasks: Vec<TaskView>,
    facts: Vec<Fact>,
    clocks: Vec<ClockView>,
    entries: Vec<EntryView>,
    diagram: String,
    may_comment: bool,
    /// Who can be meant to read a comment, where the visitor has the choice.
    audiences: Vec<Choosable>,
    /// Who can be told of a comment.
    readers: Vec<Choosable>,
    comment: String,
    comment_insert: Option<Insert>,
    /// What can be inserted into long texts.
    texts: Vec<canned::Text>,
    comment_problem: Option<String>,
    files: Vec<FileView>,
    file_problem: Option<String>,
    file_hint: String,
    replies: Vec<ReplyView>,
    edit: Option<EditView>,
    extras: Vec<ExtraView>,
    ties: Vec<TieView>,
    ties_cut: Option<String>,
    link: Option<LinkView>,
    watch: Option<WatchView>,
}

/// A part that this person may add.
#[derive(Debug, Serialize)]
struct ExtraView {
    step: String,
    label: String,
}

/// How a record is.
#[derive(Debug, Serialize)]
pub struct StatusView {
    /// For its colour.
    pub kind: &'static str,
    /// In words.
    pub text: String,
    line: Option<u32>,
    trouble: Option<String>,
    may_retry: bool,
}

/// What was refused by a form that the record does not have any more, with what was typed.
#[derive(Debug, Serialize)]
struct StrayView {
    problem: String,
    text: Option<String>,
}

#[derive(Debug, Serialize)]
struct TaskView {
    task: String,
    step: String,
    whom: String,
    holder: Option<String>,
    ballot: Option<BallotView>,
    may_do: bool,
    urgency: Urgency,
    provisional: bool,
}

#[derive(Debug, Serialize)]
struct ReplyView {
    message: String,
    label: String,
    text: String,
    problem: Option<String>,
    insert: Option<Insert>,
    controls: Vec<Control>,
}

#[derive(Debug, Serialize)]
struct EditView {
    open: bool,
    /// The revision whose values the form shows.
    shown: String,
    controls: Vec<Control>,
    reason: Control,
}

/// What was posted to one of the record's forms and refused.
#[derive(Debug, Default)]
pub struct Draft {
    /// Which form.
    pub of: Drafted,
    /// Why, above the form.
    pub problem: Option<String>,
    /// Why, beside each field.
    pub wrong: Wrong,
    /// Why, beside the reason.
    pub reason_problem: Option<String>,
    /// What others changed while the form was open.
    pub overtaken: Meant,
}

/// A form of the record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Drafted {
    /// None: the page is only read.
    #[default]
    Nothing,
    /// The comment.
    Comment,
    /// The reply.
    Reply,
    /// The edit.
    Edit,
    /// The files.
    File,
    /// The button for watching.
    Watch,
    /// A link to be made.
    Link,
    /// A link to be taken away.
    Unlink,
}

/// The page of a record.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let reached = reach::by_number(visit, visit.asked.part("number"))?;
    page(visit, &reached, StatusCode::OK, &Draft::default())
}

/// Leads to the record whose number was typed.
pub fn go(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let typed = visit.asked.query.get("number").ok_or(Refusal::NotFound)?.to_uppercase();
    let reached = reach::by_number(visit, &typed)?;
    Ok(Answer::see_other(format!("/records/{}", reached.loaded.instance.number())))
}

/// The page with what was refused in one of its forms.
///
/// # Errors
/// Something beneath failed.
pub fn page(visit: &Visit<'_>, reached: &Reached, status: StatusCode, draft: &Draft) -> Result<Answer, Refusal> {
    let (instance, definition) = (&reached.loaded.instance, &reached.definition);
    let names = visit.names();
    let parts = definition.parts();
    let history = visit.app.store().history(instance.id())?;
    let stored = visit.app.store().definition(instance.definition())?;
    let version = stored.map_or(0, |stored| stored.version);
    let typed = |of: Drafted, name: &str| match draft.of == of {
        true => visit.asked.form.raw(name).unwrap_or_default().to_owned(),
        false => String::new(),
    };
    let problem = |of: Drafted| draft.problem.clone().filter(|_| draft.of == of);
    let (ties, ties_cut) = view::around(visit, reached)?;
    let link = link::view(visit, reached, draft)?;
    let texts = canned::offered(visit, reached);
    let (replies, edit) = (replies(visit, reached, draft, &texts), edit_view(visit, reached, draft));
    let has_form = match draft.of {
        Drafted::Nothing => true,
        Drafted::Comment => may_comment(visit, reached),
        Drafted::Reply => replies.iter().any(|reply| reply.problem.is_some()),
        Drafted::Edit => edit.is_some(),
        Drafted::File => may_comment(visit, reached),
        Drafted::Watch => true,
        Drafted::Link | Drafted::Unlink => link.is_some(),
    };
    let stray = draft.problem.clone().filter(|_| !has_form);
    let text = visit.asked.form.get("text").map(str::to_owned);
    let view = View {
        number: instance.number().to_owned(),
        title: reached.title(),
        process: visit.language.of(&parts.labels).to_owned(),
        definition: visit.oversees().then(|| format!("/admin/definitions/{}/{version}", parts.name)),
        version: version.to_string(),
        shown: reached.loaded.revision,
        live: reached.followed(),
        requester: names.person(instance.requester()),
        started: visit.moment(instance.started()),
        status: status_view(visit, reached),
        problem: problem(Drafted::Edit),
        stray: stray.map(|problem| StrayView { problem, text }),
        tasks: tasks(visit, reached),
        facts: facts(visit, reached),
        clocks: clocks::clocks(visit, definition, instance),
        entries: timeline(visit, reached, &history, Values::Shortened),
        diagram: picture::drawn(visit, reached.definition.id(), parts, &here(reached, &history)),
        may_comment: may_comment(visit, reached),
        audiences: audiences(visit, reached, draft),
        readers: readers(visit, reached, draft),
        comment: typed(Drafted::Comment, "text"),
        comment_insert: canned::insert(&texts, "comment", "text"),
        texts,
        comment_problem: problem(Drafted::Comment),
        files: files::files(visit, reached),
        file_problem: problem(Drafted::File),
        file_hint: file_hint(visit),
        replies,
        edit,
        extras: extras(visit, reached),
        ties,
        ties_cut,
        link,
        watch: watch::button(visit, reached, problem(Drafted::Watch))?,
    };
    let title = format!("{} {}", view.number, view.title);
    visit.page_with(status, "record", title, &view)
}

/// How a record is, as the visitor may know it.
pub fn status_view(visit: &Visit<'_>, reached: &Reached) -> StatusView {
    let (names, definition) = (visit.names(), &reached.definition);
    match reached.loaded.instance.status() {
        Status::Running => {
            StatusView { kind: "running", text: stage(visit, reached), line: None, trouble: None, may_retry: false }
        }
        Status::Stuck(repair) => StatusView {
            kind: "stuck",
            text: visit.say_with("status-stuck", &[("step", names.step(definition, &repair.step).into())]),
            line: Some(repair.line),
            trouble: Some(match reached.shows_all(visit, repair.saw.keys()) {
                true => repair.problem.clone(),
                false => visit.say("value-confidential"),
            }),
            may_retry: visit.holds(crate::visit::ADMINISTRATOR),
        },
        Status::Suspended(suspension) => StatusView {
            kind: "suspended",
            text: visit.say_with("status-suspended", &[("person", names.actor(&suspension.by).into())]),
            line: None,
            trouble: None,
            may_retry: false,
        },
        Status::Ended { outcome, at } => StatusView {
            kind: "ended",
            text: visit.say_with(
                "status-ended",
                &[("outcome", names.end(definition, outcome).into()), ("at", visit.moment(*at).text.into())],
            ),
            line: None,
            trouble: None,
            may_retry: false,
        },
    }
}

/// What this person may add to the record.
fn extras(visit: &Visit<'_>, reached: &Reached) -> Vec<ExtraView> {
    let (instance, definition) = (&reached.loaded.instance, &reached.definition);
    let Ok(person) = visit.person() else { return Vec::new() };
    if *instance.status() != Status::Running {
        return Vec::new();
    }
    let actor = Actor::Person(person.clone());
    let may = |by: &[Who]| people::is_meant(&actor, by, &reached.scope(visit));
    let steps = definition.parts().steps.iter().filter_map(|step| match &step.kind {
        StepKind::Extra { by, first } if may(by) => Some((step, first)),
        _ => None,
    });
    steps
        .map(|(step, first)| ExtraView { step: step.name.to_string(), label: visit.names().step(definition, first) })
        .collect()
}

/// Where a running record stands; where that has no name, until when it waits.
fn stage(visit: &Visit<'_>, reached: &Reached) -> String {
    let tokens = reached.loaded.instance.tokens();
    let named = visit.names().stage(&reached.definition, tokens.iter().map(|token| &token.step));
    let until = || {
        let until = tokens.iter().filter_map(|token| match token.waits {
            Waits::Time(until) => Some(until),
            _ => None,
        });
        until.min().map(|until| visit.say_with("stage-until", &[("at", visit.moment(until).text.into())]))
    };
    named.or_else(until).unwrap_or_else(|| visit.say("stage-running"))
}

fn tasks(visit: &Visit<'_>, reached: &Reached) -> Vec<TaskView> {
    let names = visit.names();
    let (instance, definition) = (&reached.loaded.instance, &reached.definition);
    let person = visit.person().ok();
    let view = |task: &engine::instance::OpenTask| {
        let scope = reached.scope(visit);
        let mine = |person: &&Name| {
            let asked = task.delegated_by.is_some() && task.assignee.as_ref() == Some(*person);
            let may = substitution::capacity(person, task, instance, &scope).is_some();
            asked || (may && !people::is_barred_from(person, task, instance, &scope))
        };
        TaskView {
            task: format!("{}-{}", instance.id(), task.id.0),
            step: names.step(definition, &task.step),
            whom: crate::pages::task::whom(visit, reached, task),
            ballot: ballot::of_task(visit, reached, task),
            holder: task.assignee.as_ref().map(|holder| names.person(holder)),
            may_do: person.filter(mine).is_some(),
            urgency: clocks::of_task(visit, instance, task),
            provisional: clocks::is_provisional(visit, reached, task),
        }
    };
    instance.tasks().iter().map(view).collect()
}

/// Where the record stands and has been, for the picture.
fn here(reached: &Reached, history: &[HistoryEntry]) -> dsl::diagram::Here {
    let at: BTreeSet<Name> = reached.loaded.instance.tokens().iter().map(|token| token.step.clone()).collect();
    let definition = &reached.definition;
    let waits = |step: &Name| match definition.step(step).map(|step| &step.kind) {
        Some(
            StepKind::Timer { .. }
            | StepKind::Wait { .. }
            | StepKind::Receive { .. }
            | StepKind::Signal { .. }
            | StepKind::Job(_)
            | StepKind::Call(_)
            | StepKind::Approval(_)
            | StepKind::Task(_),
        ) => true,
        Some(_) | None => false,
    };
    let mut passed: BTreeSet<Name> = BTreeSet::new();
    for event in history.iter().flat_map(|entry| &entry.events) {
        match event {
            // What waits is passed when it has come about, everything else when it was come to.
            Event::Entered { step, .. } if !waits(step) => passed.insert(step.clone()),
            Event::TimerFired { step, .. }
            | Event::TaskCompleted { step, .. }
            | Event::JobAnswered { step, .. }
            | Event::ApprovalDecided { step, .. }
            | Event::JobGivenUp { step, .. } => passed.insert(step.clone()),
            Event::MessageReceived { message, .. } => {
                let receiving = definition.parts().steps.iter().filter(|step| match &step.kind {
                    StepKind::Receive { message: held, .. } => held == message,
                    _ => false,
                });
                passed.extend(receiving.map(|step| step.name.clone()));
                true
            }
            _ => false,
        };
    }
    passed.retain(|step| !at.contains(step));
    dsl::diagram::Here { at, passed }
}

/// How much may be given.
fn file_hint(visit: &Visit<'_>) -> String {
    let (size, count) = (files::size(visit.words(), FILE_BYTES_MAX), FILES_MAX as i64);
    visit.say_with("files-hint", &[("size", size.into()), ("count", count.into())])
}

/// For whom a comment can be. Whoever works on the record talks to the others who do, unless they say otherwise.
fn audiences(visit: &Visit<'_>, reached: &Reached, draft: &Draft) -> Vec<Choosable> {
    if !reached.reads_internal(visit) {
        return Vec::new();
    }
    let is_public = draft.of == Drafted::Comment && visit.asked.form.get("audience") == Some("public");
    let choice =
        |value: &str, label: &str, chosen: bool| Choosable { value: value.to_owned(), label: visit.say(label), chosen };
    vec![choice("internal", "comment-internal", !is_public), choice("public", "comment-public", is_public)]
}

/// Who can be told of a comment: those with a role or a team and whoever asked for the record, as far as they may see it.
/// Anybody else who may can be named in the text.
fn readers(visit: &Visit<'_>, reached: &Reached, draft: &Draft) -> Vec<Choosable> {
    if !may_comment(visit, reached) {
        return Vec::new();
    }
    let chosen: Vec<&str> = match draft.of {
        Drafted::Comment => visit.asked.form.all("tell").collect(),
        Drafted::Nothing
        | Drafted::Reply
        | Drafted::Edit
        | Drafted::File
        | Drafted::Watch
        | Drafted::Link
        | Drafted::Unlink => Vec::new(),
    };
    let choice = |(person, _): (&Name, &engine::directory::Standing)| Choosable {
        value: person.to_string(),
        label: visit.names().person(person),
        chosen: chosen.contains(&person.as_str()),
    };
    let mut readers: Vec<Choosable> = visit
        .directory
        .standings()
        .filter(|held| is_reader(visit, reached, *held))
        .take(READERS_MAX)
        .map(choice)
        .collect();
    readers.sort_by(|one, other| one.label.cmp(&other.label));
    readers
}

/// Whether somebody is offered to be told of a comment.
pub fn is_reader(visit: &Visit<'_>, reached: &Reached, (person, standing): (&Name, &Standing)) -> bool {
    let instance = &reached.loaded.instance;
    let works = !standing.roles.is_empty() || !standing.teams.is_empty();
    (works || person == instance.requester())
        && visit.person().ok() != Some(person)
        && people::may_see(person, instance, &reached.scope(visit))
}

/// Whether the visitor may write a comment.
pub fn may_comment(visit: &Visit<'_>, reached: &Reached) -> bool {
    let sees = |person| people::may_see(person, &reached.loaded.instance, &reached.scope(visit));
    !reached.loaded.instance.is_ended() && visit.person().is_ok_and(sees)
}

/// The messages that the record waits for and that this person may send.
fn awaited<'r>(visit: &Visit<'_>, reached: &'r Reached) -> Vec<(&'r Name, &'r Name)> {
    let for_me = |from: &[Principal]| visit.person().is_ok_and(|me| people::is_among(me, from, &visit.directory));
    let waits = |token: &'r Token| match &token.waits {
        Waits::Message { message, from } if for_me(from) => Some((message, &token.step)),
        _ => None,
    };
    reached.loaded.instance.tokens().iter().filter_map(waits).collect()
}

/// What a message's form asks for.
pub fn message_fields<'r>(reached: &'r Reached, message: &str) -> Vec<&'r Field> {
    let step = reached.loaded.instance.tokens().iter().find_map(|token| match &token.waits {
        Waits::Message { message: held, .. } if held == message => Some(&token.step),
        _ => None,
    });
    let asks = step.map(|step| asks_of(reached, step)).unwrap_or_default();
    asks.iter().filter_map(|ask| reached.definition.field(&ask.field)).collect()
}

fn asks_of<'r>(reached: &'r Reached, step: &Name) -> &'r [Ask] {
    match reached.definition.step(step).map(|step| &step.kind) {
        Some(StepKind::Receive { asks, .. }) => asks,
        _ => &[],
    }
}

fn replies(visit: &Visit<'_>, reached: &Reached, draft: &Draft, texts: &[canned::Text]) -> Vec<ReplyView> {
    if *reached.loaded.instance.status() != Status::Running {
        return Vec::new();
    }
    let posted = &visit.asked.form;
    let reply = |(message, step): (&Name, &Name)| {
        let is_drafted = draft.of == Drafted::Reply && posted.get("message") == Some(message.as_str());
        let filling = if is_drafted { Filling::Typed(posted) } else { Filling::Held(reached.loaded.instance.fields()) };
        let control = |ask: &Ask| {
            let field = reached.definition.field(&ask.field)?;
            let place = Place { prefix: "reply.", required: field.presence == Presence::Required };
            Some(form::control_of(visit, reached, field, &place, filling, &draft.wrong))
        };
        ReplyView {
            message: message.to_string(),
            label: message_name(visit, &reached.definition, message),
            text: if is_drafted { posted.raw("text").unwrap_or_default().to_owned() } else { String::new() },
            problem: draft.problem.clone().filter(|_| is_drafted),
            insert: canned::insert(texts, &format!("reply-{message}"), "text"),
            controls: canned::beside(texts, asks_of(reached, step).iter().filter_map(control).collect()),
        }
    };
    awaited(visit, reached).into_iter().map(reply).collect()
}

/// Whether this person may edit the record's fields outside of a task.
pub fn may_edit(visit: &Visit<'_>, reached: &Reached) -> bool {
    let (instance, definition) = (&reached.loaded.instance, &reached.definition);
    let Ok(person) = visit.person() else { return false };
    let scope = reached.scope(visit);
    let meant = people::is_meant(&Actor::Person(person.clone()), &definition.parts().edited_by, &scope);
    let works = people::works_on(person, instance, &scope);
    // A stuck record too: that is how a person mends it.
    !instance.is_ended() && (meant || works)
}

/// The fields that the visitor may edit outside of a task.
pub fn editable<'r>(visit: &Visit<'_>, reached: &'r Reached) -> Vec<&'r Field> {
    let may = |field: &&Field| match field.origin {
        Origin::Given { .. } => true,
        Origin::Derived { overriding: Overriding::NeedsReason, .. } => true,
        Origin::Derived { overriding: Overriding::Forbidden, .. } => false,
    };
    let scope = reached.scope(visit);
    let is_theirs = |field: &&Field| {
        let is_meant = |actor: &Actor| people::is_meant(actor, &field.changed_by, &scope);
        field.changed_by.is_empty() || visit.actor().is_ok_and(|actor| is_meant(&actor))
    };
    let fields = reached.definition.parts().fields.iter();
    fields.filter(may).filter(|field| reached.shows(visit, field)).filter(is_theirs).collect()
}

fn edit_view(visit: &Visit<'_>, reached: &Reached, draft: &Draft) -> Option<EditView> {
    if !may_edit(visit, reached) {
        return None;
    }
    let is_drafted = draft.of == Drafted::Edit;
    let Meant { untouched, clashes, .. } = &draft.overtaken;
    // Who is told what others changed sees the record as it is now.
    let told = !clashes.is_empty();
    let filling = match is_drafted {
        true => Filling::Typed(&visit.asked.form),
        false => Filling::Held(reached.loaded.instance.fields()),
    };
    let control = |field: &Field| {
        // Only what is filled already must stay so: other fields are asked for by the tasks that need them.
        let filled = reached.loaded.instance.fields().contains_key(&field.name);
        let place = Place { prefix: "edit.", required: field.presence == Presence::Required && filled };
        let is_as_shown = told && untouched.contains(&field.name);
        let filling = if is_as_shown { Filling::Held(reached.loaded.instance.fields()) } else { filling };
        let mut made = form::control(visit, field, &place, filling, &draft.wrong);
        made.problem = clashes.get(&field.name).cloned().or(made.problem);
        if let Origin::Derived { .. } = field.origin {
            made.hint = Some(visit.say("hint-computed"));
        }
        made
    };
    let typed = visit.asked.form.raw("edit._reason").filter(|_| is_drafted);
    let before = visit.asked.form.get("_shown").filter(|_| is_drafted && !told).map(str::to_owned);
    let reason = form::reason(visit, "edit._reason".to_owned(), typed, draft.reason_problem.clone());
    Some(EditView {
        open: is_drafted,
        shown: before.unwrap_or_else(|| reached.loaded.revision.to_string()),
        controls: editable(visit, reached).into_iter().map(control).collect(),
        reason: Control { required: false, hint: Some(visit.say("hint-edit-reason")), ..reason },
    })
}
