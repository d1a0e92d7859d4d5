//! What a new version means for a record that stands somewhere in the old one.

use std::sync::Arc;

use dsl::{Fate, Obstacle, Plan, Tally, compile};
use engine::calendar::Calendar;
use engine::command::{Command, Start};
use engine::definition::{Definition, Parts};
use engine::directory::{Directory, Entry, Standing};
use engine::event::Actor;
use engine::ids::{DefinitionId, InstanceId, Name};
use engine::instance::Instance;
use engine::play::Play;
use engine::time::Timestamp;
use engine::value::{Fields, Value};

const PROCESS: &str = include_str!("plan/order.flow");

fn parts(source: &str) -> Parts {
    compile(source).unwrap_or_else(|problems| panic!("{problems}\n{source}")).processes.remove(0).parts
}

/// The process with pieces of its text exchanged for others.
fn changed(pairs: &[(&str, &str)]) -> Parts {
    let text = pairs.iter().fold(PROCESS.to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "{old} is not in the process");
        text.replacen(old, new, 1)
    });
    parts(&text)
}

/// A record after the outcomes of the tasks that it went through.
fn record(outcomes: &[(&str, &str)]) -> Instance {
    let definition = Definition::prepare(DefinitionId::of_source(PROCESS), parts(PROCESS)).expect("it compiled");
    let mut directory = Directory::default();
    let staff = Standing { roles: [Name::from("staff")].into(), ..Standing::default() };
    directory.put_person(Name::from("dora"), Entry::default(), staff);
    directory.put_calendar(Name::from("24x7"), Calendar::around_the_clock());
    let always = Fields::from([(Name::from("calendar"), Value::Ref(Name::from("24x7")))]);
    directory.put("service", Name::from("mail"), Entry { fields: always, ..Entry::default() });
    let mut play = Play::new(Arc::new(definition), Arc::new(directory), Timestamp(1_780_000_000_000));
    let fields = [
        ("summary", Value::Text("a pen".into())),
        ("service", Value::Ref(Name::from("mail"))),
        ("size", Value::Choice(Name::from("large"))),
    ];
    let fields: Fields = fields.into_iter().map(|(name, value)| (Name::from(name), value)).collect();
    let order = Start { instance: InstanceId(1), number: "ORD-1".into(), on_behalf_of: None, fields, origin: None };
    play.start(&Name::from("dora"), order).expect("anyone may start");
    for (step, outcome) in outcomes {
        let tasks = play.instance().expect("it has begun").tasks();
        let task = tasks.iter().find(|task| task.step == *step).expect("the task is open").id;
        let outcome = Name::from(*outcome);
        let command = Command::Complete { task, outcome, fields: Fields::new(), reason: None };
        play.command(Actor::Person(Name::from("dora")), command).expect("dora may do everything");
    }
    play.instance().expect("it has begun").clone()
}

/// Why a record could not move, in words.
fn hindered(new: &Parts, record: &Instance) -> Vec<String> {
    let old = parts(PROCESS);
    let plan = Plan::of(&old, new);
    plan.obstacles(record).iter().map(|obstacle| plan.said(obstacle).en).collect()
}

fn fate(new: &Parts, step: &str) -> Fate {
    let old = parts(PROCESS);
    let plan = Plan::of(&old, new);
    plan.steps().find(|(held, _)| held.name == step).expect("there is such a step").1.clone()
}

const CHECKED: &[(&str, &str)] = &[];
const PACKED: &[(&str, &str)] = &[("check", "fine")];
const ASKED: &[(&str, &str)] = &[("check", "ask")];
const SENT: &[(&str, &str)] = &[("check", "fine"), ("pack", "packed")];

#[test]
fn the_same_text_lets_every_record_move() {
    let (old, new) = (parts(PROCESS), parts(PROCESS));
    let plan = Plan::of(&old, &new);
    assert!(plan.steps().all(|(_, fate)| *fate == Fate::Same));
    for way in [CHECKED, PACKED, ASKED, SENT] {
        assert_eq!(plan.obstacles(&record(way)), [].into());
    }
}

#[test]
fn a_step_that_says_something_else_is_still_the_same_step() {
    let new = changed(&[("due in 2 hours", "due in 4 hours")]);
    assert_eq!((fate(&new, "check"), fate(&new, "pack")), (Fate::Changed, Fate::Same));
    assert_eq!(hindered(&new, &record(CHECKED)), Vec::<String>::new());
    let later = changed(&[("after 3 days", "after 5 days")]);
    assert_eq!(fate(&later, "race_1.after_1"), Fate::Changed, "nothing came or went beside it");
}

#[test]
fn a_record_cannot_stand_in_a_step_that_is_gone() {
    let pack = "task pack \"Pack\" zh \"打包\" for role staff {\n    outcome packed \"Packed\" zh \"已打包\"\n  }\n";
    let new = changed(&[(pack, "")]);
    assert_eq!(fate(&new, "pack"), Fate::Lost(Obstacle::StepGone { step: Name::from("pack") }));
    assert_eq!(hindered(&new, &record(PACKED)), ["the step Pack is gone"]);
    assert_eq!(hindered(&new, &record(CHECKED)), Vec::<String>::new(), "others are free");
}

#[test]
fn a_task_that_became_a_milestone_is_another_step() {
    let pack = "task pack \"Pack\" zh \"打包\" for role staff {\n    outcome packed \"Packed\" zh \"已打包\"\n  }\n";
    let new = changed(&[(pack, "milestone pack \"Pack\" zh \"打包\"\n")]);
    assert_eq!(hindered(&new, &record(PACKED)), ["the step Pack was a task and is a milestone now"]);
}

