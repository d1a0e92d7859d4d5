//! Assigning, delegating, standing in for somebody, and that none of it leads round separation of duty.

use std::collections::BTreeSet;
use std::sync::Arc;

use engine::audience::Audience;
use engine::command::{Command, Rejection};
use engine::definition::{Candidates, Parts, Substitution, Who};
use engine::directory::{ABSENT_FROM, ABSENT_UNTIL, Directory, Entry, SUBSTITUTE, Standing};
use engine::event::Event;
use engine::expr::Expr;
use engine::ids::Name;
use engine::people::ADMINISTRATOR;
use engine::play::Play;
use engine::value::Value;
use engine::{World, step as take};

use crate::made::{
    at, candidates, chore, complete, end, ended, fields, history, literal, name, names, now, order, outcome, person,
    prepared, process, reference, role, started, step, task, task_at,
};

fn reviewed() -> Parts {
    let mut reviewers = candidates(vec![role("desk"), Who::Requester]);
    reviewers.not = vec![Who::Requester];
    reviewers.not_who_did = names(&["work"]);
    process(vec![
        step("work", None, Some("review"), chore()),
        step("review", None, Some("closed"), task(reviewers, vec![outcome("good", None)])),
        step("closed", None, None, end("closed")),
    ])
}

fn assign(play: &mut Play, by: &str, of: &str, to: &str) -> Result<(), Rejection> {
    let task = task_at(play, of);
    play.command(person(by), Command::Assign { task, to: name(to) }).map(|_| ())
}

fn delegate(play: &mut Play, by: &str, of: &str, to: &str) -> Result<(), Rejection> {
    let task = task_at(play, of);
    play.command(person(by), Command::Delegate { task, to: name(to), text: "please look".into() }).map(|_| ())
}

fn resolve(play: &mut Play, by: &str, of: &str) -> Result<(), Rejection> {
    let task = task_at(play, of);
    play.command(person(by), Command::Resolve { task, text: "looked".into() }).map(|_| ())
}

fn claim(play: &mut Play, by: &str, of: &str) -> Result<(), Rejection> {
    let task = task_at(play, of);
    play.command(person(by), Command::Claim { task }).map(|_| ())
}

fn holder(play: &Play, of: &str) -> Option<Name> {
    now(play).tasks().iter().find(|open| open.step == *of)?.assignee.clone()
}

#[test]
fn who_may_edit_the_record_gives_a_task_to_somebody_who_may_do_it() {
    let mut play = started(reviewed(), &[]);
    assert_eq!(assign(&mut play, "erin", "work", "anna"), Err(Rejection::NotAllowed));
    assert_eq!(assign(&mut play, "anna", "work", "chen"), Err(Rejection::NotTheirs(name("chen"))));
    assert_eq!(assign(&mut play, "anna", "work", "ghost"), Err(Rejection::NoSuchPerson(name("ghost"))));
    assign(&mut play, "anna", "work", "bo").expect("Anna may edit");
    assert_eq!(holder(&play, "work"), Some(name("bo")));
    assert_eq!(complete(&mut play, "anna", "work", "done"), Err(Rejection::TakenBy(name("bo"))));
    assign(&mut play, "bo", "work", "anna").expect("and hand it on");
    complete(&mut play, "anna", "work", "done").expect("Anna has it");
    let given = history(&play).into_iter().filter_map(|event| match event {
        Event::TaskAssigned { by, to, .. } => Some((by, to)),
        _ => None,
    });
    assert_eq!(given.collect::<Vec<_>>(), [(name("anna"), name("bo")), (name("bo"), name("anna"))]);
}

#[test]
fn nobody_is_given_what_separation_of_duty_keeps_from_them_and_nobody_barred_chooses_who_does_it() {
    let mut play = started(reviewed(), &[]);
    complete(&mut play, "anna", "work", "done").expect("Anna works");
    assert_eq!(assign(&mut play, "bo", "review", "anna"), Err(Rejection::Barred(name("anna"))));
    assert_eq!(assign(&mut play, "bo", "review", "erin"), Err(Rejection::Barred(name("erin"))));
    assert_eq!(assign(&mut play, "anna", "review", "bo"), Err(Rejection::DutiesSeparated));
    assign(&mut play, "bo", "review", "bo").expect("Bo did not work");
}

