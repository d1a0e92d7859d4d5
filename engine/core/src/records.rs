//! What a step may see of other records.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::definition::{Definition, Find};
use crate::expr::{EvalError, Expr, Scope};
use crate::ids::Name;
use crate::instance::{Instance, Status};
use crate::time::Timestamp;
use crate::value::{Fields, Value};

/// What a `find` calls the record that it looks at.
pub const OTHER: &str = "other";
/// When that record began: an instant.
pub const OPENED: &str = "opened";
/// Whether it is over.
pub const ENDED: &str = "ended";
/// The milestones that it has reached, in the row that a `find` looks at.
const REACHED: &str = "reached";
/// The most records that one `find` looks at, newest first.
pub const FOUND_MAX: usize = 1_000;

/// Ways to end that give up what a record was about: such a record has reached nothing.
const GIVEN_UP: &[&str] = &["cancelled", "rejected", "withdrawn"];

/// Another record, as far as a step may look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its number.
    pub number: Name,
    /// Its process.
    pub process: Name,
    /// When it began.
    pub opened: Timestamp,
    /// How it ended, where it has.
    pub outcome: Option<Name>,
    /// The milestones that it has reached.
    pub reached: BTreeSet<Name>,
    /// Its fields.
    pub fields: Fields,
}

impl Seen {
    /// A record as it is.
    pub fn of(definition: &Definition, instance: &Instance) -> Seen {
        let outcome = match instance.status() {
            Status::Ended { outcome, .. } => Some(outcome.clone()),
            Status::Running | Status::Stuck(_) | Status::Suspended(_) => None,
        };
        Seen {
            number: Name::from(instance.number()),
            process: definition.parts().name.clone(),
            opened: instance.started(),
            outcome,
            reached: instance.milestones().keys().cloned().collect(),
            fields: instance.fields().clone(),
        }
    }

    /// Whether it has reached a milestone, and was not given up since.
    pub fn has_reached(&self, milestone: &Name) -> bool {
        let given_up = self.outcome.as_ref().is_some_and(|outcome| GIVEN_UP.contains(&outcome.as_str()));
        !given_up && self.reached.contains(milestone)
    }

    /// The row that the condition of a `find` reads. A field that it needs and the record has not is empty.
    fn row(self, needed: &[Name]) -> Fields {
        let given_up = self.outcome.as_ref().is_some_and(|outcome| GIVEN_UP.contains(&outcome.as_str()));
        let reached = if given_up { BTreeSet::new() } else { self.reached };
        let mut row: Fields = needed.iter().map(|name| (name.clone(), Value::Nothing)).collect();
        row.extend(self.fields);
        row.insert(Name::from(OPENED), Value::Instant(self.opened));
        row.insert(Name::from(ENDED), Value::Bool(self.outcome.is_some()));
        row.insert(Name::from(REACHED), Value::List(reached.into_iter().map(Value::Choice).collect()));
        row
    }
}

/// Why other records could not be looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("other records cannot be read: {0}")]
pub struct Unseen(pub String);

/// Other records: what stands for a snapshot of them. The same question has the same answer throughout a step.
pub trait Records {
    /// The record of a number.
    ///
    /// # Errors
    /// It cannot be read.
    fn record(&self, number: &Name) -> Result<Option<Seen>, Unseen>;

    /// Whether there is a record of that number.
    ///
    /// # Errors
    /// It cannot be looked for.
    fn exists(&self, number: &Name) -> Result<bool, Unseen> {
        Ok(self.record(number)?.is_some())
    }

    /// The records of a process whose field holds one of these values, newest first, [`FOUND_MAX`] at most.
    ///
    /// # Errors
    /// They cannot be read.
    fn found(&self, process: &Name, field: &Name, values: &[Value]) -> Result<Vec<Seen>, Unseen>;
}

/// No other record at all.
#[derive(Clone, Copy, Debug)]
pub struct NoRecords;

impl Records for NoRecords {
    fn record(&self, _: &Name) -> Result<Option<Seen>, Unseen> {
        Ok(None)
    }

    fn found(&self, _: &Name, _: &Name, _: &[Value]) -> Result<Vec<Seen>, Unseen> {
        Ok(Vec::new())
    }
}

