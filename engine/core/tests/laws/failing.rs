//! What fails leaves everything else as it was: other branches go on, what was done is not done again, and the step that is
//! named is the one that failed.

use engine::command::Command;
use engine::definition::{
    Action, Begin, ForEach, Handled, Labels, Pace, Parts, Presence, Reaction, StepKind, Until, Who,
};
use engine::effect::Effect;
use engine::event::{Actor, Repair};
use engine::expr::Expr;
use engine::instance::{Status, Waits};
use engine::play::Play;
use engine::value::{FieldType, Value};

use crate::made::{
    act, ask, at, candidates, choice, chore, complete, edit, end, ended, entered, field_is, given, go, literal, name,
    names, notify, now, outcome, places, process, race, reference, role, set, started, step, task, text,
};

fn stuck(play: &Play) -> &Repair {
    match now(play).status() {
        Status::Stuck(repair) => repair,
        other => panic!("the record is not stuck but {other:?}"),
    }
}

fn retry(play: &mut Play) {
    play.command(Actor::System, Command::Retry).expect("a stuck record may try again");
}

fn team() -> Expr {
    Expr::Field(name("team"))
}

/// Fails until the record names a team.
fn tell_the_team() -> Action {
    notify(Who::Team(team()))
}

fn name_the_team(play: &mut Play) {
    edit(play, "anna", &[("team", reference("mail_team"))], "it was missing").expect("a stuck record can be mended");
}

fn begins() -> Action {
    Action::Start(Begin { process: name("other"), with: Vec::new(), links: Vec::new() })
}

fn begun(play: &Play) -> usize {
    let effects = play.played().iter().flat_map(|played| &played.effects);
    effects.filter(|effect| matches!(effect, Effect::Begin(_))).count()
}

/// The service's support team, which the fax does not have.
fn support() -> Expr {
    Expr::Attribute(Box::new(Expr::Field(name("service"))), name("support_team"))
}

fn people(who: &[&str]) -> Value {
    Value::List(who.iter().map(|who| reference(who)).collect())
}

/// A round for each of the people, whose team is told before its task is there.
fn rounds() -> Parts {
    let each = ForEach {
        item: name("helper"),
        list: Expr::Field(name("people")),
        pace: Pace::AtOnce,
        until: None,
        first: name("ready"),
    };
    let helper = candidates(vec![Who::Person(Expr::Item(name("helper")))]);
    let waits = field_is("note", text("go"));
    let mut parts = process(vec![
        step("each", None, Some("closed"), StepKind::ForEach(each)),
        step("ready", Some("each"), Some("help"), act(vec![tell_the_team()])),
        step("help", Some("each"), None, task(helper, vec![outcome("done", None)])),
        step("closed", None, None, end("closed")),
        step("unused", None, Some("closed"), StepKind::Wait { until: Until::Condition(waits) }),
    ]);
    parts.start.asks.extend([crate::made::ask("people"), crate::made::ask("team")]);
    parts.edited_by = vec![Who::Anyone];
    parts
}

#[test]
fn a_round_that_fails_leaves_the_others_as_they_are_and_alone_is_done_again() {
    let mut play = started(rounds(), &[("people", people(&["anna"])), ("team", reference("mail_team"))]);
    assert_eq!(places(&play), ["each", "help"]);
    edit(&mut play, "bo", &[("people", people(&["anna", "chen"])), ("team", Value::Nothing)], "Chen helps too")
        .expect("anybody edits");
    assert_eq!(stuck(&play).step, name("ready"));
    assert_eq!(places(&play), ["each", "help", "ready"], "Anna's round is as it was");
    name_the_team(&mut play);
    retry(&mut play);
    assert_eq!(places(&play), ["each", "help", "help"]);
    assert_eq!(entered(&play)["help"], 2, "Anna's task was opened once");
    complete(&mut play, "anna", "help", "done").expect("Anna's is first");
    complete(&mut play, "chen", "help", "done").expect("Chen's is left");
    assert_eq!(ended(&play).as_deref(), Some("closed"));
}

