//! What pages read: inboxes in order and in pages, the list of records, notifications.

mod common;

use std::collections::BTreeSet;

use common::home::Home;
use common::{NOW, World1, name};
use engine::command::Command;
use engine::definition::Labels;
use engine::event::Principal;
use engine::ids::{DefinitionId, InstanceId, TaskId};
use engine::time::{HOUR_MS, Timestamp};
use store::{
    CaseFilter, CaseQuery, CaseStatus, INBOX_COUNT_MAX, InboxQuery, InboxView, Notice, NoticeDelivery,
    RUNNING_PAGE_MAX, Share, Store,
};

over_every_store! {
    the_inbox_is_in_order_of_due_and_its_pages_fit_together,
    a_taken_task_moves_from_the_groups_to_its_assignee_and_back,
    a_finished_task_names_its_finisher,
    the_list_of_records_is_newest_first_and_filtered,
    wakes_come_earliest_first_and_only_when_due,
    a_notice_told_twice_is_told_once,
    running_records_come_in_pages_without_those_that_are_over,
}

fn query(view: InboxView, limit: usize) -> InboxQuery {
    let principals = vec![Principal::Anyone, Principal::Role(name("desk")), Principal::Role(name("engineer"))];
    InboxQuery { person: name("ann"), principals, view, after: None, limit }
}

/// Thirty records: the due goes down as the identity goes up, every third is one step further.
fn filled(store: &Store, world: &World1) {
    for id in 1..=30 {
        let start = world.started(id, &format!("INC-{id:03}"), ["p1", "p2", "p3"][id as usize % 3], NOW.plus_ms(-id));
        let loaded = start.after();
        store.commit(start).expect("a start wins");
        if id % 3 == 0 {
            store.commit(world.completed(&loaded, NOW)).expect("nobody else commits");
        }
    }
}

fn the_inbox_is_in_order_of_due_and_its_pages_fit_together(home: &Home) {
    let world = World1::new();
    let store = home.open();
    filled(&store, &world);
    let whole = store.inbox(&query(InboxView::Groups, 100)).expect("it reads");
    assert_eq!(whole.len(), 30);
    assert!(whole.is_sorted_by_key(|row| (row.due, row.opened, row.instance)));
    let first = &whole[0];
    assert_eq!((first.number.as_str(), first.step.as_str()), ("INC-030", "resolve"));
    assert_eq!(first.due, Some(NOW.plus_ms(4 * HOUR_MS - 30)));
    assert_eq!((first.title.as_str(), &first.service), ("The mail does not arrive", &Some(name("mail"))));

    let mut paged = Vec::new();
    let mut next = query(InboxView::Groups, 7);
    loop {
        let page = store.inbox(&next).expect("it reads");
        assert!(page.len() <= 7);
        let Some(last) = page.last() else { break };
        next.after = Some(last.cursor().to_string().parse().expect("a cursor survives being text"));
        // What others finish meanwhile on pages that were seen makes no task appear twice or go missing.
        if paged.is_empty() {
            let seen = store.load(page[0].instance).expect("it reads").expect("it is there");
            store.commit(world.stepped(&seen, "ann", Command::Claim { task: page[0].task }, NOW)).expect("it wins");
        }
        paged.extend(page);
    }
    assert_eq!(paged, whole);
    assert!("1.2.x.4".parse::<store::InboxCursor>().is_err());
}

