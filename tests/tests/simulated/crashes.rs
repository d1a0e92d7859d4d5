//! What goes down, and who comes too late.

use engine::World as Circumstances;
use engine::effect::Effect;
use store::{Commit, CommitError, Loaded};

use crate::draft::{Dice, commanded};
use crate::world::{World, brought};

/// How often something is drawn until it can be done.
const TRIES: usize = 8;

/// A commit that is decided and not handed to the store yet.
struct Decided {
    commit: Commit,
    /// Whether it owes something that is else done before anybody is answered.
    is_urgent: bool,
}

impl World {
    /// Goes down between two events: whoever starts in its place knows nothing but the store.
    pub fn crash(&mut self, at: usize) {
        self.nodes[at] = self.node();
        self.done.crashes += 1;
    }

    /// Goes down right after a commit: nobody is answered, what is owed at once is not done, the node has kept nothing.
    pub fn crash_after_a_commit(&mut self, dice: &mut Dice, at: usize) {
        let mut all: Vec<Decided> = Vec::new();
        for _ in 0..TRIES {
            let Some(loaded) = self.any(dice) else { return };
            all.extend(self.decided(dice, at, &loaded));
        }
        // Most of what can be done owes nothing at once.
        all.sort_by_key(|decided| !decided.is_urgent);
        let Some(decided) = all.into_iter().next() else { return };
        self.store.commit(decided.commit).unwrap_or_else(|cause| panic!("seed {}: {cause}", self.seed));
        self.nodes[at] = self.node();
        self.done.unanswered += 1;
        self.done.left_undone += usize::from(decided.is_urgent);
    }

    /// Two decide upon the same state: one wins, and the other is told that it was too late.
    pub fn race(&mut self, dice: &mut Dice) {
        let Some(loaded) = self.any(dice) else { return };
        let (one, other) = (self.decided(dice, 0, &loaded), self.decided(dice, 1, &loaded));
        let (Some(one), Some(other)) = (one, other) else { return };
        let pending = [one, other].map(|decided| self.store.submit(decided.commit));
        let mut won = 0;
        for answered in pending.map(store::Pending::wait) {
            match answered {
                Ok(after) => {
                    self.answer(after.instance.id(), after.revision);
                    won += 1;
                }
                Err(CommitError::Lost) => self.done.lost += 1,
                Err(CommitError::Broken(cause)) => panic!("seed {}: {cause}", self.seed),
            }
        }
        assert_eq!(won, 1, "seed {}: of two commits upon one state one wins", self.seed);
    }

    /// Something that somebody does to a record as it was loaded, by a node's clock and registers.
    fn decided(&mut self, dice: &mut Dice, at: usize, loaded: &Loaded) -> Option<Decided> {
        (0..TRIES).find_map(|_| self.tried(dice, at, loaded))
    }

    /// The same, where it is refused or changes nothing in many cases.
    fn tried(&mut self, dice: &mut Dice, at: usize, loaded: &Loaded) -> Option<Decided> {
        let fresh = self.fresh();
        let runtime = &self.nodes[at].runtime;
        let definition = runtime.definition(loaded.instance.definition()).expect("it is in the store");
        let (actor, command) = commanded(dice, &loaded.instance, &definition);
        let (now, verb) = (runtime.now().max(loaded.at), command.verb());
        let directory = runtime.directory();
        let world =
            Circumstances { now, actor: &actor, directory: &directory, fresh, records: &engine::records::NoRecords };
        let step = engine::step(&definition, &loaded.instance, command, &world).ok()?;
        if step.events.is_empty() {
            return None;
        }
        let is_urgent = step.effects.iter().any(|owed| matches!(owed, Effect::Begin(_) | Effect::Return { .. }));
        let commit = Commit::new(&definition, Some(loaded), step, now, &actor, verb).with_files(&brought());
        let commit = commit.unwrap_or_else(|cause| panic!("seed {}: {verb}: {cause}", self.seed));
        Some(Decided { commit, is_urgent })
    }
}
