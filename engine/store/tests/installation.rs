//! Definitions, registers, people, accounts, and the trail that each change leaves.

mod common;

use std::sync::Arc;

use common::home::Home;
use common::{NOW, SOURCE, World1, deployment, name, parts};
use engine::calendar::{Calendar, CalendarError};
use engine::definition::{Definition, Labels, Parts};
use engine::directory::{Entry, Standing};
use engine::ids::DefinitionId;
use store::{
    AuditArea, AuditEntry, AuditFilter, AuditWhat, DeployError, Deployed, Deployment, Erasure, FourEyes,
    FourEyesSetting, NO_YEAR, NewAccessToken, NumberTaken, PersonRow, PersonState, Revoked, SessionRow, StoreError,
    TwoEyes,
};

over_every_store! {
    versions_count_per_process_and_the_same_source_is_no_new_one,
    a_version_that_its_author_approved_or_that_no_change_record_names_is_refused,
    an_administrator_switches_four_eyes_off_and_the_trail_says_who,
    two_processes_never_give_the_same_number,
    numbers_without_a_year_count_on,
    what_is_packaged_comes_once_and_never_over_what_people_made,
    the_directory_is_what_was_put,
    a_change_of_standing_says_what_changed_and_why,
    two_people_cannot_sign_in_by_one_name,
    a_session_lasts_until_it_expires_is_closed_or_the_password_changes,
    refused_sign_ins_are_counted_by_name_and_time,
    the_trail_is_read_by_area_person_and_time,
    a_token_is_found_by_its_hash_until_its_person_is_erased,
}

fn person(id: &str, state: PersonState) -> PersonRow {
    PersonRow {
        id: name(id),
        sign_in: format!("{id}@example.org"),
        name: Labels::new("Ann Lee", "李安"),
        email: String::new(),
        language: "zh-CN".to_owned(),
        state,
    }
}

fn trail(store: &store::Store) -> Vec<AuditWhat> {
    store
        .audit_entries(&AuditFilter::default(), 100)
        .expect("it reads")
        .into_iter()
        .rev()
        .map(|row| row.entry.what)
        .collect()
}

fn versions_count_per_process_and_the_same_source_is_no_new_one(home: &Home) {
    let world = World1::new();
    let store = home.open();
    let deploy = |source: &str| store.deploy(&deployment(source), NOW).expect("it writes");
    assert_eq!(store.current_definition(&name("incident")).expect("it reads").map(|held| held.version), None);
    assert_eq!(deploy(SOURCE), Deployed::New { version: 1 });
    assert_eq!(deploy(SOURCE), Deployed::Unchanged { version: 1 });
    store.commit(world.started(1, "INC-1", "p1", NOW)).expect("a start wins");
    assert_eq!(deploy("process incident again"), Deployed::New { version: 2 });

    let current = store.current_definition(&name("incident")).expect("it reads").expect("it is there");
    assert_eq!((current.version, current.source.as_str()), (2, "process incident again"));
    assert_eq!(current.parts, parts());
    let first = store.definition(&DefinitionId::of_source(SOURCE)).expect("it reads").expect("it is there");
    assert!(Definition::prepare(first.id.clone(), first.parts).is_ok_and(|ready| Arc::new(ready).id() == &first.id));
    let rows = store.definitions().expect("it reads");
    let figures: Vec<_> = rows.iter().map(|row| (row.version, row.running, row.ended)).collect();
    assert_eq!(figures, [(2, 0, 0), (1, 1, 0)]);
    let deployed = trail(&store);
    assert_eq!(deployed.len(), 2, "what changed nothing leaves no trace: {deployed:?}");
    assert!(matches!(&deployed[1], AuditWhat::Deployed { version: 2, approver, .. } if *approver == name("bo")));
}

fn a_version_that_its_author_approved_or_that_no_change_record_names_is_refused(home: &Home) {
    let store = home.open();
    let alone = Deployment { approver: name("ann"), ..deployment(SOURCE) };
    let unnamed = Deployment { change: None, ..deployment(SOURCE) };
    assert_eq!(store.four_eyes().expect("it reads"), FourEyesSetting { state: FourEyes::On, decided: None });
    assert!(matches!(store.deploy(&alone, NOW), Err(DeployError::TwoEyes(TwoEyes::OnePerson))));
    assert!(matches!(store.deploy(&unnamed, NOW), Err(DeployError::TwoEyes(TwoEyes::NoChangeRecord))));
    assert!(store.definitions().expect("it reads").is_empty() && trail(&store).is_empty(), "nothing was written");

    assert!(matches!(store.deploy(&deployment(SOURCE), NOW), Ok(Deployed::New { version: 1 })));
    let kept = store.current_definition(&name("incident")).expect("it reads").expect("it is there");
    assert_eq!(kept.change.as_deref(), Some("CHG-1"));
    assert_eq!(store.definitions().expect("it reads")[0].change.as_deref(), Some("CHG-1"));
    let told = trail(&store).pop().expect("it was told");
    assert!(matches!(&told, AuditWhat::Deployed { change: Some(change), .. } if change == "CHG-1"), "{told:?}");
}

