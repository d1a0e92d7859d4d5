//! Registers, entries, their attributes and relations in the reader's words, each with where it leads.

use engine::definition::Field;
use engine::directory::{CALENDAR, Entry, PERSON};
use engine::ids::Name;
use engine::records::each;
use engine::register::{Permit, Register};
use engine::relations::{Edge, End, Kind};
use engine::value::{FieldType, Value};
use serde::Serialize;

use crate::answer::Refusal;
use crate::visit::{ADMINISTRATOR, Visit};

/// Something with where it leads.
#[derive(Clone, Debug, Serialize)]
pub struct Linked {
    /// What people read.
    pub text: String,
    /// Where it leads; nothing where the visitor may not go there.
    pub to: Option<String>,
}

/// An attribute that differs between two states of an entry.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Difference {
    /// What it is called.
    pub(super) label: String,
    /// What it was.
    pub(super) before: String,
    /// What it is.
    pub(super) after: String,
}

/// Where the entries of a register are shown.
pub(super) fn register_link(visit: &Visit<'_>, register: &str) -> Option<String> {
    match register {
        PERSON => visit.oversees().then(|| "/admin/people".to_owned()),
        CALENDAR => visit.holds(ADMINISTRATOR).then(|| "/admin/calendars".to_owned()),
        other => {
            let reads = visit.is_staff() || visit.oversees();
            let declared = visit.directory.declared(other).filter(|_| reads);
            declared.map(|register| format!("/registers/{}", register.name))
        }
    }
}

/// Where an entry of a register, or a record of a process of that name, is shown.
pub fn entry_link(visit: &Visit<'_>, register: &str, key: &Name) -> Option<String> {
    if !visit.directory.has_register(register) {
        return Some(format!("/records/{key}"));
    }
    visit.directory.entry(register, key)?;
    if register == PERSON && !visit.holds(ADMINISTRATOR) {
        // Who oversees reads the list of people, where each stands with roles and teams.
        return visit.oversees().then(|| format!("/admin/people#{key}"));
    }
    Some(format!("{}/{key}", register_link(visit, register)?))
}

/// An entry with where it is shown.
pub(super) fn entry(visit: &Visit<'_>, register: &str, key: &Name) -> Linked {
    Linked { text: visit.names().entry(register, key), to: entry_link(visit, register, key) }
}

/// What an attribute is called.
pub(super) fn field_label(visit: &Visit<'_>, register: &Register, field: &Name) -> String {
    let found = register.field(field);
    found.map_or_else(|| field.to_string(), |field| visit.language.of(&field.labels).to_owned())
}

/// What an attribute holds, in one line.
pub(super) fn value(visit: &Visit<'_>, field: &Field, entry: &Entry) -> String {
    let held = entry.fields.get(&field.name);
    held.map(|value| visit.names().value(&field.holds, value, &visit.times())).unwrap_or_default()
}

/// What an attribute holds, each of its values with where it leads.
pub fn values(visit: &Visit<'_>, holds: &FieldType, value: &Value) -> Vec<Linked> {
    let (register, value) = match holds {
        FieldType::Ref(register) => (register, value),
        FieldType::Many(inner) => match &**inner {
            FieldType::Ref(register) => (register, value),
            _ => return vec![plain(visit, holds, value)],
        },
        _ => return vec![plain(visit, holds, value)],
    };
    let keys = each(value).filter_map(|one| match one {
        Value::Ref(key) => Some(entry(visit, register.as_str(), key)),
        _ => None,
    });
    keys.collect()
}

fn plain(visit: &Visit<'_>, holds: &FieldType, value: &Value) -> Linked {
    Linked { text: visit.names().value(holds, value, &visit.times()), to: None }
}

/// What a relation is called from the end at which it is seen.
pub(super) fn relation_label(visit: &Visit<'_>, edge: &Edge) -> String {
    let Kind { register, field, .. } = &*edge.kind;
    let Some(declared) = visit.directory.declared(register.as_str()) else { return field.to_string() };
    match edge.end {
        End::Naming => field_label(visit, declared, field),
        End::Named => {
            let relation = declared.relation(field);
            relation.map_or_else(|| field.to_string(), |held| visit.language.of(&held.reverse).to_owned())
        }
    }
}

/// The register of the entry at the other end of a relation.
pub(super) fn register_beyond<'v>(visit: &'v Visit<'_>, edge: &'v Edge) -> &'v str {
    let Kind { register, field, .. } = &*edge.kind;
    let named = || visit.directory.declared(register.as_str())?.field(field)?.holds.leads_to();
    match edge.end {
        End::Naming => named().unwrap_or(register).as_str(),
        End::Named => register.as_str(),
    }
}

/// What differs between two states of an entry, names included.
pub(super) fn differences(
    visit: &Visit<'_>,
    register: &Register,
    before: Option<&Entry>,
    after: &Entry,
) -> Vec<Difference> {
    let nothing = Entry::default();
    let before = before.unwrap_or(&nothing);
    let mut found = Vec::new();
    for (key, old, new) in
        [("field-name-zh", &before.labels.zh, &after.labels.zh), ("field-name-en", &before.labels.en, &after.labels.en)]
    {
        if old != new {
            found.push(Difference { label: visit.say(key), before: old.clone(), after: new.clone() });
        }
    }
    let held = |entry: &Entry, field: &Field| entry.fields.get(&field.name).cloned().unwrap_or(Value::Nothing);
    for field in &register.fields {
        if held(before, field) != held(after, field) {
            let label = visit.language.of(&field.labels).to_owned();
            found.push(Difference { label, before: value(visit, field, before), after: value(visit, field, after) });
        }
    }
    found
}

/// A kind of record under which controlled attributes may be changed, in words.
///
/// # Errors
/// The store failed.
pub(super) fn permit(visit: &Visit<'_>, permit: &Permit) -> Result<String, Refusal> {
    let definition = visit.app.runtime().current(&permit.process)?;
    let plain = |name: &Name| name.as_str().replace('_', " ");
    let (process, milestone, names) = match &definition {
        Some(definition) => (
            visit.language.of(&definition.parts().labels).to_owned(),
            visit.names().step(definition, &permit.milestone),
            visit.names().field(definition, &permit.names),
        ),
        None => (plain(&permit.process), plain(&permit.milestone), plain(&permit.names)),
    };
    let said = [("process", process.into()), ("milestone", milestone.into()), ("field", names.into())];
    Ok(visit.say_with("register-permit", &said))
}
