//! What a record says, field by field in the definition's order.

use engine::definition::Field;
use engine::file::{File, files_in};
use engine::value::{FieldType, Value};
use serde::Serialize;

use crate::files;
use crate::pages::registers::{Linked, values};
use crate::reach::Reached;
use crate::visit::Visit;

/// A field with its value.
#[derive(Clone, Debug, Serialize)]
pub struct Fact {
    /// What the field is called.
    pub label: String,
    /// What it holds.
    pub value: String,
    /// Whether it is a longer text.
    pub long: bool,
    /// The records and entries that it names, each with where it is shown.
    pub linked: Vec<Linked>,
    /// The files that it names.
    pub files: Vec<NamedFile>,
    /// The level of a priority or impact, for its colour.
    pub level: Option<String>,
    /// Why it holds another value than computed.
    pub overridden: Option<String>,
}

/// A file that a field names.
#[derive(Clone, Debug, Serialize)]
pub struct NamedFile {
    /// What it is called, with its size.
    pub name: String,
    /// Where it is; nothing of one that was taken away.
    pub link: Option<String>,
}

/// The fields that hold something and that the visitor may see.
pub fn facts(visit: &Visit<'_>, reached: &Reached) -> Vec<Fact> {
    chosen(visit, reached, |_| true)
}

/// Those of them that are chosen.
pub fn chosen(visit: &Visit<'_>, reached: &Reached, is_chosen: impl Fn(&Field) -> bool) -> Vec<Fact> {
    let (instance, definition) = (&reached.loaded.instance, &reached.definition);
    let held = |field: &Field| {
        let value = instance.fields().get(&field.name).filter(|value| !value.is_empty())?;
        Some(Fact {
            files: named(visit, reached, field, value),
            ..fact(visit, field, value, instance.overrides().get(&field.name))
        })
    };
    let fields = definition.parts().fields.iter().filter(|field| is_chosen(field) && reached.shows(visit, field));
    fields.filter_map(held).collect()
}

fn fact(visit: &Visit<'_>, field: &Field, value: &Value, overridden: Option<&String>) -> Fact {
    let level = match (field.name.as_str(), value) {
        ("priority", Value::Choice(name)) => Some(name.to_string()),
        _ => None,
    };
    Fact {
        label: visit.language.of(&field.labels).to_owned(),
        value: visit.names().value(&field.holds, value, &visit.times()),
        long: is_long(&field.holds),
        linked: if names_others(&field.holds) { values(visit, &field.holds, value) } else { Vec::new() },
        files: Vec::new(),
        level,
        overridden: overridden.cloned(),
    }
}

/// The files in a value, each with where it is.
fn named(visit: &Visit<'_>, reached: &Reached, field: &Field, value: &Value) -> Vec<NamedFile> {
    let one = |file: &File| {
        let held = reached.loaded.instance.file_of(&field.name, file).filter(|held| held.bytes.are_there());
        let name = visit.names().value(&FieldType::File, &Value::File(file.clone()), &visit.times());
        NamedFile { name, link: held.map(|held| files::link(reached, held)) }
    };
    files_in(value).into_iter().map(one).collect()
}

/// Whether values of this type name records or entries.
fn names_others(holds: &FieldType) -> bool {
    match holds {
        FieldType::Ref(_) => true,
        FieldType::Many(inner) => names_others(inner),
        _ => false,
    }
}

/// Whether values of this type need a line of their own.
fn is_long(holds: &FieldType) -> bool {
    match holds {
        FieldType::Markdown | FieldType::Rows(_) => true,
        FieldType::Text { max } => *max > SHORT_MAX,
        _ => false,
    }
}

/// The longest text that fits beside others, in characters.
const SHORT_MAX: u32 = 100;
