//! The state of one record. It changes only through [`Instance::apply`], and an instance never needs its
//! history to go on.

mod alarm;
mod apply;
mod ballots;
mod clock;
mod follow;
mod job;
mod kept;
mod status;
mod task;
mod token;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub(crate) use self::alarm::Alarm;
pub use self::clock::{ClockRun, ClockState, Segment};
pub use self::job::{JobState, OpenJob};
pub use self::kept::{KeptMessage, Undoable};
pub use self::status::{Status, Suspension};
pub use self::task::OpenTask;
pub use self::token::{Token, Waits};
use crate::ballot::Ballot;
use crate::effect::{Caller, Link};
use crate::event::{Event, Repair};
use crate::file::{Bytes, File, HeldFile, files_in};
use crate::ids::{DefinitionId, FileId, InstanceId, JobId, Name, TaskId, TokenId};
use crate::time::Timestamp;
use crate::value::Fields;

/// One record of a process. What changes seldom stands last: a server that writes a new version of a row beside the old one
/// logs only what differs before a common end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    next_token: u32,
    next_task: u32,
    #[serde(default, skip_serializing_if = "is_zero")]
    next_job: u32,
    #[serde(default, skip_serializing_if = "is_zero")]
    next_file: u32,
    status: Status,
    tokens: Vec<Token>,
    tasks: Vec<OpenTask>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    jobs: Vec<OpenJob>,
    /// The approvals on their way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ballots: Vec<Ballot>,
    clocks: Vec<ClockRun>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    milestones: BTreeMap<Name, Timestamp>,
    /// Who had a hand in which step, however often it was done, for separation of duty: who completed it, who was asked to
    /// do the work, in whose stead it was done, and all who voted.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    took_part: BTreeMap<Name, BTreeSet<Name>>,
    /// What failed and is handled by `on error` at the moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    caught: Option<Repair>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    undoable: Vec<Undoable>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    kept: Vec<KeptMessage>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    overrides: BTreeMap<Name, String>,
    fields: Fields,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    links: Vec<Link>,
    /// The files that it holds, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    files: Vec<HeldFile>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    origin: Option<Caller>,
    started: Timestamp,
    requester: Name,
    number: String,
    definition: DefinitionId,
    id: InstanceId,
}

impl Instance {
    /// The state before the first event: only [`Event::Started`] gives it an identity.
    pub(crate) fn unborn() -> Instance {
        Instance {
            id: InstanceId(0),
            definition: DefinitionId(String::new()),
            number: String::new(),
            requester: Name::from(""),
            started: Timestamp(0),
            status: Status::Running,
            fields: Fields::new(),
            overrides: BTreeMap::new(),
            tokens: Vec::new(),
            tasks: Vec::new(),
            clocks: Vec::new(),
            milestones: BTreeMap::new(),
            took_part: BTreeMap::new(),
            jobs: Vec::new(),
            origin: None,
            links: Vec::new(),
            kept: Vec::new(),
            undoable: Vec::new(),
            caught: None,
            ballots: Vec::new(),
            files: Vec::new(),
            next_token: 1,
            next_task: 1,
            next_job: 0,
            next_file: 0,
        }
    }

