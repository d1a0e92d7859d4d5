//! W4: many timers that are due within one minute. Records that do nothing but wait are begun first; then the clock goes
//! to the end of their minute, and all are fired. The raw figure beside it is hand-written SQL that does what a fired
//! timer must: change the record's row, add its history, take its alarm away.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use engine::ids::Name;
use engine::time::{HOUR_MS, MINUTE_MS, Timestamp};
use engine::value::{Fields, Value};
use runtime::{Clock, ExecuteError, Runtime, StartOrder, SystemClock, VirtualClock};
use store::Place;

use super::RUNS;
use super::engine_w1;
use super::memory::resident_mb;
use super::samples::{Figure, Spread};
use super::stores::Stores;
use crate::cli::Failure;

const SOURCE: &str = include_str!("w4.flow");
/// How many threads begin the records: so many share a commit.
const CALLERS: u64 = 16;

/// What was measured.
pub(super) struct Timers {
    store: &'static str,
    timers: u64,
    runs: Vec<Fired>,
    /// The seconds of the raw figure, each run.
    raw_s: Vec<f64>,
    /// Resident memory before any record was there, and while all waited, of the first run.
    resident_mb: [Option<f64>; 2],
}

/// What one run gave.
struct Fired {
    /// From the instant at which all were due until all had fired.
    seconds: f64,
    /// How long after that instant each had fired.
    lateness: Figure,
    resident_mb: [Option<f64>; 2],
}

/// Begins so many records and fires their timers, the raw figure by turns.
pub(super) fn measure(stores: &Stores, timers: u64) -> Result<Timers, Failure> {
    let (mut runs, mut raw_s) = (Vec::new(), Vec::new());
    let (warm_up, _) = stores.on_new(|place| fired(place, timers))?;
    for _ in 0..RUNS {
        raw_s.push(stores.on_new(|place| Ok(store::ceiling_timers::run(place, timers)?))?.0);
        runs.push(stores.on_new(|place| fired(place, timers))?.0);
    }
    Ok(Timers { store: stores.name(), timers, runs, raw_s, resident_mb: warm_up.resident_mb })
}

fn fired(place: &Place, timers: u64) -> Result<Fired, Failure> {
    let base = SystemClock.now();
    let clock = Arc::new(VirtualClock::at(base));
    let runtime = engine_w1::peopled(place, clock.clone())?;
    engine_w1::deploy(&runtime, SOURCE)?;
    let due = base.plus_ms(HOUR_MS);
    let at_rest = resident_mb();
    begin(&runtime, timers, due)?;
    let waiting = resident_mb();
    clock.set(due.plus_ms(MINUTE_MS));
    let began = Instant::now();
    let (mut left_alone, mut late) = (BTreeMap::new(), Vec::new());
    loop {
        let fired = runtime.fire_due(&mut left_alone)?;
        if fired == 0 {
            break;
        }
        late.extend(std::iter::repeat_n(began.elapsed(), fired));
    }
    let took = began.elapsed();
    if late.len() as u64 != timers {
        return Err(format!("{} of {timers} timers fired", late.len()).into());
    }
    let lateness = Figure::of(late, took);
    Ok(Fired { seconds: took.as_secs_f64(), lateness, resident_mb: [at_rest, waiting] })
}

fn begin(runtime: &Runtime, timers: u64, due: Timestamp) -> Result<(), Failure> {
    let each = timers.div_ceil(CALLERS);
    let part = |caller: u64| (caller * each).min(timers)..((caller + 1) * each).min(timers);
    std::thread::scope(|scope| {
        let begun = |caller: u64| {
            let part = part(caller);
            scope.spawn(move || begin_some(runtime, part, timers, due))
        };
        let working: Vec<_> = (0..CALLERS).map(begun).collect();
        for thread in working {
            thread.join().map_err(|_| "a caller panicked")??;
        }
        Ok(())
    })
}

fn begin_some(runtime: &Runtime, part: std::ops::Range<u64>, timers: u64, due: Timestamp) -> Result<(), ExecuteError> {
    for index in part {
        // Evenly over the minute.
        let into_the_minute = i64::try_from(index * 60_000 / timers.max(1)).unwrap_or(0);
        let fields = Fields::from([
            (Name::from("summary"), Value::Text(format!("timer {index}"))),
            (Name::from("wanted"), Value::Instant(due.plus_ms(into_the_minute))),
        ]);
        runtime.start(StartOrder {
            process: Name::from("timers"),
            by: Name::from(engine_w1::PERSON),
            on_behalf_of: None,
            fields,
        })?;
    }
    Ok(())
}

impl Timers {
    pub(super) fn print(&self, json: bool) {
        let of = |pick: fn(&Fired) -> f64| Spread::of(self.runs.iter().map(pick));
        let seconds = of(|run| run.seconds);
        let (p50, p99) = (of(|run| run.lateness.p50_us / 1e6), of(|run| run.lateness.p99_us / 1e6));
        let raw = Spread::of(self.raw_s.iter().copied());
        let ratio = Spread::of(self.runs.iter().zip(&self.raw_s).map(|(run, raw)| raw / run.seconds));
        let (store, timers, [at_rest, waiting]) = (self.store, self.timers, self.resident_mb);
        if json {
            println!(
                "{}",
                serde_json::json!({
                    "work": "W4", "store": store, "timers": timers, "seconds": seconds.median,
                    "seconds_least": seconds.least, "seconds_most": seconds.most, "late_p50_s": p50.median,
                    "late_p99_s": p99.median, "ceiling_seconds": raw.median, "ratio": ratio.median, "runs": RUNS,
                    "resident_at_rest_mb": at_rest, "resident_waiting_mb": waiting,
                })
            );
            return;
        }
        println!("W4 {store}, {timers} timers of one minute, all due at once, {RUNS} runs after a warm-up");
        println!("  engine    all fired in {seconds:.1} s   late: p50 {p50:.1} s   p99 {p99:.1} s");
        println!("  ceiling   {raw:.1} s   ratio {ratio:.2}");
        if let (Some(at_rest), Some(waiting)) = (at_rest, waiting) {
            println!("  memory    {at_rest:.0} MB at rest   {waiting:.0} MB with {timers} waiting records");
        }
    }
}
