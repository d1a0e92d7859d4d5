//! Orders to many records, on SQLite and on PostgreSQL: rehearsed, carried out in pieces, taken up after a restart,
//! reported, stopped, undone.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use engine::audience::Audience;
use engine::command::{Command, Rejection};
use engine::definition::Definition;
use engine::event::Actor;
use engine::ids::{DefinitionId, InstanceId, Name};
use engine::instance::{Instance, Status};
use engine::migration::{MigrationPlan, Obstacle};
use engine::time::{HOUR_MS, MINUTE_MS, Timestamp};
use engine::value::{Fields, Value};
use runtime::{
    BatchError, BatchOrder, Condition, Deed, ExecuteError, Foreseen, Rehearsed, Runtime, RuntimeError, Selection,
    StartOrder, VirtualClock, Why,
};
use store::{BatchId, BatchRow, BatchState, CaseFilter, CaseQuery, LineFilter, LineOutcome, Share, Store};
use tests::{administered_at, deploy, incident_source, over_both, report};

const MONDAY: Timestamp = Timestamp(1_790_000_000_000);

fn ada() -> Name {
    Name::from("ada")
}

fn started(runtime: &Runtime, count: usize) -> Vec<Arc<Instance>> {
    (0..count).map(|_| runtime.start(report("low", "low")).expect("anna may report").instance).collect()
}

fn all_open() -> Selection {
    Selection::Where {
        process: Some(Name::from("incident")),
        definition: None,
        condition: Condition::Open,
        step: None,
        newest: None,
    }
}

fn order(selection: Selection, deed: Deed) -> BatchOrder {
    BatchOrder { selection, deed, reason: "the network moves house".into() }
}

fn rehearsed(runtime: &Runtime, order: &BatchOrder) -> Vec<Rehearsed> {
    let mut told = Vec::new();
    let count =
        runtime.rehearse(order, &Actor::Person(ada()), &mut |one| told.push(one)).expect("the order can be rehearsed");
    assert_eq!(count, told.len() as u64);
    told
}

fn worked(runtime: &Runtime, batch: BatchId) -> BatchRow {
    while runtime.work_on_batch().expect("the store works") > 0 {}
    runtime.store().batch(batch).expect("readable").expect("it was ordered")
}

fn refusals(runtime: &Runtime, batch: BatchId) -> Vec<(InstanceId, Why)> {
    let lines = runtime.store().batch_lines(batch, LineFilter::Refused, None).expect("readable");
    let line = |line: store::BatchLine| match line.outcome {
        LineOutcome::Refused { why } => (line.instance, Why::of(&why)),
        LineOutcome::Done { .. } => panic!("the filter is for refusals"),
    };
    lines.into_iter().map(line).collect()
}

fn loaded(runtime: &Runtime, id: InstanceId) -> Arc<Instance> {
    runtime.load(id).expect("readable").expect("there").instance
}

fn sound(runtime: &Runtime) {
    let mut findings = Vec::new();
    let definitions = |id: &DefinitionId| runtime.definition(id).ok();
    runtime.store().check(&definitions, &mut |finding| findings.push(finding)).expect("the check runs");
    assert!(findings.is_empty(), "{findings:?}");
}

fn verbs(runtime: &Runtime, id: InstanceId) -> Vec<String> {
    runtime.store().history(id).expect("readable").into_iter().map(|entry| entry.command).collect()
}

