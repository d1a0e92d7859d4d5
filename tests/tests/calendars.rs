//! Other data of a calendar reach every open record, in the background, once, and no closed one; on SQLite and on
//! PostgreSQL.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use engine::audience::Audience;
use engine::calendar::{Calendar, CalendarData, Exception};
use engine::command::Command;
use engine::directory::{Entry, SERVICE};
use engine::event::{Actor, Event};
use engine::ids::{InstanceId, Name};
use engine::instance::Instance;
use engine::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use engine::value::Value;
use runtime::{Runtime, VirtualClock};
use store::{BatchId, BatchRow, BatchState, Share, Store};
use tests::{administered_at, over_both, report};

/// 2026-09-21 13:33 in UTC.
const MONDAY: Timestamp = Timestamp(1_790_000_000_000 - 1_790_000_000_000 % MINUTE_MS);

fn key() -> Name {
    Name::from("24x7")
}

fn ada() -> Name {
    Name::from("ada")
}

/// Day and night, but for the Tuesday, which has become a holiday.
fn tuesday_off() -> CalendarData {
    CalendarData {
        exceptions: BTreeMap::from([("2026-09-22".to_owned(), Exception::Closed)]),
        known_until: Some("2026-12-31".into()),
        ..Calendar::around_the_clock().data().clone()
    }
}

fn loaded(runtime: &Runtime, id: InstanceId) -> Arc<Instance> {
    runtime.load(id).expect("readable").expect("there").instance
}

fn clock_due(instance: &Instance) -> Option<Timestamp> {
    instance.clock_due()
}

fn worked(runtime: &Runtime, batch: BatchId) -> BatchRow {
    while runtime.work_on_batch().expect("the store works") > 0 {}
    runtime.store().batch(batch).expect("readable").expect("it was ordered")
}

fn recounts(runtime: &Runtime, id: InstanceId) -> usize {
    let history = runtime.store().history(id).expect("readable");
    let facts = history.iter().flat_map(|entry| &entry.events);
    facts.filter(|event| matches!(event, Event::Recounted { .. })).count()
}

#[test]
fn a_holiday_that_is_loaded_moves_the_clocks_of_open_records_once_and_no_closed_record() {
    over_both("calendar-loaded", |place| {
        let clock = Arc::new(VirtualClock::at(MONDAY));
        let runtime = administered_at(place, clock.clone());
        let start = || runtime.start(report("low", "low")).expect("anna may report").instance;
        let (open, closed) = (start(), start());
        let cancel = Command::Cancel { reason: "a mistake".into() };
        let closed = runtime.execute(closed.id(), Actor::Person(ada()), cancel).expect("Ada may cancel").instance;
        let before = clock_due(&open).expect("an incident has a deadline");
        assert!(before > Timestamp(MONDAY.0 + 11 * HOUR_MS), "it lies behind the holiday's beginning");

        let batch = runtime.load_calendar(&key(), &tuesday_off(), &ada(), "State Council".into()).expect("Ada runs it");
        assert_eq!(runtime.work_on_batch().expect("the store works"), 0, "others may not have read the registers yet");
        clock.set(MONDAY.plus_ms(4_000));
        let row = worked(&runtime, batch);
        assert_eq!((row.state, row.done, row.refused), (BatchState::Done, 1, 0));
        assert_eq!(clock_due(&loaded(&runtime, open.id())), Some(before.plus_ms(DAY_MS)));
        assert_eq!(loaded(&runtime, closed.id()), closed, "a closed record never changes");

        // The same data once more: nothing to do, and no fact.
        let again = runtime.load_calendar(&key(), &tuesday_off(), &ada(), "once more".into()).expect("Ada runs it");
        clock.set(MONDAY.plus_ms(9_000));
        let row = worked(&runtime, again);
        assert_eq!((row.done, row.refused, recounts(&runtime, open.id())), (0, 1, 1));
        let mut findings = Vec::new();
        runtime
            .store()
            .check(&|id| runtime.definition(id).ok(), &mut |finding| findings.push(finding))
            .expect("readable");
        assert!(findings.is_empty(), "{findings:?}");
    });
}

#[test]
fn a_recount_is_taken_up_by_another_process_which_reads_the_registers_first() {
    over_both("calendar-other-process", |place| {
        let clock = Arc::new(VirtualClock::at(MONDAY));
        let importer = administered_at(place, clock.clone());
        let server = Runtime::open(Store::open(place).expect("a second process"), clock.clone()).expect("opens");
        let records: Vec<Arc<Instance>> =
            (0..150).map(|_| importer.start(report("low", "low")).expect("anna may report").instance).collect();
        let batch = importer.load_calendar(&key(), &tuesday_off(), &ada(), "notice".into()).expect("Ada runs it");
        assert!(
            server.directory().calendar(&key()).is_some_and(|held| held.data().exceptions.is_empty()),
            "not read yet"
        );
        clock.set(MONDAY.plus_ms(4_000));
        assert_eq!(importer.work_on_batch().expect("the store works"), 100, "a piece");
        drop(importer);
        clock.set(MONDAY.plus_ms(60_000));
        let row = worked(&server, batch);
        assert_eq!((row.state, row.done, row.refused), (BatchState::Done, 150, 0));
        for record in &records {
            assert_eq!(recounts(&server, record.id()), 1, "each once");
            assert!(clock_due(&loaded(&server, record.id())) > clock_due(record));
        }
    });
}