#[test]
fn an_administrator_assigns_but_neither_acts_nor_gets_round_separation_of_duty() {
    let mut directory = crate::made::directory();
    let both = Standing { roles: names(&[ADMINISTRATOR]).into_iter().collect(), ..Standing::default() };
    directory.put_person(name("root"), Entry::default(), both);
    let desk = names(&[ADMINISTRATOR, "desk"]).into_iter().collect();
    directory.put_person(name("erin"), Entry::default(), Standing { roles: desk, ..Standing::default() });
    let mut play = Play::new(prepared(reviewed()), Arc::new(directory), at("2026-09-18 17:30"));
    play.start(&name("erin"), order(&[])).expect("Erin asks");
    assert_eq!(complete(&mut play, "root", "work", "done"), Err(Rejection::NotForYou));
    assign(&mut play, "root", "work", "anna").expect("an administrator dispatches");
    complete(&mut play, "anna", "work", "done").expect("Anna works");
    assert_eq!(complete(&mut play, "erin", "review", "good"), Err(Rejection::DutiesSeparated), "she asked for it");
    assert_eq!(assign(&mut play, "erin", "review", "erin"), Err(Rejection::DutiesSeparated));
    assert_eq!(assign(&mut play, "root", "review", "erin"), Err(Rejection::Barred(name("erin"))));
    assert_eq!(assign(&mut play, "root", "review", "root"), Err(Rejection::NotTheirs(name("root"))));
}

#[test]
fn the_holder_asks_somebody_else_gets_the_task_back_and_completes_it() {
    let mut play = started(reviewed(), &[]);
    assert_eq!(delegate(&mut play, "anna", "work", "chen"), Err(Rejection::NotTaken));
    claim(&mut play, "anna", "work").expect("Anna is at the desk");
    assert_eq!(delegate(&mut play, "anna", "work", "anna"), Err(Rejection::NotTheirs(name("anna"))));
    delegate(&mut play, "anna", "work", "chen").expect("Chen need not be a candidate");
    assert_eq!(holder(&play, "work"), Some(name("chen")));
    assert_eq!(complete(&mut play, "anna", "work", "done"), Err(Rejection::Delegated(name("chen"))));
    assert_eq!(complete(&mut play, "chen", "work", "done"), Err(Rejection::OnlyAsked(name("anna"))));
    assert_eq!(complete(&mut play, "bo", "work", "done"), Err(Rejection::TakenBy(name("anna"))));
    assert_eq!(delegate(&mut play, "chen", "work", "bo"), Err(Rejection::OnlyAsked(name("anna"))));
    assert_eq!(resolve(&mut play, "bo", "work"), Err(Rejection::NotDelegated));
    resolve(&mut play, "chen", "work").expect("Chen was asked");
    assert_eq!(resolve(&mut play, "chen", "work"), Err(Rejection::NotDelegated));
    assert_eq!(holder(&play, "work"), Some(name("anna")));
    complete(&mut play, "anna", "work", "done").expect("Anna has it back");
    assert!(now(&play).took_part(&name("work"), &name("chen")), "who did the work is known");
}

#[test]
fn who_asked_takes_a_task_back_from_somebody_who_does_not_answer() {
    let mut play = started(reviewed(), &[]);
    claim(&mut play, "anna", "work").expect("Anna is at the desk");
    delegate(&mut play, "anna", "work", "chen").expect("Anna holds it");
    let task = task_at(&play, "work");
    assert_eq!(play.command(person("chen"), Command::Release { task }).err(), Some(Rejection::TakenBy(name("anna"))));
    play.command(person("anna"), Command::Release { task }).expect("Anna still answers for it");
    assert_eq!(resolve(&mut play, "chen", "work"), Err(Rejection::NotDelegated));
    complete(&mut play, "bo", "work", "done").expect("it is free");
}