fn an_administrator_switches_four_eyes_off_and_the_trail_says_who(home: &Home) {
    let store = home.open();
    let alone = Deployment { approver: name("ann"), change: None, ..deployment(SOURCE) };
    store.set_four_eyes(FourEyes::Off, &name("root"), NOW).expect("it writes");
    let decided = Some((name("root"), NOW));
    assert_eq!(store.four_eyes().expect("it reads"), FourEyesSetting { state: FourEyes::Off, decided });
    assert!(matches!(store.deploy(&alone, NOW), Ok(Deployed::New { version: 1 })));

    let later = NOW.plus_ms(1);
    store.set_four_eyes(FourEyes::On, &name("mona"), later).expect("it writes");
    assert_eq!(store.four_eyes().expect("it reads").decided, Some((name("mona"), later)));
    let again = Deployment { id: DefinitionId::of_source("again"), ..alone };
    assert!(matches!(store.deploy(&again, NOW), Err(DeployError::TwoEyes(TwoEyes::OnePerson))));
    let switched: Vec<_> =
        trail(&store).into_iter().filter(|what| matches!(what, AuditWhat::FourEyesSet { .. })).collect();
    assert_eq!(switched, [AuditWhat::FourEyesSet { to: FourEyes::Off }, AuditWhat::FourEyesSet { to: FourEyes::On }]);
}

fn two_processes_never_give_the_same_number(home: &Home) {
    let store = home.open();
    let of = |process: &str, source: &str, number: &str| {
        let parts = Parts { name: name(process), number: number.to_owned(), ..parts() };
        Deployment { process: name(process), parts, ..deployment(source) }
    };
    store.deploy(&of("incident", "first", "INC-{year}-{seq:6}"), NOW).expect("nobody else numbers so");
    store.deploy(&of("incident", "second", "IN-{seq}"), NOW).expect("it may number otherwise");
    // The records of the first version keep their numbers.
    let taking = of("outage", "third", "INC-{year}-{seq:4}");
    let taken =
        NumberTaken { process: name("outage"), pattern: "INC-{year}-{seq:4}".to_owned(), other: name("incident") };
    for refused in [store.deploy(&taking, NOW), store.install(&taking, NOW)] {
        assert!(matches!(refused, Err(DeployError::NumberTaken(told)) if told == taken));
    }
    assert_eq!(store.definitions().expect("it reads").len(), 2, "nothing was written");
    store.deploy(&of("outage", "fourth", "OUT-{year}-{seq:4}"), NOW).expect("nobody else numbers so");
}

fn numbers_without_a_year_count_on(home: &Home) {
    let store = home.open();
    let process = name("incident");
    assert_eq!(store.reserve_numbers(&process, NO_YEAR, 10).expect("it writes"), 1);
    assert_eq!(store.reserve_numbers(&process, 2027, 10).expect("it writes"), 1);
    assert_eq!(store.reserve_numbers(&process, NO_YEAR, 10).expect("it writes"), 11);
}

fn what_is_packaged_comes_once_and_never_over_what_people_made(home: &Home) {
    let store = home.open();
    let packaged = |source: &str| Deployment { approver: name("ann"), change: None, ..deployment(source) };
    assert_eq!(store.install(&packaged(SOURCE), NOW).expect("it writes"), Deployed::New { version: 1 });
    assert_eq!(store.install(&packaged("newer"), NOW).expect("it writes"), Deployed::Unchanged { version: 1 });
    let current = store.current_definition(&name("incident")).expect("it reads").expect("it is there");
    assert_eq!(current.source, SOURCE);
    assert_eq!(trail(&store).len(), 1);
}

