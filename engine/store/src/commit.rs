//! What one step writes, worked out in the caller's thread so that the writer has nothing left to compute.

use std::collections::BTreeSet;
use std::sync::Arc;

use engine::Step;
use engine::definition::Definition;
use engine::event::Actor;
use engine::ids::InstanceId;
use engine::instance::Instance;
use engine::time::Timestamp;

use crate::StoreError;
use crate::batches::BatchId;
use crate::chain::{EventRow, GENESIS, Hash};
use crate::document::Document;
use crate::files::FileBytes;
use crate::packed::pack;
use crate::projection::{AwaitRow, CaseLine, TaskRow, project};
use crate::shard::shard_of;

/// An instance as it was committed last.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The state.
    pub instance: Arc<Instance>,
    /// How many commits led to it, from 1.
    pub revision: u64,
    /// The hash of its newest event row, which chains to all before it.
    pub head: [u8; 32],
    /// When it was committed last. No step on it is taken at an earlier instant, whatever a clock says.
    pub at: Timestamp,
    /// The state as its row keeps it.
    pub(crate) document: Document,
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
    pub(crate) after: Loaded,
    pub(crate) base: Base,
    pub(crate) shard: i16,
    pub(crate) event: EventRow,
    /// What the row of history tells, packed.
    pub(crate) facts: Vec<u8>,
    pub(crate) tasks_gone: Vec<TaskRow>,
    pub(crate) tasks_new: Vec<TaskRow>,
    pub(crate) awaits_gone: Vec<AwaitRow>,
    pub(crate) awaits_new: Vec<AwaitRow>,
    pub(crate) wake_gone: Option<Timestamp>,
    pub(crate) wake_new: Option<Timestamp>,
    pub(crate) case: CaseChange,
    pub(crate) owed: Vec<String>,
    /// The batch that it is a part of.
    pub(crate) batch: Option<BatchId>,
    /// The hashes of the files that the record holds now and did not hold before.
    pub(crate) files_wanted: BTreeSet<String>,
    pub(crate) files_new: Vec<FileBytes>,
    /// The hashes of the files that it does not hold any more.
    pub(crate) files_gone: Vec<String>,
}

/// Whether a commit changed anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It did.
    Won,
    /// Somebody else was faster; nothing was written.
    Lost,
}

/// What must still be so for a commit to win.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    /// There is no such instance yet.
    Nothing,
    /// The instance is where the step found it. The head tells apart two commits of the same revision, of which
    /// one was decided upon a commit that lost.
    At { revision: i64, head: Hash },
}

/// What happens to the record's line in lists.
#[derive(Clone, Debug)]
pub(crate) enum CaseChange {
    /// It appears.
    New { line: CaseLine, process: String },
    /// It changes, but not its status, so that no index is touched.
    Same(CaseLine),
    /// Its status changes too.
    Turned(CaseLine),
    /// The record follows another definition, and maybe another status.
    Follows {
        /// The line.
        line: CaseLine,
        /// The definition.
        definition: String,
    },
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
        let Step { instance, events, effects } = step;
        let (revision, previous) = before.map_or((1, GENESIS), |loaded| (loaded.revision + 1, loaded.head));
        let event = EventRow {
            instance: instance.id().0,
            revision: number(revision),
            at_ms: at.0,
            actor: actor.person().map(ToString::to_string),
            command: command.to_owned(),
            body: json(&events),
        };
        let head = event.hash(&previous);
        let facts = pack(&event.body);
        let document = match before {
            Some(loaded) => loaded.document.followed_by(&facts, &instance),
            None => Document::of(&instance),
        };
        let new = project(definition, &instance);
        let old = before.map(|loaded| project(definition, &loaded.instance));
        let (tasks_gone, tasks_new, wake_gone) = match &old {
            Some(old) => (
                old.tasks.difference(&new.tasks).cloned().collect(),
                new.tasks.difference(&old.tasks).cloned().collect(),
                old.wake.filter(|_| old.wake != new.wake),
            ),
            None => (Vec::new(), new.tasks.into_iter().collect(), None),
        };
        let (awaits_gone, awaits_new) = match &old {
            Some(old) => (
                old.awaits.difference(&new.awaits).cloned().collect(),
                new.awaits.difference(&old.awaits).cloned().collect(),
            ),
            None => (Vec::new(), new.awaits.into_iter().collect()),
        };
        let held = hashes(&instance);
        let held_before = before.map(|loaded| hashes(&loaded.instance)).unwrap_or_default();
        let wake_new = new.wake.filter(|_| old.as_ref().and_then(|old| old.wake) != new.wake);
        let case = match &old {
            None => CaseChange::New { line: new.case, process: definition.parts().name.to_string() },
            Some(_) if before.is_some_and(|loaded| loaded.instance.definition() != instance.definition()) => {
                CaseChange::Follows { line: new.case, definition: instance.definition().0.clone() }
            }
            Some(old) if old.case.status == new.case.status => CaseChange::Same(new.case),
            Some(_) => CaseChange::Turned(new.case),
        };
        Commit {
            base: before
                .map_or(Base::Nothing, |loaded| Base::At { revision: number(loaded.revision), head: loaded.head }),
            shard: shard_of(instance.id()),
            facts,
            event,
            tasks_gone,
            tasks_new,
            awaits_gone,
            awaits_new,
            wake_gone,
            wake_new,
            case,
            owed: effects.iter().map(json).collect(),
            after: Loaded { instance: Arc::new(instance), revision, head, at, document },
            batch: None,
            files_wanted: held.difference(&held_before).cloned().collect(),
            files_new: Vec::new(),
            files_gone: held_before.difference(&held).cloned().collect(),
        }
    }

    /// The same with the bytes of the files that the record holds from now on, written with all the rest. Others among
    /// those given are left out.
    ///
    /// # Errors
    /// Bytes that are wanted are not among those given.
    pub fn with_files(self, given: &[FileBytes]) -> Result<Commit, StoreError> {
        let wanted = |sha256: &String| {
            let found = given.iter().find(|file| file.sha256() == sha256).cloned();
            found.ok_or_else(|| StoreError::unreadable("file", format!("the bytes of {sha256} are not there")))
        };
        let files_new = self.files_wanted.iter().map(wanted).collect::<Result<_, _>>()?;
        Ok(Commit { files_new, ..self })
    }

    /// The same as a part of a batch: the record counts as changed by it if and only if the commit wins.
    pub fn counted_in(self, batch: BatchId) -> Commit {
        Commit { batch: Some(batch), ..self }
    }

    /// The instance that it changes.
    pub fn instance(&self) -> InstanceId {
        self.after.instance.id()
    }

    /// What the instance is once the commit is durable.
    pub fn after(&self) -> Loaded {
        self.after.clone()
    }
}

/// The hashes of the files whose bytes a record holds.
pub(crate) fn hashes(instance: &Instance) -> BTreeSet<String> {
    let there = instance.files().iter().filter(|held| held.bytes.are_there());
    there.map(|held| held.file.sha256.clone()).collect()
}

fn number(revision: u64) -> i64 {
    i64::try_from(revision).unwrap_or(i64::MAX)
}

/// What most documents fit in, so that writing one asks for memory once.
const DOCUMENT_BYTES: usize = 1_024;

/// Plain data as JSON.
pub(crate) fn json<T: serde::Serialize>(data: &T) -> String {
    let mut written = Vec::with_capacity(DOCUMENT_BYTES);
    serde_json::to_writer(&mut written, data).expect("plain data with text for keys always has a JSON form");
    String::from_utf8(written).expect("JSON is UTF-8")
}
