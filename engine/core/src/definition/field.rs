//! The fields of a record.

use serde::{Deserialize, Serialize};

use super::{Clause, Labels, Requirement, Who};
use crate::expr::Expr;
use crate::ids::Name;
use crate::value::FieldType;

/// A value that a choice field may hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What rules and tables call it.
    pub name: Name,
    /// What people call it.
    pub labels: Labels,
}

/// Where a field's value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// People and rules set it; at the start it takes the default, if there is one.
    Given {
        /// The value at the start where nothing is given.
        default: Option<Expr>,
    },
    /// Computed from other fields whenever they change.
    Derived {
        /// The computation.
        from: Expr,
        /// Whether a person may set another value.
        overriding: Overriding,
    },
}

/// Whether the computed value of a derived field may be replaced by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overriding {
    /// Never.
    Forbidden,
    /// By those who may edit the record, who must say why.
    NeedsReason,
}

/// Whether a field may stay empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// A form that asks for it insists.
    Required,
    /// May stay empty.
    Optional,
}

/// A field of the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its name in rules and forms.
    pub name: Name,
    /// What people call it.
    pub labels: Labels,
    /// What it holds.
    pub holds: FieldType,
    /// Where the value comes from.
    pub origin: Origin,
    /// Whether it may stay empty.
    pub presence: Presence,
    /// What must hold of its value wherever a person gives one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub must: Vec<Requirement>,
    /// Who may see it; whoever sees the record, where nobody is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen_by: Vec<Who>,
    /// Who may change it outside of tasks; whoever may edit the record, where nobody is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed_by: Vec<Who>,
    /// The clauses for which its value is evidence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Clause>,
    /// What it was called in the version before, where it was renamed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Name>,
}

impl Field {
    /// A field of which nothing more is said.
    pub fn new(name: Name, labels: Labels, holds: FieldType, origin: Origin, presence: Presence) -> Field {
        let (must, seen_by, changed_by, evidence) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Field { name, labels, holds, origin, presence, must, seen_by, changed_by, evidence, was: None }
    }
}
