//! Where a record goes: races, blocks, jumps out of them, ends.

use std::collections::BTreeSet;

use engine::audience::Audience;
use engine::command::{Command, Rejection};
use engine::definition::Who;
use engine::event::{Actor, Event};
use engine::expr::Expr;
use engine::time::DAY_MS;

use crate::made::{
    act, at, block, chore, complete, ended, entered, go, history, name, notify, now, outcome, person, places,
    plain_minutes, process, race, receive, role, send, set, started, step, task, task_at, text, timer,
};

/// Confirm or silence, as in the incident process.
fn confirmed_or_silent() -> engine::definition::Parts {
    process(vec![
        step("work", None, Some("wait"), chore()),
        step("wait", None, Some("closed"), race(&["confirm", "silence"])),
        step(
            "confirm",
            Some("wait"),
            None,
            task(
                crate::made::candidates(vec![Who::Requester]),
                vec![outcome("yes", None), outcome("no", Some("work"))],
            ),
        ),
        step("silence", Some("wait"), None, timer(plain_minutes(60))),
        step("closed", None, None, crate::made::end("closed")),
    ])
}

#[test]
fn the_first_branch_to_finish_wins_and_the_others_are_cancelled() {
    let mut play = started(confirmed_or_silent(), &[]);
    complete(&mut play, "anna", "work", "done").expect("the desk works");
    assert_eq!(places(&play), ["wait", "confirm", "silence"]);
    complete(&mut play, "erin", "confirm", "yes").expect("the caller confirms");
    assert_eq!(ended(&play).as_deref(), Some("closed"));
    assert!(!history(&play).iter().any(|event| matches!(event, Event::TimerFired { .. })));
}

#[test]
fn silence_wins_a_race_and_the_task_is_cancelled() {
    let mut play = started(confirmed_or_silent(), &[]);
    complete(&mut play, "anna", "work", "done").expect("the desk works");
    let confirm = task_at(&play, "confirm");
    play.advance_to(at("2026-09-18 18:29"));
    assert_eq!(ended(&play), None);
    play.advance_to(at("2026-09-18 18:30"));
    assert_eq!(ended(&play).as_deref(), Some("closed"));
    let cancelled = Event::TaskCancelled { task: confirm, step: name("confirm") };
    assert!(history(&play).contains(&cancelled));
}

#[test]
fn a_task_is_done_once() {
    let mut play = started(confirmed_or_silent(), &[]);
    let work = task_at(&play, "work");
    let again = Command::Complete { task: work, outcome: name("done"), fields: Default::default(), reason: None };
    play.command(person("anna"), again.clone()).expect("the first time");
    assert_eq!(play.command(person("bo"), again).err(), Some(Rejection::NoSuchTask(work)));
}

#[test]
fn rework_leaves_the_race_and_comes_back_to_a_new_one() {
    let mut play = started(confirmed_or_silent(), &[]);
    for _ in 0..3 {
        complete(&mut play, "anna", "work", "done").expect("the desk works");
        complete(&mut play, "erin", "confirm", "no").expect("the caller is not content");
        assert_eq!(places(&play), ["work"]);
    }
    play.advance_to(play.now().plus_ms(DAY_MS));
    assert_eq!(places(&play), ["work"], "a timer of a race that was left never fires");
    assert_eq!(entered(&play)["wait"], 3);
}

#[test]
fn a_jump_leaves_every_block_and_race_around_it() {
    let deep = task(crate::made::candidates(vec![role("desk")]), vec![outcome("out", Some("after"))]);
    let mut play = started(
        process(vec![
            step("outer", None, Some("after"), race(&["inner", "late"])),
            step("inner", Some("outer"), None, block("innermost")),
            step("innermost", Some("inner"), None, race(&["deep", "beside"])),
            step("deep", Some("innermost"), None, deep),
            step("beside", Some("innermost"), None, receive("reply", vec![Who::Anyone])),
            step("late", Some("outer"), None, timer(plain_minutes(60))),
            step("after", None, Some("closed"), chore()),
            step("closed", None, None, crate::made::end("closed")),
        ]),
        &[],
    );
    assert_eq!(places(&play), ["outer", "inner", "innermost", "deep", "beside", "late"]);
    complete(&mut play, "anna", "deep", "out").expect("the desk works");
    assert_eq!(places(&play), ["after"]);
    assert_eq!(now(&play).next_wake(), None);
    assert_eq!(send(&mut play, "erin", "reply"), Err(Rejection::NotAwaited(name("reply"))));
}

#[test]
fn a_block_that_is_over_goes_on_behind_itself_and_one_that_jumps_does_not() {
    let parts = process(vec![
        step("ask", None, Some("aside"), chore()),
        step("aside", None, Some("after"), block("reply")),
        step("reply", Some("aside"), None, receive("reply", vec![Who::Requester])),
        step("after", None, Some("closed"), chore()),
        step("closed", None, None, crate::made::end("closed")),
    ]);
    let mut play = started(parts, &[]);
    complete(&mut play, "anna", "ask", "done").expect("the desk works");
    assert_eq!(places(&play), ["aside", "reply"]);
    assert_eq!(send(&mut play, "anna", "reply"), Err(Rejection::NotAllowed), "only the caller replies");
    send(&mut play, "erin", "reply").expect("the caller replies");
    assert_eq!(places(&play), ["after"]);
}