/// Records in memory, by number: for examples and tests.
#[derive(Clone, Debug, Default)]
pub struct RecordsInMemory(pub BTreeMap<Name, Seen>);

impl Records for RecordsInMemory {
    fn record(&self, number: &Name) -> Result<Option<Seen>, Unseen> {
        Ok(self.0.get(number).cloned())
    }

    fn found(&self, process: &Name, field: &Name, values: &[Value]) -> Result<Vec<Seen>, Unseen> {
        let holds = |seen: &&Seen| {
            seen.process == *process
                && seen.fields.get(field).is_some_and(|held| each(held).any(|value| values.contains(value)))
        };
        let mut found: Vec<Seen> = self.0.values().filter(holds).cloned().collect();
        found.sort_by(|a, b| (b.opened, &b.number).cmp(&(a.opened, &a.number)));
        found.truncate(FOUND_MAX);
        Ok(found)
    }
}

/// The values that a field is found by: each of a list, or the one.
pub fn each(value: &Value) -> impl Iterator<Item = &Value> {
    match value {
        Value::List(list) => list.iter(),
        one => std::slice::from_ref(one).iter(),
    }
    .filter(|value| !value.is_empty())
}

/// The numbers of the records that a `find` finds, newest first. The record itself is none of them.
pub(crate) fn find(find: &Find, scope: &Scope<'_>) -> Result<Value, EvalError> {
    if scope.directory.has_register(find.process.as_str()) {
        return find_entries(find, scope);
    }
    let key = find.key.value(scope)?;
    let values: Vec<Value> = each(&key).cloned().collect();
    if values.is_empty() {
        return Ok(Value::List(Vec::new()));
    }
    let needed = read_of_other(&find.when);
    let mut found = Vec::new();
    for seen in scope.records.found(&find.process, &find.by, &values)? {
        if seen.number.as_str() == scope.number {
            continue;
        }
        let number = seen.number.clone();
        let mut items = vec![(Name::from(OTHER), Value::Row(seen.row(&needed)))];
        items.extend(scope.items.iter().cloned());
        if find.when.holds(&Scope { items: &items, ..*scope })? {
            found.push(Value::Ref(number));
        }
    }
    Ok(Value::List(found))
}

/// The keys of the entries of a register that a `find` finds.
fn find_entries(find: &Find, scope: &Scope<'_>) -> Result<Value, EvalError> {
    let needed = read_of_other(&find.when);
    let mut found = Vec::new();
    for (key, entry) in scope.directory.entries(find.process.as_str()) {
        let mut row: Fields = needed.iter().map(|name| (name.clone(), Value::Nothing)).collect();
        row.extend(entry.fields.clone());
        let mut items = vec![(Name::from(OTHER), Value::Row(row))];
        items.extend(scope.items.iter().cloned());
        if find.when.holds(&Scope { items: &items, ..*scope })? {
            found.push(Value::Ref(key.clone()));
        }
    }
    Ok(Value::List(found))
}

/// Whether every record that a value names has reached a milestone; of nothing, none has.
pub(crate) fn reached(of: &Value, milestone: &Name, scope: &Scope<'_>) -> Result<Value, EvalError> {
    if let Value::Row(row) = of {
        let has =
            matches!(row.get(REACHED), Some(Value::List(list)) if list.contains(&Value::Choice(milestone.clone())));
        return Ok(Value::Bool(has));
    }
    let mut any = false;
    for value in each(of) {
        let Value::Ref(number) = value else { return Err(EvalError::Empty(value.plain())) };
        any = true;
        if !scope.records.record(number)?.is_some_and(|seen| seen.has_reached(milestone)) {
            return Ok(Value::Bool(false));
        }
    }
    Ok(Value::Bool(any))
}

/// The fields of the other record that a condition reads.
fn read_of_other(when: &Expr) -> Vec<Name> {
    let mut found = Vec::new();
    when.walk(&mut |expr| {
        if let Expr::Attribute(inner, name) = expr
            && matches!(&**inner, Expr::Item(item) if *item == *OTHER)
        {
            found.push(name.clone());
        }
    });
    found
}
