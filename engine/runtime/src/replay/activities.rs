//! The state of a record after each activity, where the log has no column for it.
//!
//! What is resolved is closed by the process itself when nobody answers for some days, and takes nothing after that. A log
//! may close a record, and go on with it later than that. Such a closing is put off: to the next one that lasts, or to the
//! last row; where the record is reopened before, it is left out. Each is told by line and reason.

use engine::time::{DAY_MS, Timestamp};

use super::mapping::Activities;

/// A closing of the log that the process could not take where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutOff {
    /// Its line in the file.
    pub line: u64,
    /// The record.
    pub case: String,
    /// Why, and what became of it.
    pub reason: String,
}

/// An activity: its line, its instant, its name.
pub(super) struct Activity<'r> {
    pub(super) line: u64,
    pub(super) at: Timestamp,
    pub(super) name: &'r str,
}

/// The state after each row, in the rows' order, and what was put off, as line and reason.
pub(super) fn states(columns: &Activities, rows: &[Activity<'_>]) -> (Vec<String>, Vec<(u64, String)>) {
    let mut told: Vec<&str> = Vec::with_capacity(rows.len());
    for row in rows {
        let before = told.last().copied().unwrap_or(&columns.begin);
        told.push(columns.states.get(row.name).map_or(before, String::as_str));
    }
    let (mut states, mut put_off) = (Vec::with_capacity(rows.len()), Vec::new());
    let mut at = 0;
    while let Some(state) = told.get(at) {
        let length = told.iter().skip(at).take_while(|next| *next == state).count();
        let (stay, rest) = rows.get(at..).unwrap_or_default().split_at(length);
        if *state == columns.resolved {
            states.extend(resolved(columns, stay, rest.first(), &mut put_off));
        } else {
            states.extend(std::iter::repeat_n((*state).to_owned(), length));
        }
        at += length;
    }
    (states, put_off)
}

/// The states of rows after each of which the log says that the record is resolved.
fn resolved(
    columns: &Activities,
    stay: &[Activity<'_>],
    reopening: Option<&Activity<'_>>,
    put_off: &mut Vec<(u64, String)>,
) -> Vec<String> {
    let patience_ms = i64::from(columns.patience_days) * DAY_MS;
    let until = reopening.or(stay.last()).map_or(Timestamp(0), |row| row.at);
    let closes = |row: &Activity<'_>| columns.states.get(row.name) == Some(&columns.resolved);
    let lasts = |row: &Activity<'_>| until.since_ms(row.at) < patience_ms;
    let from = match (stay.iter().position(|row| closes(row) && lasts(row)), reopening) {
        (Some(from), _) => from,
        (None, None) => stay.len().saturating_sub(1),
        (None, Some(_)) => stay.len(),
    };
    for row in stay.iter().take(from).filter(|row| closes(row)) {
        let became = match (stay.get(from), reopening) {
            (Some(taken), _) => format!("it is taken at line {}", taken.line),
            (None, Some(reopening)) => format!("it is left out, and so is the reopening in line {}", reopening.line),
            (None, None) => continue,
        };
        let days = columns.patience_days;
        let reason = format!("{}: the log goes on with the record {days} days later or more: {became}", row.name);
        put_off.push((row.line, reason));
    }
    let last = stay.len().saturating_sub(1);
    (0..stay.len())
        .map(|at| match () {
            () if at < from => columns.begin.clone(),
            () if at == last && reopening.is_none() => columns.closed.clone(),
            () => columns.resolved.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(rows: &[(&str, i64)]) -> (String, Vec<u64>) {
        let columns = Activities {
            column: "activity".into(),
            note: "{activity}".into(),
            begin: "O".into(),
            states: [("Closed", "R"), ("Reopen", "O")].map(|(name, state)| (name.into(), state.into())).into(),
            resolved: "R".into(),
            patience_days: 5,
            closed: "C".into(),
        };
        let mut line = 1;
        let rows: Vec<Activity<'_>> = rows
            .iter()
            .map(|(name, day)| {
                line += 1;
                Activity { line, at: Timestamp(day * DAY_MS), name }
            })
            .collect();
        let (states, put_off) = states(&columns, &rows);
        (states.concat(), put_off.iter().map(|(line, _)| *line).collect())
    }

    #[test]
    fn a_record_is_resolved_at_its_first_closing_and_closed_at_its_last_row() {
        assert_eq!(told(&[("Open", 0), ("Closed", 1), ("Note", 1)]), ("ORC".into(), vec![]));
        assert_eq!(told(&[("Open", 0), ("Closed", 1), ("Closed", 2)]), ("ORC".into(), vec![]));
        assert_eq!(told(&[("Open", 0), ("Closed", 1)]), ("OC".into(), vec![]));
        assert_eq!(told(&[("Open", 0), ("Note", 1)]), ("OO".into(), vec![]), "nothing closes it");
    }

    #[test]
    fn a_reopening_brings_it_back() {
        let rows = [("Open", 0), ("Closed", 1), ("Note", 2), ("Reopen", 3), ("Closed", 4)];
        assert_eq!(told(&rows), ("ORROC".into(), vec![]));
        assert_eq!(told(&[("Open", 0), ("Reopen", 1)]), ("OO".into(), vec![]));
    }

    #[test]
    fn a_closing_that_the_process_would_not_take_back_is_put_off_and_told() {
        let rows = [("Open", 0), ("Closed", 1), ("Reopen", 6), ("Closed", 7)];
        assert_eq!(told(&rows), ("OOOC".into(), vec![3]), "reopened too late");
        let rows = [("Open", 0), ("Closed", 1), ("Note", 2), ("Closed", 7), ("Note", 8)];
        assert_eq!(told(&rows), ("OOORC".into(), vec![3]), "closed again later");
        assert_eq!(told(&[("Open", 0), ("Closed", 1), ("Note", 9)]), ("OOC".into(), vec![3]), "noted too late");
    }
}
