//! What a baseline says of a configuration item, in the reader's words. What is frozen, and hashed, is a line for each
//! attribute with the names of the language: `status: live`.

use std::collections::BTreeMap;

use engine::definition::Field;
use engine::ids::Name;
use engine::value::FieldType;

use crate::names::Names;

/// The attributes of an item with what it said of each.
pub fn lines(content: &str) -> BTreeMap<&str, String> {
    let mut said: BTreeMap<&str, String> = BTreeMap::new();
    let mut last = None;
    for line in content.lines() {
        match (line.split_once(": "), last) {
            (Some((attribute, value)), _) => {
                last = Some(attribute);
                said.insert(attribute, value.to_owned());
            }
            // A longer text goes on in the next line.
            (None, Some(attribute)) => *said.entry(attribute).or_default() += &format!("\n{line}"),
            (None, None) => {}
        }
    }
    said
}

/// What an attribute is called.
pub fn attribute(names: &Names<'_>, item: &Name, attribute: &str) -> String {
    match declared(names, item, attribute) {
        Some(field) => names.language().of(&field.labels).to_owned(),
        None => attribute.replace('_', " "),
    }
}

/// What was said of an attribute.
pub fn value(names: &Names<'_>, item: &Name, attribute: &str, said: &str) -> String {
    declared(names, item, attribute).map_or_else(|| said.to_owned(), |field| read(names, &field.holds, said))
}

/// All that was said of an item, a line for each attribute.
pub fn all(names: &Names<'_>, item: &Name, content: &str) -> String {
    let colon = names.words.say("colon");
    let line = |(name, said): (&str, String)| {
        format!("{}{colon}{}", attribute(names, item, name), value(names, item, name, &said))
    };
    lines(content).into_iter().map(line).collect::<Vec<_>>().join("\n")
}

fn declared<'n>(names: &Names<'n>, item: &Name, attribute: &str) -> Option<&'n Field> {
    let register = names.directory.register_of(item)?;
    names.directory.declared(register.as_str())?.field(&Name::from(attribute))
}

fn read(names: &Names<'_>, holds: &FieldType, said: &str) -> String {
    match holds {
        FieldType::Choice(choices) => {
            let choice = choices.iter().find(|choice| choice.name == *said);
            choice.map_or_else(|| said.to_owned(), |choice| names.language().of(&choice.labels).to_owned())
        }
        FieldType::Ref(register) => names.entry(register.as_str(), &Name::from(said)),
        FieldType::Many(inner) => {
            let items = said.trim_start_matches('[').trim_end_matches(']').split(", ").filter(|one| !one.is_empty());
            items.map(|one| read(names, inner, one)).collect::<Vec<_>>().join(&names.words.say("list-comma"))
        }
        FieldType::Bool => names.words.say(if said == "true" { "value-yes" } else { "value-no" }),
        _ => said.to_owned(),
    }
}
