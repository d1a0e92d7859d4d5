//! Impact: what a fault of a configuration item reaches, what the item rests on, and which services and agreements that
//! touches, among many items that hang together at random. The same seed makes the same registers.

use std::hint::black_box;
use std::time::Instant;

use engine::definition::Labels;
use engine::directory::{Directory, Entry, SERVICE};
use engine::ids::Name;
use engine::value::{Fields, Value};

use super::RUNS;
use super::samples::{Figure, Spread};
use crate::cli::Failure;
use web::impact::{AGREEMENT, Impact};

const ITEM: &str = "configuration_item";
/// How many items there are.
const ITEMS: u64 = 10_000;
/// How many relations are between them.
const RELATIONS: u64 = 40_000;
/// How many services run on them, each with two agreements.
const SERVICES: u64 = 200;
/// Of how many items a run asks, half of them those that reach most.
const QUESTIONS: u64 = 400;
/// What the registers are made from.
const SEED: u64 = 20_260_918;

/// What the work gave.
pub(super) struct ImpactFigures {
    relations: usize,
    reached_most: usize,
    p50_ms: Spread,
    p99_ms: Spread,
}

/// Measures how long the impact of one item takes to compute.
pub(super) fn measure() -> Result<ImpactFigures, Failure> {
    let (directory, relations) = made()?;
    let mut chance = Chance(SEED + 1);
    // What comes first in the order is what most others rest on.
    let common = 0..QUESTIONS / 2;
    let asked: Vec<Name> = common.chain((0..QUESTIONS / 2).map(|_| chance.below(ITEMS))).map(item).collect();
    let mut reached_most = 0;
    let mut runs = Vec::new();
    for _ in 0..=RUNS {
        let mut waits = Vec::new();
        let run = Instant::now();
        for key in &asked {
            let began = Instant::now();
            let impact = black_box(Impact::of(&directory, black_box(key)));
            waits.push(began.elapsed());
            reached_most = reached_most.max(impact.hit.len());
        }
        runs.push(Figure::of(waits, run.elapsed()));
    }
    let of = |pick: fn(&Figure) -> f64| Spread::of(runs.iter().skip(1).map(|figure| pick(figure) / 1e3));
    Ok(ImpactFigures {
        relations,
        reached_most,
        p50_ms: of(|figure| figure.p50_us),
        p99_ms: of(|figure| figure.p99_us),
    })
}

/// The registers, and how many relations are between items.
fn made() -> Result<(Directory, usize), Failure> {
    let mut directory = Directory::default();
    for register in processes::among().registers() {
        directory.declare(register.clone());
    }
    if directory.declared(ITEM).is_none() {
        return Err("the packaged registers have no configuration items".into());
    }
    let mut chance = Chance(SEED);
    let mut relations = 0;
    let mut left = RELATIONS;
    for at in 0..ITEMS {
        // The first items have nothing before them to rest on; the others share what is left.
        let wanted = if at == 0 { 0 } else { left.div_ceil(ITEMS - at).min(at) };
        let mut others = std::collections::BTreeSet::new();
        while u64::try_from(others.len())? < wanted {
            others.insert(chance.below(at));
        }
        left -= wanted;
        relations += others.len();
        let mut fields = Fields::new();
        for (other, field) in others.into_iter().zip(["runs_on", "depends_on", "part_of", "depends_on"].iter().cycle())
        {
            let list = fields.entry(Name::from(*field)).or_insert_with(|| Value::List(Vec::new()));
            if let Value::List(list) = list {
                list.push(Value::Ref(item(other)));
            }
        }
        directory.put(ITEM, item(at), entry(&format!("Item {at}"), fields));
    }
    for at in 0..SERVICES {
        let key = Name::from(format!("service-{at}"));
        let on = Value::List(vec![Value::Ref(item(chance.below(ITEMS)))]);
        directory.put(SERVICE, key.clone(), entry(key.as_str(), Fields::from([(Name::from("runs_on"), on)])));
        for half in ["a", "b"] {
            let fields = Fields::from([(Name::from("service"), Value::Ref(key.clone()))]);
            directory.put(AGREEMENT, Name::from(format!("agreement-{at}-{half}")), entry("Agreement", fields));
        }
    }
    Ok((directory, relations))
}

fn item(at: u64) -> Name {
    Name::from(format!("item-{at}"))
}

fn entry(name: &str, fields: Fields) -> Entry {
    Entry { labels: Labels::new(name, name), fields }
}

/// Numbers that look like chance and are the same for the same seed (splitmix64).
struct Chance(u64);

impl Chance {
    /// A number below another.
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }
}

impl ImpactFigures {
    pub(super) fn print(&self, json: bool) {
        let ImpactFigures { relations, reached_most, p50_ms, p99_ms } = self;
        if json {
            let figures = serde_json::json!({
                "work": "impact", "items": ITEMS, "relations": relations, "seed": SEED, "reached_most": reached_most,
                "p50_ms": p50_ms.median, "p99_ms": p99_ms.median, "p99_least_ms": p99_ms.least,
                "p99_most_ms": p99_ms.most, "questions": QUESTIONS, "runs": RUNS,
            });
            println!("{figures}");
            return;
        }
        println!("impact, {ITEMS} items with {relations} relations, seed {SEED}, {RUNS} runs: median (least–most)");
        println!("  up to {reached_most} items reached; p50 {p50_ms:.2} ms, p99 {p99_ms:.2} ms");
    }
}
