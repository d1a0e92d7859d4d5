//! The chain of a record: everything that it is tied to, and what that is tied to, breadth first. What the visitor may not
//! see is in it as a place without a name, and nothing is followed from there. Entries of registers are leaves. Where a place
//! on the way has many records at the far end of the same tie (the template of a change has every change after it), they are
//! one place, from which its own chain leads on.

pub mod pack;
pub mod people;
pub mod picture;
pub mod ties;
pub mod view;
pub mod work;

use std::collections::{BTreeMap, BTreeSet};

use engine::definition::Labels;
use engine::ids::Name;

use crate::answer::Refusal;
use crate::reach::{self, Reached};
use crate::visit::Visit;
use ties::{EntryKey, Far, From, Naming, Tie, ties};

/// The most records of one chain.
pub const RECORDS_MAX: usize = 200;
/// The most entries of registers of one chain.
pub const ENTRIES_MAX: usize = 200;
/// The most records that hang on one place by the same tie and are places of their own, unless the chain begins there.
pub const ALIKE_MAX: usize = 6;
/// The most ties of one chain.
pub const EDGES_MAX: usize = 2_000;

/// A place of a chain.
pub enum Node {
    /// A record.
    Record(Box<Reached>),
    /// A record that the visitor may not see, by its number, which is shown nowhere.
    Unseen(String),
    /// An entry of a register.
    Entry(EntryKey),
    /// Many records that hang on one place by the same tie.
    Alike(Alike),
}

/// Many records that hang on one place by the same tie.
pub struct Alike {
    /// How many.
    pub count: usize,
    /// The number of the record on which they hang.
    pub of: String,
    /// The process of the first of them.
    pub process: Name,
    /// What that is called.
    pub labels: Labels,
}

/// What ties two places of a chain.
#[derive(Debug)]
pub struct Edge {
    /// The place that it leads from.
    pub from: usize,
    /// The place that it leads to.
    pub to: usize,
    /// What it is called at the place that it leads from.
    pub there: Labels,
    /// What it is called at the place that it leads to.
    pub back: Labels,
}

/// Whether a chain is there as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// It is.
    Whole,
    /// It goes on beyond what was collected.
    Cut,
}

/// The chain of a record, which is its first place.
pub struct Chain {
    /// The places, nearest first.
    pub nodes: Vec<Node>,
    /// What ties them.
    pub edges: Vec<Edge>,
    /// Whether that is all.
    pub extent: Extent,
}

impl Node {
    /// What stands at the far end of a tie; nothing of what is not there any more.
    ///
    /// # Errors
    /// The store failed.
    pub fn at(visit: &Visit<'_>, far: &Far) -> Result<Option<Node>, Refusal> {
        match far {
            Far::Entry(entry) => Ok(Some(Node::Entry(entry.clone()))),
            Far::Record(id) => match reach::by_id(visit, *id) {
                Ok(reached) => Ok(Some(Node::Record(Box::new(reached)))),
                Err(Refusal::NotFound) => {
                    let loaded = visit.app.runtime().load(*id)?;
                    Ok(loaded.map(|loaded| Node::Unseen(loaded.instance.number().to_owned())))
                }
                Err(cause) => Err(cause),
            },
        }
    }
}

impl Chain {
    /// The chain of a record.
    ///
    /// # Errors
    /// The store failed.
    pub fn of(visit: &Visit<'_>, start: Reached) -> Result<Chain, Refusal> {
        let naming = Naming::of(visit)?;
        let mut places = BTreeMap::from([(Far::Record(start.loaded.instance.id()), 0)]);
        let mut chain = Chain { nodes: vec![Node::Record(Box::new(start))], edges: Vec::new(), extent: Extent::Whole };
        let mut said = BTreeSet::new();
        let mut here = 0;
        while let Some(node) = chain.nodes.get(here) {
            let found = match node {
                Node::Record(reached) => ties(visit, reached, &naming)?,
                Node::Unseen(_) | Node::Entry(_) | Node::Alike(_) => Vec::new(),
            };
            let (found, many) = if here == 0 { (found, Vec::new()) } else { apart(found, &places) };
            for tie in found {
                let Some(far) = chain.place(visit, &mut places, &tie.far)? else { continue };
                let (from, to) = tie.between(here, far);
                if said.insert((from, to, tie.by.clone())) {
                    chain.tie(from, to, tie);
                }
            }
            for ties in many {
                chain.gather(visit, here, ties)?;
            }
            here += 1;
        }
        Ok(chain)
    }

