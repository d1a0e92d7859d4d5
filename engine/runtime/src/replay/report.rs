//! What a replay counts.

use std::collections::{BTreeMap, BTreeSet};

use engine::definition::{Definition, Labels};
use engine::event::Event;
use engine::ids::Name;
use engine::play::Played;
use engine::time::Timestamp;
use engine::value::Value;

use super::log::{Log, Row};
use super::mapping::{ByLog, Compared, Mapping, ProcessMapping, Reassigned, StateSource, Tally, TallyOf};
use super::people::unknown_key;

/// The figures of a replay.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Rows read.
    pub rows: usize,
    /// Records read.
    pub records: usize,
    /// Records accepted and written.
    pub accepted: usize,
    /// Records refused.
    pub refused: usize,
    /// Rows that did not reach the store.
    pub rejected_rows: usize,
    /// Commands carried out, timers included.
    pub commands: usize,
    /// Facts written.
    pub events: usize,
    /// By the process, and the value of the measure's field, such as the priority.
    pub processes: BTreeMap<Name, BTreeMap<String, PrioritySummary>>,
    /// What the log and its attributes both count, in the mapping's order.
    pub compared: Vec<Comparison>,
    /// The values of columns, in the mapping's order.
    pub tallies: Vec<Tallied>,
}

/// What the log and its attributes both say, of the records accepted.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// What it is.
    pub called: Labels,
    /// The sums, where it is counted.
    pub sums: Option<Sums>,
    /// The records where the two differ.
    pub differ: Vec<Disagreement>,
}

/// What the log and its attributes both count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// By the rows of the log.
    pub by_log: usize,
    /// By the attributes.
    pub by_attributes: usize,
}

/// A record of which the log and its attributes do not say the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// The record.
    pub case: String,
    /// By the rows of the log.
    pub by_log: String,
    /// By the attributes, as written.
    pub by_attributes: String,
}

/// The values of columns, over the records accepted.
#[derive(Clone, Debug)]
pub struct Tallied {
    /// What is counted.
    pub called: Labels,
    /// In how many records, or rows, each value stands.
    pub values: BTreeMap<String, usize>,
    /// How many records have any.
    pub records: usize,
}

/// The figures of the records of one priority.
#[derive(Clone, Debug, Default)]
pub struct PrioritySummary {
    /// Records.
    pub records: usize,
    /// Milliseconds from the opening to the last time that the record was resolved, one per resolved record.
    pub resolve_ms: Vec<i64>,
    /// Changes from one known team to another.
    pub reassignments: usize,
    /// How often a resolved record was reopened.
    pub reopened: usize,
}

impl PrioritySummary {
    /// The median of the time to resolve, in milliseconds, by nearest rank.
    pub fn median_ms(&self) -> Option<i64> {
        percentile(&self.resolve_ms, 50)
    }

    /// The 90th percentile of the time to resolve, in milliseconds, by nearest rank.
    pub fn p90_ms(&self) -> Option<i64> {
        percentile(&self.resolve_ms, 90)
    }
}

/// The nearest-rank percentile: the smallest value that at least so many percent of the values do not exceed.
fn percentile(values: &[i64], percent: usize) -> Option<i64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}

impl Summary {
    pub(super) fn new(mapping: &Mapping, log: &Log) -> Summary {
        let comparison = |compared: &Compared| Comparison {
            called: compared.called.clone(),
            sums: match compared.log {
                ByLog::Count(_) => Some(Sums::default()),
                ByLog::LastState | ByLog::FirstRow => None,
            },
            differ: Vec::new(),
        };
        let tallied = |tally: &Tally| Tallied { called: tally.called.clone(), values: BTreeMap::new(), records: 0 };
        Summary {
            rows: log.rows(),
            records: log.cases().len(),
            compared: mapping.compared.iter().map(comparison).collect(),
            tallies: mapping.tallies.iter().map(tallied).collect(),
            ..Summary::default()
        }
    }

    pub(super) fn refuse(&mut self) {
        self.refused += 1;
    }

