//! What operators do to a record from outside of its process: hold it up, let it go on, end it, bring it elsewhere.

use std::collections::BTreeSet;

use engine::audience::Audience;
use engine::command::{Command, Immovable, Rejection};
use engine::definition::{Action, Branch, Channel, Needs, Parts, StepKind, Who};
use engine::directory::{Directory, Entry, Standing};
use engine::effect::Effect;
use engine::event::{Actor, Event};
use engine::expr::Expr;
use engine::instance::{Instance, Status};
use engine::play::Play;
use std::sync::Arc;

use crate::made::{
    act, at, block, chore, clock, complete, directory, edit, end, ended, fields, history, name, notify, now, order,
    person, places, plain_minutes, prepared, process, race, receive, reference, send, step, text, timer,
};

/// The people of all tests, and Ada, who runs the installation.
fn with_ada() -> Directory {
    let mut directory = directory();
    let administrator = Standing { roles: [name("administrator")].into(), ..Standing::default() };
    directory.put_person(name("ada"), Entry::default(), administrator);
    directory
}

fn begun(parts: Parts) -> Play {
    let mut play = Play::new(prepared(parts), Arc::new(with_ada()), at("2026-09-18 17:30"));
    play.start(&name("erin"), order(&[])).expect("the form is right");
    play
}

fn give(play: &mut Play, who: &str, command: Command) -> Result<(), Rejection> {
    let before = now(play).clone();
    let answer = play.command(person(who), command).map(|_| ());
    if answer.is_err() {
        assert_eq!(*now(play), before, "a refusal changes nothing");
    }
    assert_eq!(Instance::folded(&history(play)), *now(play), "the facts fold into the state");
    answer
}

fn suspend(play: &mut Play, who: &str) -> Result<(), Rejection> {
    give(play, who, Command::Suspend { reason: "the customer moves house".into() })
}

fn resume(play: &mut Play) {
    give(play, "ada", Command::Resume { reason: String::new() }).expect("a suspended record can go on");
}

fn moved(play: &mut Play, who: &str, from: &str, to: &str) -> Result<(), Rejection> {
    let held = now(play).tokens().iter().find(|token| token.step == *from);
    let token = held.unwrap_or_else(|| panic!("nothing stands in {from}: {:?}", places(play))).id;
    give(play, who, Command::Move { token, from: name(from), to: name(to), reason: "as agreed".into() })
}

/// A task beside a wait for a message and a timer.
fn waiting() -> Parts {
    let mut parts = process(vec![
        step("both", None, Some("closed"), race(&["work", "news", "late"])),
        step("work", Some("both"), None, chore()),
        step("news", Some("both"), None, receive("news", vec![Who::Anyone])),
        step("late", Some("both"), Some("note"), timer(plain_minutes(60))),
        step("note", Some("both"), None, act(vec![notify(Who::Requester)])),
        step("closed", None, None, end("closed")),
    ]);
    parts.clocks.push(clock("closed", &[], &[]));
    parts
}

#[test]
fn nothing_of_a_suspended_record_moves_until_it_is_resumed() {
    let mut play = begun(waiting());
    suspend(&mut play, "anna").expect("whoever edits the record may hold it up");
    let Status::Suspended(held) = now(&play).status() else { panic!("{:?}", now(&play).status()) };
    assert_eq!((&held.by, held.reason.as_str()), (&person("anna"), "the customer moves house"));
    assert_eq!(complete(&mut play, "anna", "work", "done"), Err(Rejection::Suspended));
    assert_eq!(send(&mut play, "erin", "news"), Err(Rejection::Suspended));
    assert_eq!(edit(&mut play, "anna", &[("note", text("x"))], "y"), Err(Rejection::Suspended));
    assert_eq!(suspend(&mut play, "anna"), Err(Rejection::Suspended));
    assert_eq!(moved(&mut play, "ada", "work", "closed"), Err(Rejection::Suspended));
    assert_eq!(now(&play).next_wake(), None, "no timer wakes it");
    play.advance_to(at("2026-09-18 20:00"));
    let events = history(&play).len();
    play.command(Actor::System, Command::Tick).expect("a tick that was on its way is no mistake");
    assert_eq!(history(&play).len(), events, "and does nothing");
    give(
        &mut play,
        "erin",
        Command::Comment { text: "any news?".into(), audience: Audience::Public, tells: BTreeSet::new() },
    )
    .expect("people may talk about it");
    resume(&mut play);
    assert_eq!(ended(&play).as_deref(), Some("closed"), "the timer that came due meanwhile fires now");
}

