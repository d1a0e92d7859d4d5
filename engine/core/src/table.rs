//! Decision tables: rows of conditions with the value that each gives.

use std::cmp::Ordering;
use std::ops::Bound;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::ids::Name;
use crate::value::Value;

/// Which rows count where several match, and what they give together. The names are those of DMN 1.5, chapter 8.2.8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HitPolicy {
    /// At most one row may match; the checker proves it.
    Unique,
    /// The first in written order.
    First,
    /// The one whose value is declared before those of the others.
    Priority,
    /// Any: those that match together give the same; the checker proves it.
    Any,
    /// All, as a list in written order.
    RuleOrder,
    /// All, as a list in the order in which their values are declared.
    OutputOrder,
    /// All, put together.
    Collect(Aggregation),
}

/// How the values of several rows become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregation {
    /// A list of them, in written order.
    List,
    /// Their sum.
    Sum,
    /// The least of them.
    Min,
    /// The greatest of them.
    Max,
    /// How many there are.
    Count,
}

/// A condition on one input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// Any value.
    Any,
    /// One of these tests holds.
    OneOf(Vec<Test>),
    /// None of these tests holds.
    NoneOf(Vec<Test>),
}

/// What a condition asks of a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// It is this one. An empty list is nothing.
    Is(Value),
    /// It lies between these ends.
    Between(Bound<Value>, Bound<Value>),
    /// It is a list that has all of these.
    Has(Vec<Value>),
}

impl Cell {
    /// Whether the condition holds for a value.
    pub fn matches(&self, value: &Value) -> bool {
        match self {
            Cell::Any => true,
            Cell::OneOf(tests) => tests.iter().any(|test| test.holds(value)),
            Cell::NoneOf(tests) => !tests.iter().any(|test| test.holds(value)),
        }
    }
}

impl Test {
    fn holds(&self, value: &Value) -> bool {
        match (self, value) {
            (Test::Is(Value::Nothing), Value::List(list)) => list.is_empty(),
            (Test::Is(wanted), _) => wanted == value,
            (Test::Between(from, to), _) => is_above(value, from) && is_below(value, to),
            (Test::Has(wanted), Value::List(list)) => wanted.iter().all(|one| list.contains(one)),
            (Test::Has(_), _) => false,
        }
    }
}

/// Whether a value lies on the upper side of a lower end.
pub fn is_above(value: &Value, from: &Bound<Value>) -> bool {
    match from {
        Bound::Unbounded => !value.is_empty(),
        Bound::Included(end) => matches!(value.order(end), Some(Ordering::Greater | Ordering::Equal)),
        Bound::Excluded(end) => value.order(end) == Some(Ordering::Greater),
    }
}

/// Whether a value lies on the lower side of an upper end.
pub fn is_below(value: &Value, to: &Bound<Value>) -> bool {
    match to {
        Bound::Unbounded => !value.is_empty(),
        Bound::Included(end) => matches!(value.order(end), Some(Ordering::Less | Ordering::Equal)),
        Bound::Excluded(end) => value.order(end) == Some(Ordering::Less),
    }
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// One condition per input.
    pub cells: Vec<Cell>,
    /// What it gives; where the table has several outputs, a [`Value::Row`] of them.
    pub gives: Value,
    /// The line in the source, from 1.
    pub line: u32,
}

impl Row {
    fn matches(&self, inputs: &[Value]) -> bool {
        self.cells.iter().zip(inputs).all(|(cell, value)| cell.matches(value))
    }
}

/// A decision table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its name.
    pub name: Name,
    /// The names of its inputs.
    pub inputs: Vec<Name>,
    /// Which rows count.
    pub hit: HitPolicy,
    /// In the order in which they are looked at: as written, or, where the order of the declared values decides, in
    /// that order.
    pub rows: Vec<Row>,
    /// What stands in for a row where none matches; [`Value::Nothing`] says that there is no answer then.
    pub otherwise: Option<Value>,
}

/// Why a table gives nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undecided {
    /// No row matches, and there is no `else`.
    NoRow,
    /// The sum is too large.
    Overflow,
    /// The values cannot be added or compared: a mistake of the checker.
    Unfit,
}

impl Table {
    /// The value for the inputs.
    ///
    /// # Errors
    /// Says why there is none.
    pub fn decide(&self, inputs: &[Value]) -> Result<Value, Undecided> {
        let mut rows = self.rows_for(inputs).map(|row| &row.gives);
        let first = rows.next().or(self.otherwise.as_ref());
        match (self.hit, first) {
            (_, Some(Value::Nothing)) => Ok(Value::Nothing),
            (HitPolicy::Unique | HitPolicy::First | HitPolicy::Priority | HitPolicy::Any, Some(only)) => {
                Ok(only.clone())
            }
            (HitPolicy::RuleOrder | HitPolicy::OutputOrder | HitPolicy::Collect(Aggregation::List), first) => {
                Ok(Value::List(first.into_iter().chain(rows).cloned().collect()))
            }
            (HitPolicy::Collect(Aggregation::Count), first) => {
                Ok(Value::Number(Decimal::from(first.into_iter().chain(rows).count())))
            }
            (HitPolicy::Collect(Aggregation::Sum), Some(first)) => {
                rows.try_fold(first.clone(), |sum, one| plus(&sum, one))
            }
            (HitPolicy::Collect(Aggregation::Min), Some(first)) => furthest(first, rows, Ordering::Less),
            (HitPolicy::Collect(Aggregation::Max), Some(first)) => furthest(first, rows, Ordering::Greater),
            (_, None) => Err(Undecided::NoRow),
        }
    }

    /// The rows that count for the inputs: the first that matches, or all where the table puts them together.
    pub(crate) fn rows_for<'t>(&'t self, inputs: &'t [Value]) -> impl Iterator<Item = &'t Row> {
        let most = match self.hit {
            HitPolicy::Unique | HitPolicy::First | HitPolicy::Priority | HitPolicy::Any => 1,
            HitPolicy::RuleOrder | HitPolicy::OutputOrder | HitPolicy::Collect(_) => self.rows.len(),
        };
        self.rows.iter().filter(|row| row.matches(inputs)).take(most)
    }
}

fn plus(one: &Value, other: &Value) -> Result<Value, Undecided> {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.checked_add(*other).map(Value::Number),
        (Value::Duration(one), Value::Duration(other)) => one.checked_add(*other).map(Value::Duration),
        _ => return Err(Undecided::Unfit),
    }
    .ok_or(Undecided::Overflow)
}

fn furthest<'v>(
    first: &'v Value,
    rest: impl Iterator<Item = &'v Value>,
    towards: Ordering,
) -> Result<Value, Undecided> {
    let mut found = first;
    for one in rest {
        let order = one.order(found).ok_or(Undecided::Unfit)?;
        if order == towards {
            found = one;
        }
    }
    Ok(found.clone())
}
