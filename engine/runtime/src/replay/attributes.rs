//! What a second file says about whole records: one row each, joined by the record's number.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::log::{BadRow, LogError, headings_of, unreadable};

/// Before the name of a column of this file.
const PREFIX: &str = "attributes.";

/// The most records that one file of attributes has.
pub const ATTRIBUTES_MAX: usize = 1_000_000;

/// What is said of one record.
#[derive(Debug)]
pub struct Attributes {
    /// Its line in the file of attributes.
    pub line: u64,
    /// The columns, in the file's order.
    pub cells: Vec<String>,
}

/// The file of attributes.
#[derive(Debug, Default)]
pub(super) struct AttributeFile {
    column_at: BTreeMap<String, usize>,
    records: BTreeMap<String, Arc<Attributes>>,
    pub(super) bad: Vec<BadRow>,
}

impl AttributeFile {
    pub(super) fn read(path: &Path, case: &str) -> Result<AttributeFile, LogError> {
        let mut reader =
            csv::ReaderBuilder::new().flexible(true).from_path(path).map_err(|cause| unreadable(path, cause))?;
        let headings = headings_of(&mut reader, path)?;
        let at = headings
            .iter()
            .position(|heading| heading == case)
            .ok_or_else(|| LogError::NoSuchColumn { column: format!("{PREFIX}{case}"), has: headings.join(", ") })?;
        let width = headings.len();
        let mut file = AttributeFile {
            column_at: headings
                .into_iter()
                .enumerate()
                .map(|(at, heading)| (format!("{PREFIX}{heading}"), at))
                .collect(),
            ..AttributeFile::default()
        };
        let mut record = csv::ByteRecord::new();
        while reader.read_byte_record(&mut record).map_err(|cause| unreadable(path, cause))? {
            if file.records.len() + file.bad.len() >= ATTRIBUTES_MAX {
                return Err(LogError::TooManyAttributes);
            }
            let line = record.position().map_or(0, csv::Position::line);
            let cells: Vec<String> = record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
            let key = cells.get(at).map(|cell| cell.trim().to_owned()).filter(|cell| !cell.is_empty());
            let wrong = if record.len() != width {
                Some(format!("has {} columns, the heading of the attributes has {width}", record.len()))
            } else if record.iter().any(|cell| std::str::from_utf8(cell).is_err()) {
                Some("is not UTF-8 text".to_owned())
            } else {
                let first = key.as_ref().and_then(|key| file.records.get(key));
                first.map(|first| format!("says again what line {} of the attributes says", first.line))
            };
            match (wrong, key) {
                (None, Some(key)) => {
                    file.records.insert(key, Arc::new(Attributes { line, cells }));
                }
                (Some(reason), case) => file.bad.push(BadRow { line, case, cells, reason }),
                (None, None) => {
                    file.bad.push(BadRow { line, case: None, cells, reason: format!("has no {PREFIX}{case}") });
                }
            }
        }
        Ok(file)
    }

    pub(super) fn of(&self, case: &str) -> Option<Arc<Attributes>> {
        self.records.get(case).cloned()
    }

    pub(super) fn at(&self, column: &str) -> Option<usize> {
        self.column_at.get(column).copied()
    }

    /// The records, by number.
    pub(super) fn records(&self) -> impl Iterator<Item = (&String, &Arc<Attributes>)> {
        self.records.iter()
    }
}
