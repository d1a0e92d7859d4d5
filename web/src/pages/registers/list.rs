//! The entries of a register: looked for, sorted, fifty on a page.

use engine::definition::Field;
use engine::directory::Entry;
use engine::ids::Name;
use engine::register::Register;
use engine::value::FieldType;
use serde::Serialize;

use super::selection::{Selection, address};
use super::{keeps, named, said, today};
use crate::answer::{Answer, Refusal};
use crate::form::Choosable;
use crate::visit::Visit;

/// How many entries stand on a page.
const PAGE: usize = 50;
/// How many attributes are columns where the address does not say which.
const COLUMNS: usize = 6;
/// The longest text that is a column by itself, in characters.
const SHORT_MAX: u32 = 100;

#[derive(Debug, Serialize)]
struct View {
    register: String,
    label: String,
    purpose: String,
    query: String,
    knows_stale: bool,
    stale_only: bool,
    sort: String,
    down: bool,
    columns: Vec<Choosable>,
    heads: Vec<Head>,
    rows: Vec<Row>,
    count: usize,
    from: usize,
    until: usize,
    previous: Option<String>,
    next: Option<String>,
    keeps: bool,
    /// The address of the selection, for what is done with it.
    kept: String,
}

#[derive(Debug, Serialize)]
struct Head {
    label: String,
    to: String,
    /// `ascending`, `descending`, or nothing.
    sorted: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct Row {
    key: String,
    label: String,
    to: String,
    stale: bool,
    cells: Vec<Cell>,
}

#[derive(Debug, Serialize)]
struct Cell {
    column: String,
    value: String,
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let register = named(visit)?;
    let asked = &visit.asked.query;
    let selection = Selection::of(register, asked);
    let entries = selection.entries(visit);
    let columns = columns(register, &asked.all("column").collect::<Vec<_>>());
    let last = entries.len().div_ceil(PAGE).max(1);
    let page = asked.get("page").and_then(|text| text.parse::<usize>().ok()).unwrap_or(1).clamp(1, last);
    let shown: Vec<(&Name, &Entry)> = entries.iter().copied().skip((page - 1) * PAGE).take(PAGE).collect();
    let turn = |to: usize| address(asked, &[("page", &to.to_string())]);
    let (sort, down) = selection.sort();
    let label = visit.language.of(&register.labels).to_owned();
    let view = View {
        register: register.name.to_string(),
        purpose: register.purpose.clone(),
        query: asked.raw("q").unwrap_or_default().to_owned(),
        knows_stale: register.fresh.is_some(),
        stale_only: selection.is_of_stale(),
        sort: sort.to_owned(),
        down,
        columns: choosable(visit, register, &columns),
        heads: heads(visit, &columns, (sort, down)),
        count: entries.len(),
        from: (page - 1) * PAGE + usize::from(!shown.is_empty()),
        until: (page - 1) * PAGE + shown.len(),
        rows: shown.into_iter().map(|(key, entry)| row(visit, register, &columns, key, entry)).collect(),
        previous: (page > 1).then(|| turn(page - 1)),
        next: (page < last).then(|| turn(page + 1)),
        keeps: keeps(visit),
        kept: address(asked, &[]),
        label: label.clone(),
    };
    visit.page("register", label, &view)
}

/// The attributes that are columns: those that the address names, else the first short ones.
fn columns<'r>(register: &'r Register, chosen: &[&str]) -> Vec<&'r Field> {
    if chosen.is_empty() {
        return register.fields.iter().filter(|field| is_short(&field.holds)).take(COLUMNS).collect();
    }
    register.fields.iter().filter(|field| chosen.contains(&field.name.as_str())).collect()
}

fn is_short(holds: &FieldType) -> bool {
    match holds {
        FieldType::Markdown | FieldType::Many(_) | FieldType::Rows(_) | FieldType::File => false,
        FieldType::Text { max } => *max <= SHORT_MAX,
        FieldType::Number
        | FieldType::Bool
        | FieldType::Date
        | FieldType::Instant
        | FieldType::Duration
        | FieldType::Money
        | FieldType::Role
        | FieldType::Choice(_)
        | FieldType::Ref(_) => true,
    }
}

fn choosable(visit: &Visit<'_>, register: &Register, columns: &[&Field]) -> Vec<Choosable> {
    let one = |field: &Field| Choosable {
        value: field.name.to_string(),
        label: visit.language.of(&field.labels).to_owned(),
        chosen: columns.iter().any(|column| column.name == field.name),
    };
    register.fields.iter().map(one).collect()
}

fn heads(visit: &Visit<'_>, columns: &[&Field], (sort, down): (&str, bool)) -> Vec<Head> {
    let head = |by: &str, label: String| {
        let sorted = (by == sort).then_some(if down { "descending" } else { "ascending" });
        let turned = if by == sort && !down { "yes" } else { "" };
        Head { label, to: address(&visit.asked.query, &[("sort", by), ("down", turned)]), sorted }
    };
    let fixed = [("name", "col-name"), ("key", "field-key")].map(|(by, key)| head(by, visit.say(key)));
    let attributes = columns.iter().map(|field| head(field.name.as_str(), visit.language.of(&field.labels).to_owned()));
    fixed.into_iter().chain(attributes).collect()
}

fn row(visit: &Visit<'_>, register: &Register, columns: &[&Field], key: &Name, entry: &Entry) -> Row {
    let cell = |field: &&Field| Cell {
        column: visit.language.of(&field.labels).to_owned(),
        value: said::value(visit, field, entry),
    };
    Row {
        key: key.to_string(),
        label: visit.names().called(key, entry).to_owned(),
        to: format!("/registers/{}/{key}", register.name),
        stale: register.is_stale(entry, &today(visit)),
        cells: columns.iter().map(cell).collect(),
    }
}
