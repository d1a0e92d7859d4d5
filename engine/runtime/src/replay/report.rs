//! What a replay counts.

use std::collections::BTreeMap;

use engine::event::Event;
use engine::ids::Name;
use engine::play::Played;
use engine::time::Timestamp;
use engine::value::Value;

use super::log::Log;
use super::mapping::{Mapping, Measures};
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
    /// By the value of the measure's field, such as the priority.
    pub priorities: BTreeMap<String, PrioritySummary>,
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
    pub(super) fn new(log: &Log) -> Summary {
        Summary { rows: log.rows(), records: log.cases().len(), ..Summary::default() }
    }

    pub(super) fn refuse(&mut self) {
        self.refused += 1;
    }

    pub(super) fn accept(&mut self, mapping: &Mapping, played: &[Played]) {
        self.accepted += 1;
        self.commands += played.len();
        self.events += played.iter().map(|one| one.events.len()).sum::<usize>();
        let Some(last) = played.last() else { return };
        let measures = &mapping.measures;
        let by = last.instance.fields().get(&measures.by).map_or_else(|| "—".to_owned(), Value::plain);
        let group = self.priorities.entry(by).or_default();
        group.records += 1;
        if let Some(resolved) = last.instance.milestones().get(&measures.resolved) {
            group.resolve_ms.push(resolved.since_ms(last.instance.started()));
        }
        let events = || played.iter().flat_map(|one| &one.events);
        group.reassignments += reassignments(measures, events());
        group.reopened += events().filter(|event| reopens(event, &measures.reopened)).count();
    }
}

fn reassignments<'e>(measures: &Measures, events: impl Iterator<Item = &'e Event>) -> usize {
    let unknown = Value::Ref(unknown_key(&Name::from(engine::directory::TEAM)));
    let mut held: Option<&Value> = None;
    let mut count = 0;
    for event in events {
        let Event::FieldsSet { fields } = event else { continue };
        let Some(value) = fields.get(&measures.reassigned).filter(|value| **value != unknown) else { continue };
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