#[test]
fn delegation_does_not_lead_round_separation_of_duty() {
    let mut directory = crate::made::directory();
    let desk = || Standing { roles: names(&["desk"]).into_iter().collect(), ..Standing::default() };
    directory.put_person(name("chen"), Entry::default(), desk());
    let mut play = Play::new(prepared(reviewed()), Arc::new(directory), at("2026-09-18 17:30"));
    play.start(&name("erin"), order(&[])).expect("Erin asks");
    claim(&mut play, "anna", "work").expect("Anna is at the desk");
    delegate(&mut play, "anna", "work", "chen").expect("Chen works");
    resolve(&mut play, "chen", "work").expect("and gives it back");
    complete(&mut play, "anna", "work", "done").expect("Anna completes it");
    for who in ["anna", "chen"] {
        let refused = complete(&mut play, who, "review", "good");
        assert_eq!(refused, Err(Rejection::DutiesSeparated), "{who} had a hand in the work");
    }
    claim(&mut play, "bo", "review").expect("Bo had none");
    for who in ["anna", "chen", "erin"] {
        assert_eq!(delegate(&mut play, "bo", "review", who), Err(Rejection::Barred(name(who))));
    }
}

// --- standing in

/// A task for Dora, with a substitute.
fn for_dora() -> Candidates {
    let mut whom = candidates(vec![Who::Person(literal(reference("dora")))]);
    whom.substitution = Substitution::WhenAbsent;
    whom
}

fn of(whom: Candidates) -> Parts {
    process(vec![
        step("work", None, Some("closed"), task(whom, vec![outcome("done", None)])),
        step("closed", None, None, end("closed")),
    ])
}

fn with(directory: &mut Directory, who: &str, values: &[(&str, Value)]) {
    let standing = directory.standing(&name(who)).cloned().unwrap_or_default();
    directory.put_person(name(who), Entry { fields: fields(values), ..Entry::default() }, standing);
}

