//! What hangs on an entry of a register: what its fault reaches, what it rests on, and the services and agreements that
//! this touches.

use std::collections::BTreeSet;

use engine::directory::Directory;
use engine::ids::Name;
use engine::relations::{Reach, hit_by, rests_on};

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
        let services = directory.services_of(start).iter().chain(hit.iter().flat_map(|reach| reach.services));
        let services: BTreeSet<&Name> = services.collect();
        let is_about = |key: &&Name| directory.services_of(key).iter().any(|service| services.contains(service));
        let agreements = directory.entries(AGREEMENT).map(|(key, _)| key).filter(is_about).collect();
        Impact { hit, rests: rests_on(directory, start), services, agreements }
    }
}
