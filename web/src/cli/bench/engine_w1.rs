//! W1 through the engine: real starts and completions, each answered after its durable commit.

use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::calendar::Calendar;
use engine::command::Command;
use engine::definition::Labels;
use engine::directory::{Entry, SERVICE, Standing, TEAM};
use engine::event::Actor;
use engine::ids::{DefinitionId, Name};
use engine::instance::Instance;
use engine::value::{Fields, Value};
use runtime::{Clock, Runtime, StartOrder, SystemClock};
use store::{Deployment, PersonRow, PersonState, Place, Store};

use super::samples::Figure;
use crate::cli::Failure;

pub(super) const SOURCE: &str = include_str!("w1.flow");
pub(super) const PERSON: &str = "agent";
pub(super) const PROCESS: &str = "benchmark";

/// Runs so many completions with so many callers; starts are part of the work but not counted.
pub(super) fn run(runtime: &Runtime, callers: usize, completions: u64) -> Result<Figure, Failure> {
    run_of(PROCESS, runtime, callers, completions)
}

/// The same where the process has another name.
pub(super) fn run_of(process: &str, runtime: &Runtime, callers: usize, completions: u64) -> Result<Figure, Failure> {
    let per_caller = (completions / 3).div_ceil(callers as u64);
    side_by_side(callers, |_| work(process, runtime, per_caller))
}

/// Lets so many callers work, each in a thread of its own, told its place; they give how long they waited for each answer.
pub(super) fn side_by_side(
    callers: usize,
    work: impl Fn(usize) -> Result<Vec<Duration>, Failure> + Sync,
) -> Result<Figure, Failure> {
    let began = Instant::now();
    let latencies = std::thread::scope(|scope| {
        let work = &work;
        let working: Vec<_> = (0..callers).map(|place| scope.spawn(move || work(place))).collect();
        let mut all = Vec::new();
        for thread in working {
            all.extend(thread.join().map_err(|_| "a caller panicked")??);
        }
        Ok::<_, Failure>(all)
    })?;
    Ok(Figure::of(latencies, began.elapsed()))
}

/// A store with what W1 needs.
pub(super) fn prepared(place: &Place) -> Result<Runtime, Failure> {
    let runtime = peopled(place, Arc::new(SystemClock))?;
    deploy(&runtime, SOURCE)?;
    Ok(runtime)
}

/// A new store with an organisation.
pub(super) fn peopled(place: &Place, clock: Arc<dyn Clock>) -> Result<Runtime, Failure> {
    let runtime = Runtime::open(Store::open(place)?, clock)?;
    let (store, now, by) = (runtime.store(), runtime.now(), Name::from(PERSON));
    store.put_calendar(&Name::from("24x7"), Calendar::around_the_clock().data(), &by, now)?;
    let entry = |fields| Entry { labels: Labels::new("Bench", "基准"), fields };
    store.put_entry(TEAM, &Name::from("team"), &entry(Fields::new()), &by, now)?;
    let service = Fields::from([
        (Name::from("calendar"), Value::Ref(Name::from("24x7"))),
        (Name::from("support_team"), Value::Ref(Name::from("team"))),
    ]);
    store.put_entry(SERVICE, &Name::from("service"), &entry(service), &by, now)?;
    let person = PersonRow {
        id: by.clone(),
        sign_in: PERSON.into(),
        name: Labels::new("Agent", "坐席"),
        email: String::new(),
        language: "zh-CN".into(),
        state: PersonState::Active,
    };
    store.put_person(&person, &by, now)?;
    let standing =
        Standing { roles: [Name::from("agent"), Name::from("staff")].into(), teams: [Name::from("team")].into() };
    store.set_standing(&by, &standing, &by, now, "bench")?;
    runtime.reload_directory()?;
    Ok(runtime)
}

/// Makes the one person an administrator too.
pub(super) fn administer(runtime: &Runtime) -> Result<(), Failure> {
    let roles = ["agent", "staff", "administrator"].map(Name::from).into();
    let (standing, by) = (Standing { roles, teams: [Name::from("team")].into() }, Name::from(PERSON));
    runtime.store().set_standing(&by, &standing, &by, runtime.now(), "bench")?;
    Ok(runtime.reload_directory()?)
}

/// Makes a text the current version of its process.
pub(super) fn deploy(runtime: &Runtime, source: &str) -> Result<DefinitionId, Failure> {
    let unit = dsl::compile(source)
        .map_err(|problems| dsl::render("bench.flow", source, &problems, dsl::Language::En, dsl::Colour::Never))?;
    let by = Name::from(PERSON);
    let id = DefinitionId::of_source(source);
    for checked in unit.processes {
        runtime.deploy(&Deployment {
            process: checked.parts.name.clone(),
            id: id.clone(),
            source: source.into(),
            parts: checked.parts,
            author: by.clone(),
            approver: Name::from("approver"),
            reason: "bench".into(),
            change: Some("bench".into()),
        })?;
    }
    Ok(id)
}

/// The form that W1 starts with: eight variables.
pub(super) fn form(index: u64) -> Fields {
    let impact = ["high", "medium", "low"].get((index % 3) as usize).copied().unwrap_or("low");
    Fields::from([
        (Name::from("summary"), Value::Text(format!("Mail does not arrive, case {index}"))),
        (Name::from("details"), Value::Text("Since this morning nothing from outside arrives.".into())),
        (Name::from("service"), Value::Ref(Name::from("service"))),
        (Name::from("channel"), Value::Text("portal".into())),
        (Name::from("category"), Value::Text("delivery".into())),
        (Name::from("users"), Value::Number(12.into())),
        (Name::from("impact"), Value::Choice(Name::from(impact))),
        (Name::from("urgency"), Value::Choice(Name::from("high"))),
    ])
}

fn work(process: &str, runtime: &Runtime, instances: u64) -> Result<Vec<Duration>, Failure> {
    let mut latencies = Vec::new();
    for index in 0..instances {
        let (process, by) = (Name::from(process), Name::from(PERSON));
        let order = StartOrder { process, by, on_behalf_of: None, fields: form(index) };
        through(runtime, order, |latency| latencies.push(latency))?;
    }
    Ok(latencies)
}

/// Begins a record and completes its tasks, each told with how long it took; gives it as it is then.
pub(super) fn through(
    runtime: &Runtime,
    order: StartOrder,
    mut took: impl FnMut(Duration),
) -> Result<Arc<Instance>, Failure> {
    let by = order.by.clone();
    let mut instance = runtime.start(order)?.instance;
    for (outcome, fields) in steps() {
        let Some(task) = instance.tasks().first().map(|task| task.id) else { break };
        let command = Command::Complete { task, outcome: Name::from(outcome), fields, reason: None };
        let began = Instant::now();
        instance = runtime.execute(instance.id(), Actor::Person(by.clone()), command)?.instance;
        took(began.elapsed());
    }
    Ok(instance)
}

/// The ways out of the three tasks, with what their forms say.
pub(super) fn steps() -> [(&'static str, Fields); 3] {
    let resolution = Fields::from([(Name::from("resolution"), Value::Text("The queue was full.".into()))]);
    [("accept", Fields::new()), ("fixed", resolution), ("confirm", Fields::new())]
}
