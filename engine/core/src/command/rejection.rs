//! Why a command is refused, in sentences for whoever gave it.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::definition::Labels;
use crate::expr::EvalError;
use crate::ids::{FileId, JobId, Name, TaskId};
use crate::migration::Obstacle;
use crate::time::Timestamp;
use crate::value::Misfit;

/// Why a command was refused. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rejection {
    /// The record is over and never changes again.
    Ended,
    /// The record is stuck and must be mended first.
    Stuck,
    /// The record is not stuck.
    NotStuck,
    /// The record is suspended, and nothing of it moves.
    Suspended,
    /// The record is not suspended.
    NotSuspended,
    /// Nothing stands in the step any more.
    NotThere(Name),
    /// The record follows another version than the plan begins with.
    OtherVersion,
    /// The record cannot stand in the other version.
    CannotMigrate(BTreeSet<Obstacle>),
    /// The record cannot be brought there.
    CannotMove(Immovable),
    /// The task is not open: somebody finished it, or it is no longer needed.
    NoSuchTask(TaskId),
    /// The acting person may not do this task.
    NotForYou,
    /// The acting person asked for the record, or did the work that is to be judged.
    DutiesSeparated,
    /// Somebody else has taken the task.
    TakenBy(Name),
    /// The task is not taken by the acting person.
    NotTaken,
    /// That person may not do this task.
    NotTheirs(Name),
    /// Separation of duty keeps that person from this task.
    Barred(Name),
    /// That person was asked to do the work and has not given the task back.
    Delegated(Name),
    /// The acting person was only asked to do the work: that person completes it.
    OnlyAsked(Name),
    /// The task was not delegated to the acting person.
    NotDelegated,
    /// This is an approval, and only votes decide it.
    VotedOn,
    /// This is no approval, and nobody votes on it.
    NotVotedOn,
    /// The acting person has voted, or somebody else in that person's stead.
    HasVoted,
    /// The task has no such outcome.
    NoSuchOutcome(Name),
    /// Values that do not fit, each with its field.
    BadFields(Vec<(Name, Misfit)>),
    /// A reason must be given.
    ReasonMissing,
    /// The text is longer than allowed.
    TextTooLong {
        /// The most characters allowed.
        limit: usize,
    },
    /// There is nothing in the text.
    TextMissing,
    /// A person who is to be told of a comment may not read it.
    CannotRead(Name),
    /// More people are to be told of a comment than one may tell.
    TooManyTold {
        /// The most.
        limit: usize,
    },
    /// The process declares no such link, or the record has none.
    NoSuchLink(Name),
    /// The two records are linked so.
    LinkedAlready,
    /// The record would have more links than people may give it.
    TooManyLinks {
        /// The most.
        limit: usize,
    },
    /// No file was given.
    FilesMissing,
    /// A file that may not be held.
    BadFile {
        /// What it is called.
        name: String,
        /// Why not.
        misfit: Misfit,
    },
    /// The record would hold more files than it may.
    TooManyFiles {
        /// The most it may hold.
        limit: usize,
    },
    /// The record holds no such file.
    NoSuchFile(FileId),
    /// A field names the file.
    FileInField(Name),
    /// A condition of the form does not hold.
    Unmet(Unmet),
    /// The record does not wait for this message.
    NotAwaited(Name),
    /// The job is not open: it was answered, or it is no longer needed.
    NoSuchJob(JobId),
    /// Another worker has the job.
    JobHeld(Name),
    /// The job is not to be done yet.
    JobNotReady {
        /// From when it is.
        from: Timestamp,
    },
    /// The process has no such part to add, or the record is being cancelled.
    NothingToAdd(Name),
    /// The record has as much open, or as many messages kept, as it may have.
    Full,
    /// The acting person may not do this to the record.
    NotAllowed,
    /// The person for whom the record should be is unknown.
    NoSuchPerson(Name),
    /// The form could not be judged since an expression has no value.
    CannotJudge(EvalError),
}

/// A condition that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmet {
    /// What its process says of that.
    #[serde(flatten)]
    pub says: Labels,
    /// What stands in the way, where nothing should be found and something is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub found: Vec<InTheWay>,
}

/// What a `find` found that should find nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InTheWay {
    /// The process of the records, or the register of the entries.
    pub of: Name,
    /// Their numbers or keys, as many as are named.
    pub named: Vec<Name>,
}

impl Unmet {
    /// The numbers and keys of what stands in the way.
    pub fn named(&self) -> impl Iterator<Item = &Name> {
        self.found.iter().flat_map(|found| &found.named)
    }
}

/// Why a token cannot be brought to a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Immovable {
    /// The definition has no such step.
    NoSuchStep(Name),
    /// The step lies in another branch of the race or of the ways gone together: one branch would be gone twice and
    /// another not at all.
    OtherBranch(Name),
    /// The way into what lies around the step did not open: a branch's condition does not hold, or a race around it was
    /// over before.
    NotEntered(Name),
    /// Nothing comes after the step.
    NothingAfter(Name),
}

