//! The inbox: what a person has taken and what the person's groups may take, due first or as the address wants it.

pub mod bulk;
mod gather;
mod list;
pub mod peek;
pub mod snooze;
pub mod undo;
pub mod views;
mod wanted;

use actix_web::http::StatusCode;
use engine::directory::{CALENDAR, SERVICE, TEAM};
use engine::event::Principal;
use engine::ids::{InstanceId, Name, TaskId};
use engine::substitution;
use engine::time::Timestamp;
use engine::value::FieldType;
use serde::Serialize;
use store::{INBOX_COUNT_MAX, InboxCursor, InboxRow, InboxView};

pub use self::wanted::Wanted;

use self::gather::{LOOKED_MAX, gather};
use self::list::{ListView, list};
use self::views::SavedTab;
use self::wanted::{Band, Column, Group, Sort};
use crate::answer::{Answer, Refusal};
use crate::clocks;
use crate::form::Choosable;
use crate::reach::Reached;
use crate::visit::Visit;

/// How many tasks stand on a page.
const PAGE: usize = 50;
/// How many of the tasks that are due first are put into another order.
const SORTED_MAX: usize = 500;
/// The most entries of a register that can be chosen from.
const CHOICES_MAX: usize = 200;

#[derive(Debug, Serialize)]
struct View {
    tabs: Vec<Tab>,
    saved: Vec<SavedTab>,
    asleep: usize,
    /// How many records the visitor watches.
    watched: usize,
    overdue: Option<String>,
    /// What the address says besides the text, for the form of the text.
    kept: Vec<Kept>,
    text: String,
    is_narrowed: bool,
    choices: Vec<Choice>,
    columns: Vec<Choosable>,
    list: ListView,
    /// What is not in the list, and why.
    notes: Vec<String>,
    next: Option<String>,
    later: bool,
    first: String,
    back: String,
    keep: views::Keep,
    peek: Option<peek::PeekView>,
    /// What the page follows.
    live: String,
}

#[derive(Debug, Serialize)]
struct Tab {
    to: String,
    label: String,
    count: Option<String>,
    current: bool,
}

/// A pair of the address that a form carries on.
#[derive(Debug, Serialize)]
struct Kept {
    name: &'static str,
    value: String,
}

/// Something to choose from, as the form of the filters offers it.
#[derive(Debug, Serialize)]
struct Choice {
    name: &'static str,
    label: String,
    options: Vec<Choosable>,
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    page(visit, &Wanted::of(&visit.asked.query), StatusCode::OK, None)
}

/// The page, with what is wrong with the name of a view that was to be kept.
fn page(visit: &Visit<'_>, wanted: &Wanted, status: StatusCode, problem: Option<String>) -> Result<Answer, Refusal> {
    let asked = &visit.asked.query;
    let after = asked.get("after").and_then(|text| text.parse::<InboxCursor>().ok());
    let columns = match &wanted.columns {
        Some(columns) => columns.clone(),
        None => columns_of(visit)?,
    };
    let found = found(visit, wanted, after)?;
    let counts = visit.app.store().inbox_counts(visit.person()?, &groups(visit), visit.now)?;
    let tab = |key: &str, view: InboxView, count: Option<usize>| Tab {
        to: Wanted { view, ..wanted.clone() }.address(""),
        label: visit.say(key),
        count: count.map(capped),
        current: view == wanted.view,
    };
    let page = View {
        tabs: vec![
            tab("inbox-both", InboxView::Both, None),
            tab("inbox-mine", InboxView::Mine, Some(counts.mine)),
            tab("inbox-groups", InboxView::Groups, Some(counts.groups)),
        ],
        saved: views::tabs(visit, wanted)?,
        watched: visit.app.store().watched(visit.person()?)?.len(),
        asleep: visit.app.store().snoozed(visit.person()?, visit.now)?.len(),
        overdue: (counts.overdue > 0)
            .then(|| visit.say_with("inbox-overdue", &[("count", capped(counts.overdue).into())])),
        kept: wanted
            .pairs()
            .into_iter()
            .map(|(name, value)| Kept { name, value })
            .filter(|kept| kept.name != "q")
            .collect(),
        text: wanted.text.clone().unwrap_or_default(),
        is_narrowed: wanted.filters() > 0,
        choices: choices(visit, wanted)?,
        columns: column_choices(visit, &columns),
        list: list(visit, wanted, &columns, found.rows)?,
        notes: found.notes,
        next: found.next,
        later: found.is_later,
        first: wanted.address(""),
        back: visit.asked.place.clone(),
        keep: views::keep(visit, wanted, problem)?,
        live: format!("since={}&{}", visit.now.0, wanted.query()),
        peek: asked.get("peek").map(|task| peek::peeked(visit, task)).transpose()?,
    };
    visit.page_with(status, "inbox", visit.say("inbox-title"), &page)
}

