//! A record that cannot go on is stuck, says where and why, can be mended, and then does all that it should have.

use engine::STEPS_MAX;
use engine::command::{Command, Rejection};
use engine::definition::{Action, Parts, Reaction, Threshold, Who};
use engine::effect::Effect;
use engine::event::{Actor, Repair};
use engine::expr::Expr;
use engine::instance::Status;
use engine::play::Play;
use engine::rules::{Parameter, Rule};
use engine::value::{FieldType, Value};

use crate::made::{
    act, at, candidates, choice, chore, clock, complete, edit, ended, entered, field_is, fields, go, name, notify, now,
    outcome, person, places, plain_minutes, process, race, reference, set, started, step, task, text, timer,
};

fn repair(play: &Play) -> Repair {
    match now(play).status() {
        Status::Stuck(repair) => repair.clone(),
        other => panic!("the record is not stuck but {other:?}"),
    }
}

fn retry(play: &mut Play) {
    play.command(Actor::System, Command::Retry).expect("a stuck record may try again");
}

/// Fails until the record names a team.
fn tell_the_team() -> Action {
    notify(Who::Team(Expr::Field(name("team"))))
}

fn name_the_team(play: &mut Play) {
    edit(play, "anna", &[("team", reference("mail_team"))], "it was missing").expect("a stuck record can be mended");
}

fn told(play: &Play) -> usize {
    let effects = play.played().iter().flat_map(|played| &played.effects);
    effects.filter(|effect| matches!(effect, Effect::Notify { .. })).count()
}

#[test]
fn a_rule_that_does_not_end_is_a_repair_that_shows_its_place_and_inputs() {
    let rule = Rule {
        name: name("spin"),
        inputs: vec![Parameter { name: name("said"), holds: FieldType::Markdown }],
        gives: FieldType::Markdown,
        body: "\n  let n = 0;\n  loop { n += 1; }\n".to_owned(),
        line: 90,
        column: 34,
    };
    let call = Expr::Rule { rule: name("spin"), inputs: vec![Expr::Field(name("summary"))] };
    let mut parts = process(vec![
        step("work", None, Some("spin"), chore()),
        step("spin", None, Some("closed"), act(vec![set("note", call)])),
        step("closed", None, None, crate::made::end("closed")),
    ]);
    parts.rules.push(rule);
    let mut play = started(parts, &[]);
    complete(&mut play, "anna", "work", "done").expect("finishing the task is not at fault");
    let problem = repair(&play).problem;
    assert!(problem.starts_with("rule spin, line 92, column "), "{problem}");
    assert!(problem.contains("takes more than 10000 operations") && problem.contains("(it saw said = "), "{problem}");
}

#[test]
fn a_repair_carries_the_expression_and_the_values_that_it_saw() {
    let no_support = Expr::Attribute(Box::new(Expr::Field(name("service"))), name("support_team"));
    let whom = candidates(vec![Who::Team(no_support)]);
    let parts = process(vec![
        step("work", None, Some("fix"), chore()),
        step("fix", None, Some("closed"), task(whom, vec![outcome("done", None)])),
        step("closed", None, None, crate::made::end("closed")),
    ]);
    let mut play = started(parts, &[("service", reference("fax"))]);
    complete(&mut play, "anna", "work", "done").expect("finishing the task is not at fault");
    let stuck = repair(&play);
    assert_eq!(stuck.expression.as_deref(), Some("service.support_team"));
    assert_eq!((stuck.step.as_str(), stuck.line, stuck.saw), ("fix", 11, fields(&[("service", reference("fax"))])));
}

#[test]
fn a_loop_that_never_waits_ends_as_a_repair_that_names_its_line() {
    let parts = process(vec![
        step("work", None, Some("turn"), chore()),
        step("turn", None, Some("back"), act(vec![set("note", Expr::Literal(text("again")))])),
        step("back", None, Some("closed"), go("turn")),
        step("closed", None, None, crate::made::end("closed")),
    ]);
    let mut play = started(parts, &[]);
    complete(&mut play, "anna", "work", "done").expect("finishing the task is not at fault");
    let stuck = repair(&play);
    assert!(stuck.line == 11 || stuck.line == 12, "{stuck:?}");
    assert!(stuck.problem.contains(&STEPS_MAX.to_string()), "{stuck:?}");
    let turns: usize = entered(&play).values().sum();
    assert_eq!(turns, 1 + STEPS_MAX as usize + 1, "the last one is entered and not done");
    retry(&mut play);
    assert_eq!(repair(&play).problem, stuck.problem, "trying again goes round again, and ends again");
}

