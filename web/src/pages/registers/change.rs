//! The form to add an entry to a register or to change one.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use engine::definition::{Field, Presence};
use engine::directory::Entry;
use engine::ids::Name;
use engine::register::Register;
use engine::value::Value;
use runtime::{EntryError, EntryOrder};
use serde::Serialize;
use store::EntryChange;

use super::refusal::{At, told};
use super::{named, said};
use crate::answer::{Answer, Refusal};
use crate::flash::{Deed, Flash};
use crate::form::{self, Control, Filling, Place, Wrong};
use crate::misfit;
use crate::pages::admin::people::names_in_both;
use crate::visit::Visit;

/// What stands before the names of attributes in the form, so that none of them is taken for ours.
const PREFIX: &str = "is.";
/// The most characters of a reason.
const REASON_MAX: usize = 500;

#[derive(Debug, Serialize)]
struct View {
    label: String,
    list: String,
    action: String,
    back: String,
    is_new: bool,
    alert: Option<String>,
    key: Text,
    name_zh: Text,
    name_en: Text,
    controls: Vec<Control>,
    controlled: Option<String>,
    under: Text,
    reason: Text,
}

/// A line of text in the form.
#[derive(Debug, Default, Serialize)]
struct Text {
    value: String,
    problem: Option<String>,
}

/// What is wrong with what was typed.
#[derive(Default)]
struct Problems {
    key: Option<String>,
    name: Option<String>,
    under: Option<String>,
    reason: Option<String>,
    attributes: BTreeMap<Name, String>,
}

impl Problems {
    fn is_none(&self) -> bool {
        self.key.is_none()
            && self.name.is_none()
            && self.under.is_none()
            && self.reason.is_none()
            && self.attributes.is_empty()
    }

    fn note(&mut self, at: At, text: String) {
        match at {
            At::Key => self.key = Some(text),
            At::Name => self.name = Some(text),
            At::Under => self.under = Some(text),
            At::Attribute(name) => drop(self.attributes.insert(name, text)),
        }
    }
}

/// The form to add an entry.
pub fn new(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let register = named(visit)?;
    page(visit, StatusCode::OK, register, None, None)
}

/// Adds an entry.
pub fn add(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    put(visit, named(visit)?, None)
}

/// The form to change an entry.
pub fn edit(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let (register, key, entry) = held(visit)?;
    page(visit, StatusCode::OK, register, Some((&key, entry)), None)
}

/// Changes an entry.
pub fn save(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let (register, key, entry) = held(visit)?;
    put(visit, register, Some((&key, entry)))
}

/// The entry that the path names.
///
/// # Errors
/// There is none.
pub(super) fn held<'v>(visit: &'v Visit<'_>) -> Result<(&'v Register, Name, &'v Entry), Refusal> {
    let register = named(visit)?;
    let key = Name::from(visit.asked.part("key"));
    let entry = visit.directory.entry(register.name.as_str(), &key).ok_or(Refusal::NotFound)?;
    Ok((register, key, entry))
}

fn put(visit: &Visit<'_>, register: &Register, before: Option<(&Name, &Entry)>) -> Result<Answer, Refusal> {
    let form = &visit.asked.form;
    let refused = |problems: Problems| page(visit, StatusCode::UNPROCESSABLE_ENTITY, register, before, Some(&problems));
    let mut problems = Problems::default();
    let base = before.map_or_else(|| register.defaults(), |(_, entry)| entry.fields.clone());
    let fields: Vec<&Field> = register.fields.iter().collect();
    let typed = match form::parse(visit, &fields, PREFIX, form, &base) {
        Ok(typed) => typed,
        Err(wrong) => {
            for (name, misfit) in wrong {
                problems.note(At::Attribute(name), misfit::said(visit, &misfit));
            }
            return refused(problems);
        }
    };
    let mut fields = base;
    fields.extend(typed);
    fields.retain(|_, value| !Value::is_empty(value));
    let entry = Entry { labels: names_in_both(form.get("name_en"), form.get("name_zh")), fields };
    let key = before.map_or_else(|| Name::from(form.get("key").unwrap_or_default()), |(key, _)| key.clone());
    let there = format!("/registers/{}/{key}", register.name);
    if before.is_some_and(|(_, held)| *held == entry) {
        let name = visit.language.of(&entry.labels).to_owned();
        return Ok(visit.done(there, Flash::new(Deed::Unchanged, name)));
    }
    let reason = form.get("reason").unwrap_or_default();
    if before.is_some() || !reason.is_empty() {
        problems.reason = reason_problem(visit, reason);
    }
    let change = EntryChange { register: register.name.clone(), key: key.clone(), entry };
    let name = visit.language.of(&change.entry.labels).to_owned();
    let under = form.get("under").map(Name::from);
    let order = EntryOrder { changes: vec![change], under, reason: reason.to_owned() };
    for (_, refusal) in visit.app.runtime().judge_entries(&order)? {
        for (at, text) in told(visit, register, &refusal)? {
            problems.note(at, text);
        }
    }
    if !problems.is_none() {
        return refused(problems);
    }
    match visit.app.runtime().change_entries(&order, visit.person()?) {
        Ok(_) => Ok(visit.done(there, Flash::new(Deed::Saved, name))),
        Err(EntryError::Broken(cause)) => Err(cause.into()),
        // Somebody else was quicker between the judgement and the change.
        Err(EntryError::Refused(refusals)) => {
            for (_, refusal) in refusals {
                for (at, text) in told(visit, register, &refusal)? {
                    problems.note(at, text);
                }
            }
            refused(problems)
        }
    }
}

