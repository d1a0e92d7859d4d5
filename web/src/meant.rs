//! What a person meant by a form: what differs from what it showed. What others have changed since then is theirs; where
//! both changed the same, the person is told and decides.

use std::collections::{BTreeMap, BTreeSet};

use engine::event::{Actor, Event};
use engine::ids::Name;
use engine::instance::Instance;
use engine::value::{Fields, Value};
use store::HistoryEntry;

use crate::answer::{Answer, Refusal};
use crate::pages::Handler;
use crate::reach::Reached;
use crate::visit::Visit;

/// How often a form is held anew against a record that others change between the look at it and the command.
const ATTEMPTS_MAX: u32 = 5;

/// What a person meant by a form.
#[derive(Debug, Default)]
pub struct Meant {
    /// The fields that they changed.
    pub fields: Fields,
    /// The fields that they left as the form showed them.
    pub untouched: BTreeSet<Name>,
    /// The fields that somebody else changed meanwhile to something else, with a sentence that says so.
    pub clashes: BTreeMap<Name, String>,
}

/// Answers a form, anew where the record was changed between the look at it and the command.
///
/// # Errors
/// As the attempt; busy where others never cease.
pub fn answered(visit: &Visit<'_>, attempt: Handler) -> Result<Answer, Refusal> {
    for _ in 0..ATTEMPTS_MAX {
        match attempt(visit) {
            Err(Refusal::Busy) => {}
            answered => return answered,
        }
    }
    Err(Refusal::Busy)
}

/// What a form says, held against the revision that it names; against the record as it is, where it names none or the
/// history does not go back so far any more.
///
/// # Errors
/// The history cannot be read.
pub fn meant(visit: &Visit<'_>, reached: &Reached, said: Fields) -> Result<Meant, Refusal> {
    let now = reached.loaded.instance.fields();
    let (revision, history) = since(visit, reached)?;
    let then = shown_at(revision, &history).unwrap_or_else(|| now.clone());
    let mut meant = Meant::default();
    for (name, value) in said {
        let sees = reached.definition.field(&name).is_some_and(|field| reached.shows(visit, field));
        // What one may not see the form showed empty, and what is in it is meant.
        if sees && held(&then, &name) == &value {
            meant.untouched.insert(name);
            continue;
        }
        if sees && held(now, &name) != held(&then, &name) && held(now, &name) != &value {
            meant.clashes.insert(name.clone(), clash(visit, reached, &name, revision, &history));
        }
        meant.fields.insert(name, value);
    }
    Ok(meant)
}

/// The fields as the form showed them; as the record has them, where that cannot be told any more.
///
/// # Errors
/// The history cannot be read.
pub fn shown(visit: &Visit<'_>, reached: &Reached) -> Result<Fields, Refusal> {
    let (revision, history) = since(visit, reached)?;
    Ok(shown_at(revision, &history).unwrap_or_else(|| reached.loaded.instance.fields().clone()))
}

/// The revision that the form showed, and the history where the record has changed since.
fn since(visit: &Visit<'_>, reached: &Reached) -> Result<(u64, Vec<HistoryEntry>), Refusal> {
    let revision = visit.asked.form.get("_shown").and_then(|text| text.parse().ok()).unwrap_or(reached.loaded.revision);
    let history = match revision < reached.loaded.revision {
        true => visit.app.store().history(reached.loaded.instance.id())?,
        false => Vec::new(),
    };
    Ok((revision, history))
}

/// The fields at a revision; nothing where the history does not go back to the beginning any more.
fn shown_at(revision: u64, history: &[HistoryEntry]) -> Option<Fields> {
    history.first().filter(|first| first.revision == 1)?;
    let then = history.iter().filter(|entry| entry.revision <= revision).flat_map(|entry| &entry.events);
    Some(Instance::folded(then).fields().clone())
}

fn held<'f>(fields: &'f Fields, name: &Name) -> &'f Value {
    fields.get(name).unwrap_or(&Value::Nothing)
}

fn clash(visit: &Visit<'_>, reached: &Reached, name: &Name, revision: u64, history: &[HistoryEntry]) -> String {
    let sets = |entry: &&HistoryEntry| {
        entry.events.iter().any(|event| match event {
            Event::FieldsSet { fields } => fields.contains_key(name),
            Event::FieldOverridden { field, .. } => field == name,
            _ => false,
        })
    };
    let last = history.iter().rev().take_while(|entry| entry.revision > revision).find(sets);
    let who = visit.names().actor(last.map_or(&Actor::System, |entry| &entry.actor));
    match held(reached.loaded.instance.fields(), name) {
        Value::Nothing => visit.say_with("overtaken-emptied", &[("person", who.into())]),
        value => {
            let value = visit.names().field_value(&reached.definition, name, value, &visit.times());
            visit.say_with("overtaken-changed", &[("person", who.into()), ("value", value.into())])
        }
    }
}
