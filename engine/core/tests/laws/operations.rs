//! What operators do to a record from outside of its process: hold it up, let it go on, end it, bring it elsewhere.

use engine::command::{Command, Immovable, Rejection};
use engine::definition::{Action, Branch, Channel, Needs, Parts, StepKind, Who};
use engine::directory::{Directory, Entry, Standing};
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
    give(&mut play, "erin", Command::Comment { text: "any news?".into() }).expect("people may talk about it");
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

fn failing() -> Parts {
    let fails =
        Action::Notify { whom: vec![Who::Team(Expr::Field(name("team")))], template: name("news"), by: Channel::Inbox };
    process(vec![
        step("work", None, Some("tell"), chore()),
        step("tell", None, Some("after"), act(vec![fails])),
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
    let fails =
        Action::Notify { whom: vec![Who::Team(Expr::Field(name("team")))], template: name("news"), by: Channel::Inbox };
    let mut parts = nested();
    parts.steps.push(step("failing", None, Some("closed"), act(vec![fails])));
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