#[test]
fn a_branch_that_fails_leaves_the_others_as_they_are() {
    let branch = |first: &str| engine::definition::Branch { when: None, first: name(first) };
    let both = StepKind::Together {
        branches: vec![branch("begin"), branch("tell"), branch("work")],
        needs: engine::definition::Needs::All,
        rest: engine::definition::Rest::Cancelled,
    };
    let mut play = started(
        process(vec![
            step("both", None, Some("closed"), both),
            step("begin", Some("both"), None, act(vec![begins()])),
            step("tell", Some("both"), None, act(vec![tell_the_team()])),
            step("work", Some("both"), None, chore()),
            step("closed", None, None, end("closed")),
        ]),
        &[],
    );
    assert_eq!(places(&play), ["both", "tell", "work"]);
    name_the_team(&mut play);
    retry(&mut play);
    assert_eq!(places(&play), ["both", "work"]);
    assert_eq!(begun(&play), 1, "what was done is not done again");
    complete(&mut play, "anna", "work", "done").expect("the record goes on");
    assert_eq!(ended(&play).as_deref(), Some("closed"));
}

#[test]
fn actions_that_fail_half_way_have_not_happened() {
    let mut play = started(
        process(vec![
            step("do", None, Some("work"), act(vec![begins(), set("note", literal(text("begun"))), tell_the_team()])),
            step("work", None, None, chore()),
        ]),
        &[],
    );
    assert_eq!(stuck(&play).step, name("do"));
    assert_eq!((begun(&play), now(&play).fields().get("note")), (0, None));
    name_the_team(&mut play);
    retry(&mut play);
    assert_eq!((begun(&play), now(&play).fields().get("note")), (1, Some(&text("begun"))));
    assert_eq!(places(&play), ["work"]);
}

#[test]
fn a_reaction_whose_condition_cannot_be_computed_waits_until_it_comes_true_and_then_happens_once() {
    let mut parts = process(vec![step("work", None, None, chore())]);
    let is_mail = Expr::Binary {
        operator: engine::expr::Operator::Is,
        left: Box::new(support()),
        right: Box::new(literal(reference("mail_team"))),
    };
    parts.reactions.push(Reaction { becomes: is_mail, actions: vec![begins()] });
    let mut play = started(parts, &[("service", reference("fax"))]);
    stuck(&play);
    retry(&mut play);
    stuck(&play);
    assert_eq!(begun(&play), 0, "nothing has come true");
    edit(&mut play, "anna", &[("service", reference("mail"))], "it was the mail").expect("Anna edits");
    retry(&mut play);
    assert_eq!(*now(&play).status(), Status::Running);
    assert_eq!(begun(&play), 1);
}

fn handled(kind: StepKind) -> Parts {
    process(vec![
        step("work", None, Some("fails"), chore()),
        step("fails", None, Some("closed"), kind),
        step("closed", None, None, end("closed")),
        step("on_error", None, None, StepKind::Handler { of: Handled::Error, first: name("look") }),
        step("look", Some("on_error"), Some("away"), chore()),
        step("away", Some("on_error"), None, go("closed")),
    ])
}

#[test]
fn on_error_handles_a_wait_that_cannot_be_computed() {
    let names_mail = Expr::Binary {
        operator: engine::expr::Operator::Is,
        left: Box::new(support()),
        right: Box::new(literal(reference("mail_team"))),
    };
    let mut play = started(
        handled(StepKind::Wait { until: Until::Condition(names_mail) }),
        &[("service", Value::Nothing), ("impact", choice("low"))],
    );
    complete(&mut play, "anna", "work", "done").expect("the work is done");
    assert_eq!(places(&play), ["fails", "on_error", "look"], "{:?}", now(&play).status());
    assert_eq!(*now(&play).status(), Status::Running);
    complete(&mut play, "anna", "look", "done").expect("somebody has looked");
    assert_eq!(ended(&play).as_deref(), Some("closed"));
}