    pub(super) fn accept(
        &mut self,
        mapping: &Mapping,
        process: &ProcessMapping,
        log: &Log,
        (case, rows): (&str, &[Row]),
        (definition, played): (&Definition, &[Played]),
    ) {
        self.accepted += 1;
        self.commands += played.len();
        self.events += played.iter().map(|one| one.events.len()).sum::<usize>();
        self.compare(mapping, log, case, rows);
        self.tally(mapping, log, rows);
        let Some(last) = played.last() else { return };
        let measures = &process.measures;
        let value = measures.by.as_ref().and_then(|by| last.instance.fields().get(by));
        let by = value.map_or_else(|| "—".to_owned(), Value::plain);
        let group = self.processes.entry(definition.parts().name.clone()).or_default().entry(by).or_default();
        group.records += 1;
        if let Some(resolved) = last.instance.milestones().get(&measures.resolved) {
            group.resolve_ms.push(resolved.since_ms(last.instance.started()));
        }
        let events = || played.iter().flat_map(|one| &one.events);
        group.reassignments += match &measures.reassigned {
            Reassigned::Field(field) => reassignments(field, events()),
            Reassigned::Activity { activity } => activities(mapping, log, rows, activity),
        };
        group.reopened += events().filter(|event| reopens(event, &measures.reopened)).count();
    }

    fn compare(&mut self, mapping: &Mapping, log: &Log, case: &str, rows: &[Row]) {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return };
        for (compared, comparison) in mapping.compared.iter().zip(&mut self.compared) {
            let by_attributes = log.value(first, &compared.column).unwrap_or_default().to_owned();
            let (by_log, agree) = match &compared.log {
                ByLog::Count(activity) => {
                    let by_log = activities(mapping, log, rows, activity);
                    let counted = by_attributes.parse::<usize>().ok();
                    if let Some(sums) = &mut comparison.sums {
                        sums.by_log += by_log;
                        sums.by_attributes += counted.unwrap_or_default();
                    }
                    (by_log.to_string(), counted == Some(by_log))
                }
                ByLog::LastState => {
                    let state = last.state.clone().unwrap_or_default();
                    let agree = state == by_attributes;
                    (state, agree)
                }
                ByLog::FirstRow => {
                    let written = log.value(first, &mapping.log.at).unwrap_or_default().to_owned();
                    let opened = log.instant(&by_attributes);
                    (written, opened.is_ok_and(|opened| opened <= first.at))
                }
            };
            if !agree {
                comparison.differ.push(Disagreement { case: case.to_owned(), by_log, by_attributes });
            }
        }
    }

    fn tally(&mut self, mapping: &Mapping, log: &Log, rows: &[Row]) {
        for (tally, tallied) in mapping.tallies.iter().zip(&mut self.tallies) {
            let named = || rows.iter().flat_map(|row| tally.columns.iter().filter_map(|column| log.value(row, column)));
            let values: Vec<&str> = match tally.each {
                TallyOf::Row => named().collect(),
                TallyOf::Record => named().collect::<BTreeSet<_>>().into_iter().collect(),
            };
            tallied.records += usize::from(!values.is_empty());
            for value in values {
                *tallied.values.entry(value.to_owned()).or_default() += 1;
            }
        }
    }
}

/// How many rows are of an activity.
fn activities(mapping: &Mapping, log: &Log, rows: &[Row], activity: &str) -> usize {
    match &mapping.log.state {
        StateSource::Column(_) => 0,
        StateSource::Activities(source) => {
            rows.iter().filter(|row| log.value(row, &source.column) == Some(activity)).count()
        }
    }
}

fn reassignments<'e>(field: &Name, events: impl Iterator<Item = &'e Event>) -> usize {
    let unknown = Value::Ref(unknown_key(&Name::from(engine::directory::TEAM)));
    let mut held: Option<&Value> = None;
    let mut count = 0;
    for event in events {
        let Event::FieldsSet { fields } = event else { continue };
        let Some(value) = fields.get(field).filter(|value| **value != unknown) else { continue };
        if held.is_some_and(|held| held != value) {
            count += 1;
        }
        held = Some(value);
    }
    count
}

fn reopens(event: &Event, outcome: &Name) -> bool {
    match event {
        Event::TaskCompleted { outcome: how, .. } => how == outcome,
        _ => false,
    }
}

/// Milliseconds as people read them: `4 d 03:12`.
pub fn readable(length_ms: i64) -> String {
    let minutes = Timestamp(length_ms).0 / engine::time::MINUTE_MS;
    format!("{} d {:02}:{:02}", minutes / 1440, minutes % 1440 / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_value_that_was_measured() {
        assert_eq!(percentile(&[], 50), None);
        assert_eq!(percentile(&[7], 90), Some(7));
        assert_eq!(percentile(&[4, 1, 3, 2], 50), Some(2));
        assert_eq!(percentile(&(1..=10).collect::<Vec<_>>(), 90), Some(9));
    }

    #[test]
    fn lengths_read_as_days_hours_and_minutes() {
        assert_eq!(readable(4 * 86_400_000 + 3 * 3_600_000 + 12 * 60_000), "4 d 03:12");
    }
}
