//! What the demo's history is for: it is the same each time, nothing lies about, and one incident has its whole chain.

use std::sync::Arc;

use engine::ids::Name;
use engine::instance::Instance;
use engine::time::Timestamp;
use engine::value::Value;
use store::{Place, Store};

use super::super::speech::Speech;
use super::live;

const PROCESSES: [&str; 11] = [
    "incident",
    "service_request",
    "change",
    "standard_change_template",
    "problem",
    "release",
    "major_incident",
    "trend_analysis",
    "configuration_audit",
    "reconciliation",
    "verification",
];

fn end() -> Timestamp {
    Timestamp::from_local("2026-06-16 10:20", "Asia/Shanghai").expect("it is readable")
}

fn lived(name: &str) -> Store {
    let store = Store::open(Place::Memory(name.to_owned())).expect("it opens");
    lives(&store, end());
    store
}

fn lives(store: &Store, end: Timestamp) {
    let unforeseen = live(store, (end.minus_months(2), end), Speech::En, &mut |_| {}).expect("it is made");
    let unforeseen: Vec<String> = unforeseen.iter().map(ToString::to_string).collect();
    assert_eq!(unforeseen, Vec::<String>::new(), "the story fits the processes");
}

/// Whoever tries the demo does it on any day: in a holiday, at night, in the first days of a year.
#[test]
fn the_story_fits_whatever_the_day() {
    for (at, end) in (0..).zip(["2026-02-19 11:00", "2026-10-03 23:40", "2027-01-04 09:05", "2026-08-31 03:15"]) {
        let store = Store::open(Place::Memory(format!("demo-day-{at}"))).expect("it opens");
        lives(&store, Timestamp::from_local(end, "Asia/Shanghai").expect("it is readable"));
    }
}

fn records(store: &Store, process: &str) -> Vec<Arc<Instance>> {
    let ids = store.records_of(&Name::from(process), 10_000).expect("it reads");
    ids.into_iter().map(|id| store.load(id).expect("it reads").expect("it is there").instance).collect()
}

/// Numbers, outcomes and instants, whatever the identities.
fn digest(store: &Store) -> Vec<String> {
    let mut lines = Vec::new();
    for process in PROCESSES {
        for record in records(store, process) {
            let case = store.case(record.id()).expect("it reads").expect("it is listed");
            lines.push(format!(
                "{} {:?} {:?} {} {} {:?}",
                case.number,
                case.status,
                case.stage,
                case.started.0,
                case.updated.0,
                record.milestones()
            ));
        }
    }
    lines
}

#[test]
fn the_same_months_are_the_same_each_time() {
    let (one, other) = (digest(&lived("demo-one")), digest(&lived("demo-other")));
    for (one, other) in one.iter().zip(&other) {
        assert_eq!(one, other);
    }
    assert_eq!(one.len(), other.len());
}

fn linked(record: &Instance, process: &str, all: &[Arc<Instance>]) -> Arc<Instance> {
    let found = all.iter().find(|other| record.links().iter().any(|link| link.other == other.id()));
    found.unwrap_or_else(|| panic!("{} is linked with a {process}", record.number())).clone()
}

#[test]
fn the_shown_incident_has_its_whole_chain_and_nothing_lies_about() {
    let store = lived("demo-chain");
    let shown: Vec<Arc<Instance>> = records(&store, "incident")
        .into_iter()
        .filter(|incident| {
            incident.fields().get("problem").is_some_and(|problem| !problem.is_empty()) && !incident.links().is_empty()
        })
        .collect();
    let problems = records(&store, "problem");
    let changes = records(&store, "change");
    let releases = records(&store, "release");
    let whole = shown.iter().any(|incident| {
        let problem = linked(incident, "problem", &problems);
        let Some(change) = changes.iter().find(|change| problem.links().iter().any(|link| link.other == change.id()))
        else {
            return false;
        };
        let number = Value::List(vec![Value::Ref(Name::from(change.number()))]);
        let Some(release) = releases.iter().find(|release| release.fields().get("changes") == Some(&number)) else {
            return false;
        };
        let holds = |record: &Instance, field: &str| record.fields().get(field).is_some_and(|value| !value.is_empty());
        let verdicts = ["continuity", "capacity", "security", "cost", "release", "level"];
        verdicts.iter().all(|what| holds(change, &format!("{what}_verdict")))
            && change.milestones().contains_key("approved")
            && ["baseline_before", "baseline_after", "known_errors", "problems"]
                .iter()
                .all(|field| holds(release, field))
            && release.tasks().iter().any(|task| task.step == *"watch")
    });
    assert!(whole, "one incident has a problem, a change, a release with its baselines and a known error");

    let (mut open, mut overdue) = (0, Vec::new());
    for process in PROCESSES {
        for record in records(&store, process) {
            for task in record.tasks() {
                open += 1;
                if task.due.is_some_and(|due| due < end()) {
                    overdue.push(format!("{} {}", record.number(), task.step));
                }
            }
        }
    }
    assert!((20..150).contains(&open), "{open} tasks are open");
    assert!(overdue.len() * 10 <= open, "{open} tasks are open, and these of them are overdue: {overdue:?}");
    let fresh =
        records(&store, "incident").into_iter().filter(|one| one.tasks().iter().any(|task| task.step == *"triage"));
    assert!(fresh.count() >= 5, "the desk has something to sort");
    let reviews = records(&store, "major_incident");
    assert!(
        reviews.iter().any(|major| major.tasks().iter().any(|task| task.step == *"review")),
        "a review is under way"
    );
    let has = |milestone: &str, lacks: &str| {
        changes.iter().any(|change| {
            !change.is_ended()
                && change.milestones().contains_key(milestone)
                && !change.milestones().contains_key(lacks)
        })
    };
    assert!(has("scheduled", "implemented"), "a change is scheduled");
    let assessed = |change: &Arc<Instance>| change.tasks().iter().any(|task| task.step.as_str().starts_with("assess_"));
    assert!(changes.iter().any(assessed), "a change is being assessed");
    assert!(store.undelivered(1).expect("it reads").is_empty());
}
