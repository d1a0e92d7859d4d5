//! Impact: what a fault of a configuration item reaches, what the item rests on, and which services, agreements and open
//! records that touches, among many items that hang together at random: computed, and as the page that one person asks for.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use engine::ids::Name;
use runtime::{Runtime, SystemClock};
use store::Store;
use web::impact::Impact;

use super::RUNS;
use super::client::Client;
use super::samples::{Figure, Spread};
use super::server::Server;
use crate::cli::Failure;
use crate::cli::demo::crowd;
use crate::cli::demo::estate::{self, Chance, ITEMS, RELATIONS, SEED};
use crate::cli::speech::Speech;

/// How many incidents are behind.
const INCIDENTS: usize = 5_000;
/// Of how many items a run asks, half of them those that reach most.
const QUESTIONS: u64 = 200;
const WHO: &str = "lina";

/// What the work gave.
pub(super) struct ImpactFigures {
    reached_most: usize,
    computed: [Spread; 2],
    page: [Spread; 2],
}

/// Measures how long the impact of one item takes.
pub(super) fn measure(folder: &Path) -> Result<ImpactFigures, Failure> {
    std::fs::create_dir_all(folder)?;
    let runtime = Runtime::open(Store::open(folder)?, Arc::new(SystemClock))?;
    let crowd = crowd::gather(&runtime, INCIDENTS, Speech::En)?;
    let password = crowd.people.iter().find(|(who, _)| *who == WHO).map(|(_, password)| password.clone());
    let password = password.ok_or("somebody cannot sign in")?;
    let directory = runtime.directory();
    let mut chance = Chance(SEED + 1);
    // What comes first in the order is what most others rest on.
    let common = 0..QUESTIONS / 2;
    let asked: Vec<Name> = common.chain((0..QUESTIONS / 2).map(|_| chance.below(ITEMS))).map(estate::item).collect();

    let mut reached_most = 0;
    let mut runs = Vec::new();
    for _ in 0..=RUNS {
        runs.push(each(&asked, |key| {
            let impact = black_box(Impact::of(&directory, black_box(key)));
            reached_most = reached_most.max(impact.hit.len());
            Ok(())
        })?);
    }
    let computed = spread(&runs);

    let server = Server::start(runtime)?;
    let cookie = Client::new(server.address, String::new())?.sign_in(WHO, &password)?;
    let mut client = Client::new(server.address, cookie)?;
    let mut runs = Vec::new();
    for _ in 0..=RUNS {
        runs.push(each(&asked, |key| {
            let answer = client.get_packed(&format!("/registers/configuration_item/{key}/impact"))?;
            if answer.status == 200 { Ok(()) } else { Err(format!("{key} was answered {}", answer.status).into()) }
        })?);
    }
    server.stop()?;
    Ok(ImpactFigures { reached_most, computed, page: spread(&runs) })
}

/// Asks of each item.
fn each(asked: &[Name], mut ask: impl FnMut(&Name) -> Result<(), Failure>) -> Result<Figure, Failure> {
    let mut waits = Vec::with_capacity(asked.len());
    let run = Instant::now();
    for key in asked {
        let began = Instant::now();
        ask(key)?;
        waits.push(began.elapsed());
    }
    Ok(Figure::of(waits, run.elapsed()))
}

/// The median and the 99th percentile of the runs after the first, in milliseconds.
fn spread(runs: &[Figure]) -> [Spread; 2] {
    let of = |pick: fn(&Figure) -> f64| Spread::of(runs.iter().skip(1).map(|figure| pick(figure) / 1e3));
    [of(|figure| figure.p50_us), of(|figure| figure.p99_us)]
}

impl ImpactFigures {
    pub(super) fn print(&self, json: bool) {
        let ImpactFigures { reached_most, computed, page } = self;
        let parts = [("computed", computed), ("the page", page)];
        if json {
            for (part, [p50_ms, p99_ms]) in parts {
                let figures = serde_json::json!({
                    "work": "impact", "part": part, "items": ITEMS, "relations": RELATIONS, "seed": SEED,
                    "incidents": INCIDENTS, "reached_most": reached_most, "p50_ms": p50_ms.median,
                    "p99_ms": p99_ms.median, "p99_least_ms": p99_ms.least, "p99_most_ms": p99_ms.most,
                    "questions": QUESTIONS, "runs": RUNS,
                });
                println!("{figures}");
            }
            return;
        }
        println!(
            "impact, {ITEMS} items with {RELATIONS} relations and {INCIDENTS} incidents, seed {SEED}, up to {reached_most} reached, {RUNS} runs: median (least–most)"
        );
        for (part, [p50_ms, p99_ms]) in parts {
            println!("  {part:10} p50 {p50_ms:.2} ms   p99 {p99_ms:.2} ms");
        }
    }
}
