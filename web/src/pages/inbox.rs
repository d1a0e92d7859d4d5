//! The inbox: what a person has taken and what the person's groups may take, due first.

use engine::directory::CALENDAR;
use engine::event::Principal;
use engine::ids::{InstanceId, Name, TaskId};
use engine::substitution;
use serde::Serialize;
use store::{INBOX_COUNT_MAX, InboxCursor, InboxQuery, InboxRow, InboxView};

use crate::answer::{Answer, Refusal};
use crate::clocks;
use crate::moment::Moment;
use crate::pairs::encoded;
use crate::reach::Reached;
use crate::sla::{self, Urgency};
use crate::visit::Visit;

/// How many tasks stand on a page.
const PAGE: usize = 50;

#[derive(Debug, Serialize)]
struct View {
    tabs: Vec<Tab>,
    overdue: Option<String>,
    rows: Vec<Row>,
    next: Option<String>,
    later: bool,
    first: String,
    back: String,
}

#[derive(Debug, Serialize)]
struct Tab {
    to: String,
    label: String,
    count: Option<String>,
    current: bool,
}

#[derive(Debug, Serialize)]
struct Row {
    task: String,
    number: String,
    title: String,
    step: String,
    process: String,
    priority: Option<String>,
    level: Option<String>,
    service: Option<String>,
    requester: String,
    team: Option<String>,
    mine: bool,
    stead: Option<String>,
    opened: Moment,
    urgency: Urgency,
    provisional: bool,
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let asked = &visit.asked.query;
    let (view, name) = match asked.get("view") {
        Some("mine") => (InboxView::Mine, "mine"),
        Some("groups") => (InboxView::Groups, "groups"),
        Some(_) | None => (InboxView::Both, "both"),
    };
    let after = asked.get("after").and_then(|text| text.parse::<InboxCursor>().ok());
    let mut rows = rows(visit, view, after, PAGE + 1)?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().filter(|_| more).map(|last| format!("/inbox?view={name}&after={}", last.cursor()));
    let counts = visit.app.store().inbox_counts(visit.person()?, &groups(visit), visit.now)?;
    let tab = |key: &str, of: &str, count: Option<usize>| Tab {
        to: format!("/inbox?view={of}"),
        label: visit.say(key),
        count: count.map(capped),
        current: of == name,
    };
    let shown = rows.iter().map(|row| shown(visit, row)).collect::<Result<Vec<Row>, Refusal>>()?;
    let page = View {
        tabs: vec![
            tab("inbox-both", "both", None),
            tab("inbox-mine", "mine", Some(counts.mine)),
            tab("inbox-groups", "groups", Some(counts.groups)),
        ],
        overdue: (counts.overdue > 0)
            .then(|| visit.say_with("inbox-overdue", &[("count", capped(counts.overdue).into())])),
        rows: shown,
        next,
        later: after.is_some(),
        first: format!("/inbox?view={name}"),
        back: encoded(&visit.asked.place),
    };
    visit.page("inbox", visit.say("inbox-title"), &page)
}

/// The first task of the visitor's inbox. Of those for others who are absent, the nearest are looked at.
///
/// # Errors
/// The store failed, or nobody is signed in.
pub fn first(visit: &Visit<'_>) -> Result<Option<(InstanceId, TaskId)>, Refusal> {
    for limit in [1, PAGE] {
        if let Some(row) = rows(visit, InboxView::Both, None, limit)?.first() {
            return Ok(Some((row.instance, row.task)));
        }
    }
    Ok(None)
}

/// Rows of the visitor's inbox, due first.
///
/// # Errors
/// The store failed, or nobody is signed in.
pub fn rows(
    visit: &Visit<'_>,
    view: InboxView,
    after: Option<InboxCursor>,
    limit: usize,
) -> Result<Vec<InboxRow>, Refusal> {
    let query = InboxQuery { person: visit.person()?.clone(), principals: groups(visit), view, after, limit };
    let mut rows = visit.app.store().inbox(&query)?;
    let mut kept = Vec::with_capacity(rows.len());
    for row in rows.drain(..) {
        if row.in_stead_of.is_none() || is_stood_in_for(visit, &row)? {
            kept.push(row);
        }
    }
    Ok(kept)
}

