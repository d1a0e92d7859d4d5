//! The operator's pages: one record by hand, orders to many; refusals, stale forms, forms sent twice.

mod desk;

use std::sync::Arc;

use desk::browser::Browser;
use desk::{Desk, staffed};
use engine::definition::{Action, Channel, Field, Labels, Origin, Presence, Step, StepKind, Who};
use engine::expr::Expr;
use engine::ids::{DefinitionId, Name};
use engine::instance::{Instance, Status};
use engine::value::{FieldType, Fields, Value};
use runtime::{BatchOrder, Deed, Selection};
use store::Deployment;

fn record(desk: &Desk, number: &str) -> (Arc<Instance>, u64) {
    let id = desk.runtime.store().instance_of_number(number).expect("readable").expect("there is one");
    let loaded = desk.runtime.load(id).expect("readable").expect("there is one");
    (loaded.instance, loaded.revision)
}

fn worked(desk: &Desk) {
    while desk.runtime.work_on_batch().expect("the store works") > 0 {}
}

/// The process with a step after triage that fails until the record names a second team.
fn failing(desk: &Desk) -> DefinitionId {
    let current = desk.runtime.current(&Name::from("incident")).expect("readable").expect("deployed");
    let mut parts = current.parts().clone();
    let optional = Origin::Given { default: None };
    let second = Labels::new("Second team", "第二处理组");
    let holds = FieldType::Ref(Name::from("team"));
    parts.fields.push(Field::new(Name::from("second_team"), second, holds, optional, Presence::Optional));
    let template = parts.templates[0].name.clone();
    let whom = vec![Who::Team(Expr::Field(Name::from("second_team")))];
    for step in &mut parts.steps {
        if let StepKind::Task(task) = &mut step.kind
            && step.name == *"triage"
        {
            task.outcomes.iter_mut().for_each(|outcome| outcome.to = Some(Name::from("tell")));
        }
    }
    parts.steps.push(Step {
        name: Name::from("tell"),
        labels: Labels::new("Tell the second team", "通知第二处理组"),
        scope: None,
        next: Some(Name::from("resolve")),
        kind: StepKind::Act { actions: vec![Action::Notify { whom, template, by: Channel::Inbox }] },
        line: 2,
        was: None,
    });
    let source = "process incident {\n  notify team second_team by news\n}\n".to_owned();
    let id = DefinitionId::of_source(&source);
    let (author, approver) = (Name::from("mei"), Name::from("root"));
    let (process, reason, change) = (Name::from("incident"), "a test".into(), Some("CHG-2".into()));
    let deployment = Deployment { process, id: id.clone(), source, parts, author, approver, reason, change };
    desk.runtime.deploy(&deployment).expect("the process is deployed");
    id
}

async fn stuck(desk: &Desk) -> String {
    let number = desk.report("dora", "No mail", "mail", ("high", "high"));
    let mut anna = Browser::of(desk, "anna").await;
    let form = [("outcome", "accept"), ("impact", "high"), ("urgency", "high"), ("team", "network")];
    let answer = anna.post(&desk.task(&number, "triage"), &form).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    assert!(matches!(record(desk, &number).0.status(), Status::Stuck(_)), "{:?}", record(desk, &number).0.status());
    number
}

#[actix_web::test]
async fn a_repair_shows_its_line_and_values_and_is_mended_in_one() {
    let desk = staffed();
    failing(&desk);
    let number = stuck(&desk).await;
    let mut root = Browser::of(&desk, "root").await;
    root.speak("en");
    for address in ["/admin/instances".to_owned(), format!("/admin/instances/{number}")] {
        let page = root.get(&address).await;
        for said in ["notify team second_team by news", "has no value", "Second team", "(empty)"] {
            assert!(page.body.contains(said), "{address}: {said}\n{}", page.body);
        }
    }
    let none = root.get("/admin/instances?process=parcel").await;
    assert!(!none.body.contains("second_team"), "another process has nothing to repair");
    let address = format!("/admin/instances/{number}");
    let shown = record(&desk, &number).1.to_string();
    let mend = |team: &'static str, shown: String| {
        [
            ("do", "mend".to_owned()),
            ("mend.second_team", team.to_owned()),
            ("reason", "missing".into()),
            ("_shown", shown),
        ]
    };
    let wrong = mend("nonsense", shown.clone());
    let wrong: Vec<(&str, &str)> = wrong.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = root.post(&address, &wrong).await;
    assert_eq!(answer.status, 422, "{}", answer.body);
    assert!(matches!(record(&desk, &number).0.status(), Status::Stuck(_)));
    let right = mend("network", shown);
    let right: Vec<(&str, &str)> = right.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(root.post(&address, &right).await.status, 303);
    assert_eq!(*record(&desk, &number).0.status(), Status::Running);
}

