//! The registers that a step may look at: people, teams, services, calendars. An immutable snapshot.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::calendar::Calendar;
use crate::definition::Labels;
use crate::ids::Name;
use crate::register::Register;
use crate::relations::{Edge, Relations};
use crate::value::{Fields, Value};

/// The role of workers, which fetch and answer jobs.
pub const WORKER: &str = "worker";
/// The register of people.
pub const PERSON: &str = "person";
/// Whom a person reports to: an attribute of the register of people.
pub const MANAGER: &str = "manager";
/// Who stands in for a person: an attribute of the register of people.
pub const SUBSTITUTE: &str = "substitute";
/// The first day of a person's absence.
pub const ABSENT_FROM: &str = "absent_from";
/// The last day of a person's absence.
pub const ABSENT_UNTIL: &str = "absent_until";
/// The register of teams.
pub const TEAM: &str = "team";
/// The register of services.
pub const SERVICE: &str = "service";
/// The register of calendars.
pub const CALENDAR: &str = "calendar";

/// The registers that come with the product.
pub const REGISTERS: [&str; 6] = [PERSON, TEAM, SERVICE, CALENDAR, "configuration_item", "customer"];

/// An entry of a register.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What people call it.
    pub labels: Labels,
    /// Its attributes: a service's `support_team`, `calendar`, `owner`.
    pub fields: Fields,
}

/// What a person may do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The roles that the person holds.
    pub roles: BTreeSet<Name>,
    /// The teams that the person belongs to.
    pub teams: BTreeSet<Name>,
}

/// A snapshot of the registers.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    registers: BTreeMap<Name, BTreeMap<Name, Entry>>,
    register_by_key: BTreeMap<Name, Name>,
    standings: BTreeMap<Name, Standing>,
    calendars: BTreeMap<Name, Calendar>,
    substituted: BTreeSet<Name>,
    declared: BTreeMap<Name, Register>,
    relations: Relations,
}

impl Directory {
    /// Adds or replaces an entry.
    ///
    /// An attribute of which the entry says nothing has the default that the register declares.
    pub fn put(&mut self, register: &str, key: Name, mut entry: Entry) {
        if register == PERSON {
            match entry.fields.contains_key(SUBSTITUTE) {
                true => self.substituted.insert(key.clone()),
                false => self.substituted.remove(&key),
            };
        }
        if let Some(declared) = self.declared.get(register) {
            for (attribute, value) in declared.defaults() {
                entry.fields.entry(attribute).or_insert(value);
            }
            self.relations.put(declared, &key, &entry.fields);
        }
        let register =
            self.registers.keys().find(|name| **name == *register).cloned().unwrap_or_else(|| register.into());
        self.register_by_key.insert(key.clone(), register.clone());
        self.registers.entry(register).or_default().insert(key, entry);
    }

    /// Declares a register, before its entries are put.
    pub fn declare(&mut self, register: Register) {
        self.declared.insert(register.name.clone(), register);
    }

    /// What the language declares of a register.
    pub fn declared(&self, register: &str) -> Option<&Register> {
        self.declared.get(register)
    }

    /// The registers that the language declares, by name.
    pub fn all_declared(&self) -> impl Iterator<Item = &Register> {
        self.declared.values()
    }

    /// How entries hang together.
    pub(crate) fn relations(&self) -> &Relations {
        &self.relations
    }

    /// The relations of an entry, in either direction.
    pub fn relations_of(&self, key: &Name) -> &[Edge] {
        self.relations.of(key)
    }

    /// The services to which an entry of a declared register belongs: those that it names; of a service, itself.
    pub fn services_of(&self, key: &Name) -> &[Name] {
        self.relations.services_of(key)
    }

    /// The entries that an entry is related with, in either direction.
    pub fn related(&self, key: &Name) -> impl Iterator<Item = &Name> {
        self.relations.of(key).iter().map(|edge| &edge.other)
    }

    /// The register that has an entry of that key. Keys are unique across registers.
    pub fn register_of(&self, key: &Name) -> Option<&Name> {
        self.register_by_key.get(key)
    }

    /// Adds or replaces a person with roles and teams.
    pub fn put_person(&mut self, key: Name, entry: Entry, standing: Standing) {
        self.put(PERSON, key.clone(), entry);
        self.standings.insert(key, standing);
    }

    /// Adds or replaces a calendar.
    pub fn put_calendar(&mut self, key: Name, calendar: Calendar) {
        let entry = Entry { labels: calendar.data().labels.clone(), fields: Fields::new() };
        self.put(CALENDAR, key.clone(), entry);
        self.calendars.insert(key, calendar);
    }

    /// The entry of a register.
    pub fn entry(&self, register: &str, key: &Name) -> Option<&Entry> {
        self.registers.get(register)?.get(key)
    }

    /// The entry of that key in whichever register has it. Keys are unique across registers.
    pub fn entry_anywhere(&self, key: &Name) -> Option<&Entry> {
        self.entry(self.register_of(key)?.as_str(), key)
    }

    /// Whether another register has an entry of that key.
    pub(crate) fn is_elsewhere(&self, register: &str, key: &Name) -> bool {
        self.register_of(key).is_some_and(|held| *held != *register)
    }

    /// The entries of a register, by key.
    pub fn entries(&self, register: &str) -> impl Iterator<Item = (&Name, &Entry)> {
        self.registers.get(register).into_iter().flatten()
    }

    /// The names of the registers that have entries.
    pub fn registers(&self) -> impl Iterator<Item = &Name> {
        self.registers.keys()
    }

    /// Whether somebody holds a role.
    pub(crate) fn has_role(&self, role: &Name) -> bool {
        self.standings().any(|(_, standing)| standing.roles.contains(role))
    }

    /// Whether there is a register of that name, with entries or without. Other names are those of processes, and
    /// what refers to them refers to records.
    pub fn has_register(&self, register: &str) -> bool {
        REGISTERS.contains(&register) || self.declared.contains_key(register) || self.registers.contains_key(register)
    }

    /// What a person may do; nothing for an unknown person.
    pub fn standing(&self, person: &Name) -> Option<&Standing> {
        self.standings.get(person)
    }

    /// Whether a person is absent on a day: it lies between `absent_from` and `absent_until` of the person's entry, both
    /// included.
    pub fn is_absent(&self, person: &Name, day: &str) -> bool {
        let Some(entry) = self.entry(PERSON, person) else { return false };
        match (entry.fields.get(ABSENT_FROM), entry.fields.get(ABSENT_UNTIL)) {
            (Some(Value::Date(from)), Some(Value::Date(until))) => from.as_str() <= day && day <= until.as_str(),
            _ => false,
        }
    }

    /// Whom a person's entry names as substitute, absent or not.
    pub fn substitute(&self, person: &Name) -> Option<&Name> {
        match self.entry(PERSON, person)?.fields.get(SUBSTITUTE)? {
            Value::Ref(substitute) => Some(substitute),
            _ => None,
        }
    }

    /// The people whose entries name a substitute.
    pub(crate) fn substituted(&self) -> impl Iterator<Item = &Name> {
        self.substituted.iter()
    }

    /// The people with their standings, by key.
    pub fn standings(&self) -> impl Iterator<Item = (&Name, &Standing)> {
        self.standings.iter()
    }

    /// The calendar of that key.
    pub fn calendar(&self, key: &Name) -> Option<&Calendar> {
        self.calendars.get(key)
    }
}