fn the_directory_is_what_was_put(home: &Home) {
    let by = name("admin");
    {
        let store = home.open();
        let network = Entry { labels: Labels::new("Network", "网络组"), ..Entry::default() };
        store.put_entry("team", &name("network"), &network, &by, NOW).expect("it writes");
        let calendar = Calendar::around_the_clock().data().clone();
        store.put_calendar(&name("always"), &calendar, &by, NOW).expect("it writes");
        let nowhere = engine::calendar::CalendarData { zone: "Nowhere/City".to_owned(), ..calendar };
        let refused = store.put_calendar(&name("never"), &nowhere, &by, NOW);
        assert!(matches!(refused, Err(StoreError::BadCalendar(CalendarError::NoSuchZone(_)))), "{refused:?}");
        for (id, state) in [("ann", PersonState::Active), ("cy", PersonState::Left)] {
            store.put_person(&person(id, state), &by, NOW).expect("it writes");
            let standing = Standing { roles: [name("desk")].into(), teams: [name("network")].into() };
            store.set_standing(&name(id), &standing, &by, NOW, "new here").expect("it writes");
        }
    }
    let directory = home.open().directory().expect("it reads");
    assert_eq!(directory.entry("team", &name("network")).map(|entry| entry.labels.zh.as_str()), Some("网络组"));
    assert!(directory.calendar(&name("always")).is_some() && directory.calendar(&name("never")).is_none());
    assert_eq!(directory.entry("person", &name("cy")).map(|entry| entry.labels.zh.as_str()), Some("李安"));
    let roles = |id: &str| directory.standing(&name(id)).map_or(0, |standing| standing.roles.len());
    assert_eq!((roles("ann"), roles("cy")), (1, 0), "who has left may do nothing");
}

fn a_change_of_standing_says_what_changed_and_why(home: &Home) {
    let store = home.open();
    let standing =
        |roles: &[&str]| Standing { roles: roles.iter().map(|role| name(role)).collect(), ..Standing::default() };
    let set = |roles: &[&str]| {
        store.set_standing(&name("ann"), &standing(roles), &name("admin"), NOW, "moved").expect("it writes");
    };
    set(&["desk", "engineer"]);
    set(&["engineer", "auditor"]);
    let last = trail(&store).pop().expect("it was told");
    let expected = AuditWhat::StandingChanged {
        person: name("ann"),
        given: vec!["role:auditor".to_owned()],
        taken: vec!["role:desk".to_owned()],
        reason: "moved".to_owned(),
    };
    assert_eq!(last, expected);
}

fn two_people_cannot_sign_in_by_one_name(home: &Home) {
    let store = home.open();
    store.put_person(&person("ann", PersonState::Active), &name("admin"), NOW).expect("it writes");
    let twin = PersonRow { id: name("bo"), ..person("ann", PersonState::Active) };
    assert!(matches!(store.put_person(&twin, &name("admin"), NOW), Err(StoreError::Clash(_))));
    assert_eq!(store.people().expect("it reads"), [person("ann", PersonState::Active)]);
    assert_eq!(trail(&store).len(), 1, "what was refused leaves no trace");
    let found = store.person_by_sign_in("ann@example.org").expect("it reads");
    assert_eq!(found.map(|found| found.id), Some(name("ann")));
    assert_eq!(store.person_by_sign_in("ANN").expect("it reads"), None);
    assert_eq!(store.person(&name("bo")).expect("it reads"), None);
}

fn a_session_lasts_until_it_expires_is_closed_or_the_password_changes(home: &Home) {
    let store = home.open();
    let (ann, admin) = (name("ann"), name("admin"));
    let open_one = |token: u8| {
        let session = SessionRow {
            token_hash: vec![token; 32],
            person: ann.clone(),
            opened_at: NOW,
            expires_at: NOW.plus_ms(1_000),
            csrf: "c".to_owned(),
        };
        store.open_session(&session).expect("it writes");
        session
    };
    let held = |token: u8, at| store.session(&[token; 32], at).expect("it reads");
    let one = open_one(1);
    assert_eq!(held(1, NOW), Some(one));
    assert_eq!(held(1, NOW.plus_ms(1_000)), None);
    assert_eq!(held(2, NOW), None);
    store.close_session(&[1; 32]).expect("it writes");
    assert_eq!(held(1, NOW), None);
    open_one(3);
    store.set_password(&ann, "$argon2id$1", &admin, NOW).expect("it writes");
    assert_eq!(held(3, NOW), None);
    open_one(4);
    store.close_sessions_of(&ann).expect("it writes");
    assert_eq!(held(4, NOW), None);
    store.set_password(&ann, "$argon2id$2", &ann, NOW).expect("it writes");
    assert_eq!(store.password_hash(&ann).expect("it reads").as_deref(), Some("$argon2id$2"));
    assert_eq!(store.password_hash(&admin).expect("it reads"), None);
}