#[actix_web::test]
async fn a_form_that_was_overtaken_or_is_sent_twice_does_nothing() {
    let desk = staffed();
    let number = desk.report("dora", "No mail", "mail", ("high", "high"));
    let address = format!("/admin/instances/{number}");
    let mut root = Browser::of(&desk, "root").await;
    let (_, revision) = record(&desk, &number);
    let shown = revision.to_string();
    let form = [("do", "suspend"), ("reason", "the caller travels"), ("_shown", shown.as_str())];
    assert_eq!(root.post(&address, &[("do", "suspend"), ("_shown", &shown)]).await.status, 422, "no reason");
    assert_eq!(root.post(&address, &form).await.status, 303);
    assert!(matches!(record(&desk, &number).0.status(), Status::Suspended(_)));
    assert_eq!(root.post(&address, &form).await.status, 422, "sent twice");
    assert_eq!(record(&desk, &number).1, revision + 1, "nothing was done twice");
    let cancel = [("do", "cancel"), ("reason", "no"), ("_shown", shown.as_str())];
    assert_eq!(root.post(&address, &cancel).await.status, 422, "a page of yesterday");
    assert!(!record(&desk, &number).0.is_ended());
    let mut anna = Browser::of(&desk, "anna").await;
    assert!(!anna.get("/inbox").await.body.contains(&number), "a suspended record is in nobody's inbox");
    let page = root.get(&address).await.body;
    let shown = (revision + 1).to_string();
    assert!(page.contains("the caller travels") && page.contains(&format!("value=\"{shown}\"")), "{page}");
    assert_eq!(root.post(&address, &[("do", "resume"), ("_shown", &shown)]).await.status, 303);
    let token = format!("{}@triage", record(&desk, &number).0.tokens()[0].id.0);
    let shown = (revision + 2).to_string();
    let moved = [("do", "move"), ("token", token.as_str()), ("to", "resolve"), ("reason", "known"), ("_shown", &shown)];
    assert_eq!(root.post(&address, &moved).await.status, 303);
    assert!(record(&desk, &number).0.tasks().iter().any(|task| task.step == *"resolve"));
}

#[actix_web::test]
async fn an_order_to_many_is_rehearsed_given_once_and_reported() {
    let desk = staffed();
    let numbers: Vec<String> = (0..3).map(|_| desk.report("dora", "No mail", "mail", ("high", "high"))).collect();
    let mut root = Browser::of(&desk, "root").await;
    root.speak("en");
    let rehearsal = root.get("/admin/batches?verb=suspend&process=incident&status=open").await;
    assert!(rehearsal.body.contains("What would become of 3 records"), "{}", rehearsal.body);
    assert!(rehearsal.body.contains("suspended") && !rehearsal.body.contains("state stuck"), "{}", rehearsal.body);
    assert!(numbers.iter().all(|number| *record(&desk, number).0.status() == Status::Running));
    let newest = record(&desk, &numbers[2]).0.id().to_string();
    let form = [
        ("verb", "suspend"),
        ("process", "incident"),
        ("status", "open"),
        ("newest", newest.as_str()),
        ("reason", "a move"),
    ];
    assert_eq!(root.post("/admin/batches", &form[..4]).await.status, 422, "no reason");
    let answer = root.post("/admin/batches", &form).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let again = root.post("/admin/batches", &form).await;
    assert_eq!((again.status, &again.location), (303, &answer.location), "sent twice is ordered once");
    worked(&desk);
    assert!(numbers.iter().all(|number| matches!(record(&desk, number).0.status(), Status::Suspended(_))));
    let page = root.get(&answer.location).await.body;
    assert!(page.contains("3 of 3 changed, 0 left as they were"), "{page}");
    let move_without = root.get("/admin/batches?verb=move&process=incident").await;
    assert_eq!(move_without.status, 422);
    let mut otto = Browser::of(&desk, "otto").await;
    assert_eq!(otto.get(&answer.location).await.status, 200, "an auditor reads");
    assert_eq!(otto.post("/admin/batches", &form).await.status, 404, "and orders nothing");
}

