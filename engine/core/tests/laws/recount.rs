//! Other data of a calendar: what is counted on it is counted anew, and what was told stays told.

use std::sync::Arc;

use engine::calendar::{Calendar, Exception};
use engine::command::{Command, Rejection};
use engine::definition::{Due, Parts, Reminder, StepKind, Task, Who};
use engine::directory::Directory;
use engine::event::{Actor, Event};
use engine::instance::{ClockState, Instance};
use engine::play::Play;
use engine::{World, step};

use crate::made::{
    act, at, block, candidates, choice, clock, complete, directory, end, history, labels, name, notify, now, outcome,
    person, process, race, receive, role, send, started, task_at, timer, working_hours,
};

fn due(hours: u32) -> Due {
    Due { span: working_hours(hours), hours: None }
}

/// A task with a due and two reminders, beside it a timer of working time.
fn desk() -> Parts {
    let work = Task {
        candidates: candidates(vec![role("desk")]),
        outcomes: vec![outcome("fixed", None), outcome("ask", Some("waiting"))],
        due: Some(due(12)),
        reminders: vec![
            Reminder { after: Some(due(3)), actions: vec![notify(role("desk"))] },
            Reminder { after: None, actions: vec![notify(role("manager"))] },
        ],
        ..Task::default()
    };
    let made = |step: &str, scope: Option<&str>, next: Option<&str>, kind| crate::made::step(step, scope, next, kind);
    let mut parts = process(vec![
        made("both", None, Some("resolved"), race(&["resolve", "patience"])),
        made("resolve", Some("both"), None, StepKind::Task(work)),
        made("patience", Some("both"), Some("told"), timer(working_hours(20))),
        made("told", Some("both"), None, act(vec![notify(role("manager"))])),
        made("resolved", None, Some("closed"), StepKind::Milestone),
        made("closed", None, None, end("closed")),
        made("waiting", None, Some("both"), block("reply")),
        made("reply", Some("waiting"), None, receive("reply", vec![Who::Requester])),
    ]);
    parts.labels = labels("Desk");
    parts.clocks.push(clock("resolved", &["waiting"], &[]));
    parts
}

/// The registers with other days in the office's calendar.
fn registers(days: &[(&str, Exception)]) -> Directory {
    let mut registers = directory();
    let office = registers.calendar(&name("office")).expect("the office has a calendar").data().clone();
    let mut data = office;
    data.exceptions.extend(days.iter().map(|(day, what)| ((*day).to_owned(), what.clone())));
    registers.put_calendar(name("office"), Calendar::new(data).expect("the days are sound"));
    registers
}

fn recounted(play: &Play, registers: &Directory, on: &str) -> engine::Step {
    let world = World {
        now: play.now(),
        actor: &Actor::System,
        directory: registers,
        fresh: crate::made::FRESH,
        records: &engine::records::NoRecords,
    };
    let counted = step(play.definition(), now(play), Command::Recount { calendar: name(on) }, &world);
    counted.expect("an open record is counted anew")
}

/// The Monday after the start, closed.
fn monday_off() -> Directory {
    registers(&[("2026-09-21", Exception::Closed)])
}

fn opened(instance: &Instance) -> &engine::instance::OpenTask {
    instance.tasks().first().expect("the task is open")
}

#[test]
fn a_holiday_moves_dues_reminders_timers_and_clocks() {
    // Half an hour on Friday, nine on Sunday; then Monday.
    let play = started(desk(), &[]);
    assert_eq!(opened(now(&play)).due, Some(at("2026-09-21 11:30")));
    let anew = recounted(&play, &monday_off(), "office").instance;
    assert_eq!(opened(&anew).due, Some(at("2026-09-22 11:30")));
    assert_eq!(opened(&anew).reminders, [Some(at("2026-09-20 11:30")), Some(at("2026-09-22 11:30"))]);
    let until = |instance: &Instance| {
        instance.tokens().iter().find_map(|token| match token.waits {
            engine::instance::Waits::Time(at) => Some(at),
            _ => None,
        })
    };
    assert_eq!((until(now(&play)), until(&anew)), (Some(at("2026-09-22 10:30")), Some(at("2026-09-23 10:30"))));
    // The clock of nine hours is not over before Sunday's end; closed on Sunday, it is over on Monday.
    let sunday_off = registers(&[("2026-09-20", Exception::Closed)]);
    let clock = |step: &engine::Step| step.instance.clocks()[0].due();
    assert_eq!(clock(&recounted(&play, &sunday_off, "office")), Some(at("2026-09-21 17:30")));
}