/// What is shown of what was found.
struct Found {
    rows: Vec<InboxRow>,
    notes: Vec<String>,
    next: Option<String>,
    is_later: bool,
}

fn found(visit: &Visit<'_>, wanted: &Wanted, after: Option<InboxCursor>) -> Result<Found, Refusal> {
    let looked = || visit.say_with("inbox-cut", &[("count", (LOOKED_MAX as i64).into())]);
    if !wanted.is_sorted_anew() {
        let found = gather(visit, wanted, after, PAGE)?;
        let next = found.next.map(|next| wanted.address(&format!("after={next}")));
        let notes = found.is_cut.then(looked).into_iter().collect();
        return Ok(Found { rows: found.rows, notes, next, is_later: after.is_some() });
    }
    let found = gather(visit, wanted, None, SORTED_MAX)?;
    let mut notes: Vec<String> = found.is_cut.then(looked).into_iter().collect();
    if found.next.is_some() && !found.is_cut {
        notes.push(visit.say_with("inbox-sorted-some", &[("count", (SORTED_MAX as i64).into())]));
    }
    let from = visit.asked.query.get("from").and_then(|text| text.parse::<usize>().ok()).unwrap_or(0);
    let rows = list::ordered(visit, wanted, found.rows)?;
    let is_more = rows.len() > from.saturating_add(PAGE);
    let rows = rows.into_iter().skip(from).take(PAGE).collect();
    let next = is_more.then(|| wanted.address(&format!("from={}", from.saturating_add(PAGE))));
    Ok(Found { rows, notes, next, is_later: from > 0 })
}

/// The columns that a person has chosen, or the usual ones.
fn columns_of(visit: &Visit<'_>) -> Result<Vec<Column>, Refusal> {
    let kept = visit.app.store().preferences(visit.person()?)?;
    Ok(kept.get(COLUMNS).map_or_else(|| Column::USUAL.to_vec(), |text| Column::parse(text)))
}

/// The preference that names the columns of the inbox.
const COLUMNS: &str = "inbox_columns";

/// Keeps the columns that a person wants.
pub fn choose_columns(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let named = visit.asked.form.all("cols").collect::<Vec<_>>().join(".");
    let columns = Column::written(&Column::parse(&named));
    visit.app.store().set_preference(visit.person()?, COLUMNS, &columns)?;
    Ok(Answer::see_other(views::back(visit)))
}

fn column_choices(visit: &Visit<'_>, chosen: &[Column]) -> Vec<Choosable> {
    let choice = |(column, name): (Column, &str)| Choosable {
        value: name.to_owned(),
        label: visit.say(list::heading(column)),
        chosen: chosen.contains(&column),
    };
    Column::ALL.into_iter().map(choice).collect()
}

