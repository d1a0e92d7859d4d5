//! Figures of several runs.

use std::fmt;
use std::time::Duration;

/// What one run gave.
#[derive(Clone, Copy, Debug)]
pub(super) struct Figure {
    pub(super) per_s: f64,
    pub(super) p50_us: f64,
    pub(super) p99_us: f64,
}

impl Figure {
    /// The rate and latencies of a run.
    pub(super) fn of(mut latencies: Vec<Duration>, took: Duration) -> Figure {
        latencies.sort_unstable();
        let at = |percent: usize| {
            let rank = (latencies.len() * percent).div_ceil(100).saturating_sub(1);
            latencies.get(rank).map_or(0.0, |latency| latency.as_secs_f64() * 1e6)
        };
        let count = u32::try_from(latencies.len()).unwrap_or(u32::MAX);
        Figure { per_s: f64::from(count) / took.as_secs_f64(), p50_us: at(50), p99_us: at(99) }
    }
}

/// Median and extremes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spread {
    pub(super) median: f64,
    pub(super) least: f64,
    pub(super) most: f64,
}

impl Spread {
    pub(super) fn of(values: impl Iterator<Item = f64>) -> Spread {
        let mut sorted: Vec<f64> = values.collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let at = |index: usize| sorted.get(index).copied().unwrap_or(0.0);
        Spread { median: at(sorted.len() / 2), least: at(0), most: at(sorted.len().saturating_sub(1)) }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = out.precision().unwrap_or(0);
        write!(out, "{:.digits$} ({:.digits$}–{:.digits$})", self.median, self.least, self.most)
    }
}
