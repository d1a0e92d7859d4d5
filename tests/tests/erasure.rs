//! Erasing a person, on SQLite and on PostgreSQL: what goes, what stays, and when it is refused.

use std::sync::Arc;

use engine::command::Command;
use engine::definition::Labels;
use engine::directory::Standing;
use engine::event::Actor;
use engine::ids::Name;
use engine::time::Timestamp;
use runtime::{Runtime, VirtualClock};
use store::{AuditFilter, AuditWhat, CannotErase, EraseError, Erasure, PersonState, Place, SessionRow};
use tests::{organisation_at, over_both, report};

const NOW: Timestamp = Timestamp(1_780_000_000_000);

fn name(text: &str) -> Name {
    Name::from(text)
}

fn office(place: &Place) -> Runtime {
    organisation_at(place, Arc::new(VirtualClock::at(NOW)))
}

fn erased(runtime: &Runtime, person: &str) -> Result<(), CannotErase> {
    let order = Erasure { person: name(person), by: name("mona"), at: NOW, reason: "asked for in a letter".to_owned() };
    let done = runtime.store().erase_person(&order);
    runtime.reload_directory().expect("the registers are readable");
    match done {
        Ok(()) => Ok(()),
        Err(EraseError::Refused(cause)) => Err(cause),
        Err(EraseError::Store(cause)) => panic!("{cause}"),
    }
}

fn assert_sound(runtime: &Runtime) {
    let mut findings = Vec::new();
    runtime.check(&mut |finding| findings.push(finding)).expect("the store is readable");
    assert_eq!(findings, []);
}

#[test]
fn an_erased_person_is_a_number_and_every_chain_holds() {
    over_both("erasure", |place| {
        let runtime = office(place);
        let store = runtime.store();
        let record = runtime.start(report("high", "high")).expect("the form fits").instance;
        let history = store.chain(record.id()).expect("readable");
        store.set_password(&name("anna"), "a hash", &name("mona"), NOW).expect("it writes");
        let session = SessionRow {
            token_hash: vec![1; 32],
            person: name("anna"),
            opened_at: NOW,
            expires_at: NOW.plus_ms(60_000),
            csrf: String::new(),
        };
        store.open_session(&session).expect("it writes");
        assert_eq!(erased(&runtime, "anna"), Ok(()));
        let row = store.person(&name("anna")).expect("readable").expect("the identity stays");
        assert_eq!((row.state, row.email.as_str()), (PersonState::Erased, ""));
        assert_eq!(row.name, Labels::new("Erased person", "已删除的人员"));
        assert_eq!(store.person_by_sign_in("anna").expect("readable"), None, "the sign-in name is free again");
        assert_eq!(store.password_hash(&name("anna")).expect("readable"), None);
        assert_eq!(store.pressure(NOW).expect("readable").sessions, 0);
        assert_eq!(runtime.directory().standing(&name("anna")), Some(&Standing::default()));
        let shown =
            runtime.directory().entry(engine::directory::PERSON, &name("anna")).map(|entry| entry.labels.en.clone());
        assert_eq!(shown.as_deref(), Some("Erased person"), "pages show no name any more");
        assert_eq!(store.chain(record.id()).expect("readable"), history, "the history is as it was");
        assert_sound(&runtime);
        let newest = store.audit_entries(&AuditFilter::default(), 1).expect("readable").remove(0).entry;
        assert_eq!(newest.actor, Some(name("mona")));
        let what = AuditWhat::PersonErased { person: name("anna"), reason: "asked for in a letter".to_owned() };
        assert_eq!(newest.what, what);
        assert_eq!(erased(&runtime, "anna"), Err(CannotErase::Already));
        assert_eq!(erased(&runtime, "nobody"), Err(CannotErase::NobodyThere));
    });
}

#[test]
fn whoever_has_open_tasks_is_not_erased_until_they_are_given_back() {
    over_both("erasure-tasks", |place| {
        let runtime = office(place);
        let record = runtime.start(report("high", "high")).expect("the form fits").instance;
        let task = record.tasks().first().expect("a task is open").id;
        let as_dora = |command| runtime.execute(record.id(), Actor::Person(name("dora")), command).expect("she may");
        as_dora(Command::Claim { task });
        assert_eq!(erased(&runtime, "dora"), Err(CannotErase::HasTasks(1)));
        assert!(runtime.directory().standing(&name("dora")).is_some_and(|standing| !standing.roles.is_empty()));
        as_dora(Command::Release { task });
        assert_eq!(erased(&runtime, "dora"), Ok(()));
        assert_sound(&runtime);
    });
}

#[test]
fn the_only_administrator_is_not_erased() {
    over_both("erasure-administrator", |place| {
        let runtime = office(place);
        let stands = |person: &str| {
            let standing = Standing { roles: [name("administrator")].into(), ..Standing::default() };
            runtime.store().set_standing(&name(person), &standing, &name("mona"), NOW, "tests").expect("it writes");
        };
        stands("otto");
        assert_eq!(erased(&runtime, "otto"), Err(CannotErase::OnlyAdministrator));
        stands("nils");
        assert_eq!(erased(&runtime, "otto"), Ok(()));
        assert_eq!(erased(&runtime, "nils"), Err(CannotErase::OnlyAdministrator));
    });
}
