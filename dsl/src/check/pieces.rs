//! The values of an input, cut where a table's conditions cut them: all values of one piece meet the same conditions,
//! so that one value stands for each.

use std::cmp::Ordering;
use std::ops::Bound;

use engine::definition::Presence;
use engine::ids::Name;
use engine::table::{Cell, Test};
use engine::time::{MINUTE_MS, Timestamp, days_after};
use engine::value::Value;
use rust_decimal::Decimal;

use super::types::Type;

/// The most values that the conditions on a list may name: each of their sets is a piece.
pub(super) const MEMBERS_MAX: usize = 10;

/// One value for each piece of an input. Those of an input with an order stand in it; that there is no value, where
/// that may be, comes last. Nothing where a list's conditions name more than [`MEMBERS_MAX`] values.
pub(super) fn pieces<'c>(of: &Type, presence: Presence, cells: impl Iterator<Item = &'c Cell>) -> Option<Vec<Value>> {
    let named = named(cells);
    let mut pieces = match of {
        Type::Choice(choices) => choices.iter().map(|one| Value::Choice(one.name.clone())).collect(),
        Type::Bool => vec![Value::Bool(true), Value::Bool(false)],
        Type::Number | Type::Date | Type::Instant | Type::Duration => line(named),
        Type::Many(inner) if named.len() <= MEMBERS_MAX => sets(inner, &named),
        Type::Many(_) => return None,
        Type::Text
        | Type::Ref(_)
        | Type::Money
        | Type::File
        | Type::Role
        | Type::Row(_)
        | Type::Nothing
        | Type::Unknown => {
            let other = other(of, &named);
            named.into_iter().chain(other).collect()
        }
    };
    match presence {
        Presence::Optional => pieces.push(Value::Nothing),
        Presence::Required => {}
    }
    Some(pieces)
}

/// The values that the conditions name, each once; in their order, if they have one.
fn named<'c>(cells: impl Iterator<Item = &'c Cell>) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    for cell in cells {
        let (Cell::OneOf(tests) | Cell::NoneOf(tests)) = cell else { continue };
        for test in tests {
            match test {
                Test::Is(Value::Nothing) => {}
                Test::Is(value) => found.push(value.clone()),
                Test::Between(from, to) => found.extend([from, to].into_iter().filter_map(end).cloned()),
                Test::Has(members) => found.extend(members.iter().cloned()),
            }
        }
    }
    let key = |value: &Value| value.plain();
    found.sort_by(|one, other| one.order(other).unwrap_or_else(|| key(one).cmp(&key(other))));
    found.dedup();
    found
}

fn end(bound: &Bound<Value>) -> Option<&Value> {
    match bound {
        Bound::Unbounded => None,
        Bound::Included(value) | Bound::Excluded(value) => Some(value),
    }
}

/// Each named value, and one below, between and above them, where there are any.
fn line(named: Vec<Value>) -> Vec<Value> {
    let mut pieces: Vec<Value> = named.first().and_then(below).into_iter().collect();
    for (at, value) in named.iter().enumerate() {
        pieces.push(value.clone());
        pieces.extend(match named.get(at + 1) {
            Some(next) => between(value, next),
            None => above(value),
        });
    }
    // Conditions that name nothing leave the line in one piece, for which nothing particular stands.
    if pieces.is_empty() { vec![Value::Text("…".to_owned())] } else { pieces }
}

fn below(value: &Value) -> Option<Value> {
    match value {
        Value::Number(number) => number.ceil().checked_sub(Decimal::ONE).map(Value::Number),
        Value::Date(date) => days_after(date, -1).map(Value::Date),
        Value::Instant(at) => Some(Value::Instant(at.plus_ms(-MINUTE_MS))),
        Value::Duration(length_ms) => Some(Value::Duration(length_ms.saturating_sub(MINUTE_MS))),
        _ => None,
    }
}

/// The next whole number, day or minute.
fn above(value: &Value) -> Option<Value> {
    let minute = |ms: i64| (ms.div_euclid(MINUTE_MS) + 1).saturating_mul(MINUTE_MS);
    match value {
        Value::Number(number) => number.floor().checked_add(Decimal::ONE).map(Value::Number),
        Value::Date(date) => days_after(date, 1).map(Value::Date),
        Value::Instant(at) => Some(Value::Instant(Timestamp(minute(at.0)))),
        Value::Duration(length_ms) => Some(Value::Duration(minute(*length_ms))),
        _ => None,
    }
}

/// A value between two: a whole one, if there is any.
fn between(value: &Value, next: &Value) -> Option<Value> {
    let inside =
        |found: &Value| found.order(value) == Some(Ordering::Greater) && found.order(next) == Some(Ordering::Less);
    let half = |one: i64, other: i64| one + (other - one) / 2;
    let middle = || match (value, next) {
        (Value::Number(one), Value::Number(other)) => {
            let half = one.checked_add(*other)?.checked_div(Decimal::TWO)?;
            Some(Value::Number(half))
        }
        (Value::Instant(one), Value::Instant(other)) => Some(Value::Instant(Timestamp(half(one.0, other.0)))),
        (Value::Duration(one), Value::Duration(other)) => Some(Value::Duration(half(*one, *other))),
        _ => None,
    };
    above(value).filter(inside).or_else(|| middle().filter(inside))
}

/// Every set of the named members, and one that has none of them.
fn sets(of: &Type, named: &[Value]) -> Vec<Value> {
    let without = other(of, named).map(|other| Value::List(vec![other]));
    let member = |set: usize, at: usize| set & (1 << at) != 0;
    let with = (1..1usize << named.len()).map(|set| {
        let members = named.iter().enumerate().filter(|(at, _)| member(set, *at)).map(|(_, value)| value.clone());
        Value::List(members.collect())
    });
    without.into_iter().chain(with).collect()
}

/// A value that no condition names, if there is one.
fn other(of: &Type, named: &[Value]) -> Option<Value> {
    let open = |make: fn(String) -> Value| {
        (1..=named.len() + 1).map(|count| make("…".repeat(count))).find(|value| !named.contains(value))
    };
    match of {
        Type::Choice(choices) => {
            choices.iter().map(|one| Value::Choice(one.name.clone())).find(|value| !named.contains(value))
        }
        Type::Bool => [true, false].into_iter().map(Value::Bool).find(|value| !named.contains(value)),
        Type::Number => named.last().map_or(Some(Value::Number(Decimal::ONE)), above),
        Type::Date | Type::Instant | Type::Duration => named.last().and_then(above),
        Type::Ref(_) | Type::Role => open(|text| Value::Ref(Name::from(text))),
        Type::Text | Type::Many(_) | Type::Money | Type::File | Type::Row(_) | Type::Nothing | Type::Unknown => {
            open(Value::Text)
        }
    }
}
