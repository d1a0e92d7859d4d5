//! How many records stand where, and how many could move: counted one record at a time, so that nobody needs all of
//! them at once.

use std::collections::BTreeMap;

use engine::ids::Name;
use engine::instance::{Instance, Waits};

use super::{Obstacle, Plan};

/// What is counted over the running records of an old version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All of them.
    pub records: u64,
    /// Those that could move to the new version.
    pub movable: u64,
    /// How much stands in each step; steps in which nothing stands are not there.
    pub standing: BTreeMap<Name, Standing>,
    /// How many records each obstacle keeps from moving. A record may have several.
    pub obstacles: BTreeMap<Obstacle, u64>,
}

/// What stands in a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Records.
    pub records: u64,
    /// Open tasks.
    pub tasks: u64,
    /// Waits for an instant.
    pub timers: u64,
}

impl Tally {
    /// Counts one record; one that is over counts for nothing.
    pub fn count(&mut self, plan: &Plan<'_>, record: &Instance) {
        if record.is_ended() {
            return;
        }
        self.records += 1;
        let obstacles = plan.obstacles(record);
        self.movable += u64::from(obstacles.is_empty());
        for obstacle in obstacles {
            *self.obstacles.entry(obstacle).or_default() += 1;
        }
        let mut here: BTreeMap<&Name, Standing> = BTreeMap::new();
        for token in record.tokens() {
            let standing = here.entry(&token.step).or_default();
            standing.records = 1;
            match token.waits {
                Waits::Task(_) => standing.tasks += 1,
                Waits::Time(_) => standing.timers += 1,
                Waits::Engine
                | Waits::Inner
                | Waits::Judgement
                | Waits::Rest
                | Waits::Message { .. }
                | Waits::Job(_)
                | Waits::Return(_)
                | Waits::Signal(_)
                | Waits::Heard(_)
                | Waits::Condition => {}
            }
        }
        for (step, standing) in here {
            let sum = self.standing.entry(step.clone()).or_default();
            sum.records += standing.records;
            sum.tasks += standing.tasks;
            sum.timers += standing.timers;
        }
    }
}
