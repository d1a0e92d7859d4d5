//! Clocks: they run in working time, pause, go on, take another target, warn and breach exactly once.

use engine::command::Command;
use engine::definition::{Parts, Who};
use engine::event::{Actor, Event};
use engine::instance::{ClockRun, ClockState};
use engine::play::Play;
use engine::time::{HOUR_MS, MINUTE_MS, Timestamp};

use crate::made::{
    at, block, candidates, choice, chore, clock, complete, edit, history, name, now, outcome, person, process, receive,
    role, send, started, step, task, task_at,
};

/// Resolve, ask and wait, resolved, confirm or reopen.
fn desk() -> Parts {
    let resolve = task(candidates(vec![role("desk")]), vec![outcome("fixed", None), outcome("ask", Some("waiting"))]);
    let confirm =
        task(candidates(vec![Who::Requester]), vec![outcome("yes", None), outcome("reopen", Some("resolve"))]);
    let mut parts = process(vec![
        step("resolve", None, Some("resolved"), resolve),
        step("resolved", None, Some("confirm"), engine::definition::StepKind::Milestone),
        step("confirm", None, Some("closed"), confirm),
        step("closed", None, None, crate::made::end("closed")),
        step("waiting", None, Some("resolve"), block("reply")),
        step("reply", Some("waiting"), None, receive("reply", vec![Who::Requester])),
        step("unused", None, Some("closed"), chore()),
    ]);
    parts.clocks.push(clock("resolved", &["waiting"], &["reopen"]));
    parts
}

fn p1() -> Play {
    started(desk(), &[("impact", choice("high"))])
}

fn run(play: &Play) -> &ClockRun {
    &now(play).clocks()[0]
}

fn used_minutes(play: &Play) -> i64 {
    let calendar = play.directory().calendar(&run(play).calendar).expect("the office has a calendar");
    run(play).elapsed_ms(calendar, play.now()) / MINUTE_MS
}

fn passed(play: &Play) -> Vec<(u16, Timestamp)> {
    history(play)
        .into_iter()
        .filter_map(|event| match event {
            Event::ClockPassed { percent, at, .. } => Some((percent, at)),
            _ => None,
        })
        .collect()
}

#[test]
fn a_clock_of_office_hours_breaches_on_the_make_up_sunday() {
    let mut play = p1();
    assert_eq!(run(&play).due(), Some(at("2026-09-20 12:30")), "half an hour on Friday, the rest on Sunday");
    play.advance_to(at("2026-09-20 12:29"));
    assert!(!run(&play).is_breached());
    play.advance_to(at("2026-09-20 12:30"));
    assert!(run(&play).is_breached());
    assert_eq!(passed(&play), [(75, at("2026-09-20 11:30")), (100, at("2026-09-20 12:30"))]);
    play.advance_to(at("2026-10-09 12:00"));
    assert_eq!(passed(&play).len(), 2, "a mark is passed once");
    let escalated = history(&play).into_iter().filter(|event| matches!(event, Event::Escalated { .. })).count();
    assert_eq!(escalated, 1);
}

#[test]
fn a_clock_stands_still_while_somebody_else_is_waited_for() {
    let mut play = p1();
    play.advance_to(at("2026-09-20 10:00"));
    complete(&mut play, "anna", "resolve", "ask").expect("the desk asks");
    assert!(matches!(run(&play).state, ClockState::Paused { .. }));
    assert_eq!(used_minutes(&play), 90);
    play.advance_to(at("2026-09-22 17:00"));
    assert_eq!((used_minutes(&play), now(&play).next_wake()), (90, None));
    send(&mut play, "erin", "reply").expect("the caller replies");
    assert_eq!(run(&play).due(), Some(at("2026-09-23 10:30")), "150 minutes are left: 60 on Tuesday, 90 on Wednesday");
    play.advance_to(at("2026-09-23 10:30"));
    assert!(run(&play).is_breached());
    assert_eq!(used_minutes(&play), 240);
}

