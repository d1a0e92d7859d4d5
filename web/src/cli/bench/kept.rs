//! Whether W1 keeps its rate with many finished records behind: stores with more and more of them, copied from a real one by
//! bulk SQL (`store::heap`), take the same work by turns, so that a change in the machine's speed meets all.

use std::sync::Arc;

use engine::ids::Name;
use engine::instance::Instance;
use runtime::{Runtime, StartOrder, SystemClock};
use store::{Place, Store};

use super::RUNS;
use super::engine_w1::{self, PERSON, PROCESS, form, prepared};
use super::samples::{Figure, Spread};
use super::stores::Stores;
use crate::cli::Failure;

/// How many callers work on each.
const CALLERS: usize = 16;

/// What was measured.
pub(super) struct Kept {
    store: &'static str,
    sizes: Vec<Size>,
}

struct Size {
    finished: u64,
    runs: Vec<Figure>,
}

/// Measures so many completions on a store for each number of finished records.
pub(super) fn measure(stores: &Stores, finished: &[u64], completions: u64) -> Result<Kept, Failure> {
    let sizes = on_each(stores, finished, &mut Vec::new(), completions)?;
    Ok(Kept { store: stores.name(), sizes })
}

/// Fills one store after the other, and works on all when they are there.
fn on_each(
    stores: &Stores,
    sizes: &[u64],
    filled: &mut Vec<(u64, Place)>,
    completions: u64,
) -> Result<Vec<Size>, Failure> {
    let Some((finished, rest)) = sizes.split_first() else { return by_turns(filled, completions) };
    let (measured, _) = stores.on_new(|place| {
        fill(place, *finished)?;
        filled.push((*finished, place.clone()));
        on_each(stores, rest, filled, completions)
    })?;
    Ok(measured)
}

fn fill(place: &Place, finished: u64) -> Result<(), Failure> {
    let runtime = prepared(place)?;
    let model = finished_record(&runtime)?;
    let history: Vec<_> = runtime.store().chain(model.id())?.into_iter().map(|(row, _)| row).collect();
    drop(runtime);
    Ok(store::heap::copy(place, &model, &history, finished.saturating_sub(1))?)
}

/// A record that has gone its way.
fn finished_record(runtime: &Runtime) -> Result<Arc<Instance>, Failure> {
    let (process, by) = (Name::from(PROCESS), Name::from(PERSON));
    engine_w1::through(runtime, StartOrder { process, by, on_behalf_of: None, fields: form(0) }, |_| ())
}

fn by_turns(filled: &[(u64, Place)], completions: u64) -> Result<Vec<Size>, Failure> {
    let opened = |place: &Place| Runtime::open(Store::open(place)?, Arc::new(SystemClock)).map_err(Failure::from);
    let runtimes = filled.iter().map(|(_, place)| opened(place)).collect::<Result<Vec<Runtime>, Failure>>()?;
    let mut sizes: Vec<Size> =
        filled.iter().map(|(finished, _)| Size { finished: *finished, runs: Vec::new() }).collect();
    for turn in 0..=RUNS {
        for (size, runtime) in sizes.iter_mut().zip(&runtimes) {
            let figure = engine_w1::run(runtime, CALLERS, completions)?;
            if turn > 0 {
                size.runs.push(figure);
            }
        }
    }
    Ok(sizes)
}

impl Kept {
    pub(super) fn print(&self, json: bool) {
        let rate = |size: &Size| Spread::of(size.runs.iter().map(|run| run.per_s));
        if !json {
            println!("W1 {} with finished records behind, {CALLERS} callers, {RUNS} runs after a warm-up", self.store);
        }
        let first = self.sizes.first().map_or(1.0, |size| rate(size).median);
        for size in &self.sizes {
            let (per_s, p99_us) = (rate(size), Spread::of(size.runs.iter().map(|run| run.p99_us)));
            let (finished, kept) = (size.finished, per_s.median / first);
            if json {
                let figures = serde_json::json!({
                    "work": "W1-kept", "store": self.store, "callers": CALLERS, "finished": finished,
                    "engine_per_s": per_s.median, "engine_per_s_least": per_s.least, "engine_per_s_most": per_s.most,
                    "p99_us": p99_us.median, "ratio_to_first": kept,
                });
                println!("{figures}");
            } else {
                println!("  {finished:>9} finished   {per_s} completions/s   p99 {p99_us} µs   ÷ first {kept:.2}");
            }
        }
    }
}