#[test]
fn a_batch_goes_on_after_a_restart_and_does_nothing_twice() {
    over_both("batch-restart", |place| {
        let clock = Arc::new(VirtualClock::at(MONDAY));
        let runtime = administered_at(place, clock.clone());
        let records = started(&runtime, 250);
        let suspend = order(all_open(), Deed::Suspend);
        let foreseen = rehearsed(&runtime, &suspend);
        assert_eq!(foreseen.len(), 250);
        assert!(foreseen.iter().all(|one| matches!(&one.foreseen, Foreseen::Change(after)
        if matches!(after.status(), Status::Suspended(_)))));
        assert!(
            records.iter().all(|record| *loaded(&runtime, record.id()).status() == Status::Running),
            "only rehearsed"
        );
        let batch = runtime.order_batch(&suspend, &ada()).expect("Ada runs the installation");
        let late = runtime.start(report("low", "low")).expect("anna may report").instance;
        assert_eq!(runtime.work_on_batch().expect("the store works"), 100, "a piece at a time");
        let row = runtime.store().batch(batch).expect("readable").expect("there");
        assert_eq!((row.total, row.done, row.refused, row.state), (250, 100, 0, BatchState::Running));
        drop(runtime);

        let store = Store::open(place).expect("it opens again");
        let runtime = Runtime::open(store, clock.clone()).expect("it opens again");
        clock.set(MONDAY.plus_ms(HOUR_MS));
        let row = worked(&runtime, batch);
        assert_eq!((row.done, row.refused, row.state), (250, 0, BatchState::Done));
        for record in &records {
            assert_eq!(verbs(&runtime, record.id()), ["start", "suspend"]);
        }
        assert_eq!(*loaded(&runtime, late.id()).status(), Status::Running, "what came after the order is not meant");
        let suspended = CaseQuery { status: CaseFilter::Suspended, limit: 10, ..CaseQuery::default() };
        assert_eq!(runtime.store().cases(&suspended).expect("readable").len(), 10);
        sound(&runtime);
        let again = runtime.order_batch(&suspend, &ada()).expect("an order may be given twice");
        let row = worked(&runtime, again);
        assert_eq!((row.done, row.refused), (1, 250), "the second time only the late one is left to do");
        assert!(refusals(&runtime, again).iter().all(|(_, why)| *why == Why::Rejected(Rejection::Suspended)));
        let resume = runtime.order_batch(&order(all_open(), Deed::Resume), &ada()).expect("Ada may");
        assert_eq!(worked(&runtime, resume).done, 251);
        sound(&runtime);
    });
}

#[test]
fn what_fails_in_a_batch_is_reported_by_record_and_reason_and_holds_up_no_other() {
    over_both("batch-partial", |place| {
        let runtime = administered_at(place, Arc::new(VirtualClock::at(MONDAY)));
        let records = started(&runtime, 5);
        let held = &records[1];
        let suspend = Command::Suspend { reason: "a question is open".into() };
        runtime.execute(held.id(), Actor::Person(ada()), suspend).expect("Ada may");
        let moved = order(all_open(), Deed::Move { from: Name::from("triage"), to: Name::from("resolve") });
        let refused = |one: &Rehearsed| matches!(one.foreseen, Foreseen::Refusal(_));
        assert_eq!(rehearsed(&runtime, &moved).iter().filter(|one| refused(one)).count(), 1);
        let batch = runtime.order_batch(&moved, &ada()).expect("Ada may");
        let row = worked(&runtime, batch);
        assert_eq!((row.total, row.done, row.refused), (5, 4, 1));
        assert_eq!(refusals(&runtime, batch), [(held.id(), Why::Rejected(Rejection::Suspended))]);
        let tasks = loaded(&runtime, records[0].id());
        assert!(tasks.tasks().iter().any(|task| task.step == *"resolve"), "{tasks:?}");
        let standing = Selection::Where {
            process: Some(Name::from("incident")),
            definition: None,
            condition: Condition::Open,
            step: Some(Name::from("triage")),
            newest: None,
        };
        let cancel = order(standing, Deed::Cancel);
        assert_eq!(rehearsed(&runtime, &cancel).len(), 1, "only one stands there still");
        let mut silent = cancel.clone();
        silent.reason = " ".into();
        assert!(matches!(runtime.order_batch(&silent, &ada()), Err(BatchError::ReasonMissing)));
        let numbers = Selection::Numbers(vec![records[0].number().into(), "INC-1900-1".into()]);
        match runtime.order_batch(&order(numbers, Deed::Cancel), &ada()) {
            Err(BatchError::NoSuchRecords(unknown)) => assert_eq!(unknown, ["INC-1900-1"]),
            other => panic!("{other:?}"),
        }
        let otto = Name::from("otto");
        let batch = runtime.order_batch(&cancel, &otto).expect("an order is judged record by record");
        assert_eq!((worked(&runtime, batch).done, refusals(&runtime, batch).len()), (0, 1));
        assert_eq!(refusals(&runtime, batch)[0].1, Why::Rejected(Rejection::NotAllowed));
        sound(&runtime);
    });
}

#[test]
fn a_batch_that_is_stopped_goes_no_further_and_what_was_done_stays() {
    over_both("batch-stop", |place| {
        let runtime = administered_at(place, Arc::new(VirtualClock::at(MONDAY)));
        started(&runtime, 150);
        let batch = runtime.order_batch(&order(all_open(), Deed::Suspend), &ada()).expect("Ada may");
        runtime.work_on_batch().expect("the store works");
        assert!(runtime.stop_batch(batch).expect("the store works"));
        let row = worked(&runtime, batch);
        assert_eq!((row.done, row.state), (100, BatchState::Stopped));
        assert!(!runtime.stop_batch(batch).expect("the store works"), "it is stopped already");
    });
}