#[test]
fn on_error_handles_a_wait_that_cannot_be_computed_any_more() {
    let names_net = Expr::Binary {
        operator: engine::expr::Operator::Is,
        left: Box::new(support()),
        right: Box::new(literal(reference("net_team"))),
    };
    let kind = StepKind::Wait { until: Until::Condition(names_net) };
    let mut play = started(handled(kind), &[("service", reference("mail"))]);
    complete(&mut play, "anna", "work", "done").expect("the work is done");
    assert_eq!(places(&play), ["fails"]);
    edit(&mut play, "anna", &[("service", reference("fax"))], "it is the fax").expect("Anna edits");
    assert_eq!(places(&play), ["fails", "on_error", "look"]);
    assert_eq!(*now(&play).status(), Status::Running);
    assert_eq!(now(&play).caught().map(|repair| repair.step.clone()), Some(name("fails")));
    complete(&mut play, "anna", "look", "done").expect("somebody has looked");
    assert_eq!(ended(&play).as_deref(), Some("closed"));
}

#[test]
fn the_step_that_is_named_is_the_one_that_failed() {
    let names_net = Expr::Binary {
        operator: engine::expr::Operator::Is,
        left: Box::new(support()),
        right: Box::new(literal(reference("net_team"))),
    };
    let branch = |first: &str| engine::definition::Branch { when: None, first: name(first) };
    let both = StepKind::Together {
        branches: vec![branch("work"), branch("fails")],
        needs: engine::definition::Needs::All,
        rest: engine::definition::Rest::Cancelled,
    };
    let mut play = started(
        process(vec![
            step("both", None, Some("closed"), both),
            step("work", Some("both"), None, chore()),
            step("fails", Some("both"), None, StepKind::Wait { until: Until::Condition(names_net) }),
            step("closed", None, None, end("closed")),
        ]),
        &[("service", reference("mail"))],
    );
    edit(&mut play, "anna", &[("service", reference("fax"))], "it is the fax").expect("Anna edits");
    assert_eq!((stuck(&play).step.as_str(), stuck(&play).line), ("fails", 12));
}

#[test]
fn a_stuck_record_does_not_move_although_what_it_waits_for_has_come_true() {
    let branch = |first: &str| engine::definition::Branch { when: None, first: name(first) };
    let both = StepKind::Together {
        branches: vec![branch("tell"), branch("wait")],
        needs: engine::definition::Needs::All,
        rest: engine::definition::Rest::Cancelled,
    };
    let waits = field_is("impact", choice("high"));
    let mut play = started(
        process(vec![
            step("both", None, Some("closed"), both),
            step("tell", Some("both"), None, act(vec![tell_the_team()])),
            step("wait", Some("both"), Some("begin"), StepKind::Wait { until: Until::Condition(waits) }),
            step("begin", Some("both"), None, act(vec![begins()])),
            step("closed", None, None, end("closed")),
        ]),
        &[],
    );
    stuck(&play);
    edit(&mut play, "anna", &[("impact", choice("high"))], "it is").expect("Anna edits");
    assert_eq!((begun(&play), places(&play)), (0, vec!["both".into(), "tell".into(), "wait".into()]));
    name_the_team(&mut play);
    retry(&mut play);
    assert_eq!((begun(&play), ended(&play).as_deref()), (1, Some("closed")));
}

#[test]
fn the_end_of_a_round_that_cannot_be_judged_is_judged_again_and_the_round_is_not() {
    let each = ForEach {
        item: name("helper"),
        list: Expr::Field(name("people")),
        pace: Pace::InTurn,
        until: Some(Expr::Binary {
            operator: engine::expr::Operator::Is,
            left: Box::new(support()),
            right: Box::new(literal(reference("mail_team"))),
        }),
        first: name("help"),
    };
    let mut parts = process(vec![
        step("each", None, Some("closed"), StepKind::ForEach(each)),
        step("help", Some("each"), None, chore()),
        step("closed", None, None, end("closed")),
    ]);
    parts.start.asks.push(crate::made::ask("people"));
    let mut play = started(parts, &[("people", people(&["anna", "bo"])), ("service", reference("fax"))]);
    complete(&mut play, "anna", "help", "done").expect("it is done");
    assert_eq!(stuck(&play).step, name("help"));
    edit(&mut play, "anna", &[("service", reference("mail"))], "it was the mail").expect("Anna edits");
    retry(&mut play);
    assert_eq!(ended(&play).as_deref(), Some("closed"), "{:?}", places(&play));
    assert_eq!(entered(&play)["help"], 1);
}

