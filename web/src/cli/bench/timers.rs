//! W4: many timers that are due within one minute. Records that do nothing but wait are begun first; then the clock goes
//! to the end of their minute, and all are fired. The raw figure beside it is hand-written SQL that does what a fired
//! timer must: change the record's row, add its history, take its alarm away.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use engine::ids::Name;
use engine::time::{HOUR_MS, MINUTE_MS, Timestamp};
use engine::value::{Fields, Value};
use runtime::{Clock, ExecuteError, Runtime, StartOrder, SystemClock, VirtualClock};
use store::Place;

use super::engine_w1;
use super::memory::resident_mb;
use super::samples::Figure;
use super::stores::Stores;
use crate::cli::Failure;

const SOURCE: &str = include_str!("w4.flow");
/// How many threads begin the records: so many share a commit.
const CALLERS: u64 = 16;

/// What was measured.
pub(super) struct TimersRun {
    store: &'static str,
    timers: u64,
    /// From the instant at which all were due until all had fired.
    seconds: f64,
    /// How long after that instant each had fired.
    lateness: Figure,
    /// Resident memory before any record was there, and while all waited.
    resident_mb: [Option<f64>; 2],
    /// Where the raw figure is there: of a SQLite file.
    raw_seconds: Option<f64>,
}

/// Begins so many records and fires their timers.
pub(super) fn measure(stores: &Stores, folder: &Path, timers: u64) -> Result<TimersRun, Failure> {
    let raw_seconds = match stores {
        Stores::Files(_) => Some(store::ceiling_timers::run(folder, timers)?),
        Stores::Server { .. } => None,
    };
    let (run, _) = stores.engine(|place| fired(place, timers))?;
    Ok(TimersRun { store: stores.name(), raw_seconds, ..run })
}

fn fired(place: &Place, timers: u64) -> Result<TimersRun, Failure> {
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
    Ok(TimersRun {
        store: "",
        timers,
        seconds: took.as_secs_f64(),
        lateness: Figure::of(late, took),
        resident_mb: [at_rest, waiting],
        raw_seconds: None,
    })
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

impl TimersRun {
    pub(super) fn print(&self, json: bool) {
        let (p50_s, p99_s) = (self.lateness.p50_us / 1e6, self.lateness.p99_us / 1e6);
        let ratio = self.raw_seconds.map(|raw| raw / self.seconds);
        let (store, [at_rest, waiting]) = (self.store, self.resident_mb);
        if json {
            println!(
                "{}",
                serde_json::json!({
                    "work": "W4", "store": store, "timers": self.timers, "seconds": self.seconds,
                    "late_p50_s": p50_s, "late_p99_s": p99_s, "ceiling_seconds": self.raw_seconds, "ratio": ratio,
                    "resident_at_rest_mb": at_rest, "resident_waiting_mb": waiting,
                })
            );
            return;
        }
        println!("W4 {store}, {} timers of one minute, all due at once, one run", self.timers);
        println!("  engine    all fired in {:.1} s   late: p50 {p50_s:.1} s   p99 {p99_s:.1} s", self.seconds);
        if let (Some(raw), Some(ratio)) = (self.raw_seconds, ratio) {
            println!("  ceiling   {raw:.1} s   ratio {ratio:.2}");
        }
        if let (Some(at_rest), Some(waiting)) = (at_rest, waiting) {
            println!("  memory    {at_rest:.0} MB at rest   {waiting:.0} MB with {} waiting records", self.timers);
        }
    }
}