#[actix_web::test]
async fn a_migration_is_ordered_brought_back_and_made_final_on_its_page() {
    let desk = staffed();
    let old = desk.runtime.current(&Name::from("incident")).expect("readable").expect("deployed").id().clone();
    let number = desk.report("dora", "No mail", "mail", ("high", "high"));
    let new = failing(&desk);
    let mut root = Browser::of(&desk, "root").await;
    root.speak("en");
    let form = [("verb", "migrate"), ("process", "incident"), ("version", "1"), ("to_version", "2")];
    assert_eq!(root.get("/admin/batches?verb=migrate&process=incident&version=1&to_version=7").await.status, 422);
    let page = root.get("/admin/batches?verb=migrate&process=incident&version=1&to_version=2").await.body;
    assert!(page.contains("What would become of 1 records"), "{page}");
    let ordered = root.post("/admin/batches", &[&form[..], &[("reason", "a new version")]].concat()).await;
    assert_eq!(ordered.status, 303, "{}", ordered.body);
    worked(&desk);
    assert_eq!(*record(&desk, &number).0.definition(), new);
    assert!(root.get(&format!("/records/{number}")).await.body.contains("Moved to version 2"));
    assert!(root.post(&ordered.location, &[("do", "undo")]).await.body.contains("please say why"));
    let undo = root.post(&ordered.location, &[("do", "undo"), ("reason", "a mistake")]).await;
    assert_eq!(undo.status, 303);
    worked(&desk);
    assert_eq!(*record(&desk, &number).0.definition(), old);
    assert_eq!(root.post(&ordered.location, &[("do", "finish")]).await.status, 303);
    let page = root.get(&ordered.location).await.body;
    assert!(page.contains("final") && !page.contains("value=\"undo\""), "{page}");
}

/// The second team that a stuck record lacks, put in by somebody who may edit it.
async fn put_right(desk: &Desk, number: &str) {
    let mut anna = Browser::of(desk, "anna").await;
    let edited = anna.post(&format!("/records/{number}/edit"), &[("edit.second_team", "network")]).await;
    assert_eq!(edited.status, 303, "{}", edited.body);
    assert!(matches!(record(desk, number).0.status(), Status::Stuck(_)), "it waits until it is tried again");
}

/// The steps at which tasks of a record are open.
fn open(desk: &Desk, number: &str) -> Vec<String> {
    record(desk, number).0.tasks().iter().map(|task| task.step.to_string()).collect()
}

#[actix_web::test]
async fn a_stuck_record_is_tried_again_on_its_page_and_goes_on_when_it_was_put_right() {
    let desk = staffed();
    failing(&desk);
    let (first, second) = (stuck(&desk).await, stuck(&desk).await);
    let mut root = Browser::of(&desk, "root").await;
    let address = format!("/admin/instances/{first}");
    let shown = root.get(&address).await.hidden("_shown");
    let retried = root.post(&address, &[("do", "retry"), ("_shown", &shown)]).await;
    assert_eq!(retried.status, 303, "{}", retried.body);
    assert!(root.get(&retried.location).await.body.contains("is still stuck"), "nothing was put right yet");
    put_right(&desk, &first).await;
    let shown = root.get(&address).await.hidden("_shown");
    let retried = root.post(&address, &[("do", "retry"), ("_shown", &shown)]).await;
    assert!(root.get(&retried.location).await.body.contains(&format!("Done: {first}")));
    assert_eq!((record(&desk, &first).0.status(), open(&desk, &first)), (&Status::Running, vec!["resolve".to_owned()]));

    // The same on the record's own page, and in the list.
    assert!(root.get(&format!("/records/{second}")).await.body.contains(&format!("/admin/instances/{second}/retry")));
    put_right(&desk, &second).await;
    let retried = root.post(&format!("/admin/instances/{second}/retry"), &[]).await;
    assert!(root.get(&retried.location).await.body.contains(&format!("{second} goes on")));
    assert_eq!(open(&desk, &second), ["resolve"]);
    let late = root.post(&format!("/admin/instances/{second}/retry"), &[]).await;
    assert_eq!((late.status, *record(&desk, &second).0.status() == Status::Running), (303, true));
}

