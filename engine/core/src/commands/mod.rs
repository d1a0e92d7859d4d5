//! How each command is carried out. One file a command.

mod claim;
mod comment;
mod complete;
mod edit;
mod form;
mod message;
mod retry;
mod start;
mod tick;

pub(crate) use claim::{claim, release};
pub(crate) use comment::comment;
pub(crate) use complete::{Completion, complete};
pub(crate) use edit::edit;
pub(crate) use message::{Delivery, message};
pub(crate) use retry::retry;
pub(crate) use start::start;
pub(crate) use tick::tick;

use crate::command::Rejection;
use crate::event::Actor;
use crate::ids::Name;
use crate::instance::{Instance, Status};
use crate::step::World;

/// A record that goes on.
fn changeable(instance: &Instance) -> Result<(), Rejection> {
    match instance.status() {
        Status::Running => Ok(()),
        Status::Stuck(_) => Err(Rejection::Stuck),
        Status::Ended { .. } => Err(Rejection::Ended),
    }
}

/// A record that is not over. One that is stuck can still be edited, since that is how a person mends it.
fn open(instance: &Instance) -> Result<(), Rejection> {
    match instance.status() {
        Status::Running | Status::Stuck(_) => Ok(()),
        Status::Ended { .. } => Err(Rejection::Ended),
    }
}

/// The acting person; the engine itself never does people's work.
fn person<'w>(world: &World<'w>) -> Result<&'w Name, Rejection> {
    match world.actor {
        Actor::Person(person) => Ok(person),
        Actor::System => Err(Rejection::NotAllowed),
    }
}

/// A text that must say something and may not be endless.
fn said(text: &str, limit: usize) -> Result<(), Rejection> {
    if text.trim().is_empty() {
        Err(Rejection::TextMissing)
    } else if text.chars().count() > limit {
        Err(Rejection::TextTooLong { limit })
    } else {
        Ok(())
    }
}
