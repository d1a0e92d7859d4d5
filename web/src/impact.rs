//! What hangs on an entry of a register: what its fault reaches, what it rests on, and the services and agreements that
//! this touches.

use std::collections::{BTreeSet, HashSet};

use engine::directory::{Directory, Entry, SERVICE};
use engine::ids::Name;
use engine::records::each;
use engine::register::Register;
use engine::relations::{Reach, hit_by, rests_on};
use engine::value::{FieldType, Fields, Value};

/// The register of agreements.
pub const AGREEMENT: &str = "agreement";

/// What hangs on an entry.
#[derive(Debug)]
pub struct Impact {
    /// What a fault of it reaches, nearest first.
    pub hit: Vec<Reach>,
    /// What it rests on, nearest first.
    pub rests: Vec<Reach>,
    /// The services that a fault touches: those that it reaches, and those to which what it reaches belongs.
    pub services: BTreeSet<Name>,
    /// The agreements of these services.
    pub agreements: Vec<Name>,
}

impl Impact {
    /// What hangs on the entry of that key.
    pub fn of(directory: &Directory, start: &Name) -> Impact {
        let hit = hit_by(directory, start);
        let rests = rests_on(directory, start);
        let keys: HashSet<&Name> = std::iter::once(start).chain(hit.iter().map(|reach| &reach.key)).collect();
        let is_hit = |(key, _): &(&Name, &Entry)| keys.contains(key);
        let mut services: BTreeSet<Name> =
            directory.entries(SERVICE).filter(is_hit).map(|(key, _)| key.clone()).collect();
        for register in directory.all_declared() {
            let leading = leading_to(register, SERVICE);
            if leading.is_empty() {
                continue;
            }
            for (_, entry) in directory.entries(register.name.as_str()).filter(is_hit) {
                services.extend(leading.iter().flat_map(|field| named(&entry.fields, field)).cloned());
            }
        }
        let of_services = directory.declared(AGREEMENT).map(|register| leading_to(register, SERVICE));
        let of_services = of_services.unwrap_or_default();
        let agreements = directory.entries(AGREEMENT).filter(|(_, entry)| {
            of_services.iter().any(|field| named(&entry.fields, field).any(|service| services.contains(service)))
        });
        let agreements = agreements.map(|(key, _)| key.clone()).collect();
        Impact { hit, rests, services, agreements }
    }
}

/// The attributes of a register that name entries of another.
fn leading_to<'r>(register: &'r Register, other: &str) -> Vec<&'r Name> {
    let leads = |holds: &FieldType| leads_to(holds).is_some_and(|to| *to == *other);
    register.fields.iter().filter(|field| leads(&field.holds)).map(|field| &field.name).collect()
}

/// The register to which a field leads.
pub fn leads_to(holds: &FieldType) -> Option<&Name> {
    match holds {
        FieldType::Ref(register) => Some(register),
        FieldType::Many(inner) => leads_to(inner),
        _ => None,
    }
}

fn named<'f>(fields: &'f Fields, field: &Name) -> impl Iterator<Item = &'f Name> {
    fields.get(field).into_iter().flat_map(each).filter_map(|value| match value {
        Value::Ref(key) => Some(key),
        _ => None,
    })
}