#[test]
fn what_fails_while_a_record_is_cancelled_does_not_bring_it_back() {
    let mut parts = handled(go("closed"));
    parts.steps.extend([
        step("on_cancel", None, None, StepKind::Handler { of: Handled::Cancel, first: name("tell") }),
        step("tell", Some("on_cancel"), None, act(vec![tell_the_team()])),
    ]);
    let mut play = started(parts, &[]);
    let cancel = Command::Cancel { reason: "not needed".into() };
    play.command(Actor::System, cancel).expect("it can be cancelled");
    assert_eq!(stuck(&play).step, name("tell"));
    assert_eq!(places(&play), ["on_cancel", "tell"]);
    name_the_team(&mut play);
    retry(&mut play);
    assert_eq!(ended(&play).as_deref(), Some("cancelled"));
}

#[test]
fn a_message_goes_to_the_step_that_waits_for_it_from_this_sender() {
    let from = |who: &str| StepKind::Receive { message: name("word"), from: vec![role(who)], asks: Vec::new() };
    let mut play = started(
        process(vec![
            step("both", None, Some("closed"), race(&["desk", "lead"])),
            step("desk", Some("both"), None, from("desk")),
            step("lead", Some("both"), Some("led"), from("manager")),
            step("led", Some("both"), Some("end_led"), act(vec![set("note", literal(text("led")))])),
            step("end_led", Some("both"), None, end("led")),
            step("closed", None, None, end("closed")),
        ]),
        &[],
    );
    crate::made::send(&mut play, "dora", "word").expect("a step waits for Dora's word");
    assert_eq!(ended(&play).as_deref(), Some("led"));
}

#[test]
fn a_notice_shows_what_the_record_says_and_no_holes() {
    let mut parts = process(vec![
        step("tell", None, Some("work"), act(vec![notify(role("desk"))])),
        step("work", None, None, chore()),
    ]);
    parts.templates[0].text = Labels::new("{number}: {summary} [{note}]", "{summary}【{note}】");
    let play = started(parts, &[("summary", text("see {number}"))]);
    let told = play.played().iter().flat_map(|played| &played.effects).find_map(|effect| match effect {
        Effect::Notify { text, .. } => Some(text.clone()),
        _ => None,
    });
    let told = told.expect("the desk was told");
    assert_eq!((told.en.as_str(), told.zh.as_str()), ("S-2026-000007: see {number} [—]", "see {number}【—】"));
}

#[test]
fn what_somebody_starts_is_asked_for_by_who_starts_it_and_what_is_called_by_who_asked_for_the_caller() {
    let other = Begin { process: name("other"), with: Vec::new(), links: Vec::new() };
    let steps = [("start", act(vec![begins()]), "anna"), ("call", StepKind::Call(other), "erin")];
    for (next, kind, wanted) in steps {
        let mut play = started(
            process(vec![
                step("work", None, Some(next), chore()),
                step(next, None, Some("closed"), kind),
                step("closed", None, None, end("closed")),
            ]),
            &[],
        );
        complete(&mut play, "anna", "work", "done").expect("Anna may");
        let asked = play.played().iter().flat_map(|played| &played.effects).find_map(|effect| match effect {
            Effect::Begin(begun) => Some(begun.requester.to_string()),
            _ => None,
        });
        assert_eq!(asked.as_deref(), Some(wanted), "{next}");
    }
}

