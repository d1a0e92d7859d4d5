//! One command of a mapping: `complete triage accept`, `at waiting_for_caller: message reply`, `… by requester`,
//! `at confirm: count reassign_count`.

use engine::definition::{Definition, StepKind};
use engine::ids::Name;
use engine::value::FieldType;
use serde::Deserialize;

/// What a mapping orders.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Order {
    /// Only where the record stands in this step.
    pub at: Option<Name>,
    /// What.
    pub verb: Verb,
    /// Who.
    pub by: By,
}

/// What is ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    /// A task is completed.
    Complete {
        /// The step.
        task: Name,
        /// How.
        outcome: Name,
    },
    /// A message is delivered.
    Message(Name),
    /// A field of numbers grows by one, as an edit.
    Count(Name),
}

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The person who made the row.
    RowsPerson,
    /// The person for whom the record is.
    Requester,
}

impl Order {
    /// The order to complete a task, by the person who made the row.
    pub fn completing(task: &Name, outcome: &Name) -> Order {
        Order { at: None, verb: Verb::Complete { task: task.clone(), outcome: outcome.clone() }, by: By::RowsPerson }
    }

    /// Checks the names against a process; gives the kind and the name that it does not have.
    pub(super) fn check(&self, definition: &Definition) -> Result<(), (&'static str, String)> {
        if let Some(at) = &self.at {
            definition.step(at).ok_or_else(|| ("a step", at.to_string()))?;
        }
        match &self.verb {
            Verb::Complete { task, outcome } => {
                let found = definition.task(task).ok_or_else(|| ("a task", task.to_string()))?;
                if found.outcomes.iter().any(|held| held.name == *outcome) {
                    Ok(())
                } else {
                    Err(("an outcome", format!("{task} {outcome}")))
                }
            }
            Verb::Count(field) => match definition.field(field).map(|field| &field.holds) {
                Some(FieldType::Number) => Ok(()),
                Some(_) | None => Err(("a field of numbers", field.to_string())),
            },
            Verb::Message(message) => {
                let awaits =
                    |kind: &StepKind| matches!(kind, StepKind::Receive { message: held, .. } if held == message);
                let awaited = definition.parts().steps.iter().any(|step| awaits(&step.kind));
                if awaited { Ok(()) } else { Err(("a message", message.to_string())) }
            }
        }
    }
}

impl TryFrom<String> for Order {
    type Error = String;

    fn try_from(text: String) -> Result<Order, String> {
        let wrong = || {
            format!("\"{text}\" is not an order such as \"complete triage accept\" or \"at waiting: message reply\"")
        };
        let (at, rest) = match text.strip_prefix("at ") {
            Some(rest) => {
                let (step, rest) = rest.split_once(':').ok_or_else(wrong)?;
                (Some(Name::from(step.trim())), rest)
            }
            None => (None, text.as_str()),
        };
        let (rest, by) = match rest.trim().strip_suffix(" by requester") {
            Some(rest) => (rest, By::Requester),
            None => (rest.trim(), By::RowsPerson),
        };
        let words: Vec<&str> = rest.split_whitespace().collect();
        let verb = match words.as_slice() {
            ["complete", task, outcome] => Verb::Complete { task: Name::from(*task), outcome: Name::from(*outcome) },
            ["count", field] => Verb::Count(Name::from(*field)),
            ["message", message] => Verb::Message(Name::from(*message)),
            _ => return Err(wrong()),
        };
        Ok(Order { at, verb, by })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_read_as_they_are_spoken() {
        let order =
            Order::try_from("at confirm: complete confirm confirm by requester".to_owned()).expect("is an order");
        assert_eq!(order.at, Some(Name::from("confirm")));
        assert_eq!(order.by, By::Requester);
        assert_eq!(order.verb, Verb::Complete { task: Name::from("confirm"), outcome: Name::from("confirm") });
        let order = Order::try_from("at confirm: count reassign_count".to_owned()).expect("is an order");
        assert_eq!(order.verb, Verb::Count(Name::from("reassign_count")));
        assert!(Order::try_from("do something".to_owned()).is_err());
    }
}
