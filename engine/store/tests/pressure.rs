//! What an operator watches: each figure counts what it says, on every store.

mod common;

use common::home::Home;
use common::{NOW, World1};
use store::Pressure;

over_every_store! {
    nothing_waits_where_nothing_is,
    every_figure_counts_what_waits,
}

fn nothing_waits_where_nothing_is(home: &Home) {
    assert_eq!(home.open().pressure(NOW).expect("it reads"), Pressure::default());
}

fn every_figure_counts_what_waits(home: &Home) {
    let world = World1::new();
    let first = {
        let store = home.open();
        for id in 1..=2 {
            store.commit(world.started(id, &format!("INC-{id}"), "p2", NOW)).expect("a start wins");
        }
        store.next_wake(&store::Share::Whole).expect("it reads").expect("a clock runs")
    };
    home.tamper(&format!(
        "INSERT INTO definition (process, version, id, source, parts, deployed_at_ms, author, approver, reason) \
         VALUES ('p', 1, '{}', '', '', 0, 'ann', 'bob', 'first'); \
         UPDATE case_row SET status = 'stuck' WHERE id = 2; \
         INSERT INTO outbox (shard, at_ms, instance, revision, ordinal, body, tries) \
         VALUES (1, 7, 1, 1, 0, '{{}}', 0), (1, 9, 1, 1, 1, '{{}}', 3); \
         INSERT INTO awaited (subject, ready_ms, instance, place, shard) \
         VALUES ('job:print', 5, 1, 1, 1), ('job:scan', 9000000000000000, 1, 2, 1), ('signal:calm', 0, 1, 3, 1); \
         INSERT INTO session (token_hash, person, opened_at_ms, expires_at_ms, csrf) \
         VALUES ('a', 'ann', 0, 9000000000000000, 'x'), ('b', 'bob', 0, 1, 'x');",
        world.definition.id()
    ));
    let store = home.open();
    let found = store.pressure(first).expect("it reads");
    let expected = Pressure {
        owed: 2,
        owed_since: Some(engine::time::Timestamp(7)),
        undelivered: 1,
        due: 2,
        due_since: Some(first),
        jobs: 1,
        repairs: 1,
        sessions: 1,
    };
    assert_eq!(found, expected);
    assert_eq!(store.pressure(first.plus_ms(-1)).expect("it reads").due, 0, "nothing is due before");
}
