//! What came while a record could not go on, what failed and is looked at, and jobs that another version asks otherwise.

use engine::command::Command;
use engine::definition::{Approval, Due, ERROR, Fill, Handled, Job, Parts, Quorum, Retries, StepKind, Until, Work};
use engine::event::{Actor, Event};
use engine::expr::Expr;
use engine::instance::{OpenJob, Status, Waits};
use engine::migration::Obstacle;
use engine::value::Value;

use crate::made::{
    act, ask, at, candidates, end, field_is, fields, go, name, now, outcome, person, process, role, set, started, step,
    text, working_hours,
};
use crate::migrations::Change;

fn hearing() -> Parts {
    process(vec![
        step("hear", None, Some("over"), StepKind::Signal { signal: name("all_clear") }),
        step("over", None, None, end("heard")),
    ])
}

#[test]
fn a_signal_that_comes_while_a_record_is_suspended_is_taken_when_it_goes_on() {
    let mut play = started(hearing(), &[]);
    let clear = || Command::Signal { signal: name("all_clear") };
    play.command(person("anna"), Command::Suspend { reason: "not now".into() }).expect("the desk edits it");
    play.command(Actor::System, clear()).expect("it is kept");
    assert_eq!(now(&play).tokens()[0].waits, Waits::Heard(name("all_clear")));
    assert!(matches!(now(&play).status(), Status::Suspended(_)), "and nothing moves");
    let before = play.played().len();
    play.command(Actor::System, clear()).expect("a second one finds nobody who waits");
    assert!(play.played()[before].events.is_empty());
    play.command(person("anna"), Command::Resume { reason: String::new() }).expect("the desk edits it");
    assert!(matches!(now(&play).status(), Status::Ended { outcome, .. } if outcome == "heard"));
    let history: Vec<&Event> = play.played().iter().flat_map(|played| &played.events).collect();
    let told = |event: &Event| matches!(event, Event::SignalReceived { .. });
    assert_eq!(history.into_iter().filter(|event| told(event)).count(), 1, "once");
}

fn scanning(with: &str, hours: u32) -> Parts {
    let job = Job {
        work: Work::Worker(name("scan")),
        with: vec![Fill { field: name("asked"), value: Expr::Field(name(with)) }],
        gives: Vec::new(),
        retries: Retries::default(),
        due: Some(Due { span: working_hours(hours), hours: None }),
        failed: None,
    };
    process(vec![step("scan", None, Some("over"), StepKind::Job(job)), step("over", None, None, end("done"))])
}

fn job(play: &engine::play::Play) -> OpenJob {
    now(play).jobs()[0].clone()
}

#[test]
fn a_job_has_the_inputs_and_the_deadline_of_the_version_that_its_record_follows() {
    let mut play = started(scanning("summary", 2), &[]);
    assert_eq!(job(&play).due, Some(at("2026-09-20 10:30")));
    play.advance_to(at("2026-09-18 17:45"));
    let change = Change::of(scanning("summary", 2), |parts| *parts = scanning("impact", 1));
    let after = change.apply(now(&play), play.now()).expect("nothing is in its way").instance;
    let held = &after.jobs()[0];
    assert_eq!(held.id, job(&play).id);
    assert_eq!(held.due, Some(at("2026-09-20 09:30")), "counted from when it was opened");
    assert_eq!(held.inputs, fields(&[("asked", Value::Choice(name("low")))]));
    let same = Change::of(scanning("summary", 2), |parts| parts.purpose = "told otherwise".into());
    assert_eq!(same.apply(now(&play), play.now()).expect("nothing is in its way").instance.jobs(), now(&play).jobs());
}

#[test]
fn a_server_that_was_asked_answers_to_what_it_was_asked() {
    let asked = |with: &str| {
        let mut parts = scanning(with, 2);
        if let StepKind::Job(job) = &mut parts.steps[0].kind {
            job.work = Work::Http { method: "POST".into(), url: "https://example.org".into() };
        }
        parts
    };
    let play = started(asked("summary"), &[]);
    let change = Change::of(asked("summary"), |parts| *parts = asked("impact"));
    let after = change.apply(now(&play), play.now()).expect("nothing is in its way").instance;
    assert_eq!(after.jobs()[0].inputs, fields(&[("asked", text("mail down"))]));
}

