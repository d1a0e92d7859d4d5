//! What is done without people.

use serde::{Deserialize, Serialize};

use super::{Later, Who};
use crate::expr::Expr;
use crate::ids::Name;

/// What is done without people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// A field takes a value.
    Set {
        /// Which field.
        field: Name,
        /// The value.
        to: Expr,
    },
    /// People are told, by a template.
    Notify {
        /// Whom.
        whom: Vec<Who>,
        /// By which template.
        template: Name,
        /// How.
        #[serde(default, skip_serializing_if = "Channel::is_inbox")]
        by: Channel,
    },
    /// The record is brought before somebody higher up: they are told, and the record keeps that they were.
    Escalate {
        /// Before whom.
        to: Vec<Who>,
        /// By which template they are told.
        template: Name,
    },
    /// Another record begins, and goes on by itself.
    Start(Begin),
    /// Every record that waits for a signal goes on.
    Signal {
        /// The signal.
        signal: Name,
    },
    /// The record is entered into a register, under its number.
    Enter {
        /// The register.
        register: Name,
        /// What the entry says.
        with: Vec<Fill>,
    },
    /// Entries of a register take other attributes.
    Update {
        /// The register.
        register: Name,
        /// Which: one, or a list.
        of: Expr,
        /// What they take.
        with: Vec<Fill>,
    },
    /// Something that the language can say and the engine cannot do yet.
    Later(Later),
}

/// How people are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// In the product.
    #[default]
    Inbox,
    /// By e-mail, to the address that the register has.
    Email,
}

impl Channel {
    pub(crate) fn is_inbox(&self) -> bool {
        *self == Channel::Inbox
    }
}

/// A record of another process, or of the same, that is begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begin {
    /// The process.
    pub process: Name,
    /// What it is given.
    pub with: Vec<Fill>,
    /// How the two are linked.
    pub links: Vec<LinkMade>,
}

/// A value that another record or a machine is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fill {
    /// What it is called there: a field of the other process.
    pub field: Name,
    /// The value.
    pub value: Expr,
}

/// A link to a record that is begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkMade {
    /// Which of the process's links.
    pub kind: Name,
    /// From which record it leads.
    pub direction: Direction,
}

/// From which of two records a link leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From this record to the other.
    FromThis,
    /// From the other to this one.
    FromIt,
}

impl Direction {
    /// The same link, seen from the other record.
    pub(crate) fn reversed(self) -> Direction {
        match self {
            Direction::FromThis => Direction::FromIt,
            Direction::FromIt => Direction::FromThis,
        }
    }
}

/// What is done when a condition comes true that did not hold before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// The condition.
    pub becomes: Expr,
    /// What is done.
    pub actions: Vec<Action>,
}