    /// The state that a history leads to.
    pub fn folded<'a>(events: impl IntoIterator<Item = &'a Event>) -> Instance {
        let mut instance = Instance::unborn();
        for event in events {
            instance.apply(event);
        }
        instance
    }

    /// Whether its first event has happened.
    pub(crate) fn is_born(&self) -> bool {
        self.next_token > 1 || self.id != InstanceId(0)
    }

    /// Its identity.
    pub fn id(&self) -> InstanceId {
        self.id
    }

    /// The definition that it follows.
    pub fn definition(&self) -> &DefinitionId {
        &self.definition
    }

    /// Its number for people.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// For whom it is.
    pub fn requester(&self) -> &Name {
        &self.requester
    }

    /// Since when it is.
    pub fn started(&self) -> Timestamp {
        self.started
    }

    /// Whether it goes on.
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// Whether it is over.
    pub fn is_ended(&self) -> bool {
        match self.status {
            Status::Ended { .. } => true,
            Status::Running | Status::Stuck(_) | Status::Suspended(_) => false,
        }
    }

    /// What a person must mend, if anything; of a suspended record what will have to be mended.
    pub fn repair(&self) -> Option<&Repair> {
        match &self.status {
            Status::Stuck(repair) => Some(repair),
            Status::Suspended(suspension) => suspension.repair.as_ref(),
            Status::Running | Status::Ended { .. } => None,
        }
    }

    /// The record.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// Why derived fields hold another value than computed.
    pub fn overrides(&self) -> &BTreeMap<Name, String> {
        &self.overrides
    }

    /// Where it stands.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// What is to be done.
    pub fn tasks(&self) -> &[OpenTask] {
        &self.tasks
    }

    /// The open task of that identity.
    pub fn task(&self, task: TaskId) -> Option<&OpenTask> {
        self.tasks.iter().find(|open| open.id == task)
    }

    /// What machines have to do.
    pub fn jobs(&self) -> &[OpenJob] {
        &self.jobs
    }

    /// The open job of that identity.
    pub fn job(&self, job: JobId) -> Option<&OpenJob> {
        self.jobs.iter().find(|held| held.id == job)
    }

    /// The record that began it, where one did.
    pub fn origin(&self) -> Option<&Caller> {
        self.origin.as_ref()
    }

    /// How it is linked with others.
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// Its clocks.
    pub fn clocks(&self) -> &[ClockRun] {
        &self.clocks
    }

    /// What it has reached, and when last.
    pub fn milestones(&self) -> &BTreeMap<Name, Timestamp> {
        &self.milestones
    }

    /// The messages that came before any step waited for them, oldest first.
    pub fn kept(&self) -> &[KeptMessage] {
        &self.kept
    }

    /// What was done and can be undone, oldest first.
    pub fn undoable(&self) -> &[Undoable] {
        &self.undoable
    }

    /// What failed and is handled at the moment.
    pub fn caught(&self) -> Option<&Repair> {
        self.caught.as_ref()
    }

    /// The approvals on their way.
    pub fn ballots(&self) -> &[Ballot] {
        &self.ballots
    }

    /// The approval for which a token waits.
    pub fn ballot(&self, token: TokenId) -> Option<&Ballot> {
        self.ballots.iter().find(|ballot| ballot.token == token)
    }

    /// The files that it holds, oldest first; with those of fields whose bytes were taken away.
    pub fn files(&self) -> &[HeldFile] {
        &self.files
    }

    /// The file of that identity, if its bytes are there.
    pub fn file(&self, file: FileId) -> Option<&HeldFile> {
        self.files.iter().find(|held| held.id == file && held.bytes.are_there())
    }

    /// The file that a field names, as it is held.
    pub fn file_of(&self, field: &Name, file: &File) -> Option<&HeldFile> {
        let same = |held: &&HeldFile| held.field.as_ref() == Some(field) && held.file == *file;
        self.files.iter().filter(same).max_by_key(|held| held.bytes.are_there())
    }

    /// Whether the field for which a file was brought names it still.
    pub fn names_file(&self, held: &HeldFile) -> bool {
        let value = held.field.as_ref().and_then(|field| self.fields.get(field));
        value.is_some_and(|value| files_in(value).contains(&&held.file))
    }

    /// Whether bytes were brought and taken away again, and are not there by another name.
    pub(crate) fn are_gone(&self, sha256: &str) -> bool {
        let mut same = self.files.iter().filter(|held| held.file.sha256 == sha256).peekable();
        same.peek().is_some() && same.all(|held| !held.bytes.are_there())
    }

    fn forget_bytes(&mut self, file: FileId) {
        self.files.retain(|held| held.id != file || held.field.is_some());
        self.files.iter_mut().filter(|held| held.id == file).for_each(|held| held.bytes = Bytes::Gone);
    }

    pub(crate) fn new_file(&self) -> FileId {
        FileId(self.next_file)
    }

    /// Whether a person ever had a hand in a step: completed it, was asked to do its work, was acted for, or voted.
    pub fn took_part(&self, step: &Name, person: &Name) -> bool {
        self.took_part.get(step).is_some_and(|people| people.contains(person))
    }

    /// Who ever had a hand in a step of it.
    pub(crate) fn everybody_who_took_part(&self) -> impl Iterator<Item = &Name> {
        self.took_part.values().flatten()
    }

    pub(crate) fn took_part_anywhere(&self, person: &Name) -> bool {
        self.took_part.values().any(|people| people.contains(person))
    }

    /// When the first of its running clocks is due.
    pub fn clock_due(&self) -> Option<Timestamp> {
        self.clocks.iter().filter_map(ClockRun::due).min()
    }
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}
