//! A condition that waits is asked by time alone, and not more often than it needs.

use engine::definition::{Parts, StepKind, Until};
use engine::expr::{Expr, Operator};
use engine::play::Play;
use engine::recheck::ASKED_EVERY_MS;
use engine::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use engine::value::{FieldType, Value};

use crate::made::{at, choice, edit, end, ended, given, history, labels, literal, name, now, process, started, step};

fn binary(operator: Operator, left: Expr, right: Expr) -> Expr {
    Expr::Binary { operator, left: Box::new(left), right: Box::new(right) }
}

fn length(length_ms: i64) -> Expr {
    literal(Value::Duration(length_ms))
}

/// Waits for a condition about the instant `planned` and the day `day`, then closes.
fn waiting(condition: Expr) -> Parts {
    let mut parts = process(vec![
        step("wait", None, Some("closed"), StepKind::Wait { until: Until::Condition(condition) }),
        step("closed", None, None, end("closed")),
    ]);
    parts.labels = labels("Wait");
    parts.fields.push(given("planned", FieldType::Instant, engine::definition::Presence::Optional, None));
    parts.fields.push(given("day", FieldType::Date, engine::definition::Presence::Optional, None));
    for field in ["planned", "day"] {
        parts.start.asks.push(crate::made::ask(field));
    }
    parts
}

fn planned() -> Value {
    Value::Instant(at("2026-09-19 08:00"))
}

fn field(field: &str) -> Expr {
    Expr::Field(name(field))
}

/// When the record has closed, and how many commands there were between start and close.
fn closed(mut play: Play) -> (Option<Timestamp>, usize) {
    play.advance_to(at("2026-10-30 00:00"));
    (ended(&play).map(|_| play.played().last().expect("it began").at), play.played().len() - 2)
}

#[test]
fn a_comparison_of_now_is_asked_at_its_very_instant_and_never_before() {
    let now = || Expr::Now;
    let cases = [
        (binary(Operator::AtLeast, now(), field("planned")), at("2026-09-19 08:00")),
        (binary(Operator::Greater, now(), field("planned")), at("2026-09-19 08:00").plus_ms(1)),
        (binary(Operator::AtMost, field("planned"), now()), at("2026-09-19 08:00")),
        (
            binary(Operator::AtLeast, now(), binary(Operator::Minus, field("planned"), length(2 * HOUR_MS))),
            at("2026-09-19 06:00"),
        ),
        (
            binary(Operator::Less, field("planned"), binary(Operator::Minus, now(), length(DAY_MS))),
            at("2026-09-20 08:00").plus_ms(1),
        ),
        (
            binary(Operator::Greater, binary(Operator::Minus, now(), field("planned")), length(30 * MINUTE_MS)),
            at("2026-09-19 08:30").plus_ms(1),
        ),
    ];
    for (condition, expected) in cases {
        let source = condition.source();
        let (at, between) = closed(started(waiting(condition), &[("planned", planned())]));
        assert_eq!(at, Some(expected), "{source}");
        // A strict comparison is asked at the instant itself too.
        assert!(between <= 1, "{source} was asked {between} times in between");
    }
}

#[test]
fn a_condition_about_today_is_asked_when_a_day_begins_where_the_calendar_counts() {
    let condition = binary(Operator::AtLeast, Expr::Today, field("day"));
    let play = started(waiting(condition), &[("day", Value::Date("2026-09-21".into()))]);
    assert_eq!(now(&play).next_wake(), Some(at("2026-09-19 00:00")), "midnight in Shanghai, not in UTC");
    assert_eq!(closed(play), (Some(at("2026-09-21 00:00")), 2));
}

#[test]
fn what_cannot_be_looked_into_is_asked_every_quarter_of_an_hour() {
    let opaque = Expr::IsEmpty(Box::new(binary(Operator::Minus, Expr::Now, field("planned"))));
    let mut play = started(waiting(opaque), &[("planned", planned())]);
    let began = play.now();
    assert_eq!(now(&play).next_wake(), Some(began.plus_ms(ASKED_EVERY_MS)));
    // A command in between does not put the next round off.
    play.advance_to(began.plus_ms(MINUTE_MS));
    edit(&mut play, "anna", &[("impact", choice("high"))], "").expect("Anna may edit");
    assert_eq!(now(&play).next_wake(), Some(began.plus_ms(ASKED_EVERY_MS)));
    play.advance_to(began.plus_ms(HOUR_MS));
    let ticks = play.played().iter().filter(|played| played.verb == "tick").count();
    assert_eq!((ticks, ended(&play)), (4, None));
}

#[test]
fn a_condition_that_time_does_not_change_sets_no_alarm() {
    let plain = binary(Operator::Is, field("impact"), literal(choice("high")));
    let mut play = started(waiting(plain), &[]);
    assert_eq!(now(&play).next_wake(), None);
    edit(&mut play, "anna", &[("impact", choice("high"))], "").expect("Anna may edit");
    assert_eq!(ended(&play).as_deref(), Some("closed"));
}

#[test]
fn an_alarm_follows_the_field_that_it_is_worked_out_from() {
    let condition = binary(
        Operator::And,
        binary(Operator::AtLeast, Expr::Now, field("planned")),
        binary(Operator::Is, field("impact"), literal(choice("low"))),
    );
    let mut play = started(waiting(condition), &[("planned", planned())]);
    let sooner = Value::Instant(at("2026-09-18 20:00"));
    edit(&mut play, "anna", &[("planned", sooner)], "").expect("Anna may edit");
    assert_eq!(now(&play).next_wake(), Some(at("2026-09-18 20:00")));
    assert_eq!(engine::instance::Instance::folded(&history(&play)), *now(&play));
    assert_eq!(closed(play).0, Some(at("2026-09-18 20:00")));
}

#[test]
fn a_wait_that_fails_asks_nobody_to_wake_it() {
    use engine::definition::Handled;
    let condition = binary(Operator::AtLeast, Expr::Now, field("planned"));
    let mut parts = waiting(condition);
    parts.steps.extend([
        step("on_error", None, None, StepKind::Handler { of: Handled::Error, first: name("look") }),
        step("look", Some("on_error"), None, crate::made::chore()),
    ]);
    let mut play = started(parts, &[("planned", planned())]);
    edit(&mut play, "anna", &[("planned", Value::Nothing)], "not planned any more").expect("Anna may edit");
    assert!(now(&play).caught().is_some(), "somebody looks at it");
    assert_eq!(now(&play).next_wake(), None);
    let tomorrow = Value::Instant(at("2026-09-20 08:00"));
    edit(&mut play, "anna", &[("planned", tomorrow)], "planned again").expect("Anna may edit");
    assert_eq!(now(&play).next_wake(), Some(at("2026-09-20 08:00")), "it can be computed again");
}
