//! Measures: figures over the records of a process.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::Labels;
use crate::expr::{Expr, Operator};
use crate::ids::Name;

/// A figure over the records of a process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// Its name.
    pub name: Name,
    /// What people call it.
    pub labels: Labels,
    /// How one figure is made of many records.
    pub figure: Figure,
    /// What its amounts are.
    pub quantity: Quantity,
    /// What is taken of each record; of a count and a share the condition. A clock is read as an item of its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Expr>,
    /// Which records count; all where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Expr>,
    /// The fields by which it is split, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<Name>,
    /// The part of the calendar by which it is split. Without one it is of all records as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// What is to be reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Goal>,
}

/// How one figure is made of many records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// How many there are.
    Count,
    /// Of how many of them the condition holds.
    Share,
    /// All amounts together.
    Sum,
    /// The amounts together, divided by how many there are.
    Mean,
    /// The amount in the middle; halfway between the two in the middle.
    Median,
    /// The least.
    Min,
    /// The greatest.
    Max,
}

/// What the amounts of a measure are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Numbers, kept to the millionth; also how many records, and of a share which part of 1.
    Number,
    /// Lengths of time, in milliseconds.
    Duration,
    /// Money, in minor units; each currency by itself.
    Money,
}

/// A part of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// A day.
    Day,
    /// A week, from Monday.
    Week,
    /// A month.
    Month,
    /// Three months, from January.
    Quarter,
    /// A year.
    Year,
}

/// What a measure is to reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goal {
    /// For which value of the first field that splits it; for every figure where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Name>,
    /// How the figure compares: at most, less, at least, greater.
    pub operator: Operator,
    /// With what: a number, milliseconds, or units of money.
    pub figure: Decimal,
}
