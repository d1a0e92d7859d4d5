//! The ceiling: what hand-written SQL does with the work of one task completion on the same machine, with the same
//! durability and as many callers. `tiaoli bench` runs it beside the engine, so that its figures are a ratio and
//! not a property of the machine.
//!
//! The schema is fixed, whatever our own becomes: an instance row with a document of 400 bytes, a table of open
//! tasks with three partial indexes, an append-only history. The work is the engine's: each instance is started (its
//! row, its first task, one row of history) and completed three times. A completion updates the instance, deletes one
//! task and inserts the next, and adds two rows of history. Each caller is answered after the commit that holds its
//! own. Every statement is compiled once. The rate counts completions; starts take their time but are not counted, as
//! with the engine. An instance whose steps all happen without people is one durable transaction: its row and ten rows of
//! history.

mod postgres;
mod sqlite;

use std::time::{Duration, Instant};

use crate::{Place, StoreError};

/// Runs a load of so many blocked callers in an empty folder or database.
///
/// # Errors
/// The database failed, holds a ceiling already, or is in memory.
pub fn run(place: &Place, callers: usize, load: Load) -> Result<CeilingRun, StoreError> {
    match place {
        Place::File(folder) => sqlite::run(folder, callers, load),
        Place::Server(server) => postgres::run(server, callers, load),
        Place::Memory(_) => Err(StoreError::Database("there is no ceiling in memory".to_owned())),
    }
}

/// Updates so many instances, each by its own statement, a number of them in each durable transaction, in an empty folder
/// or database; gives how many a second. That is what a migration would be if nothing but the row changed.
///
/// # Errors
/// As [`run`].
pub fn update(place: &Place, instances: u32, together: usize) -> Result<f64, StoreError> {
    match place {
        Place::File(folder) => sqlite::update(folder, instances, together),
        Place::Server(server) => postgres::update(server, instances, together),
        Place::Memory(_) => Err(StoreError::Database("there is no ceiling in memory".to_owned())),
    }
}

/// What the callers ask for, all together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// So many completions, of instances that are started for them.
    Completions(u64),
    /// So many instances that go through ten steps by themselves.
    Chains(u64),
}

/// What the ceiling did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CeilingRun {
    /// Completions, or instances that went through by themselves, per second.
    pub per_s: f64,
    /// The median time that a caller waited, in microseconds.
    pub p50_us: u64,
    /// The 99th percentile of it.
    pub p99_us: u64,
}

impl CeilingRun {
    /// The figures of callers' waits, in microseconds.
    fn of(mut waits: Vec<u64>, elapsed: Duration) -> CeilingRun {
        waits.sort_unstable();
        let at = |part: usize| waits.get((waits.len() * part / 100).min(waits.len().saturating_sub(1))).copied();
        CeilingRun {
            per_s: waits.len() as f64 / elapsed.as_secs_f64(),
            p50_us: at(50).unwrap_or(0),
            p99_us: at(99).unwrap_or(0),
        }
    }
}

/// What a caller asks for, ready to be written.
enum Work {
    Start { instance: i64, document: String },
    Complete(Completion),
    Chain { instance: i64, document: String },
}

struct Completion {
    instance: i64,
    revision: i64,
    document: String,
}

/// How many completions an instance sees before its caller takes the next.
const COMPLETIONS_EACH: u64 = 3;
/// How many steps an instance goes through by itself.
const CHAIN: i64 = 10;
/// The bytes of an instance's document.
const DOCUMENT_BYTES: usize = 400;
/// An instant of 2026, for columns of time.
const DUE_MS: i64 = 1_780_000_000_000;
/// The teams that tasks are for.
const TEAMS: [&str; 4] = ["network", "desk", "servers", "applications"];
/// What a row of history says.
const BODY: &str = "{\"by\":\"p00001\",\"step\":\"resolve\",\"outcome\":\"resolved\"}";

impl Load {
    /// The share of one of so many callers.
    fn of_each(self, callers: usize) -> Load {
        let share = |all: u64| all.div_ceil(callers as u64).max(1);
        match self {
            Load::Completions(all) => Load::Completions(share(all)),
            Load::Chains(all) => Load::Chains(share(all)),
        }
    }
}

/// A caller: it asks for one piece of work after another, each waited for. Gives the waits in microseconds, without those
/// of starts.
fn call(
    load: Load,
    mut next: impl FnMut() -> i64,
    mut answered: impl FnMut(Work) -> Result<(), StoreError>,
) -> Result<Vec<u64>, StoreError> {
    let (mut waits, mut instance) = (Vec::new(), 0);
    let mut waited = |work: Work, waits: &mut Vec<u64>| {
        let asked = Instant::now();
        answered(work)?;
        waits.push(u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX));
        Ok::<(), StoreError>(())
    };
    match load {
        Load::Completions(completions) => {
            for done in 0..completions {
                let revision = i64::try_from(done % COMPLETIONS_EACH).unwrap_or(0);
                if revision == 0 {
                    instance = next();
                    waited(Work::Start { instance, document: "x".repeat(DOCUMENT_BYTES) }, &mut Vec::new())?;
                }
                let completion = Completion { instance, revision, document: "y".repeat(DOCUMENT_BYTES) };
                waited(Work::Complete(completion), &mut waits)?;
            }
        }
        Load::Chains(instances) => {
            for _ in 0..instances {
                waited(Work::Chain { instance: next(), document: "x".repeat(DOCUMENT_BYTES) }, &mut waits)?;
            }
        }
    }
    Ok(waits)
}

fn task_id(instance: i64, revision: i64) -> i64 {
    instance * 16 + revision
}

fn team(instance: i64) -> Option<&'static str> {
    TEAMS.get(usize::try_from(instance).unwrap_or(0) % TEAMS.len()).copied()
}
