//! What hangs on an entry of a register: what its fault reaches, what it rests on, and the services and agreements that
//! this touches.

use std::collections::{BTreeMap, BTreeSet};

use engine::directory::{Directory, SERVICE};
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
        let leading: BTreeMap<&Name, Vec<&Name>> =
            directory.all_declared().map(|register| (&register.name, leading_to(register, SERVICE))).collect();
        let mut services = BTreeSet::new();
        for key in std::iter::once(start).chain(hit.iter().map(|reach| &reach.key)) {
            let Some(register) = directory.register_of(key) else { continue };
            if *register == *SERVICE {
                services.insert(key.clone());
            }
            let Some(entry) = directory.entry(register.as_str(), key) else { continue };
            for field in leading.get(register).into_iter().flatten() {
                services.extend(named(&entry.fields, field).cloned());
            }
        }
        let of_services = leading.get(&Name::from(AGREEMENT)).cloned().unwrap_or_default();
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
