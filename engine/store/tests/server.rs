//! What only a server can do: go away and come back, and be written to by several nodes at once.

mod common;

use common::home::Home;
use common::{NOW, World1, name};
use engine::ids::InstanceId;
use store::{AuditEntry, AuditWhat, CommitError, Place, Store, StoreError};

fn noted(text: &str) -> AuditEntry {
    let what = AuditWhat::Noted { kind: "test".to_owned(), text: text.to_owned() };
    AuditEntry { at: NOW, actor: Some(name("ann")), what }
}

#[test]
fn a_server_that_goes_away_is_said_and_nothing_answered_is_lost() {
    let (home, world) = (Home::on_own_server(), World1::new());
    let store = home.open();
    let start = world.started(1, "INC-1", "p2", NOW);
    let first = start.after();
    store.commit(start).expect("nobody else starts it");

    home.with_server(store::cluster::Cluster::stop).expect("it stops");
    let next = || world.completed(&first, NOW.plus_ms(1));
    for _ in 0..2 {
        let refused = store.commit(next());
        assert!(matches!(refused, Err(CommitError::Broken(StoreError::Unreachable(_)))), "{refused:?}");
        assert!(matches!(store.audit(noted("lost")), Err(StoreError::Unreachable(_))));
        assert!(store.load(InstanceId(1)).is_err());
    }
    let absent = Store::open(&home.place).err().expect("there is no server").to_string();
    assert!(absent.contains("cannot be opened") && absent.contains("postgres://"), "{absent}");

    home.with_server(store::cluster::Cluster::resume).expect("it starts again");
    store.commit(next()).expect("the writers find the server again");
    store.audit(noted("kept")).expect("so does the desk");
    assert_eq!(store.load(InstanceId(1)).expect("so do readers").map(|loaded| loaded.revision), Some(2));
    assert_eq!(store.audit_entries(None, 10).expect("it reads").len(), 1);
    common::assert_sound(&store, &world);
}

#[test]
fn a_connection_that_the_server_closes_in_silence_is_made_again() {
    let (home, world) = (Home::server(), World1::new());
    let store = home.open();
    let start = world.started(1, "INC-1", "p2", NOW);
    let first = start.after();
    store.commit(start).expect("nobody else starts it");
    home.tamper(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() \
         AND pid <> pg_backend_pid()",
    );
    store.commit(world.completed(&first, NOW.plus_ms(1))).expect("the writer finds the server again");
    store.audit(noted("kept")).expect("so does the desk");
    assert!(store.load(InstanceId(1)).expect("so do readers").is_some());
}

#[test]
fn nodes_that_write_at_once_share_one_trail_and_reserve_no_number_twice() {
    const NODES: usize = 3;
    const EACH: usize = 20;
    let (home, world) = (Home::server(), World1::new());
    let nodes: Vec<Store> = std::thread::scope(|scope| {
        // They open an empty database together: one migrates it.
        let opened: Vec<_> = (0..NODES).map(|_| scope.spawn(|| home.open())).collect();
        opened.into_iter().map(|node| node.join().expect("no node panics")).collect()
    });
    let mut reserved: Vec<u64> = std::thread::scope(|scope| {
        let write = |store: &Store| {
            let mut firsts = Vec::new();
            for round in 0..EACH {
                store.audit(noted(&format!("round {round}"))).expect("it writes");
                firsts.push(store.reserve_numbers(&name("incident"), 2026, 10).expect("it writes"));
            }
            firsts
        };
        let writing: Vec<_> = nodes.iter().map(|store| scope.spawn(move || write(store))).collect();
        writing.into_iter().flat_map(|node| node.join().expect("no node panics")).collect()
    });
    reserved.sort_unstable();
    let expected: Vec<u64> = (0..(NODES * EACH) as u64).map(|block| 1 + 10 * block).collect();
    assert_eq!(reserved, expected);
    let checked = common::assert_sound(&nodes[0], &world);
    assert_eq!(checked.audit_entries, (NODES * EACH) as u64);
}

#[test]
fn of_nodes_that_race_exactly_one_wins_each_revision() {
    let (home, world) = (Home::server(), World1::new());
    let nodes = [home.open(), home.open()];
    let start = world.started(1, "INC-1", "p2", NOW);
    let mut loaded = start.after();
    nodes[0].commit(start).expect("nobody else starts it");
    while !loaded.instance.is_ended() {
        let won: Vec<_> = std::thread::scope(|scope| {
            let race = |store: &Store| {
                let (store, commit) = (store.clone(), world.completed(&loaded, NOW.plus_ms(1)));
                scope.spawn(move || store.commit(commit))
            };
            let racers: Vec<_> = nodes.iter().cycle().take(12).map(race).collect();
            racers.into_iter().filter_map(|racer| racer.join().expect("no racer panics").ok()).collect()
        });
        assert_eq!(won.len(), 1);
        loaded = won.into_iter().next().expect("one has won");
    }
    common::assert_sound(&nodes[1], &world);
}

#[test]
fn a_database_that_is_not_there_is_said_without_a_password() {
    let place = Place::from("postgres://ann:hidden@127.0.0.1:1/nothing");
    let refused = Store::open(&place).err().expect("nobody listens there").to_string();
    assert!(refused.contains("postgres://ann@127.0.0.1:1/nothing") && !refused.contains("hidden"), "{refused}");
}
