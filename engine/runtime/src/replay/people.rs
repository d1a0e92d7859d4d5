//! The registers that a replay needs: people as recorded, teams and services by the log's names, a calendar.

use std::collections::{BTreeMap, BTreeSet};

use engine::definition::{Definition, Labels};
use engine::directory::{CALENDAR, Directory, Entry, PERSON, Standing, TEAM};
use engine::ids::Name;
use engine::value::{Fields, Value};

use store::{EntryCause, EntryChange, PersonRow, PersonState, StoreError};

use super::log::{Log, Row};
use super::mapping::{Entries, EntryColumn, Mapping};
use crate::Runtime;

/// Who brings the log's people and names into the registers, in the audit trail.
const IMPORTER: &str = "replay";

/// Why, in the audit trail.
const REASON: &str = "replay of an event log";

/// How many entries are written in one transaction.
const ENTRIES_AT_ONCE: usize = 500;

/// The key of the entry that stands for an unknown value of a register.
pub(super) fn unknown_key(register: &Name) -> Name {
    Name::from(format!("{register}-unrecorded"))
}

/// The key of the entry for a value of the log. Distinct values get distinct keys: what a key may not hold is
/// written as its code.
pub(super) fn key_of(register: &str, value: &str) -> Name {
    let mut key = format!("{register}-");
    for letter in value.chars() {
        if letter.is_ascii_alphanumeric() || letter == '_' {
            key.push(letter);
        } else if letter == ' ' {
            key.push('.');
        } else {
            key.push_str(&format!("-{:x}-", u32::from(letter)));
        }
    }
    Name::from(key)
}

/// The key of a person of the log.
pub(super) fn person_key(name: &str) -> Name {
    key_of("recorded", name)
}

/// The register that a field refers to, if it does.
pub(super) fn register_of(definition: &Definition, field: &Name) -> Option<Name> {
    definition.field(field)?.holds.leads_to().cloned()
}

/// The key of whoever a record is for where the log does not say.
pub(super) fn nobody_known() -> Name {
    unknown_key(&Name::from(PERSON))
}

/// Everybody and everything that the log names, added to what is there; and where rows do not agree on what an entry is.
pub(super) fn gathered<'d>(
    mapping: &Mapping,
    definitions: impl Iterator<Item = &'d Definition>,
    log: &Log,
    known: &Directory,
) -> (Directory, Vec<Conflict>) {
    let mut directory = known.clone();
    if directory.calendar(&Name::from("around_the_clock")).is_none() {
        directory.put_calendar(Name::from("around_the_clock"), engine::calendar::Calendar::around_the_clock());
    }
    let fields = columns_of_fields(mapping, definitions);
    let mut conflicts = Vec::new();
    for (register, entries) in &mapping.entries {
        let unknown = Entry { labels: entries.unknown.clone(), fields: same_for_all(entries) };
        directory.put(register.as_str(), unknown_key(register), unknown);
        let named = fields.iter().filter(|(held, _)| held == register).map(|(_, column)| EntryColumn::plain(column));
        for (value, drafted) in drafts(log, entries.columns.iter().cloned().chain(named)) {
            let mut attributes = same_for_all(entries);
            for (attribute, said) in drafted.attributes {
                match said.as_slice() {
                    [one] => {
                        attributes.insert(attribute, one.clone());
                    }
                    _ => conflicts.push(Conflict { register: register.clone(), entry: value.clone(), attribute }),
                }
            }
            let entry = Entry { labels: drafted.labels, fields: attributes };
            directory.put(register.as_str(), key_of(register.as_str(), &value), entry);
        }
    }
    put_people(mapping, log, &mut directory);
    (directory, conflicts)
}

/// The registers that fields refer to, with the columns that the fields are filled from.
fn columns_of_fields<'d>(
    mapping: &Mapping,
    definitions: impl Iterator<Item = &'d Definition>,
) -> BTreeSet<(Name, String)> {
    let mut found = BTreeSet::new();
    for definition in definitions {
        let Some(process) = mapping.processes.get(&definition.parts().name) else { continue };
        for (field, source) in &process.fields {
            if let (Some(register), Some(column)) = (register_of(definition, field), &source.column) {
                found.insert((register, column.clone()));
            }
        }
    }
    found
}

fn same_for_all(entries: &Entries) -> Fields {
    let references = entries.attributes.iter().map(|(name, target)| (name.clone(), Value::Ref(target_key(target))));
    let choices = entries.choices.iter().map(|(name, choice)| (name.clone(), Value::Choice(choice.clone())));
    references.chain(choices).collect()
}

/// An entry as the rows tell it: each attribute with every value that some row gives it.
struct Draft {
    labels: Labels,
    attributes: BTreeMap<Name, Vec<Value>>,
}

