//! Approvals: who is asked, when the result is certain, and that no vote ever changes.

use std::collections::BTreeSet;
use std::sync::Arc;

use engine::audience::Audience;
use engine::ballot::Vote;
use engine::command::{Command, Rejection};
use engine::definition::{Abstaining, Approval, Candidates, Due, Parts, Quorum, Reason, Substitution, Who};
use engine::directory::{ABSENT_FROM, ABSENT_UNTIL, Directory, Entry, SUBSTITUTE, Standing, TEAM};
use engine::event::{Actor, Event, Principal};
use engine::expr::Expr;
use engine::ids::Name;
use engine::instance::Status;
use engine::play::Play;
use engine::value::{Fields, Misfit, Value};

use crate::made::{
    ask, at, candidates, chore, complete, edit, end, ended, fields, go, history, name, names, now, order, outcome,
    person, plain_minutes, prepared, process, reference, role, step, task_at, text,
};

/// Ten people of the board, `p0` to `p9`; `p0` leads; Erin asks.
fn board() -> Directory {
    let mut directory = crate::made::directory();
    for number in 0..10 {
        let roles = if number == 0 { names(&["board", "lead"]) } else { names(&["board"]) };
        seat(&mut directory, &format!("p{number}"), &roles, &[]);
    }
    directory
}

fn seat(directory: &mut Directory, who: &str, roles: &[Name], values: &[(&str, Value)]) {
    let entry = Entry { fields: fields(values), ..Entry::default() };
    let standing = Standing { roles: roles.iter().cloned().collect(), ..Standing::default() };
    directory.put_person(name(who), entry, standing);
}

