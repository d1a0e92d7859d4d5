//! Which records this node looks after, where several work on one database: `store::Share` says how they share them
//! out, here one of them does its part.
//!
//! Living nodes hold as much each. One that has more than its part lets the rest go, one that has less takes what is
//! free. A share counts only for a while after the beat that it was last seen with, so that a node which was stopped or
//! cut off has let go before the others take over.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use store::{SLICES, Seen, Share, Slice, Store, StoreError};

/// Between two beats of a living node.
pub(crate) const BEAT: Duration = Duration::from_secs(1);
/// For how long a share counts after a beat.
const COUNTS: Duration = Duration::from_secs(3);
/// After how long without a beat a node is dead; longer than its share counts.
const DEAD: Duration = Duration::from_secs(4);

/// The share of a node.
pub(crate) struct Holding(Mutex<Held>);

enum Held {
    /// There is one node, or none that shares.
    Whole,
    /// As of the last beat.
    Leased { share: Arc<Share>, until: Instant },
}

impl Default for Holding {
    fn default() -> Self {
        Holding(Mutex::new(Held::Whole))
    }
}

impl Holding {
    /// The share as it counts at this moment.
    pub(crate) fn share(&self) -> Arc<Share> {
        self.share_at(Instant::now())
    }

    fn share_at(&self, now: Instant) -> Arc<Share> {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Held::Whole => Arc::new(Share::Whole),
            Held::Leased { share, until } if *until > now => share.clone(),
            Held::Leased { share, .. } => Arc::new(nothing(share)),
        }
    }

    fn hold(&self, share: Share, until: Instant) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Held::Leased { share: Arc::new(share), until };
    }
}

fn nothing(share: &Share) -> Share {
    match share {
        Share::Whole => Share::Whole,
        Share::Slices { node, .. } => Share::Slices { node: node.clone(), held: BTreeMap::new() },
    }
}

/// A node among others.
pub(crate) struct Node {
    name: String,
    /// The beat of each other node, and since when it has been the same.
    beats: BTreeMap<String, (i64, Instant)>,
}

impl Node {
    /// A node that holds nothing yet.
    pub(crate) fn joining(name: String, holding: &Holding) -> Node {
        let node = Node { name, beats: BTreeMap::new() };
        holding.hold(node.share(&BTreeMap::new()), Instant::now());
        node
    }

    /// Shows that the node lives at an instant, buries who does not, and changes what it holds; tells whether it has taken
    /// more.
    ///
    /// # Errors
    /// The store failed. What the node holds then counts until its time is over.
    pub(crate) fn beat(&mut self, store: &Store, holding: &Holding, began: Instant) -> Result<bool, StoreError> {
        let seen = store.beat(&self.name)?;
        let turn = self.turn(&seen, began);
        // Let go here first, then for others to see.
        holding.hold(self.share(&turn.kept), began + COUNTS);
        if !turn.given.is_empty() {
            store.give_slices(&self.name, turn.given)?;
        }
        for (dead, beat) in turn.dead {
            tracing::warn!(node = dead, "a node has died; others take over");
            store.bury(&dead, beat)?;
        }
        if turn.free.is_empty() {
            return Ok(false);
        }
        let taken = store.take_slices(&self.name, turn.free)?;
        let more = !taken.is_empty();
        let mut held = turn.kept;
        held.extend(taken);
        holding.hold(self.share(&held), began + COUNTS);
        Ok(more)
    }

    /// Lets everything go, in good order.
    ///
    /// # Errors
    /// The store failed; the others take over as from a dead node.
    pub(crate) fn leave(&self, store: &Store, holding: &Holding) -> Result<(), StoreError> {
        holding.hold(self.share(&BTreeMap::new()), Instant::now());
        store.leave(&self.name)
    }

    fn share(&self, held: &BTreeMap<Slice, i64>) -> Share {
        Share::Slices { node: self.name.clone(), held: held.clone() }
    }

    /// What to do about what is seen.
    fn turn(&mut self, seen: &Seen, now: Instant) -> Turn {
        self.beats.retain(|name, _| seen.nodes.iter().any(|(living, _)| living == name));
        let mut dead = Vec::new();
        for (name, beat) in seen.nodes.iter().filter(|(name, _)| *name != self.name) {
            let since = self.beats.entry(name.clone()).or_insert((*beat, now));
            if since.0 != *beat {
                *since = (*beat, now);
            }
            if now.duration_since(since.1) >= DEAD {
                dead.push((name.clone(), *beat));
            }
        }
        let gone = |name: &str| dead.iter().any(|(dead, _)| dead == name);
        let living: BTreeSet<&str> =
            seen.nodes.iter().map(|(name, _)| name.as_str()).filter(|name| !gone(name)).collect();
        let part = usize::try_from(SLICES).unwrap_or(0).div_ceil(living.len().max(1));

        let (mut kept, mut given, mut free) = (BTreeMap::new(), Vec::new(), Vec::new());
        for lease in &seen.slices {
            match &lease.holder {
                Some(holder) if *holder == self.name && kept.len() < part => {
                    kept.insert(lease.slice, lease.epoch);
                }
                Some(holder) if *holder == self.name => given.push(lease.slice),
                Some(holder) if living.contains(holder.as_str()) => {}
                Some(_) | None => free.push((lease.slice, lease.epoch)),
            }
        }
        // Each begins elsewhere, so that not all reach for the same.
        let first = usize::try_from(hashed(&self.name) % free.len().max(1) as u64).unwrap_or(0);
        free.rotate_left(first);
        free.truncate(part.saturating_sub(kept.len()));
        Turn { kept, given, dead, free }
    }
}

