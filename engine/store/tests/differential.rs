//! The same random commands to every store: after each, instances, histories, lists, wakes and what is owed are the
//! same. A failure names its seed.

#[allow(dead_code)]
#[path = "../../core/tests/laws/draft.rs"]
mod draft;
#[allow(dead_code)]
#[path = "../../core/tests/laws/made.rs"]
mod made;

mod common;

use std::sync::Arc;

use common::home::Home;
use draft::{Dice, commanded, drawn, later};
use engine::command::{Command, Start};
use engine::definition::Definition;
use engine::directory::Directory;
use engine::event::{Actor, Principal};
use engine::ids::InstanceId;
use engine::time::Timestamp;
use engine::{Step, World};

use store::{
    CaseFilter, CaseQuery, Commit, CommitError, HistoryEntry, InboxQuery, InboxView, Loaded, Notice, NoticeDelivery,
    OutboxRow, Share, Store,
};

const SEEDS: u64 = 5;
const COMMANDS: usize = 40;
const RECORDS: i64 = 4;

/// One process, its records, and three stores that hold the same.
struct Trial {
    seed: u64,
    definition: Arc<Definition>,
    directory: Directory,
    now: Timestamp,
    stores: [Store; 3],
    records: Vec<Loaded>,
    /// A record as it was before its last commit: what somebody else may still have in hand.
    stale: Option<Loaded>,
}

/// All that a store says of the records.
#[derive(Debug, PartialEq)]
struct Picture {
    loaded: Vec<Option<(u64, [u8; 32], String)>>,
    histories: Vec<Vec<String>>,
    cases: Vec<String>,
    inboxes: Vec<String>,
    due: Vec<(InstanceId, Timestamp)>,
    owed: Vec<String>,
    told: Vec<String>,
}

impl Picture {
    fn of(store: &Store, now: Timestamp) -> Picture {
        let ids = || (1..=RECORDS).map(InstanceId);
        let loaded = |id| {
            let held = store.load(id).expect("it reads")?;
            Some((held.revision, held.head, serde_json::to_string(&held.instance).expect("plain data")))
        };
        let entry = |entry: &HistoryEntry| format!("{entry:?}");
        let cases = |status| {
            let query = CaseQuery { status, limit: 50, definition: None, ..CaseQuery::default() };
            store.cases(&query).expect("it reads").into_iter().map(|row| format!("{row:?}"))
        };
        let inboxes = ["anna", "bo", "chen", "dora"].iter().flat_map(|person| {
            let principals = vec![
                Principal::Anyone,
                Principal::Role(made::name("agent")),
                Principal::Role(made::name("manager")),
                Principal::Team(made::name("net_team")),
                Principal::Team(made::name("mail_team")),
            ];
            let counts = store.inbox_counts(&made::name(person), &principals, now).expect("it reads");
            let query =
                InboxQuery { person: made::name(person), principals, view: InboxView::Both, after: None, limit: 3 };
            let first = store.inbox(&query).expect("it reads");
            let after = first.last().map(store::InboxRow::cursor);
            let second = match after {
                Some(_) => store.inbox(&InboxQuery { after, ..query }).expect("it reads"),
                None => Vec::new(),
            };
            [format!("{person}: {counts:?}")]
                .into_iter()
                .chain(first.into_iter().chain(second).map(|row| format!("{row:?}")))
        });
        let told = |person| store.notifications(&made::name(person), 100).expect("it reads");
        Picture {
            loaded: ids().map(loaded).collect(),
            histories: ids().map(|id| store.history(id).expect("it reads").iter().map(entry).collect()).collect(),
            cases: [CaseFilter::Any, CaseFilter::Open, CaseFilter::Ended].into_iter().flat_map(cases).collect(),
            inboxes: inboxes.collect(),
            due: store.due(&Share::Whole, now.plus_ms(10_000_000_000), 100).expect("it reads"),
            owed: store
                .outbox(&Share::Whole, now, 100)
                .expect("it reads")
                .iter()
                .map(|row| format!("{row:?}"))
                .collect(),
            told: ["anna", "bo"].into_iter().flat_map(told).map(|notice| format!("{notice:?}")).collect(),
        }
    }
}

