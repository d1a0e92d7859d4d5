//! Decision tables: rows of conditions with the value that each gives.

use serde::{Deserialize, Serialize};

use crate::ids::Name;
use crate::value::Value;

/// Which row counts where several match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hit {
    /// At most one row may match; the checker proves it.
    Unique,
    /// The first in written order.
    First,
}

/// A condition on one input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// Any value.
    Any,
    /// One of these values.
    OneOf(Vec<Value>),
    /// Any value but these.
    NoneOf(Vec<Value>),
}

impl Cell {
    fn matches(&self, value: &Value) -> bool {
        match self {
            Cell::Any => true,
            Cell::OneOf(values) => values.contains(value),
            Cell::NoneOf(values) => !values.contains(value),
        }
    }
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// One condition per input.
    pub cells: Vec<Cell>,
    /// What it gives.
    pub gives: Value,
    /// The line in the source, from 1.
    pub line: u32,
}

/// A decision table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its name.
    pub name: Name,
    /// The names of its inputs.
    pub inputs: Vec<Name>,
    /// Which row counts.
    pub hit: Hit,
    /// In written order.
    pub rows: Vec<Row>,
    /// What it gives where no row matches.
    pub otherwise: Option<Value>,
}

impl Table {
    /// The value for the inputs, or nothing where no row matches and there is no `else`.
    pub fn decide(&self, inputs: &[Value]) -> Option<&Value> {
        self.row_for(inputs).map(|row| &row.gives).or(self.otherwise.as_ref())
    }

    /// The row that counts for the inputs.
    pub fn row_for(&self, inputs: &[Value]) -> Option<&Row> {
        self.rows.iter().find(|row| row.cells.iter().zip(inputs).all(|(cell, value)| cell.matches(value)))
    }
}
