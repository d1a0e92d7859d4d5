//! Forms from definitions: each field's type becomes a control, and what is posted becomes [`Fields`], parsed
//! once; a table is a form in each line. After a refusal the same form shows what was typed, with the reason beside each wrong field.

mod files;
mod rows;

use std::collections::{BTreeMap, BTreeSet};

use engine::definition::{Choice, Field, NumberPattern};
use engine::directory::Entry;
use engine::ids::Name;
use engine::time::{MINUTE_MS, Timestamp};
use engine::value::{FieldType, Fields, Misfit, Money, Value};
use serde::Serialize;

use crate::misfit;
use crate::pairs::Pairs;
use crate::reach::Reached;
use crate::visit::Visit;

/// Up to so many choices are all shown at once; more go into a list to open.
const RADIOS_MAX: usize = 5;
/// Up to so many entries go into a list to open; more into a field that searches.
const SELECT_MAX: usize = 40;
/// Up to so many entries are searched in the page.
const SEARCH_MAX: usize = 500;
/// The name under which a form says which of its lists may be empty.
const LISTED: &str = "_listed";

/// A control of a form.
#[derive(Clone, Debug, Serialize)]
pub struct Control {
    /// Unique in the page.
    pub id: String,
    /// What it is posted as.
    pub name: String,
    /// What people read.
    pub label: String,
    /// Which control: `text`, `area`, `number`, `date`, `instant`, `duration`, `radio`, `select`, `search`, `checks`,
    /// `rows`, `file`, `files`.
    pub kind: &'static str,
    /// What it holds, where that is one text.
    pub value: String,
    /// What can be chosen.
    pub options: Vec<Choosable>,
    /// Whether the form insists.
    pub required: bool,
    /// What to know before filling it in.
    pub hint: Option<String>,
    /// What is wrong with it.
    pub problem: Option<String>,
    /// The most characters, for texts; the most lines, for tables.
    pub max: Option<u32>,
    /// What the columns are called, for a table.
    pub columns: Vec<String>,
    /// The controls of each line, for a table.
    pub lines: Vec<Vec<Control>>,
    /// The texts that can be inserted.
    pub insert: Option<Insert>,
}

/// A chooser of texts beside a control that holds a long one.
#[derive(Clone, Debug, Serialize)]
pub struct Insert {
    /// The control, in the page.
    pub id: String,
    /// The control, as it is posted.
    pub name: String,
    /// The texts.
    pub options: Vec<Choosable>,
}

