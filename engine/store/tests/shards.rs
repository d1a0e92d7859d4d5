//! What is written beside commands, on a server: rows of one shard in a transaction, by statements that each name it. Rows
//! that are no record's lie in tables that are the same everywhere, or have a key of their own.

mod common;

use std::collections::BTreeSet;
use std::sync::Mutex;

use common::home::Home;
use common::log::Log;
use common::{NOW, World1, name};
use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use engine::ids::InstanceId;
use store::{BatchId, GiveUp, HoldOrder, NewBatch, Notice, NoticeDelivery, OutboxKey, Share, Store, Term};

/// The tables of records' rows.
const SHARDED: [&str; 10] =
    ["instance", "event", "open_task", "wake", "awaited", "case_row", "outbox", "attachment", "batch_line", "watch"];

/// What was asked of the server since the last look.
static ASKED: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn listening() -> Option<Box<dyn Instrumentation>> {
    Some(Box::new(|event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            ASKED.lock().expect("nobody panicked").push(query.to_string());
        }
    }))
}

/// The table of a record's rows that a statement changes or takes away, if it does.
fn changes(statement: &str) -> Option<&str> {
    let rest = statement.strip_prefix("DELETE").or_else(|| statement.strip_prefix("UPDATE"))?;
    let table = rest.split('"').nth(1)?;
    SHARDED.contains(&table).then_some(table)
}

struct Shards<'h> {
    store: Store,
    log: Log<'h>,
}

impl Shards<'_> {
    /// Does something, and holds what it wrote against the tables that it should have written to.
    fn writes<T>(&self, what: &str, tables: &[&str], work: impl FnOnce(&Store) -> T) -> T {
        self.log.written();
        ASKED.lock().expect("nobody panicked").clear();
        let done = work(&self.store);
        let mut wrote = BTreeSet::new();
        for transaction in self.log.written() {
            let shards: BTreeSet<i16> = transaction.iter().filter_map(|row| row.shard).collect();
            assert!(shards.len() <= 1, "{what}: one transaction, several shards: {transaction:?}");
            for row in transaction {
                let is_a_records = SHARDED.contains(&row.table.as_str());
                assert_eq!(row.shard.is_some(), is_a_records, "{what}: {row:?}");
                wrote.insert(row.table);
            }
        }
        assert_eq!(wrote.iter().map(String::as_str).collect::<Vec<_>>(), tables, "{what}");
        let asked = ASKED.lock().expect("nobody panicked").clone();
        for statement in asked {
            let Some(table) = changes(&statement) else { continue };
            let named = format!("(\"{table}\".\"shard\" = ");
            assert!(statement.contains(&named), "{what}: the statement names no shard: {statement}");
        }
        done
    }
}