#[test]
fn a_stuck_record_refuses_work_until_it_is_mended() {
    let parts = process(vec![
        step("both", None, Some("closed"), race(&["work", "late"])),
        step("work", Some("both"), None, chore()),
        step("late", Some("both"), Some("tell"), timer(plain_minutes(5))),
        step("tell", Some("both"), None, act(vec![tell_the_team()])),
        step("closed", None, None, crate::made::end("closed")),
    ]);
    let mut play = started(parts, &[]);
    play.advance_to(at("2026-09-18 18:00"));
    let stuck = repair(&play);
    assert_eq!((stuck.step.as_str(), stuck.line, stuck.problem.as_str()), ("tell", 13, "`team` has no value"));
    assert_eq!((stuck.expression.as_deref(), stuck.saw), (Some("team"), fields(&[("team", Value::Nothing)])));
    assert_eq!(complete(&mut play, "anna", "work", "done"), Err(Rejection::Stuck));
    assert_eq!(
        play.command(person("erin"), Command::Edit { fields: Default::default(), reason: String::new() }).err(),
        Some(Rejection::NotAllowed)
    );
    retry(&mut play);
    assert_eq!(repair(&play).step, stuck.step, "nobody has mended it");
    name_the_team(&mut play);
    retry(&mut play);
    assert_eq!(ended(&play).as_deref(), Some("closed"));
    assert_eq!(play.command(Actor::System, Command::Retry).err(), Some(Rejection::Ended));
}

#[test]
fn a_running_record_has_nothing_to_retry() {
    let parts = process(vec![
        step("work", None, Some("closed"), chore()),
        step("closed", None, None, crate::made::end("closed")),
    ]);
    let mut play = started(parts, &[]);
    assert_eq!(play.command(Actor::System, Command::Retry).err(), Some(Rejection::NotStuck));
}

#[test]
fn a_race_one_of_whose_branches_fails_goes_on_with_all_when_it_is_mended() {
    let parts = process(vec![
        step("before", None, Some("both"), chore()),
        step("both", None, Some("closed"), race(&["first", "second", "third"])),
        step("first", Some("both"), None, chore()),
        step("second", Some("both"), Some("after"), act(vec![tell_the_team()])),
        step("after", Some("both"), None, chore()),
        step("third", Some("both"), None, chore()),
        step("closed", None, None, crate::made::end("closed")),
    ]);
    let mut play = started(parts, &[]);
    complete(&mut play, "anna", "before", "done").expect("the desk works");
    assert_eq!(places(&play), ["both", "first", "second", "third"]);
    assert_eq!(complete(&mut play, "anna", "first", "done"), Err(Rejection::Stuck));
    name_the_team(&mut play);
    retry(&mut play);
    assert_eq!(places(&play), ["both", "first", "after", "third"]);
    complete(&mut play, "anna", "third", "done").expect("the desk works");
    assert_eq!(ended(&play).as_deref(), Some("closed"));
}

#[test]
fn a_branch_that_wins_and_fails_behind_its_race_goes_on_when_it_is_mended() {
    let parts = process(vec![
        step("outer", None, Some("closed"), race(&["inner", "idle"])),
        step("inner", Some("outer"), Some("tell"), race(&["work", "wait"])),
        step("work", Some("inner"), None, chore()),
        step("wait", Some("inner"), None, timer(plain_minutes(600))),
        step("tell", Some("outer"), None, act(vec![tell_the_team()])),
        step("idle", Some("outer"), None, chore()),
        step("closed", None, None, crate::made::end("closed")),
    ]);
    let mut play = started(parts, &[]);
    complete(&mut play, "anna", "work", "done").expect("the desk works");
    assert_eq!(repair(&play).step, name("tell"));
    name_the_team(&mut play);
    retry(&mut play);
    assert_eq!(ended(&play).as_deref(), Some("closed"));
}

