//! What each kind of step does when a token comes to it. One file a kind; one line a kind here.

mod act;
mod block;
mod choose;
mod end;
mod milestone;
mod race;
mod receive;
mod task;
mod timer;
mod together;
mod wait;

use crate::definition::{Step, StepKind};
use crate::expr::EvalError;
use crate::ids::{Name, TokenId};
use crate::run::Run;

pub(crate) use act::perform;
pub(crate) use together::branch_ended;
pub(crate) use wait::settle;

/// Where a token goes after a step has done its work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// It stays until something comes from outside, or those inside it are over.
    Wait,
    /// On to the step after.
    Next,
    /// To that step.
    To(Name),
    /// Nowhere: the record is over.
    Done,
}

/// Lets a token do what its step says.
pub(crate) fn enter(run: &mut Run<'_>, token: TokenId, step: &Step) -> Result<Then, EvalError> {
    match &step.kind {
        StepKind::Task(task) => task::enter(run, token, step, task),
        StepKind::Milestone => milestone::enter(run, step),
        StepKind::Race { branches } => race::enter(run, token, branches),
        StepKind::Together { branches, needs } => together::enter(run, token, branches, *needs),
        StepKind::Block { first } => block::enter(run, token, first),
        StepKind::Receive { message, from, asks: _ } => receive::enter(run, token, message, from),
        StepKind::Timer { after } => timer::enter(run, token, after),
        StepKind::Wait { until } => wait::enter(run, token, until),
        StepKind::Later(later) => Err(EvalError::NotRunYet(later.construct.clone())),
        StepKind::Choose { cases, otherwise } => choose::enter(run, cases, otherwise.as_ref()),
        StepKind::Act { actions } => act::enter(run, actions),
        StepKind::End(end) => end::enter(run, end),
    }
}