/// Something that can be chosen.
#[derive(Clone, Debug, Serialize)]
pub struct Choosable {
    /// What is posted.
    pub value: String,
    /// What people read.
    pub label: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

impl Choosable {
    /// One that is not chosen yet.
    pub fn new(value: String, label: String) -> Choosable {
        Choosable { value, label, chosen: false }
    }
}

/// What a form is filled with.
#[derive(Clone, Copy)]
pub enum Filling<'a> {
    /// With what the record holds.
    Held(&'a Fields),
    /// With what was typed and refused.
    Typed(&'a Pairs),
}

/// What is wrong with which field.
pub type Wrong = BTreeMap<Name, Misfit>;

/// A control for a field, named for its place in the form.
pub struct Place<'a> {
    /// What stands before the field's name: the outcome, with a point, or nothing.
    pub prefix: &'a str,
    /// Whether the form insists on the field.
    pub required: bool,
}

/// The control for a field.
pub fn control(visit: &Visit<'_>, field: &Field, place: &Place<'_>, filling: Filling<'_>, wrong: &Wrong) -> Control {
    let name = format!("{}{}", place.prefix, field.name);
    let texts = match filling {
        Filling::Held(fields) => fields.get(&field.name).map(|value| texts(visit, value)).unwrap_or_default(),
        Filling::Typed(pairs) => {
            let posted = posted_name(pairs, place.prefix, &field.name);
            pairs.iter().filter(|(held, _)| *held == posted).map(|(_, value)| value.to_owned()).collect()
        }
    };
    let mut made = Control {
        id: format!("f-{}", name.replace('.', "-")),
        label: visit.language.of(&field.labels).to_owned(),
        name,
        kind: "text",
        value: texts.first().cloned().unwrap_or_default(),
        options: Vec::new(),
        required: place.required,
        hint: None,
        problem: wrong.get(&field.name).map(|misfit| misfit::said(visit, misfit)),
        max: None,
        columns: Vec::new(),
        lines: Vec::new(),
        insert: None,
    };
    match &field.holds {
        FieldType::Rows(columns) => rows::shape(visit, field, columns, filling, wrong, &mut made),
        holds if files::are_held(holds) => files::shape(visit, holds, &texts, filling, &mut made),
        holds => shape(visit, holds, &texts, &mut made),
    }
    made
}

/// The control for a field of a record. What the visitor may not see is asked for with nothing in it, and may stay so.
pub fn control_of(
    visit: &Visit<'_>,
    reached: &Reached,
    field: &Field,
    place: &Place<'_>,
    filling: Filling<'_>,
    wrong: &Wrong,
) -> Control {
    if reached.shows(visit, field) {
        return control(visit, field, place, filling, wrong);
    }
    let nothing = Fields::new();
    let filling = match filling {
        Filling::Held(_) => Filling::Held(&nothing),
        Filling::Typed(pairs) => Filling::Typed(pairs),
    };
    let is_held = reached.loaded.instance.fields().contains_key(&field.name);
    let place = Place { required: place.required && !is_held, ..*place };
    let mut made = control(visit, field, &place, filling, wrong);
    if is_held {
        made.hint = Some(visit.say("hint-confidential"));
    }
    made
}

/// A control for the reason that an outcome or an edit asks for.
pub fn reason(visit: &Visit<'_>, name: String, typed: Option<&str>, problem: Option<String>) -> Control {
    Control {
        id: format!("f-{}", name.replace('.', "-")),
        name,
        label: visit.say("field-reason"),
        kind: "area",
        value: typed.unwrap_or_default().to_owned(),
        options: Vec::new(),
        required: true,
        hint: None,
        problem,
        max: None,
        columns: Vec::new(),
        lines: Vec::new(),
        insert: None,
    }
}

fn shape(visit: &Visit<'_>, holds: &FieldType, texts: &[String], made: &mut Control) {
    match holds {
        FieldType::Text { max } => {
            made.kind = if *max > 300 { "area" } else { "text" };
            made.max = Some(*max);
        }
        FieldType::Markdown => made.kind = "area",
        FieldType::Number => made.kind = "number",
        FieldType::Date => made.kind = "date",
        FieldType::Instant => made.kind = "instant",
        FieldType::Duration => {
            made.kind = "duration";
            made.hint = Some(visit.say("hint-minutes"));
        }
        FieldType::Money => {
            made.kind = "text";
            made.hint = Some(visit.say("hint-money"));
        }
        FieldType::Role => {
            made.kind = "select";
            made.options = roles_of(visit, texts);
        }
        // Tables and files have controls of their own.
        FieldType::Rows(_) | FieldType::File => {}
        FieldType::Bool => {
            made.kind = "radio";
            made.options =
                vec![choosable("yes", visit.say("value-yes"), texts), choosable("no", visit.say("value-no"), texts)];
        }
        FieldType::Choice(choices) => {
            made.kind = if choices.len() <= RADIOS_MAX { "radio" } else { "select" };
            made.options = choices_of(visit, choices, texts);
        }
        FieldType::Ref(register) => shape_reference(visit, register, texts, made),
        FieldType::Many(inner) => shape_many(visit, inner, texts, made),
    }
}

/// What the numbers of a process look like.
fn record_hint(visit: &Visit<'_>, process: &Name) -> String {
    let pattern = match visit.app.runtime().current(process) {
        Ok(Some(found)) => found.parts().number.clone(),
        Ok(None) | Err(_) => return visit.say("hint-record-number"),
    };
    let sample = NumberPattern(&pattern).written(visit.now.year(), 123);
    visit.say_with("hint-record-number-of", &[("number", sample.into())])
}

fn shape_reference(visit: &Visit<'_>, register: &Name, texts: &[String], made: &mut Control) {
    if !visit.directory.has_register(register.as_str()) {
        made.kind = "text";
        made.hint = Some(record_hint(visit, register));
        return;
    }
    let options = entries_of(visit, register, texts);
    match options.len() {
        0..=SELECT_MAX => {
            made.kind = "select";
            made.options = options;
        }
        count if count <= SEARCH_MAX => {
            made.kind = "search";
            made.hint = Some(visit.say("hint-search"));
            // The field shows the label; a key that was stored or typed is turned into it.
            if let Some(found) = options.iter().find(|option| option.chosen) {
                made.value.clone_from(&found.label);
            }
            made.options = options;
        }
        _ => made.hint = Some(visit.say("hint-key")),
    }
}

fn shape_many(visit: &Visit<'_>, inner: &FieldType, texts: &[String], made: &mut Control) {
    let options = match inner {
        FieldType::Ref(register) if visit.directory.has_register(register.as_str()) => {
            entries_of(visit, register, texts)
        }
        FieldType::Choice(choices) => choices_of(visit, choices, texts),
        FieldType::Role => roles_of(visit, texts),
        FieldType::Ref(_)
        | FieldType::Text { .. }
        | FieldType::Markdown
        | FieldType::Number
        | FieldType::Bool
        | FieldType::Date
        | FieldType::Instant
        | FieldType::Duration
        | FieldType::Money
        | FieldType::File
        | FieldType::Rows(_)
        | FieldType::Many(_) => Vec::new(),
    };
    if options.is_empty() || options.len() > SEARCH_MAX {
        made.kind = "area";
        made.value = texts.join("\n");
        made.hint = Some(visit.say("hint-one-per-line"));
    } else {
        made.kind = "checks";
        made.options = options;
    }
}

fn choosable(value: &str, label: String, texts: &[String]) -> Choosable {
    Choosable { value: value.to_owned(), label, chosen: texts.iter().any(|text| text == value) }
}

fn choices_of(visit: &Visit<'_>, choices: &[Choice], texts: &[String]) -> Vec<Choosable> {
    let label = |choice: &Choice| visit.language.of(&choice.labels).to_owned();
    choices.iter().map(|choice| choosable(choice.name.as_str(), label(choice), texts)).collect()
}

/// Every role that somebody holds.
fn roles_of(visit: &Visit<'_>, texts: &[String]) -> Vec<Choosable> {
    let names = visit.names();
    let roles: BTreeSet<&Name> = visit.directory.standings().flat_map(|(_, standing)| &standing.roles).collect();
    roles.into_iter().map(|role| choosable(role.as_str(), names.role(role), texts)).collect()
}

fn entries_of(visit: &Visit<'_>, register: &Name, texts: &[String]) -> Vec<Choosable> {
    let names = visit.names();
    let entry = |(key, entry): (&Name, &Entry)| {
        let label = names.entry(register.as_str(), key);
        let chosen = texts.iter().any(|text| is_called(text, key, entry));
        Choosable { value: key.to_string(), label, chosen }
    };
    let mut options: Vec<Choosable> =
        visit.directory.entries(register.as_str()).take(SEARCH_MAX + 1).map(entry).collect();
    options.sort_by(|one, other| one.label.cmp(&other.label));
    options
}

fn is_called(text: &str, key: &Name, entry: &Entry) -> bool {
    text == key.as_str() || text == entry.labels.zh || text == entry.labels.en
}

/// A value as the controls hold it.
fn texts(visit: &Visit<'_>, value: &Value) -> Vec<String> {
    match value {
        Value::Nothing => Vec::new(),
        Value::Text(text) => vec![text.clone()],
        Value::Number(number) => vec![number.normalize().to_string()],
        Value::Bool(yes) => vec![if *yes { "yes" } else { "no" }.to_owned()],
        Value::Choice(name) | Value::Ref(name) => vec![name.to_string()],
        Value::Date(date) => vec![date.clone()],
        Value::Instant(instant) => {
            instant.to_local(&visit.app.settings().zone).map(|local| local.replacen(' ', "T", 1)).into_iter().collect()
        }
        Value::Duration(length_ms) => vec![(length_ms / MINUTE_MS).to_string()],
        Value::Money(money) => vec![money.to_string()],
        Value::File(file) => vec![files::key(file)],
        Value::List(items) => items.iter().flat_map(|item| texts(visit, item)).collect(),
        Value::Row(row) => row.values().flat_map(|value| texts(visit, value)).collect(),
    }
}

/// The name under which a field of an outcome was posted: with the outcome before it, or plainly.
fn posted_name(pairs: &Pairs, prefix: &str, field: &Name) -> String {
    let full = format!("{prefix}{field}");
    if prefix.is_empty() || pairs.has(&full) || pairs.all(LISTED).any(|listed| listed == full) {
        full
    } else {
        field.to_string()
    }
}

/// Reads the posted values of these fields. A field that the form did not have is left out. Of the files that fields hold
/// and that were shown, those stay that were to stay.
///
/// # Errors
/// The fields whose text is not a value of their type.
pub fn parse(
    visit: &Visit<'_>,
    fields: &[&Field],
    prefix: &str,
    pairs: &Pairs,
    held: &Fields,
) -> Result<Fields, Wrong> {
    let (mut parsed, mut wrong) = (Fields::new(), Wrong::new());
    for field in fields {
        let name = posted_name(pairs, prefix, &field.name);
        let emptied = pairs.all(LISTED).any(|listed| listed == name);
        let brought = files::brought(visit, &name, &field.holds);
        if !pairs.has(&name) && !emptied && brought.is_empty() {
            continue;
        }
        let texts: Vec<&str> = pairs.all(&name).collect();
        let read = match &field.holds {
            FieldType::Rows(columns) => rows::read(visit, columns, &name, pairs),
            holds if files::are_held(holds) => Ok(files::read(holds, held.get(&field.name), &texts, brought)),
            holds => value(visit, holds, &texts),
        };
        match read {
            Ok(value) => drop(parsed.insert(field.name.clone(), value)),
            Err(misfit) => drop(wrong.insert(field.name.clone(), misfit)),
        }
    }
    if wrong.is_empty() { Ok(parsed) } else { Err(wrong) }
}

/// The same for a form of a record. What the visitor may not see and leaves empty stays as it is.
///
/// # Errors
/// As [`parse`].
pub fn parse_of(
    visit: &Visit<'_>,
    reached: &Reached,
    fields: &[&Field],
    prefix: &str,
    pairs: &Pairs,
) -> Result<Fields, Wrong> {
    let mut parsed = parse(visit, fields, prefix, pairs, reached.loaded.instance.fields())?;
    for field in fields.iter().filter(|field| !reached.shows(visit, field)) {
        if parsed.get(&field.name).is_some_and(Value::is_empty) {
            parsed.remove(&field.name);
        }
    }
    Ok(parsed)
}

fn value(visit: &Visit<'_>, holds: &FieldType, texts: &[&str]) -> Result<Value, Misfit> {
    if let FieldType::Many(inner) = holds {
        // A list that was typed has a value on each line; one that was ticked has several of one line.
        let items = texts.iter().flat_map(|text| text.lines()).map(str::trim).filter(|text| !text.is_empty());
        let list = items.map(|text| one(visit, inner, text)).collect::<Result<Vec<Value>, Misfit>>()?;
        return Ok(if list.is_empty() { Value::Nothing } else { Value::List(list) });
    }
    texts.first().map_or(Ok(Value::Nothing), |text| one(visit, holds, text))
}

fn one(visit: &Visit<'_>, holds: &FieldType, text: &str) -> Result<Value, Misfit> {
    match holds {
        FieldType::Text { .. } | FieldType::Markdown => Ok(Value::Text(text.to_owned())),
        FieldType::Number => text.replace(',', "").parse().map(Value::Number).map_err(|_| Misfit::WrongType),
        FieldType::Bool => match text {
            "yes" => Ok(Value::Bool(true)),
            "no" => Ok(Value::Bool(false)),
            _ => Err(Misfit::WrongType),
        },
        FieldType::Date => Ok(Value::Date(text.to_owned())),
        FieldType::Instant => Timestamp::from_local(&text.replacen('T', " ", 1), &visit.app.settings().zone)
            .map(Value::Instant)
            .map_err(|_| Misfit::NotADate),
        FieldType::Duration => text
            .parse::<i64>()
            .ok()
            .filter(|minutes| *minutes >= 0)
            .and_then(|minutes| minutes.checked_mul(MINUTE_MS))
            .map(Value::Duration)
            .ok_or(Misfit::WrongType),
        FieldType::Choice(_) => Ok(Value::Choice(Name::from(text))),
        FieldType::Ref(register) => Ok(Value::Ref(referred(visit, register, text))),
        FieldType::Role => Ok(Value::Ref(Name::from(text))),
        FieldType::Money => Money::read(text).map(Value::Money).ok_or(Misfit::WrongType),
        FieldType::Many(_) | FieldType::File | FieldType::Rows(_) => Err(Misfit::WrongType),
    }
}

/// The key of what was typed: a key, or a label in either language.
fn referred(visit: &Visit<'_>, register: &Name, text: &str) -> Name {
    let key = Name::from(text);
    if visit.directory.entry(register.as_str(), &key).is_some() {
        return key;
    }
    let called = visit.directory.entries(register.as_str()).find(|(key, entry)| is_called(text, key, entry));
    called.map_or(key, |(key, _)| key.clone())
}
