//! Identities and numbers of new records.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

use engine::definition::NumberPattern;
use engine::ids::{InstanceId, Name};
use engine::time::{Timestamp, ZONE};

use store::NO_YEAR;

use crate::RuntimeError;
use crate::clock::{Clock, SystemClock};

/// How many numbers a node reserves at once. Those left over when it stops are never used; gaps are fine.
const BLOCK: u32 = 64;
/// 2000-01-01T00:00:00Z in milliseconds: where the count of identities begins.
const EPOCH_MS: i64 = 946_684_800_000;
/// How many bits of an identity lie below its milliseconds.
const BELOW: u32 = 22;

/// The identity of a moment and a number: its milliseconds in the upper bits, and of the number what fits below.
pub(crate) fn at(moment: Timestamp, number: i64) -> InstanceId {
    InstanceId(((moment.0 - EPOCH_MS) << BELOW) | (number & ((1 << BELOW) - 1)))
}

/// Makes identities that grow.
#[derive(Debug)]
pub(crate) struct IdMaker {
    last: AtomicI64,
    floor: Floor,
}

/// From where identities count.
#[derive(Debug)]
enum Floor {
    /// Milliseconds of the machine's clock in the upper bits, so that they grow with time; never from another clock, so
    /// that a replay of old times makes none twice. The salt is where this process begins to count within a millisecond,
    /// so that two processes on one store differ.
    Machine { salt: i64 },
    /// From a number, one after the other.
    Number,
}

impl Default for IdMaker {
    fn default() -> Self {
        let drawn = RandomState::new().hash_one(std::process::id());
        let salt = i64::try_from(drawn % (1 << BELOW)).unwrap_or(0);
        IdMaker { last: AtomicI64::new(0), floor: Floor::Machine { salt } }
    }
}

impl IdMaker {
    pub(crate) fn counting_from(first: InstanceId) -> IdMaker {
        IdMaker { last: AtomicI64::new(first.0 - 1), floor: Floor::Number }
    }

    /// A name for this process among those that work on one store.
    pub(crate) fn worker(&self) -> String {
        match self.floor {
            Floor::Machine { salt } => format!("{}-{salt:x}", std::process::id()),
            Floor::Number => format!("{}-{:x}", std::process::id(), self.last.load(Ordering::Relaxed)),
        }
    }

    pub(crate) fn next(&self) -> InstanceId {
        self.block(1)
    }

    /// So many identities in a row that are nobody else's; gives the first.
    pub(crate) fn block(&self, count: u32) -> InstanceId {
        let floor = match self.floor {
            Floor::Machine { salt } => ((SystemClock.now().0 - EPOCH_MS) << BELOW) | salt,
            Floor::Number => 0,
        };
        let mut made = 0;
        // The closure always gives a value, so the update cannot fail.
        let _ = self.last.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |last| {
            made = floor.max(last + 1);
            Some(made + i64::from(count) - 1)
        });
        InstanceId(made)
    }
}

#[derive(Debug)]
struct Block {
    next: u64,
    end: u64,
}

/// A number that was given out.
pub(crate) struct Numbered {
    process: Name,
    year: i16,
    number: u64,
    /// As people read it.
    pub(crate) written: String,
}

/// Gives out numbers for people from blocks that the store reserves.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    blocks: Mutex<BTreeMap<(Name, i16), Block>>,
}

impl Numbers {
    /// The next number of a process by its pattern, such as `INC-{year}-{seq:6}`.
    pub(crate) fn next(
        &self,
        store: &store::Store,
        process: &Name,
        pattern: &str,
        now: Timestamp,
    ) -> Result<Numbered, RuntimeError> {
        let pattern = NumberPattern(pattern);
        let year = if pattern.has_year() { year_of(now) } else { NO_YEAR };
        let mut blocks = self.blocks.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let block = blocks.entry((process.clone(), year)).or_insert(Block { next: 0, end: 0 });
        if block.next == block.end {
            let first = store.reserve_numbers(process, year, BLOCK)?;
            *block = Block { next: first, end: first + u64::from(BLOCK) };
        }
        let number = block.next;
        block.next += 1;
        Ok(Numbered { process: process.clone(), year, number, written: pattern.written(year, number) })
    }

    /// Takes back a number that was not used, unless a later one has been given out meanwhile.
    pub(crate) fn give_back(&self, unused: &Numbered) {
        let mut blocks = self.blocks.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(block) = blocks.get_mut(&(unused.process.clone(), unused.year))
            && block.next == unused.number + 1
        {
            block.next = unused.number;
        }
    }
}

fn year_of(now: Timestamp) -> i16 {
    now.to_local(ZONE).ok().and_then(|local| local.get(..4)?.parse().ok()).unwrap_or_else(|| now.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_grow_and_none_is_made_twice() {
        let ids = IdMaker::default();
        let made: Vec<InstanceId> = (0..10_000).map(|_| ids.next()).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
