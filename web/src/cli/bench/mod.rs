//! `tiaoli bench`: the engine beside the raw-SQL ceiling, in one run on one machine; the front end by itself.

mod client;
mod engine_w1;
mod front_end;
mod inbox;
mod memory;
mod migration;
mod page;
mod samples;
mod stores;
mod timers;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use store::cluster::Written;

use super::Failure;
use samples::{Figure, Spread};
use stores::{Kept, Stores};

/// How many runs count, after one that warms up.
const RUNS: usize = 3;

#[derive(Args)]
pub(super) struct Arguments {
    /// What to measure; everything where not given
    works: Vec<Work>,
    /// Where W1, W3, W4 and W6 keep their records: sqlite; postgres, on a server of its own; or postgres://… of an empty database,
    /// beside which databases are made and dropped again
    #[arg(long, default_value = "sqlite")]
    store: Kept,
    /// Numbers of callers for W1
    #[arg(long, value_delimiter = ',', default_value = "1,16,64")]
    callers: Vec<usize>,
    /// Completions per run of W1
    #[arg(long, default_value_t = 12_000)]
    completions: u64,
    /// Open tasks behind the pages of W5
    #[arg(long, default_value_t = 100_000)]
    open_tasks: usize,
    /// Running records that W6 migrates
    #[arg(long, default_value_t = 10_000)]
    records: u32,
    /// Open tasks of W3
    #[arg(long, value_delimiter = ',', default_value = "10000,100000,1000000")]
    inboxes: Vec<u64>,
    /// Timers of W4
    #[arg(long, default_value_t = 100_000)]
    timers: u64,
    /// Measure the front end of the process language and single expressions instead
    #[arg(long, conflicts_with_all = ["works", "callers", "completions", "open_tasks", "records", "inboxes", "timers"])]
    front_end: bool,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

/// A workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Work {
    /// Incidents through the engine: a start and three task completions each, every one durable
    #[value(name = "W1", alias = "w1")]
    W1,
    /// The first page of an inbox, with more and more open tasks, without and with a million finished records
    #[value(name = "W3", alias = "w3")]
    W3,
    /// Timers that are due within one minute, and memory while they wait
    #[value(name = "W4", alias = "w4")]
    W4,
    /// The inbox page over HTTP
    #[value(name = "W5", alias = "w5")]
    W5,
    /// The migration of running records to another version, beside a raw update of as many rows
    #[value(name = "W6", alias = "w6")]
    W6,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    if arguments.front_end {
        front_end::measure(arguments.json)?;
        return Ok(ExitCode::SUCCESS);
    }
    let all = || vec![Work::W1, Work::W3, Work::W4, Work::W5, Work::W6];
    let works = if arguments.works.is_empty() { all() } else { arguments.works.clone() };
    let folder = Scratch::new()?;
    let stores = Stores::of(&arguments.store, &folder.0)?;
    for work in works {
        match work {
            Work::W1 => {
                for callers in &arguments.callers {
                    let figures = w1(&stores, *callers, arguments.completions)?;
                    figures.print(arguments.json);
                }
            }
            Work::W3 => inbox::measure(&stores, &arguments.inboxes, arguments.json)?,
            Work::W4 => timers::measure(&stores, &folder.0.join("w4"), arguments.timers)?.print(arguments.json),
            Work::W5 => page::measure(&folder.0.join("w5"), arguments.open_tasks)?.print(arguments.json),
            Work::W6 => migration::measure(&stores, &folder.0.join("w6"), arguments.records)?.print(arguments.json),
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The figures of W1 at a number of callers.
struct W1Figures {
    store: &'static str,
    callers: usize,
    engine: Vec<Figure>,
    ceiling: Vec<Figure>,
    /// What the last run wrote for a completion, a third of a start among it, where the server counts it.
    written: Option<Written>,
}

/// Ceiling and engine by turns, so that a change in the machine's speed meets both.
fn w1(stores: &Stores, callers: usize, completions: u64) -> Result<W1Figures, Failure> {
    let mut figures =
        W1Figures { store: stores.name(), callers, engine: Vec::new(), ceiling: Vec::new(), written: None };
    for run in 0..=RUNS {
        let raw = stores.ceiling(callers, completions)?;
        let ceiling = Figure { per_s: raw.per_s, p50_us: raw.p50_us as f64, p99_us: raw.p99_us as f64 };
        let (engine, written) = stores.engine(|place| engine_w1::run(place, callers, completions))?;
        figures.written = written.map(|written| written.per(completions));
        if run > 0 {
            figures.ceiling.push(ceiling);
            figures.engine.push(engine);
        }
    }
    Ok(figures)
}

impl W1Figures {
    fn print(&self, json: bool) {
        let of = |figures: &[Figure], pick: fn(&Figure) -> f64| Spread::of(figures.iter().map(pick));
        let (engine, ceiling) = (of(&self.engine, |f| f.per_s), of(&self.ceiling, |f| f.per_s));
        let (p50, p99) = (of(&self.engine, |f| f.p50_us), of(&self.engine, |f| f.p99_us));
        let (raw_p50, raw_p99) = (of(&self.ceiling, |f| f.p50_us), of(&self.ceiling, |f| f.p99_us));
        let ratio = Spread::of(self.engine.iter().zip(&self.ceiling).map(|(engine, raw)| engine.per_s / raw.per_s));
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
                    "work": "W1", "store": self.store, "callers": self.callers,
                    "engine_per_s": engine.median, "ceiling_per_s": ceiling.median, "ratio": ratio.median,
                    "p50_us": p50.median, "p99_us": p99.median,
                    "ceiling_p50_us": raw_p50.median, "ceiling_p99_us": raw_p99.median, "runs": runs,
                    "rows_per_completion": self.written.map(|written| written.rows),
                    "log_bytes_per_completion": self.written.map(|written| written.log_bytes),
                })
            );
            return;
        }
        println!("W1 {}, {} callers, {RUNS} runs after a warm-up: median (least–most)", self.store, self.callers);
        println!("  engine    {engine} completions/s   p50 {p50} µs   p99 {p99} µs");
        println!("  ceiling   {ceiling} completions/s   p50 {raw_p50} µs   p99 {raw_p99} µs");
        println!("  ratio     {:.2} ({:.2}–{:.2})", ratio.median, ratio.least, ratio.most);
        if let Some(Written { rows, log_bytes }) = self.written {
            println!(
                "  written   {rows:.1} rows and {log_bytes:.0} bytes of log for a completion, a third of a start among it"
            );
        }
    }
}

/// A folder that is removed in the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Scratch, Failure> {
        let path = std::env::temp_dir().join(format!("tiaoli-bench-{}", std::process::id()));
        std::fs::create_dir(&path).map_err(|cause| format!("{}: {cause}", path.display()))?;
        Ok(Scratch(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(cause) = std::fs::remove_dir_all(&self.0) {
            eprintln!("tiaoli: {} stays behind: {cause}", self.0.display());
        }
    }
}