fn with_reactions() -> Parts {
    let mut parts = process(vec![
        step("work", None, Some("closed"), chore()),
        step("closed", None, None, crate::made::end("closed")),
    ]);
    let urgent = || field_is("priority", choice("p1"));
    parts.reactions = vec![
        Reaction { becomes: urgent(), actions: vec![tell_the_team()] },
        Reaction { becomes: urgent(), actions: vec![notify(Who::Requester)] },
    ];
    parts
}

#[test]
fn a_reaction_that_fails_stops_no_other_and_is_owed_until_it_is_done() {
    let mut play = started(with_reactions(), &[]);
    edit(&mut play, "anna", &[("impact", choice("high"))], "").expect("Anna may edit");
    assert_eq!(repair(&play).problem, "`team` has no value");
    assert_eq!(repair(&play).saw, fields(&[("team", Value::Nothing)]), "what is owed is to blame");
    assert_eq!(told(&play), 1, "the caller is told");
    retry(&mut play);
    assert_eq!(repair(&play).owed.len(), 1, "nobody has mended it, and it is still owed");
    name_the_team(&mut play);
    retry(&mut play);
    assert_eq!((now(&play).status(), told(&play)), (&Status::Running, 2));
    edit(&mut play, "anna", &[("note", text("calm"))], "").expect("Anna may edit");
    assert_eq!(told(&play), 2, "a condition that held before is not news");
}

#[test]
fn an_escalation_that_fails_is_owed_and_the_shell_comes_to_rest() {
    let mut parts = process(vec![
        step("work", None, Some("closed"), chore()),
        step("closed", None, None, crate::made::end("closed")),
    ]);
    let mut resolution = clock("closed", &[], &[]);
    resolution.thresholds = [75, 100, 150]
        .map(|percent| Threshold {
            percent,
            actions: vec![if percent == 75 { tell_the_team() } else { notify(Who::Requester) }],
        })
        .to_vec();
    parts.clocks.push(resolution);
    let mut play = started(parts, &[("impact", choice("high"))]);
    play.advance_to(at("2026-09-28 18:00"));
    assert_eq!(now(&play).clocks()[0].passed, [75, 100, 150], "a clock that measures does not stop at a failure");
    assert_eq!((told(&play), now(&play).next_wake()), (2, None));
    name_the_team(&mut play);
    retry(&mut play);
    assert_eq!((now(&play).status(), told(&play)), (&Status::Running, 3));
}

#[test]
fn a_target_that_is_missing_is_a_repair_and_not_an_endless_tick() {
    let mut parts = process(vec![
        step("work", None, Some("closed"), chore()),
        step("closed", None, None, crate::made::end("closed")),
    ]);
    let mut resolution = clock("closed", &[], &[]);
    resolution.targets.retain(|target| target.value == *"p2");
    parts.clocks.push(resolution);
    let mut play = started(parts, &[]);
    edit(&mut play, "anna", &[("impact", choice("high"))], "").expect("Anna may edit");
    assert!(repair(&play).problem.contains("p1"), "{:?}", repair(&play));
    play.advance_to(at("2026-09-28 18:00"));
    assert_eq!(now(&play).next_wake(), None);
    edit(&mut play, "anna", &[("impact", choice("low"))], "").expect("a stuck record can be mended");
    retry(&mut play);
    assert_eq!(*now(&play).status(), Status::Running);
}

