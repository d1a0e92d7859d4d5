//! What each kind of step does when a token comes to it. One file a kind; one line a kind here.

mod act;
mod approval;
mod block;
mod call;
mod choose;
mod end;
mod extra;
mod for_each;
pub(crate) mod handler;
pub(crate) mod job;
mod milestone;
mod race;
mod receive;
mod signal;
mod task;
mod timer;
mod together;
mod undo;
mod wait;

use crate::definition::{Step, StepKind};
use crate::expr::EvalError;
use crate::ids::{Name, TokenId};
use crate::instance::{Status, Waits};
use crate::run::Run;

pub(crate) use act::perform;
pub(crate) use approval::{expire, outcome_of, reask, resume};
pub use handler::CANCELLED;

/// Where a token goes after a step has done its work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// It stays until something comes from outside, or those inside it are over.
    Wait,
    /// On to the step after.
    Next,
    /// To that step.
    To(Name),
    /// Nowhere: the record is over, or the token is.
    Done,
}

/// Lets a token do what its step says.
pub(crate) fn enter(run: &mut Run<'_>, token: TokenId, step: &Step) -> Result<Then, EvalError> {
    match &step.kind {
        StepKind::Task(task) => task::enter(run, token, step, task),
        StepKind::Approval(approval) => approval::enter(run, token, step, approval),
        StepKind::Milestone => milestone::enter(run, step),
        StepKind::Race { branches } => race::enter(run, token, branches),
        StepKind::Together { branches, needs, rest } => together::enter(run, token, branches, *needs, *rest),
        StepKind::ForEach(each) => for_each::enter(run, token, each),
        StepKind::Block { first } => block::enter(run, token, first),
        StepKind::Receive { message, from, asks } => receive::enter(run, token, message, from, asks),
        StepKind::Call(begin) => call::enter(run, token, begin),
        StepKind::Job(job) => job::enter(run, token, &step.name, job),
        StepKind::Signal { signal } => signal::enter(run, token, signal),
        StepKind::Undo => undo::enter(run),
        StepKind::Handler { of, first } => handler::enter(run, token, *of, first),
        StepKind::Extra { by: _, first } => extra::enter(run, token, first),
        StepKind::Timer { after } => timer::enter(run, token, after),
        StepKind::Wait { until } => wait::enter(run, token, until),
        StepKind::Choose { cases, otherwise } => choose::enter(run, cases, otherwise.as_ref()),
        StepKind::Act { actions } => act::enter(run, actions),
        StepKind::End(end) => end::enter(run, end),
    }
}

/// What becomes of the step around when a token inside comes to the end of its branch ([`Then::Next`]) or jumps out of
/// it ([`Then::To`]).
pub(crate) fn left(run: &mut Run<'_>, inner: TokenId, around: TokenId, then: Then) -> Then {
    let definition = run.definition;
    let Some(held) = run.instance.token(around) else { return Then::Done };
    let Some(step) = definition.step(&held.step) else { return then };
    match (&step.kind, &then) {
        // Nobody waits for it, so its jump leads nowhere: the way that it would take is gone already.
        _ if held.waits == Waits::Rest => together::rest_ended(run, inner, around),
        (StepKind::Together { needs, rest, .. }, Then::Next) => {
            together::branch_ended(run, inner, around, *needs, *rest)
        }
        (StepKind::ForEach(each), Then::Next) => for_each::round_ended(run, inner, around, each),
        (StepKind::Handler { of, .. }, _) => handler::left(run, around, *of, then),
        (StepKind::Extra { .. }, _) => extra::left(run, around, then),
        _ => then,
    }
}

/// What follows from the changes of a command: conditions that hold now, rounds for what came into a list, signals, joins
/// that need less in another version. Nothing of a record that is stuck moves.
pub(crate) fn settle(run: &mut Run<'_>) {
    match run.instance.status() {
        Status::Running => {
            signal::settle(run);
            for_each::settle(run);
            together::settle(run);
            wait::settle(run);
            approval::settle(run);
        }
        Status::Stuck(_) | Status::Suspended(_) | Status::Ended { .. } => signal::keep(run),
    }
}
