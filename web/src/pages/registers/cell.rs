//! An attribute as one text, in a file that is exported and imported: what is written is read back as it was.

use engine::ids::Name;
use engine::time::{MINUTE_MS, Timestamp};
use engine::value::{FieldType, Misfit, Money, Value};

/// What stands between the values of a list.
const BETWEEN: char = ';';
/// What stands before a mark of a list that belongs to a value.
const ESCAPE: char = '\\';
/// What spreadsheets take for the beginning of a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];
/// What stands before a text so that no spreadsheet computes it.
const QUOTE: char = '\'';

/// A value as a text.
pub(super) fn written(value: &Value) -> String {
    match value {
        Value::Nothing => String::new(),
        Value::Text(text) => text.clone(),
        Value::Number(number) => number.normalize().to_string(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Choice(name) | Value::Ref(name) => name.to_string(),
        Value::Date(date) => date.clone(),
        Value::Instant(instant) => instant.to_rfc3339(),
        Value::Duration(length_ms) => minutes(*length_ms),
        Value::Money(money) => money.to_string(),
        // Registers hold neither files nor tables.
        Value::File(file) => file.name.clone(),
        Value::Row(_) => value.plain(),
        Value::List(list) => {
            let items: Vec<String> = list.iter().map(|item| escaped(&written(item))).collect();
            items.join(&BETWEEN.to_string())
        }
    }
}

fn minutes(length_ms: i64) -> String {
    match length_ms % MINUTE_MS {
        0 => (length_ms / MINUTE_MS).to_string(),
        _ => format!("{length_ms} ms"),
    }
}

fn escaped(item: &str) -> String {
    let mut text = String::with_capacity(item.len());
    for letter in item.chars() {
        if letter == BETWEEN || letter == ESCAPE {
            text.push(ESCAPE);
        }
        text.push(letter);
    }
    text
}

/// The values of a list, in order, empty ones left out.
pub(super) fn parted(text: &str) -> Vec<String> {
    let (mut items, mut item, mut letters) = (Vec::new(), String::new(), text.chars());
    while let Some(letter) = letters.next() {
        match letter {
            ESCAPE => item.extend(letters.next()),
            BETWEEN => items.push(std::mem::take(&mut item)),
            other => item.push(other),
        }
    }
    items.push(item);
    items.retain(|item| !item.trim().is_empty());
    items
}

/// What a text says as an attribute of this type. References are by key.
///
/// # Errors
/// It says nothing of this type.
pub(super) fn read(holds: &FieldType, text: &str, zone: &str) -> Result<Value, Misfit> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Ok(Value::Nothing);
    }
    match holds {
        FieldType::Many(inner) => {
            let items = parted(text);
            items.iter().map(|item| read(inner, item, zone)).collect::<Result<_, _>>().map(Value::List)
        }
        FieldType::Text { .. } | FieldType::Markdown => Ok(Value::Text(text.to_owned())),
        FieldType::Number => trimmed.parse().map(Value::Number).map_err(|_| Misfit::WrongType),
        FieldType::Bool => match trimmed.to_lowercase().as_str() {
            "yes" | "true" | "是" => Ok(Value::Bool(true)),
            "no" | "false" | "否" => Ok(Value::Bool(false)),
            _ => Err(Misfit::WrongType),
        },
        FieldType::Date => Ok(Value::Date(trimmed.to_owned())),
        FieldType::Instant => Timestamp::from_rfc3339(trimmed)
            .or_else(|| Timestamp::from_local(&trimmed.replacen('T', " ", 1), zone).ok())
            .map(Value::Instant)
            .ok_or(Misfit::NotADate),
        FieldType::Duration => length(trimmed).map(Value::Duration).ok_or(Misfit::WrongType),
        FieldType::Money => Money::read(trimmed).map(Value::Money).ok_or(Misfit::WrongType),
        FieldType::Choice(choices) => {
            let called = |labels: &engine::definition::Labels| labels.en == trimmed || labels.zh == trimmed;
            let found = choices.iter().find(|choice| choice.name == *trimmed || called(&choice.labels));
            Ok(Value::Choice(found.map_or_else(|| Name::from(trimmed), |choice| choice.name.clone())))
        }
        FieldType::Ref(_) | FieldType::Role => Ok(Value::Ref(Name::from(trimmed))),
        FieldType::File | FieldType::Rows(_) => Err(Misfit::WrongType),
    }
}

fn length(text: &str) -> Option<i64> {
    match text.strip_suffix("ms") {
        Some(ms) => ms.trim().parse().ok(),
        None => text.parse::<i64>().ok()?.checked_mul(MINUTE_MS),
    }
}

/// A text as a cell that no spreadsheet computes (CWE-1236).
pub(super) fn safe(text: &str) -> String {
    if is_risky(text) { format!("{QUOTE}{text}") } else { text.to_owned() }
}

/// The text of a cell: without the mark that [`safe`] puts before it.
pub(super) fn unsafe_again(cell: &str) -> &str {
    cell.strip_prefix(QUOTE).filter(|text| is_risky(text)).unwrap_or(cell)
}

/// Whether a text begins as a formula does, behind marks that were put before it or not.
fn is_risky(text: &str) -> bool {
    text.trim_start_matches(QUOTE).starts_with(FORMULA)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_could_be_a_formula_is_safe_and_comes_back() {
        for text in ["=1+1", "'=1+1", "''=x", "-5", "+1", "@SUM(1)", "\tx", "'", "it's", "", "plain", "=\n=", "a=b"] {
            let cell = safe(text);
            assert!(!cell.starts_with(FORMULA), "{cell:?}");
            assert_eq!(unsafe_again(&cell), text, "{cell:?}");
        }
    }

    #[test]
    fn a_list_comes_apart_where_it_was_put_together() {
        let list = Value::List(["a;b", "c\\", "d"].map(|text| Value::Text(text.to_owned())).to_vec());
        let holds = FieldType::Many(Box::new(FieldType::Text { max: 10 }));
        assert_eq!(written(&list), "a\\;b;c\\\\;d");
        assert_eq!(read(&holds, &written(&list), "UTC"), Ok(list));
    }
}
