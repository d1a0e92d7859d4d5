//! What hangs on an entry of a register: what its fault reaches, what it rests on, and the services and agreements that
//! this touches.

use std::collections::BTreeSet;

use engine::directory::{Directory, SERVICE};
use engine::ids::Name;
use engine::records::each;
use engine::relations::{Reach, hit_by, rests_on};
use engine::value::Value;

/// The register of agreements.
pub const AGREEMENT: &str = "agreement";

/// What hangs on an entry.
#[derive(Debug)]
pub struct Impact<'d> {
    /// What a fault of it reaches, nearest first.
    pub hit: Vec<Reach<'d>>,
    /// What it rests on, nearest first.
    pub rests: Vec<Reach<'d>>,
    /// The services that a fault touches: those that it reaches, and those to which what it reaches belongs.
    pub services: BTreeSet<&'d Name>,
    /// The agreements of these services.
    pub agreements: Vec<&'d Name>,
}

impl<'d> Impact<'d> {
    /// What hangs on the entry of that key.
    pub fn of(directory: &'d Directory, start: &Name) -> Impact<'d> {
        let hit = hit_by(directory, start);
        let services = directory.services_of(start).iter().chain(hit.iter().flat_map(|reach| reach.services)).collect();
        let agreements = agreements(directory, &services);
        Impact { hit, rests: rests_on(directory, start), services, agreements }
    }
}

/// The agreements about any of some services.
fn agreements<'d>(directory: &'d Directory, services: &BTreeSet<&Name>) -> Vec<&'d Name> {
    let Some(register) = directory.declared(AGREEMENT) else { return Vec::new() };
    let about = register.fields.iter().filter(|field| field.holds.leads_to().is_some_and(|to| *to == *SERVICE));
    let about: Vec<&Name> = about.map(|field| &field.name).collect();
    let touched = directory.entries(AGREEMENT).filter(|(_, entry)| {
        let mut said = about.iter().filter_map(|field| entry.fields.get(*field)).flat_map(each);
        said.any(|value| matches!(value, Value::Ref(service) if services.contains(service)))
    });
    touched.map(|(key, _)| key).collect()
}
