//! What the shell owes the world after a step: kept with the step, performed later, at least once.

use serde::{Deserialize, Serialize};

use crate::definition::{Direction, Labels};
use crate::event::Principal;
use crate::ids::{InstanceId, JobId, Name};
use crate::register::EntryOwed;
use crate::value::Fields;

/// An owed effect. Its key is the instance, the revision and its place in the step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Tell people something.
    Notify {
        /// Whom.
        whom: Vec<Principal>,
        /// By which template.
        template: Name,
        /// The text, with the record's values filled in.
        text: Labels,
    },
    /// Write an e-mail to somebody.
    Mail {
        /// To whom.
        to: Name,
        /// The text, with the record's values filled in.
        text: Labels,
    },
    /// Begin another record.
    Begin(Begun),
    /// Tell the record that called this one that it has ended.
    Return {
        /// The record that waits.
        to: InstanceId,
        /// How this one ended.
        outcome: Name,
    },
    /// Cancel a record that this one called, since nobody waits for it any more.
    CancelCalled {
        /// The record.
        begun: InstanceId,
    },
    /// Let every other record go on that waits for a signal.
    Signal {
        /// The signal.
        signal: Name,
    },
    /// Let another record hold a link with this one.
    Link {
        /// The other record.
        to: InstanceId,
        /// The link, as it is seen from there.
        link: Link,
    },
    /// Let another record hold a link with this one no more.
    Unlink {
        /// The other record.
        to: InstanceId,
        /// The link, as it is seen from there.
        link: Link,
        /// Why.
        reason: String,
    },
    /// Put an entry into a register, or other attributes into one.
    Put(EntryOwed),
    /// Ask a server over HTTP, and answer the job with what it says.
    Request {
        /// The job.
        job: JobId,
        /// The method: `POST`.
        method: String,
        /// The whole address.
        url: String,
        /// The body, as an object of JSON.
        body: Fields,
    },
}

/// A record that another one begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// Its identity.
    pub instance: InstanceId,
    /// The process.
    pub process: Name,
    /// For whom.
    pub requester: Name,
    /// What it is given.
    pub fields: Fields,
    /// Where it comes from.
    pub origin: Caller,
}

/// Where a record comes from that no person has started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// The record that began it.
    pub by: InstanceId,
    /// Whether that one waits for its end.
    pub waits: Awaited,
    /// How the two are linked, seen from the new one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
}

/// Whether the record that began another waits for its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Awaited {
    /// It does.
    Called,
    /// It goes on.
    Started,
}

/// A link between two records, seen from one of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Link {
    /// Which of the links that the process that made it declares.
    pub kind: Name,
    /// From which of the two it leads.
    pub direction: Direction,
    /// The other record.
    pub other: InstanceId,
}