#[test]
fn facts_of_a_recount_fold_into_its_state_and_begin_with_the_calendar() {
    let play = started(desk(), &[]);
    let anew = recounted(&play, &monday_off(), "office");
    assert_eq!(anew.events.first(), Some(&Event::Recounted { calendar: name("office") }));
    let mut events = history(&play);
    events.extend(anew.events);
    assert_eq!(Instance::folded(&events), anew.instance);
}

#[test]
fn a_recount_that_moves_nothing_is_no_fact() {
    let play = started(desk(), &[]);
    for (registers, calendar) in [(directory(), "office"), (monday_off(), "always")] {
        let anew = recounted(&play, &registers, calendar);
        assert_eq!((anew.events, anew.effects), (Vec::new(), Vec::new()));
        assert_eq!(anew.instance, *now(&play));
    }
}

#[test]
fn a_reminder_that_came_does_not_come_again() {
    let mut play = started(desk(), &[]);
    play.advance_to(at("2026-09-20 12:00"));
    let anew = recounted(&play, &monday_off(), "office").instance;
    assert_eq!(opened(&anew).reminders, [None, Some(at("2026-09-22 11:30"))]);
}

#[test]
fn a_breach_that_was_told_is_neither_taken_back_nor_told_again() {
    let mut play = started(desk(), &[("impact", choice("high"))]);
    play.advance_to(at("2026-09-20 13:00"));
    assert_eq!(now(&play).clocks()[0].passed, [75, 100]);
    // Sunday was no workday after all: of the four hours only half of one is used.
    let registers = registers(&[("2026-09-20", Exception::Closed)]);
    let anew = recounted(&play, &registers, "office");
    let clock = &anew.instance.clocks()[0];
    assert_eq!((clock.passed.as_slice(), clock.breached), (&[75, 100][..], Some(at("2026-09-20 12:30"))));
    assert!(!anew.events.iter().any(|event| matches!(event, Event::ClockPassed { .. } | Event::Escalated { .. })));
    let world = World {
        now: at("2026-09-30 12:00"),
        actor: &Actor::System,
        directory: &registers,
        fresh: crate::made::FRESH,
        records: &engine::records::NoRecords,
    };
    let later = step(play.definition(), &anew.instance, Command::Tick, &world).expect("a tick");
    assert!(!later.events.iter().any(|event| matches!(event, Event::ClockPassed { .. })), "{:?}", later.events);
}

#[test]
fn a_breach_that_nobody_was_told_of_is_told_once() {
    let mut play = started(desk(), &[("impact", choice("high"))]);
    play.advance_to(at("2026-09-20 09:30"));
    // Saturday was worked: the four hours were used up yesterday.
    let registers = registers(&[("2026-09-19", Exception::MakeUpFor(0))]);
    let anew = recounted(&play, &registers, "office");
    let passed = anew.events.iter().filter(|event| matches!(event, Event::ClockPassed { .. })).count();
    assert_eq!((passed, anew.instance.clocks()[0].breached), (2, Some(at("2026-09-20 09:30"))));
    let world = World {
        now: at("2026-09-20 09:31"),
        actor: &Actor::System,
        directory: &registers,
        fresh: crate::made::FRESH,
        records: &engine::records::NoRecords,
    };
    let again = step(play.definition(), &anew.instance, Command::Recount { calendar: name("office") }, &world);
    assert_eq!(again.expect("once more").events, []);
}

