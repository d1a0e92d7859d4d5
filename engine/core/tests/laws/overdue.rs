//! A command that comes before the tick that was due: what the clocks have passed belongs to it, and is neither dropped nor
//! overlooked.

use engine::command::{Command, Rejection};
use engine::definition::{Action, Parts, StepKind, Threshold, Who};
use engine::directory::{Entry, Standing};
use engine::event::{Actor, Owed};
use engine::expr::Expr;
use engine::ids::Name;
use engine::instance::{Instance, Status, Waits};
use engine::play::Play;
use engine::{Step, World};
use std::sync::Arc;

use crate::made::{
    act, at, candidates, choice, chore, clock, end, fields, literal, name, notify, now, order, outcome, person,
    plain_minutes, prepared, process, race, reference, role, set, step, task, task_at, timer,
};

fn directory() -> engine::directory::Directory {
    let mut directory = crate::made::directory();
    let administrator = Standing { roles: [name("administrator")].into(), ..Standing::default() };
    directory.put_person(name("ada"), Entry::default(), administrator);
    directory
}

fn begun(parts: Parts) -> Play {
    let mut play = Play::new(prepared(parts), Arc::new(directory()), at("2026-09-18 17:30"));
    play.start(&name("erin"), order(&[("impact", choice("high"))])).expect("the form is right");
    play
}

/// What a command leads to that comes when the clock of four hours has long passed its target, and no tick came.
fn late(play: &Play, actor: &Actor, command: Command) -> Result<Step, Rejection> {
    let (directory, now_it_is) = (directory(), at("2026-09-20 12:45"));
    let world = World {
        now: now_it_is,
        actor,
        directory: &directory,
        fresh: crate::made::FRESH,
        records: &engine::records::NoRecords,
    };
    engine::step(play.definition(), now(play), command, &world)
}

/// A process whose clock does this at its target.
fn at_the_target(actions: Vec<Action>, steps: Vec<engine::definition::Step>) -> Parts {
    let mut parts = process(steps);
    let mut promise = clock("closed", &[], &[]);
    promise.thresholds = vec![Threshold { percent: 75, actions }];
    parts.clocks.push(promise);
    parts
}

fn tell_the_team() -> Action {
    notify(Who::Team(Expr::Field(name("team"))))
}

fn places(record: &Instance) -> Vec<&str> {
    record.tokens().iter().map(|token| token.step.as_str()).collect()
}

fn owed(record: &Instance) -> &[Owed] {
    record.repair().map(|repair| repair.owed.as_slice()).unwrap_or_default()
}

fn threshold(owed: &[Owed]) -> bool {
    matches!(owed, [Owed::Threshold { percent: 75, .. }])
}

/// A record that is stuck at a step which fails as the clock's threshold does.
fn stuck() -> Play {
    let support = Expr::Attribute(Box::new(Expr::Field(name("service"))), name("support_team"));
    let mut parts = at_the_target(
        vec![notify(Who::Team(support))],
        vec![
            step("tell", None, Some("after"), act(vec![tell_the_team()])),
            step("after", None, Some("closed"), chore()),
            step("closed", None, None, end("closed")),
        ],
    );
    parts.start.asks.push(crate::made::ask("team"));
    let mut play = Play::new(prepared(parts), Arc::new(directory()), at("2026-09-18 17:30"));
    let values = [("impact", choice("high")), ("service", reference("fax"))];
    play.start(&name("erin"), order(&values)).expect("the form is right");
    assert!(matches!(now(&play).status(), Status::Stuck(_)));
    play
}

#[test]
fn what_a_clock_owes_is_not_dropped_by_the_command_that_mends_the_record() {
    let mut play = stuck();
    let named = Command::Edit { fields: fields(&[("team", reference("mail_team"))]), reason: "it was missing".into() };
    play.command(person("anna"), named).expect("Anna edits");
    let after = late(&play, &Actor::System, Command::Retry).expect("it may try again").instance;
    assert_eq!(places(&after), ["after"]);
    assert!(threshold(owed(&after)), "{:?}", after.status());
    let play = stuck();
    let after = late(&play, &person("ada"), Command::Skip { reason: "they know".into() }).expect("Ada may").instance;
    assert_eq!(places(&after), ["after"]);
    assert!(threshold(owed(&after)), "{:?}", after.status());
}

#[test]
fn timers_do_not_fire_in_a_record_that_a_clock_has_just_made_stuck() {
    let play = begun(at_the_target(
        vec![tell_the_team()],
        vec![
            step("both", None, Some("closed"), race(&["work", "late"])),
            step("work", Some("both"), None, chore()),
            step("late", Some("both"), None, timer(plain_minutes(60))),
            step("closed", None, None, end("closed")),
        ],
    ));
    let after = late(&play, &Actor::System, Command::Tick).expect("a tick").instance;
    assert!(threshold(owed(&after)));
    assert_eq!(places(&after), ["both", "work", "late"]);
}

