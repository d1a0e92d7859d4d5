//! The words by which records are found: which records want them, what is found by them, and that they go with the record.

mod common;

use std::collections::BTreeSet;

use common::home::Home;
use common::{NOW, World1, deployment};
use engine::ids::InstanceId;
use engine::time::{DAY_MS, Timestamp};
use store::{Astray, Finding, Needle, OverRow, SearchQuery, SearchedRecord, Share, Store, Unsearched};

over_every_store! {
    a_record_wants_words_once_for_each_revision_and_edition,
    records_are_found_by_all_terms_newest_first,
    words_go_with_their_record_and_the_doctor_sees_strays,
}

fn wanted(store: &Store, edition: i16, ended_since: Timestamp) -> Vec<i64> {
    let wanted = Unsearched { share: &Share::Whole, edition, ended_since, limit: 1_000 };
    let mut found: Vec<i64> = store.unsearched(&wanted).expect("it reads").into_iter().map(|id| id.0).collect();
    found.sort_unstable();
    found
}

fn words(words: &[&str]) -> BTreeSet<String> {
    words.iter().copied().map(str::to_owned).collect()
}

fn keep(store: &Store, id: i64, held: &[&str]) {
    let revision = store.load(InstanceId(id)).expect("it reads").map_or(1, |loaded| loaded.revision);
    let record = SearchedRecord { instance: InstanceId(id), revision, words: words(held) };
    store.keep_searched(1, vec![record]).expect("it is kept");
}

