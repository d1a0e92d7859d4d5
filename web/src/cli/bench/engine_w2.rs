//! W2 through the engine: records that go through ten automatic steps to their end, each in one durable commit.

use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::ids::Name;
use engine::instance::Status;
use engine::value::{Fields, Value};
use runtime::{Runtime, StartOrder, SystemClock};
use store::Place;

use super::engine_w1::{PERSON, deploy, peopled, side_by_side};
use super::samples::Figure;
use crate::cli::Failure;

const SOURCE: &str = include_str!("w2.flow");

/// A store with what W2 needs.
pub(super) fn prepared(place: &Place) -> Result<Runtime, Failure> {
    let runtime = peopled(place, Arc::new(SystemClock))?;
    deploy(&runtime, SOURCE)?;
    Ok(runtime)
}

/// Begins so many records with so many callers; each is over when its caller is answered.
pub(super) fn run(runtime: &Runtime, callers: usize, records: u64) -> Result<Figure, Failure> {
    let each = records.div_ceil(callers as u64);
    side_by_side(callers, |_| work(runtime, each))
}

fn work(runtime: &Runtime, records: u64) -> Result<Vec<Duration>, Failure> {
    let mut latencies = Vec::new();
    for index in 0..records {
        let (process, by) = (Name::from("automatic"), Name::from(PERSON));
        let began = Instant::now();
        let record = runtime.start(StartOrder { process, by, on_behalf_of: None, fields: form(index) })?.instance;
        latencies.push(began.elapsed());
        match record.status() {
            Status::Ended { .. } => {}
            Status::Running | Status::Stuck(_) | Status::Suspended(_) => {
                return Err(format!("{} did not come to its end", record.number()).into());
            }
        }
    }
    Ok(latencies)
}

fn form(index: u64) -> Fields {
    let level = |place: u64| ["high", "medium", "low"].get((place % 3) as usize).copied().unwrap_or("low");
    Fields::from([
        (Name::from("summary"), Value::Text(format!("Mail does not arrive, case {index}"))),
        (Name::from("impact"), Value::Choice(Name::from(level(index)))),
        (Name::from("urgency"), Value::Choice(Name::from(level(index / 3)))),
        (Name::from("users"), Value::Number(12.into())),
    ])
}