fn refused_sign_ins_are_counted_by_name_and_time(home: &Home) {
    let store = home.open();
    for (sign_in, after_ms) in [("ann", 0), ("ann", 10), ("bo", 10), ("ann", 20)] {
        let what = AuditWhat::SignInRefused { sign_in: sign_in.to_owned(), from: "127.0.0.1".to_owned() };
        store.audit(AuditEntry { at: NOW.plus_ms(after_ms), actor: None, what }).expect("it writes");
    }
    assert_eq!(store.failed_sign_ins("ann", NOW.plus_ms(10)).expect("it reads"), 2);
    assert_eq!(store.failed_sign_ins("cy", NOW).expect("it reads"), 0);
    let older = store.audit_entries(&AuditFilter { before: Some(3), ..AuditFilter::default() }, 10).expect("it reads");
    assert_eq!(older.iter().map(|row| row.sequence).collect::<Vec<_>>(), [2, 1]);
}

fn the_trail_is_read_by_area_person_and_time(home: &Home) {
    let store = home.open();
    let note = |after_ms: i64, by: Option<&str>, what: AuditWhat| {
        let entry = AuditEntry { at: NOW.plus_ms(after_ms), actor: by.map(name), what };
        store.audit(entry).expect("it writes");
    };
    note(0, Some("ann"), AuditWhat::SignedIn { from: "127.0.0.1".to_owned() });
    note(10, Some("ann"), AuditWhat::KeepSet { months: Some(48) });
    note(20, Some("bo"), AuditWhat::SignedOut);
    note(30, None, AuditWhat::Noted { kind: "test".to_owned(), text: "by itself".to_owned() });
    let found = |filter: AuditFilter| -> Vec<i64> {
        store.audit_entries(&filter, 10).expect("it reads").iter().map(|row| row.sequence).collect()
    };
    let all = AuditFilter::default;
    assert_eq!(found(all()), [4, 3, 2, 1]);
    assert_eq!(found(AuditFilter { area: Some(AuditArea::SignIn), ..all() }), [3, 1]);
    assert_eq!(found(AuditFilter { area: Some(AuditArea::Keeping), ..all() }), [2]);
    assert_eq!(found(AuditFilter { actors: Some(vec![name("ann")]), ..all() }), [2, 1]);
    assert_eq!(found(AuditFilter { actors: Some(Vec::new()), ..all() }), Vec::<i64>::new());
    let put = |key: &str| AuditWhat::EntryPut { register: "rack".to_owned(), key: name(key) };
    note(40, Some("ann"), put("one"));
    note(50, Some("ann"), AuditWhat::EntryPut { register: "rack_row".to_owned(), key: name("one") });
    assert_eq!(found(AuditFilter { register: Some(name("rack")), ..all() }), [5]);
    let span = AuditFilter { from: Some(NOW.plus_ms(10)), until: Some(NOW.plus_ms(30)), ..all() };
    assert_eq!(found(span.clone()), [3, 2]);
    assert_eq!(found(AuditFilter { before: Some(3), area: Some(AuditArea::SignIn), ..span }), Vec::<i64>::new());
}

fn a_token_is_found_by_its_hash_until_its_person_is_erased(home: &Home) {
    let store = home.open();
    let token = |hash: u8| NewAccessToken {
        token_hash: vec![hash; 32],
        person: name("scanner"),
        label: "rack 3".into(),
        by: name("root"),
        at: NOW,
        expires_at: NOW.plus_ms(1_000),
    };
    store.put_person(&person("scanner", PersonState::Active), &name("root"), NOW).expect("it writes");
    let first = store.add_access_token(&token(1)).expect("it writes");
    let second = store.add_access_token(&token(2)).expect("it writes");
    assert!(store.add_access_token(&token(2)).is_err(), "a token is one's alone");
    assert_eq!(store.access_token(&[3; 32]).expect("it reads"), None);
    store.access_token_used(first, NOW.plus_ms(5)).expect("it writes");
    let found = store.access_token(&[1; 32]).expect("it reads").expect("it is there");
    assert_eq!((found.id, found.used_at, found.revoked_at), (first, Some(NOW.plus_ms(5)), None));
    let revoke = |token| store.revoke_access_token(token, &name("root"), NOW.plus_ms(7)).expect("it writes");
    assert_eq!((revoke(first), revoke(first)), (Revoked::Now, Revoked::NotThere));
    let newest_first: Vec<_> = store.access_tokens(9).expect("it reads").into_iter().map(|row| row.id).collect();
    assert_eq!(newest_first, [second, first]);
    let [.., made, revoked] = &trail(&store)[..] else { panic!("four entries") };
    assert!(matches!(made, AuditWhat::TokenMade { token, .. } if *token == second));
    assert!(matches!(revoked, AuditWhat::TokenRevoked { token, .. } if *token == first));
    let order = Erasure { person: name("scanner"), by: name("root"), at: NOW, reason: "it is scrapped".into() };
    store.erase_person(&order).expect("it is erased");
    assert_eq!(store.access_tokens(9).expect("it reads"), []);
}
