//! The registers that a replay needs: people as recorded, teams and services by the log's names, a calendar.

use std::collections::{BTreeMap, BTreeSet};

use engine::definition::{Definition, Labels};
use engine::directory::{CALENDAR, Directory, Entry, PERSON, Standing, TEAM};
use engine::ids::Name;
use engine::value::{FieldType, Fields, Value};

use store::{PersonRow, PersonState, StoreError};

use super::log::Log;
use super::mapping::Mapping;
use crate::Runtime;

/// Who brings the log's people and names into the registers, in the audit trail.
const IMPORTER: &str = "replay";

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
    match &definition.field(field)?.holds {
        FieldType::Ref(register) => Some(register.clone()),
        FieldType::Many(inner) => match &**inner {
            FieldType::Ref(register) => Some(register.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// Everybody and everything that the log names, added to what is there.
pub(super) fn gathered(mapping: &Mapping, definition: &Definition, log: &Log, known: &Directory) -> Directory {
    let mut directory = known.clone();
    if directory.calendar(&Name::from("around_the_clock")).is_none() {
        directory.put_calendar(Name::from("around_the_clock"), engine::calendar::Calendar::around_the_clock());
    }
    put_entries(mapping, definition, log, &mut directory);
    put_people(mapping, log, &mut directory);
    directory
}

fn put_entries(mapping: &Mapping, definition: &Definition, log: &Log, directory: &mut Directory) {
    for (register, entries) in &mapping.entries {
        let attributes: Fields =
            entries.attributes.iter().map(|(name, target)| (name.clone(), Value::Ref(target_key(target)))).collect();
        let entry = |labels: Labels| Entry { labels, fields: attributes.clone() };
        directory.put(register.as_str(), unknown_key(register), entry(entries.unknown.clone()));
        for (field, source) in &mapping.fields {
            let Some(column) = &source.column else { continue };
            if register_of(definition, field).as_ref() != Some(register) {
                continue;
            }
            let values: BTreeSet<&str> =
                log.cases().iter().flat_map(|(_, rows)| rows).filter_map(|row| log.value(row, column)).collect();
            for value in values {
                directory.put(register.as_str(), key_of(register.as_str(), value), entry(Labels::new(value, value)));
            }
        }
    }
}

/// Writes what is new into the registers.
pub(super) fn keep(runtime: &Runtime, gathered: &Directory) -> Result<(), StoreError> {
    let (store, known, now, by) = (runtime.store(), runtime.directory(), runtime.now(), Name::from(IMPORTER));
    for register in gathered.registers().filter(|register| ![PERSON, CALENDAR].contains(&register.as_str())) {
        for (key, entry) in gathered.entries(register.as_str()) {
            if known.entry(register.as_str(), key) != Some(entry) {
                store.put_entry(register.as_str(), key, entry, &by, now)?;
            }
        }
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
        store.set_standing(key, standing, &by, now, "replay of an event log")?;
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
    let team_column = mapping.fields.get(&mapping.people.team).and_then(|source| source.column.as_deref());
    let mut workers: BTreeMap<&str, BTreeSet<Name>> = BTreeMap::new();
    let mut requesters: BTreeSet<&str> = BTreeSet::new();
    for (_, rows) in log.cases() {
        // Whoever writes a row works for the team that the record is with, and the one that it goes to.
        let mut with: Option<&str> = None;
        for row in rows {
            let to = team_column.and_then(|column| log.value(row, column)).or(with);
            if let Some(person) = log.value(row, &mapping.people.by) {
                let teams = workers.entry(person).or_default();
                teams.insert(unknown_key(&Name::from(TEAM)));
                teams.extend([with, to].into_iter().flatten().map(|team| key_of(TEAM, team)));
            }
            with = to;
            requesters.extend(log.value(row, &mapping.people.requester));
        }
    }
    let called = |name: &str| Labels {
        en: mapping.people.called.en.replace("{name}", name),
        zh: mapping.people.called.zh.replace("{name}", name),
    };
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
