//! `tiaoli bench`: the engine beside the raw-SQL ceiling, in one run on one machine; the front end by itself.

mod beside;
mod client;
mod engine_w1;
mod engine_w2;
mod front_end;
mod http;
mod impact;
mod inbox;
mod kept;
mod memory;
mod migration;
mod page;
mod samples;
mod server;
mod start;
mod stores;
mod timers;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use store::ceiling::Load;

use super::Failure;
use beside::Compared;
use stores::{Kept, Stores};

/// How many runs count, after one that warms up.
const RUNS: usize = 3;

#[derive(Args)]
pub(super) struct Arguments {
    /// What to measure; everything where not given
    works: Vec<Work>,
    /// Where W1 to W4 and W6 keep their records: sqlite; postgres, on a server of its own; or postgres://… of an empty database,
    /// beside which databases are made and dropped again. Both where not given
    #[arg(long, value_delimiter = ',')]
    store: Vec<Kept>,
    /// Numbers of callers for W1 and W2
    #[arg(long, value_delimiter = ',', default_value = "1,16,64")]
    callers: Vec<usize>,
    /// Completions per run of W1, W1-kept and W1-http
    #[arg(long, default_value_t = 12_000)]
    completions: u64,
    /// Records per run of W2
    #[arg(long, default_value_t = 6_000)]
    chains: u64,
    /// Finished records behind W1-kept, which compares the last number with the first
    #[arg(long, value_delimiter = ',', default_value = "10000,1000000")]
    finished: Vec<u64>,
    /// Incidents behind the pages of W5
    #[arg(long, default_value_t = 100_000)]
    incidents: usize,
    /// Pages that each of the fifty users of W5 asks for
    #[arg(long, default_value_t = 200)]
    visits: usize,
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
    #[arg(long, conflicts_with_all = ["works", "callers", "completions", "chains", "finished", "incidents", "visits", "records", "inboxes", "timers"])]
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
    /// W1 with few and with a million finished records behind; with a million, the store takes five gigabytes meanwhile
    #[value(name = "W1-kept", alias = "w1-kept")]
    W1Kept,
    /// W1 over HTTP beside the same without it
    #[value(name = "W1-http", alias = "w1-http")]
    W1Http,
    /// Records that go through ten automatic steps to their end, each in one durable commit
    #[value(name = "W2", alias = "w2")]
    W2,
    /// The first page of an inbox, with more and more open tasks, without and with a million finished records
    #[value(name = "W3", alias = "w3")]
    W3,
    /// Timers that are due within one minute, and memory while they wait
    #[value(name = "W4", alias = "w4")]
    W4,
    /// The pages over HTTP, with many records behind them
    #[value(name = "W5", alias = "w5")]
    W5,
    /// The migration of running records to another version, beside a raw update of as many rows
    #[value(name = "W6", alias = "w6")]
    W6,
    /// What a fault of a configuration item reaches, among 10,000 items with 40,000 relations
    Impact,
    /// The start of the executable to its first page, and its memory at rest
    Start,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    if arguments.front_end {
        front_end::measure(arguments.json)?;
        return Ok(ExitCode::SUCCESS);
    }
    let all = || {
        let engine = [Work::W1, Work::W1Kept, Work::W1Http, Work::W2, Work::W3, Work::W4, Work::W5, Work::W6];
        engine.into_iter().chain([Work::Impact, Work::Start]).collect()
    };
    let works = if arguments.works.is_empty() { all() } else { arguments.works.clone() };
    let folder = Scratch::new()?;
    let kept = if arguments.store.is_empty() { vec![Kept::Sqlite, Kept::OwnServer] } else { arguments.store.clone() };
    let stores = kept.iter().map(|kept| Stores::of(kept, &folder.0)).collect::<Result<Vec<Stores>, Failure>>()?;
    for work in works {
        match work {
            Work::W5 => {
                page::measure(&folder.0.join("w5"), arguments.incidents, arguments.visits)?.print(arguments.json);
            }
            Work::Impact => impact::measure(&folder.0.join("impact"))?.print(arguments.json),
            Work::Start => start::measure(&folder.0.join("start"))?.print(arguments.json),
            Work::W1 | Work::W1Kept | Work::W1Http | Work::W2 | Work::W3 | Work::W4 | Work::W6 => {
                stores.iter().try_for_each(|stores| on(stores, work, arguments))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Measures a workload on a store.
fn on(stores: &Stores, work: Work, arguments: &Arguments) -> Result<(), Failure> {
    match work {
        Work::W1 => beside(stores, arguments, w1)?,
        Work::W1Kept => kept::measure(stores, &arguments.finished, arguments.completions)?.print(arguments.json),
        Work::W1Http => http::measure(stores, arguments.completions)?.print(arguments.json),
        Work::W2 => beside(stores, arguments, w2)?,
        Work::W3 => inbox::measure(stores, &arguments.inboxes, arguments.json)?,
        Work::W4 => timers::measure(stores, arguments.timers)?.print(arguments.json),
        Work::W6 => migration::measure(stores, arguments.records)?.print(arguments.json),
        Work::W5 | Work::Impact | Work::Start => {}
    }
    Ok(())
}

/// Measures a workload beside its ceiling at each number of callers.
fn beside(stores: &Stores, arguments: &Arguments, compared: fn(&Arguments) -> Compared) -> Result<(), Failure> {
    for callers in &arguments.callers {
        beside::measure(stores, *callers, compared(arguments))?.print(arguments.json);
    }
    Ok(())
}

fn w1(arguments: &Arguments) -> Compared {
    Compared {
        work: "W1",
        unit: "completions",
        load: Load::Completions(arguments.completions),
        prepare: engine_w1::prepared,
        run: engine_w1::run,
    }
}

fn w2(arguments: &Arguments) -> Compared {
    Compared {
        work: "W2",
        unit: "instances",
        load: Load::Chains(arguments.chains),
        prepare: engine_w2::prepared,
        run: engine_w2::run,
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
