//! How nodes that work on one database share its records out: the shards lie in slices, and each slice is held by one
//! node, which alone fires its timers and performs what its records owe. Commands go to any node.
//!
//! Nobody's clock is compared with another's. A living node makes its beat greater; to the others it is dead when they
//! have seen the same beat for a while by their own clocks, and a node whose beats do not get through lets go before
//! that. The epoch of a slice grows with each holder, and work that cannot be taken back is begun only where the epoch
//! is still the one that the node took.

use std::collections::BTreeMap;

use engine::ids::InstanceId;

use crate::dispatch::{read, write};
use crate::shard::{SHARDS, shard_of};
use crate::{Database, Store, StoreError};

/// How many slices there are.
pub const SLICES: i16 = 64;

/// Some of the shards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slice(pub i16);

impl Slice {
    pub(crate) fn of(shard: i16) -> Slice {
        Slice(shard / (SHARDS / SLICES))
    }

    /// Where the shard of a record lies.
    pub fn of_record(record: InstanceId) -> Slice {
        Slice::of(shard_of(record))
    }
}

/// The records that a node looks after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Share {
    /// All there are.
    Whole,
    /// Those of the slices that the node holds, with the epoch in which it took each.
    Slices {
        /// The node.
        node: String,
        /// What it holds.
        held: BTreeMap<Slice, i64>,
    },
}

impl Share {
    /// The shards of a share, if it is not the whole.
    pub(crate) fn shards(&self) -> Option<Vec<i16>> {
        match self {
            Share::Whole => None,
            Share::Slices { held, .. } => {
                Some((0..SHARDS).filter(|shard| held.contains_key(&Slice::of(*shard))).collect())
            }
        }
    }

    /// How many slices it has.
    pub fn slices(&self) -> usize {
        match self {
            Share::Whole => usize::from(SLICES.unsigned_abs()),
            Share::Slices { held, .. } => held.len(),
        }
    }

    pub(crate) fn node(&self) -> Option<&str> {
        match self {
            Share::Whole => None,
            Share::Slices { node, .. } => Some(node),
        }
    }
}

/// Who holds a slice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SliceLease {
    /// The slice.
    pub slice: Slice,
    /// The node, if any has it.
    pub holder: Option<String>,
    /// How many holders it has had.
    pub epoch: i64,
}

/// What a node sees of all nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The nodes, each with its beat.
    pub nodes: Vec<(String, i64)>,
    /// All slices.
    pub slices: Vec<SliceLease>,
}

impl Store {
    /// Whether other nodes may work on the same records. A file and a memory have one node.
    pub fn has_nodes(&self) -> bool {
        match self.database() {
            Database::Sqlite(_) => false,
            Database::Postgres(_) => true,
        }
    }

    /// A node shows that it lives, and sees who else does.
    ///
    /// # Errors
    /// The database failed.
    pub fn beat(&self, node: &str) -> Result<Seen, StoreError> {
        let node = node.to_owned();
        write!(self, leases::beat(&node))
    }

    /// Who holds what, as anybody may see.
    ///
    /// # Errors
    /// The database failed.
    pub fn leases(&self) -> Result<Seen, StoreError> {
        read!(self, leases::seen())
    }

    /// A node is dead that had this beat: what it had in hand is free, and so is what it holds. One that has beaten
    /// since lives.
    ///
    /// # Errors
    /// The database failed.
    pub fn bury(&self, dead: &str, beat: i64) -> Result<(), StoreError> {
        let dead = dead.to_owned();
        write!(self, leases::bury(&dead, beat))
    }

    /// Takes slices that were free in these epochs; gives those that nobody else has taken meanwhile, with the epochs
    /// that begin.
    ///
    /// # Errors
    /// The database failed.
    pub fn take_slices(&self, node: &str, free: Vec<(Slice, i64)>) -> Result<Vec<(Slice, i64)>, StoreError> {
        let node = node.to_owned();
        write!(self, leases::take(&node, &free))
    }

    /// Lets slices go.
    ///
    /// # Errors
    /// The database failed.
    pub fn give_slices(&self, node: &str, given: Vec<Slice>) -> Result<(), StoreError> {
        let node = node.to_owned();
        write!(self, leases::give(&node, &given))
    }

    /// A node that ends in good order: what it holds is free at once.
    ///
    /// # Errors
    /// The database failed.
    pub fn leave(&self, node: &str) -> Result<(), StoreError> {
        let node = node.to_owned();
        write!(self, leases::leave(&node))
    }
}
