//! Who may do what: candidates, claims, separation of duty, overrides with a reason.

use engine::command::{Command, Rejection};
use engine::definition::{Ask, Field, Labels, Origin, Parts, Presence, Reason, Requirement, Task, Who};
use engine::event::{Actor, Event, Principal};
use engine::expr::Expr;
use engine::value::{FieldType, LIST_MAX, Misfit, Value};

use crate::made::{
    candidates, choice, chore, complete, complete_with, edit, ended, field_is, fields, history, literal, name, names,
    now, outcome, person, process, reference, role, started, step, task, task_at, text,
};

fn one_task(kind: engine::definition::StepKind) -> Parts {
    process(vec![step("work", None, Some("closed"), kind), step("closed", None, None, crate::made::end("closed"))])
}

#[test]
fn only_candidates_claim_and_only_the_holder_finishes() {
    let mut play = started(one_task(chore()), &[]);
    let task = task_at(&play, "work");
    assert_eq!(play.command(person("chen"), Command::Claim { task }).err(), Some(Rejection::NotForYou));
    assert_eq!(play.command(person("nobody"), Command::Claim { task }).err(), Some(Rejection::NotForYou));
    assert_eq!(play.command(Actor::System, Command::Claim { task }).err(), Some(Rejection::NotAllowed));
    play.command(person("anna"), Command::Claim { task }).expect("Anna is at the desk");
    let taken = Rejection::TakenBy(name("anna"));
    assert_eq!(play.command(person("bo"), Command::Claim { task }).err(), Some(taken.clone()));
    assert_eq!(complete(&mut play, "bo", "work", "done"), Err(taken));
    play.command(person("anna"), Command::Release { task }).expect("Anna holds it");
    assert_eq!(play.command(person("anna"), Command::Release { task }).err(), Some(Rejection::NotTaken));
    complete(&mut play, "bo", "work", "done").expect("nobody holds it now");
}

#[test]
fn whoever_asked_may_not_judge() {
    let mut whom = candidates(vec![Who::Anyone]);
    whom.not.push(Who::Requester);
    let mut play = started(one_task(task(whom, vec![outcome("done", None)])), &[]);
    assert_eq!(complete(&mut play, "erin", "work", "done"), Err(Rejection::DutiesSeparated));
    complete(&mut play, "anna", "work", "done").expect("Anna did not ask for it");
}

#[test]
fn whoever_did_the_work_may_not_review_it() {
    let mut reviewers = candidates(vec![role("desk")]);
    reviewers.not_who_did = names(&["work"]);
    let review = task(reviewers, vec![outcome("good", None)]);
    let mut play = started(
        process(vec![
            step("work", None, Some("review"), chore()),
            step("review", None, Some("closed"), review),
            step("closed", None, None, crate::made::end("closed")),
        ]),
        &[],
    );
    complete(&mut play, "anna", "work", "done").expect("Anna works");
    assert_eq!(complete(&mut play, "anna", "review", "good"), Err(Rejection::DutiesSeparated));
    complete(&mut play, "bo", "review", "good").expect("Bo reviews");
    assert_eq!(ended(&play).as_deref(), Some("closed"));
}

#[test]
fn an_override_needs_a_reason_and_holds_until_the_end() {
    let mut play = started(one_task(chore()), &[]);
    assert_eq!(now(&play).fields()["priority"], choice("p2"));
    let urgent = [("priority", choice("p1"))];
    assert_eq!(edit(&mut play, "anna", &urgent, "  "), Err(Rejection::ReasonMissing));
    assert_eq!(edit(&mut play, "erin", &urgent, "I say so"), Err(Rejection::NotAllowed));
    assert!(now(&play).overrides().is_empty());
    edit(&mut play, "anna", &urgent, "the minister waits").expect("Anna may edit");
    assert_eq!(now(&play).overrides()["priority"], "the minister waits");
    edit(&mut play, "anna", &[("impact", choice("high"))], "").expect("no reason is needed for a given field");
    edit(&mut play, "anna", &[("impact", choice("low"))], "").expect("no reason is needed for a given field");
    assert_eq!(now(&play).fields()["priority"], choice("p1"), "what was replaced by hand is not computed again");
}