#[test]
fn the_promise_to_a_customer_goes_on_while_a_record_is_suspended() {
    let mut parts =
        process(vec![step("work", None, Some("closed"), chore()), step("closed", None, None, end("closed"))]);
    parts.clocks.push(clock("closed", &[], &[]));
    let mut play = begun(parts);
    let due = now(&play).clock_due();
    suspend(&mut play, "ada").expect("an administrator may");
    play.advance_to(at("2026-09-22 18:00"));
    assert_eq!(now(&play).clock_due(), due, "the due stands");
    assert!(!now(&play).clocks()[0].is_breached(), "nobody is told while it is suspended");
    resume(&mut play);
    assert!(now(&play).clocks()[0].is_breached(), "what was passed meanwhile is passed now");
    let told = play.played().last().map(|played| played.effects.len());
    assert_eq!(told, Some(2), "the desk and the manager are told");
}

#[test]
fn a_stuck_record_that_is_suspended_is_stuck_again_when_it_is_resumed() {
    let mut play = begun(failing());
    complete(&mut play, "anna", "work", "done").expect("the desk works");
    suspend(&mut play, "ada").expect("a stuck record can be held up");
    assert_eq!(give(&mut play, "ada", Command::Retry), Err(Rejection::Suspended));
    assert_eq!(give(&mut play, "ada", Command::Skip { reason: "no".into() }), Err(Rejection::Suspended));
    resume(&mut play);
    assert!(matches!(now(&play).status(), Status::Stuck(_)));
    assert_eq!(give(&mut play, "ada", Command::Resume { reason: String::new() }), Err(Rejection::NotSuspended));
}

#[test]
fn a_record_is_cancelled_with_a_reason_and_never_changes_again() {
    let mut play = begun(waiting());
    assert_eq!(give(&mut play, "anna", Command::Cancel { reason: " ".into() }), Err(Rejection::ReasonMissing));
    suspend(&mut play, "ada").expect("an administrator may");
    give(&mut play, "anna", Command::Cancel { reason: "ordered twice".into() }).expect("a suspended record can end");
    assert_eq!(ended(&play).as_deref(), Some("cancelled"));
    assert!(now(&play).tokens().is_empty() && now(&play).tasks().is_empty() && now(&play).next_wake().is_none());
    assert!(history(&play).contains(&Event::Cancelled { reason: "ordered twice".into() }));
    for command in [
        Command::Cancel { reason: "again".into() },
        Command::Suspend { reason: "again".into() },
        Command::Resume { reason: String::new() },
        Command::Skip { reason: "again".into() },
    ] {
        assert_eq!(give(&mut play, "ada", command), Err(Rejection::Ended));
    }
}

#[test]
fn only_those_who_edit_a_record_or_run_the_installation_may_operate_it() {
    let mut play = begun(waiting());
    for who in ["erin", "dora", "chen", "nobody"] {
        assert_eq!(suspend(&mut play, who), Err(Rejection::NotAllowed), "{who}");
        assert_eq!(give(&mut play, who, Command::Cancel { reason: "x".into() }), Err(Rejection::NotAllowed), "{who}");
    }
    for who in ["erin", "anna", "dora"] {
        assert_eq!(moved(&mut play, who, "work", "closed"), Err(Rejection::NotAllowed), "{who} runs no installation");
    }
    let note = |reason: &str| Command::Edit { fields: fields(&[("note", text("x"))]), reason: reason.into() };
    assert_eq!(give(&mut play, "erin", note("because")), Err(Rejection::NotAllowed));
    assert_eq!(give(&mut play, "ada", note("")), Err(Rejection::ReasonMissing), "an administrator says why");
    give(&mut play, "ada", note("the caller rang")).expect("an administrator may edit any record");
}

