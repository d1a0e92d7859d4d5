//! What is wrong with an instance that is stuck, and what must still be done.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::definition::{Action, Parts};
use crate::effect::Begun;
use crate::ids::{InstanceId, Name, TokenId};
use crate::value::{Fields, Items, Value};

/// What is wrong with a stuck instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repair {
    /// Where the token stands that cannot go on.
    pub token: TokenId,
    /// The step.
    pub step: Name,
    /// The line of the step in its source.
    pub line: u32,
    /// What failed, with what it saw.
    pub problem: String,
    /// The expression that has no value, as the language writes it, where one is to blame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
    /// The fields that it reads with the values that they had; `Nothing` where one was empty.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub saw: Fields,
    /// What is done when the instance tries again, besides the step at which it stands half way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owed: Vec<Owed>,
}

impl Repair {
    /// Whether a record that should have begun could not.
    pub(crate) fn owes(&self, record: InstanceId) -> bool {
        self.owed.iter().any(|owed| matches!(owed, Owed::Begin(begun) if begun.instance == record))
    }

    /// What failed as `on error` reads it.
    pub(crate) fn as_value(&self) -> Value {
        let text = |text: &str| Value::Text(text.to_owned());
        let row = [("message", text(&self.problem)), ("step", text(self.step.as_str()))];
        Value::Row(row.into_iter().map(|(name, value)| (Name::from(name), value)).collect())
    }
}

/// Something that should have been done when its moment came, and could not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owed {
    /// The actions of the reaction at this place in the definition, from 0.
    Reaction(usize),
    /// The actions of a clock at a part of its target.
    Threshold {
        /// The clock.
        clock: Name,
        /// The percent.
        percent: u16,
    },
    /// A record that could not be begun.
    Begin(Box<Begun>),
    /// What a task says to do while it is open too long.
    Reminder {
        /// The task's step.
        step: Name,
        /// Which of its reminders, from 0.
        reminder: usize,
        /// What the rounds around the task were about.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        items: Items,
    },
}

impl Owed {
    /// What the rounds around it were about.
    pub(crate) fn items(&self) -> Items {
        match self {
            Owed::Reminder { items, .. } => items.clone(),
            Owed::Reaction(_) | Owed::Threshold { .. } | Owed::Begin(_) => Items::new(),
        }
    }

    /// What is to be done.
    pub(crate) fn actions<'p>(&self, parts: &'p Parts) -> Vec<&'p Action> {
        match self {
            Owed::Begin(_) => Vec::new(),
            Owed::Reaction(place) => parts.reactions.get(*place).into_iter().flat_map(|held| &held.actions).collect(),
            Owed::Threshold { clock, percent } => parts
                .clocks
                .iter()
                .filter(|held| held.name == *clock)
                .flat_map(|held| held.thresholds.iter().filter(|threshold| threshold.percent == *percent))
                .flat_map(|threshold| &threshold.actions)
                .collect(),
            Owed::Reminder { step, reminder, items: _ } => {
                let task = parts.step(step).and_then(|held| held.kind.task());
                task.and_then(|task| task.reminders.get(*reminder)).into_iter().flat_map(|held| &held.actions).collect()
            }
        }
    }
}