#[test]
fn a_pause_is_kept() {
    let mut play = started(desk(), &[("impact", choice("high"))]);
    play.advance_to(at("2026-09-20 10:00"));
    complete(&mut play, "anna", "resolve", "ask").expect("the desk asks");
    let before = now(&play).clocks()[0].clone();
    let anew = recounted(&play, &monday_off(), "office").instance;
    assert_eq!((&anew.clocks()[0].state, &anew.clocks()[0].segments), (&before.state, &before.segments));
    assert!(matches!(before.state, ClockState::Paused { .. }));
    send(&mut play, "erin", "reply").expect("the caller replies");
    assert_eq!(now(&play).clocks()[0].segments, before.segments);
}

#[test]
fn a_closed_record_never_changes_and_only_administrators_count_anew() {
    let mut play = started(desk(), &[]);
    let order = Command::Recount { calendar: name("office") };
    assert_eq!(play.command(person("anna"), order.clone()).err(), Some(Rejection::NotAllowed));
    assert!(task_at(&play, "resolve").0 > 0);
    complete(&mut play, "anna", "resolve", "fixed").expect("the desk resolves");
    let registers = Arc::new(monday_off());
    let world = World {
        now: play.now(),
        actor: &Actor::System,
        directory: &registers,
        fresh: crate::made::FRESH,
        records: &engine::records::NoRecords,
    };
    assert_eq!(step(play.definition(), now(&play), order, &world).err(), Some(Rejection::Ended));
}

#[test]
fn a_suspended_record_is_counted_anew_and_stays_suspended() {
    let mut play = started(desk(), &[]);
    play.command(person("anna"), Command::Suspend { reason: "stocktaking".into() }).expect("Anna edits the record");
    let anew = recounted(&play, &monday_off(), "office").instance;
    assert_eq!(opened(&anew).due, Some(at("2026-09-22 11:30")));
    assert_eq!(anew.status(), now(&play).status());
    assert_eq!(anew.next_wake(), None);
}

#[test]
fn a_holiday_moves_the_deadline_of_an_approval_and_of_a_kept_message() {
    let mut parts = crate::later_on::consenting(12);
    parts.steps.push(crate::made::step("reply", None, Some("over"), receive("reply", vec![Who::Requester])));
    parts.unawaited.insert(name("reply"), engine::definition::Unawaited::Kept { at_most: Some(due(12)) });
    let mut play = started(parts, &[]);
    send(&mut play, "erin", "reply").expect("it is kept");
    let until = |instance: &Instance| (instance.ballots()[0].due, instance.kept()[0].until);
    assert_eq!(until(now(&play)), (Some(at("2026-09-21 11:30")), Some(at("2026-09-21 11:30"))));
    let anew = recounted(&play, &monday_off(), "office");
    assert_eq!(until(&anew.instance), (Some(at("2026-09-22 11:30")), Some(at("2026-09-22 11:30"))));
    assert_eq!(anew.instance.tasks()[0].due, Some(at("2026-09-22 11:30")));
    let mut events = history(&play);
    events.extend(anew.events);
    assert_eq!(Instance::folded(&events), anew.instance);
}

#[test]
fn what_names_no_calendar_now_is_left_and_the_rest_is_counted_anew() {
    let mut parts = desk();
    let agreed = engine::expr::Expr::Attribute(Box::new(engine::expr::Expr::Field(name("service"))), name("calendar"));
    if let StepKind::Timer { after } = &mut parts.steps[2].kind {
        after.hours = Some(agreed);
    }
    let mut play = started(parts, &[("service", crate::made::reference("mail"))]);
    crate::made::edit(&mut play, "anna", &[("service", engine::value::Value::Nothing)], "unknown").expect("Anna edits");
    let anew = recounted(&play, &monday_off(), "office").instance;
    assert_eq!(opened(&anew).due, Some(at("2026-09-22 11:30")));
}
