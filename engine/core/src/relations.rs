//! How entries of registers hang together, and whom a fault reaches.

use std::collections::{HashMap, HashSet};

use crate::directory::Directory;
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
}

/// The end of a relation from which it is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// The entry that names the other.
    Naming,
    /// The entry that is named.
    Named,
}

/// All relations, by entry.
#[derive(Clone, Debug, Default)]
pub(crate) struct Relations(HashMap<Name, Vec<Edge>>);

impl Relations {
    /// Puts the relations that an entry says in place of those that it said before.
    pub(crate) fn put(&mut self, register: &Register, key: &Name, fields: &Fields) {
        let said: Vec<Edge> = self.of(key).iter().filter(|edge| edge.end == End::Naming).cloned().collect();
        for edge in said {
            self.drop_edge(key, &edge);
            let back = Edge { end: End::Named, other: key.clone(), ..edge.clone() };
            self.drop_edge(&edge.other, &back);
        }
        for relation in &register.relations {
            let Some(value) = fields.get(&relation.field) else { continue };
            for one in each(value) {
                let Value::Ref(other) = one else { continue };
                let (hit, relation) = (relation.hit, (register.name.clone(), relation.field.clone()));
                let back = Edge { relation: relation.clone(), end: End::Named, other: key.clone(), hit };
                self.0.entry(other.clone()).or_default().push(back);
                let there = Edge { relation, end: End::Naming, other: other.clone(), hit };
                self.0.entry(key.clone()).or_default().push(there);
            }
        }
    }

    fn drop_edge(&mut self, of: &Name, edge: &Edge) {
        if let Some(edges) = self.0.get_mut(of)
            && let Some(at) = edges.iter().position(|held| held == edge)
        {
            edges.remove(at);
        }
    }

    pub(crate) fn of(&self, key: &Name) -> &[Edge] {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }
}

/// An entry that something reaches, with the way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// The entry.
    pub key: Name,
    /// How many relations away.
    pub depth: u32,
    /// From which entry it was reached, and through which relation, as that entry says or hears it.
    pub from: Name,
    /// The relation, seen from `from`.
    pub edge: Edge,
}

/// What a fault of an entry reaches, nearest first: as the relations say whom they pass it on to.
pub fn hit_by(directory: &Directory, start: &Name) -> Vec<Reach> {
    // To how many of those that an entry names in a relation the fault has come.
    let mut come: HashMap<(&Name, &(Name, Name)), u32> = HashMap::new();
    let mut comes = |edge| {
        let Edge { relation, other, .. }: &Edge = edge;
        let so_many = come.entry((other, relation)).or_insert(0);
        *so_many += 1;
        *so_many
    };
    walk(directory, start, |edge| match (edge.hit, edge.end) {
        (Hit::By(1), End::Named) => true,
        (Hit::By(least), End::Named) => comes(edge) >= least,
        (Hit::ByAll, End::Named) => comes(edge) == named(directory, edge),
        (Hit::Them, End::Naming) => true,
        (Hit::By(_) | Hit::ByAll, End::Naming) | (Hit::Them, End::Named) | (Hit::Nobody, _) => false,
    })
}

/// What an entry rests on, nearest first: whose fault could reach it.
pub fn rests_on(directory: &Directory, start: &Name) -> Vec<Reach> {
    walk(directory, start, |edge| match (edge.hit, edge.end) {
        (Hit::By(_) | Hit::ByAll, End::Naming) | (Hit::Them, End::Named) => true,
        (Hit::By(_) | Hit::ByAll, End::Named) | (Hit::Them, End::Naming) | (Hit::Nobody, _) => false,
    })
}

/// The entries around one, nearest first. Each relation of an entry that is reached is asked once whether it leads on,
/// unless its other end is reached already.
fn walk<'d>(directory: &'d Directory, start: &'d Name, mut leads_on: impl FnMut(&'d Edge) -> bool) -> Vec<Reach> {
    let mut seen = HashSet::from([start]);
    let mut reached: Vec<Reach> = Vec::new();
    let mut outermost = vec![start];
    for depth in 1.. {
        let mut next = Vec::new();
        for from in outermost {
            for edge in directory.relations_of(from) {
                if !seen.contains(&edge.other) && leads_on(edge) {
                    seen.insert(&edge.other);
                    next.push(&edge.other);
                    reached.push(Reach { key: edge.other.clone(), depth, from: from.clone(), edge: edge.clone() });
                }
            }
        }
        if next.is_empty() {
            break;
        }
        outermost = next;
    }
    reached
}

/// How many the entry at the naming end names in this relation.
fn named(directory: &Directory, edge: &Edge) -> u32 {
    let same = |other: &&Edge| other.end == End::Naming && other.relation == edge.relation;
    directory.relations_of(&edge.other).iter().filter(same).fold(0, |all, _| all + 1)
}
