//! What records add to measures: which records are to be measured, what is kept of them, and that it goes with them.

mod common;

use common::home::Home;
use common::{NOW, World1, definition, deployment, name};
use engine::ids::InstanceId;
use engine::measure::{BEGUN, ENDED, OPEN, Tally, contributions};
use engine::time::{DAY_MS, Timestamp};
use store::{MeasuredQuery, MeasuredRecord, OverRow, Share, Store, Unmeasured};

over_every_store! {
    a_record_is_to_be_measured_once_for_each_revision_and_definition,
    what_is_kept_is_told_by_day_and_filtered_and_leads_to_its_records,
    what_a_record_adds_goes_with_it_and_does_not_come_back,
}

fn wanted(store: &Store, definition: &str, ended_since: Timestamp) -> Vec<i64> {
    let (process, definition, share) = (name("incident"), engine::ids::DefinitionId(definition.into()), Share::Whole);
    let wanted = Unmeasured { process: &process, definition: &definition, share: &share, ended_since, limit: 1_000 };
    let mut found: Vec<i64> = store.unmeasured(&wanted).expect("it reads").into_iter().map(|id| id.0).collect();
    found.sort_unstable();
    found
}

/// Measures everything that is to be measured.
fn measure(store: &Store, world: &World1) {
    let id = world.definition.id();
    let found = wanted(store, &id.0, Timestamp(i64::MIN));
    let ids: Vec<InstanceId> = found.into_iter().map(InstanceId).collect();
    let measured = store.load_each(&ids).expect("it reads").into_iter().map(|(instance, loaded)| {
        let loaded = loaded.expect("it is readable");
        let adds = contributions(&world.definition, &loaded.instance, &world.directory, loaded.at);
        MeasuredRecord { instance, revision: loaded.revision, adds }
    });
    store.keep_measured(id, measured.collect()).expect("it is kept");
}

/// Three records, a day apart; the third is over.
fn filled(home: &Home) -> (Store, World1) {
    let (store, world) = (home.open(), World1::new());
    store.deploy(&deployment(common::SOURCE), NOW).expect("it is deployed");
    for id in 1..=3 {
        let at = NOW.plus_ms(id * DAY_MS);
        let start = world.started(id, &format!("INC-2026-00000{id}"), ["p1", "p2"][id as usize % 2], at);
        let mut loaded = start.after();
        store.commit(start).expect("a start wins");
        for _ in 0..if id == 3 { 3 } else { 0 } {
            let commit = world.completed(&loaded, at.plus_ms(DAY_MS));
            loaded = commit.after();
            store.commit(commit).expect("nobody else commits");
        }
    }
    (store, world)
}

fn of(measure: &str) -> MeasuredQuery {
    MeasuredQuery::of(name("incident"), name(measure))
}

fn count(store: &Store, query: &MeasuredQuery) -> u64 {
    store.measured_count(query).expect("it reads")
}

fn a_record_is_to_be_measured_once_for_each_revision_and_definition(home: &Home) {
    let (store, world) = filled(home);
    let (id, ever) = (definition().id().0.clone(), Timestamp(i64::MIN));
    assert_eq!(wanted(&store, &id, ever), [1, 2, 3]);
    assert_eq!(wanted(&store, &id, NOW.plus_ms(30 * DAY_MS)), [1, 2], "the third was over before");
    measure(&store, &world);
    assert_eq!(wanted(&store, &id, ever), [] as [i64; 0]);
    let loaded = store.load(InstanceId(2)).expect("it reads").expect("it is there");
    store.commit(world.completed(&loaded, NOW.plus_ms(9 * DAY_MS))).expect("nobody else commits");
    assert_eq!(wanted(&store, &id, ever), [2]);
    measure(&store, &world);
    assert_eq!(wanted(&store, "another", ever), [1, 2, 3], "another version measures anew");
    assert_eq!(count(&store, &of(BEGUN)), 3, "measuring again puts the same in place of the same");
}

fn what_is_kept_is_told_by_day_and_filtered_and_leads_to_its_records(home: &Home) {
    let (store, world) = filled(home);
    measure(&store, &world);
    let open = store.measured(&of(OPEN)).expect("it reads");
    let told: Vec<(&str, &str, u64)> =
        open.iter().map(|row| (row.groups[0].as_str(), row.day.as_str(), row.tally.records)).collect();
    assert_eq!(told, [("p2", "2026-05-29", 1), ("p1", "2026-05-30", 1)]);
    let p1 = MeasuredQuery { priority: Some(name("p1")), ..of(OPEN) };
    let split = MeasuredQuery { groups: Some(vec!["p1".into()]), ..of(OPEN) };
    let late = MeasuredQuery { from: Some("2026-05-30".into()), before: Some("2026-05-31".into()), ..of(OPEN) };
    for query in [&p1, &split, &late] {
        let records = store.measured_records(query, None, 50).expect("it reads");
        assert!(records.iter().all(|(_, amount)| *amount == 1), "each is one");
        assert_eq!(records.iter().map(|(case, _)| case.number.as_str()).collect::<Vec<_>>(), ["INC-2026-000002"]);
        assert_eq!(count(&store, query), 1);
    }
    for nobody in [
        MeasuredQuery { team: Some(name("desk")), ..of(OPEN) },
        MeasuredQuery { service: Some(name("vpn")), ..of(OPEN) },
        MeasuredQuery { process: name("change"), ..of(OPEN) },
    ] {
        assert_eq!(count(&store, &nobody), 0, "{nobody:?}");
    }
    let page = |below: Option<i64>| {
        let page = store.measured_records(&of(BEGUN), below.map(InstanceId), 2).expect("it reads");
        page.into_iter().map(|(case, _)| case.instance.0).collect::<Vec<_>>()
    };
    assert_eq!((page(None), page(Some(2))), (vec![3, 2], vec![1]));
    let kept = store.measured(&of(":kept:resolution")).expect("it reads");
    assert_eq!(kept.iter().map(|row| row.tally).collect::<Vec<_>>(), [Tally { amount: 0, records: 1 }]);
}

fn what_a_record_adds_goes_with_it_and_does_not_come_back(home: &Home) {
    let (store, world) = filled(home);
    measure(&store, &world);
    let loaded = store.load(InstanceId(3)).expect("it reads").expect("it is there");
    let adds = contributions(&world.definition, &loaded.instance, &world.directory, loaded.at);
    assert_eq!(count(&store, &of(ENDED)), 1);
    let owed = store.outbox(&Share::Whole, NOW.plus_ms(9 * DAY_MS), 10).expect("it reads");
    store.settle_owed(owed.into_iter().map(|row| row.key).collect()).expect("it is settled");
    let over = OverRow {
        instance: InstanceId(3),
        number: "INC-2026-000003".into(),
        definition: world.definition.id().clone(),
        ended: NOW.plus_ms(4 * DAY_MS),
    };
    let removed = store.remove_records(&[over], NOW.plus_ms(400 * DAY_MS)).expect("it is removed");
    assert_eq!(removed.len(), 1);
    assert_eq!((count(&store, &of(ENDED)), count(&store, &of(BEGUN))), (0, 2));
    let late = MeasuredRecord { instance: InstanceId(3), revision: loaded.revision, adds };
    store.keep_measured(world.definition.id(), vec![late]).expect("it is passed over");
    assert_eq!((count(&store, &of(ENDED)), count(&store, &of(BEGUN))), (0, 2));
}
