//! Entries from a file, CSV or JSON: a preview with every problem by line and column, then all rows or only the good ones.
//! Rows are told apart by their key, so the same file a second time changes nothing.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use engine::definition::{Field, Presence};
use engine::directory::Entry;
use engine::ids::Name;
use engine::register::Register;
use engine::value::Value;
use serde::Serialize;

use super::proposal::{Cause, Line, Preview, Proposal, Wish};
use super::sheet::{self, Format, KEY, NAME_EN, NAME_ZH, ROWS_MAX, Row, Sheet, Unreadable, Why};
use super::{cell, named};
use crate::answer::{Answer, Refusal};
use crate::files;
use crate::misfit;
use crate::pages::admin::people::names_in_both;
use crate::visit::Visit;

/// The most bytes of a file that the preview keeps in the page; a larger one is chosen again.
const KEPT_MAX: usize = 400 * 1024;

#[derive(Debug, Serialize)]
struct View {
    label: String,
    list: String,
    action: String,
    columns: Vec<Column>,
    rows_max: usize,
    text: String,
    /// The SHA-256 of a file that was looked at and is too large for the page.
    seen: Option<String>,
    text_problem: Option<String>,
    alert: Option<String>,
    preview: Option<Preview>,
    cause: Cause,
}

/// A column that a file may have.
#[derive(Debug, Serialize)]
struct Column {
    name: String,
    label: String,
    what: String,
    required: bool,
}

/// What was sent to be imported.
struct Brought {
    text: String,
    seen: Option<String>,
}

/// The form.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let register = named(visit)?;
    let view = view(visit, register)?;
    page(visit, StatusCode::OK, &view)
}

/// Looks at a file, or imports it.
pub fn import(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let register = named(visit)?;
    let mut view = view(visit, register)?;
    let brought = match brought(visit) {
        Ok(brought) => brought,
        Err(problem) => {
            view.text_problem = Some(problem);
            return page(visit, StatusCode::UNPROCESSABLE_ENTITY, &view);
        }
    };
    let lines = lines(visit, register, sheet::read(Format::of_text(&brought.text), &brought.text));
    let proposal = Proposal::judged(visit, register, lines)?;
    let wish = Wish::of(visit);
    if let Some(answer) = proposal.made(visit, wish, &mut view.cause)? {
        return Ok(answer);
    }
    view.text = if brought.seen.is_some() { String::new() } else { brought.text };
    view.seen = brought.seen;
    view.preview = Some(proposal.preview(visit));
    if wish == Wish::Preview {
        return page(visit, StatusCode::OK, &view);
    }
    view.alert = Some(visit.say("proposal-nothing-made"));
    page(visit, StatusCode::UNPROCESSABLE_ENTITY, &view)
}

fn page(visit: &Visit<'_>, status: StatusCode, view: &View) -> Result<Answer, Refusal> {
    let title = visit.say_with("import-title", &[("register", view.label.as_str().into())]);
    visit.page_with(status, "register_import", title, view)
}

fn view(visit: &Visit<'_>, register: &Register) -> Result<View, Refusal> {
    let list = format!("/registers/{}", register.name);
    Ok(View {
        label: visit.language.of(&register.labels).to_owned(),
        action: format!("{list}/-/import"),
        list,
        columns: columns(visit, register),
        rows_max: ROWS_MAX,
        text: visit.asked.form.raw("text").unwrap_or_default().to_owned(),
        seen: None,
        text_problem: None,
        alert: None,
        preview: None,
        cause: Cause::typed(visit, register)?,
    })
}

fn columns(visit: &Visit<'_>, register: &Register) -> Vec<Column> {
    let fixed = [(KEY, "field-key", true), (NAME_ZH, "field-name-zh", true), (NAME_EN, "field-name-en", false)];
    let fixed = fixed.into_iter().map(|(name, label, required)| Column {
        name: name.to_owned(),
        label: visit.say(label),
        what: String::new(),
        required,
    });
    let attributes = register.fields.iter().map(|field| Column {
        name: field.name.to_string(),
        label: visit.language.of(&field.labels).to_owned(),
        what: field.holds.word(),
        required: field.presence == Presence::Required,
    });
    fixed.chain(attributes).collect()
}