#[test]
fn what_is_written_beside_commands_lies_on_one_shard() {
    let (home, world) = (Home::on_own_server(), World1::new());
    set_default_instrumentation(listening).expect("nobody has set another");
    let on = Shards { store: home.open(), log: Log::of(&home) };
    let store = &on.store;

    // Two records that owe something; one of them ends.
    let mut keys: Vec<OutboxKey> = Vec::new();
    for id in [1, 2] {
        let start = world.started(id, &format!("INC-{id}"), "p2", NOW);
        let mut loaded = start.after();
        store.commit(start).expect("nobody else starts it");
        for later in 1..=2 {
            let next = world.completed(&loaded, NOW.plus_ms(later));
            loaded = next.after();
            store.commit(next).expect("nobody else completes it");
        }
        keys.extend(store.owed_by(InstanceId(id), 10).expect("it reads").iter().map(|row| row.key));
        if id == 1 {
            store.commit(world.completed(&loaded, NOW.plus_ms(3))).expect("nobody else completes it");
        }
    }
    let [first, second] = keys[..] else { panic!("each owes a notice: {keys:?}") };

    let later = NOW.plus_ms(60_000);
    on.writes("putting an effect off", &["outbox"], |store| {
        store.put_off(first, later, "away".into()).expect("it writes")
    });
    on.writes("trying it now", &["outbox"], |store| assert!(store.retry_owed(first, NOW).expect("it writes")));
    on.writes("a beat", &["node"], |store| store.beat("a").expect("it writes"));
    let leases = store.leases().expect("it reads").slices;
    let free = leases.into_iter().map(|lease| (lease.slice, lease.epoch)).collect();
    let taken = on.writes("taking slices", &["shard_lease"], |store| store.take_slices("a", free).expect("it writes"));
    let share = Share::Slices { node: "a".into(), held: taken.into_iter().collect() };
    on.writes("taking an effect in hand", &["outbox", "shard_lease"], |store| {
        assert!(store.hold_owed(&share, first, later).expect("it writes"));
    });
    // What a dead node had in hand lies on all its shards, and is freed by one statement over them.
    store.bury("a", 1).expect("it writes");
    let notices = ["ann", "bo"].map(|person| Notice {
        person: name(person),
        text: engine::definition::Labels::new("told", "已告知"),
        link: "/records/INC-1".into(),
    });
    on.writes("telling people", &["notification", "outbox"], |store| {
        store.deliver_notices(vec![NoticeDelivery { key: first, notices: notices.into() }]).expect("it writes");
    });
    on.writes("putting another off", &["outbox"], |store| {
        store.put_off(second, later, "away".into()).expect("it writes")
    });
    let (number, kind, by, reason) = ("INC-2".into(), "mail".into(), name("ann"), "nobody reads it".into());
    let order = GiveUp { key: second, number, kind, by, at: NOW, reason };
    on.writes("giving an effect up", &["audit", "outbox"], |store| {
        assert!(store.give_up_owed(&order).expect("it writes"));
    });

    let body = "{}".to_owned();
    let batch = NewBatch { id: BatchId(7), body, reason: "tests".into(), by: name("ann"), at: NOW, total: 2 };
    on.writes("an order to many", &["batch"], |store| store.order_batch(&batch).expect("it writes"));
    on.writes("taking it up", &["batch"], |store| store.claim_batch("a", NOW, later).expect("it writes"));
    let held = store.load(InstanceId(2)).expect("it reads").expect("it is there");
    let counted = world.completed(&held, NOW.plus_ms(4)).counted_in(BatchId(7));
    on.writes("a record of it", &["batch_line", "case_row", "event", "instance", "open_task"], |store| {
        store.commit(counted).expect("nobody else completes it");
    });
    on.writes("a record that it leaves", &["batch_line"], |store| {
        store.refuse_in_batch(BatchId(7), vec![(InstanceId(1), "over".into())]).expect("it writes");
    });

    for person in ["ann", "bo"] {
        on.writes("watching", &["watch"], |store| store.watch(&name(person), InstanceId(1), NOW).expect("it writes"));
    }
    on.writes("watching no more", &["watch"], |store| store.unwatch(&name("bo"), InstanceId(1)).expect("it writes"));
    on.writes("the key of a message", &["correlation"], |store| {
        store.correlate(&name("incident"), &name("alarm"), "disk 7", InstanceId(1)).expect("it writes")
    });
    on.writes("how far a schedule is", &["schedule_reached"], |store| {
        store.reach_schedule(&name("incident"), 0, NOW).expect("it writes");
    });
    on.writes("numbers", &["number_block"], |store| {
        store.reserve_numbers(&name("incident"), 2026, 64).expect("it writes")
    });

    let hold = HoldOrder { by: name("ann"), at: NOW, reason: "a dispute".into() };
    let id = on.writes("a legal hold", &["audit", "held_record", "legal_hold"], |store| {
        store.place_hold(&[InstanceId(1), InstanceId(2)], &hold).expect("it writes")
    });
    on.writes("its release", &["audit", "held_record", "legal_hold"], |store| {
        store.release_hold(id, &hold).expect("it writes")
    });
    let term = Term { definition: world.definition.id().clone(), ended_by: later };
    let over = store.due_for_removal(&[term], 10).expect("it reads");
    assert_eq!(over.len(), 2, "both have ended: {over:?}");
    // A piece of retention takes away fifty at once, each by statements of its own.
    let tables = ["audit", "batch_line", "case_row", "correlation", "event", "instance", "notification", "watch"];
    let one: Vec<_> = over.iter().filter(|row| row.instance == InstanceId(1)).cloned().collect();
    let removed = on.writes("retention", &tables, |store| store.remove_records(&one, later).expect("it writes"));
    assert_eq!(removed.len(), 1);
}