#[test]
fn an_approval_on_which_people_vote_keeps_its_terms_or_the_record_stays() {
    let consent = |levels: &[&str], needs| {
        let levels = levels.iter().map(|held| candidates(vec![role(held)])).collect();
        let outcomes = vec![outcome("approved", None), outcome("rejected", Some("over"))];
        let abstaining = engine::definition::Abstaining::Forbidden;
        let approval = Approval { levels, needs, abstaining, due: None, asks: Vec::new(), outcomes };
        process(vec![
            step("consent", None, Some("over"), StepKind::Approval(approval)),
            step("over", None, None, end("done")),
        ])
    };
    let old = || consent(&["desk"], Quorum::One);
    let play = started(old(), &[]);
    let obstacles = |new: Parts| {
        let change = Change::of(old(), |parts| *parts = new);
        match change.apply(now(&play), play.now()) {
            Err(engine::command::Rejection::CannotMigrate(obstacles)) => obstacles.into_iter().collect::<Vec<_>>(),
            Err(other) => panic!("{other}"),
            Ok(_) => Vec::new(),
        }
    };
    let other = [Obstacle::OtherVote { step: name("consent") }];
    assert_eq!(obstacles(consent(&["desk"], Quorum::All)), other, "another number");
    assert_eq!(obstacles(consent(&["desk", "manager"], Quorum::One)), other, "another level");
    assert_eq!(obstacles(consent(&["manager"], Quorum::One)), [], "other people are asked anew");
}

#[test]
fn on_error_sees_what_failed_and_where() {
    let error = |part: &str| Expr::Attribute(Box::new(Expr::Item(name(ERROR))), name(part));
    let failing = Expr::Attribute(Box::new(Expr::Field(name("service"))), name("owner"));
    let mut parts = process(vec![
        step("fails", None, Some("over"), act(vec![set("summary", failing)])),
        step("over", None, None, end("done")),
        step("on_error", None, None, StepKind::Handler { of: Handled::Error, first: name("note_it") }),
        step(
            "note_it",
            Some("on_error"),
            Some("away"),
            act(vec![set("note", error("message")), set("summary", error("step"))]),
        ),
        step("away", Some("on_error"), None, go("over")),
    ]);
    parts.start.asks.push(ask("note"));
    let play = started(parts, &[]);
    assert!(
        matches!(now(&play).status(), Status::Ended { outcome, .. } if outcome == "done"),
        "{:?}",
        now(&play).status()
    );
    assert_eq!(now(&play).fields().get("summary"), Some(&text("fails")));
    assert!(matches!(now(&play).fields().get("note"), Some(Value::Text(said)) if said.contains("service")));
}

#[test]
fn a_wait_or_a_job_of_another_kind_keeps_its_records_where_they_are() {
    let wait = |until: Until| {
        process(vec![
            step("pause", None, Some("over"), StepKind::Wait { until }),
            step("over", None, None, end("done")),
        ])
    };
    let ready = Until::Condition(field_is("impact", Value::Choice(name("high"))));
    let then = Until::Instant(Expr::Literal(Value::Instant(at("2026-12-01 09:00"))));
    let refused = |old: Parts, new: Parts| {
        let play = started(old.clone(), &[]);
        match Change::of(old, |parts| *parts = new).apply(now(&play), play.now()) {
            Err(engine::command::Rejection::CannotMigrate(obstacles)) => obstacles.into_iter().collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        }
    };
    let other = |step: &str| [Obstacle::OtherKind { step: name(step), is: name(step) }];
    assert_eq!(refused(wait(ready.clone()), wait(then.clone())), other("pause"));
    assert_eq!(refused(wait(then), wait(ready)), other("pause"));
    let mut asked = scanning("summary", 2);
    if let StepKind::Job(job) = &mut asked.steps[0].kind {
        job.work = Work::Http { method: "POST".into(), url: "https://example.org".into() };
    }
    assert_eq!(refused(scanning("summary", 2), asked.clone()), other("scan"));
    assert_eq!(refused(asked, scanning("summary", 2)), other("scan"));
}

pub fn consenting(hours: u32) -> Parts {
    let outcomes = ["approved", "rejected", "expired"].map(|held| outcome(held, Some("over")));
    let approval = Approval {
        levels: vec![candidates(vec![role("desk")]), candidates(vec![role("manager")])],
        needs: Quorum::One,
        abstaining: engine::definition::Abstaining::Forbidden,
        due: Some(Due { span: working_hours(hours), hours: None }),
        asks: Vec::new(),
        outcomes: outcomes.into(),
    };
    process(vec![
        step("consent", None, Some("over"), StepKind::Approval(approval)),
        step("over", None, None, end("done")),
    ])
}

#[test]
fn an_approval_counts_its_deadline_anew_from_when_its_first_level_opened() {
    let mut play = started(consenting(12), &[]);
    assert_eq!(now(&play).ballots()[0].due, Some(at("2026-09-21 11:30")));
    play.advance_to(at("2026-09-20 10:00"));
    let task = now(&play).tasks()[0].id;
    let vote = engine::ballot::Vote::Approved;
    let command = Command::Vote { task, vote, fields: Default::default(), reason: None };
    play.command(crate::made::person("anna"), command).expect("Anna is asked");
    let change = Change::of(consenting(12), |parts| *parts = consenting(2));
    let after = change.apply(now(&play), play.now()).expect("nothing is in its way").instance;
    assert_eq!(after.ballots()[0].due, Some(at("2026-09-20 10:30")));
    assert_eq!(after.tasks()[0].due, Some(at("2026-09-20 10:30")));
}