/// The incident process with another text in one place, and the plan from the one to the other.
fn changed(runtime: &Runtime, pairs: &[(&str, &str)]) -> (DefinitionId, MigrationPlan) {
    let text = pairs.iter().fold(incident_source().to_owned(), |text, (was, is)| {
        assert!(text.contains(was), "{was}");
        text.replacen(was, is, 1)
    });
    deploy(runtime, &text);
    let (from, to) = (DefinitionId::of_source(incident_source()), DefinitionId::of_source(&text));
    let (old, new) = (runtime.definition(&from).expect("there"), runtime.definition(&to).expect("there"));
    let plan = dsl::Plan::of(old.parts(), new.parts()).proposal(from, to.clone());
    (to, plan)
}

#[test]
fn a_migration_can_be_brought_back_but_for_what_people_worked_on_until_it_is_final() {
    over_both("batch-migrate", |place| {
        let clock = Arc::new(VirtualClock::at(MONDAY));
        let runtime = administered_at(place, clock.clone());
        let records = started(&runtime, 120);
        let (to, plan) = changed(&runtime, &[("due in 15 minutes", "due in 45 minutes")]);
        let old = plan.from.clone();
        let migrate = order(all_open(), Deed::Migrate { plan });
        assert!(rehearsed(&runtime, &migrate).iter().all(|one| matches!(one.foreseen, Foreseen::Change(_))));
        let batch = runtime.order_batch(&migrate, &ada()).expect("Ada may");
        assert!(
            matches!(runtime.undo_batch(batch, "no".into(), &ada()), Err(BatchError::CannotUndo)),
            "it is worked on"
        );
        let row = worked(&runtime, batch);
        assert_eq!((row.done, row.refused, row.state), (120, 0, BatchState::Done));
        let following = |definition: &DefinitionId| {
            let query = CaseQuery { definition: Some(definition.clone()), limit: 100, ..CaseQuery::default() };
            runtime.store().cases(&query).expect("readable").len()
        };
        assert_eq!((following(&old), following(&to)), (0, 100));
        sound(&runtime);

        let claimed = loaded(&runtime, records[7].id());
        let claim = Command::Claim { task: claimed.tasks()[0].id };
        runtime.execute(claimed.id(), Actor::Person(Name::from("dora")), claim).expect("dora may");
        let undo = runtime.undo_batch(batch, "the new due was a mistake".into(), &ada()).expect("it is not final");
        let row = worked(&runtime, undo);
        assert_eq!((row.done, row.refused), (119, 1));
        let dora = Why::WorkedOn { by: Name::from("dora"), at: MONDAY };
        assert_eq!(refusals(&runtime, undo), [(claimed.id(), dora)]);
        for record in records.iter().filter(|record| record.id() != claimed.id()) {
            assert_eq!(loaded(&runtime, record.id()), *record, "as if nothing had been");
        }
        assert_eq!(following(&to), 1);
        sound(&runtime);

        assert!(runtime.finalise_batch(batch).expect("the store works"));
        assert!(matches!(runtime.undo_batch(batch, "again".into(), &ada()), Err(BatchError::CannotUndo)));
    });
}

#[test]
fn what_cannot_stand_in_the_new_version_is_said_beforehand_and_left_where_it_is() {
    over_both("batch-obstacles", |place| {
        let runtime = administered_at(place, Arc::new(VirtualClock::at(MONDAY)));
        let records = started(&runtime, 3);
        let (_, mut plan) = changed(&runtime, &[("due in 15 minutes", "due in 45 minutes")]);
        plan.steps.remove(&Name::from("triage"));
        let migrate = order(all_open(), Deed::Migrate { plan: plan.clone() });
        let gone = Obstacle::StepGone { step: Name::from("triage") };
        for one in rehearsed(&runtime, &migrate) {
            let Foreseen::Refusal(Why::Rejected(Rejection::CannotMigrate(obstacles))) = one.foreseen else {
                panic!("{:?}", one.foreseen)
            };
            assert!(obstacles.contains(&gone), "{obstacles:?}");
        }
        let batch = runtime.order_batch(&migrate, &ada()).expect("Ada may");
        assert_eq!((worked(&runtime, batch).done, refusals(&runtime, batch).len()), (0, 3));
        assert!(records.iter().all(|record| loaded(&runtime, record.id()) == *record));
        plan.steps.insert(Name::from("nonsense"), Name::from("triage"));
        let wrong = order(all_open(), Deed::Migrate { plan });
        assert!(matches!(runtime.order_batch(&wrong, &ada()), Err(BatchError::PlanDoesNotFit(_))));
    });
}