#[test]
fn a_step_in_another_race_or_aside_cannot_be_moved_to() {
    let pack = "task pack \"Pack\" zh \"打包\" for role staff {\n    outcome packed \"Packed\" zh \"已打包\"\n  }\n";
    let race = format!("race packing {{\n    {pack}    after 9 days\n  }}\n");
    let new = changed(&[(pack, &race)]);
    let saw = hindered(&new, &record(PACKED));
    assert_eq!(saw, ["the step Pack has moved from the main way to the race of Pack or after 9 days"]);
}

#[test]
fn a_task_without_any_outcome_that_people_know_is_another_task() {
    let new = changed(&[("outcome packed \"Packed\" zh \"已打包\"", "outcome ready \"Ready\" zh \"就绪\"")]);
    assert_eq!(hindered(&new, &record(PACKED)), ["all outcomes of the task Pack are gone"]);
    let fewer = changed(&[("outcome ask ", "outcome query ")]);
    assert_eq!(fate(&fewer, "check"), Fate::Changed, "one of two is left");
}

#[test]
fn a_race_with_a_new_branch_keeps_its_records() {
    let new = changed(&[("after 3 days", "after 3 days\n    on hurry from requester")]);
    let saw = hindered(&new, &record(SENT));
    assert_eq!(saw, ["the race of Confirm or after 3 days has a new branch, on hurry"]);
}

#[test]
fn a_step_without_a_name_is_not_taken_for_another() {
    // A race before the old one takes its name; nobody may come from one into the other.
    let before = "race {\n    task sign \"Sign\" zh \"签字\" for role staff { outcome signed \"Signed\" zh \"已签\" }\n    \
                  after 1 day\n  }\n  race {\n    task confirm";
    let new = changed(&[("race {\n    task confirm", before)]);
    let saw = hindered(&new, &record(SENT));
    assert!(saw.iter().any(|said| said.contains("has no name of its own")), "{saw:?}");
}

#[test]
fn what_a_record_must_have_from_its_start_is_asked_of_running_records() {
    let room = ("record {", "record {\n    room text max 20 \"Room\" zh \"房间\"");
    let asked = ("asks summary", "asks room, summary");
    let new = changed(&[room, asked]);
    assert_eq!(hindered(&new, &record(PACKED)), ["the field Room has no value, and the new version requires one"]);
    let later = changed(&[room, asked, ("outcome packed", "outcome packed asks room")]);
    assert_eq!(hindered(&later, &record(PACKED)), Vec::<String>::new(), "a form on the way asks for it");
    assert_eq!(hindered(&later, &record(SENT)).len(), 1, "that form is over");
    let given = changed(&[("record {", "record {\n    room text max 20 = \"none\" \"Room\" zh \"房间\""), asked]);
    assert_eq!(hindered(&given, &record(PACKED)), Vec::<String>::new(), "it has a default");
}

#[test]
fn a_value_that_the_new_version_does_not_know_keeps_its_record() {
    let new = changed(&[
        (" | large \"Large\" zh \"大\"", " | huge \"Huge\" zh \"巨大\""),
        ("{ small 1 day  large 2 days }", "{ small 1 day  huge 2 days }"),
    ]);
    assert_eq!(hindered(&new, &record(CHECKED)), ["the value of the field Size does not fit the new version"]);
}

#[test]
fn a_clock_that_runs_is_not_dropped() {
    let clock = PROCESS.split("  clock ").nth(1).and_then(|rest| rest.split("  }\n").next()).expect("it has a clock");
    let new = changed(&[(&format!("  clock {clock}  }}\n"), "")]);
    assert_eq!(hindered(&new, &record(CHECKED)), ["the clock Work runs, and the new version does not have it"]);
    assert_eq!(hindered(&new, &record(SENT)), Vec::<String>::new(), "it has stopped");
}

#[test]
fn records_tasks_and_timers_are_counted_by_step() {
    let old = parts(PROCESS);
    let new = changed(&[("after 3 days", "after 3 days\n    on hurry from requester")]);
    let plan = Plan::of(&old, &new);
    let mut tally = Tally::default();
    for way in [CHECKED, CHECKED, SENT, &[("check", "fine"), ("pack", "packed"), ("confirm", "yes_thanks")]] {
        tally.count(&plan, &record(way));
    }
    let at = |step: &str| tally.standing.get(step).map(|held| (held.records, held.tasks, held.timers));
    assert_eq!((tally.records, tally.movable), (3, 2), "one is over and counts for nothing");
    assert_eq!((at("check"), at("pack")), (Some((2, 2, 0)), None));
    assert_eq!((at("race_1"), at("confirm")), (Some((1, 0, 0)), Some((1, 1, 0))));
    assert_eq!(at("race_1.after_1"), Some((1, 0, 1)));
    assert_eq!(tally.obstacles.values().collect::<Vec<_>>(), [&1]);
}

#[test]
fn every_obstacle_is_said_in_both_languages() {
    let (step, field, clock) = (Name::from("pack"), Name::from("size"), Name::from("work"));
    let old = parts(PROCESS);
    let plan = Plan::of(&old, &old);
    for obstacle in [
        Obstacle::StepGone { step: step.clone() },
        Obstacle::OtherKind { step: step.clone(), is: Name::from("done") },
        Obstacle::OtherScope { step: step.clone(), was: None, is: Some(Name::from("asking")) },
        Obstacle::Shifted { step: step.clone() },
        Obstacle::NoOutcomeLeft { step: step.clone() },
        Obstacle::NewBranch { step, branch: Name::from("confirm") },
        Obstacle::NoValue { field: field.clone() },
        Obstacle::UnfitValue { field },
        Obstacle::ClockGone { clock },
        Obstacle::Stuck,
    ] {
        let said = plan.said(&obstacle);
        assert!(said.en.is_ascii() && !said.zh.is_ascii(), "{said:?}");
    }
}
