//! One attribute of several entries set together: those that are ticked in the list, or all that it finds.

use actix_web::http::StatusCode;
use engine::definition::Field;
use engine::directory::Entry;
use engine::ids::Name;
use engine::register::Register;
use engine::value::{Fields, Value};
use serde::Serialize;

use super::named;
use super::proposal::{Cause, Line, Preview, Proposal, Wish};
use super::selection::Selection;
use crate::answer::{Answer, Refusal};
use crate::form::{self, Choosable, Control, Filling, Place, Wrong};
use crate::visit::Visit;

/// What stands before the attribute's name in the form, as in the form of an entry.
const PREFIX: &str = "is.";

#[derive(Debug, Serialize)]
struct View {
    label: String,
    list: String,
    action: String,
    /// The entries that are ticked.
    ticked: Vec<String>,
    /// Whether all that the list finds are meant.
    all: bool,
    query: String,
    stale: bool,
    count: usize,
    attributes: Vec<Choosable>,
    attribute: Option<String>,
    control: Option<Control>,
    alert: Option<String>,
    preview: Option<Preview>,
    cause: Cause,
}

/// The form, a preview, or the change.
pub fn edit(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let register = named(visit)?;
    let form = &visit.asked.form;
    let chosen = chosen(visit, register);
    let field = form.get("attribute").and_then(|name| register.field(&Name::from(name)));
    let mut view = view(visit, register, chosen.len(), field)?;
    let Some(field) = field.filter(|_| !chosen.is_empty()) else {
        view.alert = Some(visit.say("bulk-choose"));
        return page(visit, StatusCode::UNPROCESSABLE_ENTITY, &view);
    };
    if !form.has("do") {
        return page(visit, StatusCode::OK, &view);
    }
    let typed = match form::parse(visit, &[field], PREFIX, form, &Fields::new()) {
        Ok(typed) => typed,
        Err(wrong) => {
            view.control = Some(control(visit, field, &wrong));
            return page(visit, StatusCode::UNPROCESSABLE_ENTITY, &view);
        }
    };
    let value = typed.get(&field.name).cloned().unwrap_or(Value::Nothing);
    let line = |(key, entry): (Name, &Entry)| {
        let mut after = entry.clone();
        match value.is_empty() {
            true => after.fields.remove(&field.name),
            false => after.fields.insert(field.name.clone(), value.clone()),
        };
        Line { line: None, key, after: Some(after), troubles: Vec::new() }
    };
    let proposal = Proposal::judged(visit, register, chosen.into_iter().map(line).collect())?;
    let wish = Wish::of(visit);
    if let Some(answer) = proposal.made(visit, wish, &mut view.cause)? {
        return Ok(answer);
    }
    view.preview = Some(proposal.preview(visit));
    if wish == Wish::Preview {
        return page(visit, StatusCode::OK, &view);
    }
    view.alert = Some(visit.say("proposal-nothing-made"));
    page(visit, StatusCode::UNPROCESSABLE_ENTITY, &view)
}

/// The entries that are meant.
fn chosen<'v>(visit: &'v Visit<'_>, register: &'v Register) -> Vec<(Name, &'v Entry)> {
    let form = &visit.asked.form;
    if form.get("all") == Some("yes") {
        let found = Selection::of(register, form).entries(visit);
        return found.into_iter().map(|(key, entry)| (key.clone(), entry)).collect();
    }
    let held = |key: &str| {
        let key = Name::from(key);
        let entry = visit.directory.entry(register.name.as_str(), &key)?;
        Some((key, entry))
    };
    form.all("entry").filter_map(held).collect()
}

fn control(visit: &Visit<'_>, field: &Field, wrong: &Wrong) -> Control {
    let place = Place { prefix: PREFIX, required: false };
    form::control(visit, field, &place, Filling::Typed(&visit.asked.form), wrong)
}

fn view(visit: &Visit<'_>, register: &Register, count: usize, field: Option<&Field>) -> Result<View, Refusal> {
    let form = &visit.asked.form;
    let all = form.get("all") == Some("yes");
    let list = format!("/registers/{}", register.name);
    let attribute = |held: &Field| Choosable {
        value: held.name.to_string(),
        label: visit.language.of(&held.labels).to_owned(),
        chosen: field.is_some_and(|field| field.name == held.name),
    };
    Ok(View {
        label: visit.language.of(&register.labels).to_owned(),
        action: format!("{list}/-/bulk"),
        list,
        ticked: if all { Vec::new() } else { form.all("entry").map(str::to_owned).collect() },
        all,
        query: form.raw("q").unwrap_or_default().to_owned(),
        stale: form.get("stale") == Some("yes"),
        count,
        attributes: register.fields.iter().map(attribute).collect(),
        attribute: field.map(|field| field.name.to_string()),
        control: field.map(|field| control(visit, field, &Wrong::new())),
        alert: None,
        preview: None,
        cause: Cause::typed(visit, register)?,
    })
}

fn page(visit: &Visit<'_>, status: StatusCode, view: &View) -> Result<Answer, Refusal> {
    let title = visit.say_with("bulk-title", &[("register", view.label.as_str().into())]);
    visit.page_with(status, "register_bulk", title, view)
}