#[test]
fn a_record_whose_definition_is_gone_is_refused_clearly_and_goes_on_when_it_is_back() {
    over_both("definition-gone", |place| {
        let runtime = administered_at(place, Arc::new(VirtualClock::at(MONDAY)));
        let (before, text) = orphan(&runtime);
        let (id, unknown) = (before.id(), before.definition().clone());
        let claim = Command::Claim { task: before.tasks()[0].id };
        let dora = Actor::Person(Name::from("dora"));
        match runtime.execute(id, dora.clone(), claim.clone()) {
            Err(ExecuteError::Broken(RuntimeError::NoSuchDefinition(missing))) => assert_eq!(missing, unknown),
            other => panic!("{other:?}"),
        }
        let named = Selection::Numbers(vec![before.number().into()]);
        let batch = runtime.order_batch(&order(named, Deed::Suspend), &ada()).expect("Ada may");
        assert_eq!(worked(&runtime, batch).refused, 1, "a batch goes round it");
        let [(_, Why::Unusable(said))] = &refusals(&runtime, batch)[..] else { panic!("one is refused") };
        assert_eq!(*said, format!("the definition {unknown} is not in the store"));
        assert_eq!(loaded(&runtime, id), before, "nothing is lost");
        deploy(&runtime, &text);
        runtime.execute(id, dora, claim).expect("the definition is back");
    });
}

/// A record that follows a version which nobody has deployed, as one that was removed; with the text of that version.
fn orphan(runtime: &Runtime) -> (Arc<Instance>, String) {
    let text = incident_source().replacen("due in 15 minutes", "due in 50 minutes", 1);
    let parts = dsl::compile_among(&text, processes::among()).expect("it has no problems").processes.remove(0).parts;
    let unknown = Definition::prepare(DefinitionId::of_source(&text), parts).expect("its rules compile");
    let (id, number) = runtime.new_record(&unknown, MONDAY).expect("it gets a number");
    let directory = runtime.directory();
    let actor = Actor::Person(Name::from("anna"));
    let world = engine::World {
        now: MONDAY,
        actor: &actor,
        directory: &directory,
        fresh: engine::ids::InstanceId(0),
        records: &engine::records::NoRecords,
    };
    let form = report("high", "high").fields;
    let begin = engine::command::Start { instance: id, number, on_behalf_of: None, fields: form, origin: None };
    let step = engine::start(&unknown, begin, &world).expect("the form is right");
    let commit = store::Commit::new(&unknown, None, step, MONDAY, &actor, "start");
    (runtime.store().commit(commit).expect("it is kept").instance, text)
}

#[test]
fn a_timer_of_a_record_whose_definition_is_gone_holds_up_no_other() {
    over_both("definition-gone-timer", |place| {
        let clock = Arc::new(VirtualClock::at(MONDAY));
        let runtime = administered_at(place, clock.clone());
        let sound_ones: Vec<Arc<Instance>> =
            [0, 1].map(|_| runtime.start(report("high", "high")).expect("anna may").instance).into();
        let (gone, text) = orphan(&runtime);
        let later = runtime.start(report("high", "high")).expect("anna may report").instance;
        let is_due = || {
            let due = runtime.store().due(&Share::Whole, runtime.now(), 100).expect("it reads");
            due.iter().any(|(id, _)| *id == gone.id())
        };
        clock.set(MONDAY.plus_ms(5 * HOUR_MS));
        assert!(is_due(), "its time has come");

        let mut left_alone = BTreeMap::new();
        assert_eq!(runtime.fire_due(&mut left_alone).expect("the store works"), 3, "every other fires");
        for record in sound_ones.iter().chain([&later]) {
            assert_eq!(verbs(&runtime, record.id()), ["start", "tick"]);
        }
        assert!(left_alone.keys().eq([&gone.id()]), "it is left alone for a while: {left_alone:?}");
        assert!(is_due() && loaded(&runtime, gone.id()) == gone, "it stays due, and as it was");
        assert_eq!(runtime.fire_due(&mut left_alone).expect("the store works"), 0, "and is not tried at once");

        deploy(&runtime, &text);
        assert_eq!(runtime.fire_due(&mut left_alone).expect("the store works"), 0, "nor as long as it is left alone");
        clock.set(MONDAY.plus_ms(5 * HOUR_MS + 2 * MINUTE_MS));
        assert_eq!(runtime.fire_due(&mut left_alone).expect("the store works"), 1, "it is back, and fires");
        assert!(verbs(&runtime, gone.id()) == ["start", "tick"] && !is_due());
        sound(&runtime);
    });
}

