//! The registers: teams, services, configuration items.

use actix_web::http::StatusCode;
use engine::calendar::Window;
use engine::directory::{CALENDAR, Entry, PERSON, SERVICE, TEAM};
use engine::ids::Name;
use engine::value::{Fields, Value};
use runtime::{EntryError, EntryOrder};
use serde::Serialize;
use store::EntryChange;

use crate::answer::{Answer, Refusal};
use crate::flash::{Deed, Flash};
use crate::form::Choosable;
use crate::pages::admin::audit::register_name;
use crate::pages::admin::people::{name_problem, names_in_both};
use crate::visit::Visit;

/// The register of configuration items.
const ITEM: &str = "configuration_item";
/// The registers that can be changed here, with the attributes of their entries and where each leads.
const REGISTERS: &[(&str, &[(&str, &str)])] = &[
    (TEAM, &[]),
    (SERVICE, &[("support_team", TEAM), ("calendar", CALENDAR), ("owner", PERSON)]),
    (ITEM, &[("service", SERVICE)]),
];
/// Without these nothing can be reported on a service: nobody would get it, no clock could run.
const REQUIRED: &[&str] = &["support_team", "calendar"];
/// The most entries of a register that are shown.
const SHOWN: usize = 500;

#[derive(Debug, Serialize)]
struct View {
    registers: Vec<RegisterView>,
}

#[derive(Debug, Serialize)]
struct RegisterView {
    name: &'static str,
    label: String,
    columns: Vec<String>,
    rows: Vec<Row>,
    editor: Editor,
}

#[derive(Debug, Serialize)]
struct Row {
    key: String,
    label: String,
    cells: Vec<Cell>,
    edit: String,
}

#[derive(Debug, Serialize)]
struct Cell {
    column: String,
    value: String,
}

/// The form to add an entry or to change one.
#[derive(Debug, Default, Serialize)]
struct Editor {
    open: bool,
    is_new: bool,
    key: String,
    name_zh: String,
    name_en: String,
    key_problem: Option<String>,
    name_problem: Option<String>,
    attributes: Vec<Attribute>,
}

#[derive(Debug, Serialize)]
struct Attribute {
    name: &'static str,
    label: String,
    options: Vec<Choosable>,
    required: bool,
    problem: Option<String>,
}

/// What was typed into the form of a register and refused.
struct Draft<'a> {
    register: &'a str,
    key_problem: Option<String>,
    name_problem: Option<String>,
    missing: Vec<&'static str>,
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    page(visit, StatusCode::OK, None)
}

/// Adds or changes an entry.
pub fn put(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let wanted = visit.asked.part("register");
    let (register, attributes) = REGISTERS.iter().find(|(name, _)| *name == wanted).ok_or(Refusal::NotFound)?;
    let form = &visit.asked.form;
    let key = form.get("key").unwrap_or_default();
    let existing = visit.directory.entry(register, &Name::from(key));
    let draft = Draft {
        register,
        key_problem: if existing.is_some() && form.get("new") != Some("yes") { None } else { key_problem(visit, key) },
        name_problem: name_problem(visit, form.get("name_zh").or(form.get("name_en"))),
        missing: attributes
            .iter()
            .map(|(attribute, _)| *attribute)
            .filter(|attribute| REQUIRED.contains(attribute) && form.get(attribute).is_none())
            .collect(),
    };
    if draft.key_problem.is_some() || draft.name_problem.is_some() || !draft.missing.is_empty() {
        return page(visit, StatusCode::UNPROCESSABLE_ENTITY, Some(&draft));
    }
    // Attributes that this page does not know stay as they are.
    let mut fields = existing.map(|entry| entry.fields.clone()).unwrap_or_default();
    for (attribute, leads_to) in *attributes {
        let chosen = form.get(attribute).map(Name::from);
        match chosen.filter(|key| visit.directory.entry(leads_to, key).is_some()) {
            Some(key) => fields.insert(Name::from(*attribute), Value::Ref(key)),
            None => fields.remove(*attribute),
        };
    }
    let entry = Entry { labels: names_in_both(form.get("name_en"), form.get("name_zh")), fields };
    let change = EntryChange { register: Name::from(*register), key: Name::from(key), entry: entry.clone() };
    let order = EntryOrder { changes: vec![change], under: None, reason: String::new() };
    match visit.app.runtime().change_entries(&order, visit.person()?) {
        Ok(_) => {}
        Err(EntryError::Refused(refused)) => {
            let key_problem = refused.first().map(|(_, refusal)| refusal.to_string());
            let draft = Draft { key_problem, ..draft };
            return page(visit, StatusCode::UNPROCESSABLE_ENTITY, Some(&draft));
        }
        Err(EntryError::Broken(cause)) => return Err(cause.into()),
    }
    let name = visit.language.of(&entry.labels).to_owned();
    Ok(visit.done(format!("/admin/registers#{register}"), Flash::new(Deed::Saved, name)))
}

