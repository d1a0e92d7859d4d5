//! Records that no form begins: with what they begin, by a schedule or by a message from outside.

use crate::command::Rejection;
use crate::definition::{Definition, Fill, MESSAGE, Schedule, StartMessage};
use crate::event::Actor;
use crate::expr::{EvalError, Scope};
use crate::ids::Name;
use crate::people;
use crate::step::World;
use crate::value::{Fields, Items, MARKDOWN_MAX, Value};

/// The longest key of a message, in characters.
pub const KEY_MAX: usize = 200;

/// With what a record begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// For whom.
    pub requester: Name,
    /// What it is given.
    pub fields: Fields,
    /// The key of the message, where it has one: records of one process have different ones.
    pub key: Option<String>,
}

/// A message from outside for which no record is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its name.
    pub message: Name,
    /// What it says; expressions read it as `message.text`.
    pub text: String,
    /// What it brings; expressions read `message.NAME`.
    pub values: Fields,
}

/// With what a schedule begins a record.
///
/// # Errors
/// A value cannot be computed, or the requester is no person.
pub fn by_schedule(definition: &Definition, schedule: &Schedule, world: &World<'_>) -> Result<Arrival, Rejection> {
    let nobody = Name::from("");
    let table = Table { definition, world, requester: &nobody, items: Items::new() };
    let requester = match schedule.requester.value(&table.scope(&Fields::new())).map_err(Rejection::CannotJudge)? {
        Value::Ref(person) => person,
        _ => return Err(Rejection::CannotJudge(EvalError::Empty(schedule.requester.source()))),
    };
    let fields = Table { requester: &requester, ..table }.laid(&schedule.sets).map_err(Rejection::CannotJudge)?;
    Ok(Arrival { requester, fields, key: None })
}

/// With what a message begins a record.
///
/// # Errors
/// No record begins with this message, the sender may not send it, its key is too long, or a value cannot be computed.
pub fn by_message(definition: &Definition, message: Message, world: &World<'_>) -> Result<Arrival, Rejection> {
    let Message { message, text, values } = message;
    let found = definition.parts().start.messages.iter().find(|held| held.message == message);
    let StartMessage { from, key, sets, message: _ } = found.ok_or(Rejection::NotAwaited(message))?;
    let Actor::Person(sender) = world.actor else { return Err(Rejection::NotAllowed) };
    if text.chars().count() > MARKDOWN_MAX {
        return Err(Rejection::TextTooLong { limit: MARKDOWN_MAX });
    }
    let mut brought = values;
    brought.insert(Name::from("text"), Value::Text(text));
    let items = vec![(Name::from(MESSAGE), Value::Row(brought))];
    let table = Table { definition, world, requester: sender, items };
    if !people::is_meant(world.actor, from, &table.scope(&Fields::new())) {
        return Err(Rejection::NotAllowed);
    }
    let fields = table.laid(sets).map_err(Rejection::CannotJudge)?;
    let key = match key {
        Some(key) => match key.value(&table.scope(&fields)).map_err(Rejection::CannotJudge)? {
            empty if empty.is_empty() => return Err(Rejection::CannotJudge(EvalError::Empty(key.source()))),
            value => Some(value.plain()),
        },
        None => None,
    };
    if key.as_ref().is_some_and(|key| key.chars().count() > KEY_MAX) {
        return Err(Rejection::TextTooLong { limit: KEY_MAX });
    }
    Ok(Arrival { requester: sender.clone(), fields, key })
}

/// Where values are worked out for a record that is not there yet.
struct Table<'a> {
    definition: &'a Definition,
    world: &'a World<'a>,
    requester: &'a Name,
    items: Items,
}

impl Table<'_> {
    fn scope<'s>(&'s self, fields: &'s Fields) -> Scope<'s> {
        Scope {
            definition: self.definition,
            fields,
            requester: self.requester,
            directory: self.world.directory,
            records: self.world.records,
            number: "",
            now: self.world.now,
            items: &self.items,
        }
    }

    /// The values one after the other: a later one may read an earlier one.
    fn laid(&self, sets: &[Fill]) -> Result<Fields, EvalError> {
        let mut fields = Fields::new();
        for Fill { field, value } in sets {
            let value = value.value(&self.scope(&fields))?;
            let holds = self.definition.field(field).map(|field| &field.holds);
            let value = match holds {
                Some(holds) => holds.understood(value),
                None => value,
            };
            fields.insert(field.clone(), value);
        }
        Ok(fields)
    }
}