fn hashed(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

/// What a node does in one beat.
struct Turn {
    /// What it goes on holding.
    kept: BTreeMap<Slice, i64>,
    /// What it lets go.
    given: Vec<Slice>,
    /// Who is dead, with the last beat.
    dead: Vec<(String, i64)>,
    /// What it reaches for.
    free: Vec<(Slice, i64)>,
}

#[cfg(test)]
mod tests {
    use store::Place;

    use super::*;

    /// Nodes over one store in memory, and a time that goes when it is told to.
    struct House {
        store: Store,
        begin: Instant,
        at: Duration,
        nodes: Vec<(Node, Holding)>,
        joined: usize,
    }

    impl House {
        fn new(name: &str) -> House {
            let store = Store::open(Place::Memory(name.to_owned())).expect("memory opens");
            House { store, begin: Instant::now(), at: Duration::ZERO, nodes: Vec::new(), joined: 0 }
        }

        fn now(&self) -> Instant {
            self.begin + self.at
        }

        fn join(&mut self) {
            let holding = Holding::default();
            self.joined += 1;
            self.nodes.push((Node::joining(format!("node-{}", self.joined), &holding), holding));
        }

        fn beat(&mut self, which: usize) {
            let now = self.now();
            let (node, holding) = &mut self.nodes[which];
            node.beat(&self.store, holding, now).expect("the store works");
        }

        /// Everybody beats for so many seconds.
        fn seconds(&mut self, seconds: u64) {
            for _ in 0..seconds {
                self.at += BEAT;
                (0..self.nodes.len()).for_each(|which| self.beat(which));
            }
        }

        /// What each node looks after now.
        fn held(&self) -> Vec<BTreeSet<Slice>> {
            let held = |(_, holding): &(Node, Holding)| match &*holding.share_at(self.now()) {
                Share::Whole => panic!("a node that joined does not hold the whole"),
                Share::Slices { held, .. } => held.keys().copied().collect(),
            };
            self.nodes.iter().map(held).collect()
        }

        /// Nobody looks after what another one does; gives how much each has.
        fn disjoint(&self) -> Vec<usize> {
            let held = self.held();
            let mut all = BTreeSet::new();
            for slice in held.iter().flatten() {
                assert!(all.insert(*slice), "{slice:?} is held twice at {:?}: {held:?}", self.at);
            }
            held.iter().map(BTreeSet::len).collect()
        }
    }

    #[test]
    fn nodes_that_come_and_go_in_good_order_hold_as_much_each() {
        let mut house = House::new("share-order");
        house.join();
        house.seconds(1);
        assert_eq!(house.disjoint(), [64]);
        house.join();
        house.join();
        house.seconds(4);
        let parts = house.disjoint();
        assert_eq!(parts.iter().sum::<usize>(), 64);
        assert!(parts.iter().all(|part| (20..=22).contains(part)), "{parts:?}");
        let (node, holding) = house.nodes.remove(0);
        node.leave(&house.store, &holding).expect("the store works");
        house.seconds(1);
        assert_eq!(house.disjoint().iter().sum::<usize>(), 64, "what it left is taken at the next beat");
        house.seconds(2);
        assert_eq!(house.disjoint(), [32, 32]);
    }

    #[test]
    fn a_node_that_dies_is_followed_within_seven_seconds() {
        let mut house = House::new("share-death");
        (0..3).for_each(|_| house.join());
        house.seconds(4);
        house.nodes.remove(1);
        let mut seconds = 0;
        while house.disjoint().iter().sum::<usize>() < 64 {
            house.seconds(1);
            seconds += 1;
        }
        assert!(seconds <= 7, "{seconds} seconds");
    }

    #[test]
    fn a_node_that_was_stopped_for_a_while_has_let_go_and_may_come_back() {
        let mut house = House::new("share-pause");
        (0..2).for_each(|_| house.join());
        house.seconds(3);
        for _ in 0..9 {
            house.at += BEAT;
            house.beat(0);
            house.disjoint();
        }
        assert_eq!(house.disjoint(), [64, 0]);
        house.seconds(3);
        assert_eq!(house.disjoint(), [32, 32]);
    }

    #[test]
    fn whatever_happens_nothing_is_held_twice_and_all_is_held_in_the_end() {
        for seed in 0..60_u64 {
            let mut house = House::new(&format!("share-{seed}"));
            let mut drawn = seed;
            let mut draw = |below: u64| {
                drawn = drawn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (drawn >> 33) % below
            };
            for _ in 0..200 {
                house.at += Duration::from_millis(draw(400));
                let count = house.nodes.len() as u64;
                match draw(40) {
                    0 if count < 5 => house.join(),
                    1 if count > 0 => drop(house.nodes.remove(usize::try_from(draw(count)).expect("small"))),
                    // Nodes beat when they do: late, early, not for long.
                    _ if count > 0 => house.beat(usize::try_from(draw(count)).expect("small")),
                    _ => {}
                }
                house.disjoint();
            }
            if house.nodes.is_empty() {
                house.join();
            }
            house.seconds(10);
            assert_eq!(house.disjoint().iter().sum::<usize>(), 64, "seed {seed}");
        }
    }
}
