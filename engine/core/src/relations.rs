//! How entries of registers hang together, and whom a fault reaches.

use std::collections::BTreeMap;

use crate::directory::{Directory, SERVICE};
use crate::ids::Name;
use crate::records::each;
use crate::register::{Hit, Register};
use crate::value::{Fields, Value};

/// A relation between two entries, seen from one of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// The register and the field that say so.
    pub relation: (Name, Name),
    /// Which of the two says it.
    pub end: End,
    /// The entry at the other end.
    pub other: Name,
    /// Whom a fault goes on to through it.
    pub hit: Hit,
    /// The place of the other entry among all that have relations.
    place: usize,
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
    places: BTreeMap<Name, usize>,
    held: Vec<Held>,
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
        self.held[here].services = services(register, key, fields);
        let said: Vec<Edge> = self.of(key).iter().filter(|edge| edge.end == End::Naming).cloned().collect();
        for edge in said {
            self.drop_edge(here, &edge);
            let back = Edge { end: End::Named, other: key.clone(), place: here, ..edge.clone() };
            self.drop_edge(edge.place, &back);
        }
        for relation in &register.relations {
            let Some(value) = fields.get(&relation.field) else { continue };
            for one in each(value) {
                let Value::Ref(other) = one else { continue };
                let (hit, relation) = (relation.hit, (register.name.clone(), relation.field.clone()));
                let there = self.place(other);
                let back = Edge { relation: relation.clone(), end: End::Named, other: key.clone(), hit, place: here };
                self.held[there].edges.push(back);
                let edge = Edge { relation, end: End::Naming, other: other.clone(), hit, place: there };
                self.held[here].edges.push(edge);
            }
        }
    }

    /// The place of an entry, a new one where it has none.
    fn place(&mut self, key: &Name) -> usize {
        if let Some(place) = self.places.get(key) {
            return *place;
        }
        self.places.insert(key.clone(), self.held.len());
        self.held.push(Held::default());
        self.held.len() - 1
    }

    fn drop_edge(&mut self, of: usize, edge: &Edge) {
        if let Some(held) = self.held.get_mut(of)
            && let Some(at) = held.edges.iter().position(|held| held == edge)
        {
            held.edges.remove(at);
        }
    }

    pub(crate) fn of(&self, key: &Name) -> &[Edge] {
        self.places.get(key).map_or(&[], |place| self.at(*place))
    }

    pub(crate) fn services_of(&self, key: &Name) -> &[Name] {
        self.places.get(key).and_then(|place| self.held.get(*place)).map_or(&[], |held| &held.services)
    }

    fn at(&self, place: usize) -> &[Edge] {
        self.held.get(place).map_or(&[], |held| &held.edges)
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
    let mut come: BTreeMap<(usize, &(Name, Name)), u32> = BTreeMap::new();
    let mut comes = |edge| {
        let Edge { relation, place, .. }: &Edge = edge;
        let so_many = come.entry((*place, relation)).or_insert(0);
        *so_many += 1;
        *so_many
    };
    walk(relations, start, |edge| match (edge.hit, edge.end) {
        (Hit::By(1), End::Named) => true,
        (Hit::By(least), End::Named) => comes(edge) >= least,
        (Hit::ByAll, End::Named) => comes(edge) == named(relations, edge),
        (Hit::Them, End::Naming) => true,
        (Hit::By(_) | Hit::ByAll, End::Naming) | (Hit::Them, End::Named) | (Hit::Nobody, _) => false,
    })
}

/// What an entry rests on, nearest first: whose fault could reach it.
pub fn rests_on<'d>(directory: &'d Directory, start: &Name) -> Vec<Reach<'d>> {
    walk(directory.relations(), start, |edge| match (edge.hit, edge.end) {
        (Hit::By(_) | Hit::ByAll, End::Naming) | (Hit::Them, End::Named) => true,
        (Hit::By(_) | Hit::ByAll, End::Named) | (Hit::Them, End::Naming) | (Hit::Nobody, _) => false,
    })
}

/// The entries around one, nearest first. Each relation of an entry that is reached is asked once whether it leads on,
/// unless its other end is reached already.
fn walk<'r>(relations: &'r Relations, start: &Name, mut leads_on: impl FnMut(&'r Edge) -> bool) -> Vec<Reach<'r>> {
    let Some((start, place)) = relations.places.get_key_value(start) else { return Vec::new() };
    let mut seen = vec![false; relations.held.len()];
    let mut reached: Vec<Reach> = Vec::new();
    let mut from = (start, *place, 0, None);
    seen[*place] = true;
    for next in 0.. {
        let (name, place, depth, before) = from;
        for edge in relations.at(place) {
            if !seen[edge.place] && leads_on(edge) {
                seen[edge.place] = true;
                let services = &relations.held[edge.place].services;
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
    let same = |other: &&Edge| other.end == End::Naming && other.relation == edge.relation;
    relations.at(edge.place).iter().filter(same).fold(0, |all, _| all + 1)
}
