//! The one door: a command goes in, a new state with its facts and owed effects comes out, or a refusal.

use crate::command::{Command, Rejection, Start};
use crate::commands;
use crate::definition::Definition;
use crate::directory::Directory;
use crate::effect::Effect;
use crate::event::{Actor, Event};
use crate::ids::InstanceId;
use crate::instance::Instance;
use crate::migration::Passage;
use crate::records::Records;
use crate::time::Timestamp;

/// The most records that one step may begin.
pub const BEGUN_MAX: u32 = 64;

/// What a step may look at besides the instance.
pub struct World<'a> {
    /// The instant.
    pub now: Timestamp,
    /// Who acts.
    pub actor: &'a Actor,
    /// The registers.
    pub directory: &'a Directory,
    /// The identities from here on are nobody's: one for each record that the step begins, [`BEGUN_MAX`] at most.
    pub fresh: InstanceId,
    /// Other records.
    pub records: &'a dyn Records,
}

/// What a command leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The new state.
    pub instance: Instance,
    /// The facts; folded into the old state they give the new one.
    pub events: Vec<Event>,
    /// What is owed to the world.
    pub effects: Vec<Effect>,
}

/// Begins a record.
///
/// # Errors
/// The form does not fit, or the acting person may not start this process.
pub fn start(definition: &Definition, start: Start, world: &World<'_>) -> Result<Step, Rejection> {
    commands::start(definition, start, world)
}

/// Brings a record to another version of its process. What is open stays open where it is the same in both; nothing is
/// told to anybody, and what the new version does at parts of a clock or of a task's time that lie behind is not done.
///
/// # Errors
/// The record does not follow the plan's old version, or cannot stand in the new one; nothing changes.
pub fn migrate(
    passage: &Passage<'_>,
    instance: &Instance,
    reason: String,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    commands::migrate(passage, instance, reason, world)
}

/// Carries out a command on a record, up to the next waits and ends. The same arguments give the same result
/// on every platform.
///
/// # Errors
/// The command is wrong, for a reason to show to the person who gave it; nothing changes.
pub fn step(
    definition: &Definition,
    instance: &Instance,
    command: Command,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    match command {
        Command::Claim { task } => commands::claim(definition, instance, task, world),
        Command::Release { task } => commands::release(definition, instance, task, world),
        Command::Complete { task, outcome, fields, reason } => {
            commands::complete(definition, instance, commands::Completion { task, outcome, fields, reason }, world)
        }
        Command::Assign { task, to } => commands::assign(definition, instance, task, to, world),
        Command::Delegate { task, to, text } => {
            commands::delegate(definition, instance, commands::Request { task, to, text }, world)
        }
        Command::Resolve { task, text } => commands::resolve(definition, instance, task, text, world),
        Command::Vote { task, vote, fields, reason } => {
            commands::vote(definition, instance, commands::Paper { task, vote, fields, reason }, world)
        }
        Command::Message { message, text, fields } => {
            commands::message(definition, instance, commands::Delivery { message, text, fields }, world)
        }
        Command::Lease { job, until } => commands::lease(definition, instance, job, until, world),
        Command::Extend { job, until } => commands::extend(definition, instance, job, until, world),
        Command::Return { job } => commands::give_back(definition, instance, job, world),
        Command::Answer { job, fields } => commands::answer(definition, instance, job, fields, world),
        Command::Fail { job, problem, retry_at } => {
            commands::fail(definition, instance, commands::Failure { job, problem, retry_at }, world)
        }
        Command::Returned { begun, outcome } => commands::returned(definition, instance, begun, outcome, world),
        Command::NotBegun { begun, problem } => commands::not_begun(definition, instance, begun, problem, world),
        Command::Signal { signal } => commands::signal(definition, instance, &signal, world),
        Command::Add { step } => commands::add(definition, instance, &step, world),
        Command::Edit { fields, reason } => commands::edit(definition, instance, fields, reason, world),
        Command::Comment { text, audience, tells } => {
            commands::comment(definition, instance, commands::Remark { text, audience, tells }, world)
        }
        Command::Link { link } => commands::link(definition, instance, link, world),
        Command::Unlink { link, reason } => commands::unlink(definition, instance, link, reason, world),
        Command::Attach { files } => commands::attach(definition, instance, files, world),
        Command::Detach { file } => commands::detach(definition, instance, file, world),
        Command::Tick => commands::tick(definition, instance, world),
        Command::Recount { calendar } => commands::recount(definition, instance, &calendar, world),
        Command::Retry => commands::retry(definition, instance, world),
        Command::Mend { fields, reason } => commands::mend(definition, instance, fields, reason, world),
        Command::Skip { reason } => commands::skip(definition, instance, reason, world),
        Command::Suspend { reason } => commands::suspend(definition, instance, reason, world),
        Command::Resume { reason } => commands::resume(definition, instance, reason, world),
        Command::Cancel { reason } => commands::cancel(definition, instance, reason, world),
        Command::Move { token, from, to, reason } => {
            commands::relocate(definition, instance, commands::Relocation { token, from, to, reason }, world)
        }
    }
}