#[test]
fn a_form_is_refused_as_a_whole_with_every_field_that_is_wrong() {
    let mut play = started(one_task(chore()), &[]);
    let before = now(&play).clone();
    let wrong = [
        ("impact", choice("huge")),
        ("service", reference("nonsense")),
        ("summary", text("")),
        ("nonsense", text("?")),
        ("note", Value::Bool(true)),
    ];
    let Err(Rejection::BadFields(found)) = edit(&mut play, "anna", &wrong, "") else {
        panic!("the form is wrong");
    };
    let of = |field: &str| found.iter().find(|(name, _)| *name == *field).map(|(_, misfit)| misfit.clone());
    assert_eq!(of("impact"), Some(Misfit::NotAChoice { allowed: names(&["high", "low"]) }));
    assert_eq!(of("service"), Some(Misfit::NoSuchEntry { register: name("service"), key: name("nonsense") }));
    assert_eq!(of("summary"), Some(Misfit::Missing));
    assert_eq!(of("nonsense"), Some(Misfit::NotAsked));
    assert_eq!(of("note"), Some(Misfit::WrongType));
    assert_eq!(*now(&play), before);
}

#[test]
fn a_table_is_refused_with_the_line_and_column_that_are_wrong() {
    let column = |text: &str, holds, presence| {
        Field::new(name(text), Labels::default(), holds, Origin::Given { default: None }, presence)
    };
    let columns = vec![
        column("item", FieldType::Text { max: 9 }, Presence::Required),
        column("service", FieldType::Ref(name("service")), Presence::Optional),
    ];
    let mut parts = one_task(chore());
    parts.fields.push(column("lines", FieldType::Rows(columns), Presence::Optional));
    let mut play = started(parts, &[]);
    let row = |entries: &[(&str, Value)]| Value::Row(fields(entries));
    let good = row(&[("item", text("disk")), ("service", reference("mail"))]);
    let long = Value::List(vec![good.clone(); LIST_MAX + 1]);
    let in_row = |line, column: &str, misfit| Misfit::InRow { line, column: name(column), misfit: Box::new(misfit) };
    let missing = Misfit::NoSuchEntry { register: name("service"), key: name("nonsense") };
    for (rows, misfit) in [
        (
            Value::List(vec![good.clone(), row(&[("item", text("0123456789"))])]),
            in_row(2, "item", Misfit::TooLong { limit: 9 }),
        ),
        (Value::List(vec![row(&[("service", reference("mail"))])]), in_row(1, "item", Misfit::Missing)),
        (Value::List(vec![row(&[("item", text("a")), ("maker", text("b"))])]), in_row(1, "maker", Misfit::NotAsked)),
        (
            Value::List(vec![row(&[("item", text("a")), ("service", reference("nonsense"))])]),
            in_row(1, "service", missing),
        ),
        (Value::List(vec![text("a")]), Misfit::WrongType),
        (good.clone(), Misfit::WrongType),
        (long, Misfit::TooMany { limit: LIST_MAX }),
    ] {
        let refused = edit(&mut play, "anna", &[("lines", rows)], "");
        assert_eq!(refused.err(), Some(Rejection::BadFields(vec![(name("lines"), misfit)])));
    }
    edit(&mut play, "anna", &[("lines", Value::List(vec![good; LIST_MAX]))], "").expect("so many may be");
}

#[test]
fn what_a_form_insists_on_is_judged_by_the_record_as_it_would_be() {
    let mut fix = outcome("fixed", None);
    let serious = field_is("priority", choice("p1"));
    fix.asks = vec![
        Ask { field: name("impact"), insists_when: None },
        Ask { field: name("note"), insists_when: Some(serious.clone()) },
    ];
    let mut play = started(one_task(task(candidates(vec![role("desk")]), vec![fix])), &[]);
    let raised = complete_with(&mut play, "anna", "work", "fixed", &[("impact", choice("high"))]);
    assert_eq!(raised, Err(Rejection::BadFields(vec![(name("note"), Misfit::Missing)])), "it would be a p1");
    complete_with(&mut play, "anna", "work", "fixed", &[("impact", choice("low"))]).expect("a p2 needs no note");
}

