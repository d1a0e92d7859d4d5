//! The log as rows, grouped by record. Rows that are no rows are kept with their reason.

use std::collections::BTreeMap;
use std::path::Path;

use engine::time::{Timestamp, Zone};

use super::mapping::LogColumns;

/// The most rows that one replay reads.
pub const ROWS_MAX: usize = 5_000_000;

/// A row of the log.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its line in the file, from 1, the heading being line 1.
    pub line: u64,
    /// The columns, in the file's order.
    pub cells: Vec<String>,
    /// Its instant.
    pub at: Timestamp,
}

/// A row that cannot be used, with the reason.
#[derive(Clone, Debug)]
pub struct BadRow {
    /// Its line in the file.
    pub line: u64,
    /// The record that it belongs to, if that much can be read.
    pub case: Option<String>,
    /// The columns, as far as they can be read.
    pub cells: Vec<String>,
    /// Why.
    pub reason: String,
}

/// A log in memory: records in the order of their first rows, rows in the order of the file.
#[derive(Debug)]
pub struct Log {
    headings: Vec<String>,
    column_at: BTreeMap<String, usize>,
    unknown: Vec<String>,
    cases: Vec<(String, Vec<Row>)>,
    bad: Vec<BadRow>,
    rows: usize,
}

/// Why a log cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The file cannot be read.
    #[error("{path} cannot be read: {cause}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        cause: csv::Error,
    },
    /// A column that the mapping names is not in the file.
    #[error("the log has no column \"{column}\"; it has {has}")]
    NoSuchColumn {
        /// The column.
        column: String,
        /// The columns that there are.
        has: String,
    },
    /// The zone of the mapping is not known.
    #[error(transparent)]
    Time(#[from] engine::time::TimeError),
    /// More rows than one replay takes.
    #[error("the log has more than {ROWS_MAX} rows")]
    TooLong,
}

impl Log {
    /// Reads a log file in CSV form.
    ///
    /// # Errors
    /// The file as a whole cannot be used; single bad rows are kept in [`Log::bad_rows`].
    pub fn read(path: &Path, columns: &LogColumns) -> Result<Log, LogError> {
        let unreadable = |cause| LogError::Unreadable { path: path.display().to_string(), cause };
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(path).map_err(unreadable)?;
        let headings: Vec<String> = reader
            .byte_headers()
            .map_err(unreadable)?
            .iter()
            .map(|cell| String::from_utf8_lossy(cell).trim_start_matches('\u{feff}').trim().to_owned())
            .collect();
        let column_at: BTreeMap<String, usize> =
            headings.iter().enumerate().map(|(at, heading)| (heading.clone(), at)).collect();
        let mut log =
            Log { headings, column_at, unknown: columns.unknown.clone(), cases: Vec::new(), bad: Vec::new(), rows: 0 };
        let reading = Reading::new(&log, columns)?;
        let mut place: BTreeMap<String, usize> = BTreeMap::new();
        let mut record = csv::ByteRecord::new();
        while reader.read_byte_record(&mut record).map_err(unreadable)? {
            log.rows += 1;
            if log.rows > ROWS_MAX {
                return Err(LogError::TooLong);
            }
            let line = record.position().map_or(0, csv::Position::line);
            match reading.row(line, &record, log.headings.len(), &log.unknown) {
                Ok((case, row)) => {
                    let at = *place.entry(case.clone()).or_insert_with(|| {
                        log.cases.push((case, Vec::new()));
                        log.cases.len() - 1
                    });
                    if let Some((_, rows)) = log.cases.get_mut(at) {
                        rows.push(row);
                    }
                }
                Err(bad) => log.bad.push(bad),
            }
        }
        Ok(log)
    }

    /// The value of a column in a row; nothing where it is unknown.
    pub fn value<'r>(&self, row: &'r Row, column: &str) -> Option<&'r str> {
        let cell = row.cells.get(*self.column_at.get(column)?)?.trim();
        (!self.is_unknown(cell)).then_some(cell)
    }

    fn is_unknown(&self, cell: &str) -> bool {
        cell.is_empty() || self.unknown.iter().any(|unknown| unknown == cell)
    }

    /// Whether there is such a column.
    pub fn has_column(&self, column: &str) -> bool {
        self.column_at.contains_key(column)
    }

    /// The headings, in the file's order.
    pub fn headings(&self) -> &[String] {
        &self.headings
    }

    /// The records with their rows.
    pub fn cases(&self) -> &[(String, Vec<Row>)] {
        &self.cases
    }

    /// The rows that cannot be used.
    pub fn bad_rows(&self) -> &[BadRow] {
        &self.bad
    }

    /// How many rows were read, bad ones included.
    pub fn rows(&self) -> usize {
        self.rows
    }
}

struct Reading<'c> {
    columns: &'c LogColumns,
    case: usize,
    at: usize,
    zone: Zone,
}

impl<'c> Reading<'c> {
    fn new(log: &Log, columns: &'c LogColumns) -> Result<Reading<'c>, LogError> {
        let at = |column: &str| {
            log.column_at
                .get(column)
                .copied()
                .ok_or_else(|| LogError::NoSuchColumn { column: column.to_owned(), has: log.headings.join(", ") })
        };
        at(&columns.state)?;
        at(&columns.opened)?;
        Ok(Reading { columns, case: at(&columns.case)?, at: at(&columns.at)?, zone: Zone::named(&columns.zone)? })
    }

    fn row(
        &self,
        line: u64,
        record: &csv::ByteRecord,
        width: usize,
        unknown: &[String],
    ) -> Result<(String, Row), BadRow> {
        let cells: Vec<String> = record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
        let case = cells.get(self.case).map(|cell| cell.trim().to_owned()).filter(|cell| !cell.is_empty());
        let bad = |case: Option<String>, cells: Vec<String>, reason: String| BadRow { line, case, cells, reason };
        if record.len() != width {
            let reason = format!("has {} columns, the heading has {width}", record.len());
            return Err(bad(case, cells, reason));
        }
        if record.iter().any(|cell| std::str::from_utf8(cell).is_err()) {
            return Err(bad(case, cells, "is not UTF-8 text".into()));
        }
        let Some(case) = case.filter(|case| !unknown.contains(case)) else {
            return Err(bad(None, cells, format!("has no {}", self.columns.case)));
        };
        let written = cells.get(self.at).map(|cell| cell.trim()).unwrap_or_default();
        match self.zone.instant(written, &self.columns.dates) {
            Ok(at) => Ok((case, Row { line, cells, at })),
            Err(_) => {
                let reason = format!("{} \"{written}\" is not a date written {}", self.columns.at, self.columns.dates);
                Err(bad(Some(case), cells, reason))
            }
        }
    }
}