/// Fails until the record names a team.
fn tell_the_team() -> Action {
    Action::Notify { whom: vec![Who::Team(Expr::Field(name("team")))], template: name("news"), by: Channel::Inbox }
}

fn failing() -> Parts {
    process(vec![
        step("work", None, Some("tell"), chore()),
        step("tell", None, Some("after"), act(vec![tell_the_team()])),
        step("after", None, Some("closed"), chore()),
        step("closed", None, None, end("closed")),
    ])
}

#[test]
fn a_step_that_cannot_be_done_is_passed_over_with_a_reason() {
    let mut play = begun(failing());
    assert_eq!(give(&mut play, "ada", Command::Skip { reason: "x".into() }), Err(Rejection::NotStuck));
    complete(&mut play, "anna", "work", "done").expect("the desk works");
    assert_eq!(give(&mut play, "anna", Command::Skip { reason: "x".into() }), Err(Rejection::NotAllowed));
    assert_eq!(give(&mut play, "ada", Command::Skip { reason: String::new() }), Err(Rejection::ReasonMissing));
    give(&mut play, "ada", Command::Skip { reason: "they know already".into() }).expect("an administrator may");
    assert_eq!((places(&play), now(&play).status()), (vec!["after".to_owned()], &Status::Running));
    let skipped = Event::Skipped { step: Some(name("tell")), given_up: Vec::new(), reason: "they know already".into() };
    assert!(history(&play).contains(&skipped));
}

#[test]
fn a_value_is_changed_and_the_step_tried_again_in_one() {
    let mut play = begun(failing());
    let mend = |team: &str| Command::Mend { fields: fields(&[("team", reference(team))]), reason: "missing".into() };
    assert_eq!(give(&mut play, "anna", mend("mail_team")), Err(Rejection::NotStuck));
    complete(&mut play, "anna", "work", "done").expect("the desk works");
    assert_eq!(give(&mut play, "erin", mend("mail_team")), Err(Rejection::NotAllowed));
    assert!(matches!(give(&mut play, "anna", mend("nonsense")), Err(Rejection::BadFields(_))));
    assert!(matches!(now(&play).status(), Status::Stuck(_)));
    give(&mut play, "anna", mend("mail_team")).expect("the desk edits the record");
    assert_eq!((places(&play), now(&play).status()), (vec!["after".to_owned()], &Status::Running));
}

#[test]
fn a_stuck_token_is_brought_elsewhere_and_what_else_was_owed_is_done() {
    let mut play = begun(failing());
    complete(&mut play, "anna", "work", "done").expect("the desk works");
    moved(&mut play, "ada", "tell", "work").expect("back to the task");
    assert_eq!((places(&play), now(&play).status()), (vec!["work".to_owned()], &Status::Running));
    let again = Command::Move {
        token: now(&play).tokens()[0].id,
        from: name("tell"),
        to: name("after"),
        reason: "a form that was left open".into(),
    };
    assert_eq!(give(&mut play, "ada", again), Err(Rejection::NotThere(name("tell"))), "overtaken");
}

