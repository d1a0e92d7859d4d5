//! How entries of registers hang together, and whom a fault reaches.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::directory::{Directory, SERVICE};
use crate::ids::Name;
use crate::records::each;
use crate::register::{Hit, Register};
use crate::value::{Fields, Value};

/// A relation that entries of a register have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kind {
    /// The register whose entries say it.
    pub register: Name,
    /// The field in which they do.
    pub field: Name,
    /// Whom a fault goes on to through it.
    pub hit: Hit,
}

/// A relation between two entries, seen from one of them. It is small: a walk looks at as many as there are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// Which relation it is.
    pub kind: Arc<Kind>,
    /// Which of the two says it.
    pub end: End,
    /// The entry at the other end.
    pub other: Name,
    /// The place of the other entry among all that have relations.
    place: u32,
}

/// The end of a relation from which it is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// The entry that names the other.
    Naming,
    /// The entry that is named.
    Named,
}

/// All relations, by entry. Each entry has a place, so that a walk over many compares no names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Relations {
    places: BTreeMap<Name, u32>,
    held: Vec<Held>,
    kinds: BTreeMap<Kind, Arc<Kind>>,
}

/// What is kept of an entry.
#[derive(Clone, Debug, Default)]
struct Held {
    edges: Vec<Edge>,
    /// The services to which it belongs; of a service, itself.
    services: Vec<Name>,
}

impl Relations {
    /// Puts the relations and services that an entry says in place of those that it said before.
    pub(crate) fn put(&mut self, register: &Register, key: &Name, fields: &Fields) {
        let here = self.place(key);
        self.held[here as usize].services = services(register, key, fields);
        let said: Vec<Edge> = self.of(key).iter().filter(|edge| edge.end == End::Naming).cloned().collect();
        for edge in said {
            self.drop_edge(here, &edge);
            let back = Edge { end: End::Named, other: key.clone(), place: here, ..edge.clone() };
            self.drop_edge(edge.place, &back);
        }
        for relation in &register.relations {
            let Some(value) = fields.get(&relation.field) else { continue };
            let kind = Kind { register: register.name.clone(), field: relation.field.clone(), hit: relation.hit };
            let kind = self.kinds.entry(kind.clone()).or_insert_with(|| Arc::new(kind)).clone();
            for one in each(value) {
                let Value::Ref(other) = one else { continue };
                let there = self.place(other);
                let back = Edge { kind: kind.clone(), end: End::Named, place: here, other: key.clone() };
                self.held[there as usize].edges.push(back);
                let edge = Edge { kind: kind.clone(), end: End::Naming, place: there, other: other.clone() };
                self.held[here as usize].edges.push(edge);
            }
        }
    }

    /// The place of an entry, a new one where it has none.
    fn place(&mut self, key: &Name) -> u32 {
        if let Some(place) = self.places.get(key) {
            return *place;
        }
        // There is no memory for more entries than this counts.
        let place = u32::try_from(self.held.len()).unwrap_or(u32::MAX);
        self.places.insert(key.clone(), place);
        self.held.push(Held::default());
        place
    }

    fn drop_edge(&mut self, of: u32, edge: &Edge) {
        if let Some(held) = self.held.get_mut(of as usize)
            && let Some(at) = held.edges.iter().position(|held| held == edge)
        {
            held.edges.remove(at);
        }
    }

    pub(crate) fn of(&self, key: &Name) -> &[Edge] {
        self.places.get(key).map_or(&[], |place| self.at(*place))
    }

    pub(crate) fn services_of(&self, key: &Name) -> &[Name] {
        self.places.get(key).and_then(|place| self.held.get(*place as usize)).map_or(&[], |held| &held.services)
    }

    fn at(&self, place: u32) -> &[Edge] {
        self.held.get(place as usize).map_or(&[], |held| &held.edges)
    }
}