/// Absent on the day of these tests.
fn away(substitute: &str) -> [(&'static str, Value); 3] {
    [
        (SUBSTITUTE, reference(substitute)),
        (ABSENT_FROM, Value::Date("2026-09-01".into())),
        (ABSENT_UNTIL, Value::Date("2026-09-30".into())),
    ]
}

fn approval(levels: Vec<Candidates>, needs: Quorum) -> Approval {
    let outcomes = vec![outcome("approved", None), outcome("rejected", Some("refused"))];
    Approval { levels, needs, abstaining: Abstaining::Allowed, due: None, asks: Vec::new(), outcomes }
}

fn of_board(needs: Quorum) -> Approval {
    approval(vec![candidates(vec![role("board")])], needs)
}

fn parts(approval: Approval) -> Parts {
    process(vec![
        step("consent", None, Some("closed"), engine::definition::StepKind::Approval(approval)),
        step("closed", None, None, end("closed")),
        step("refused", None, None, end("refused")),
        step("late", None, None, end("late")),
    ])
}

fn begun(parts: Parts, directory: Directory) -> Play {
    let mut play = Play::new(prepared(parts), Arc::new(directory), at("2026-09-18 17:30"));
    play.start(&name("erin"), order(&[])).expect("the form is right");
    play
}

fn vote(play: &mut Play, who: &str, vote: Vote) -> Result<(), Rejection> {
    vote_with(play, who, vote, &[], None)
}

fn vote_with(
    play: &mut Play,
    who: &str,
    vote: Vote,
    form: &[(&str, Value)],
    reason: Option<&str>,
) -> Result<(), Rejection> {
    let task = task_at(play, "consent");
    let command = Command::Vote { task, vote, fields: fields(form), reason: reason.map(str::to_owned) };
    play.command(person(who), command).map(|_| ())
}

fn asked(play: &Play) -> Vec<String> {
    now(play).ballots()[0].asked.iter().map(Name::to_string).collect()
}

fn shown_to(play: &Play, who: &str) -> bool {
    now(play).tasks().iter().any(|open| open.candidates.contains(&Principal::Person(name(who))))
}

#[test]
fn one_yes_is_enough_and_nothing_else_is_asked_then() {
    let mut play = begun(parts(of_board(Quorum::One)), board());
    vote(&mut play, "p1", Vote::Rejected).expect("he is asked");
    assert!(ended(&play).is_none(), "one no does not decide where one yes does");
    vote(&mut play, "p2", Vote::Approved).expect("she is asked");
    assert_eq!(ended(&play).as_deref(), Some("closed"));
}

#[test]
fn all_means_all_who_do_not_abstain_and_at_least_one() {
    let two = || approval(vec![candidates(vec![role("desk")])], Quorum::All);
    let mut play = begun(parts(two()), board());
    vote(&mut play, "anna", Vote::Abstained).expect("she may");
    vote(&mut play, "bo", Vote::Approved).expect("he may");
    assert_eq!(ended(&play).as_deref(), Some("closed"));
    let mut play = begun(parts(two()), board());
    vote(&mut play, "anna", Vote::Abstained).expect("she may");
    vote(&mut play, "bo", Vote::Abstained).expect("he may");
    assert_eq!(ended(&play).as_deref(), Some("refused"), "where all abstain, nobody has agreed");
    let mut play = begun(parts(two()), board());
    vote(&mut play, "bo", Vote::Rejected).expect("he may");
    assert_eq!(ended(&play).as_deref(), Some("refused"), "one no is certain");
}

#[test]
fn a_share_is_of_those_who_were_asked_and_is_rounded_up() {
    // 60 % of ten is six; abstentions do not make the sixty smaller.
    let mut play = begun(parts(of_board(Quorum::Percent(60))), board());
    for (number, said) in [(0, Vote::Approved), (1, Vote::Abstained), (2, Vote::Abstained), (3, Vote::Rejected)] {
        vote(&mut play, &format!("p{number}"), said).expect("all are asked");
    }
    for number in 4..8 {
        vote(&mut play, &format!("p{number}"), Vote::Approved).expect("all are asked");
        assert!(ended(&play).is_none());
    }
    vote(&mut play, "p8", Vote::Approved).expect("all are asked");
    assert_eq!(ended(&play).as_deref(), Some("closed"), "the sixth yes decides, the tenth is not waited for");
    let mut play = begun(parts(of_board(Quorum::Percent(55))), board());
    for number in 0..5 {
        vote(&mut play, &format!("p{number}"), Vote::Rejected).expect("all are asked");
        assert_eq!(ended(&play).is_some(), number == 4, "six of ten are out of reach with the fifth no");
    }
}

#[test]
fn nobody_votes_twice_and_no_vote_is_taken_back() {
    let mut play = begun(parts(of_board(Quorum::Count(3))), board());
    vote(&mut play, "p0", Vote::Approved).expect("he is asked");
    assert_eq!(vote(&mut play, "p0", Vote::Rejected), Err(Rejection::HasVoted));
    assert!(!shown_to(&play, "p0") && shown_to(&play, "p1"), "inboxes show it to those who have not voted");
    let task = task_at(&play, "consent");
    for refused in [Command::Claim { task }, Command::Release { task }, Command::Assign { task, to: name("p1") }] {
        assert_eq!(play.command(person("p1"), refused).err(), Some(Rejection::VotedOn));
    }
    let completed = Command::Complete { task, outcome: name("approved"), fields: Fields::new(), reason: None };
    assert_eq!(play.command(person("p1"), completed).err(), Some(Rejection::VotedOn));
    assert_eq!(vote(&mut play, "dora", Vote::Approved), Err(Rejection::NotForYou));
    let system = Command::Vote { task, vote: Vote::Approved, fields: Fields::new(), reason: None };
    assert_eq!(play.command(Actor::System, system).err(), Some(Rejection::NotAllowed));
    let voted = |event: &&Event| matches!(event, Event::Voted { .. });
    assert_eq!(history(&play).iter().filter(voted).count(), 1);
}

#[test]
fn each_person_is_asked_once_whatever_roles_and_only_where_not_barred() {
    let mut level = candidates(vec![role("board"), role("lead"), Who::Requester, role("desk")]);
    level.not.push(Who::Requester);
    level.not_who_did = names(&["work"]);
    let mut directory = board();
    seat(&mut directory, "erin", &names(&["board"]), &[]);
    let mut all = parts(approval(vec![level], Quorum::All));
    all.steps.insert(0, step("work", None, Some("consent"), chore()));
    all.first = name("work");
    let mut play = begun(all, directory);
    complete(&mut play, "anna", "work", "done").expect("Anna works");
    let all: Vec<String> = ["bo".to_owned()].into_iter().chain((0..10).map(|number| format!("p{number}"))).collect();
    assert_eq!(asked(&play), all, "neither Erin who asked nor Anna who worked, and the lead once");
    assert_eq!(vote(&mut play, "erin", Vote::Approved), Err(Rejection::DutiesSeparated));
    assert_eq!(vote(&mut play, "anna", Vote::Approved), Err(Rejection::DutiesSeparated));
}

#[test]
fn levels_follow_one_another_each_with_its_own_people_and_task() {
    let levels = vec![candidates(vec![role("desk")]), candidates(vec![role("manager")])];
    let mut play = begun(parts(approval(levels, Quorum::One)), board());
    let first = task_at(&play, "consent");
    vote(&mut play, "anna", Vote::Approved).expect("the first level");
    let stale = Command::Vote { task: first, vote: Vote::Approved, fields: Fields::new(), reason: None };
    assert_eq!(play.command(person("dora"), stale).err(), Some(Rejection::NoSuchTask(first)), "a form of level one");
    assert_eq!(vote(&mut play, "bo", Vote::Approved), Err(Rejection::NotForYou));
    vote(&mut play, "dora", Vote::Approved).expect("the second level");
    assert_eq!(ended(&play).as_deref(), Some("closed"));
    assert!(
        now(&play).took_part(&name("consent"), &name("anna")) && now(&play).took_part(&name("consent"), &name("dora"))
    );
}

#[test]
fn an_approval_expires_and_its_deadline_covers_all_levels() {
    let levels = vec![candidates(vec![role("desk")]), candidates(vec![role("manager")])];
    let mut timed = approval(levels, Quorum::One);
    timed.due = Some(Due { span: plain_minutes(60), hours: None });
    timed.outcomes.push(outcome("expired", Some("late")));
    let mut play = begun(parts(timed), board());
    play.advance_to(at("2026-09-18 18:20"));
    vote(&mut play, "anna", Vote::Approved).expect("the first level");
    play.advance_to(at("2026-09-18 18:29"));
    assert!(ended(&play).is_none());
    play.advance_to(at("2026-09-18 18:31"));
    assert_eq!(ended(&play).as_deref(), Some("late"), "an hour after the first level opened");
}

#[test]
fn a_vote_fills_in_the_form_of_its_outcome() {
    let mut asking = of_board(Quorum::Count(2));
    asking.asks = vec![ask("note")];
    asking.outcomes[1].reason = Reason::Asked;
    asking.abstaining = Abstaining::Forbidden;
    let mut play = begun(parts(asking), board());
    assert_eq!(vote(&mut play, "p0", Vote::Abstained), Err(Rejection::NoSuchOutcome(name("abstained"))));
    assert_eq!(vote(&mut play, "p0", Vote::Rejected), Err(Rejection::ReasonMissing));
    let wrong = vote_with(&mut play, "p0", Vote::Approved, &[("summary", text("?"))], None);
    assert_eq!(wrong, Err(Rejection::BadFields(vec![(name("summary"), Misfit::NotAsked)])));
    vote_with(&mut play, "p0", Vote::Rejected, &[("note", text("why"))], Some("too dear")).expect("it says why");
    assert_eq!(now(&play).fields()["note"], text("why"));
    assert_eq!(now(&play).ballots()[0].votes[0].reason.as_deref(), Some("too dear"));
}

#[test]
fn where_nobody_may_vote_the_record_waits_for_a_person_and_is_never_approved() {
    let empty = approval(vec![candidates(vec![role("ghosts")])], Quorum::One);
    let play = begun(parts(empty), board());
    let Status::Stuck(repair) = now(&play).status() else { panic!("nobody is there to ask") };
    assert_eq!(repair.problem, "`consent` needs 1 who say yes, and only 0 may vote");
    assert_eq!(repair.step, name("consent"));
    let few = begun(parts(approval(vec![candidates(vec![role("desk")])], Quorum::Count(3))), board());
    assert!(matches!(now(&few).status(), Status::Stuck(_)), "two can never be three");
    // The second level too; who voted in the first is not asked again.
    let levels = vec![candidates(vec![role("desk")]), candidates(vec![Who::Team(Expr::Field(name("team")))])];
    let mut play = begun(parts(approval(levels, Quorum::One)), board());
    vote(&mut play, "anna", Vote::Approved).expect("the first level");
    assert!(matches!(now(&play).status(), Status::Stuck(_)), "no team is named yet");
    edit(&mut play, "anna", &[("team", reference("mail_team"))], "it was missing").expect("Anna mends it");
    play.command(person("anna"), Command::Retry).expect("it can go on");
    assert_eq!(asked(&play), ["bo", "chen"]);
    vote(&mut play, "bo", Vote::Approved).expect("the second level");
    assert_eq!(ended(&play).as_deref(), Some("closed"));
}

/// The same record, with other people around it.
fn among(play: &Play, directory: Directory, who: &str, command: Command) -> engine::Step {
    let actor = person(who);
    let world = engine::World {
        now: play.now(),
        actor: &actor,
        directory: &directory,
        fresh: crate::made::FRESH,
        records: &engine::records::NoRecords,
    };
    engine::step(play.definition(), now(play), command, &world).expect("it may be done")
}

#[test]
fn who_leaves_votes_no_more_and_who_comes_is_not_asked() {
    let play = begun(parts(approval(vec![candidates(vec![role("desk")])], Quorum::All)), board());
    let mut changed = board();
    seat(&mut changed, "bo", &[], &[]);
    seat(&mut changed, "newcomer", &names(&["desk"]), &[]);
    let task = task_at(&play, "consent");
    let yes = Command::Vote { task, vote: Vote::Approved, fields: Fields::new(), reason: None };
    let world = engine::World {
        now: play.now(),
        actor: &person("bo"),
        directory: &changed,
        fresh: crate::made::FRESH,
        records: &engine::records::NoRecords,
    };
    let left = engine::step(play.definition(), now(&play), yes.clone(), &world);
    assert_eq!(left.err(), Some(Rejection::NotForYou), "Bo has left the desk");
    let world = engine::World { actor: &person("newcomer"), ..world };
    assert_eq!(engine::step(play.definition(), now(&play), yes.clone(), &world).err(), Some(Rejection::NotForYou));
    let done = among(&play, changed, "anna", yes);
    assert!(done.events.contains(&Event::VoterLeft { task, person: name("bo") }));
    assert!(done.instance.is_ended(), "all who are left have said yes");
}

#[test]
fn where_all_leave_before_voting_a_person_must_look_and_others_are_asked_then() {
    let play = begun(parts(approval(vec![candidates(vec![role("manager")])], Quorum::One)), board());
    let mut changed = board();
    seat(&mut changed, "dora", &[], &[]);
    let halted = among(
        &play,
        changed,
        "anna",
        Command::Comment { text: "hello?".into(), audience: Audience::Public, tells: BTreeSet::new() },
    );
    let Status::Stuck(repair) = halted.instance.status() else { panic!("nobody is left") };
    assert_eq!(repair.problem, "nobody is left who may vote on `consent`");
    let mut mended = board();
    seat(&mut mended, "dora", &[], &[]);
    seat(&mut mended, "fred", &names(&["manager"]), &[]);
    let world = engine::World {
        now: play.now(),
        actor: &person("anna"),
        directory: &mended,
        fresh: crate::made::FRESH,
        records: &engine::records::NoRecords,
    };
    let again = engine::step(play.definition(), &halted.instance, Command::Retry, &world).expect("it goes on");
    assert_eq!(again.instance.ballots()[0].asked, names(&["fred"]));
    assert_eq!(*again.instance.status(), Status::Running);
}

#[test]
fn a_field_that_names_others_asks_them_and_keeps_the_votes() {
    let level = candidates(vec![Who::Team(Expr::Field(name("team")))]);
    let mut named = parts(approval(vec![level], Quorum::Count(2)));
    let team = named.fields.iter_mut().find(|field| field.name == *TEAM).expect("the record has a team");
    team.origin = engine::definition::Origin::Given { default: Some(Expr::Literal(reference("mail_team"))) };
    let mut directory = board();
    let both = Standing { teams: names(&["net_team"]).into_iter().collect(), ..Standing::default() };
    directory.put_person(name("gina"), Entry::default(), both);
    let mut play = begun(named, directory);
    vote(&mut play, "bo", Vote::Approved).expect("Bo is of the mail team");
    edit(&mut play, "anna", &[("team", reference("net_team"))], "wrong team").expect("Anna may edit");
    assert_eq!(asked(&play), ["bo", "chen", "gina"], "a vote that was cast stays");
    vote(&mut play, "gina", Vote::Approved).expect("Gina is of the net team");
    assert_eq!(ended(&play).as_deref(), Some("closed"));
}

#[test]
fn an_absent_voter_is_stood_in_for_by_somebody_who_has_no_vote_yet() {
    let mut level = candidates(vec![role("manager"), role("lead")]);
    level.substitution = Substitution::WhenAbsent;
    let mut directory = board();
    // Dora's substitute leads and has a vote; so her substitute's substitute votes for Dora.
    seat(&mut directory, "dora", &names(&["manager"]), &away("p0"));
    seat(&mut directory, "p0", &names(&["lead"]), &[(SUBSTITUTE, reference("chen"))]);
    let mut play = begun(parts(approval(vec![level], Quorum::All)), directory);
    vote(&mut play, "p0", Vote::Approved).expect("for themselves");
    assert_eq!(vote(&mut play, "p0", Vote::Approved), Err(Rejection::HasVoted));
    assert_eq!(vote(&mut play, "bo", Vote::Approved), Err(Rejection::NotForYou));
    vote(&mut play, "chen", Vote::Approved).expect("for Dora");
    assert_eq!(ended(&play).as_deref(), Some("closed"));
    let stead = history(&play).into_iter().find_map(|event| match event {
        Event::Voted { by, in_stead_of: Some(of), .. } => Some((by, of)),
        _ => None,
    });
    assert_eq!(stead, Some((name("chen"), name("dora"))));
}

#[test]
fn a_voter_who_is_back_finds_the_vote_cast() {
    let mut level = candidates(vec![role("manager"), role("lead")]);
    level.substitution = Substitution::WhenAbsent;
    let mut directory = board();
    seat(&mut directory, "dora", &names(&["manager"]), &away("chen"));
    let mut play = begun(parts(approval(vec![level], Quorum::All)), directory);
    vote(&mut play, "chen", Vote::Abstained).expect("for Dora");
    assert_eq!(vote(&mut play, "dora", Vote::Approved), Err(Rejection::HasVoted));
}

#[test]
fn an_approval_that_is_jumped_back_to_asks_everybody_anew() {
    let mut again = of_board(Quorum::One);
    again.outcomes[1].to = Some(name("back"));
    let mut looped = parts(again);
    looped.steps.push(step("back", None, None, go("consent")));
    let mut play = begun(looped, board());
    for number in 0..10 {
        vote(&mut play, &format!("p{number}"), Vote::Rejected).expect("all are asked");
    }
    assert_eq!(now(&play).ballots()[0].votes, Vec::new(), "a new question has no votes");
    assert!(shown_to(&play, "p3"));
    assert!(now(&play).took_part(&name("consent"), &name("p3")), "what was decided is still known");
}
