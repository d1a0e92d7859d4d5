//! Lengths of time, and clocks that measure them against a target.

use serde::{Deserialize, Serialize};

use super::{Action, Labels};
use crate::expr::Expr;
use crate::ids::Name;
use crate::time::Span;

/// A length of time with the calendar that counts it, if it is working time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// How long.
    pub span: Span,
    /// Which calendar counts; the process's `hours` where not said.
    pub hours: Option<Expr>,
}

/// A clock that measures how long something takes against a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// Its name.
    pub name: Name,
    /// What people call it.
    pub labels: Labels,
    /// Runs from the start of the record until this milestone.
    pub until: Name,
    /// Stands still while a token is in one of these steps.
    pub pauses_in: Vec<Name>,
    /// Runs again, after it stopped, when a task is completed with one of these outcomes.
    pub resumes_on: Vec<Name>,
    /// The choice field that selects the target.
    pub by: Name,
    /// The target for each value of the field.
    pub targets: Vec<Target>,
    /// The calendar that counts.
    pub hours: Expr,
    /// What happens on the way, by rising percent.
    pub thresholds: Vec<Threshold>,
}

/// How much time a clock allows for one value of its field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The field's value.
    pub value: Name,
    /// The time allowed.
    pub span: Span,
}

/// What happens when so much of a clock's time is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Threshold {
    /// Percent of the target; 100 is the breach.
    pub percent: u16,
    /// What is done.
    pub actions: Vec<Action>,
}