    fn tie(&mut self, from: usize, to: usize, tie: Tie) {
        if self.edges.len() >= EDGES_MAX {
            self.extent = Extent::Cut;
            return;
        }
        self.edges.push(Edge { from, to, there: tie.there, back: tie.back });
    }

    /// Makes one place of many records that hang on a place by the same tie.
    fn gather(&mut self, visit: &Visit<'_>, here: usize, ties: Vec<Tie>) -> Result<(), Refusal> {
        let Some(Node::Record(hub)) = self.nodes.get(here) else { return Ok(()) };
        let of = hub.loaded.instance.number().to_owned();
        let count = ties.len();
        for tie in ties {
            // What they are called is told by the first that the visitor may see.
            if let Some(Node::Record(reached)) = Node::at(visit, &tie.far)? {
                let parts = reached.definition.parts();
                let (process, labels) = (parts.name.clone(), parts.labels.clone());
                let place = self.nodes.len();
                self.nodes.push(Node::Alike(Alike { count, of, process, labels }));
                let (from, to) = tie.between(here, place);
                self.tie(from, to, tie);
                return Ok(());
            }
        }
        Ok(())
    }

    /// Where something stands in the chain. It is added where it is new and there is room.
    fn place(
        &mut self,
        visit: &Visit<'_>,
        places: &mut BTreeMap<Far, usize>,
        far: &Far,
    ) -> Result<Option<usize>, Refusal> {
        if let Some(place) = places.get(far) {
            return Ok(Some(*place));
        }
        let entries = self.nodes.iter().filter(|node| matches!(node, Node::Entry(_))).count();
        let records = self.nodes.iter().filter(|node| matches!(node, Node::Record(_) | Node::Unseen(_))).count();
        let has_room = match far {
            Far::Record(_) => records < RECORDS_MAX,
            Far::Entry(_) => entries < ENTRIES_MAX,
        };
        if !has_room {
            self.extent = Extent::Cut;
            return Ok(None);
        }
        let Some(node) = Node::at(visit, far)? else { return Ok(None) };
        let place = self.nodes.len();
        self.nodes.push(node);
        places.insert(far.clone(), place);
        Ok(Some(place))
    }

    /// The numbers of what is in it that the visitor may not see: to be kept out of what is shown.
    pub fn unseen(&self) -> impl Iterator<Item = &str> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Unseen(number) => Some(number.as_str()),
            Node::Record(_) | Node::Entry(_) | Node::Alike(_) => None,
        })
    }

    /// The records of the chain that the visitor may see, with their places.
    pub fn records(&self) -> impl Iterator<Item = (usize, &Reached)> {
        self.nodes.iter().enumerate().filter_map(|(place, node)| match node {
            Node::Record(reached) => Some((place, &**reached)),
            Node::Unseen(_) | Node::Entry(_) | Node::Alike(_) => None,
        })
    }
}

/// The ties of a place on the way, and apart from them those by which many new records hang on it.
fn apart(ties: Vec<Tie>, places: &BTreeMap<Far, usize>) -> (Vec<Tie>, Vec<Vec<Tie>>) {
    let mut kept = Vec::new();
    let mut new: BTreeMap<(String, From), Vec<Tie>> = BTreeMap::new();
    for tie in ties {
        match &tie.far {
            Far::Record(_) if !places.contains_key(&tie.far) => {
                new.entry((tie.by.clone(), tie.from)).or_default().push(tie);
            }
            Far::Record(_) | Far::Entry(_) => kept.push(tie),
        }
    }
    let mut many = Vec::new();
    for ties in new.into_values() {
        if ties.len() > ALIKE_MAX { many.push(ties) } else { kept.extend(ties) }
    }
    (kept, many)
}