/// The text that was sent: of a file, else what was pasted.
fn brought(visit: &Visit<'_>) -> Result<Brought, String> {
    let upload = visit.asked.files.iter().find(|upload| upload.control == "file");
    let Some(upload) = upload else {
        let text = visit.asked.form.raw("text").unwrap_or_default();
        if text.trim().is_empty() {
            return Err(visit.say("import-nothing"));
        }
        return Ok(Brought { text: text.to_owned(), seen: None });
    };
    let Some(bytes) = &upload.bytes else {
        let limit = files::size(visit.words(), engine::file::FILE_BYTES_MAX);
        return Err(visit.say_with("misfit-too-large", &[("limit", limit.into())]));
    };
    let text = String::from_utf8(bytes.bytes().to_vec()).map_err(|_| visit.say("import-not-utf8"))?;
    let text = text.replace("\r\n", "\n");
    let seen = (text.len() > KEPT_MAX).then(|| bytes.sha256().to_owned());
    // A large file is chosen anew after the preview; another one is looked at first.
    let other = visit.asked.form.get("seen").is_some_and(|held| Some(held) != seen.as_deref());
    if other && Wish::of(visit) != Wish::Preview {
        return Err(visit.say("import-other-file"));
    }
    Ok(Brought { text, seen })
}

/// The changes that a file asks for, with what is wrong with each row before anybody judges it.
fn lines(visit: &Visit<'_>, register: &Register, sheet: Sheet) -> Vec<Line> {
    let mut lines: Vec<Line> = sheet.unreadable.iter().map(|unreadable| unreadable_line(visit, unreadable)).collect();
    let mut known: BTreeMap<&str, &Field> = BTreeMap::new();
    for column in sheet.columns.iter().filter(|column| !column.is_empty()) {
        let called =
            |field: &&Field| field.name == **column || field.labels.en == *column || field.labels.zh == *column;
        match register.fields.iter().find(called) {
            Some(field) => drop(known.insert(column, field)),
            None if [KEY, NAME_ZH, NAME_EN].contains(&column.as_str()) => {}
            None => {
                let mut line = Line { line: Some(1), key: Name::from(""), after: None, troubles: Vec::new() };
                line.trouble(column.as_str(), visit.say("import-unknown-column"));
                lines.push(line);
            }
        }
    }
    let mut first_of: BTreeMap<Name, u64> = BTreeMap::new();
    for row in &sheet.rows {
        let mut line = line_of(visit, register, &known, row);
        match first_of.get(&line.key) {
            Some(first) => {
                let first = i64::try_from(*first).unwrap_or(i64::MAX);
                line.trouble(KEY, visit.say_with("import-key-twice", &[("line", first.into())]));
            }
            None => drop(first_of.insert(line.key.clone(), row.line)),
        }
        lines.push(line);
    }
    lines
}

fn line_of(visit: &Visit<'_>, register: &Register, known: &BTreeMap<&str, &Field>, row: &Row) -> Line {
    let cell = |name: &str| row.cells.get(name).map(String::as_str);
    let key = Name::from(cell(KEY).unwrap_or_default().trim());
    let held = visit.directory.entry(register.name.as_str(), &key);
    let mut fields = held.map_or_else(|| register.defaults(), |entry| entry.fields.clone());
    let mut line = Line { line: Some(row.line), key, after: None, troubles: Vec::new() };
    for (column, field) in known {
        let Some(text) = cell(column) else { continue };
        match cell::read(&field.holds, text, &visit.app.settings().zone) {
            // A required attribute that a file says nothing of stays as it is, or takes its default.
            Ok(Value::Nothing) if field.presence == Presence::Required => {}
            Ok(value) => drop(fields.insert(field.name.clone(), value)),
            Err(wrong) => line.trouble(*column, misfit::said(visit, &wrong)),
        }
    }
    fields.retain(|_, value| !Value::is_empty(value));
    let name = |column: &str, held: fn(&Entry) -> &String, entry: Option<&Entry>| match cell(column) {
        Some(text) if !text.trim().is_empty() => Some(text.to_owned()),
        Some(_) => None,
        None => entry.map(held).cloned(),
    };
    let zh = name(NAME_ZH, |entry| &entry.labels.zh, held);
    let en = name(NAME_EN, |entry| &entry.labels.en, held);
    line.after = Some(Entry { labels: names_in_both(en.as_deref(), zh.as_deref()), fields });
    line
}

fn unreadable_line(visit: &Visit<'_>, unreadable: &Unreadable) -> Line {
    let text = match &unreadable.why {
        Why::Empty => visit.say("import-nothing"),
        Why::TooMany => {
            let limit = i64::try_from(ROWS_MAX).unwrap_or(i64::MAX);
            visit.say_with("import-too-many", &[("limit", limit.into())])
        }
        Why::NoKeyColumn => visit.say("import-no-key"),
        Why::ColumnTwice => visit.say("import-column-twice"),
        Why::OtherLength => visit.say("import-other-length"),
        Why::Broken(cause) => visit.say_with("import-broken", &[("cause", cause.as_str().into())]),
        Why::NoPlainValue => visit.say("import-no-plain-value"),
    };
    let mut line = Line { line: Some(unreadable.line), key: Name::from(""), after: None, troubles: Vec::new() };
    line.trouble(unreadable.column.as_str(), text);
    line
}