#[test]
fn a_reminder_that_is_owed_knows_the_round_that_it_came_in() {
    use engine::definition::{Due, ForEach, Pace, Reminder, StepKind};
    let each = ForEach {
        item: name("helper"),
        list: Expr::Field(name("people")),
        pace: Pace::AtOnce,
        until: None,
        first: name("help"),
    };
    let mut help = task(candidates(vec![Who::Person(Expr::Item(name("helper")))]), vec![outcome("done", None)]);
    if let StepKind::Task(help) = &mut help {
        let after = Some(Due { span: plain_minutes(60), hours: None });
        let the_helper = notify(Who::Person(Expr::Item(name("helper"))));
        help.reminders = vec![Reminder { after, actions: vec![tell_the_team(), the_helper] }];
    }
    let mut parts = process(vec![
        step("each", None, Some("closed"), StepKind::ForEach(each)),
        step("help", Some("each"), None, help),
        step("closed", None, None, crate::made::end("closed")),
    ]);
    parts.start.asks.push(crate::made::ask("people"));
    let helpers = Value::List(vec![reference("anna"), reference("chen")]);
    let mut play = started(parts, &[("people", helpers)]);
    play.advance_to(at("2026-09-18 19:00"));
    assert_eq!((repair(&play).owed.len(), told(&play)), (1, 0));
    name_the_team(&mut play);
    retry(&mut play);
    assert_eq!(*now(&play).status(), Status::Running, "{:?}", now(&play).status());
    play.advance_to(at("2026-09-18 19:30"));
    assert_eq!(*now(&play).status(), Status::Running, "{:?}", now(&play).status());
    let whom: Vec<String> = play
        .played()
        .iter()
        .flat_map(|played| &played.effects)
        .filter_map(|effect| match effect {
            Effect::Notify { whom, .. } => Some(whom.iter().map(ToString::to_string).collect()),
            _ => None,
        })
        .collect();
    assert_eq!(whom, ["team:mail_team", "person:anna", "team:mail_team", "person:chen"]);
}

/// A step that fails and is handled, while a reaction may fail as well.
fn handled_with_a_reaction() -> Parts {
    use engine::definition::{Handled, StepKind};
    let support = Expr::Attribute(Box::new(Expr::Field(name("service"))), name("support_team"));
    let mut parts = process(vec![
        step("fails", None, Some("after"), act(vec![notify(Who::Team(support))])),
        step("after", None, None, chore()),
        step("on_error", None, None, StepKind::Handler { of: Handled::Error, first: name("look") }),
        step("look", Some("on_error"), None, chore()),
    ]);
    parts.reactions = vec![Reaction { becomes: field_is("impact", choice("high")), actions: vec![tell_the_team()] }];
    parts
}

#[test]
fn what_is_handled_is_not_forgotten_when_something_else_fails() {
    let mut play = started(handled_with_a_reaction(), &[("service", reference("fax"))]);
    assert_eq!(places(&play), ["fails", "on_error", "look"]);
    edit(&mut play, "anna", &[("impact", choice("high"))], "").expect("Anna may edit");
    assert_eq!(repair(&play).owed.len(), 1);
    assert_eq!(now(&play).caught().map(|caught| caught.step.clone()), Some(name("fails")));
    name_the_team(&mut play);
    retry(&mut play);
    assert_eq!((now(&play).status(), told(&play)), (&Status::Running, 1));
    assert_eq!(places(&play), ["fails", "on_error", "look"], "what is handled is not tried again beside");
    complete(&mut play, "anna", "look", "done").expect("somebody has looked");
    assert_eq!((repair(&play).step, now(&play).caught()), (name("fails"), None), "and then it waits to be mended");
    edit(&mut play, "anna", &[("service", reference("mail"))], "it was the mail").expect("Anna mends it");
    retry(&mut play);
    assert_eq!(places(&play), ["after"]);
}

#[test]
fn passing_over_what_is_owed_leaves_what_is_handled_alone() {
    let mut directory = crate::made::directory();
    let administrator = engine::directory::Standing { roles: [name("administrator")].into(), ..Default::default() };
    directory.put_person(name("ada"), Default::default(), administrator);
    let mut play = Play::new(
        crate::made::prepared(handled_with_a_reaction()),
        std::sync::Arc::new(directory),
        at("2026-09-18 17:30"),
    );
    play.start(&name("erin"), crate::made::order(&[("service", reference("fax"))])).expect("the form is right");
    edit(&mut play, "anna", &[("impact", choice("high"))], "").expect("Anna may edit");
    play.command(person("ada"), Command::Skip { reason: "they know".into() }).expect("Ada runs the installation");
    assert_eq!(
        (now(&play).status(), places(&play)),
        (&Status::Running, vec!["fails".into(), "on_error".into(), "look".into()])
    );
    complete(&mut play, "anna", "look", "done").expect("somebody has looked");
    assert_eq!(repair(&play).step, name("fails"));
}
