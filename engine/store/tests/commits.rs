//! What the writer promises: one winner per race, no half-done commit, nothing answered that is lost.

mod common;

use common::home::Home;
use common::{NOW, World1, name};
use engine::ids::InstanceId;
use store::{CommitError, Share};

over_every_store! {
    a_lost_race_loses_and_writes_nothing,
    of_many_who_race_exactly_one_wins_each_revision,
    one_bad_commit_does_not_take_the_others_with_it,
    what_was_answered_is_there_after_reopening,
    commits_that_are_not_waited_for_follow_each_other_in_one_batch,
    a_copy_in_hand_is_given_only_while_it_stands,
    numbers_are_reserved_once,
}

fn a_lost_race_loses_and_writes_nothing(home: &Home) {
    let world = World1::new();
    let store = home.open();
    let start = world.started(1, "INC-1", "p2", NOW);
    let first = start.after();
    store.commit(start).expect("nobody else starts it");

    let winner = world.completed(&first, NOW.plus_ms(1));
    let won = winner.after();
    let loser = world.completed(&first, NOW.plus_ms(2));
    // A commit decided upon the loser, as callers do that do not wait: its revision fits, its past does not.
    let upon_the_loser = world.completed(&loser.after(), NOW.plus_ms(3));
    store.commit(winner).expect("the first one wins");
    assert!(matches!(store.commit(loser), Err(CommitError::Lost)));
    assert!(matches!(store.commit(upon_the_loser), Err(CommitError::Lost)));
    assert!(
        matches!(store.commit(world.started(1, "INC-2", "p2", NOW)), Err(CommitError::Lost)),
        "it is begun already"
    );

    let loaded = store.load(InstanceId(1)).expect("it reads").expect("it is there");
    assert_eq!((loaded.revision, loaded.head), (won.revision, won.head));
    assert_eq!(loaded.instance, won.instance);
    assert_eq!(store.history(InstanceId(1)).expect("it reads").len(), 2);
    assert!(store.instance_of_number("INC-2").expect("it reads").is_none());
    common::assert_sound(&store, &world);
}

fn a_copy_in_hand_is_given_only_while_it_stands(home: &Home) {
    let world = World1::new();
    let store = home.open();
    let start = world.started(1, "INC-1", "p2", NOW);
    let first = start.after();
    assert!(store.reload(&first).expect("it reads").is_none(), "it is not there yet");
    store.commit(start).expect("nobody else starts it");
    let held = store.reload(&first).expect("it reads").expect("it is there");
    assert_eq!((held.revision, held.head, &held.instance, held.at), (1, first.head, &first.instance, NOW));

    let lost = world.completed(&first, NOW.plus_ms(2)).after();
    let winner = world.completed(&first, NOW.plus_ms(1));
    let won = winner.after();
    store.commit(winner).expect("the first one wins");
    for old in [&first, &lost, &won] {
        let now = store.reload(old).expect("it reads").expect("it is there");
        assert_eq!((now.revision, now.head, &now.instance, now.at), (2, won.head, &won.instance, won.at));
    }
}

fn of_many_who_race_exactly_one_wins_each_revision(home: &Home) {
    let world = World1::new();
    let store = home.open();
    let start = world.started(1, "INC-1", "p2", NOW);
    let first = start.after();
    store.commit(start).expect("nobody else starts it");
    let won: usize = std::thread::scope(|scope| {
        let race = |_| {
            let (store, commit) = (store.clone(), world.completed(&first, NOW.plus_ms(1)));
            scope.spawn(move || usize::from(store.commit(commit).is_ok()))
        };
        let racers: Vec<_> = (0..24).map(race).collect();
        racers.into_iter().map(|racer| racer.join().expect("no racer panics")).sum()
    });
    assert_eq!(won, 1);
    common::assert_sound(&store, &world);
}

fn one_bad_commit_does_not_take_the_others_with_it(home: &Home) {
    let world = World1::new();
    let store = home.open();
    store.commit(world.started(1, "INC-1", "p2", NOW)).expect("the first start wins");
    // The third has a history without a state, which only the database can see; all wait in the queue together.
    store.commit(world.started(4, "INC-4", "p2", NOW)).expect("it starts once");
    home.tamper("DELETE FROM instance WHERE id = 4");
    let numbers = ["INC-2", "INC-3", "INC-4", "INC-5", "INC-6"];
    let pending: Vec<_> =
        (2..).zip(numbers).map(|(id, number)| store.submit(world.started(id, number, "p2", NOW))).collect();
    let answers: Vec<_> = pending.into_iter().map(store::Pending::wait).collect();
    for (answer, number) in answers.iter().zip(numbers) {
        match number {
            "INC-4" => assert!(matches!(answer, Err(CommitError::Broken(_))), "{answer:?}"),
            _ => assert!(answer.is_ok(), "{number}: {answer:?}"),
        }
    }
    assert!(store.load(InstanceId(4)).expect("it reads").is_none(), "nothing of the bad one stays");
    assert_eq!(store.load(InstanceId(6)).expect("it reads").map(|loaded| loaded.revision), Some(1));
    for table in ["event WHERE instance", "open_task WHERE instance", "wake WHERE instance", "case_row WHERE id"] {
        home.tamper(&format!("DELETE FROM {table} = 4"));
    }
    common::assert_sound(&store, &world);
}

fn what_was_answered_is_there_after_reopening(home: &Home) {
    let world = World1::new();
    let mut last = Vec::new();
    {
        let store = home.open();
        for id in 1..=20 {
            let start = world.started(id, &format!("INC-{id}"), "p1", NOW.plus_ms(id));
            let mut loaded = start.after();
            store.commit(start).expect("a start wins");
            for round in 0..id % 4 {
                let next = world.completed(&loaded, NOW.plus_ms(100 + round));
                loaded = next.after();
                store.commit(next).expect("nobody else commits");
            }
            last.push(loaded);
        }
    }
    let store = home.open();
    for known in last {
        let loaded = store.load(known.instance.id()).expect("it reads").expect("it is there");
        assert_eq!((loaded.revision, loaded.head), (known.revision, known.head));
        assert_eq!(loaded.instance, known.instance);
    }
    common::assert_sound(&store, &world);
}

fn commits_that_are_not_waited_for_follow_each_other_in_one_batch(home: &Home) {
    let world = World1::new();
    let store = home.open();
    let mut pending = Vec::new();
    for id in 1..=50 {
        let start = world.started(id, &format!("INC-{id}"), "p3", NOW);
        let mut loaded = start.after();
        pending.push(store.submit(start));
        while !loaded.instance.is_ended() {
            let next = world.completed(&loaded, NOW.plus_ms(id));
            loaded = next.after();
            pending.push(store.submit(next));
        }
    }
    assert!(pending.into_iter().all(|one| one.wait().is_ok()));
    let checked = common::assert_sound(&store, &world);
    assert_eq!((checked.instances, checked.events), (50, 200));
    assert_eq!(store.next_wake(&Share::Whole).expect("it reads"), None, "nothing that is over wakes");
}

fn numbers_are_reserved_once(home: &Home) {
    let process = name("incident");
    let first = |store: &store::Store, year| store.reserve_numbers(&process, year, 64).expect("it writes");
    {
        let store = home.open();
        assert_eq!((first(&store, 2026), first(&store, 2026), first(&store, 2027)), (1, 65, 1));
    }
    assert_eq!(first(&home.open(), 2026), 129);
}
