//! What people fill in and choose.

use serde::{Deserialize, Serialize};

use super::Labels;
use crate::expr::Expr;
use crate::ids::Name;

/// A field that a form asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The field.
    pub field: Name,
    /// When the form insists although the field is optional.
    pub insists_when: Option<Expr>,
}

/// A condition on a form, with the sentence to show where it does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirement {
    /// What must hold after the form's values are taken.
    pub condition: Expr,
    /// What to tell the person otherwise.
    pub otherwise: Labels,
}

/// How long a reason may be, in characters.
pub const REASON_MAX: usize = 2_000;

/// Whether the person must say why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A reason is part of the form and must be given.
    Asked,
    /// None is asked.
    NotAsked,
}

/// A way to complete a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Its name, unique within the task.
    pub name: Name,
    /// The button.
    pub labels: Labels,
    /// What its form asks for besides what the task asks.
    pub asks: Vec<Ask>,
    /// Whether a reason must be given.
    pub reason: Reason,
    /// What must hold.
    pub requires: Vec<Requirement>,
    /// Where it leads; the step after the task where not said.
    pub to: Option<Name>,
}
