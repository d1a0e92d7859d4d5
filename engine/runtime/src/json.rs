//! Values as machines write and read them: plain JSON. Numbers are decimal; days are `2026-09-18`, instants RFC 3339 in
//! UTC, lengths of time milliseconds, money `12.34 CNY`; a reference is the key of its entry; a file is read with its bytes in
//! base64 (RFC 4648, section 4), and written with their hash.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use engine::definition::{Definition, Field};
use engine::file::File;
use engine::ids::Name;
use engine::time::Timestamp;
use engine::value::{FieldType, Fields, Money, Value};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number};
use store::FileBytes;

/// Why JSON could not be read into a record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Not JSON, or not an object.
    #[error("an object of JSON is needed, such as {{\"state\": \"done\"}}")]
    NotAnObject,
    /// A value of another type than the field's.
    #[error("\"{field}\" does not fit its field")]
    Unfit {
        /// The field.
        field: Name,
    },
}

/// An object of JSON.
///
/// # Errors
/// The text is something else.
pub fn object(text: &str) -> Result<Map<String, serde_json::Value>, Unreadable> {
    serde_json::from_str(text).map_err(|_| Unreadable::NotAnObject)
}

/// Values, and the bytes of the files among them.
pub type Read = (Fields, Vec<FileBytes>);

/// The values of these fields in an object; those that it does not name are left out.
///
/// # Errors
/// A value is of another type than its field.
pub fn fields(
    definition: &Definition,
    names: &[Name],
    object: &Map<String, serde_json::Value>,
) -> Result<Read, Unreadable> {
    let (mut read, mut files) = (Fields::new(), Vec::new());
    for name in names {
        let (Some(field), Some(written)) = (definition.field(name), object.get(name.as_str())) else { continue };
        let value =
            value(&field.holds, written, &mut files).ok_or_else(|| Unreadable::Unfit { field: name.clone() })?;
        read.insert(name.clone(), value);
    }
    Ok((read, files))
}

fn value(holds: &FieldType, written: &serde_json::Value, files: &mut Vec<FileBytes>) -> Option<Value> {
    if written.is_null() {
        return Some(Value::Nothing);
    }
    let text = || written.as_str().map(str::to_owned);
    Some(match holds {
        FieldType::Text { .. } | FieldType::Markdown => Value::Text(text()?),
        FieldType::Number => Value::Number(decimal(written)?),
        FieldType::Bool => Value::Bool(written.as_bool()?),
        FieldType::Date => Value::Date(text()?),
        FieldType::Instant => Value::Instant(Timestamp::from_rfc3339(written.as_str()?)?),
        FieldType::Duration => Value::Duration(written.as_i64()?),
        FieldType::Money => Value::Money(Money::read(written.as_str()?)?),
        FieldType::Choice(_) => Value::Choice(Name::from(text()?)),
        FieldType::Ref(_) | FieldType::Role => Value::Ref(Name::from(text()?)),
        FieldType::Many(inner) => {
            Value::List(written.as_array()?.iter().map(|item| value(inner, item, files)).collect::<Option<_>>()?)
        }
        FieldType::Rows(columns) => {
            Value::List(written.as_array()?.iter().map(|row| row_of(columns, row, files)).collect::<Option<_>>()?)
        }
        FieldType::File => {
            let (file, bytes) = serde_json::from_value::<SentFile>(written.clone()).ok()?.read()?;
            files.push(bytes);
            Value::File(file)
        }
    })
}

/// A file as machines send it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SentFile {
    /// What it is called.
    pub name: String,
    /// What it is said to be: `application/pdf`.
    #[serde(default)]
    pub media_type: String,
    /// Its bytes.
    pub base64: String,
}

impl SentFile {
    /// What is known of the file, with its bytes; nothing where they cannot be read.
    pub fn read(&self) -> Option<(File, FileBytes)> {
        let bytes = STANDARD.decode(&self.base64).ok()?;
        Some(FileBytes::brought(&self.name, &self.media_type, bytes))
    }
}

/// A file as machines get it.
pub fn given(file: &File, bytes: &FileBytes) -> serde_json::Value {
    let mut given = plain(&Value::File(file.clone()));
    given["base64"] = STANDARD.encode(bytes.bytes()).into();
    given
}

/// A row of these columns; nothing where a value does not fit, or is of no column.
fn row_of(columns: &[Field], written: &serde_json::Value, files: &mut Vec<FileBytes>) -> Option<Value> {
    let mut row = Fields::new();
    for (name, written) in written.as_object()? {
        let column = columns.iter().find(|column| column.name == **name)?;
        row.insert(column.name.clone(), value(&column.holds, written, files)?);
    }
    Some(Value::Row(row))
}

/// An object whose values are of no declared type: texts, numbers, truths, lists and objects as they are.
pub fn untyped(object: &Map<String, serde_json::Value>) -> Fields {
    object.iter().map(|(name, written)| (Name::from(name.as_str()), as_it_is(written))).collect()
}

fn as_it_is(written: &serde_json::Value) -> Value {
    match written {
        serde_json::Value::Null => Value::Nothing,
        serde_json::Value::Bool(yes) => Value::Bool(*yes),
        serde_json::Value::Number(number) => {
            decimal(written).map_or_else(|| Value::Text(number.to_string()), Value::Number)
        }
        serde_json::Value::String(text) => Value::Text(text.clone()),
        serde_json::Value::Array(items) => Value::List(items.iter().map(as_it_is).collect()),
        serde_json::Value::Object(object) => Value::Row(untyped(object)),
    }
}

fn decimal(written: &serde_json::Value) -> Option<Decimal> {
    match written {
        serde_json::Value::Number(number) => number.to_string().parse().ok(),
        serde_json::Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// Fields as an object.
pub fn written(fields: &Fields) -> serde_json::Value {
    let entry = |(name, value): (&Name, &Value)| (name.to_string(), plain(value));
    serde_json::Value::Object(fields.iter().map(entry).collect())
}

fn plain(value: &Value) -> serde_json::Value {
    match value {
        Value::Nothing => serde_json::Value::Null,
        Value::Number(number) => number
            .normalize()
            .to_string()
            .parse::<Number>()
            .map_or_else(|_| number.to_string().into(), serde_json::Value::Number),
        Value::Bool(yes) => (*yes).into(),
        Value::Instant(at) => at.to_rfc3339().into(),
        Value::Duration(length_ms) => (*length_ms).into(),
        Value::List(items) => items.iter().map(plain).collect(),
        Value::Row(row) => written(row),
        Value::File(file) => serde_json::json!({
            "name": file.name, "media_type": file.media_type, "size": file.size, "sha256": file.sha256
        }),
        Value::Text(_) | Value::Choice(_) | Value::Date(_) | Value::Money(_) | Value::Ref(_) => value.plain().into(),
    }
}