#[test]
fn a_branch_that_finishes_at_once_leaves_no_other_branch_behind() {
    let parts = process(vec![
        step("both", None, Some("closed"), race(&["slow", "quick", "never"])),
        step("slow", Some("both"), None, chore()),
        step("quick", Some("both"), None, act(vec![notify(Who::Requester)])),
        step("never", Some("both"), None, chore()),
        step("closed", None, None, crate::made::end("closed")),
    ]);
    let play = started(parts, &[]);
    assert_eq!(ended(&play).as_deref(), Some("closed"));
    assert!(!entered(&play).contains_key("never"));
    assert!(now(&play).tasks().is_empty());
}

#[test]
fn a_choice_goes_the_first_way_that_holds() {
    let case = |impact: &str, to: &str| engine::definition::Case {
        when: crate::made::field_is("impact", crate::made::choice(impact)),
        to: name(to),
    };
    let parts = |otherwise: Option<&str>| {
        process(vec![
            step(
                "which",
                None,
                Some("third"),
                engine::definition::StepKind::Choose {
                    cases: vec![case("high", "first"), case("high", "second")],
                    otherwise: otherwise.map(name),
                },
            ),
            step("first", None, None, crate::made::end("first")),
            step("second", None, None, crate::made::end("second")),
            step("third", None, None, crate::made::end("third")),
        ])
    };
    let high = [("impact", crate::made::choice("high"))];
    assert_eq!(ended(&started(parts(None), &high)).as_deref(), Some("first"));
    assert_eq!(ended(&started(parts(None), &[])).as_deref(), Some("third"));
    assert_eq!(ended(&started(parts(Some("second")), &[])).as_deref(), Some("second"));
}

#[test]
fn an_ended_record_refuses_everything() {
    let mut play = started(process(vec![step("closed", None, None, crate::made::end("closed"))]), &[]);
    let task = engine::ids::TaskId(1);
    let before = now(&play).clone();
    for command in [
        Command::Claim { task },
        Command::Release { task },
        Command::Complete { task, outcome: name("done"), fields: Default::default(), reason: None },
        Command::Message { message: name("reply"), text: "late".into(), fields: Default::default() },
        Command::Edit { fields: crate::made::fields(&[("note", text("late"))]), reason: "late".into() },
        Command::Comment { text: "late".into(), audience: Audience::Public, tells: BTreeSet::new() },
        Command::Tick,
        Command::Retry,
    ] {
        for actor in [person("anna"), person("erin"), Actor::System] {
            assert_eq!(play.command(actor, command.clone()).err(), Some(Rejection::Ended), "{command:?}");
        }
    }
    assert_eq!(*now(&play), before);
}

#[test]
fn a_field_that_an_act_sets_moves_what_is_derived_from_it() {
    let raise = act(vec![set("impact", Expr::Literal(crate::made::choice("high")))]);
    let parts = process(vec![
        step("raise", None, Some("work"), raise),
        step("work", None, Some("closed"), chore()),
        step("closed", None, None, crate::made::end("closed")),
    ]);
    let play = started(parts, &[]);
    assert_eq!(now(&play).fields()["priority"], crate::made::choice("p1"));
}

#[test]
fn a_start_form_may_leave_out_what_has_a_default_but_not_what_must_be_said() {
    let parts = process(vec![step("closed", None, None, crate::made::end("closed"))]);
    let play = started(parts.clone(), &[]);
    assert_eq!(now(&play).fields()["impact"], crate::made::choice("low"));
    let (definition, directory) = (crate::made::prepared(parts), std::sync::Arc::new(crate::made::directory()));
    let mut play = engine::play::Play::new(definition, directory, at("2026-09-18 17:30"));
    let mut order = crate::made::order(&[]);
    order.fields.clear();
    let refused = play.start(&name("erin"), order).err();
    assert_eq!(refused, Some(Rejection::BadFields(vec![(name("summary"), engine::value::Misfit::Missing)])));
    assert!(play.instance().is_none());
}

#[test]
fn a_long_way_without_waiting_needs_no_deep_stack() {
    // Each race is over at once; a call for each would fill a thread's stack long before the bound is reached.
    let parts = process(vec![
        step("race", None, Some("back"), race(&["quick", "slow"])),
        step("quick", Some("race"), None, act(vec![notify(Who::Requester)])),
        step("slow", Some("race"), None, chore()),
        step("back", None, Some("closed"), go("race")),
        step("closed", None, None, crate::made::end("closed")),
    ]);
    let small_stack = std::thread::Builder::new().stack_size(256 * 1024);
    let places_then = small_stack.spawn(move || places(&started(parts, &[]))).expect("a thread starts");
    assert!(places_then.join().is_ok(), "the stack overflowed");
}