#[test]
fn a_notice_says_values_as_people_read_them() {
    let mut parts = process(vec![
        step("tell", None, Some("work"), act(vec![notify(role("desk"))])),
        step("work", None, None, chore()),
    ]);
    for (field, holds) in [
        ("opens", FieldType::Instant),
        ("takes", FieldType::Duration),
        ("urgent", FieldType::Bool),
        ("reaches", FieldType::Many(Box::new(FieldType::Ref(name("service"))))),
    ] {
        parts.fields.push(given(field, holds, Presence::Optional, None));
        parts.start.asks.push(ask(field));
    }
    let holes = "{opens} / {takes} / {urgent} / {reaches}";
    parts.templates[0].text = Labels::new(holes, holes);
    let play = started(
        parts,
        &[
            ("opens", Value::Instant(at("2026-09-18 22:00"))),
            ("takes", Value::Duration(90 * 60_000)),
            ("urgent", Value::Bool(true)),
            ("reaches", Value::List(vec![reference("mail"), reference("fax")])),
        ],
    );
    let told = play.played().iter().flat_map(|played| &played.effects).find_map(|effect| match effect {
        Effect::Notify { text, .. } => Some(text.clone()),
        _ => None,
    });
    let told = told.expect("the desk was told");
    assert_eq!(told.en, "2026-09-18 22:00 (UTC+8) / 1 h 30 min / yes / mail, fax");
    assert_eq!(told.zh, "2026-09-18 22:00 (UTC+8) / 1 小时 30 分钟 / 是 / mail、fax");
}

#[test]
fn a_clock_that_a_retry_brings_to_its_end_has_passed_what_it_passed() {
    let mut parts = process(vec![
        step("tell", None, Some("done"), act(vec![tell_the_team()])),
        step("done", None, Some("closed"), StepKind::Milestone),
        step("closed", None, None, end("closed")),
    ]);
    parts.clocks.push(crate::made::clock("done", &[], &[]));
    let mut play = started(parts, &[("impact", choice("high"))]);
    name_the_team(&mut play);
    let wakes_late = at("2026-09-25 12:00");
    let (definition, record) = (play.definition().clone(), now(&play).clone());
    let world = engine::World {
        now: wakes_late,
        actor: &Actor::System,
        directory: &play.directory().clone(),
        fresh: crate::made::FRESH,
        records: &engine::records::NoRecords,
    };
    let stepped = engine::step(&definition, &record, Command::Retry, &world).expect("it is mended");
    assert!(stepped.instance.is_ended());
    assert!(stepped.instance.clocks()[0].breached.is_some(), "{:?}", stepped.instance.clocks());
}

#[test]
fn whoever_did_a_step_is_kept_from_what_is_not_for_them_however_often_it_was_done() {
    let mut reviewers = candidates(vec![role("desk")]);
    reviewers.not_who_did = names(&["work"]);
    let outcomes = vec![outcome("good", None), outcome("again", Some("work"))];
    let mut play = started(
        process(vec![
            step("work", None, Some("review"), chore()),
            step("review", None, Some("check"), task(candidates(vec![role("manager")]), outcomes)),
            step("check", None, Some("closed"), task(reviewers, vec![outcome("good", None)])),
            step("closed", None, None, end("closed")),
        ]),
        &[],
    );
    complete(&mut play, "anna", "work", "done").expect("Anna works first");
    complete(&mut play, "dora", "review", "again").expect("Dora is not content");
    complete(&mut play, "bo", "work", "done").expect("Bo works next");
    complete(&mut play, "dora", "review", "good").expect("Dora is content");
    for worker in ["anna", "bo"] {
        let refused = complete(&mut play, worker, "check", "good");
        assert_eq!(refused, Err(engine::command::Rejection::DutiesSeparated), "{worker}");
    }
    assert!(now(&play).tokens().iter().any(|token| matches!(token.waits, Waits::Task(_))));
}

#[test]
fn a_jump_out_of_a_part_that_was_added_takes_the_record_with_it() {
    let extra = StepKind::Extra { by: vec![Who::Anyone], first: name("look") };
    let mut play = started(
        process(vec![
            step("work", None, Some("check"), chore()),
            step("check", None, None, chore()),
            step("extra", None, None, extra),
            step("look", Some("extra"), Some("back"), chore()),
            step("back", Some("extra"), None, go("check")),
        ]),
        &[],
    );
    play.command(crate::made::person("anna"), Command::Add { step: name("extra") }).expect("anyone adds it");
    assert_eq!(places(&play), ["work", "extra", "look"]);
    complete(&mut play, "anna", "look", "done").expect("it is looked at");
    assert_eq!(places(&play), ["check"]);
}