/// The services to which an entry belongs: those that it names; a service is one itself.
fn services(register: &Register, key: &Name, fields: &Fields) -> Vec<Name> {
    if register.name == *SERVICE {
        return vec![key.clone()];
    }
    let naming = register.fields.iter().filter(|field| field.holds.leads_to().is_some_and(|to| *to == *SERVICE));
    let said = naming.filter_map(|field| fields.get(&field.name)).flat_map(each);
    let services = said.filter_map(|one| match one {
        Value::Ref(service) => Some(service.clone()),
        _ => None,
    });
    services.collect()
}

/// An entry that something reaches, with the way to it.
#[derive(Clone, Copy, Debug)]
pub struct Reach<'d> {
    /// How many relations away.
    pub depth: u32,
    /// From which entry it was reached.
    pub from: &'d Name,
    /// The relation that leads to it, seen from `from`.
    pub edge: &'d Edge,
    /// Where in the list `from` stands, unless it is where the walk began.
    pub before: Option<usize>,
    /// The services to which it belongs; of a service, itself.
    pub services: &'d [Name],
}

impl<'d> Reach<'d> {
    /// The entry.
    pub fn key(&self) -> &'d Name {
        &self.edge.other
    }
}

/// What a fault of an entry reaches, nearest first: as the relations say whom they pass it on to.
pub fn hit_by<'d>(directory: &'d Directory, start: &Name) -> Vec<Reach<'d>> {
    let relations = directory.relations();
    // To how many of those that an entry names in a relation the fault has come.
    let mut come: BTreeMap<(u32, &Kind), u32> = BTreeMap::new();
    let mut comes = |edge| {
        let Edge { kind, place, .. }: &Edge = edge;
        let so_many = come.entry((*place, &**kind)).or_insert(0);
        *so_many += 1;
        *so_many
    };
    walk(relations, start, |edge| match (edge.kind.hit, edge.end) {
        (Hit::By(1), End::Named) => true,
        (Hit::By(least), End::Named) => comes(edge) >= least,
        (Hit::ByAll, End::Named) => comes(edge) == named(relations, edge),
        (Hit::Them, End::Naming) => true,
        (Hit::By(_) | Hit::ByAll, End::Naming) | (Hit::Them, End::Named) | (Hit::Nobody, _) => false,
    })
}

/// What an entry rests on, nearest first: whose fault could reach it.
pub fn rests_on<'d>(directory: &'d Directory, start: &Name) -> Vec<Reach<'d>> {
    walk(directory.relations(), start, |edge| match (edge.kind.hit, edge.end) {
        (Hit::By(_) | Hit::ByAll, End::Naming) | (Hit::Them, End::Named) => true,
        (Hit::By(_) | Hit::ByAll, End::Named) | (Hit::Them, End::Naming) | (Hit::Nobody, _) => false,
    })
}

/// The entries around one, nearest first. Each relation of an entry that is reached is asked once whether it leads on,
/// unless its other end is reached already.
fn walk<'r>(relations: &'r Relations, start: &Name, mut leads_on: impl FnMut(&'r Edge) -> bool) -> Vec<Reach<'r>> {
    let Some((start, place)) = relations.places.get_key_value(start) else { return Vec::new() };
    let mut seen = vec![false; relations.held.len()];
    let mut reached: Vec<Reach> = Vec::with_capacity(relations.held.len());
    let mut from = (start, *place, 0, None);
    seen[*place as usize] = true;
    for next in 0.. {
        let (name, place, depth, before) = from;
        for edge in relations.at(place) {
            let there = edge.place as usize;
            if !seen[there] && leads_on(edge) {
                seen[there] = true;
                let services = &relations.held[there].services;
                reached.push(Reach { depth: depth + 1, from: name, edge, before, services });
            }
        }
        let Some(reach) = reached.get(next) else { break };
        from = (reach.key(), reach.edge.place, reach.depth, Some(next));
    }
    reached
}

/// How many the entry at the naming end names in this relation.
fn named(relations: &Relations, edge: &Edge) -> u32 {
    let same = |other: &&Edge| other.end == End::Naming && other.kind == edge.kind;
    relations.at(edge.place).iter().filter(same).fold(0, |all, _| all + 1)
}