fn nested() -> Parts {
    let together = StepKind::Together {
        branches: vec![
            Branch { when: None, first: name("left") },
            Branch { when: None, first: name("right") },
            Branch { when: Some(crate::made::field_is("impact", crate::made::choice("high"))), first: name("rare") },
        ],
        needs: Needs::All,
        rest: engine::definition::Rest::Cancelled,
    };
    process(vec![
        step("before", None, Some("ways"), chore()),
        step("ways", None, Some("after"), together),
        step("left", Some("ways"), Some("left_more"), chore()),
        step("left_more", Some("ways"), None, chore()),
        step("right", Some("ways"), Some("inner"), chore()),
        step("inner", Some("ways"), None, race(&["fast", "slow"])),
        step("fast", Some("inner"), Some("faster"), chore()),
        step("faster", Some("inner"), None, chore()),
        step("slow", Some("inner"), None, timer(plain_minutes(600))),
        step("rare", Some("ways"), None, chore()),
        step("after", None, Some("closed"), chore()),
        step("aside", None, Some("closed"), block("within")),
        step("within", Some("aside"), Some("further"), chore()),
        step("further", Some("aside"), None, chore()),
        step("closed", None, None, end("closed")),
    ])
}

#[test]
fn a_token_is_moved_into_a_scope_and_all_its_branches_begin() {
    let mut play = begun(nested());
    moved(&mut play, "ada", "before", "faster").expect("two scopes inwards");
    assert_eq!(places(&play), ["ways", "left", "inner", "faster", "slow"]);
    assert_eq!(now(&play).tasks().len(), 2);
    complete(&mut play, "anna", "faster", "done").expect("the branch goes on from there");
    assert_eq!(places(&play), ["ways", "left"], "the race is won and its branch of the ways is over");
    complete(&mut play, "anna", "left", "done").expect("the desk works");
    complete(&mut play, "anna", "left_more", "done").expect("the desk works");
    assert_eq!(places(&play), ["after"]);
    moved(&mut play, "ada", "after", "further").expect("into an aside");
    assert_eq!(places(&play), ["aside", "further"]);
    complete(&mut play, "anna", "further", "done").expect("the desk works");
    assert_eq!(ended(&play).as_deref(), Some("closed"));
}

#[test]
fn a_token_is_moved_out_of_scopes_and_everything_inside_them_ends() {
    let mut play = begun(nested());
    complete(&mut play, "anna", "before", "done").expect("the desk works");
    moved(&mut play, "ada", "left", "left_more").expect("within a branch");
    complete(&mut play, "anna", "right", "done").expect("the desk works");
    assert_eq!(places(&play), ["ways", "left_more", "inner", "fast", "slow"]);
    moved(&mut play, "ada", "fast", "right").expect("out of the race, within its branch");
    assert_eq!(places(&play), ["ways", "left_more", "right"]);
    moved(&mut play, "ada", "left_more", "before").expect("out of everything");
    assert_eq!((places(&play), now(&play).tasks().len()), (vec!["before".to_owned()], 1));
}

#[test]
fn what_cannot_be_moved_is_refused_with_the_reason() {
    let mut play = begun(nested());
    complete(&mut play, "anna", "before", "done").expect("the desk works");
    let cannot = |why| Err(Rejection::CannotMove(why));
    assert_eq!(moved(&mut play, "ada", "left", "nowhere"), cannot(Immovable::NoSuchStep(name("nowhere"))));
    assert_eq!(moved(&mut play, "ada", "left", "right"), cannot(Immovable::OtherBranch(name("right"))));
    assert_eq!(moved(&mut play, "ada", "left", "fast"), cannot(Immovable::OtherBranch(name("fast"))));
    moved(&mut play, "ada", "left", "before").expect("out of everything");
    assert_eq!(moved(&mut play, "ada", "before", "rare"), cannot(Immovable::NotEntered(name("rare"))));
    assert_eq!(places(&play), ["before"]);
    let mut parts = nested();
    parts.steps.push(step("failing", None, Some("closed"), act(vec![tell_the_team()])));
    let mut play = begun(parts);
    assert!(matches!(moved(&mut play, "ada", "before", "failing"), Err(Rejection::CannotJudge(_))));
}

