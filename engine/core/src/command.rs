//! What can be asked of an instance, and why it may be refused.

mod rejection;

pub use self::rejection::{Immovable, InTheWay, Rejection, Unmet};
use std::collections::BTreeSet;

use crate::audience::Audience;
use crate::ballot::Vote;
use crate::effect::{Begun, Caller, Link};
use crate::file::File;
use crate::ids::{FileId, InstanceId, JobId, Name, TaskId, TokenId};
use crate::time::Timestamp;
use crate::value::Fields;

/// The beginning of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// Its identity, made by the runtime.
    pub instance: InstanceId,
    /// Its number for people, made by the runtime from the definition's pattern.
    pub number: String,
    /// For whom, where that is somebody else than the acting person.
    pub on_behalf_of: Option<Name>,
    /// The form.
    pub fields: Fields,
    /// The record that begins it, where one does.
    pub origin: Option<Caller>,
}

/// An order to an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Take a task.
    Claim {
        /// The task.
        task: TaskId,
    },
    /// Give a task back.
    Release {
        /// The task.
        task: TaskId,
    },
    /// Finish a task.
    Complete {
        /// The task.
        task: TaskId,
        /// How.
        outcome: Name,
        /// The form. A field that the form asks for and that is not here keeps its value.
        fields: Fields,
        /// Why, where the outcome asks.
        reason: Option<String>,
    },
    /// Give a task to somebody who may do it.
    Assign {
        /// The task.
        task: TaskId,
        /// To whom.
        to: Name,
    },
    /// Ask somebody else to do the work of a task that one holds; it comes back to be completed.
    Delegate {
        /// The task.
        task: TaskId,
        /// Whom.
        to: Name,
        /// What is asked.
        text: String,
    },
    /// Give a task that was delegated back to whoever holds it.
    Resolve {
        /// The task.
        task: TaskId,
        /// What was done.
        text: String,
    },
    /// Answer an approval.
    Vote {
        /// The task under which it is asked.
        task: TaskId,
        /// What is said.
        vote: Vote,
        /// The form, as that of a task.
        fields: Fields,
        /// Why, where the outcome asks.
        reason: Option<String>,
    },
    /// Deliver a message that the instance waits for.
    Message {
        /// The message.
        message: Name,
        /// What it says, in markdown.
        text: String,
        /// What it carries into the record.
        fields: Fields,
    },
    /// Take a job, so that nobody else does it meanwhile, not even another process of the same worker.
    Lease {
        /// The job.
        job: JobId,
        /// Until when it is the worker's alone.
        until: Timestamp,
    },
    /// Keep a job longer that one has.
    Extend {
        /// The job.
        job: JobId,
        /// Until when it is the worker's alone.
        until: Timestamp,
    },
    /// Give a job back undone.
    Return {
        /// The job.
        job: JobId,
    },
    /// Say that a job is done.
    Answer {
        /// The job.
        job: JobId,
        /// What it gives.
        fields: Fields,
    },
    /// Say that a job could not be done.
    Fail {
        /// The job.
        job: JobId,
        /// Why.
        problem: String,
        /// When to try again, where the worker knows better than the definition.
        retry_at: Option<Timestamp>,
    },
    /// A record that this one called has ended.
    Returned {
        /// The record.
        begun: InstanceId,
        /// How.
        outcome: Name,
    },
    /// A record could not be begun.
    NotBegun {
        /// What should have begun.
        begun: Box<Begun>,
        /// Why not.
        problem: String,
    },
    /// Let every step go on that waits for a signal.
    Signal {
        /// The signal.
        signal: Name,
    },
    /// Add a part that people may add while the record runs.
    Add {
        /// The part's step.
        step: Name,
    },
    /// Change fields outside of a task.
    Edit {
        /// The values.
        fields: Fields,
        /// Why; must be given where a derived value is replaced.
        reason: String,
    },
    /// Write a comment.
    Comment {
        /// The text, in markdown.
        text: String,
        /// For whom.
        audience: Audience,
        /// Who is told of it, since it names them.
        tells: BTreeSet<Name>,
    },
    /// Link the record with another one, by a way that its process declares.
    Link {
        /// How, and with which.
        link: Link,
    },
    /// Take a link away.
    Unlink {
        /// Which.
        link: Link,
        /// Why.
        reason: String,
    },
    /// Give the record files. Those that it holds already under the same name are passed over.
    Attach {
        /// The files.
        files: Vec<File>,
    },
    /// Take a file from the record, with its bytes.
    Detach {
        /// Which.
        file: FileId,
    },
    /// See what time has brought.
    Tick,
    /// Count anew what is counted on a calendar that has other data now.
    Recount {
        /// The calendar.
        calendar: Name,
    },
    /// Let a stuck instance try again.
    Retry,
    /// Change fields of a stuck instance and let it try again, in one.
    Mend {
        /// The values.
        fields: Fields,
        /// Why.
        reason: String,
    },
    /// Pass over what a stuck instance could not do.
    Skip {
        /// Why.
        reason: String,
    },
    /// Let nothing of the record move until it is resumed.
    Suspend {
        /// Why.
        reason: String,
    },
    /// Let a suspended record go on.
    Resume {
        /// Why; may be empty.
        reason: String,
    },
    /// End the record from outside of its process.
    Cancel {
        /// Why.
        reason: String,
    },
    /// Bring a token to another step of the same definition.
    Move {
        /// The token.
        token: TokenId,
        /// Where it stands, so that an order that was overtaken is refused.
        from: Name,
        /// Where it goes.
        to: Name,
        /// Why.
        reason: String,
    },
}

impl Command {
    /// The values that it brings into the record, where it brings any.
    pub fn form(&self) -> Option<&Fields> {
        match self {
            Command::Complete { fields, .. }
            | Command::Vote { fields, .. }
            | Command::Message { fields, .. }
            | Command::Answer { fields, .. }
            | Command::Edit { fields, .. }
            | Command::Mend { fields, .. } => Some(fields),
            _ => None,
        }
    }

    /// What the command is called in a history.
    pub fn verb(&self) -> &'static str {
        match self {
            Command::Claim { .. } => "claim",
            Command::Release { .. } => "release",
            Command::Complete { .. } => "complete",
            Command::Assign { .. } => "assign",
            Command::Delegate { .. } => "delegate",
            Command::Resolve { .. } => "resolve",
            Command::Vote { .. } => "vote",
            Command::Message { .. } => "message",
            Command::Lease { .. } => "lease",
            Command::Extend { .. } => "extend",
            Command::Return { .. } => "return",
            Command::Answer { .. } => "answer",
            Command::Fail { .. } => "fail",
            Command::Returned { .. } => "returned",
            Command::NotBegun { .. } => "not_begun",
            Command::Signal { .. } => "signal",
            Command::Add { .. } => "add",
            Command::Edit { .. } => "edit",
            Command::Comment { .. } => "comment",
            Command::Link { .. } => "link",
            Command::Unlink { .. } => "unlink",
            Command::Attach { .. } => "attach",
            Command::Detach { .. } => "detach",
            Command::Tick => "tick",
            Command::Recount { .. } => "recount",
            Command::Retry => "retry",
            Command::Mend { .. } => "mend",
            Command::Skip { .. } => "skip",
            Command::Suspend { .. } => "suspend",
            Command::Resume { .. } => "resume",
            Command::Cancel { .. } => "cancel",
            Command::Move { .. } => "move",
        }
    }
}