/// Whether it is the visitor who stands in: somebody else may come first, or separation of duty may be in the way.
fn is_stood_in_for(visit: &Visit<'_>, row: &InboxRow) -> Result<bool, Refusal> {
    let Some(loaded) = visit.app.runtime().load(row.instance)? else { return Ok(false) };
    let definition = visit.app.runtime().definition(&row.definition)?;
    let reached = Reached { loaded, definition };
    let Some(open) = reached.loaded.instance.task(row.task) else { return Ok(false) };
    let scope = reached.scope(visit);
    Ok(substitution::capacity(visit.person()?, open, &reached.loaded.instance, &scope).is_some())
}

/// The groups of the visitor, as tasks name them.
fn groups(visit: &Visit<'_>) -> Vec<Principal> {
    let standing = visit.standing().cloned().unwrap_or_default();
    let roles = standing.roles.into_iter().map(Principal::Role);
    let teams = standing.teams.into_iter().map(Principal::Team);
    let absent = visit
        .session
        .iter()
        .flat_map(|session| substitution::absent_before(&session.person, &visit.directory, &today(visit)));
    roles.chain(teams).chain([Principal::Anyone]).chain(absent.map(Principal::StandIn)).collect()
}

/// Whether what a row is due by lies where the holidays of its calendar are not published yet. The record itself is looked
/// at only where that may be.
///
/// # Errors
/// The record cannot be read.
pub fn is_provisional(visit: &Visit<'_>, row: &InboxRow) -> Result<bool, Refusal> {
    let Some(due) = row.due else { return Ok(false) };
    let calendars = visit.directory.entries(CALENDAR).filter_map(|(key, _)| visit.directory.calendar(key));
    if !calendars.into_iter().any(|calendar| calendar.is_provisional(due)) {
        return Ok(false);
    }
    // What was done meanwhile is not due any more.
    let Some(loaded) = visit.app.runtime().load(row.instance)? else { return Ok(false) };
    let definition = visit.app.runtime().definition(loaded.instance.definition())?;
    let reached = Reached { loaded, definition };
    Ok(reached.loaded.instance.task(row.task).is_some_and(|task| clocks::is_provisional(visit, &reached, task)))
}

fn capped(count: usize) -> String {
    if count >= INBOX_COUNT_MAX { format!("{INBOX_COUNT_MAX}+") } else { count.to_string() }
}

fn shown(visit: &Visit<'_>, row: &InboxRow) -> Result<Row, Refusal> {
    let definition = visit.app.runtime().definition(&row.definition)?;
    let names = visit.names();
    let entry = |register: &str, key: &Option<Name>| key.as_ref().map(|key| names.entry(register, key));
    let priority = row.priority.as_ref().map(|level| {
        let value = engine::value::Value::Choice(level.clone());
        names.field_value(&definition, &Name::from("priority"), &value, &visit.times())
    });
    Ok(Row {
        task: format!("{}-{}", row.instance, row.task.0),
        number: row.number.clone(),
        title: row.title.clone(),
        step: names.step(&definition, &row.step),
        process: visit.language.of(&definition.parts().labels).to_owned(),
        priority,
        level: row.priority.as_ref().map(Name::to_string),
        service: entry(engine::directory::SERVICE, &row.service),
        requester: names.person(&row.requester),
        team: entry(engine::directory::TEAM, &row.team),
        mine: row.assignee.as_ref() == visit.session.as_ref().map(|session| &session.person),
        stead: row
            .in_stead_of
            .as_ref()
            .map(|absent| visit.say_with("inbox-in-stead", &[("person", names.person(absent).into())])),
        opened: visit.moment(row.opened),
        urgency: sla::until(visit, row.due),
        provisional: is_provisional(visit, row)?,
    })
}

/// The day that it is for the installation.
fn today(visit: &Visit<'_>) -> String {
    let local = visit.now.to_local(&visit.app.settings().zone).unwrap_or_default();
    local.get(..10).unwrap_or_default().to_owned()
}