/// Work that is not for whoever asked, and a check by somebody who did not do it.
fn separated() -> Parts {
    let mut whom = crate::made::candidates(vec![Who::Anyone]);
    whom.not = vec![Who::Requester];
    let mut checkers = crate::made::candidates(vec![Who::Anyone]);
    checkers.not_who_did = crate::made::names(&["work"]);
    process(vec![
        step("work", None, Some("check"), crate::made::task(whom, vec![crate::made::outcome("done", None)])),
        step("check", None, Some("closed"), crate::made::task(checkers, vec![crate::made::outcome("good", None)])),
        step("closed", None, None, end("closed")),
    ])
}

#[test]
fn an_administrator_moves_no_record_past_a_separation_of_duty_that_holds_for_themselves() {
    let mut play = Play::new(prepared(separated()), Arc::new(with_ada()), at("2026-09-18 17:30"));
    play.start(&name("ada"), order(&[])).expect("the form is right");
    assert_eq!(moved(&mut play, "ada", "work", "closed"), Err(Rejection::DutiesSeparated), "Ada asked for it");
    let mut play = begun(separated());
    complete(&mut play, "ada", "work", "done").expect("anybody may");
    assert_eq!(moved(&mut play, "ada", "check", "closed"), Err(Rejection::DutiesSeparated), "Ada did the work");
    let mut play = begun(separated());
    moved(&mut play, "ada", "work", "closed").expect("Ada has no hand in it");
}

#[test]
fn an_administrator_gives_back_what_somebody_holds() {
    let mut parts = separated();
    parts.edited_by = Vec::new();
    let mut play = begun(parts);
    let task = crate::made::task_at(&play, "work");
    give(&mut play, "bo", Command::Claim { task }).expect("Bo may");
    assert_eq!(give(&mut play, "anna", Command::Release { task }), Err(Rejection::TakenBy(name("bo"))));
    give(&mut play, "ada", Command::Release { task }).expect("Ada runs the installation");
    assert_eq!(now(&play).task(task).and_then(|open| open.assignee.clone()), None);
}

fn calling() -> Parts {
    let begin = engine::definition::Begin { process: name("other"), with: Vec::new(), links: Vec::new() };
    process(vec![
        step("call", None, Some("after"), StepKind::Call(begin)),
        step("after", None, Some("closed"), chore()),
        step("closed", None, None, end("closed")),
    ])
}

#[test]
fn a_call_that_could_not_begin_is_passed_over_and_the_record_goes_on() {
    let mut play = begun(calling());
    let begun = play.played()[0].effects.iter().find_map(|effect| match effect {
        Effect::Begin(begun) => Some(Box::new(begun.clone())),
        _ => None,
    });
    let not_begun = Command::NotBegun { begun: begun.expect("it calls"), problem: "there is no such process".into() };
    play.command(Actor::System, not_begun).expect("the engine says so");
    assert!(matches!(now(&play).status(), Status::Stuck(_)));
    give(&mut play, "ada", Command::Skip { reason: "it was done by hand".into() }).expect("an administrator may");
    assert_eq!((places(&play), now(&play).status()), (vec!["after".to_owned()], &Status::Running));
    assert!(
        history(&play).iter().any(|event| matches!(event, Event::Skipped { step: Some(step), .. } if *step == *"call"))
    );
}

/// Three ways of which the first that is over is enough, and the others go on beside.
fn beside() -> Parts {
    let together = StepKind::Together {
        branches: ["fast", "slow"].map(|first| Branch { when: None, first: name(first) }).into(),
        needs: Needs::Count(1),
        rest: engine::definition::Rest::GoesOn,
    };
    process(vec![
        step("ways", None, Some("after"), together),
        step("fast", Some("ways"), None, chore()),
        step("slow", Some("ways"), Some("inner"), chore()),
        step("inner", Some("ways"), None, race(&["left", "right"])),
        step("left", Some("inner"), None, chore()),
        step("right", Some("inner"), None, chore()),
        step("after", None, Some("closed"), chore()),
        step("closed", None, None, end("closed")),
    ])
}