#[test]
fn a_condition_that_does_not_hold_and_a_reason_that_is_not_given_refuse_the_outcome() {
    let mut reject = outcome("reject", None);
    reject.reason = Reason::Asked;
    reject.requires = vec![Requirement {
        condition: field_is("impact", choice("low")),
        otherwise: Labels::new("too grave to reject", "影响过大,不能驳回"),
    }];
    let mut play = started(one_task(task(candidates(vec![role("desk")]), vec![reject])), &[("impact", choice("high"))]);
    let task = task_at(&play, "work");
    let reject = |reason: Option<&str>| Command::Complete {
        task,
        outcome: name("reject"),
        fields: Default::default(),
        reason: reason.map(str::to_owned),
    };
    assert_eq!(play.command(person("anna"), reject(None)).err(), Some(Rejection::ReasonMissing));
    assert_eq!(play.command(person("anna"), reject(Some(" \n"))).err(), Some(Rejection::ReasonMissing));
    let long = "长".repeat(engine::definition::REASON_MAX + 1);
    let too_long = Rejection::TextTooLong { limit: engine::definition::REASON_MAX };
    assert_eq!(play.command(person("anna"), reject(Some(&long))).err(), Some(too_long));
    let says = Labels::new("too grave to reject", "影响过大,不能驳回");
    let unmet = Rejection::Unmet(engine::command::Unmet { says, found: Vec::new() });
    assert_eq!(play.command(person("anna"), reject(Some("no"))).err(), Some(unmet));
    edit(&mut play, "anna", &[("impact", choice("low"))], "").expect("Anna may edit");
    play.command(person("anna"), reject(Some("no"))).expect("it is not grave any more");
}

#[test]
fn a_task_follows_the_team_that_the_record_names() {
    let of_team = candidates(vec![Who::Team(Expr::Field(name("team")))]);
    let work = engine::definition::StepKind::Task(Task {
        candidates: of_team,
        outcomes: vec![outcome("done", None)],
        ..Task::default()
    });
    let mut parts = one_task(work);
    let team = parts.fields.iter_mut().find(|field| field.name == *"team").expect("the record has a team");
    team.origin = engine::definition::Origin::Given { default: Some(literal(reference("mail_team"))) };
    let mut play = started(parts, &[]);
    let task = task_at(&play, "work");
    play.command(person("bo"), Command::Claim { task }).expect("Bo is of the mail team");
    edit(&mut play, "anna", &[("team", reference("net_team"))], "it is the network").expect("Anna may edit");
    let held = now(&play).task(task).expect("the task is open").clone();
    assert_eq!(held.candidates, [Principal::Team(name("net_team"))]);
    assert_eq!(held.assignee, None, "Bo is not of the net team");
    assert_eq!(complete(&mut play, "bo", "work", "done"), Err(Rejection::NotForYou));
    complete(&mut play, "chen", "work", "done").expect("Chen is of both");
    assert!(history(&play).iter().any(|event| matches!(event, Event::TaskReassigned { .. })));
}

#[test]
fn a_record_is_started_by_those_who_may_and_for_people_who_exist() {
    let mut parts = one_task(chore());
    parts.start.by = vec![role("desk")];
    let start = |by: &str, on_behalf_of: Option<&str>| {
        let directory = std::sync::Arc::new(crate::made::directory());
        let at = crate::made::at("2026-09-18 17:30");
        let mut play = engine::play::Play::new(crate::made::prepared(parts.clone()), directory, at);
        let mut order = crate::made::order(&[]);
        order.on_behalf_of = on_behalf_of.map(name);
        play.start(&name(by), order).map(|instance| instance.requester().to_string())
    };
    assert_eq!(start("erin", None), Err(Rejection::NotAllowed));
    assert_eq!(start("anna", Some("ghost")), Err(Rejection::NoSuchPerson(name("ghost"))));
    assert_eq!(start("anna", Some("erin")), Ok("erin".into()));
}