#[test]
fn a_clock_that_is_set_back_takes_no_record_back() {
    over_both("clock-back", |place| {
        let clock = Arc::new(VirtualClock::at(MONDAY));
        let runtime = administered_at(place, clock.clone());
        let record = runtime.start(report("low", "low")).expect("anna may report").instance;
        clock.set(MONDAY.plus_ms(-24 * HOUR_MS));
        let comment =
            || Command::Comment { text: "what time is it?".into(), audience: Audience::Public, tells: BTreeSet::new() };
        runtime.execute(record.id(), Actor::Person(Name::from("dora")), comment()).expect("dora may");
        drop(runtime);
        let store = Store::open(place).expect("it opens again");
        let runtime = Runtime::open(store, clock.clone()).expect("it opens again");
        runtime.execute(record.id(), Actor::Person(Name::from("dora")), comment()).expect("dora may");
        let suspend = order(Selection::Numbers(vec![record.number().into()]), Deed::Suspend);
        let batch = runtime.order_batch(&suspend, &ada()).expect("Ada may");
        assert_eq!(worked(&runtime, batch).done, 1);
        let history = runtime.store().history(record.id()).expect("readable");
        assert!(
            history.iter().all(|entry| entry.at == MONDAY),
            "{:?}",
            history.iter().map(|e| e.at).collect::<Vec<_>>()
        );
        sound(&runtime);
    });
}

#[test]
fn a_batch_is_worked_on_by_one_process_and_taken_over_when_that_one_is_gone() {
    over_both("batch-taken-over", |place| {
        let clock = Arc::new(VirtualClock::at(MONDAY));
        let one = administered_at(place, clock.clone());
        let records = started(&one, 250);
        let other = Runtime::open(Store::open(place).expect("a second opens"), clock.clone()).expect("it opens");
        let batch = one.order_batch(&order(all_open(), Deed::Suspend), &ada()).expect("Ada may");
        assert_eq!(one.work_on_batch().expect("the store works"), 100);
        assert_eq!(other.work_on_batch().expect("the store works"), 0, "somebody works on it");
        clock.set(MONDAY.plus_ms(20_000));
        assert_eq!(other.work_on_batch().expect("the store works"), 100, "it looks from the top and finds all done");
        assert_eq!(one.work_on_batch().expect("the store works"), 0, "now the other has it");
        let row = worked(&other, batch);
        assert_eq!((row.done, row.refused, row.state), (250, 0, BatchState::Done));
        assert!(records.iter().all(|record| verbs(&other, record.id()) == ["start", "suspend"]));
        sound(&other);
    });
}

#[test]
fn fields_of_many_records_are_changed_with_a_reason() {
    over_both("batch-edit", |place| {
        let runtime = administered_at(place, Arc::new(VirtualClock::at(MONDAY)));
        let records = started(&runtime, 3);
        let high = Value::Choice(Name::from("high"));
        let fields = Fields::from([(Name::from("impact"), high.clone())]);
        let numbers = Selection::Numbers(records[..2].iter().map(|record| record.number().to_owned()).collect());
        let edit = order(numbers, Deed::Edit { fields });
        let batch = runtime.order_batch(&edit, &ada()).expect("Ada may");
        assert_eq!(worked(&runtime, batch).done, 2);
        assert_eq!(loaded(&runtime, records[0].id()).fields().get("impact"), Some(&high));
        assert_ne!(loaded(&runtime, records[2].id()).fields().get("impact"), Some(&high));
        let retry = runtime.order_batch(&order(all_open(), Deed::Retry), &ada()).expect("Ada may");
        assert_eq!((worked(&runtime, retry).done, refusals(&runtime, retry).len()), (0, 3));
        assert!(refusals(&runtime, retry).iter().all(|(_, why)| *why == Why::Rejected(Rejection::NotStuck)));
        sound(&runtime);
    });
}