#[test]
fn a_process_hears_of_registers_that_another_has_changed() {
    over_both("calendar-registers", |place| {
        let clock = Arc::new(VirtualClock::at(MONDAY));
        let one = administered_at(place, clock.clone());
        let other = Runtime::open(Store::open(place).expect("a second process"), clock).expect("opens");
        assert!(!other.follow_registers().expect("readable"));
        one.store().put_calendar(&key(), &tuesday_off(), &ada(), MONDAY).expect("kept");
        assert!(other.follow_registers().expect("readable"));
        assert!(other.directory().calendar(&key()).is_some_and(|held| held.data().exceptions.len() == 1));
        assert!(!other.follow_registers().expect("readable"), "once is enough");
    });
}

/// Somebody sets the machine's clock back by a day between two commands.
#[test]
fn a_clock_that_is_stepped_backwards_turns_no_record_back() {
    over_both("calendar-backwards", |place| {
        let clock = Arc::new(VirtualClock::at(MONDAY));
        let runtime = administered_at(place, clock.clone());
        let record = runtime.start(report("high", "high")).expect("anna may report").instance;
        clock.set(MONDAY.plus_ms(HOUR_MS));
        let comment =
            |text: &str| Command::Comment { text: text.into(), audience: Audience::Public, tells: BTreeSet::new() };
        runtime.execute(record.id(), Actor::Person(Name::from("mona")), comment("one")).expect("taken");
        clock.set(MONDAY.plus_ms(-DAY_MS));
        let edit = Command::Edit {
            fields: [(Name::from("impact"), engine::value::Value::Choice(Name::from("low")))].into(),
            reason: "less than it seemed".into(),
        };
        let after =
            runtime.execute(record.id(), Actor::Person(Name::from("mona")), edit).expect("Mona may edit").instance;
        let run = after.clocks().first().expect("an incident has clocks");
        assert!(run.segments.iter().all(|segment| segment.from <= segment.to && segment.from >= MONDAY));
        let history = runtime.store().history(record.id()).expect("readable");
        assert!(history.is_sorted_by_key(|entry| entry.at), "no fact lies before the one that it follows");
        assert_eq!(history.last().map(|entry| entry.at), Some(MONDAY.plus_ms(HOUR_MS)));
        // Nothing fires before its time, and once the clock has caught up everything does.
        let wake = after.next_wake().expect("a clock has marks");
        assert!(wake > MONDAY.plus_ms(HOUR_MS));
        assert_eq!(runtime.store().due(&Share::Whole, runtime.now(), 10).expect("readable"), []);
    });
}

/// The service of the reports, on another agreement.
fn on_calendar(runtime: &Runtime, calendar: &str) -> Entry {
    let held = runtime.directory();
    let entry = held.entry(SERVICE, &Name::from("vpn")).expect("the service is there").clone();
    let mut fields = entry.fields;
    fields.insert(Name::from("calendar"), Value::Ref(Name::from(calendar)));
    Entry { fields, ..entry }
}

#[test]
fn another_agreement_of_a_service_gives_the_clocks_of_its_open_records_another_calendar() {
    over_both("agreement", |place| {
        let clock = Arc::new(VirtualClock::at(MONDAY));
        let runtime = administered_at(place, clock.clone());
        let open = runtime.start(report("low", "low")).expect("anna may report").instance;
        runtime.store().put_calendar(&Name::from("but_tuesday"), &tuesday_off(), &ada(), runtime.now()).expect("kept");
        runtime.reload_directory().expect("it reads");
        let before = clock_due(&open).expect("an incident has a deadline");
        let vpn = Name::from("vpn");
        let same = on_calendar(&runtime, "24x7");
        let order = |entry: &Entry| runtime::EntryOrder {
            changes: vec![store::EntryChange { register: Name::from(SERVICE), key: vpn.clone(), entry: entry.clone() }],
            under: None,
            reason: "another agreement".into(),
        };
        assert_eq!(runtime.change_entries(&order(&same), &ada()).expect("kept"), None, "nothing is another");
        let other = on_calendar(&runtime, "but_tuesday");
        let batch = runtime.change_entries(&order(&other), &ada()).expect("kept").expect("records look again");
        clock.set(MONDAY.plus_ms(4_000));
        let row = worked(&runtime, batch);
        assert_eq!((row.state, row.done, row.refused), (BatchState::Done, 1, 0));
        assert_eq!(clock_due(&loaded(&runtime, open.id())), Some(before.plus_ms(DAY_MS)));
    });
}