/// What is wrong with a reason that has to be given.
pub(super) fn reason_problem(visit: &Visit<'_>, reason: &str) -> Option<String> {
    if reason.is_empty() {
        return Some(visit.say("refused-reason-missing"));
    }
    let limit = i64::try_from(REASON_MAX).unwrap_or(i64::MAX);
    (reason.chars().count() > REASON_MAX).then(|| visit.say_with("misfit-too-long", &[("limit", limit.into())]))
}

fn page(
    visit: &Visit<'_>,
    status: StatusCode,
    register: &Register,
    before: Option<(&Name, &Entry)>,
    problems: Option<&Problems>,
) -> Result<Answer, Refusal> {
    let form = &visit.asked.form;
    let label = visit.language.of(&register.labels).to_owned();
    let list = format!("/registers/{}", register.name);
    let (action, back) = match before {
        Some((key, _)) => (format!("{list}/{key}/edit"), format!("{list}/{key}")),
        None => (format!("{list}/-/add"), list.clone()),
    };
    let defaults = register.defaults();
    let filling = match (problems, before) {
        (Some(_), _) => Filling::Typed(form),
        (None, Some((_, entry))) => Filling::Held(&entry.fields),
        (None, None) => Filling::Held(&defaults),
    };
    let control = |field: &Field| {
        let place = Place { prefix: PREFIX, required: field.presence == Presence::Required };
        let mut control = form::control(visit, field, &place, filling, &Wrong::new());
        control.problem = problems.and_then(|problems| problems.attributes.get(&field.name).cloned());
        control
    };
    let text = |name: &str, held: Option<&str>, problem: fn(&Problems) -> &Option<String>| Text {
        value: match problems {
            Some(_) => form.raw(name).unwrap_or_default().to_owned(),
            None => held.unwrap_or_default().to_owned(),
        },
        problem: problems.and_then(|problems| problem(problems).clone()),
    };
    let labels = before.map(|(_, entry)| &entry.labels);
    let nothing: fn(&Problems) -> &Option<String> = |_| &None;
    let title = match before {
        Some((key, _)) => {
            let name = visit.names().entry(register.name.as_str(), key);
            visit.say_with("register-edit-title", &[("name", name.into())])
        }
        None => visit.say_with("register-add-title", &[("register", label.as_str().into())]),
    };
    let view = View {
        is_new: before.is_none(),
        alert: problems.map(|_| visit.say("refused-bad-fields")),
        key: text("key", before.map(|(key, _)| key.as_str()), |problems| &problems.key),
        name_zh: text("name_zh", labels.map(|labels| labels.zh.as_str()), |problems| &problems.name),
        name_en: text("name_en", labels.map(|labels| labels.en.as_str()), nothing),
        controls: register.fields.iter().map(control).collect(),
        controlled: controlled(visit, register)?,
        under: text("under", None, |problems| &problems.under),
        reason: text("reason", None, |problems| &problems.reason),
        label,
        list,
        action,
        back,
    };
    visit.page_with(status, "register_change", title, &view)
}

/// What is changed only under a record, and under which, for whoever fills in the form.
///
/// # Errors
/// The store failed.
pub(super) fn controlled(visit: &Visit<'_>, register: &Register) -> Result<Option<String>, Refusal> {
    let Some(controlled) = &register.controlled else { return Ok(None) };
    let comma = visit.say("list-comma");
    let labels = |names: &[Name]| {
        let labels: Vec<String> = names.iter().map(|name| said::field_label(visit, register, name)).collect();
        labels.join(&comma)
    };
    let on = register.field(&controlled.on);
    let values: Vec<String> = controlled
        .values
        .iter()
        .map(|name| {
            let value = Value::Choice(name.clone());
            on.map_or_else(|| name.to_string(), |field| visit.names().value(&field.holds, &value, &visit.times()))
        })
        .collect();
    let under = controlled.under.iter().map(|permit| said::permit(visit, permit)).collect::<Result<Vec<_>, _>>()?;
    Ok(Some(visit.say_with(
        "register-under-hint",
        &[
            ("on", said::field_label(visit, register, &controlled.on).into()),
            ("values", values.join(&comma).into()),
            ("fields", labels(&controlled.fields).into()),
            ("under", under.join(&visit.say("list-semicolon")).into()),
        ],
    )))
}