fn a_taken_task_moves_from_the_groups_to_its_assignee_and_back(home: &Home) {
    let world = World1::new();
    let store = home.open();
    filled(&store, &world);
    let loaded = store.load(InstanceId(3)).expect("it reads").expect("it is there");
    let task = loaded.instance.tasks()[0].id;
    let claim = world.stepped(&loaded, "ann", Command::Claim { task }, NOW);
    let taken = claim.after();
    store.commit(claim).expect("it wins");

    let mine = store.inbox(&query(InboxView::Mine, 50)).expect("it reads");
    assert_eq!(mine.iter().map(|row| (row.instance, row.task)).collect::<Vec<_>>(), [(InstanceId(3), task)]);
    assert_eq!(mine[0].assignee, Some(name("ann")));
    let groups = store.inbox(&query(InboxView::Groups, 50)).expect("it reads");
    assert_eq!(groups.len(), 29);
    assert!(groups.iter().all(|row| row.instance != InstanceId(3) && row.assignee.is_none()));
    assert_eq!(store.inbox(&query(InboxView::Both, 50)).expect("it reads").len(), 30);
    let counts = |now| store.inbox_counts(&name("ann"), &query(InboxView::Both, 1).principals, now).expect("it reads");
    let (early, late) = (counts(NOW), counts(NOW.plus_ms(100 * HOUR_MS)));
    assert_eq!((early.mine, early.groups, early.overdue, late.overdue), (1, 29, 0, 30));
    assert!(early.groups < INBOX_COUNT_MAX);

    store.commit(world.stepped(&taken, "ann", Command::Release { task }, NOW)).expect("it wins");
    assert_eq!(store.inbox(&query(InboxView::Mine, 50)).expect("it reads"), []);
    assert_eq!(store.inbox(&query(InboxView::Groups, 50)).expect("it reads").len(), 30);
    common::assert_sound(&store, &world);
}

fn a_finished_task_names_its_finisher(home: &Home) {
    let world = World1::new();
    let store = home.open();
    filled(&store, &world);
    let finisher = store.task_finisher(InstanceId(3), TaskId(1)).expect("it reads").expect("it was completed");
    assert_eq!((finisher.revision, finisher.command.as_str()), (2, "complete"));
    assert!(store.task_finisher(InstanceId(3), TaskId(2)).expect("it reads").is_none(), "it is open");
    assert!(store.task_finisher(InstanceId(99), TaskId(1)).expect("it reads").is_none());
}

fn the_list_of_records_is_newest_first_and_filtered(home: &Home) {
    let world = World1::new();
    let store = home.open();
    store.deploy(&common::deployment(common::SOURCE), NOW).expect("it writes");
    filled(&store, &world);
    let mut loaded = store.load(InstanceId(30)).expect("it reads").expect("it is there");
    while !loaded.instance.is_ended() {
        let next = world.completed(&loaded, NOW.plus_ms(5));
        loaded = next.after();
        store.commit(next).expect("nobody else commits");
    }
    let numbers = |query: CaseQuery| -> Vec<i64> {
        store.cases(&query).expect("it reads").iter().map(|row| row.instance.0).collect()
    };
    let incident = CaseQuery { process: Some(name("incident")), limit: 10, ..CaseQuery::default() };
    assert_eq!(numbers(incident.clone()), (21..=30).rev().collect::<Vec<_>>());
    let older = CaseQuery { before: Some(InstanceId(21)), ..incident.clone() };
    assert_eq!(numbers(older), (11..=20).rev().collect::<Vec<_>>());
    assert_eq!(numbers(CaseQuery { status: CaseFilter::Open, limit: 2, ..incident.clone() }), [29, 28]);
    assert_eq!(numbers(CaseQuery { status: CaseFilter::Ended, ..incident.clone() }), [30]);
    assert_eq!(numbers(CaseQuery { status: CaseFilter::Stuck, ..incident.clone() }), Vec::<i64>::new());
    assert_eq!(numbers(CaseQuery { requester: Some(name("bo")), ..incident.clone() }), Vec::<i64>::new());
    let running = CaseQuery { definition: Some(world.definition.id().clone()), limit: 500, ..CaseQuery::default() };
    assert_eq!(numbers(running).len(), 30);

    let everything = CaseQuery { limit: 3, before: Some(InstanceId(9)), ..CaseQuery::default() };
    assert_eq!(numbers(everything), [8, 7, 6]);
    let hers = CaseQuery { requester: Some(name("ann")), status: CaseFilter::Open, limit: 1, ..CaseQuery::default() };
    assert_eq!(numbers(hers), [29]);
    assert_eq!(
        numbers(CaseQuery { process: Some(name("change")), limit: 9, ..CaseQuery::default() }),
        Vec::<i64>::new()
    );

    let row = store.case(InstanceId(30)).expect("it reads").expect("it is there");
    assert_eq!((row.status, row.stage, row.ended), (CaseStatus::Ended, vec![name("closed")], Some(NOW.plus_ms(5))));
    assert_eq!((row.priority, row.team, row.due), (Some(name("p1")), Some(name("network")), None));
    assert_eq!(store.instance_of_number("INC-030").expect("it reads"), Some(InstanceId(30)));
    assert_eq!(store.instance_of_number("INC-31").expect("it reads"), None);
}