impl Trial {
    fn begun(seed: u64, dice: &mut Dice, stores: [Store; 3]) -> Trial {
        let definition = made::prepared(drawn(dice));
        let mut trial = Trial {
            seed,
            definition,
            directory: made::directory(),
            now: made::at("2026-09-18 17:30"),
            stores,
            records: Vec::new(),
            stale: None,
        };
        for id in 1..=RECORDS {
            let order = made::order(&[("service", made::reference("mail"))]);
            let order = Start { instance: InstanceId(id), number: format!("S-{id}"), ..order };
            let actor = made::person("erin");
            let begun = engine::start(&trial.definition, order, &trial.world(&actor));
            let begun = begun.unwrap_or_else(|refusal| panic!("seed {seed}: refused at the start: {refusal}"));
            if let Some(loaded) = trial.commit(None, begun, &actor, "start") {
                trial.records.push(loaded);
            }
        }
        trial
    }

    fn world<'t>(&'t self, actor: &'t Actor) -> World<'t> {
        World { now: self.now, actor, directory: &self.directory, fresh: InstanceId(1_000), records: &[] }
    }

    /// Commits to every store, which agree whether it wins.
    fn commit(&self, before: Option<&Loaded>, step: Step, actor: &Actor, verb: &'static str) -> Option<Loaded> {
        let commit = Commit::new(&self.definition, before, step, self.now, actor, verb);
        let answers = self.stores.each_ref().map(|store| match store.commit(commit.clone()) {
            Ok(loaded) => Some((loaded.revision, loaded.head)),
            Err(CommitError::Lost) => None,
            Err(CommitError::Broken(cause)) => panic!("seed {}: {verb}: {cause}", self.seed),
        });
        assert!(answers.iter().all(|answer| *answer == answers[0]), "seed {}: {verb}: {answers:?}", self.seed);
        answers[0].map(|_| commit.after())
    }

    fn give(&mut self, dice: &mut Dice) {
        let place = dice.below(self.records.len());
        let (actor, command) = commanded(dice, &self.records[place].instance, &self.definition);
        // Sometimes somebody decides upon a state that is over: every store lets it lose.
        let stale = self.stale.take().filter(|_| dice.happens(40));
        let before = stale.clone().unwrap_or_else(|| self.records[place].clone());
        let verb = command.verb();
        if let Some(after) = self.stepped(&before, command, &actor, verb) {
            assert!(stale.is_none(), "seed {}: {verb}: a stale commit has won", self.seed);
            self.stale = Some(std::mem::replace(&mut self.records[place], after));
        }
    }

    fn stepped(&self, before: &Loaded, command: Command, actor: &Actor, verb: &'static str) -> Option<Loaded> {
        let step = engine::step(&self.definition, &before.instance, command, &self.world(actor)).ok()?;
        if step.events.is_empty() {
            return None;
        }
        self.commit(Some(before), step, actor, verb)
    }

    /// Settles the first of what is owed, twice.
    fn deliver(&self) {
        for _ in 0..2 {
            for store in &self.stores {
                let owed = store.outbox(&Share::Whole, self.now, 1).expect("it reads");
                let delivery = |row: &OutboxRow| {
                    let notice = |person| Notice {
                        person: made::name(person),
                        text: made::labels("told"),
                        link: "/".to_owned(),
                    };
                    NoticeDelivery { key: row.key, notices: ["anna", "bo"].map(notice).into() }
                };
                store.deliver_notices(owed.iter().map(delivery).collect()).expect("it writes");
            }
        }
    }

    fn compare(&self, after: &str) {
        let [memory, file, server] = self.stores.each_ref().map(|store| Picture::of(store, self.now));
        assert_eq!(memory, file, "seed {}: memory and file differ {after}", self.seed);
        assert_eq!(file, server, "seed {}: file and server differ {after}", self.seed);
    }
}

#[test]
fn every_store_says_the_same_after_every_command() {
    let server = Home::server();
    for seed in 1..=SEEDS {
        let homes = [Home::memory(), Home::file(), server.another()];
        let mut dice = Dice::new(seed);
        let mut trial = Trial::begun(seed, &mut dice, homes.each_ref().map(Home::open));
        for nth in 0..COMMANDS {
            trial.now = trial.now.plus_ms(later(&mut dice));
            trial.give(&mut dice);
            if dice.happens(20) {
                trial.deliver();
            }
            trial.compare(&format!("after command {nth}"));
        }
        for store in &trial.stores {
            let mut findings = Vec::new();
            let definition = |_: &_| Some(trial.definition.clone());
            store.check(&definition, &mut |finding| findings.push(finding)).expect("the doctor can read");
            assert!(findings.is_empty(), "seed {seed}: {findings:?}");
        }
    }
}