impl fmt::Display for Immovable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Immovable::NoSuchStep(step) => write!(out, "the process has no step \"{step}\""),
            Immovable::OtherBranch(step) => write!(out, "the step \"{step}\" lies in another branch"),
            Immovable::NotEntered(step) => write!(out, "the branch with the step \"{step}\" does not begin now"),
            Immovable::NothingAfter(step) => write!(out, "nothing comes after the step \"{step}\""),
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rejection::Ended => out.write_str("the record is closed and never changes again"),
            Rejection::Stuck => out.write_str("the record is stuck and must be repaired first"),
            Rejection::NotStuck => out.write_str("the record is not stuck"),
            Rejection::Suspended => out.write_str("the record is suspended"),
            Rejection::NotSuspended => out.write_str("the record is not suspended"),
            Rejection::NotThere(step) => write!(out, "the record does not stand in \"{step}\" any more"),
            Rejection::OtherVersion => out.write_str("the record follows another version than the plan begins with"),
            Rejection::CannotMigrate(obstacles) => {
                let said: Vec<String> = obstacles.iter().map(ToString::to_string).collect();
                write!(out, "the record cannot stand in the other version: {}", said.join("; "))
            }
            Rejection::CannotMove(why) => write!(out, "the record cannot be brought there: {why}"),
            Rejection::NoSuchTask(task) => write!(out, "task {} is not open any more", task.0),
            Rejection::NotForYou => out.write_str("this task is for other people"),
            Rejection::DutiesSeparated => {
                out.write_str("whoever asked for the record or did the work may not do this task")
            }
            Rejection::TakenBy(person) => write!(out, "{person} has taken this task"),
            Rejection::NotTaken => out.write_str("you have not taken this task"),
            Rejection::NotTheirs(person) => write!(out, "this task is not for {person}"),
            Rejection::Barred(person) => {
                write!(out, "{person} asked for the record or did the work, and may not do this task")
            }
            Rejection::Delegated(person) => write!(out, "{person} was asked to do the work and has not given it back"),
            Rejection::OnlyAsked(person) => write!(out, "{person} asked you to do the work: give the task back"),
            Rejection::NotDelegated => out.write_str("this task was not delegated to you"),
            Rejection::VotedOn => out.write_str("this is decided by votes"),
            Rejection::NotVotedOn => out.write_str("nobody votes on this task"),
            Rejection::HasVoted => out.write_str("your vote was cast already"),
            Rejection::NoSuchOutcome(outcome) => write!(out, "the task has no outcome \"{outcome}\""),
            Rejection::BadFields(fields) => {
                for (index, (field, misfit)) in fields.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(out, "{comma}{field} {misfit}")?;
                }
                Ok(())
            }
            Rejection::ReasonMissing => out.write_str("a reason must be given"),
            Rejection::TextTooLong { limit } => write!(out, "the text has more than {limit} characters"),
            Rejection::TextMissing => out.write_str("the text is empty"),
            Rejection::CannotRead(person) => write!(out, "{person} may not read the comment"),
            Rejection::TooManyTold { limit } => write!(out, "a comment tells at most {limit} people"),
            Rejection::NoSuchLink(link) => write!(out, "the record has no link \"{link}\""),
            Rejection::LinkedAlready => out.write_str("the two records are linked so already"),
            Rejection::TooManyLinks { limit } => write!(out, "the record would have more than {limit} links"),
            Rejection::FilesMissing => out.write_str("no file was given"),
            Rejection::BadFile { name, misfit } => write!(out, "the file \"{name}\" {misfit}"),
            Rejection::TooManyFiles { limit } => write!(out, "the record would hold more than {limit} files"),
            Rejection::NoSuchFile(_) => out.write_str("the record holds no such file"),
            Rejection::FileInField(field) => write!(out, "the field {field} names the file"),
            Rejection::Unmet(unmet) => {
                out.write_str(&unmet.says.en)?;
                let named: Vec<&str> = unmet.named().map(Name::as_str).collect();
                if named.is_empty() { Ok(()) } else { write!(out, " ({})", named.join(", ")) }
            }
            Rejection::NotAwaited(message) => write!(out, "the record does not wait for \"{message}\""),
            Rejection::NoSuchJob(job) => write!(out, "job {} is not open any more", job.0),
            Rejection::JobHeld(worker) => write!(out, "{worker} has this job"),
            Rejection::JobNotReady { .. } => out.write_str("the job is not to be done yet"),
            Rejection::NothingToAdd(step) => write!(out, "the part \"{step}\" cannot be added to the record"),
            Rejection::Full => out.write_str("the record has as much open as it may have"),
            Rejection::NotAllowed => out.write_str("you may not do this to the record"),
            Rejection::NoSuchPerson(person) => write!(out, "there is no person \"{person}\""),
            Rejection::CannotJudge(error) => write!(out, "the form could not be judged: {error}"),
        }
    }
}

impl std::error::Error for Rejection {}
