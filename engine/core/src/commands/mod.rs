//! How each command is carried out. One file a command.

mod add;
mod assign;
mod attach;
mod begun;
mod cancel;
mod claim;
mod comment;
mod complete;
mod delegate;
mod edit;
mod form;
mod job;
mod link;
mod message;
mod migrate;
mod recount;
mod relocate;
mod retry;
mod signal;
mod start;
mod suspend;
mod tick;
mod vote;

pub(crate) use add::add;
pub(crate) use assign::assign;
pub(crate) use attach::{attach, detach};
pub(crate) use begun::{not_begun, returned};
pub(crate) use cancel::cancel;
pub(crate) use claim::{claim, release};
pub(crate) use comment::{Remark, comment};
pub(crate) use complete::{Completion, complete};
pub(crate) use delegate::{Request, delegate, resolve};
pub(crate) use edit::edit;
pub(crate) use job::{Failure, answer, extend, fail, give_back, lease};
pub(crate) use link::{link, unlink};
pub(crate) use message::{Delivery, message};
pub(crate) use migrate::migrate;
pub(crate) use recount::recount;
pub(crate) use relocate::{Relocation, relocate, skip};
pub(crate) use retry::{mend, retry};
pub(crate) use signal::signal;
pub(crate) use start::start;
pub(crate) use suspend::{resume, suspend};
pub(crate) use tick::tick;
pub(crate) use vote::{Paper, vote};

use crate::command::Rejection;
use crate::definition::REASON_MAX;
use crate::event::{Actor, Event, Owed};
use crate::ids::Name;
use crate::instance::{Instance, Status};
use crate::people;
use crate::run::{Run, is_meant};
use crate::step::World;

/// A record that goes on.
fn changeable(instance: &Instance) -> Result<(), Rejection> {
    match instance.status() {
        Status::Running => Ok(()),
        Status::Stuck(_) => Err(Rejection::Stuck),
        Status::Suspended(_) => Err(Rejection::Suspended),
        Status::Ended { .. } => Err(Rejection::Ended),
    }
}

/// A record that is not over.
fn open(instance: &Instance) -> Result<(), Rejection> {
    match instance.status() {
        Status::Running | Status::Stuck(_) | Status::Suspended(_) => Ok(()),
        Status::Ended { .. } => Err(Rejection::Ended),
    }
}

/// A record that is neither over nor suspended. One that is stuck can still be edited, since that is how a person
/// mends it.
fn workable(instance: &Instance) -> Result<(), Rejection> {
    match instance.status() {
        Status::Running | Status::Stuck(_) => Ok(()),
        Status::Suspended(_) => Err(Rejection::Suspended),
        Status::Ended { .. } => Err(Rejection::Ended),
    }
}

/// A record that waits for somebody to mend it.
fn stuck(instance: &Instance) -> Result<(), Rejection> {
    match instance.status() {
        Status::Stuck(_) => Ok(()),
        Status::Running => Err(Rejection::NotStuck),
        Status::Suspended(_) => Err(Rejection::Suspended),
        Status::Ended { .. } => Err(Rejection::Ended),
    }
}

/// A stuck record runs again; gives what it still owes.
fn take_up(run: &mut Run<'_>) -> Vec<Owed> {
    match run.instance.repair().cloned() {
        Some(repair) => {
            run.emit(Event::RepairRetried);
            repair.owed
        }
        None => Vec::new(),
    }
}

/// What only those may do who run the installation.
fn administers(world: &World<'_>) -> Result<(), Rejection> {
    if people::administers(world.actor, world.directory) { Ok(()) } else { Err(Rejection::NotAllowed) }
}

/// What those may do who edit the record, and those who run the installation.
fn operates(run: &Run<'_>) -> Result<(), Rejection> {
    if is_meant(run, &run.definition.parts().edited_by) { Ok(()) } else { administers(run.world) }
}

/// The acting person; the engine itself never does people's work.
fn person<'w>(world: &World<'w>) -> Result<&'w Name, Rejection> {
    world.actor.person().ok_or(Rejection::NotAllowed)
}

/// What nobody but the engine itself says.
fn by_engine(world: &World<'_>) -> Result<(), Rejection> {
    match world.actor {
        Actor::System => Ok(()),
        Actor::Person(_) => Err(Rejection::NotAllowed),
    }
}

/// A reason that must be given.
fn reason_given(reason: &str) -> Result<(), Rejection> {
    said(reason, REASON_MAX).map_err(|rejection| match rejection {
        Rejection::TextMissing => Rejection::ReasonMissing,
        other => other,
    })
}

/// A text that must say something and may not be endless.
fn said(text: &str, limit: usize) -> Result<(), Rejection> {
    if text.trim().is_empty() { Err(Rejection::TextMissing) } else { short_enough(text, limit) }
}

/// A text that may say nothing and may not be endless.
fn short_enough(text: &str, limit: usize) -> Result<(), Rejection> {
    if text.chars().count() > limit { Err(Rejection::TextTooLong { limit }) } else { Ok(()) }
}