/// Three records, a day apart; the third is over.
fn filled(home: &Home) -> (Store, World1) {
    let (store, world) = (home.open(), World1::new());
    store.deploy(&deployment(common::SOURCE), NOW).expect("it is deployed");
    for id in 1..=3 {
        let at = NOW.plus_ms(id * DAY_MS);
        let start = world.started(id, &format!("INC-2026-00000{id}"), "p1", at);
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

fn word(word: &str) -> Vec<Vec<Needle>> {
    vec![vec![Needle::Word(word.to_owned())]]
}

fn found(store: &Store, terms: Vec<Vec<Vec<Needle>>>, among: &[&str], below: Option<i64>, limit: usize) -> Vec<i64> {
    let among = among.iter().copied().map(str::to_owned).collect();
    let query = SearchQuery { terms, among, below: below.map(InstanceId), limit };
    store.searched(&query).expect("it reads").into_iter().map(|id| id.0).collect()
}

fn a_record_wants_words_once_for_each_revision_and_edition(home: &Home) {
    let (store, world) = filled(home);
    let ever = Timestamp(i64::MIN);
    assert_eq!(wanted(&store, 1, ever), [1, 2, 3]);
    assert_eq!(wanted(&store, 1, NOW.plus_ms(30 * DAY_MS)), [1, 2], "the third was over before");
    (1..=3).for_each(|id| keep(&store, id, &["mail"]));
    assert_eq!(wanted(&store, 1, ever), [] as [i64; 0]);
    assert_eq!(wanted(&store, 2, ever), [1, 2, 3], "other rules make other words");
    let loaded = store.load(InstanceId(2)).expect("it reads").expect("it is there");
    store.commit(world.completed(&loaded, NOW.plus_ms(9 * DAY_MS))).expect("nobody else commits");
    assert_eq!(wanted(&store, 1, ever), [2]);
    keep(&store, 2, &["letters"]);
    assert_eq!(found(&store, vec![word("letters")], &[], None, 9), [2]);
    assert_eq!(found(&store, vec![word("mail")], &[], None, 9), [3, 1], "what it says no more does not find it");
    store.forget_searched().expect("all are forgotten");
    assert_eq!(found(&store, vec![word("mail")], &[], None, 9), [] as [i64; 0]);
    assert_eq!(wanted(&store, 1, ever), [1, 2, 3], "and made anew");
}

fn records_are_found_by_all_terms_newest_first(home: &Home) {
    let (store, _) = filled(home);
    keep(&store, 1, &["故障", "障", "vpn", "@role:staff", "~anna"]);
    keep(&store, 2, &["故障", "障", "mailbox", "it's", "@person:bob"]);
    keep(&store, 3, &["vpnx", "000123", "@anyone"]);
    let begins = |word: &str| vec![vec![Needle::Beginning(word.to_owned())]];
    let all = |terms| found(&store, terms, &[], None, 9);
    assert_eq!(all(vec![word("故障")]), [2, 1]);
    assert_eq!(all(vec![begins("vpn")]), [3, 1]);
    assert_eq!(all(vec![word("vpn")]), [1]);
    assert_eq!(all(vec![begins("故")]), [2, 1]);
    assert_eq!(all(vec![word("故障"), begins("mail")]), [2]);
    assert_eq!(all(vec![word("it's")]), [2], "what a word may hold is no order to the index");
    assert_eq!(all(vec![word("' & (\"OR\" \\")]), [] as [i64; 0]);
    assert_eq!(all(vec![vec![vec![Needle::Word("000123".into())], vec![Needle::Word("~anna".into())]]]), [3, 1]);
    assert_eq!(all(vec![]), [] as [i64; 0], "nothing asked finds nothing");
    assert_eq!(all(vec![vec![]]), [] as [i64; 0]);
    assert_eq!(all(vec![vec![vec![]]]), [] as [i64; 0]);
    assert_eq!(found(&store, vec![word("故障")], &["@role:staff", "@anyone"], None, 9), [1]);
    assert_eq!(found(&store, vec![word("故障")], &["@person:eve"], None, 9), [] as [i64; 0]);
    assert_eq!(found(&store, vec![word("障")], &[], None, 1), [2]);
    assert_eq!(found(&store, vec![word("障")], &[], Some(2), 1), [1]);
}

fn words_go_with_their_record_and_the_doctor_sees_strays(home: &Home) {
    let (store, world) = filled(home);
    (1..=3).for_each(|id| keep(&store, id, &["mail"]));
    let findings = |store: &Store| common::findings(store, &world).1;
    assert_eq!(findings(&store), [] as [Finding; 0]);
    let owed = store.outbox(&Share::Whole, NOW.plus_ms(9 * DAY_MS), 10).expect("it reads");
    store.settle_owed(owed.into_iter().map(|row| row.key).collect()).expect("it is settled");
    let over = OverRow {
        instance: InstanceId(3),
        number: "INC-2026-000003".into(),
        definition: world.definition.id().clone(),
        ended: NOW.plus_ms(4 * DAY_MS),
    };
    let removed = store.remove_records(&[over], NOW.plus_ms(900 * DAY_MS)).expect("it is removed");
    assert_eq!(removed.len(), 1);
    assert_eq!(found(&store, vec![word("mail")], &[], None, 9), [2, 1]);
    keep(&store, 3, &["mail"]);
    assert_eq!(found(&store, vec![word("mail")], &[], None, 9), [2, 1], "a late answer brings nothing back");
    assert_eq!(findings(&store), [] as [Finding; 0]);
    let record = SearchedRecord { instance: InstanceId(2), revision: 99, words: words(&["mail"]) };
    store.keep_searched(1, vec![record]).expect("it is kept");
    let astray = |row: &str, because| Finding::RowAstray { list: "words", row: row.to_owned(), because };
    let ids = |id| InstanceId(id).to_string();
    assert_eq!(findings(&store), [astray(&ids(2), Astray::Ahead)]);
    drop(store);
    home.tamper("DELETE FROM searched");
    let store = home.open();
    assert_eq!(findings(&store), [astray(&ids(1), Astray::OfNobody), astray(&ids(2), Astray::OfNobody)]);
    (1..=2).for_each(|id| keep(&store, id, &["mail"]));
    drop(store);
    home.tamper("DELETE FROM search_text");
    assert_eq!(findings(&home.open()), [astray(&ids(1), Astray::Empty), astray(&ids(2), Astray::Empty)]);
}
