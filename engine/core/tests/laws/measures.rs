//! Measures: what a record adds, on which day, and what figure many make.

use engine::definition::{Figure, Goal, Measure, Parts, Period, Quantity, Who};
use engine::expr::{Expr, Operator};
use engine::measure::{BEGUN, Contribution, ENDED, OPEN, Tally, contributions};
use engine::play::Play;
use engine::value::Value;

use crate::made::{
    at, candidates, choice, clock, complete, edit, end, field_is, labels, name, now, outcome, process, role, started,
    step, task, text,
};

/// Resolve, resolved, confirm or reopen, with a clock until resolved.
fn desk(measures: Vec<Measure>) -> Parts {
    let resolve = task(candidates(vec![role("desk")]), vec![outcome("fixed", None)]);
    let confirm =
        task(candidates(vec![Who::Requester]), vec![outcome("yes", None), outcome("reopen", Some("resolve"))]);
    let mut parts = process(vec![
        step("resolve", None, Some("resolved"), resolve),
        step("resolved", None, Some("confirm"), engine::definition::StepKind::Milestone),
        step("confirm", None, Some("closed"), confirm),
        step("closed", None, None, end("closed")),
    ]);
    parts.clocks.push(clock("resolved", &[], &["reopen"]));
    parts.measures = measures;
    parts
}

fn measure(figure: Figure, subject: Option<Expr>) -> Measure {
    Measure {
        name: name("figure"),
        labels: labels("figure"),
        figure,
        quantity: Quantity::Number,
        subject,
        when: None,
        by: Vec::new(),
        period: None,
        target: None,
    }
}

fn of_clock(says: &str) -> Expr {
    Expr::Attribute(Box::new(Expr::Item(name("resolution"))), name(says))
}

fn adds(play: &Play, measure: &str) -> Option<Contribution> {
    let all = contributions(play.definition(), now(play), play.directory(), play.now());
    all.into_iter().find(|(named, _)| *named == measure).map(|(_, adds)| adds)
}

fn one(day: &str, groups: &[&str], amount: i64) -> Option<Contribution> {
    let groups = groups.iter().map(|group| (*group).to_owned()).collect();
    Some(Contribution { groups, day: day.to_owned(), amount })
}

#[test]
fn a_record_counts_on_the_day_on_which_it_began_where_its_process_is_open() {
    let by_impact = Measure { by: vec![name("impact")], ..measure(Figure::Count, None) };
    let mut play = started(desk(vec![by_impact]), &[("impact", choice("high"))]);
    let begun = adds(&play, "figure");
    assert_eq!(begun, one("2026-09-18", &["high"], 1), "it began on a Friday evening in Shanghai");
    play.advance_to(at("2026-09-21 10:00"));
    edit(&mut play, "anna", &[("impact", choice("low"))], "").expect("Anna may edit");
    assert_eq!(adds(&play, "figure"), one("2026-09-18", &["low"], 1), "the groups are those of now");
}

#[test]
fn a_clock_adds_nothing_before_it_has_stopped_and_counts_on_that_day() {
    let elapsed = Measure { quantity: Quantity::Duration, ..measure(Figure::Median, Some(of_clock("elapsed"))) };
    let mut play = started(desk(vec![elapsed]), &[("impact", choice("high"))]);
    play.advance_to(at("2026-09-20 10:00"));
    assert_eq!(adds(&play, "figure"), None);
    complete(&mut play, "anna", "resolve", "fixed").expect("the desk resolves");
    play.advance_to(at("2026-09-22 10:00"));
    assert_eq!(adds(&play, "figure"), one("2026-09-20", &[], 90 * 60_000));
    assert_eq!(adds(&play, ":kept:resolution"), one("2026-09-20", &["p1"], 1));
    complete(&mut play, "erin", "confirm", "reopen").expect("the caller is not content");
    assert_eq!((adds(&play, "figure"), adds(&play, ":kept:resolution")), (None, None), "it runs again");
    play.advance_to(at("2026-09-23 12:00"));
    complete(&mut play, "anna", "resolve", "fixed").expect("the desk resolves");
    assert_eq!(adds(&play, ":kept:resolution"), one("2026-09-23", &["p1"], 0), "it took more than four hours");
}

#[test]
fn a_clock_may_stand_in_the_condition_too() {
    let late = Measure { when: Some(of_clock("breached")), ..measure(Figure::Count, None) };
    let mut play = started(desk(vec![late]), &[("impact", choice("high"))]);
    play.advance_to(at("2026-09-22 10:00"));
    assert_eq!(adds(&play, "figure"), None, "it is late, and its clock runs");
    complete(&mut play, "anna", "resolve", "fixed").expect("the desk resolves");
    assert_eq!(adds(&play, "figure").map(|adds| adds.day), Some("2026-09-22".to_owned()));
}

#[test]
fn a_record_for_which_there_is_no_value_does_not_count() {
    let note_is = |note: &str| field_is("note", text(note));
    let share = measure(Figure::Share, Some(note_is("good")));
    let counted = Measure { name: name("counted"), ..measure(Figure::Count, Some(note_is("good"))) };
    let unfit = Measure {
        name: name("unfit"),
        ..measure(
            Figure::Share,
            Some(Expr::Binary {
                operator: Operator::Less,
                left: Box::new(Expr::Field(name("note"))),
                right: Box::new(Expr::Literal(text("z"))),
            }),
        )
    };
    let mut play = started(desk(vec![share, counted, unfit]), &[]);
    assert_eq!(adds(&play, "figure").map(|adds| adds.amount), Some(0), "an empty note is not good");
    assert_eq!((adds(&play, "counted"), adds(&play, "unfit")), (None, None));
    edit(&mut play, "anna", &[("note", text("good"))], "").expect("Anna may edit");
    for measure in ["figure", "counted", "unfit"] {
        assert_eq!(adds(&play, measure).map(|adds| adds.amount), Some(1), "{measure}");
    }
}