/// Keys stand in addresses and rules, and are unique across all registers.
fn key_problem(visit: &Visit<'_>, key: &str) -> Option<String> {
    let fits = (1..=60).contains(&key.len())
        && key.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-_.".contains(letter));
    if !fits {
        return Some(visit.say("register-key-unfit"));
    }
    visit.directory.entry_anywhere(&Name::from(key)).is_some().then(|| visit.say("register-key-taken"))
}

fn page(visit: &Visit<'_>, status: StatusCode, draft: Option<&Draft<'_>>) -> Result<Answer, Refusal> {
    let registers =
        REGISTERS.iter().map(|(register, attributes)| register_view(visit, register, attributes, draft)).collect();
    let view = View { registers };
    visit.page_with(status, "registers", visit.say("registers-title"), &view)
}

fn register_view(
    visit: &Visit<'_>,
    register: &'static str,
    attributes: &'static [(&'static str, &'static str)],
    draft: Option<&Draft<'_>>,
) -> RegisterView {
    let names = visit.names();
    let column = |attribute: &str| visit.say(&format!("attribute-{}", attribute.replace('_', "-")));
    let row = |(key, entry): (&Name, &Entry)| Row {
        key: key.to_string(),
        label: names.entry(register, key),
        cells: attributes
            .iter()
            .map(|(attribute, leads_to)| Cell {
                column: column(attribute),
                value: reference(&entry.fields, attribute).map(|key| names.entry(leads_to, key)).unwrap_or_default(),
            })
            .collect(),
        edit: format!("/admin/registers?register={register}&key={key}#{register}"),
    };
    RegisterView {
        name: register,
        label: register_name(visit, register),
        columns: attributes.iter().map(|(attribute, _)| column(attribute)).collect(),
        rows: visit.directory.entries(register).take(SHOWN).map(row).collect(),
        editor: editor(visit, register, attributes, draft.filter(|draft| draft.register == register)),
    }
}

fn reference<'e>(fields: &'e Fields, attribute: &str) -> Option<&'e Name> {
    match fields.get(attribute) {
        Some(Value::Ref(key)) => Some(key),
        _ => None,
    }
}

fn editor(
    visit: &Visit<'_>,
    register: &str,
    attributes: &'static [(&'static str, &'static str)],
    draft: Option<&Draft<'_>>,
) -> Editor {
    let (query, form) = (&visit.asked.query, &visit.asked.form);
    let editing = query.get("register").filter(|name| *name == register).and_then(|_| query.get("key")).map(Name::from);
    let held = editing.as_ref().and_then(|key| visit.directory.entry(register, key));
    let text = |name: &str, held: Option<&str>| match draft {
        Some(_) => form.raw(name).unwrap_or_default().to_owned(),
        None => held.unwrap_or_default().to_owned(),
    };
    let attribute = |(name, leads_to): &(&'static str, &'static str)| {
        let chosen = match draft {
            Some(_) => form.get(name).map(Name::from),
            None => held.and_then(|entry| reference(&entry.fields, name)).cloned(),
        };
        let option = |(key, _): (&Name, &Entry)| Choosable {
            value: key.to_string(),
            label: visit.names().entry(leads_to, key),
            chosen: Some(key) == chosen.as_ref(),
        };
        Attribute {
            name,
            label: visit.say(&format!("attribute-{}", name.replace('_', "-"))),
            required: REQUIRED.contains(name),
            problem: draft.filter(|draft| draft.missing.contains(name)).map(|_| visit.say("misfit-missing")),
            options: visit.directory.entries(leads_to).take(SHOWN).map(option).collect(),
        }
    };
    Editor {
        open: draft.is_some() || held.is_some(),
        is_new: match draft {
            Some(_) => form.get("new") == Some("yes"),
            None => held.is_none(),
        },
        key: text("key", held.and(editing.as_ref()).map(Name::as_str)),
        name_zh: text("name_zh", held.map(|entry| entry.labels.zh.as_str())),
        name_en: text("name_en", held.map(|entry| entry.labels.en.as_str())),
        key_problem: draft.and_then(|draft| draft.key_problem.clone()),
        name_problem: draft.and_then(|draft| draft.name_problem.clone()),
        attributes: attributes.iter().map(attribute).collect(),
    }
}

/// The hours of a day, in words.
pub fn hours(visit: &Visit<'_>, windows: &[Window]) -> String {
    if windows.is_empty() {
        return visit.say("calendar-closed");
    }
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    let shown: Vec<String> = windows.iter().map(|w| format!("{}–{}", clock(w.from), clock(w.to))).collect();
    shown.join(&visit.say("list-comma"))
}