fn away(substitute: &str, from: &str, until: &str) -> [(&'static str, Value); 3] {
    [
        (SUBSTITUTE, reference(substitute)),
        (ABSENT_FROM, Value::Date(from.into())),
        (ABSENT_UNTIL, Value::Date(until.into())),
    ]
}

fn played(parts: Parts, people: &[(&str, &[(&str, Value)])]) -> Play {
    let mut directory = crate::made::directory();
    for (who, values) in people {
        with(&mut directory, who, values);
    }
    let mut play = Play::new(prepared(parts), Arc::new(directory), at("2026-09-18 17:30"));
    play.start(&name("erin"), order(&[])).expect("the form is right");
    play
}

#[test]
fn an_absence_that_begins_after_the_task_opened_counts_and_ends_with_its_last_day() {
    let later = away("anna", "2026-09-20", "2026-09-21");
    let mut play = played(of(for_dora()), &[("dora", &later)]);
    assert_eq!(claim(&mut play, "anna", "work"), Err(Rejection::NotForYou), "Dora is still there");
    play.advance_to(at("2026-09-20 09:00"));
    let tried = play.clone();
    complete(&mut play, "anna", "work", "done").expect("Dora is away");
    let stead = history(&play).into_iter().find_map(|event| match event {
        Event::TaskCompleted { by, in_stead_of, .. } => Some((by, in_stead_of)),
        _ => None,
    });
    assert_eq!(stead, Some((name("anna"), Some(name("dora")))), "the history says for whom");
    assert!(now(&play).took_part(&name("work"), &name("dora")), "who was acted for answers for it too");
    let mut play = tried;
    play.advance_to(at("2026-09-22 09:00"));
    assert_eq!(complete(&mut play, "anna", "work", "done"), Err(Rejection::NotForYou), "Dora is back");
    complete(&mut play, "dora", "work", "done").expect("Dora is back");
}

#[test]
fn what_was_taken_for_somebody_is_kept_when_that_one_is_back() {
    let absent = away("anna", "2026-09-18", "2026-09-18");
    let mut play = played(of(for_dora()), &[("dora", &absent)]);
    claim(&mut play, "anna", "work").expect("Dora is away");
    play.advance_to(at("2026-09-19 09:00"));
    assert_eq!(complete(&mut play, "dora", "work", "done"), Err(Rejection::TakenBy(name("anna"))));
    complete(&mut play, "anna", "work", "done").expect("Anna has taken it");
    assert_eq!(ended(&play).as_deref(), Some("closed"));
}

#[test]
fn a_substitute_who_is_absent_or_barred_is_passed_over_for_the_next() {
    let mut whom = for_dora();
    whom.not = vec![Who::Requester];
    let absent = |substitute: &str| away(substitute, "2026-09-01", "2026-09-30");
    // Dora's substitute is Erin, who asked; hers is Bo, who is away too; his is Chen.
    let (dora, bo) = (absent("erin"), absent("chen"));
    let erin = [(SUBSTITUTE, reference("bo"))];
    let mut play = played(of(whom), &[("dora", &dora), ("erin", &erin), ("bo", &bo)]);
    assert!(claim(&mut play, "erin", "work").is_err(), "a substitute who asked is still barred");
    assert_eq!(claim(&mut play, "bo", "work"), Err(Rejection::NotForYou));
    complete(&mut play, "chen", "work", "done").expect("Chen is the first who is there and may");
}

#[test]
fn a_ring_of_substitutes_leaves_the_task_with_the_one_who_is_absent() {
    let absent = |substitute: &str| away(substitute, "2026-09-01", "2026-09-30");
    let (dora, bo) = (absent("bo"), absent("dora"));
    let mut play = played(of(for_dora()), &[("dora", &dora), ("bo", &bo)]);
    assert_eq!(claim(&mut play, "bo", "work"), Err(Rejection::NotForYou));
    let open = now(&play).tasks()[0].clone();
    let scope = engine::expr::Scope {
        definition: play.definition(),
        fields: now(&play).fields(),
        requester: now(&play).requester(),
        directory: play.directory(),
        now: play.now(),
        records: &engine::records::NoRecords,
        number: "",
        items: &[],
    };
    let nobody = engine::substitution::substitute_for(&name("dora"), &open, now(&play), &scope);
    assert_eq!(nobody, None, "and a page can say so");
    complete(&mut play, "dora", "work", "done").expect("Dora may, wherever she is");
}

#[test]
fn nobody_stands_in_for_somebody_who_is_barred() {
    let mut whom = candidates(vec![Who::Person(Expr::Requester)]);
    whom.substitution = Substitution::WhenAbsent;
    whom.any.push(role("desk"));
    whom.not = vec![Who::Requester];
    let erin = away("dora", "2026-09-01", "2026-09-30");
    let mut play = played(of(whom), &[("erin", &erin)]);
    assert_eq!(claim(&mut play, "dora", "work"), Err(Rejection::NotForYou), "Erin's no is her substitute's too");
    complete(&mut play, "bo", "work", "done").expect("Bo acts for himself");
}

#[test]
fn a_substitute_sees_the_record_only_while_acting_for_somebody() {
    let mut hidden = of(for_dora());
    hidden.seen_by = vec![Who::Requester];
    let absent = away("chen", "2026-09-01", "2026-09-30");
    let play = played(hidden.clone(), &[("dora", &absent)]);
    let comment = |play: &Play| {
        let actor = person("chen");
        let world = World {
            now: play.now(),
            actor: &actor,
            directory: play.directory(),
            fresh: crate::made::FRESH,
            records: &engine::records::NoRecords,
        };
        take(
            play.definition(),
            now(play),
            Command::Comment { text: "mine?".into(), audience: Audience::Public, tells: BTreeSet::new() },
            &world,
        )
        .map(|_| ())
    };
    assert_eq!(comment(&play), Ok(()));
    assert_eq!(comment(&played(hidden, &[])), Err(Rejection::NotAllowed), "Dora is there");
}