#[test]
fn nothing_is_moved_out_of_a_branch_that_nobody_waits_for() {
    let mut play = begun(beside());
    complete(&mut play, "anna", "fast", "done").expect("the desk works");
    assert_eq!(places(&play), ["after", "slow", "ways"]);
    let out = |to: &str| Err(Rejection::CannotMove(Immovable::NotEntered(name(to))));
    assert_eq!(moved(&mut play, "ada", "slow", "after"), out("after"), "the record has gone on without it");
    complete(&mut play, "anna", "slow", "done").expect("the branch goes on by itself");
    assert_eq!(places(&play), ["after", "inner", "ways", "left", "right"]);
    assert_eq!(moved(&mut play, "ada", "inner", "after"), out("after"), "nor what holds others");
    assert_eq!(moved(&mut play, "ada", "ways", "after"), Err(Rejection::NotThere(name("ways"))), "nobody stands there");
    moved(&mut play, "ada", "left", "slow").expect("within its branch it may");
    assert_eq!(places(&play), ["after", "slow", "ways"]);
}

/// Work beside which a part may be added that jumps out of itself.
fn extended(handler: engine::definition::Handled) -> Parts {
    let extra = StepKind::Extra { by: vec![Who::Anyone], first: name("look") };
    process(vec![
        step("work", None, Some("tell"), chore()),
        step("tell", None, Some("after"), act(vec![tell_the_team()])),
        step("after", None, Some("closed"), chore()),
        step("closed", None, None, end("closed")),
        step("extra", None, None, extra),
        step("look", Some("extra"), Some("back"), chore()),
        step("back", Some("extra"), None, crate::made::go("work")),
        step("handler", None, None, StepKind::Handler { of: handler, first: name("tidy") }),
        step("tidy", Some("handler"), None, chore()),
    ])
}

#[test]
fn nothing_is_added_to_a_record_that_is_being_cancelled() {
    let mut play = begun(extended(engine::definition::Handled::Cancel));
    give(&mut play, "anna", Command::Cancel { reason: "ordered twice".into() }).expect("the desk may");
    assert_eq!(places(&play), ["handler", "tidy"]);
    let add = Command::Add { step: name("extra") };
    assert_eq!(give(&mut play, "anna", add), Err(Rejection::NothingToAdd(name("extra"))));
    complete(&mut play, "anna", "tidy", "done").expect("the desk tidies up");
    assert_eq!(ended(&play).as_deref(), Some("cancelled"));
}

#[test]
fn a_jump_out_of_a_part_that_was_added_ends_what_handles_an_error() {
    let mut play = begun(extended(engine::definition::Handled::Error));
    complete(&mut play, "anna", "work", "done").expect("the desk works");
    assert_eq!(places(&play), ["tell", "handler", "tidy"]);
    give(&mut play, "anna", Command::Add { step: name("extra") }).expect("anybody adds it");
    complete(&mut play, "anna", "look", "done").expect("it jumps back");
    assert_eq!((places(&play), now(&play).caught()), (vec!["work".to_owned()], None));
    complete(&mut play, "anna", "work", "done").expect("the desk works again");
    assert_eq!(places(&play), ["tell", "handler", "tidy"], "and the next error is handled too");
}

