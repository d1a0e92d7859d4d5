//! The entries of a register as a file: those of the list, in its order, with every attribute.

use engine::definition::Field;
use engine::directory::Entry;
use engine::ids::Name;
use engine::register::Register;
use engine::value::Value;
use serde_json::{Map, Value as Json};
use store::FileBytes;

use super::selection::Selection;
use super::sheet::{Format, KEY, NAME_EN, NAME_ZH};
use super::{cell, named, today};
use crate::answer::{Answer, Body, Refusal};
use crate::visit::Visit;

/// The file.
pub fn keep(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let register = named(visit)?;
    let format = Format::of_name(visit.asked.part("format")).ok_or(Refusal::NotFound)?;
    let entries = Selection::of(register, &visit.asked.query).entries(visit);
    let (text, media_type) = match format {
        Format::Csv => (csv_of(register, &entries)?, "text/csv; charset=utf-8"),
        Format::Json => (json_of(register, &entries)?, "application/json"),
    };
    let name = format!("{}-{}.{}", register.name, today(visit), format.name());
    let (_, bytes) = FileBytes::brought(&name, media_type, text.into_bytes());
    let body = Body::File { name, media_type: media_type.to_owned(), bytes };
    Ok(Answer { status: actix_web::http::StatusCode::OK, body, cookies: Vec::new() })
}

/// Every cell is quoted, so that no separator of another country tears one apart; the mark in front says that it is UTF-8.
fn csv_of(register: &Register, entries: &[(&Name, &Entry)]) -> Result<String, Refusal> {
    let broken = |cause: &dyn std::fmt::Display| Refusal::Broken(format!("an export failed: {cause}"));
    let mut writer = csv::WriterBuilder::new()
        .quote_style(csv::QuoteStyle::Always)
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let fields = register.fields.iter().map(|field| field.name.as_str());
    writer.write_record([KEY, NAME_ZH, NAME_EN].into_iter().chain(fields)).map_err(|cause| broken(&cause))?;
    for (key, entry) in entries {
        let text = |field: &Field| entry.fields.get(&field.name).map(cell::written).unwrap_or_default();
        let said = [key.to_string(), entry.labels.zh.clone(), entry.labels.en.clone()];
        let cells = said.into_iter().chain(register.fields.iter().map(text)).map(|text| cell::safe(&text));
        writer.write_record(cells).map_err(|cause| broken(&cause))?;
    }
    let bytes = writer.into_inner().map_err(|cause| broken(&cause))?;
    let text = String::from_utf8(bytes).map_err(|cause| broken(&cause))?;
    Ok(format!("\u{feff}{text}"))
}

fn json_of(register: &Register, entries: &[(&Name, &Entry)]) -> Result<String, Refusal> {
    let object = |(key, entry): &(&Name, &Entry)| {
        let mut object = Map::new();
        object.insert(KEY.to_owned(), key.as_str().into());
        object.insert(NAME_ZH.to_owned(), entry.labels.zh.as_str().into());
        object.insert(NAME_EN.to_owned(), entry.labels.en.as_str().into());
        for field in &register.fields {
            let value = entry.fields.get(&field.name).map_or(Json::Null, plain);
            object.insert(field.name.to_string(), value);
        }
        Json::Object(object)
    };
    let list: Vec<Json> = entries.iter().map(object).collect();
    serde_json::to_string_pretty(&list).map_err(|cause| Refusal::Broken(format!("an export failed: {cause}")))
}

fn plain(value: &Value) -> Json {
    match value {
        Value::Nothing => Json::Null,
        Value::Bool(yes) => Json::Bool(*yes),
        Value::List(list) => Json::Array(list.iter().map(plain).collect()),
        // Numbers too are texts: no reader rounds them.
        other => Json::String(cell::written(other)),
    }
}