fn drafts(log: &Log, columns: impl Iterator<Item = EntryColumn>) -> BTreeMap<String, Draft> {
    let mut drafts: BTreeMap<String, Draft> = BTreeMap::new();
    for column in columns {
        for row in log.cases().iter().flat_map(|(_, rows)| rows) {
            let Some(value) = log.value(row, &column.column) else { continue };
            if !drafts.contains_key(value) {
                let labels = match &column.called {
                    Some(called) => Labels::new(&log.filled(row, &called.en), &log.filled(row, &called.zh)),
                    None => Labels::new(value, value),
                };
                drafts.insert(value.to_owned(), Draft { labels, attributes: BTreeMap::new() });
            }
            let Some(draft) = drafts.get_mut(value) else { continue };
            for (attribute, value) in said_by(log, row, &column) {
                let said = draft.attributes.entry(attribute).or_default();
                if !said.contains(&value) {
                    said.push(value);
                }
            }
        }
    }
    drafts
}

/// What a row says of the entry that the column names.
fn said_by(log: &Log, row: &Row, column: &EntryColumn) -> Vec<(Name, Value)> {
    let mut said = Vec::new();
    for (attribute, reference) in &column.references {
        if let Some(value) = log.value(row, &reference.column) {
            said.push((attribute.clone(), Value::Ref(key_of(reference.register.as_str(), value))));
        }
    }
    for (attribute, choice) in &column.choices {
        let chosen = choice.columns.iter().find_map(|column| choice.values.get(log.value(row, column)?));
        if let Some(chosen) = chosen {
            said.push((attribute.clone(), Value::Choice(chosen.clone())));
        }
    }
    said
}

/// Rows that do not agree on an attribute of an entry, which therefore stays empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The register.
    pub register: Name,
    /// The entry, by the log's own name.
    pub entry: String,
    /// The attribute.
    pub attribute: Name,
}

/// Writes what is new into the registers.
pub(super) fn keep(runtime: &Runtime, gathered: &Directory) -> Result<(), StoreError> {
    let (store, known, now, by) = (runtime.store(), runtime.directory(), runtime.now(), Name::from(IMPORTER));
    let cause = EntryCause { by: Some(by.clone()), under: None, reason: REASON.to_owned(), at: now };
    let mut changes = Vec::new();
    for register in gathered.registers().filter(|register| ![PERSON, CALENDAR].contains(&register.as_str())) {
        for (key, entry) in gathered.entries(register.as_str()) {
            if known.entry(register.as_str(), key) != Some(entry) {
                changes.push(EntryChange { register: register.clone(), key: key.clone(), entry: entry.clone() });
            }
        }
    }
    for some in changes.chunks(ENTRIES_AT_ONCE) {
        store.change_entries(some, &cause)?;
    }
    for (key, _) in gathered.entries(CALENDAR) {
        if let (None, Some(calendar)) = (known.calendar(key), gathered.calendar(key)) {
            store.put_calendar(key, calendar.data(), &by, now)?;
        }
    }
    for (key, standing) in gathered.standings() {
        if known.standing(key) == Some(standing) {
            continue;
        }
        let name = gathered.entry(PERSON, key).map(|entry| entry.labels.clone()).unwrap_or_default();
        let person = PersonRow {
            id: key.clone(),
            sign_in: key.to_string(),
            name,
            email: String::new(),
            language: "zh-CN".into(),
            state: PersonState::Active,
        };
        store.put_person(&person, &by, now)?;
        store.set_standing(key, standing, &by, now, REASON)?;
    }
    Ok(())
}

/// `team/unknown` is the unknown entry of a register, `calendar/around_the_clock` an entry by key.
fn target_key(target: &str) -> Name {
    match target.split_once('/') {
        Some((register, "unknown")) => unknown_key(&Name::from(register)),
        Some((CALENDAR, key)) => Name::from(key),
        Some((register, value)) => key_of(register, value),
        None => Name::from(target),
    }
}

fn put_people(mapping: &Mapping, log: &Log, directory: &mut Directory) {
    let mut workers: BTreeMap<&str, BTreeSet<Name>> = BTreeMap::new();
    let mut requesters: BTreeSet<&str> = BTreeSet::new();
    for (_, rows) in log.cases() {
        // Whoever writes a row works for the team that the record is with, and the one that it goes to.
        let mut with: Option<&str> = None;
        for row in rows {
            let to = log.value(row, &mapping.people.team).or(with);
            if let Some(person) = log.value(row, &mapping.people.by) {
                let teams = workers.entry(person).or_default();
                teams.insert(unknown_key(&Name::from(TEAM)));
                teams.extend([with, to].into_iter().flatten().map(|team| key_of(TEAM, team)));
            }
            with = to;
            requesters.extend(mapping.people.requester.as_ref().and_then(|column| log.value(row, column)));
        }
    }
    let called = |name: &str| Labels {
        en: mapping.people.called.en.replace("{name}", name),
        zh: mapping.people.called.zh.replace("{name}", name),
    };
    if let Some(unknown) = &mapping.people.requester_unknown {
        let entry = Entry { labels: unknown.clone(), fields: Fields::new() };
        directory.put_person(nobody_known(), entry, Standing::default());
    }
    for name in requesters {
        let entry = Entry { labels: called(name), fields: Fields::new() };
        directory.put_person(person_key(name), entry, Standing::default());
    }
    for (name, teams) in workers {
        let entry = Entry { labels: called(name), fields: Fields::new() };
        let standing = Standing { roles: mapping.people.roles.iter().cloned().collect(), teams };
        directory.put_person(person_key(name), entry, standing);
    }
}
