//! What only a server can do: go away and come back, and be written to by several nodes at once.

mod common;

use std::sync::Mutex;

use common::cut::{Cut, Loses};
use common::home::Home;
use common::{NOW, World1, name};
use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use engine::ids::InstanceId;
use store::{AuditEntry, AuditFilter, AuditWhat, CommitError, Place, Share, Slice, Store, StoreError};

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
    assert_eq!(store.audit_entries(&AuditFilter::default(), 10).expect("it reads").len(), 1);
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

#[test]
fn a_node_hears_soon_that_another_one_has_written_also_after_the_line_was_cut() {
    let home = Home::server();
    let (one, other) = (home.open(), home.open());
    let (tell, told) = std::sync::mpsc::channel();
    other.on_news(move || {
        // Nobody hears it any more when the test is over.
        let _ = tell.send(());
    });
    let hear = |what: &str| {
        // A word may come for nothing, when a line is made; then one more comes for what is written next.
        one.audit(noted(what)).expect("it writes");
        told.recv_timeout(std::time::Duration::from_secs(20)).unwrap_or_else(|_| panic!("{what} is not heard"));
    };
    (0..5).for_each(|round| hear(&format!("word {round}")));
    home.tamper(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() \
         AND pid <> pg_backend_pid()",
    );
    (0..5).for_each(|round| hear(&format!("word {round} on a new line")));
}

#[test]
fn only_the_node_that_holds_a_slice_takes_an_effect_in_hand_and_a_dead_one_holds_nothing() {
    let (home, world) = (Home::server(), World1::new());
    let store = home.open();
    let start = world.started(1, "INC-1", "p2", NOW);
    let mut loaded = start.after();
    store.commit(start).expect("nobody else starts it");
    for later in 1..=2 {
        let next = world.completed(&loaded, NOW.plus_ms(later));
        loaded = next.after();
        store.commit(next).expect("nobody else completes it");
    }
    let owed = |share: &Share, at| store.outbox(share, at, 10).expect("it reads");
    let row = owed(&Share::Whole, NOW.plus_ms(1)).first().expect("it owes a notice").key;
    let all = || store.leases().expect("it reads").slices.into_iter().map(|lease| (lease.slice, lease.epoch)).collect();
    let share =
        |node: &str, held: Vec<(Slice, i64)>| Share::Slices { node: node.to_owned(), held: held.into_iter().collect() };

    store.beat("a").expect("it writes");
    let a = share("a", store.take_slices("a", all()).expect("it writes"));
    let nothing = share("b", store.take_slices("b", vec![(Slice(0), 0)]).expect("it writes"));
    assert_eq!(nothing, share("b", Vec::new()), "the epoch is over");
    assert_eq!((owed(&a, NOW.plus_ms(1)).len(), owed(&nothing, NOW.plus_ms(1)).len()), (1, 0));
    assert!(store.hold_owed(&a, row, NOW.plus_ms(60_000)).expect("it writes"));
    assert!(owed(&Share::Whole, NOW.plus_ms(1)).is_empty(), "it is in hand");

    store.bury("a", 7).expect("it writes");
    assert!(owed(&Share::Whole, NOW.plus_ms(1)).is_empty(), "who has beaten since is not dead");
    store.bury("a", 1).expect("it writes");
    assert_eq!(owed(&Share::Whole, NOW.plus_ms(1)).len(), 1, "what a dead node had in hand is free");
    let b = share("b", store.take_slices("b", all()).expect("it writes"));
    assert!(!store.hold_owed(&a, row, NOW.plus_ms(60_000)).expect("it writes"), "whoever was taken for dead lets be");
    assert!(store.hold_owed(&b, row, NOW.plus_ms(60_000)).expect("it writes"));
}

/// What was asked of the server since the last look.
static ASKED: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn listening() -> Option<Box<dyn Instrumentation>> {
    Some(Box::new(|event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            ASKED.lock().expect("nobody panicked").push(query.to_string());
        }
    }))
}

#[test]
fn a_command_reads_its_record_from_one_shard() {
    let (home, world) = (Home::server(), World1::new());
    set_default_instrumentation(listening).expect("nobody has set another");
    let store = home.open();
    store.commit(world.started(1, "INC-1", "p2", NOW)).expect("nobody else starts it");
    ASKED.lock().expect("nobody panicked").clear();
    store.load(InstanceId(1)).expect("it reads").expect("it is there");
    let asked = ASKED.lock().expect("nobody panicked").clone();
    let of_records: Vec<&String> = asked.iter().filter(|query| query.contains("\"instance\"")).collect();
    assert_eq!(of_records.len(), 1, "{asked:?}");
    assert!(of_records[0].contains("(\"instance\".\"shard\" = $1)"), "{asked:?}");
}

#[test]
fn a_commit_whose_answer_is_lost_is_looked_up() {
    let (home, world) = (Home::server(), World1::new());
    for loses in [Loses::Question, Loses::Answer] {
        let home = home.another();
        drop(home.open());
        let cut = Cut::before(&home, loses);
        let store = Store::open(cut.place()).expect("the store opens through it");
        let start = world.started(1, "INC-1", "p2", NOW);
        let first = start.after();
        store.commit(start).expect("nobody else starts it");
        cut.arm();
        store.commit(world.completed(&first, NOW.plus_ms(1))).unwrap_or_else(|cause| panic!("{loses:?}: {cause}"));
        assert!(cut.has_cut(), "{loses:?}: the line was cut at the end of the transaction");
        assert_eq!(store.load(InstanceId(1)).expect("it reads").map(|loaded| loaded.revision), Some(2), "{loses:?}");
        common::assert_sound(&store, &world);
    }
}