#[test]
fn an_approval_that_is_passed_over_at_the_end_of_its_branch_leaves_no_votes_behind() {
    let approval = engine::definition::Approval {
        levels: vec![crate::made::candidates(vec![Who::Team(Expr::Field(name("team")))])],
        needs: engine::definition::Quorum::One,
        abstaining: engine::definition::Abstaining::Forbidden,
        due: None,
        asks: Vec::new(),
        outcomes: ["approved", "rejected"].map(|held| crate::made::outcome(held, None)).into(),
    };
    let both = StepKind::Together {
        branches: ["consent", "work"].map(|first| Branch { when: None, first: name(first) }).into(),
        needs: Needs::All,
        rest: engine::definition::Rest::Cancelled,
    };
    let mut parts = process(vec![
        step("both", None, Some("closed"), both),
        step("consent", Some("both"), None, StepKind::Approval(approval)),
        step("work", Some("both"), None, chore()),
        step("closed", None, None, end("closed")),
    ]);
    parts.start.asks.push(crate::made::ask("team"));
    let mut play = Play::new(prepared(parts), Arc::new(with_ada()), at("2026-09-18 17:30"));
    play.start(&name("erin"), order(&[("team", reference("mail_team"))])).expect("the form is right");
    // The team dissolves: nobody is left who may vote.
    let mut empty = with_ada();
    for member in ["bo", "chen"] {
        empty.put_person(name(member), Entry::default(), Standing::default());
    }
    let (definition, record) = (prepared(play.definition().parts().clone()), now(&play).clone());
    let ada = person("ada");
    let world = |actor| engine::World {
        now: at("2026-09-18 17:40"),
        actor,
        directory: &empty,
        fresh: crate::made::FRESH,
        records: &engine::records::NoRecords,
    };
    let halted = engine::step(&definition, &record, Command::Tick, &world(&Actor::System)).expect("a tick").instance;
    assert!(matches!(halted.status(), Status::Stuck(_)) && halted.ballots().len() == 1);
    let skip = Command::Skip { reason: "they all left".into() };
    let after = engine::step(&definition, &halted, skip, &world(&ada)).expect("an administrator may").instance;
    assert_eq!(after.tokens().iter().map(|token| token.step.as_str()).collect::<Vec<_>>(), ["both", "work"]);
    assert_eq!(after.ballots(), [], "nobody votes on what is over");
}

#[test]
fn an_administrator_passes_over_nothing_that_they_are_kept_from_either() {
    let mut parts = separated();
    parts.steps[1].next = Some(name("tell"));
    parts.steps.push(step("tell", None, Some("closed"), act(vec![tell_the_team()])));
    let to_tell = |play: &mut Play, worker: &str| {
        complete(play, worker, "work", "done").expect("anybody may");
        complete(play, "bo", "check", "good").expect("Bo did not work");
        assert!(matches!(now(play).status(), Status::Stuck(_)));
    };
    let skip = || Command::Skip { reason: "they know".into() };
    let mut play = begun(parts.clone());
    to_tell(&mut play, "ada");
    assert_eq!(give(&mut play, "ada", skip()), Err(Rejection::DutiesSeparated), "Ada did the work");
    let mut play = begun(parts);
    to_tell(&mut play, "anna");
    give(&mut play, "ada", skip()).expect("Ada has no hand in it");
}

#[test]
fn an_administrator_moves_no_record_past_any_level_of_an_approval_that_is_kept_from_them() {
    let mut second = crate::made::candidates(vec![Who::Anyone]);
    second.not_who_did = crate::made::names(&["work"]);
    let approval = engine::definition::Approval {
        levels: vec![crate::made::candidates(vec![Who::Anyone]), second],
        needs: engine::definition::Quorum::One,
        abstaining: engine::definition::Abstaining::Forbidden,
        due: None,
        asks: Vec::new(),
        outcomes: ["approved", "rejected"].map(|held| crate::made::outcome(held, None)).into(),
    };
    let whom = crate::made::candidates(vec![Who::Anyone]);
    let parts = || {
        process(vec![
            step(
                "work",
                None,
                Some("consent"),
                crate::made::task(whom.clone(), vec![crate::made::outcome("done", None)]),
            ),
            step("consent", None, Some("closed"), StepKind::Approval(approval.clone())),
            step("closed", None, None, end("closed")),
        ])
    };
    let mut play = begun(parts());
    complete(&mut play, "ada", "work", "done").expect("anybody may");
    assert_eq!(
        moved(&mut play, "ada", "consent", "closed"),
        Err(Rejection::DutiesSeparated),
        "the second level bars Ada"
    );
    let mut play = begun(parts());
    complete(&mut play, "anna", "work", "done").expect("anybody may");
    moved(&mut play, "ada", "consent", "closed").expect("Ada has no hand in it");
}