/// A task for the team that the record names; at the target of its clock that becomes another.
fn handed_over() -> Play {
    let mut parts = at_the_target(
        vec![set("team", literal(reference("net_team")))],
        vec![
            step(
                "work",
                None,
                Some("closed"),
                task(candidates(vec![Who::Team(Expr::Field(name("team")))]), vec![outcome("done", None)]),
            ),
            step("closed", None, None, end("closed")),
        ],
    );
    parts.start.asks.push(crate::made::ask("team"));
    let mut play = Play::new(prepared(parts), Arc::new(directory()), at("2026-09-18 17:30"));
    let values = [("impact", choice("high")), ("team", reference("mail_team"))];
    play.start(&name("erin"), order(&values)).expect("the form is right");
    play
}

#[test]
fn who_may_do_a_task_is_judged_after_what_the_clocks_have_passed() {
    let mut play = handed_over();
    let work = task_at(&play, "work");
    let claim = || Command::Claim { task: work };
    let complete = || Command::Complete { task: work, outcome: name("done"), fields: fields(&[]), reason: None };
    let assign = |to: &str| Command::Assign { task: work, to: name(to) };
    assert_eq!(late(&play, &person("bo"), claim()).err(), Some(Rejection::NotForYou), "Bo is in the mail team only");
    assert_eq!(late(&play, &person("bo"), complete()).err(), Some(Rejection::NotForYou));
    assert_eq!(late(&play, &person("ada"), assign("bo")).err(), Some(Rejection::NotTheirs(name("bo"))));
    late(&play, &person("chen"), complete()).expect("Chen is in both");
    play.command(person("bo"), claim()).expect("Bo takes it in time");
    let ask = Command::Delegate { task: work, to: name("anna"), text: String::new() };
    assert_eq!(late(&play, &person("bo"), ask).err(), Some(Rejection::NotForYou), "he does not hold it any more");
    assert_eq!(late(&play, &person("bo"), Command::Release { task: work }).err(), Some(Rejection::NotTaken));
    let step = late(&play, &person("chen"), claim()).expect("it is free again");
    assert_eq!(step.instance.tasks()[0].assignee, Some(name("chen")));
}

#[test]
fn a_vote_is_judged_after_what_the_clocks_have_passed() {
    let approval = engine::definition::Approval {
        levels: vec![candidates(vec![Who::Team(Expr::Field(name("team")))])],
        needs: engine::definition::Quorum::One,
        abstaining: engine::definition::Abstaining::Forbidden,
        due: None,
        asks: Vec::new(),
        outcomes: ["approved", "rejected"].map(|held| outcome(held, None)).into(),
    };
    let mut parts = at_the_target(
        vec![set("team", literal(reference("net_team")))],
        vec![
            step("consent", None, Some("closed"), StepKind::Approval(approval)),
            step("closed", None, None, end("closed")),
        ],
    );
    parts.start.asks.push(crate::made::ask("team"));
    let mut play = Play::new(prepared(parts), Arc::new(directory()), at("2026-09-18 17:30"));
    let values = [("impact", choice("high")), ("team", reference("mail_team"))];
    play.start(&name("erin"), order(&values)).expect("the form is right");
    let vote = || Command::Vote {
        task: task_at(&play, "consent"),
        vote: engine::ballot::Vote::Approved,
        fields: fields(&[]),
        reason: None,
    };
    assert_eq!(late(&play, &person("bo"), vote()).err(), Some(Rejection::NotForYou));
    assert!(late(&play, &person("chen"), vote()).expect("Chen is asked now").instance.is_ended());
}

#[test]
fn a_signal_that_a_clock_gives_while_the_record_is_held_up_is_kept_in_the_record_itself() {
    let all_clear: Name = name("all_clear");
    let play = begun(at_the_target(
        vec![Action::Signal { signal: all_clear.clone() }],
        vec![
            step("hear", None, Some("closed"), StepKind::Signal { signal: all_clear.clone() }),
            step("closed", None, None, end("closed")),
            step("unused", None, None, task(candidates(vec![role("desk")]), vec![outcome("done", None)])),
        ],
    ));
    let held = late(&play, &person("anna"), Command::Suspend { reason: "not now".into() }).expect("Anna may").instance;
    assert!(matches!(held.status(), Status::Suspended(_)));
    assert_eq!(held.tokens()[0].waits, Waits::Heard(all_clear));
}
