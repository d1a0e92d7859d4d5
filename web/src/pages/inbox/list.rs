//! The list of tasks: its columns, its headings, its lines.

use std::sync::Arc;

use engine::definition::Definition;
use engine::directory::{SERVICE, TEAM};
use engine::ids::Name;
use engine::value::{FieldType, Value};
use serde::Serialize;
use store::InboxRow;

use super::is_provisional;
use super::wanted::{Band, Column, Group, Sort, Wanted};
use crate::answer::Refusal;
use crate::clocks;
use crate::moment::Moment;
use crate::pairs::encoded;
use crate::sla::{self, Urgency};
use crate::visit::Visit;

/// The list.
#[derive(Debug, Serialize)]
pub struct ListView {
    columns: Vec<String>,
    /// How wide a heading is.
    width: usize,
    groups: Vec<GroupView>,
}

#[derive(Debug, Serialize)]
struct GroupView {
    heading: Option<String>,
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    task: String,
    number: String,
    title: String,
    step: String,
    mine: bool,
    stead: Option<String>,
    urgency: Urgency,
    provisional: bool,
    cells: Vec<Cell>,
    /// The same page with this task beside the list.
    peek: String,
    peeked: bool,
}

#[derive(Debug, Serialize)]
struct Cell {
    column: String,
    value: Option<String>,
    /// The level of a priority, for its colour.
    level: Option<String>,
    /// Since when the task is open, beside for whom.
    opened: Option<Moment>,
}

/// The key of a column's heading.
pub fn heading(column: Column) -> &'static str {
    match column {
        Column::Priority => "col-priority",
        Column::Service => "col-service",
        Column::Requester => "col-requester",
        Column::Team => "col-team",
        Column::Process => "filter-process",
    }
}

/// The list, ready to be shown.
///
/// # Errors
/// The store failed.
pub fn list(visit: &Visit<'_>, wanted: &Wanted, columns: &[Column], rows: Vec<InboxRow>) -> Result<ListView, Refusal> {
    let mut groups: Vec<(Option<String>, Vec<Row>)> = Vec::new();
    for row in &rows {
        let definition = visit.app.runtime().definition(&row.definition)?;
        let heading = heading_of(visit, wanted, row, &definition);
        let line = line(visit, wanted, columns, row, &definition)?;
        match groups.last_mut() {
            Some((held, lines)) if *held == heading => lines.push(line),
            Some(_) | None => groups.push((heading, vec![line])),
        }
    }
    Ok(ListView {
        columns: columns.iter().map(|column| visit.say(heading(*column))).collect(),
        width: columns.len() + 5,
        groups: groups.into_iter().map(|(heading, rows)| GroupView { heading, rows }).collect(),
    })
}

/// Rows in the order and under the headings that are wanted; those that are alike in that stay due first.
///
/// # Errors
/// The store failed.
pub fn ordered(visit: &Visit<'_>, wanted: &Wanted, rows: Vec<InboxRow>) -> Result<Vec<InboxRow>, Refusal> {
    let mut keyed = Vec::with_capacity(rows.len());
    for row in rows {
        let definition = visit.app.runtime().definition(&row.definition)?;
        let rank = rank(&row, &definition);
        let group = match wanted.group {
            Group::None => 0,
            Group::Priority => rank,
            Group::Band => Band::ALL.iter().position(|(band, _)| *band == Band::of(row.due, visit.now)).unwrap_or(0),
            // What has no service stands behind what has.
            Group::Service => usize::from(row.service.is_none()),
            Group::Process => 0,
        };
        let heading = heading_of(visit, wanted, &row, &definition);
        let sort = match wanted.sort {
            Sort::Due => 0,
            Sort::Opened => row.opened.0,
            Sort::Priority => i64::try_from(rank).unwrap_or(i64::MAX),
        };
        keyed.push(((group, heading, sort), row));
    }
    keyed.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(keyed.into_iter().map(|(_, row)| row).collect())
}