#[actix_web::test]
async fn a_step_that_cannot_be_done_is_passed_over_with_a_reason_by_an_administrator() {
    let desk = staffed();
    failing(&desk);
    let number = stuck(&desk).await;
    let mut root = Browser::of(&desk, "root").await;
    let address = format!("/admin/instances/{number}");
    let shown = root.get(&address).await.hidden("_shown");
    let silent = root.post(&address, &[("do", "skip"), ("reason", " "), ("_shown", &shown)]).await;
    assert!(silent.status == 422 && silent.body.contains("please say why"), "{}", silent.body);
    let form = [("do", "skip"), ("reason", "there is no second team"), ("_shown", shown.as_str())];
    let mut anna = Browser::of(&desk, "anna").await;
    assert_eq!(anna.post(&address, &form).await.status, 404, "not hers");
    assert_eq!(root.post(&address, &form).await.status, 303);
    assert_eq!(
        (record(&desk, &number).0.status(), open(&desk, &number)),
        (&Status::Running, vec!["resolve".to_owned()])
    );
    assert!(root.get(&format!("/records/{number}")).await.body.contains("there is no second team"));
}

/// Orders something of many records on the page, works on it, and gives the page of what became of it.
async fn batch(desk: &Desk, root: &mut Browser, form: &[(&str, &str)]) -> String {
    let form = [form, &[("process", "incident"), ("reason", "the night shift")]].concat();
    let ordered = root.post("/admin/batches", &form).await;
    assert_eq!(ordered.status, 303, "{}", ordered.body);
    worked(desk);
    root.get(&ordered.location).await.body
}

#[actix_web::test]
async fn many_stuck_records_are_tried_again_mended_passed_over_and_cancelled_in_one_order_each() {
    let desk = staffed();
    failing(&desk);
    let mut numbers = Vec::new();
    for _ in 0..5 {
        numbers.push(stuck(&desk).await);
    }
    let mut root = Browser::of(&desk, "root").await;
    put_right(&desk, &numbers[0]).await;
    let page = batch(&desk, &mut root, &[("verb", "retry"), ("status", "stuck"), ("numbers", &numbers[0])]).await;
    assert!(page.contains("1 of 1 changed, 0 left as they were"), "{page}");
    assert_eq!(open(&desk, &numbers[0]), ["resolve"]);

    let fields = Fields::from([(Name::from("second_team"), Value::Ref(Name::from("network")))]);
    let order = BatchOrder {
        selection: Selection::Numbers(vec![numbers[1].clone()]),
        deed: Deed::Mend { fields },
        reason: "the night shift".into(),
    };
    let mended = desk.runtime.order_batch(&order, &Name::from("root")).expect("root runs the desk");
    worked(&desk);
    let page = root.get(&format!("/admin/batches/{}", mended.0)).await.body;
    assert!(page.contains("1 of 1 changed, 0 left as they were"), "{page}");
    assert_eq!(open(&desk, &numbers[1]), ["resolve"]);

    let two = format!("{}, {}", numbers[2], numbers[3]);
    let page = batch(&desk, &mut root, &[("verb", "skip"), ("numbers", &two)]).await;
    assert!(page.contains("2 of 2 changed, 0 left as they were"), "{page}");
    assert_eq!((open(&desk, &numbers[2]), open(&desk, &numbers[3])), (vec!["resolve".into()], vec!["resolve".into()]));

    // What is open, the stuck one among them, is cancelled; one that is over already is none of them.
    let page = batch(&desk, &mut root, &[("verb", "cancel"), ("status", "stuck")]).await;
    assert!(page.contains("1 of 1 changed, 0 left as they were"), "{page}");
    let page = batch(&desk, &mut root, &[("verb", "cancel"), ("status", "open")]).await;
    assert!(page.contains("4 of 4 changed, 0 left as they were"), "{page}");
    for number in &numbers {
        let (held, _) = record(&desk, number);
        assert!(held.is_ended() && held.tasks().is_empty(), "{number}: {held:?}");
        assert!(root.get(&format!("/records/{number}")).await.body.contains("the night shift"), "{number} says why");
    }
}
