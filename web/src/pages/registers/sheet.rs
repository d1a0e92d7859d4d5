//! A file of entries as it comes in, CSV or JSON: its rows with the lines on which they begin, and what cannot be read of it.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::cell;

/// The most rows of one file.
pub(super) const ROWS_MAX: usize = 10_000;
/// The column with the key.
pub(super) const KEY: &str = "key";
/// The column with the Chinese name.
pub(super) const NAME_ZH: &str = "name_zh";
/// The column with the English name.
pub(super) const NAME_EN: &str = "name_en";

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Comma-separated values (RFC 4180), the first line naming the columns.
    Csv,
    /// A list of objects.
    Json,
}

impl Format {
    /// Its name, as in addresses.
    pub(super) fn name(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Json => "json",
        }
    }

    /// The format of that name.
    pub(super) fn of_name(name: &str) -> Option<Format> {
        [Format::Csv, Format::Json].into_iter().find(|format| format.name() == name)
    }

    /// The format that a text seems to have.
    pub(super) fn of_text(text: &str) -> Format {
        let text = text.trim_start_matches('\u{feff}').trim_start();
        if text.starts_with('[') || text.starts_with('{') { Format::Json } else { Format::Csv }
    }
}

/// A row, by column. A column that it does not have stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The line on which it begins, from 1.
    pub(super) line: u64,
    /// What stands in each column.
    pub(super) cells: BTreeMap<String, String>,
}

/// What cannot be read of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unreadable {
    /// On which line.
    pub(super) line: u64,
    /// In which column, where it is one.
    pub(super) column: String,
    /// Why.
    pub(super) why: Why,
}

/// Why something cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// There is nothing in it.
    Empty,
    /// There are more rows than [`ROWS_MAX`].
    TooMany,
    /// The first line names no column for the key.
    NoKeyColumn,
    /// A column is there twice.
    ColumnTwice,
    /// A row has another number of cells than there are columns.
    OtherLength,
    /// It is no list of objects, or not well formed.
    Broken(String),
    /// A value is an object, or a list of lists.
    NoPlainValue,
}

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    /// The columns that occur, in order.
    pub(super) columns: Vec<String>,
    /// The rows that can be read.
    pub(super) rows: Vec<Row>,
    /// What cannot.
    pub(super) unreadable: Vec<Unreadable>,
}

/// Reads a file.
pub(super) fn read(format: Format, text: &str) -> Sheet {
    let text = text.trim_start_matches('\u{feff}');
    let mut sheet = match format {
        Format::Csv => csv_of(text),
        Format::Json => json_of(text),
    };
    if sheet.rows.is_empty() && sheet.unreadable.is_empty() {
        sheet.note(1, "", Why::Empty);
    }
    sheet
}

impl Sheet {
    fn note(&mut self, line: u64, column: &str, why: Why) {
        self.unreadable.push(Unreadable { line, column: column.to_owned(), why });
    }
}

fn csv_of(text: &str) -> Sheet {
    let mut sheet = Sheet::default();
    let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(text.as_bytes());
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(cause) => {
                let line = cause.position().map_or(1, csv::Position::line);
                sheet.note(line, "", Why::Broken(cause.to_string()));
                break;
            }
        };
        let line = record.position().map_or(1, csv::Position::line);
        if sheet.columns.is_empty() {
            sheet.columns = record.iter().map(|column| column.trim().to_owned()).collect();
            if !heads(&mut sheet, line) {
                break;
            }
            continue;
        }
        if record.iter().all(|text| text.trim().is_empty()) {
            continue;
        }
        if record.len() != sheet.columns.len() {
            sheet.note(line, "", Why::OtherLength);
            continue;
        }
        if sheet.rows.len() >= ROWS_MAX {
            sheet.note(line, "", Why::TooMany);
            break;
        }
        let texts = record.iter().map(|text| cell::unsafe_again(text).to_owned());
        let cells = sheet.columns.iter().cloned().zip(texts).filter(|(column, _)| !column.is_empty()).collect();
        sheet.rows.push(Row { line, cells });
    }
    sheet
}