/// A worker scans something, then somebody looks.
const SCAN: &str = r#"process scan "Scan" zh "扫描" {
  clauses    iso2018 "8.3.4"
  owner      staff
  number     "SCN-{year}-{seq:6}"
  title      what
  seen by    anyone
  edited by  role staff
  roles { staff "Staff" zh "员工" }
  record {
    what    text max 200   "What"    zh "内容"
    answer  text optional  "Answer"  zh "答复"
  }
  start by anyone asks what
  job scan "Scan" zh "扫描" with { text: what }, gives answer, retries 0, no deadline
  task look "Look" zh "查看" for role staff { outcome done "Done" zh "完成" }
  end closed "Closed" zh "已关闭"
}
"#;

/// Five records whose scan has failed for good, of which the second is suspended besides.
fn five_stuck(runtime: &Runtime) -> Vec<Arc<Instance>> {
    let wu = Actor::Person(Name::from("wu"));
    let stuck = |nth: usize| {
        let fields = Fields::from([(Name::from("what"), Value::Text(format!("disk {nth}")))]);
        let order = StartOrder { process: Name::from("scan"), by: Name::from("anna"), on_behalf_of: None, fields };
        let begun = runtime.start(order).expect("anyone may start").instance;
        let job = begun.jobs()[0].id;
        let lease = Command::Lease { job, until: MONDAY.plus_ms(HOUR_MS) };
        runtime.execute(begun.id(), wu.clone(), lease).expect("wu is a worker");
        let fail = Command::Fail { job, problem: "it is dark".into(), retry_at: None };
        runtime.execute(begun.id(), wu.clone(), fail).expect("wu has it").instance
    };
    let records: Vec<Arc<Instance>> = (0..5).map(stuck).collect();
    assert!(records.iter().all(|record| matches!(record.status(), Status::Stuck(_))), "{records:?}");
    let suspend = Command::Suspend { reason: "a question is open".into() };
    runtime.execute(records[1].id(), Actor::Person(ada()), suspend).expect("Ada may");
    records
}

#[test]
fn stuck_records_are_tried_again_mended_passed_over_and_cancelled_but_for_what_is_suspended() {
    over_both("batch-repair", |place| {
        let runtime = administered_at(place, Arc::new(VirtualClock::at(MONDAY)));
        deploy(&runtime, SCAN);
        // What became of an order: (total, done, refused), and why each was refused.
        let told = |records: &[Arc<Instance>], deed: Deed| {
            let numbers = records.iter().map(|record| record.number().to_owned()).collect();
            let batch = runtime.order_batch(&order(Selection::Numbers(numbers), deed), &ada()).expect("Ada may");
            let row = worked(&runtime, batch);
            assert_eq!(row.state, BatchState::Done);
            ((row.total, row.done, row.refused), refusals(&runtime, batch))
        };
        let step = |record: &Instance| loaded(&runtime, record.id()).tokens().first().map(|held| held.step.to_string());
        let answer = Fields::from([(Name::from("answer"), Value::Text("clean".into()))]);
        for (deed, leads_to) in
            [(Deed::Retry, "job_scan_1"), (Deed::Mend { fields: answer }, "job_scan_1"), (Deed::Skip, "look")]
        {
            let records = five_stuck(&runtime);
            let suspended = vec![(records[1].id(), Why::Rejected(Rejection::Suspended))];
            assert_eq!(told(&records, deed.clone()), ((5, 4, 1), suspended), "{deed:?}");
            for record in &records {
                let now = loaded(&runtime, record.id());
                if record.id() == records[1].id() {
                    assert!(matches!(now.status(), Status::Suspended(_)), "{deed:?}: {now:?}");
                    assert_eq!(step(record).as_deref(), Some("job_scan_1"), "{deed:?} leaves it where it is");
                } else {
                    assert_eq!(*now.status(), Status::Running, "{deed:?}");
                    assert_eq!(step(record).as_deref(), Some(leads_to), "{deed:?}");
                }
                let mended = now.fields().get("answer").is_some_and(|value| *value == Value::Text("clean".into()));
                assert_eq!(mended, matches!(deed, Deed::Mend { .. }) && record.id() != records[1].id(), "{deed:?}");
            }
        }

        // What is suspended can be cancelled; the one that is over already cannot be twice.
        let records = five_stuck(&runtime);
        let cancel = Command::Cancel { reason: "nobody needs it".into() };
        runtime.execute(records[3].id(), Actor::Person(ada()), cancel).expect("Ada may");
        let ended = vec![(records[3].id(), Why::Rejected(Rejection::Ended))];
        assert_eq!(told(&records, Deed::Cancel), ((5, 4, 1), ended));
        assert!(records.iter().all(|record| loaded(&runtime, record.id()).is_ended()));
        sound(&runtime);
    });
}
