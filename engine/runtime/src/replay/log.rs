//! The log as rows, grouped by record. Rows that are no rows are kept with their reason.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use engine::time::{TimeError, Timestamp, Zone};

use super::activities::{self, Activity, PutOff};
use super::attributes::{AttributeFile, Attributes};
use super::mapping::{LogColumns, StateSource};

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
    /// The state after it, where the log knows it.
    pub state: Option<String>,
    /// What is known of its record as a whole.
    pub attributes: Option<Arc<Attributes>>,
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

/// A log in memory: records in the order of their first rows in the file, rows in the order of the file or as the
/// mapping says.
#[derive(Debug)]
pub struct Log {
    headings: Vec<String>,
    column_at: BTreeMap<String, usize>,
    unknown: Vec<String>,
    cases: Vec<(String, Vec<Row>)>,
    bad: Vec<BadRow>,
    put_off: Vec<PutOff>,
    attributes: AttributeFile,
    dates: String,
    zone: Zone,
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
    Time(#[from] TimeError),
    /// The mapping joins a file of attributes, and none is given.
    #[error("the mapping joins a file of attributes by {0}: give it beside the log")]
    AttributesMissing(String),
    /// A file of attributes is given, and the mapping does not say how it is joined.
    #[error("the mapping does not say by which column the file of attributes is joined")]
    AttributesNotMapped,
    /// More records than one file of attributes may have.
    #[error("the file of attributes has more than {} rows", super::attributes::ATTRIBUTES_MAX)]
    TooManyAttributes,
    /// More rows than one replay takes.
    #[error("the log has more than {ROWS_MAX} rows")]
    TooLong,
}

impl Log {
    /// Reads a log file in CSV form, with the file of what is known of each record as a whole where the mapping joins one.
    ///
    /// # Errors
    /// A file as a whole cannot be used; single bad rows are kept in [`Log::bad_rows`].
    pub fn read(path: &Path, attributes: Option<&Path>, columns: &LogColumns) -> Result<Log, LogError> {
        let attributes = match (attributes, &columns.case_of_attributes) {
            (Some(path), Some(case)) => AttributeFile::read(path, case)?,
            (None, None) => AttributeFile::default(),
            (None, Some(case)) => return Err(LogError::AttributesMissing(case.clone())),
            (Some(_), None) => return Err(LogError::AttributesNotMapped),
        };
        let mut reader =
            csv::ReaderBuilder::new().flexible(true).from_path(path).map_err(|cause| unreadable(path, cause))?;
        let headings = headings_of(&mut reader, path)?;
        let column_at: BTreeMap<String, usize> =
            headings.iter().enumerate().map(|(at, heading)| (heading.clone(), at)).collect();
        let mut log = Log {
            headings,
            column_at,
            unknown: columns.unknown.clone(),
            cases: Vec::new(),
            bad: Vec::new(),
            put_off: Vec::new(),
            attributes,
            dates: columns.dates.clone(),
            zone: Zone::named(&columns.zone)?,
            rows: 0,
        };
        let reading = Reading::new(&log, columns)?;
        let mut place: BTreeMap<String, usize> = BTreeMap::new();
        let mut record = csv::ByteRecord::new();
        while reader.read_byte_record(&mut record).map_err(|cause| unreadable(path, cause))? {
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
        log.complete(columns);
        Ok(log)
    }

    /// What takes all rows of a record: their order, the attributes, the states.
    fn complete(&mut self, columns: &LogColumns) {
        let mut cases = std::mem::take(&mut self.cases);
        for (case, rows) in &mut cases {
            if let Some(then) = &columns.then {
                rows.sort_by(|a, b| (a.at, self.value(a, then)).cmp(&(b.at, self.value(b, then))));
            }
            let attributes = self.attributes.of(case);
            for row in rows.iter_mut() {
                row.attributes.clone_from(&attributes);
            }
            self.tell_states(columns, case, rows);
            if let (Some(joined), None, Some(first)) = (&columns.case_of_attributes, &attributes, rows.first()) {
                self.bad.push(BadRow {
                    line: first.line,
                    case: Some(case.clone()),
                    cells: Vec::new(),
                    reason: format!("no row of the attributes has this {joined}"),
                });
            }
        }
        self.cases = cases;
    }

    fn tell_states(&mut self, columns: &LogColumns, case: &str, rows: &mut [Row]) {
        match &columns.state {
            StateSource::Column(column) => {
                for row in rows {
                    row.state = self.value(row, column).map(str::to_owned);
                }
            }
            StateSource::Activities(source) => {
                let told: Vec<Activity<'_>> = rows
                    .iter()
                    .map(|row| Activity {
                        line: row.line,
                        at: row.at,
                        name: self.value(row, &source.column).unwrap_or_default(),
                    })
                    .collect();
                let (states, put_off) = activities::states(source, &told);
                self.put_off.extend(put_off.into_iter().map(|(line, reason)| PutOff {
                    line,
                    case: case.to_owned(),
                    reason,
                }));
                for (row, state) in rows.iter_mut().zip(states) {
                    row.state = Some(state);
                }
            }
        }
    }

    /// The value of a column in a row; nothing where it is unknown.
    pub fn value<'r>(&self, row: &'r Row, column: &str) -> Option<&'r str> {
        let cell = match self.column_at.get(column) {
            Some(at) => row.cells.get(*at)?.trim(),
            None => row.attributes.as_ref()?.cells.get(self.attributes.at(column)?)?.trim(),
        };
        (!self.is_unknown(cell)).then_some(cell)
    }

