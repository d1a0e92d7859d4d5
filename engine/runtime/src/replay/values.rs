//! What a row of the log says about the fields of the record.

use engine::definition::Definition;
use engine::ids::Name;
use engine::value::{FieldType, Fields, Money, Value};

use super::log::{Log, Row};
use super::mapping::{FieldSource, ProcessMapping};
use super::people::{key_of, unknown_key};

/// The value that a row gives for a field; nothing where the log does not know it.
///
/// # Errors
/// The column holds a value that the mapping does not name.
pub(super) fn of_row(
    mapping: &ProcessMapping,
    definition: &Definition,
    log: &Log,
    row: &Row,
    field: &Name,
) -> Result<Option<Value>, String> {
    let (Some(source), Some(declared)) = (mapping.fields.get(field), definition.field(field)) else { return Ok(None) };
    let Some(text) = raw(log, row, source) else { return Ok(None) };
    written(&text, &declared.holds, source).map(Some)
}

/// The value that stands in for a field that the log does not know.
pub(super) fn stand_in(mapping: &ProcessMapping, definition: &Definition, field: &Name) -> Option<Value> {
    let source = mapping.fields.get(field)?;
    let text = source.stand_in.as_deref()?;
    match &definition.field(field)?.holds {
        FieldType::Ref(register) => Some(Value::Ref(unknown_key(register))),
        FieldType::Many(inner) => match &**inner {
            FieldType::Ref(register) => Some(Value::List(vec![Value::Ref(unknown_key(register))])),
            _ => None,
        },
        holds => written(text, holds, source).ok(),
    }
}

/// The values that a row gives for those of the fields that the log knows.
pub(super) fn of_row_for<'f>(
    mapping: &ProcessMapping,
    definition: &Definition,
    log: &Log,
    row: &Row,
    fields: impl IntoIterator<Item = &'f Name>,
) -> Result<Fields, String> {
    let mut found = Fields::new();
    for field in fields {
        if let Some(value) = of_row(mapping, definition, log, row, field)? {
            found.insert(field.clone(), value);
        }
    }
    Ok(found)
}

fn raw(log: &Log, row: &Row, source: &FieldSource) -> Option<String> {
    if let Some(column) = &source.column {
        return log.value(row, column).map(str::to_owned);
    }
    source.text.as_ref().map(|template| log.filled(row, template))
}

fn written(text: &str, holds: &FieldType, source: &FieldSource) -> Result<Value, String> {
    let column = source.column.as_deref().unwrap_or("text");
    match holds {
        FieldType::Text { .. } | FieldType::Markdown => Ok(Value::Text(text.to_owned())),
        FieldType::Choice(choices) => match source.values.get(text) {
            Some(choice) => Ok(Value::Choice(choice.clone())),
            None => choices
                .iter()
                .find(|choice| choice.name == *text)
                .map(|choice| Value::Choice(choice.name.clone()))
                .ok_or_else(|| format!("{column} has the value \"{text}\", which the mapping does not name")),
        },
        FieldType::Ref(register) => Ok(Value::Ref(key_of(register.as_str(), text))),
        FieldType::Many(inner) => written(text, inner, source).map(|value| Value::List(vec![value])),
        FieldType::Number => text
            .parse()
            .map(Value::Number)
            .map_err(|_| format!("{column} has the value \"{text}\", which is not a number")),
        FieldType::Bool => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Ok(Value::Bool(true)),
            "false" | "no" | "0" => Ok(Value::Bool(false)),
            _ => Err(format!("{column} has the value \"{text}\", which is neither yes nor no")),
        },
        FieldType::Money => Money::read(text)
            .map(Value::Money)
            .ok_or_else(|| format!("{column} has the value \"{text}\", which is not an amount such as 12.50 CNY")),
        FieldType::Date
        | FieldType::Instant
        | FieldType::Duration
        | FieldType::File
        | FieldType::Role
        | FieldType::Rows(_) => Err(format!("{column} is mapped to a field of a type that mappings cannot fill")),
    }
}