/// How high the priority of a record is among those of its process; none is the lowest.
fn rank(row: &InboxRow, definition: &Arc<Definition>) -> usize {
    match (definition.field(&Name::from("priority")).map(|field| &field.holds), &row.priority) {
        (Some(FieldType::Choice(levels)), Some(held)) => {
            levels.iter().position(|level| level.name == *held).unwrap_or(usize::MAX)
        }
        _ => usize::MAX,
    }
}

fn heading_of(visit: &Visit<'_>, wanted: &Wanted, row: &InboxRow, definition: &Definition) -> Option<String> {
    let none = || visit.say("inbox-no-value");
    match wanted.group {
        Group::None => None,
        Group::Priority => Some(priority(visit, row, definition).unwrap_or_else(none)),
        Group::Service => Some(row.service.as_ref().map_or_else(none, |key| visit.names().entry(SERVICE, key))),
        Group::Process => Some(visit.language.of(&definition.parts().labels).to_owned()),
        Group::Band => {
            let held = Band::of(row.due, visit.now);
            let name = Band::ALL.iter().find(|(band, _)| *band == held).map_or("none", |(_, name)| *name);
            Some(visit.say(&format!("band-{name}")))
        }
    }
}

fn priority(visit: &Visit<'_>, row: &InboxRow, definition: &Definition) -> Option<String> {
    let value = Value::Choice(row.priority.clone()?);
    Some(visit.names().field_value(definition, &Name::from("priority"), &value, &visit.times()))
}

fn line(
    visit: &Visit<'_>,
    wanted: &Wanted,
    columns: &[Column],
    row: &InboxRow,
    definition: &Definition,
) -> Result<Row, Refusal> {
    let names = visit.names();
    let task = format!("{}-{}", row.instance, row.task.0);
    let is_peeked = visit.asked.query.get("peek") == Some(task.as_str());
    let place =
        ["after", "from"].into_iter().filter_map(|key| Some(format!("{key}={}", encoded(visit.asked.query.get(key)?))));
    let more: Vec<String> = place.chain([format!("peek={task}")]).collect();
    Ok(Row {
        number: row.number.clone(),
        title: row.title.clone(),
        step: names.step(definition, &row.step),
        mine: row.assignee.as_ref() == visit.session.as_ref().map(|session| &session.person),
        stead: row
            .in_stead_of
            .as_ref()
            .map(|absent| visit.say_with("inbox-in-stead", &[("person", names.person(absent).into())])),
        urgency: urgency(visit, row, definition)?,
        provisional: is_provisional(visit, row)?,
        cells: columns.iter().map(|column| cell(visit, *column, row, definition)).collect(),
        peek: wanted.address(&more.join("&")),
        peeked: is_peeked,
        task,
    })
}

/// How urgent a task is; where nothing presses since a clock stands still, why it does.
fn urgency(visit: &Visit<'_>, row: &InboxRow, definition: &Definition) -> Result<Urgency, Refusal> {
    if row.due.is_some() {
        return Ok(sla::until(visit, row.due));
    }
    let loaded = visit.app.runtime().load(row.instance)?;
    let paused = loaded.and_then(|loaded| clocks::standing_still(visit, definition, &loaded.instance));
    Ok(paused.unwrap_or_else(|| sla::until(visit, None)))
}

fn cell(visit: &Visit<'_>, column: Column, row: &InboxRow, definition: &Definition) -> Cell {
    let names = visit.names();
    let entry = |register: &str, key: &Option<Name>| key.as_ref().map(|key| names.entry(register, key));
    let value = match column {
        Column::Priority => priority(visit, row, definition),
        Column::Service => entry(SERVICE, &row.service),
        Column::Requester => Some(names.person(&row.requester)),
        Column::Team => entry(TEAM, &row.team),
        Column::Process => Some(visit.language.of(&definition.parts().labels).to_owned()),
    };
    Cell {
        column: visit.say(heading(column)),
        value,
        level: row.priority.as_ref().filter(|_| column == Column::Priority).map(Name::to_string),
        opened: (column == Column::Requester).then(|| visit.moment(row.opened)),
    }
}
