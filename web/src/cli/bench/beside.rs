//! A workload through the engine beside its ceiling, by turns, at a number of callers.

use runtime::Runtime;
use store::Place;
use store::ceiling::{self, Load};
use store::cluster::Written;

use super::RUNS;
use super::samples::{Figure, Spread};
use super::stores::Stores;
use crate::cli::Failure;

/// What is measured so.
pub(super) struct Compared {
    pub(super) work: &'static str,
    /// What a rate counts, as a plural.
    pub(super) unit: &'static str,
    /// What the ceiling does.
    pub(super) load: Load,
    /// A new store made ready for the engine, with no record yet.
    pub(super) prepare: fn(&Place) -> Result<Runtime, Failure>,
    /// One run of the engine on it, by so many callers.
    pub(super) run: fn(&Runtime, usize, u64) -> Result<Figure, Failure>,
}

/// The figures at a number of callers.
pub(super) struct Beside {
    compared: Compared,
    store: &'static str,
    callers: usize,
    engine: Vec<Figure>,
    ceiling: Vec<Figure>,
    /// Bytes on disk for one, of the engine and of the ceiling, each run. What the engine's store takes without a record is
    /// not among them.
    bytes: Vec<[f64; 2]>,
    /// What the last run wrote for one, where the server counts it.
    written: Option<Written>,
}

/// Ceiling and engine by turns, so that a change in the machine's speed meets both.
pub(super) fn measure(stores: &Stores, callers: usize, compared: Compared) -> Result<Beside, Failure> {
    let count = match compared.load {
        Load::Completions(count) | Load::Chains(count) => count,
    };
    let Compared { load, prepare, run, .. } = compared;
    let mut figures = Beside {
        compared,
        store: stores.name(),
        callers,
        engine: Vec::new(),
        ceiling: Vec::new(),
        bytes: Vec::new(),
        written: None,
    };
    let ((), empty) = stores.on_new(|place| prepare(place).map(drop))?;
    for turn in 0..=RUNS {
        let (raw, raw_left) = stores.on_new(|place| Ok(ceiling::run(place, callers, load)?))?;
        let ceiling = Figure { per_s: raw.per_s, p50_us: raw.p50_us as f64, p99_us: raw.p99_us as f64 };
        let (engine, left) = stores.on_new(|place| run(&prepare(place)?, callers, count))?;
        figures.written = left.written.map(|written| written.per(count));
        if turn > 0 {
            let grown = left.bytes.saturating_sub(empty.bytes);
            figures.bytes.push([grown, raw_left.bytes].map(|bytes| bytes as f64 / count as f64));
            figures.ceiling.push(ceiling);
            figures.engine.push(engine);
        }
    }
    Ok(figures)
}

impl Beside {
    pub(super) fn print(&self, json: bool) {
        let Compared { work, unit, .. } = self.compared;
        let of = |figures: &[Figure], pick: fn(&Figure) -> f64| Spread::of(figures.iter().map(pick));
        let (engine, ceiling) = (of(&self.engine, |f| f.per_s), of(&self.ceiling, |f| f.per_s));
        let (p50, p99) = (of(&self.engine, |f| f.p50_us), of(&self.engine, |f| f.p99_us));
        let (raw_p50, raw_p99) = (of(&self.ceiling, |f| f.p50_us), of(&self.ceiling, |f| f.p99_us));
        let ratio = Spread::of(self.engine.iter().zip(&self.ceiling).map(|(engine, raw)| engine.per_s / raw.per_s));
        let (bytes, raw_bytes) =
            (Spread::of(self.bytes.iter().map(|[ours, _]| *ours)), Spread::of(self.bytes.iter().map(|[_, raw]| *raw)));
        let bytes_ratio = Spread::of(self.bytes.iter().map(|[ours, raw]| ours / raw));
        if json {
            let runs: Vec<_> = self
                .engine
                .iter()
                .zip(&self.ceiling)
                .map(|(engine, raw)| serde_json::json!({ "engine_per_s": engine.per_s, "ceiling_per_s": raw.per_s }))
                .collect();
            println!(
                "{}",
                serde_json::json!({
                    "work": work, "store": self.store, "callers": self.callers, "per": unit,
                    "engine_per_s": engine.median, "ceiling_per_s": ceiling.median, "ratio": ratio.median,
                    "p50_us": p50.median, "p99_us": p99.median,
                    "ceiling_p50_us": raw_p50.median, "ceiling_p99_us": raw_p99.median, "runs": runs,
                    "disk_bytes_each": bytes.median, "ceiling_disk_bytes_each": raw_bytes.median,
                    "disk_ratio": bytes_ratio.median,
                    "rows_each": self.written.map(|written| written.rows),
                    "log_bytes_each": self.written.map(|written| written.log_bytes),
                })
            );
            return;
        }
        println!("{work} {}, {} callers, {RUNS} runs after a warm-up: median (least–most)", self.store, self.callers);
        println!("  engine    {engine} {unit}/s   p50 {p50} µs   p99 {p99} µs");
        println!("  ceiling   {ceiling} {unit}/s   p50 {raw_p50} µs   p99 {raw_p99} µs");
        println!("  ratio     {ratio:.2}");
        println!("  disk      {bytes} bytes each   ceiling {raw_bytes}   ratio {bytes_ratio:.2}");
        if let Some(Written { rows, log_bytes }) = self.written {
            println!("  written   {rows:.1} rows and {log_bytes:.0} bytes of log for each{}", self.compared.starts());
        }
    }
}

impl Compared {
    /// What is not counted but has its part in what is written.
    fn starts(&self) -> &'static str {
        match self.load {
            Load::Completions(_) => ", a third of a start among it",
            Load::Chains(_) => "",
        }
    }
}
