//! The shell around the core on SQLite and on PostgreSQL: races, timers, owed effects, versions.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use engine::audience::Audience;
use engine::command::{Command, Rejection};
use engine::event::Actor;
use engine::ids::{Name, TaskId};
use engine::instance::{Instance, Status};
use engine::time::{HOUR_MS, Timestamp};
use engine::value::{Fields, Value};
use runtime::{ExecuteError, Runtime, VirtualClock};
use store::Deployed;
use tests::{deploy, incident_source, organisation_at, over_both, report};

const MONDAY: Timestamp = Timestamp(1_790_000_000_000);

fn person(name: &str) -> Actor {
    Actor::Person(Name::from(name))
}

fn task(instance: &Instance, step: &str) -> TaskId {
    instance.tasks().iter().find(|task| task.step == *step).map(|task| task.id).expect("the task is open")
}

fn complete(task: TaskId, outcome: &str, fields: Fields) -> Command {
    Command::Complete { task, outcome: Name::from(outcome), fields, reason: Some("since it must be".into()) }
}

fn triaged(runtime: &Runtime, impact: &str) -> Arc<Instance> {
    let started = runtime.start(report(impact, "high")).expect("anna may report").instance;
    let accept = complete(task(&started, "triage"), "accept", Fields::new());
    runtime.execute(started.id(), person("dora"), accept).expect("dora may triage").instance
}

fn fixed() -> Fields {
    Fields::from([
        (Name::from("resolution"), Value::Text("Set the time-out right.".into())),
        (Name::from("cause"), Value::Text("A wrong time-out".into())),
        (Name::from("items"), Value::List(vec![Value::Ref(Name::from("switch"))])),
    ])
}

#[test]
fn of_many_who_finish_a_task_at_once_one_wins_and_the_others_are_told() {
    over_both("race", |place| {
        let runtime = organisation_at(place, Arc::new(VirtualClock::at(MONDAY)));
        for _ in 0..20 {
            let started = runtime.start(report("low", "low")).expect("anna may report").instance;
            let triage = task(&started, "triage");
            let won = AtomicUsize::new(0);
            std::thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| {
                        match runtime.execute(started.id(), person("dora"), complete(triage, "accept", Fields::new())) {
                            Ok(_) => {
                                won.fetch_add(1, Ordering::SeqCst);
                            }
                            Err(ExecuteError::Rejected(rejection)) => {
                                assert_eq!(rejection, Rejection::NoSuchTask(triage))
                            }
                            Err(other) => panic!("{other}"),
                        }
                    });
                }
            });
            assert_eq!(won.load(Ordering::SeqCst), 1);
            let history = runtime.store().history(started.id()).expect("the history is readable");
            assert_eq!(history.iter().filter(|entry| entry.command == "complete").count(), 1);
        }
    });
}

#[test]
fn warnings_and_breaches_come_at_their_instants_and_each_person_is_told_once() {
    over_both("timers", |place| {
        let clock = Arc::new(VirtualClock::at(MONDAY));
        let runtime = organisation_at(place, clock.clone());
        let instance = triaged(&runtime, "high");
        assert_eq!(instance.fields().get("priority"), Some(&Value::Choice(Name::from("p1"))));
        runtime.advance(MONDAY.plus_ms(5 * HOUR_MS), &|instant| clock.set(instant)).expect("timers fire");

        let loaded = runtime.load(instance.id()).expect("readable").expect("there").instance;
        let run = loaded.clocks().first().expect("it has a clock");
        assert!(run.is_breached());
        let passed: Vec<(u16, Timestamp)> = runtime
            .store()
            .history(instance.id())
            .expect("readable")
            .iter()
            .flat_map(|entry| entry.events.clone())
            .filter_map(|event| match event {
                engine::event::Event::ClockPassed { percent, at, .. } => Some((percent, at)),
                _ => None,
            })
            .collect();
        assert_eq!(passed, [(75, MONDAY.plus_ms(3 * HOUR_MS)), (100, MONDAY.plus_ms(4 * HOUR_MS))]);

        while runtime.perform_owed().expect("notices are delivered") > 0 {}
        let told = |who: &str| runtime.store().notifications(&Name::from(who), 50).expect("readable").len();
        let (anna, mona, nils, otto) = (told("anna"), told("mona"), told("nils"), told("otto"));
        assert!(anna >= 1, "the customer is warned before the breach");
        assert!(mona >= 1 && nils >= 1, "manager and team are told");
        assert_eq!(otto, 0);
        assert_eq!(runtime.perform_owed().expect("nothing is owed twice"), 0);
        assert_eq!((told("anna"), told("mona"), told("nils")), (anna, mona, nils));
    });
}

#[test]
fn silence_closes_and_a_closed_record_refuses_everything() {
    over_both("silence", |place| {
        let clock = Arc::new(VirtualClock::at(MONDAY));
        let runtime = organisation_at(place, clock.clone());
        let instance = triaged(&runtime, "low");
        let resolved = runtime
            .execute(instance.id(), person("nils"), complete(task(&instance, "resolve"), "fixed", fixed()))
            .expect("nils may resolve")
            .instance;
        runtime.advance(MONDAY.plus_ms(200 * HOUR_MS), &|instant| clock.set(instant)).expect("timers fire");
        let closed = runtime.load(instance.id()).expect("readable").expect("there").instance;
        let ended = Status::Ended { outcome: Name::from("closed"), at: MONDAY.plus_ms(120 * HOUR_MS) };
        assert_eq!(closed.status(), &ended, "five days of a calendar that is always open");
        assert!(closed.tasks().is_empty() && closed.tokens().is_empty());
        for command in [
            Command::Comment { text: "once more".into(), audience: Audience::Public, tells: BTreeSet::new() },
            Command::Edit { fields: Fields::new(), reason: String::new() },
            complete(task(&resolved, "confirm"), "reopen", Fields::new()),
        ] {
            let refused = runtime.execute(instance.id(), person("anna"), command);
            assert!(matches!(refused, Err(ExecuteError::Rejected(Rejection::Ended))), "{refused:?}");
        }
    });
}