#[test]
fn the_flow_says_that_a_record_began_is_open_and_ended() {
    let mut play = started(desk(Vec::new()), &[("impact", choice("high"))]);
    assert_eq!(adds(&play, OPEN), one("2026-09-18", &["p1"], 1));
    assert_eq!(adds(&play, ENDED), None);
    play.advance_to(at("2026-09-20 10:00"));
    complete(&mut play, "anna", "resolve", "fixed").expect("the desk resolves");
    complete(&mut play, "erin", "confirm", "yes").expect("the caller is content");
    assert_eq!(adds(&play, OPEN), None);
    assert_eq!(adds(&play, BEGUN).map(|adds| adds.day), Some("2026-09-18".to_owned()));
    assert_eq!(adds(&play, ENDED).map(|adds| adds.day), Some("2026-09-20".to_owned()));
}

#[test]
fn a_figure_is_made_of_amounts_and_how_many_records_add_them() {
    let tallies = |list: &[(i64, u64)]| -> Vec<Tally> {
        list.iter().map(|&(amount, records)| Tally { amount, records }).collect()
    };
    let millions = [(3_000_000, 1), (1_000_000, 2), (10_000_000, 1)];
    let figure = |figure: Figure, list: &[(i64, u64)]| {
        measure(figure, None).figure_of(&tallies(list)).map(|figure| figure.normalize().to_string())
    };
    for (of, expected) in [
        (Figure::Count, "4"),
        (Figure::Sum, "15"),
        (Figure::Mean, "3.75"),
        (Figure::Median, "2"),
        (Figure::Min, "1"),
        (Figure::Max, "10"),
    ] {
        assert_eq!(figure(of, &millions).as_deref(), Some(expected), "{of:?}");
    }
    assert_eq!(figure(Figure::Share, &[(1, 3), (0, 1)]).as_deref(), Some("0.75"));
    assert_eq!(figure(Figure::Median, &[(5_000_000, 1), (7_000_000, 2)]).as_deref(), Some("7"));
    assert_eq!((figure(Figure::Count, &[]).as_deref(), figure(Figure::Mean, &[])), (Some("0"), None));
    let money = Measure { quantity: Quantity::Money, ..measure(Figure::Sum, None) };
    assert_eq!(money.figure_of(&tallies(&[(1234, 2)])).map(|sum| sum.to_string()).as_deref(), Some("24.68"));
}

#[test]
fn a_target_is_for_all_figures_or_for_one_value_and_is_met_or_missed() {
    let goal = Goal { value: Some(name("high")), operator: Operator::AtMost, figure: 3.into() };
    let split = Measure { target: Some(goal), ..measure(Figure::Count, None) };
    let groups = |group: &str| vec![group.to_owned()];
    assert_eq!(split.goal_for(&groups("low")), None);
    let goal = split.goal_for(&groups("high")).expect("it is for high");
    assert!(goal.is_met(3.into()) && !goal.is_met(4.into()));
    let whole = Measure {
        target: Some(Goal { value: None, operator: Operator::Greater, figure: 3.into() }),
        ..measure(Figure::Count, None)
    };
    let goal = whole.goal_for(&[]).expect("it is for all");
    assert!(goal.is_met(4.into()) && !goal.is_met(3.into()));
}

#[test]
fn periods_begin_on_their_first_day_and_are_written_shortly() {
    for (period, first, next, written) in [
        (Period::Day, "2026-12-31", "2027-01-01", "2026-12-31"),
        (Period::Week, "2026-12-28", "2027-01-04", "2026-W53"),
        (Period::Month, "2026-12-01", "2027-01-01", "2026-12"),
        (Period::Quarter, "2026-10-01", "2027-01-01", "2026-Q4"),
        (Period::Year, "2026-01-01", "2027-01-01", "2026"),
    ] {
        let day = "2026-12-31";
        assert_eq!(period.first_day(day).as_deref(), Some(first), "{period:?}");
        assert_eq!(period.next(day).as_deref(), Some(next), "{period:?}");
        assert_eq!(period.written(day).as_deref(), Some(written), "{period:?}");
    }
    assert_eq!(Period::Week.first_day("someday"), None);
}

#[test]
fn numbers_and_money_keep_what_they_are() {
    let of = |value: Value, quantity| {
        let taken = Measure { quantity, ..measure(Figure::Sum, Some(Expr::Literal(value))) };
        let play = started(desk(vec![taken]), &[]);
        adds(&play, "figure").map(|adds| (adds.groups, adds.amount))
    };
    let number = "1.5".parse().expect("a number");
    assert_eq!(of(Value::Number(number), Quantity::Number), Some((vec![], 1_500_000)));
    let money = engine::value::Money::read("12.34 CNY").expect("money");
    assert_eq!(of(Value::Money(money), Quantity::Money), Some((vec!["CNY".to_owned()], 1_234)));
    assert_eq!(of(text("much"), Quantity::Number), None);
}
