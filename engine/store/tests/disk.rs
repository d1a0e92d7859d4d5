//! The file beneath the store is taken away, is locked, comes back: nothing is answered that is not kept.

mod common;

use std::sync::mpsc;

use common::home::Home;
use common::{NOW, World1, assert_sound};
use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel::sqlite::SqliteConnection;
use store::{CommitError, StoreError};

#[test]
fn a_file_that_was_removed_takes_no_writes_until_it_is_back() {
    let (home, world) = (Home::file(), World1::new());
    let (store, file) = (home.open(), home.place.path().expect("it is a file"));
    let first = store.commit(world.started(1, "INC-1", "p2", NOW)).expect("a start wins");
    let aside = file.with_file_name("aside.sqlite");
    std::fs::rename(file, &aside).expect("the folder is writable");
    for _ in 0..2 {
        let refused = store.commit(world.completed(&first, NOW.plus_ms(1))).expect_err("the file is not there");
        assert!(matches!(refused, CommitError::Broken(StoreError::Gone(_))), "{refused}");
    }
    std::fs::write(file, "another file under the same name").expect("the folder is writable");
    let refused = store.commit(world.started(2, "INC-2", "p2", NOW)).expect_err("it is another file");
    assert!(matches!(refused, CommitError::Broken(StoreError::Gone(_))), "{refused}");
    std::fs::rename(&aside, file).expect("the folder is writable");
    store.commit(world.completed(&first, NOW.plus_ms(1))).expect("it is back");
    assert_eq!(assert_sound(&store, &world).events, 2, "what was refused left nothing");
}

#[test]
fn a_file_that_another_program_locks_is_waited_for() {
    let (home, world) = (Home::file(), World1::new());
    let (store, file) = (home.open(), home.place.path().expect("it is a file"));
    let mut other = SqliteConnection::establish(&file.display().to_string()).expect("the file opens");
    other.batch_execute("BEGIN IMMEDIATE").expect("nobody writes");
    let (tell, told) = mpsc::channel();
    std::thread::scope(|scope| {
        let store = &store;
        let start = world.started(1, "INC-1", "p2", NOW);
        scope.spawn(move || tell.send(store.commit(start).is_ok()));
        assert!(store.load(engine::ids::InstanceId(1)).expect("reads go on").is_none());
        assert_eq!(told.try_recv(), Err(mpsc::TryRecvError::Empty), "nothing is answered while it is locked");
        other.batch_execute("ROLLBACK").expect("it held the lock");
        assert_eq!(told.recv(), Ok(true));
    });
    assert_sound(&store, &world);
}
