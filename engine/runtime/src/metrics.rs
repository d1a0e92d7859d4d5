//! What an operator watches, in the text form of Prometheus. Counters live in memory and begin anew with the process;
//! gauges are asked for when somebody looks. A small registry of our own: two tables of histograms are all there is to
//! register, and no crate's macros, global recorder or compile time is needed for them.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use engine::time::Timestamp;
use store::{Pressure, StoreError};

use crate::Runtime;

/// The upper bounds of the buckets, in microseconds.
const BOUNDS_US: [u64; 12] =
    [500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 5_000_000];

/// What came of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It was carried out, or there was nothing to do.
    Done,
    /// It was wrong.
    Rejected,
    /// Others were faster, again and again.
    Busy,
    /// Something beneath failed.
    Broken,
}

impl Outcome {
    /// As labels and logs say it.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Rejected => "rejected",
            Outcome::Busy => "busy",
            Outcome::Broken => "broken",
        }
    }
}

/// What was counted since the process began.
#[derive(Debug, Default)]
pub struct Metrics {
    commands: Table<(&'static str, Outcome)>,
    requests: Table<(&'static str, &'static str, u16)>,
}

impl Metrics {
    /// A command was carried out, or not.
    pub fn command(&self, verb: &'static str, outcome: Outcome, took: Duration) {
        self.commands.count((verb, outcome), took);
    }

    /// A request was answered. The path is that of the page table, so that there are not more lines than pages.
    pub fn request(&self, method: &'static str, path: &'static str, status: u16, took: Duration) {
        self.requests.count((method, path, status), took);
    }
}

impl Runtime {
    /// What is counted.
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// Everything an operator watches, as Prometheus reads it.
    ///
    /// # Errors
    /// The store failed.
    pub fn exposition(&self) -> Result<String, StoreError> {
        let now = self.now();
        let pressure = self.store().pressure(now)?;
        let mut text = String::new();
        // Writing into a text does not fail.
        let _ = write_all(&mut text, self.metrics(), &pressure, self.waiting(), now);
        Ok(text)
    }

    fn waiting(&self) -> Waiting {
        Waiting { unanswered: self.store().unanswered(), slices: self.0.holding.share().slices() }
    }
}

/// What this node has before it.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    /// Writes that are not answered yet.
    unanswered: usize,
    /// Slices that it looks after.
    slices: usize,
}

fn write_all(
    out: &mut String,
    metrics: &Metrics,
    pressure: &Pressure,
    waiting: Waiting,
    now: Timestamp,
) -> fmt::Result {
    heading(out, "tiaoli_command_seconds", "histogram", "How long commands took, by kind and result.")?;
    metrics.commands.write(out, "tiaoli_command_seconds", |(verb, outcome)| {
        format!("command=\"{verb}\",result=\"{}\"", outcome.word())
    })?;
    heading(out, "tiaoli_request_seconds", "histogram", "How long requests took, by page and status.")?;
    metrics.requests.write(out, "tiaoli_request_seconds", |(method, path, status)| {
        format!("method=\"{method}\",page=\"{path}\",status=\"{status}\"")
    })?;
    let lag = |since: Option<Timestamp>| since.map_or(0, |since| now.since_ms(since).max(0));
    let gauges: [(&str, &str, f64); 10] = [
        ("tiaoli_writer_queue", "Writes that wait for their flush.", count(waiting.unanswered as u64)),
        ("tiaoli_outbox_rows", "Effects that are owed; no more are counted than 10001.", count(pressure.owed)),
        ("tiaoli_outbox_lag_seconds", "Since when the oldest owed effect waits.", seconds(lag(pressure.owed_since))),
        (
            "tiaoli_outbox_undelivered",
            "Effects that were tried in vain and are tried again.",
            count(pressure.undelivered),
        ),
        ("tiaoli_timers_due", "Records whose timer is due; no more are counted than 10001.", count(pressure.due)),
        ("tiaoli_timer_lag_seconds", "Since when the oldest due timer waits.", seconds(lag(pressure.due_since))),
        ("tiaoli_jobs_ready", "Jobs that wait for a worker; no more are counted than 10001.", count(pressure.jobs)),
        ("tiaoli_repairs_open", "Records that are stuck until somebody mends them.", count(pressure.repairs)),
        (
            "tiaoli_slices_held",
            "Of the 64 parts of all records, those whose timers and effects this node looks after.",
            count(waiting.slices as u64),
        ),
        ("tiaoli_sessions", "Signed-in browsers; no more are counted than 10001.", count(pressure.sessions)),
    ];
    for (name, help, value) in gauges {
        heading(out, name, "gauge", help)?;
        writeln!(out, "{name} {value}")?;
    }
    heading(out, "tiaoli_build_info", "gauge", "The version that runs.")?;
    writeln!(out, "tiaoli_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION"))
}