    fn is_unknown(&self, cell: &str) -> bool {
        cell.is_empty() || self.unknown.iter().any(|unknown| unknown == cell)
    }

    /// Whether there is such a column, of the log or of the attributes.
    pub fn has_column(&self, column: &str) -> bool {
        self.column_at.contains_key(column) || self.attributes.at(column).is_some()
    }

    /// The instant of a date as the log writes them.
    pub(super) fn instant(&self, written: &str) -> Result<Timestamp, TimeError> {
        self.zone.instant(written, &self.dates)
    }

    /// A text with columns in braces, filled from a row; what is not known is a dash.
    pub(super) fn filled(&self, row: &Row, template: &str) -> String {
        let mut text = String::new();
        let mut rest = template;
        while let Some((before, hole)) = rest.split_once('{') {
            text.push_str(before);
            let Some((column, after)) = hole.split_once('}') else {
                text.push('{');
                rest = hole;
                continue;
            };
            text.push_str(self.value(row, column).unwrap_or("—"));
            rest = after;
        }
        text.push_str(rest);
        text
    }

    /// The closings that the process could not take where they stand.
    pub fn put_off(&self) -> &[PutOff] {
        &self.put_off
    }

    /// The rows of the attributes that cannot be used, and those whose record the log does not have.
    pub fn bad_attributes(&self) -> Vec<BadRow> {
        let known: std::collections::BTreeSet<&str> = self.cases.iter().map(|(case, _)| case.as_str()).collect();
        let alone =
            self.attributes.records().filter(|(case, _)| !known.contains(case.as_str())).map(|(case, row)| BadRow {
                line: row.line,
                case: Some(case.clone()),
                cells: row.cells.clone(),
                reason: "the log has no row of this record".into(),
            });
        self.attributes.bad.iter().cloned().chain(alone).collect()
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

/// The headings of a file.
pub(super) fn headings_of(reader: &mut csv::Reader<std::fs::File>, path: &Path) -> Result<Vec<String>, LogError> {
    let headings = reader.byte_headers().map_err(|cause| unreadable(path, cause))?;
    let heading = |cell: &[u8]| String::from_utf8_lossy(cell).trim_start_matches('\u{feff}').trim().to_owned();
    Ok(headings.iter().map(heading).collect())
}

pub(super) fn unreadable(path: &Path, cause: csv::Error) -> LogError {
    LogError::Unreadable { path: path.display().to_string(), cause }
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
        match &columns.state {
            StateSource::Column(column) => at(column)?,
            StateSource::Activities(activities) => at(&activities.column)?,
        };
        if let Some(then) = &columns.then {
            at(then)?;
        }
        if !log.has_column(&columns.opened) {
            at(&columns.opened)?;
        }
        Ok(Reading { columns, case: at(&columns.case)?, at: at(&columns.at)?, zone: log.zone.clone() })
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
            Ok(at) => Ok((case, Row { line, cells, at, state: None, attributes: None })),
            Err(_) => {
                let reason = format!("{} \"{written}\" is not a date written {}", self.columns.at, self.columns.dates);
                Err(bad(Some(case), cells, reason))
            }
        }
    }
}