#[test]
fn a_clock_stops_at_its_milestone_and_goes_on_when_the_work_comes_back() {
    let mut play = p1();
    play.advance_to(at("2026-09-20 10:00"));
    complete(&mut play, "anna", "resolve", "fixed").expect("the desk resolves");
    assert_eq!(run(&play).state, ClockState::Stopped { at: at("2026-09-20 10:00") });
    play.advance_to(at("2026-09-21 10:00"));
    assert_eq!(used_minutes(&play), 90);
    complete(&mut play, "erin", "confirm", "reopen").expect("the caller is not content");
    assert_eq!(run(&play).due(), Some(at("2026-09-21 12:30")));
    assert_eq!(run(&play).segments.len(), 1);
}

#[test]
fn a_clock_takes_the_target_of_the_priority_that_holds_now() {
    let mut play = started(desk(), &[]);
    assert_eq!(run(&play).target_ms, 9 * HOUR_MS);
    play.advance_to(at("2026-09-20 14:00"));
    assert_eq!((used_minutes(&play), passed(&play).len()), (330, 0));
    edit(&mut play, "anna", &[("impact", choice("high"))], "").expect("Anna may edit");
    assert!(run(&play).is_breached(), "five and a half hours are more than four");
    assert_eq!(passed(&play), [(75, at("2026-09-20 14:00")), (100, at("2026-09-20 14:00"))]);
    edit(&mut play, "anna", &[("impact", choice("low"))], "").expect("Anna may edit");
    assert!(!run(&play).is_breached(), "of nine hours, five and a half are not too many");
    play.advance_to(at("2026-09-21 11:00"));
    assert_eq!(run(&play).passed, [75, 100]);
}

#[test]
fn a_clock_that_pauses_takes_a_new_target_when_it_goes_on() {
    let mut play = p1();
    complete(&mut play, "anna", "resolve", "ask").expect("the desk asks");
    edit(&mut play, "anna", &[("impact", choice("low"))], "").expect("Anna may edit");
    assert!(matches!(run(&play).state, ClockState::Paused { .. }));
    play.advance_to(at("2026-09-20 09:00"));
    send(&mut play, "erin", "reply").expect("the caller replies");
    assert_eq!((run(&play).target_ms, run(&play).due()), (9 * HOUR_MS, Some(at("2026-09-20 18:00"))));
}

/// The ticker may be late: the work is finished between the deadline and the tick that would have noticed it.
#[test]
fn a_breach_is_noted_although_the_work_was_finished_before_the_tick_came() {
    for (outcome, state) in [("fixed", "stopped"), ("ask", "paused")] {
        let play = p1();
        let actor = person("anna");
        let late = engine::World {
            now: at("2026-09-20 12:31"),
            actor: &actor,
            directory: play.directory(),
            fresh: crate::made::FRESH,
            records: &engine::records::NoRecords,
        };
        let command = Command::Complete {
            task: task_at(&play, "resolve"),
            outcome: name(outcome),
            fields: Default::default(),
            reason: None,
        };
        let done = engine::step(play.definition(), now(&play), command, &late).expect("the desk works");
        assert!(done.instance.clocks()[0].is_breached(), "the clock was {state} a minute too late");
        assert_eq!(done.effects.len(), 2, "the desk is warned and the manager is told");
    }
}

#[test]
fn a_tick_long_after_passes_everything_in_order_and_then_rests() {
    let mut play = p1();
    // Only one tick, a week late, as after a server was down.
    let late = engine::World {
        now: at("2026-09-28 12:00"),
        actor: &Actor::System,
        directory: play.directory(),
        fresh: crate::made::FRESH,
        records: &engine::records::NoRecords,
    };
    let ticked = engine::step(play.definition(), now(&play), Command::Tick, &late).expect("a tick");
    assert_eq!(ticked.instance.clocks()[0].passed, [75, 100]);
    assert_eq!(ticked.instance.next_wake(), None);
    play.advance_to(at("2026-09-28 12:00"));
    assert_eq!(now(&play).clocks()[0].passed, [75, 100]);
}