/// Whether the columns can be told apart and one has the key.
fn heads(sheet: &mut Sheet, line: u64) -> bool {
    let twice: Vec<String> = {
        let mut seen = std::collections::BTreeSet::new();
        sheet.columns.iter().filter(|column| !column.is_empty() && !seen.insert(*column)).cloned().collect()
    };
    for column in &twice {
        sheet.note(line, column, Why::ColumnTwice);
    }
    let keyed = sheet.columns.iter().any(|column| column == KEY);
    if !keyed {
        sheet.note(line, KEY, Why::NoKeyColumn);
    }
    keyed && twice.is_empty()
}

/// The objects of a list, each with the line on which it begins.
fn json_of(text: &str) -> Sheet {
    let mut sheet = Sheet::default();
    let mut ahead = Ahead { rest: text, line: 1 };
    if !ahead.takes('[') {
        if !ahead.rest.is_empty() {
            sheet.note(ahead.line, "", Why::Broken("expected a list: [ { … } ]".to_owned()));
        }
        return sheet;
    }
    if ahead.takes(']') {
        return sheet;
    }
    loop {
        ahead.skip_blanks();
        let line = ahead.line;
        let mut values = serde_json::Deserializer::from_str(ahead.rest).into_iter::<Map<String, Json>>();
        let object = match values.next() {
            Some(Ok(object)) => object,
            Some(Err(cause)) => {
                let within = u64::try_from(cause.line()).unwrap_or(1).saturating_sub(1);
                sheet.note(line + within, "", Why::Broken(cause.to_string()));
                return sheet;
            }
            None => {
                sheet.note(line, "", Why::Broken("the list does not end".to_owned()));
                return sheet;
            }
        };
        ahead.skip(values.byte_offset());
        if sheet.rows.len() >= ROWS_MAX {
            sheet.note(line, "", Why::TooMany);
            return sheet;
        }
        object_of(&mut sheet, line, object);
        if ahead.takes(',') {
            continue;
        }
        let ended = ahead.takes(']');
        ahead.skip_blanks();
        if !ended || !ahead.rest.is_empty() {
            sheet.note(ahead.line, "", Why::Broken("expected , or ] and nothing behind it".to_owned()));
        }
        return sheet;
    }
}

/// What is still to be read, with the line on which it begins.
struct Ahead<'t> {
    rest: &'t str,
    line: u64,
}

impl Ahead<'_> {
    fn skip(&mut self, bytes: usize) {
        let (read, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.line += u64::try_from(read.bytes().filter(|byte| *byte == b'\n').count()).unwrap_or(0);
        self.rest = rest;
    }

    fn skip_blanks(&mut self) {
        self.skip(self.rest.len() - self.rest.trim_start().len());
    }

    /// Whether the next mark is this one, which then is read.
    fn takes(&mut self, mark: char) -> bool {
        self.skip_blanks();
        let there = self.rest.starts_with(mark);
        if there {
            self.skip(mark.len_utf8());
        }
        there
    }
}

fn object_of(sheet: &mut Sheet, line: u64, object: Map<String, Json>) {
    let mut cells = BTreeMap::new();
    for (column, value) in object {
        if !sheet.columns.contains(&column) {
            sheet.columns.push(column.clone());
        }
        match plain(&value) {
            Some(text) => drop(cells.insert(column, text)),
            None => sheet.note(line, &column, Why::NoPlainValue),
        }
    }
    if !cells.contains_key(KEY) {
        sheet.note(line, KEY, Why::NoKeyColumn);
        return;
    }
    sheet.rows.push(Row { line, cells });
}

/// A value as a cell says it; nothing of what no cell can say.
fn plain(value: &Json) -> Option<String> {
    match value {
        Json::Null => Some(String::new()),
        Json::Bool(yes) => Some(if *yes { "yes" } else { "no" }.to_owned()),
        Json::Number(number) => Some(number.to_string()),
        Json::String(text) => Some(text.clone()),
        Json::Array(items) => {
            let texts: Option<Vec<engine::value::Value>> = items
                .iter()
                .map(|item| match item {
                    Json::Array(_) | Json::Object(_) => None,
                    other => plain(other).map(engine::value::Value::Text),
                })
                .collect();
            texts.map(|texts| cell::written(&engine::value::Value::List(texts)))
        }
        Json::Object(_) => None,
    }
}