fn wakes_come_earliest_first_and_only_when_due(home: &Home) {
    let world = World1::new();
    let store = home.open();
    filled(&store, &world);
    let first = NOW.plus_ms(4 * HOUR_MS - 30);
    assert_eq!(store.next_wake(&Share::Whole).expect("it reads"), Some(first));
    assert_eq!(store.due(&Share::Whole, first.plus_ms(-1), 10).expect("it reads"), []);
    assert_eq!(store.due(&Share::Whole, first, 10).expect("it reads"), [(InstanceId(30), first)]);
    let ids: BTreeSet<i64> = store
        .due(&Share::Whole, NOW.plus_ms(100 * HOUR_MS), 100)
        .expect("it reads")
        .iter()
        .map(|(id, _)| id.0)
        .collect();
    assert_eq!(ids, (1..=30).collect());
}

fn a_notice_told_twice_is_told_once(home: &Home) {
    let world = World1::new();
    let store = home.open();
    let start = world.started(1, "INC-1", "p2", NOW);
    let mut loaded = start.after();
    store.commit(start).expect("a start wins");
    for later in 1..=2 {
        let next = world.completed(&loaded, NOW.plus_ms(later));
        loaded = next.after();
        store.commit(next).expect("nobody else commits");
    }
    let owed = store.outbox(&Share::Whole, Timestamp(i64::MAX), 10).expect("it reads");
    assert_eq!(owed.iter().map(|row| (row.number.as_str(), row.key.revision)).collect::<Vec<_>>(), [("INC-1", 3)]);
    let delivery = || {
        let text = Labels::new("INC-1 is resolved", "INC-1 已解决");
        let notice = Notice { person: name("ann"), text, link: "/records/INC-1".to_owned() };
        vec![NoticeDelivery { key: owed[0].key, notices: vec![notice] }]
    };
    store.deliver_notices(delivery()).expect("it writes");
    store.deliver_notices(delivery()).expect("it writes");
    assert!(store.outbox(&Share::Whole, Timestamp(i64::MAX), 10).expect("it reads").is_empty());
    let told = store.notifications(&name("ann"), 10).expect("it reads");
    assert_eq!(
        told.iter().map(|one| (one.text.zh.as_str(), one.read_at)).collect::<Vec<_>>(),
        [("INC-1 已解决", None)]
    );
    assert_eq!(store.unread_count(&name("ann")).expect("it reads"), 1);
    store.mark_read(&name("ann"), NOW.plus_ms(9), NOW.plus_ms(10)).expect("it writes");
    assert_eq!(store.unread_count(&name("ann")).expect("it reads"), 0);
    assert_eq!(store.notifications(&name("ann"), 10).expect("it reads")[0].read_at, Some(NOW.plus_ms(10)));
    assert!(store.notifications(&name("bo"), 10).expect("it reads").is_empty());
}

fn running_records_come_in_pages_without_those_that_are_over(home: &Home) {
    let world = World1::new();
    let store = home.open();
    let count = RUNNING_PAGE_MAX as i64 + 3;
    let starts = (1..=count).map(|id| store.submit(world.started(id, &format!("INC-{id}"), "p1", NOW)));
    let started: Vec<_> =
        starts.collect::<Vec<_>>().into_iter().map(|pending| pending.wait().expect("it wins")).collect();
    let mut over = started[0].clone();
    for _ in 0..3 {
        over = store.commit(world.completed(&over, NOW)).expect("nobody else commits");
    }
    assert!(over.instance.is_ended());
    let page = |after: Option<i64>| -> Vec<i64> {
        let found = store.running(world.definition.id(), after.map(InstanceId)).expect("it reads");
        found.iter().map(|record| record.id().0).collect()
    };
    let first = page(None);
    assert_eq!((first.len(), first.first(), first.last()), (RUNNING_PAGE_MAX, Some(&2), Some(&(count - 2))));
    assert_eq!(page(first.last().copied()), [count - 1, count]);
    assert_eq!(page(Some(count)), Vec::<i64>::new());
    assert!(store.running(&DefinitionId::of_source("another"), None).expect("it reads").is_empty());
}
