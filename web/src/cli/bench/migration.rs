//! W6: running records come to another version of their process, each with its own durable commit.

use std::time::Instant;

use engine::ids::{DefinitionId, Name};
use runtime::{BatchOrder, Condition, Deed, Runtime, Selection, StartOrder};
use store::Place;

use super::RUNS;
use super::engine_w1::{PERSON, SOURCE, administer, deploy, form, prepared};
use super::samples::Spread;
use super::stores::Stores;
use crate::cli::Failure;

/// How many callers start the records; that takes its time and is not measured.
const STARTERS: u32 = 16;
/// How many rows share a transaction of the raw update: as many as a batch has on their way at once.
const TOGETHER: usize = 100;

/// What W6 gave.
pub(super) struct W6Figures {
    store: &'static str,
    records: u32,
    /// The seconds of each run.
    seconds: Vec<f64>,
    /// How many rows a second the raw update changed, each run.
    raw_per_s: Vec<f64>,
}

/// Migrates so many records, the raw update by turns.
pub(super) fn measure(stores: &Stores, records: u32) -> Result<W6Figures, Failure> {
    let (mut seconds, mut raw_per_s) = (Vec::new(), Vec::new());
    for turn in 0..=RUNS {
        let (raw, _) = stores.on_new(|place| Ok(store::ceiling::update(place, records, TOGETHER)?))?;
        let (took, _) = stores.on_new(|place| migrated(place, records))?;
        if turn > 0 {
            raw_per_s.push(raw);
            seconds.push(took);
        }
    }
    Ok(W6Figures { store: stores.name(), records, seconds, raw_per_s })
}

/// The seconds that it takes.
fn migrated(place: &Place, records: u32) -> Result<f64, Failure> {
    let runtime = prepared(place)?;
    administer(&runtime)?;
    start(&runtime, records)?;
    let order = order(&runtime)?;
    let batch = runtime.order_batch(&order, &Name::from(PERSON))?;
    let began = Instant::now();
    while runtime.work_on_batch()? > 0 {}
    let seconds = began.elapsed().as_secs_f64();
    let row = runtime.store().batch(batch)?.ok_or("the batch is gone")?;
    if row.done != u64::from(records) {
        return Err(format!("only {} of {records} records were migrated", row.done).into());
    }
    Ok(seconds)
}

fn start(runtime: &Runtime, records: u32) -> Result<(), Failure> {
    std::thread::scope(|scope| {
        let started = |first: u32| {
            for index in (first..records).step_by(STARTERS as usize) {
                let (process, by) = (Name::from("benchmark"), Name::from(PERSON));
                runtime.start(StartOrder { process, by, on_behalf_of: None, fields: form(u64::from(index)) })?;
            }
            Ok::<(), runtime::ExecuteError>(())
        };
        let callers: Vec<_> = (0..STARTERS).map(|first| scope.spawn(move || started(first))).collect();
        for caller in callers {
            caller.join().map_err(|_| "a caller panicked")??;
        }
        Ok(())
    })
}

/// Every open task gets a due that it did not have, and every clock another target.
fn order(runtime: &Runtime) -> Result<BatchOrder, Failure> {
    let text =
        SOURCE.replace("for role agent {", "for role agent, due in 4 hours {").replace("p3 3 working", "p3 2 working");
    let (from, to) = (DefinitionId::of_source(SOURCE), deploy(runtime, &text)?);
    let (old, new) = (runtime.definition(&from)?, runtime.definition(&to)?);
    let plan = dsl::Plan::of(old.parts(), new.parts()).proposal(from.clone(), to);
    let selection = Selection::Where {
        process: Some(Name::from("benchmark")),
        definition: Some(from),
        condition: Condition::Open,
        step: None,
        newest: None,
    };
    Ok(BatchOrder { selection, deed: Deed::Migrate { plan }, reason: "bench".into() })
}

impl W6Figures {
    pub(super) fn print(&self, json: bool) {
        let W6Figures { store, records, .. } = self;
        let per_s = |seconds: &f64| f64::from(*records) / seconds;
        let (seconds, raw) = (Spread::of(self.seconds.iter().copied()), Spread::of(self.raw_per_s.iter().copied()));
        let engine = Spread::of(self.seconds.iter().map(per_s));
        let ratio = Spread::of(self.seconds.iter().zip(&self.raw_per_s).map(|(seconds, raw)| per_s(seconds) / raw));
        if json {
            let figures = serde_json::json!({
                "work": "W6", "store": store, "records": records, "seconds": seconds.median,
                "seconds_least": seconds.least, "seconds_most": seconds.most, "engine_per_s": engine.median,
                "ceiling_per_s": raw.median, "ratio": ratio.median, "runs": RUNS,
            });
            println!("{figures}");
            return;
        }
        println!("W6 {store}, {records} running records to another version, {RUNS} runs after a warm-up");
        println!("  engine    {seconds:.1} s   {engine} records/s");
        println!("  raw       {raw} rows/s, {TOGETHER} updates of the instance's row a transaction");
        println!("  ratio     {ratio:.2}");
    }
}
