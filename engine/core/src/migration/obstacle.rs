//! What keeps a record from following a plan.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::Name;

/// Why a record cannot move to a new version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// The new version has no such step.
    StepGone {
        /// The step of the old version.
        step: Name,
    },
    /// The step does something of another kind: a task became a milestone.
    OtherKind {
        /// The step of the old version.
        step: Name,
        /// The step of the new one.
        is: Name,
    },
    /// The step lies in another race or aside.
    OtherScope {
        /// The step of the old version.
        step: Name,
        /// In what it lay; nothing for the main way.
        was: Option<Name>,
        /// In what it lies.
        is: Option<Name>,
    },
    /// The step has its name from its place, others like it came or went, and what stands in its place is something
    /// else.
    Shifted {
        /// The step of the old version.
        step: Name,
    },
    /// All outcomes of the task that people know are gone.
    NoOutcomeLeft {
        /// The task of the old version.
        step: Name,
    },
    /// People have been asked, and the new version has other levels or needs another number of votes.
    OtherVote {
        /// The approval of the old version.
        step: Name,
    },
    /// The race has a branch in which the record does not stand.
    NewBranch {
        /// The race of the old version.
        step: Name,
        /// The first step of the branch in the new one.
        branch: Name,
    },
    /// A branch that the record has gone or goes is not one of the new version's.
    BranchGone {
        /// The race of the old version.
        step: Name,
        /// The first step of the branch in the old one.
        branch: Name,
    },
    /// Every record of the new version has a value of the field from its start on; this one has none, and no form on
    /// its way asks for it.
    NoValue {
        /// The field.
        field: Name,
    },
    /// The record's value is not of the field's type any more, or not one of its choices.
    UnfitValue {
        /// The field.
        field: Name,
    },
    /// A clock of the record runs that the new version does not have.
    ClockGone {
        /// The clock.
        clock: Name,
    },
    /// The record must be mended first.
    Stuck,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Obstacle::StepGone { step } => write!(out, "the step {step} is gone"),
            Obstacle::OtherKind { step, is } => write!(out, "the step {step} is of another kind as {is}"),
            Obstacle::OtherScope { step, .. } => write!(out, "the step {step} lies in something else"),
            Obstacle::Shifted { step } => write!(out, "the step {step} has no name of its own"),
            Obstacle::NoOutcomeLeft { step } => write!(out, "all outcomes of the task {step} are gone"),
            Obstacle::OtherVote { step } => write!(out, "the approval {step} is counted otherwise"),
            Obstacle::NewBranch { step, branch } => write!(out, "{step} has a new branch, {branch}"),
            Obstacle::BranchGone { step, branch } => write!(out, "the branch {branch} of {step} is gone"),
            Obstacle::NoValue { field } => write!(out, "the field {field} has no value"),
            Obstacle::UnfitValue { field } => write!(out, "the value of the field {field} does not fit"),
            Obstacle::ClockGone { clock } => write!(out, "the clock {clock} runs and is gone"),
            Obstacle::Stuck => out.write_str("the record is stuck"),
        }
    }
}
