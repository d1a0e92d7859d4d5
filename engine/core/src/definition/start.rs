//! How records of a process begin.

use serde::{Deserialize, Serialize};

use super::{Ask, Fill, Who};
use crate::expr::Expr;
use crate::ids::Name;
use crate::schedule::Recurrence;

/// Where a process begins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// Who may start it.
    pub by: Vec<Who>,
    /// What its form asks for.
    pub asks: Vec<Ask>,
    /// When it begins by itself. A place in this list is part of the identity of what begins.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schedules: Vec<Schedule>,
    /// Which messages from outside begin it, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<StartMessage>,
}

/// A record that begins again and again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// At which moments.
    pub every: Recurrence,
    /// For whom: one person.
    pub requester: Expr,
    /// What it begins with, in order.
    pub sets: Vec<Fill>,
}

/// A message from outside that begins a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartMessage {
    /// Its name.
    pub message: Name,
    /// Who may send it.
    pub from: Vec<Who>,
    /// What tells messages about different things apart: those with the same key begin one record. Each message begins one,
    /// where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Expr>,
    /// What the record begins with, in order.
    pub sets: Vec<Fill>,
}

/// What an expression calls the message that begins a record.
pub const MESSAGE: &str = "message";
