//! What can be asked of an instance, and why it may be refused.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::definition::Labels;
use crate::expr::EvalError;
use crate::ids::{InstanceId, Name, TaskId};
use crate::value::{Fields, Misfit};

/// The beginning of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// Its identity, made by the runtime.
    pub instance: InstanceId,
    /// Its number for people, made by the runtime from the definition's pattern.
    pub number: String,
    /// For whom, where that is somebody else than the acting person.
    pub on_behalf_of: Option<Name>,
    /// The form.
    pub fields: Fields,
}

/// An order to an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// Deliver a message that the instance waits for.
    Message {
        /// The message.
        message: Name,
        /// What it says, in markdown.
        text: String,
        /// What it carries into the record.
        fields: Fields,
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
    },
    /// See what time has brought.
    Tick,
    /// Let a stuck instance try again.
    Retry,
}

impl Command {
    /// What the command is called in a history.
    pub fn verb(&self) -> &'static str {
        match self {
            Command::Claim { .. } => "claim",
            Command::Release { .. } => "release",
            Command::Complete { .. } => "complete",
            Command::Message { .. } => "message",
            Command::Edit { .. } => "edit",
            Command::Comment { .. } => "comment",
            Command::Tick => "tick",
            Command::Retry => "retry",
        }
    }
}

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
    /// A condition of the form does not hold.
    Unmet(Labels),
    /// The record does not wait for this message.
    NotAwaited(Name),
    /// The acting person may not do this to the record.
    NotAllowed,
    /// The person for whom the record should be is unknown.
    NoSuchPerson(Name),
    /// The form could not be judged since an expression has no value.
    CannotJudge(EvalError),
}

impl fmt::Display for Rejection {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rejection::Ended => out.write_str("the record is closed and never changes again"),
            Rejection::Stuck => out.write_str("the record is stuck and must be repaired first"),
            Rejection::NotStuck => out.write_str("the record is not stuck"),
            Rejection::NoSuchTask(task) => write!(out, "task {} is not open any more", task.0),
            Rejection::NotForYou => out.write_str("this task is for other people"),
            Rejection::DutiesSeparated => {
                out.write_str("whoever asked for the record or did the work may not do this task")
            }
            Rejection::TakenBy(person) => write!(out, "{person} has taken this task"),
            Rejection::NotTaken => out.write_str("you have not taken this task"),
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
            Rejection::Unmet(labels) => out.write_str(&labels.en),
            Rejection::NotAwaited(message) => write!(out, "the record does not wait for \"{message}\""),
            Rejection::NotAllowed => out.write_str("you may not do this to the record"),
            Rejection::NoSuchPerson(person) => write!(out, "there is no person \"{person}\""),
            Rejection::CannotJudge(error) => write!(out, "the form could not be judged: {error}"),
        }
    }
}

impl std::error::Error for Rejection {}
