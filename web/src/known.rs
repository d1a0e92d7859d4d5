//! Known solutions, offered to whoever is about to report something. No register is named here: one offers solutions whose
//! entries say a `workaround`, and a form offers them where records of its process may name an entry of that register. Of entries
//! that have a `status`, only those whose status is `open` are offered; those of the chosen `service` come first, and those
//! that have words with what was typed.

use std::collections::BTreeSet;

use engine::definition::Definition;
use engine::directory::{Entry, SERVICE};
use engine::ids::Name;
use engine::register::Register;
use engine::value::{FieldType, Value};
use runtime::words::gather;
use serde::Serialize;

use crate::pairs::Pairs;
use crate::visit::Visit;

/// What an entry says to do meanwhile.
const WORKAROUND: &str = "workaround";
/// How an entry says how it shows.
const SYMPTOM: &str = "symptom";
/// How an entry says whether it is over.
const STATUS: &str = "status";
/// What it says where it is not.
const OPEN: &str = "open";
/// How many are offered.
const OFFERED_MAX: usize = 5;
/// How much must be common to what was typed and an entry of any service.
const COMMON_MIN: usize = 2;
/// What it counts that the service is the chosen one.
const SERVICE_COUNTS: usize = 3;

/// A known solution.
#[derive(Clone, Debug, Serialize)]
pub struct Solution {
    /// What it is about.
    pub label: String,
    /// Its key.
    pub key: String,
    /// How it shows.
    pub symptom: String,
    /// What to do.
    pub workaround: String,
}

/// The registers of which a form offers solutions.
fn registers<'v>(visit: &'v Visit<'_>, definition: &Definition) -> Vec<&'v Register> {
    let named = definition.parts().fields.iter().filter_map(|field| match &field.holds {
        FieldType::Ref(register) => Some(register),
        _ => None,
    });
    let named: BTreeSet<&Name> = named.collect();
    let declared = named.into_iter().filter_map(|name| visit.directory.declared(name.as_str()));
    declared.filter(|register| register.field(&Name::from(WORKAROUND)).is_some()).collect()
}

/// The field of a start form that says which service is meant.
fn service_field(definition: &Definition) -> Option<&Name> {
    let asks = definition.parts().start.asks.iter().filter_map(|ask| definition.field(&ask.field));
    let is_service = |holds: &FieldType| matches!(holds, FieldType::Ref(register) if *register == *SERVICE);
    asks.filter(|field| is_service(&field.holds)).map(|field| &field.name).next()
}

/// Whether a form may offer solutions.
pub fn is_offering(visit: &Visit<'_>, definition: &Definition) -> bool {
    !registers(visit, definition).is_empty()
}

/// What is offered for what was typed so far, nearest first.
pub fn solutions(visit: &Visit<'_>, definition: &Definition, typed: &Pairs) -> Vec<Solution> {
    let service = service_field(definition).and_then(|field| typed.get(field.as_str())).filter(|key| !key.is_empty());
    let mut words = BTreeSet::new();
    gather(typed.get(definition.parts().title.as_str()).unwrap_or_default(), &mut words);
    let mut found: Vec<(usize, Solution)> = Vec::new();
    for register in registers(visit, definition) {
        for (key, entry) in visit.directory.entries(register.name.as_str()) {
            let near = nearness(visit, entry, service, &words);
            if let Some((near, workaround)) = near.zip(offered(entry)) {
                let solution = Solution {
                    label: visit.names().entry(register.name.as_str(), key),
                    key: key.to_string(),
                    symptom: text(entry, SYMPTOM).unwrap_or_default().to_owned(),
                    workaround: workaround.to_owned(),
                };
                found.push((near, solution));
            }
        }
    }
    found.sort_by(|(one, first), (other, second)| other.cmp(one).then_with(|| first.key.cmp(&second.key)));
    found.into_iter().take(OFFERED_MAX).map(|(_, solution)| solution).collect()
}

/// What an entry says to do, if it is not over.
fn offered(entry: &Entry) -> Option<&str> {
    let is_open = match entry.fields.get(&Name::from(STATUS)) {
        Some(Value::Choice(status)) => *status == *OPEN,
        Some(_) | None => true,
    };
    text(entry, WORKAROUND).filter(|text| is_open && !text.trim().is_empty())
}

fn text<'e>(entry: &'e Entry, field: &str) -> Option<&'e str> {
    match entry.fields.get(&Name::from(field)) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

/// How near an entry is to what was typed; nothing where it is not.
fn nearness(visit: &Visit<'_>, entry: &Entry, service: Option<&str>, words: &BTreeSet<String>) -> Option<usize> {
    let is_of_service = match (entry.fields.get(&Name::from(SERVICE)), service) {
        (Some(Value::Ref(key)), Some(service)) => *key == *service || visit.names().entry(SERVICE, key) == service,
        _ => false,
    };
    let mut says = BTreeSet::new();
    for text in
        [Some(entry.labels.zh.as_str()), Some(entry.labels.en.as_str()), text(entry, SYMPTOM)].into_iter().flatten()
    {
        gather(text, &mut says);
    }
    let common: usize = words.intersection(&says).map(|word| weight(word)).sum();
    let near = common + if is_of_service { SERVICE_COUNTS } else { 0 };
    (is_of_service || common >= COMMON_MIN).then_some(near)
}

/// What a common word counts: two Chinese characters say something, so does a longer word; a short one stands everywhere.
fn weight(word: &str) -> usize {
    match (word.is_ascii(), word.chars().count()) {
        (false, 1) => 0,
        (false, 2) => 1,
        (_, 0..=2) => 0,
        (_, 3) => 1,
        (_, _) => 2,
    }
}