fn choices(visit: &Visit<'_>, wanted: &Wanted) -> Result<Vec<Choice>, Refusal> {
    let names = visit.names();
    let entries = |register: &str, chosen: &Option<Name>| {
        let entry = |(key, _): (&Name, &engine::directory::Entry)| Choosable {
            value: key.to_string(),
            label: names.entry(register, key),
            chosen: chosen.as_ref() == Some(key),
        };
        visit.directory.entries(register).take(CHOICES_MAX).map(entry).collect::<Vec<_>>()
    };
    let (processes, priorities) = processes_and_priorities(visit, wanted)?;
    let bands = Band::ALL.map(|(band, name)| worded(visit, "band", name, wanted.band == Some(band)));
    let sorts = Sort::ALL.map(|(sort, name)| worded(visit, "sort", name, wanted.sort == sort));
    let groups = Group::ALL.map(|(group, name)| worded(visit, "group", name, wanted.group == group));
    let any = |mut options: Vec<Choosable>| {
        options.insert(0, Choosable::new(String::new(), visit.say("inbox-any")));
        options
    };
    Ok(vec![
        Choice { name: "due", label: visit.say("col-due"), options: any(bands.to_vec()) },
        Choice { name: "priority", label: visit.say("col-priority"), options: any(priorities) },
        Choice { name: "process", label: visit.say("filter-process"), options: any(processes) },
        Choice { name: "service", label: visit.say("col-service"), options: any(entries(SERVICE, &wanted.service)) },
        Choice { name: "team", label: visit.say("col-team"), options: any(entries(TEAM, &wanted.team)) },
        Choice { name: "sort", label: visit.say("inbox-sort"), options: sorts.to_vec() },
        Choice { name: "group", label: visit.say("inbox-group"), options: groups.to_vec() },
    ])
}

fn worded(visit: &Visit<'_>, of: &str, name: &str, chosen: bool) -> Choosable {
    Choosable { value: name.to_owned(), label: visit.say(&format!("{of}-{name}")), chosen }
}

/// The processes there are, and the priorities that their records can have.
fn processes_and_priorities(visit: &Visit<'_>, wanted: &Wanted) -> Result<(Vec<Choosable>, Vec<Choosable>), Refusal> {
    let (mut processes, mut priorities): (Vec<Choosable>, Vec<Choosable>) = (Vec::new(), Vec::new());
    let mut names: Vec<Name> = visit.app.store().current_versions()?.into_iter().map(|row| row.process).collect();
    names.dedup();
    for process in names {
        let Some(definition) = visit.app.runtime().current(&process)? else { continue };
        processes.push(Choosable {
            value: process.to_string(),
            label: visit.language.of(&definition.parts().labels).to_owned(),
            chosen: wanted.process.as_ref() == Some(&process),
        });
        let Some(FieldType::Choice(levels)) = definition.field(&Name::from("priority")).map(|field| &field.holds)
        else {
            continue;
        };
        for level in levels {
            if !priorities.iter().any(|known| level.name.as_str() == known.value) {
                priorities.push(Choosable {
                    value: level.name.to_string(),
                    label: visit.language.of(&level.labels).to_owned(),
                    chosen: wanted.priority.as_ref() == Some(&level.name),
                });
            }
        }
    }
    Ok((processes, priorities))
}

/// The first task of the visitor's inbox.
///
/// # Errors
/// The store failed, or nobody is signed in.
pub fn first(visit: &Visit<'_>) -> Result<Option<(InstanceId, TaskId)>, Refusal> {
    Ok(rows(visit, InboxView::Both, 1)?.first().map(|row| (row.instance, row.task)))
}

/// The first rows of the visitor's inbox, due first.
///
/// # Errors
/// The store failed, or nobody is signed in.
pub fn rows(visit: &Visit<'_>, view: InboxView, count: usize) -> Result<Vec<InboxRow>, Refusal> {
    let wanted = Wanted { view, ..Wanted::of(&crate::pairs::Pairs::default()) };
    Ok(gather(visit, &wanted, None, count)?.rows)
}

/// How many tasks came to what the address wants since then, among those that are due first.
///
/// # Errors
/// The store failed, or nobody is signed in.
pub fn opened_since(visit: &Visit<'_>, since: Timestamp) -> Result<usize, Refusal> {
    let wanted = Wanted::of(&visit.asked.query);
    let found = gather(visit, &wanted, None, store::INBOX_PAGE_MAX)?;
    Ok(found.rows.iter().filter(|row| row.opened > since).count())
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

/// The day that it is for the installation.
fn today(visit: &Visit<'_>) -> String {
    let local = visit.now.to_local(&visit.app.settings().zone).unwrap_or_default();
    local.get(..10).unwrap_or_default().to_owned()
}
