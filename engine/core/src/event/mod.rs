//! What has happened to an instance. State changes only by applying these; together they are its history.

mod mark;
mod principal;
mod repair;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use self::mark::{Mark, PauseReason};
pub use self::principal::{Actor, Principal};
pub use self::repair::{Owed, Repair};
use crate::audience::Audience;
use crate::ballot::Vote;
use crate::definition::{Channel, Substitution};
use crate::effect::{Caller, Link};
use crate::file::HeldFile;
use crate::ids::{DefinitionId, FileId, InstanceId, JobId, Name, TaskId, TokenId};
use crate::instance::{KeptMessage, Undoable};
use crate::migration::Migrated;
use crate::time::Timestamp;
use crate::value::{Fields, Value};

/// A fact about an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The record began.
    Started {
        /// Its identity.
        instance: InstanceId,
        /// The definition that it follows.
        definition: DefinitionId,
        /// Its number for people.
        number: String,
        /// For whom.
        requester: Name,
        /// When.
        at: Timestamp,
    },
    /// Another record began this one.
    Originated {
        /// Where it comes from.
        origin: Caller,
    },
    /// The record is linked with another.
    Linked {
        /// How.
        link: Link,
    },
    /// A link was taken away.
    Unlinked {
        /// Which.
        link: Link,
        /// Why.
        reason: String,
    },
    /// Fields took values: from a form, a rule, a default or a derivation.
    FieldsSet {
        /// The values, `Nothing` where a field was emptied.
        fields: Fields,
    },
    /// A derived field took a value by hand.
    FieldOverridden {
        /// The field.
        field: Name,
        /// The value.
        value: Value,
        /// Why.
        reason: String,
    },
    /// Fields were edited outside of a task; the values follow as [`Event::FieldsSet`].
    Edited {
        /// Why, where it was said.
        reason: String,
    },
    /// A token came to a step.
    Entered {
        /// The token.
        token: TokenId,
        /// The step.
        step: Name,
        /// The token at the enclosing race or block.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent: Option<TokenId>,
        /// Which round of the `for each` around begins with it, from 0.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        round: Option<u32>,
    },
    /// A token is gone: its branch ended or lost.
    TokenEnded {
        /// The token.
        token: TokenId,
    },
    /// A branch of several came to its end.
    BranchFinished {
        /// The branch's token.
        token: TokenId,
        /// The token around it.
        around: TokenId,
    },
    /// A round came to its end, which cannot be judged yet.
    BranchHalted {
        /// Its token.
        token: TokenId,
    },
    /// Enough branches are over, and the others go on without anybody waiting for them.
    RestLeft {
        /// The token that goes on.
        token: TokenId,
        /// The new token that holds the others.
        rest: TokenId,
    },
    /// There is more to go round for: a `for each` began, or its list has grown.
    RoundsAdded {
        /// The token at the `for each`.
        token: TokenId,
        /// What the new rounds are about.
        items: Vec<Value>,
    },
    /// A person added a part.
    Added {
        /// The part's step.
        step: Name,
        /// Who.
        by: Name,
    },
    /// Something is reached.
    MilestoneReached {
        /// The step.
        step: Name,
        /// When.
        at: Timestamp,
    },
    /// A task is there to be done.
    TaskOpened {
        /// The task.
        task: TaskId,
        /// The token that waits for it.
        token: TokenId,
        /// The step.
        step: Name,
        /// Who may do it.
        candidates: Vec<Principal>,
        /// By when it should be done.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Timestamp>,
        /// When each of the step's reminders comes.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        reminders: Vec<Timestamp>,
        /// When it was opened.
        at: Timestamp,
    },
    /// A task is for other people now, since a field that names them changed.
    TaskReassigned {
        /// The task.
        task: TaskId,
        /// Who may do it now. A claim by someone who no longer may is dropped.
        candidates: Vec<Principal>,
        /// Who keeps the claim.
        assignee: Option<Name>,
        /// For whom, where that is somebody who is absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        in_stead_of: Option<Name>,
    },
    /// A person took a task.
    TaskClaimed {
        /// The task.
        task: TaskId,
        /// The person.
        by: Name,
        /// For whom, where that is somebody who is absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        in_stead_of: Option<Name>,
    },
    /// Somebody gave a task to a person.
    TaskAssigned {
        /// The task.
        task: TaskId,
        /// The step.
        step: Name,
        /// By whom.
        by: Name,
        /// To whom.
        to: Name,
        /// For whom that person does it, where that is somebody who is absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        in_stead_of: Option<Name>,
    },
    /// Whoever holds a task asked somebody else to do the work.
    TaskDelegated {
        /// The task.
        task: TaskId,
        /// The step.
        step: Name,
        /// Who holds it and will complete it.
        by: Name,
        /// Who was asked.
        to: Name,
        /// What was asked.
        text: String,
    },
    /// Somebody who was asked to do the work gave the task back to whoever holds it.
    TaskResolved {
        /// The task.
        task: TaskId,
        /// The step.
        step: Name,
        /// Who was asked.
        by: Name,
        /// Who has it back.
        to: Name,
        /// What was done.
        text: String,
    },
    /// A person gave a task back.
    TaskReleased {
        /// The task.
        task: TaskId,
    },
    /// What a task says to do while it is open too long was due.
    Reminded {
        /// The task.
        task: TaskId,
        /// Which of the step's reminders, from 0.
        reminder: usize,
    },
    /// An open task has another due, counted from when it was opened.
    TaskRescheduled {
        /// The task.
        task: TaskId,
        /// By when it should be done.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Timestamp>,
        /// When each of the step's reminders comes; nothing where its time has gone by.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        reminders: Vec<Option<Timestamp>>,
    },
    /// A task was done.
    TaskCompleted {
        /// The task.
        task: TaskId,
        /// The step.
        step: Name,
        /// How.
        outcome: Name,
        /// Why, where the form asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// By whom.
        by: Name,
        /// For whom, where that is somebody who is absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        in_stead_of: Option<Name>,
    },
    /// A task is no longer needed.
    TaskCancelled {
        /// The task.
        task: TaskId,
        /// The step.
        step: Name,
    },
    /// People are asked for their votes.
    ApprovalOpened {
        /// The task under which it stands in inboxes; each level has its own.
        task: TaskId,
        /// The token that waits for it.
        token: TokenId,
        /// The step.
        step: Name,
        /// The level, from 0.
        level: u32,
        /// Whom the level is for.
        whom: Vec<Principal>,
        /// Who they are now, each once; who has voted in the level stays.
        asked: Vec<Name>,
        /// Whether somebody votes for those who are absent.
        #[serde(default, skip_serializing_if = "Substitution::is_never")]
        substitution: Substitution,
        /// When the approval expires.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Timestamp>,
        /// When.
        at: Timestamp,
    },
    /// Other people are asked now, since a field that names them changed.
    ApprovalReasked {
        /// The task.
        task: TaskId,
        /// Whom the level is for now.
        whom: Vec<Principal>,
        /// Who they are; who has voted in the level stays.
        asked: Vec<Name>,
    },
    /// Somebody voted. A vote is never changed and never taken back.
    Voted {
        /// The task.
        task: TaskId,
        /// The step.
        step: Name,
        /// The level, from 0.
        level: u32,
        /// What was said.
        vote: Vote,
        /// By whom.
        by: Name,
        /// For whom, where that is somebody who is absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        in_stead_of: Option<Name>,
        /// Why, where the form asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// When.
        at: Timestamp,
    },
    /// Somebody who was asked may not vote any more.
    VoterLeft {
        /// The task.
        task: TaskId,
        /// The person.
        person: Name,
    },
    /// Enough said yes in a level that is not the last.
    LevelPassed {
        /// The task.
        task: TaskId,
        /// The step.
        step: Name,
        /// The level, from 0.
        level: u32,
    },
    /// So few may still vote that a person must look.
    ApprovalHalted {
        /// The task.
        task: TaskId,
        /// The step.
        step: Name,
    },
    /// The result of an approval is certain.
    ApprovalDecided {
        /// The task.
        task: TaskId,
        /// The step.
        step: Name,
        /// How.
        outcome: Name,
        /// When.
        at: Timestamp,
    },
    /// A message is waited for.
    MessageAwaited {
        /// The token that waits.
        token: TokenId,
        /// The message.
        message: Name,
        /// Who may send it.
        from: Vec<Principal>,
    },
    /// A message came.
    MessageReceived {
        /// The message.
        message: Name,
        /// What it said.
        text: String,
    },
    /// A message came for which no step waits yet.
    MessageKept {
        /// The message.
        kept: KeptMessage,
    },
    /// A step waits for a message that was kept.
    KeptMessageTaken {
        /// Its place among those that are kept, from 0.
        place: usize,
    },
    /// A message is kept until another instant, since its calendar has other data.
    KeptMessageRescheduled {
        /// Its place among the kept messages, from 0.
        place: usize,
        /// Until when.
        until: Timestamp,
    },
    /// A message was kept for as long as was said, and no step waited for it.
    KeptMessageLost {
        /// Its place among those that are kept, from 0.
        place: usize,
    },
    /// A message came for which no step waits, and which is lost then.
    MessageLost {
        /// The message.
        message: Name,
        /// What it said.
        text: String,
    },
    /// Work for a machine is there to be done.
    JobOpened {
        /// The job.
        job: JobId,
        /// The token that waits for it.
        token: TokenId,
        /// The step.
        step: Name,
        /// What the machine is given.
        #[serde(default, skip_serializing_if = "Fields::is_empty")]
        inputs: Fields,
        /// By when it must be done.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Timestamp>,
        /// When it was opened.
        at: Timestamp,
    },
    /// A worker has a job to itself.
    JobLeased {
        /// The job.
        job: JobId,
        /// The worker.
        by: Name,
        /// Until when.
        until: Timestamp,
    },
    /// A server is asked to do a job.
    JobAsked {
        /// The job.
        job: JobId,
    },
    /// A worker gave a job back undone.
    JobReturned {
        /// The job.
        job: JobId,
        /// When.
        at: Timestamp,
    },
    /// A job could not be done, and is tried again.
    JobFailed {
        /// The job.
        job: JobId,
        /// Why.
        problem: String,
        /// When it is tried again.
        retry_at: Timestamp,
    },
    /// A job has another deadline, counted from when it was opened, or other inputs.
    JobRescheduled {
        /// The job.
        job: JobId,
        /// What the machine is given.
        #[serde(default, skip_serializing_if = "Fields::is_empty")]
        inputs: Fields,
        /// By when it must be done.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Timestamp>,
    },
    /// A job was done.
    JobAnswered {
        /// The job.
        job: JobId,
        /// The step.
        step: Name,
    },
    /// A job could not be done, and is not tried again.
    JobGivenUp {
        /// The job.
        job: JobId,
        /// The step.
        step: Name,
        /// Why.
        problem: String,
    },
    /// A job is no longer needed.
    JobCancelled {
        /// The job.
        job: JobId,
        /// The step.
        step: Name,
    },
    /// Another record was begun.
    RecordBegun {
        /// Its identity.
        begun: InstanceId,
        /// The process.
        process: Name,
        /// The token that waits for its end, where one does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<TokenId>,
    },
    /// A record that was called has ended.
    RecordReturned {
        /// The token that waited.
        token: TokenId,
        /// The record.
        begun: InstanceId,
        /// How.
        outcome: Name,
    },
    /// A signal is waited for.
    SignalAwaited {
        /// The token that waits.
        token: TokenId,
        /// The signal.
        signal: Name,
    },
    /// A signal was given.
    Signalled {
        /// The signal.
        signal: Name,
    },
    /// An entry of a register was owed other attributes, or an entry was owed to a register.
    EntryPut {
        /// The register.
        register: Name,
        /// The key of the entry.
        key: Name,
        /// What it takes.
        fields: Fields,
    },
    /// A signal came while the record could not go on; it is taken when the record does.
    SignalKept {
        /// The token that waits.
        token: TokenId,
        /// The signal.
        signal: Name,
    },
    /// A signal came.
    SignalReceived {
        /// The token that waited.
        token: TokenId,
        /// The signal.
        signal: Name,
    },
    /// A timer was set.
    TimerSet {
        /// The token that waits.
        token: TokenId,
        /// When it fires.
        at: Timestamp,
        /// Since when it counts working time; nothing where no calendar says when it fires.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        counts_since: Option<Timestamp>,
    },
    /// A timer fired.
    TimerFired {
        /// The token that waited.
        token: TokenId,
        /// The step.
        step: Name,
    },
    /// A token waits for a condition.
    ConditionAwaited {
        /// The token that waits.
        token: TokenId,
    },
    /// A condition is not worth asking before an instant, unless somebody gives a command.
    ConditionSleeps {
        /// The token that waits.
        token: TokenId,
        /// Until when; nothing where time alone never changes the answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    },
    /// A task was done that can be undone.
    UndoKept {
        /// Which.
        undoable: Undoable,
    },
    /// What was done last was undone.
    Undone {
        /// The task's step.
        step: Name,
    },
    /// A clock began to run.
    ClockStarted {
        /// The clock.
        clock: Name,
        /// The calendar that counts.
        calendar: Name,
        /// The working time allowed, in milliseconds.
        target_ms: i64,
        /// When.
        at: Timestamp,
        /// What it will pass, and when.
        marks: Vec<Mark>,
    },
    /// A clock has another target.
    ClockRetargeted {
        /// The clock.
        clock: Name,
        /// The working time allowed now, in milliseconds.
        target_ms: i64,
        /// The calendar that counts from now on, all that was measured included; nothing where it is the same.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        calendar: Option<Name>,
        /// What it will pass, and when. Marks passed under the old target count again where they lie ahead now.
        marks: Vec<Mark>,
    },
    /// A clock measures on as another version of the process wants it, with all that it has measured.
    ClockCarriedOver {
        /// The clock.
        clock: Name,
        /// The calendar that counts.
        calendar: Name,
        /// The working time allowed, in milliseconds.
        target_ms: i64,
        /// The percents that are used up, rising. What another version does there is not done after the fact.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        passed: Vec<u16>,
        /// What it will pass, and when; nothing while it does not run.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        marks: Vec<Mark>,
        /// When.
        at: Timestamp,
    },
    /// A calendar has other data; what was counted on it is counted anew, as the facts that follow say.
    Recounted {
        /// The calendar.
        calendar: Name,
    },
    /// A clock measures by other data of its calendar. What it has passed stays passed, since it was told.
    ClockRecounted {
        /// The clock.
        clock: Name,
        /// The working time allowed, in milliseconds: a working day may have another length now.
        target_ms: i64,
        /// What it will pass, and when; nothing while it does not run.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        marks: Vec<Mark>,
    },
    /// A clock stands still.
    ClockPaused {
        /// The clock.
        clock: Name,
        /// Since when.
        at: Timestamp,
        /// Why.
        reason: PauseReason,
    },
    /// A clock runs again.
    ClockResumed {
        /// The clock.
        clock: Name,
        /// Since when.
        at: Timestamp,
        /// What it will pass, and when.
        marks: Vec<Mark>,
    },
    /// A clock stopped.
    ClockStopped {
        /// The clock.
        clock: Name,
        /// When.
        at: Timestamp,
    },
    /// A clock passed a part of its target; 100 percent and more is a breach.
    ClockPassed {
        /// The clock.
        clock: Name,
        /// The percent.
        percent: u16,
        /// When.
        at: Timestamp,
    },
    /// People were told.
    Notified {
        /// Whom.
        whom: Vec<Principal>,
        /// By which template.
        template: Name,
        /// How.
        #[serde(default, skip_serializing_if = "Channel::is_inbox")]
        by: Channel,
    },
    /// The record was brought before somebody higher up.
    Escalated {
        /// Before whom.
        to: Vec<Principal>,
    },
    /// Somebody wrote a comment.
    Commented {
        /// The text, in markdown.
        text: String,
        /// For whom.
        #[serde(default, skip_serializing_if = "Audience::is_public")]
        audience: Audience,
        /// Who was told of it, since it names them.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        tells: BTreeSet<Name>,
    },
    /// The record holds a file more.
    Attached {
        /// The file, with who brought it.
        held: Box<HeldFile>,
    },
    /// A file was taken from the record, and its bytes are gone.
    Detached {
        /// Which.
        file: FileId,
    },
    /// A step failed, and `on error` begins.
    ErrorCaught {
        /// What is wrong.
        repair: Repair,
    },
    /// The record goes on from where `on error` led.
    ErrorHandled,
    /// The instance cannot go on until a person mends it. Where it is stuck already, more is owed.
    RepairNeeded {
        /// What is wrong.
        repair: Repair,
    },
    /// A person let the instance try again.
    RepairRetried,
    /// What could not be done was passed over by hand.
    Skipped {
        /// The step that stood half way; nothing where only what was owed is given up.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<Name>,
        /// What was owed and is given up.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        given_up: Vec<Owed>,
        /// Why.
        reason: String,
    },
    /// Nothing of the record moves until it is resumed.
    Suspended {
        /// Who ordered it.
        by: Actor,
        /// Why.
        reason: String,
        /// Since when.
        at: Timestamp,
    },
    /// The record goes on where it was suspended.
    Resumed {
        /// Why, where it was said.
        reason: String,
    },
    /// A token was brought to another step by hand; where it came to follows as [`Event::Entered`].
    Moved {
        /// The token.
        token: TokenId,
        /// Where it stood.
        from: Name,
        /// Where it was to go.
        to: Name,
        /// Why.
        reason: String,
    },
    /// The record follows another version of its process.
    Migrated {
        /// Which version, and what is called otherwise there.
        migration: Box<Migrated>,
    },
    /// The record was ended from outside of its process; [`Event::Ended`] follows.
    Cancelled {
        /// Why.
        reason: String,
    },
    /// The record ended.
    Ended {
        /// How.
        outcome: Name,
        /// When.
        at: Timestamp,
    },
}

impl Event {
    /// The definition that the record follows from here on, where this says so.
    pub fn followed(&self) -> Option<&DefinitionId> {
        match self {
            Event::Started { definition, .. } => Some(definition),
            Event::Migrated { migration } => Some(&migration.to),
            _ => None,
        }
    }
}