fn heading(out: &mut String, name: &str, kind: &str, help: &str) -> fmt::Result {
    writeln!(out, "# HELP {name} {help}")?;
    writeln!(out, "# TYPE {name} {kind}")
}

fn count(number: u64) -> f64 {
    number as f64
}

fn seconds(length_ms: i64) -> f64 {
    length_ms as f64 / 1_000.0
}

/// A histogram for each set of labels.
#[derive(Debug)]
struct Table<K>(Mutex<BTreeMap<K, Histogram>>);

impl<K> Default for Table<K> {
    fn default() -> Self {
        Table(Mutex::new(BTreeMap::new()))
    }
}

/// How many took how long.
#[derive(Clone, Copy, Debug, Default)]
struct Histogram {
    /// For each bound, how many lie between the one before it and itself; those above all bounds are only in `count`.
    buckets: [u64; BOUNDS_US.len()],
    count: u64,
    sum_us: u64,
}

impl<K: Ord + Copy> Table<K> {
    fn count(&self, labels: K, took: Duration) {
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let row = rows.entry(labels).or_default();
        row.count += 1;
        row.sum_us = row.sum_us.saturating_add(took_us);
        if let Some(at) = BOUNDS_US.iter().position(|bound| took_us <= *bound) {
            row.buckets[at] += 1;
        }
    }

    fn write(&self, out: &mut String, name: &str, labels: impl Fn(K) -> String) -> fmt::Result {
        let rows = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for (key, row) in rows {
            let labels = labels(key);
            let mut below = 0;
            for (bound_us, inside) in BOUNDS_US.iter().zip(row.buckets) {
                below += inside;
                let bound = *bound_us as f64 / 1_000_000.0;
                writeln!(out, "{name}_bucket{{{labels},le=\"{bound}\"}} {below}")?;
            }
            writeln!(out, "{name}_bucket{{{labels},le=\"+Inf\"}} {}", row.count)?;
            writeln!(out, "{name}_sum{{{labels}}} {}", row.sum_us as f64 / 1_000_000.0)?;
            writeln!(out, "{name}_count{{{labels}}} {}", row.count)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_counts_what_lies_below_each_bound() {
        let metrics = Metrics::default();
        for took_us in [400, 900, 6_000_000] {
            metrics.command("complete", Outcome::Done, Duration::from_micros(took_us));
        }
        metrics.command("complete", Outcome::Rejected, Duration::from_micros(1));
        let mut text = String::new();
        write_all(&mut text, &metrics, &Pressure::default(), Waiting { unanswered: 3, slices: 64 }, Timestamp(0))
            .expect("a text takes all");
        for line in [
            "# TYPE tiaoli_command_seconds histogram",
            "tiaoli_command_seconds_bucket{command=\"complete\",result=\"done\",le=\"0.0005\"} 1",
            "tiaoli_command_seconds_bucket{command=\"complete\",result=\"done\",le=\"0.001\"} 2",
            "tiaoli_command_seconds_bucket{command=\"complete\",result=\"done\",le=\"5\"} 2",
            "tiaoli_command_seconds_bucket{command=\"complete\",result=\"done\",le=\"+Inf\"} 3",
            "tiaoli_command_seconds_sum{command=\"complete\",result=\"done\"} 6.0013",
            "tiaoli_command_seconds_count{command=\"complete\",result=\"rejected\"} 1",
            "tiaoli_writer_queue 3",
            "tiaoli_slices_held 64",
        ] {
            assert!(text.lines().any(|written| written == line), "{line}\n{text}");
        }
    }
}
