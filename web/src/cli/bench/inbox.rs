//! W3: the first fifty open tasks of a person's groups, by due, with more and more tasks open, and without and with a
//! million finished records behind them. Bulk SQL writes what lists read of these records (`store::heap`).

use std::time::Instant;

use engine::event::Principal;
use engine::ids::Name;
use store::heap::{Heap, pile};
use store::{InboxQuery, InboxView, Place, Store};

use super::RUNS;
use super::samples::{Figure, Spread};
use super::stores::Stores;
use crate::cli::Failure;

/// How many finished records stand behind the open ones in the end.
const FINISHED: u64 = 1_000_000;
/// How often a run asks: long enough that one interruption of the machine is not its 99th percentile.
const QUESTIONS: usize = 5_000;
/// How many rows a page has.
const PAGE: usize = 50;

/// What W3 gave for one size.
struct InboxFigures {
    store: &'static str,
    open: u64,
    finished: u64,
    p50_us: Spread,
    p99_us: Spread,
}

/// Measures each number of open tasks on a new store, and prints it.
pub(super) fn measure(stores: &Stores, sizes: &[u64], json: bool) -> Result<(), Failure> {
    for open in sizes {
        let (figures, _) = stores.on_new(|place| on_one(stores.name(), place, *open))?;
        let [without, with] = &figures;
        without.print(None, json);
        with.print(Some(without), json);
    }
    Ok(())
}

fn on_one(name: &'static str, place: &Place, open: u64) -> Result<[InboxFigures; 2], Failure> {
    let store = Store::open(place)?;
    let groups = [
        Principal::Role(Name::from("agent")),
        Principal::Role(Name::from("staff")),
        Principal::Team(Name::from("team")),
    ];
    let query = InboxQuery {
        person: Name::from("agent"),
        principals: groups.to_vec(),
        view: InboxView::Groups,
        after: None,
        limit: PAGE,
    };
    let figures = |finished: u64| {
        let runs = (0..=RUNS).map(|_| asked(&store, &query)).collect::<Result<Vec<Figure>, Failure>>()?;
        let of = |pick: fn(&Figure) -> f64| Spread::of(runs.iter().skip(1).map(pick));
        Ok::<_, Failure>(InboxFigures {
            store: name,
            open,
            finished,
            p50_us: of(|figure| figure.p50_us),
            p99_us: of(|figure| figure.p99_us),
        })
    };
    pile(place, 1..open + 1, Heap::Open(&groups.map(|group| group.to_string())))?;
    let without = figures(0)?;
    pile(place, open + 1..open + 1 + FINISHED, Heap::Finished)?;
    Ok([without, figures(FINISHED)?])
}

fn asked(store: &Store, query: &InboxQuery) -> Result<Figure, Failure> {
    let mut waits = Vec::with_capacity(QUESTIONS);
    let run = Instant::now();
    for _ in 0..QUESTIONS {
        let began = Instant::now();
        let rows = store.inbox(query)?.len();
        waits.push(began.elapsed());
        if rows != PAGE {
            return Err(format!("the inbox has {rows} rows").into());
        }
    }
    Ok(Figure::of(waits, run.elapsed()))
}

impl InboxFigures {
    fn print(&self, without: Option<&InboxFigures>, json: bool) {
        let InboxFigures { store, open, finished, p50_us, p99_us } = self;
        let ratio = without.map(|without| p99_us.median / without.p99_us.median);
        if json {
            let figures = serde_json::json!({
                "work": "W3", "store": store, "open_tasks": open, "finished": finished,
                "p50_us": p50_us.median, "p99_us": p99_us.median, "p99_least_us": p99_us.least,
                "p99_most_us": p99_us.most, "p99_to_none_finished": ratio,
            });
            println!("{figures}");
            return;
        }
        println!("W3 {store}, {open} open tasks, {finished} finished records, {RUNS} runs after a warm-up");
        let ratio = ratio.map_or_else(String::new, |ratio| format!("   p99 ÷ without finished {ratio:.2}"));
        println!("  first {PAGE}  p50 {p50_us} µs   p99 {p99_us} µs{ratio}");
    }
}
