//! Deterministic simulation: seeds drive random processes on two nodes over one store, with crashes (one of them between
//! a commit and all that comes after it), answers that are lost, forms that are sent twice, effects that are performed
//! again by who had them in hand when they were settled, stale copies, lost races, clocks that jump, schedules, orders to
//! many records and other versions of what is running. After every event nothing that was answered is lost, and what is
//! kept agrees with itself; in the end everything that was owed is done once. Every seed is printed; a failing one replays
//! alone with `TIAOLI_SEED=n`, and `TIAOLI_SEEDS=n` runs more of them.

#[allow(dead_code)]
#[path = "../../engine/core/tests/laws/draft.rs"]
mod draft;
#[allow(dead_code)]
#[path = "../../engine/core/tests/laws/made.rs"]
mod made;

#[path = "simulated/crashes.rs"]
mod crashes;
#[path = "simulated/end.rs"]
mod end;
#[path = "simulated/orders.rs"]
mod orders;
#[path = "simulated/tally.rs"]
mod tally;
#[path = "simulated/world.rs"]
mod world;

use std::time::{Duration, Instant};

use draft::Dice;
use store::Place;
use tally::Tally;
use tests::{Database, Scratch};
use world::World;

/// How many seeds a run of the whole suite goes through, however long they take.
const SEEDS: u64 = 12;
/// For how long it goes through more of them.
const TIME_BOX: Duration = Duration::from_secs(20);
/// How many things happen in each.
const EVENTS: usize = 80;
/// The same where looking at everything after each of them takes longer.
const EVENTS_ON_DISK: usize = 40;

fn memory(name: u64) -> Place {
    Place::Memory(format!("simulation-{name}"))
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().expect("a number of seeds"))
}

/// The seeds of this run.
fn seeds() -> impl Iterator<Item = u64> {
    let began = Instant::now();
    let (first, last, boxed) = match (number("TIAOLI_SEED"), number("TIAOLI_SEEDS")) {
        (Some(seed), _) => (seed, seed, seed),
        (None, Some(count)) => (1, count, count),
        (None, None) => (1, u64::MAX, SEEDS),
    };
    (first..=last).take_while(move |seed| *seed <= boxed || began.elapsed() < TIME_BOX)
}

/// What happens in a seed, looked at after every event and in the end.
fn lived(seed: u64, place: impl Into<Place>, events: usize) -> World {
    println!("seed {seed}");
    let mut dice = Dice::new(seed);
    let mut world = World::new(seed, &mut dice, place);
    for _ in 0..events {
        world.happen(&mut dice);
        world.look();
    }
    world.settle();
    world
}

#[test]
fn whatever_happens_nothing_that_was_answered_is_lost_and_nothing_is_done_twice() {
    let (mut sum, mut count) = (Tally::default(), 0);
    for seed in seeds() {
        sum.add(&lived(seed, memory(seed), EVENTS).done);
        count += 1;
    }
    println!("{count} seeds: {sum:?}");
    // The dice must reach everything, or the laws are kept by accident.
    if count >= SEEDS {
        assert_eq!(sum.unreached(), Vec::<&str>::new(), "{sum:?}");
    }
}

#[test]
fn the_same_holds_in_a_file() {
    let (seed, scratch) = (number("TIAOLI_SEED").unwrap_or(1), Scratch::new("simulation"));
    let world = lived(seed, scratch.path(), EVENTS_ON_DISK);
    assert!(world.done.commands > 0, "seed {seed}: {:?}", world.done);
}

#[test]
fn the_same_holds_on_a_server() {
    let seed = number("TIAOLI_SEED").unwrap_or(2);
    let database = Database::new(&format!("simulation_{seed}"));
    let world = lived(seed, database.url(), EVENTS_ON_DISK);
    assert!(world.done.commands > 0, "seed {seed}: {:?}", world.done);
}

#[test]
fn a_seed_leads_to_the_same_records_each_time() {
    let picture = |round: u64| lived(7, memory(7_000 + round), EVENTS).states();
    assert_eq!(picture(1), picture(2));
}