#[test]
fn running_records_stay_on_the_version_they_began_with() {
    over_both("versions", |place| {
        let runtime = organisation_at(place, Arc::new(VirtualClock::at(MONDAY)));
        let old = runtime.start(report("low", "low")).expect("anna may report").instance;
        let changed = incident_source().replacen("due in 15 minutes", "due in 45 minutes", 1);
        assert_ne!(changed, incident_source(), "the packaged text says how soon triage is due");
        assert_eq!(deploy(&runtime, &changed), Deployed::New { version: 2 });
        assert_eq!(deploy(&runtime, &changed), Deployed::Unchanged { version: 2 });
        let new = runtime.start(report("low", "low")).expect("anna may report").instance;
        let due = |instance: &Instance| instance.tasks()[0].due.map(|due| due.since_ms(MONDAY) / 60_000);
        assert_eq!((due(&old), due(&new)), (Some(15), Some(45)));
        let old = runtime
            .execute(old.id(), person("dora"), complete(task(&old, "triage"), "accept", Fields::new()))
            .expect("the old version goes on")
            .instance;
        assert_ne!(old.definition(), new.definition());
        let rows = runtime.store().definitions().expect("readable");
        let versions: Vec<(u32, u64)> = rows.iter().map(|row| (row.version, row.running)).collect();
        assert_eq!(versions, [(2, 1), (1, 1)]);
    });
}

#[test]
fn a_record_that_names_one_that_does_not_exist_is_refused() {
    over_both("references", |place| {
        let runtime = organisation_at(place, Arc::new(VirtualClock::at(MONDAY)));
        let first = runtime.start(report("low", "low")).expect("anna may report").instance;
        let second = runtime.start(report("low", "low")).expect("anna may report").instance;
        let duplicate = |of: &str| {
            let fields = Fields::from([(Name::from("duplicate_of"), Value::Ref(Name::from(of)))]);
            runtime.execute(second.id(), person("dora"), complete(task(&second, "triage"), "duplicate", fields))
        };
        assert!(matches!(duplicate("INC-1999-000001"), Err(ExecuteError::Rejected(Rejection::BadFields(_)))));
        assert!(matches!(duplicate(second.number()), Err(ExecuteError::Rejected(Rejection::BadFields(_)))));
        let done = duplicate(first.number()).expect("the first exists").instance;
        assert!(done.is_ended());
    });
}

#[test]
fn a_record_that_is_overdue_stays_so_in_the_inbox_after_its_clock_has_paused() {
    over_both("overdue", |place| {
        let clock = Arc::new(VirtualClock::at(MONDAY));
        let runtime = organisation_at(place, clock.clone());
        let instance = triaged(&runtime, "high");
        let breach = MONDAY.plus_ms(4 * HOUR_MS);
        runtime.advance(MONDAY.plus_ms(5 * HOUR_MS), &|instant| clock.set(instant)).expect("timers fire");
        let question = Fields::from([(Name::from("question"), Value::Text("Since when?".into()))]);
        let ask = complete(task(&instance, "resolve"), "ask_caller", question);
        let waiting = runtime.execute(instance.id(), person("nils"), ask).expect("nils may ask").instance;
        assert_eq!(waiting.clock_due(), None, "a clock that stands still is not due");
        let reply = Command::Message {
            message: Name::from("reply"),
            text: "Since this morning.".into(),
            fields: Fields::new(),
        };
        let back = runtime.execute(instance.id(), person("anna"), reply).expect("anna is asked").instance;
        assert_eq!(back.clock_due(), Some(breach));
        let principals = vec![engine::event::Principal::Team(Name::from("network"))];
        let query = store::InboxQuery {
            person: Name::from("nils"),
            principals,
            view: store::InboxView::Both,
            after: None,
            limit: 10,
        };
        let rows = runtime.store().inbox(&query).expect("the inbox is readable");
        assert_eq!(rows.iter().map(|row| row.due).collect::<Vec<_>>(), [Some(breach)]);
    });
}

#[test]
fn a_task_of_somebody_who_is_away_is_given_back_by_those_who_may_edit() {
    over_both("away", |place| {
        let runtime = organisation_at(place, Arc::new(VirtualClock::at(MONDAY)));
        let instance = triaged(&runtime, "low");
        let resolve = task(&instance, "resolve");
        runtime.execute(instance.id(), person("nils"), Command::Claim { task: resolve }).expect("nils may claim");
        let otto = runtime.execute(instance.id(), person("otto"), Command::Release { task: resolve });
        assert!(matches!(otto, Err(ExecuteError::Rejected(Rejection::TakenBy(_)))), "{otto:?}");
        let mona = runtime.execute(instance.id(), person("mona"), Command::Release { task: resolve });
        let freed = mona.expect("mona may edit").instance;
        assert_eq!(freed.task(resolve).and_then(|open| open.assignee.clone()), None);
    });
}
