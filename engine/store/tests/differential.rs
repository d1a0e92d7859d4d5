//! The same random commands to every store: after each, instances, histories, lists, wakes, what is awaited and what is
//! owed are the same. A failure names its seed, which runs alone with `TIAOLI_SEED=n`.

#[allow(dead_code)]
#[path = "../../core/tests/laws/draft.rs"]
mod draft;
#[allow(dead_code)]
#[path = "../../core/tests/laws/made.rs"]
mod made;

mod common;

use std::sync::Arc;

use common::home::Home;
use common::log::Log;
use draft::{Dice, commanded, drawn, later};
use engine::command::{Command, Start};
use engine::definition::Definition;
use engine::directory::Directory;
use engine::event::{Actor, Principal};
use engine::file::HeldFile;
use engine::ids::{InstanceId, JobId};
use engine::time::Timestamp;
use engine::{Step, World};

use store::{
    CaseFilter, CaseQuery, Commit, CommitError, FileBytes, HistoryEntry, InboxQuery, InboxView, Loaded, Notice,
    NoticeDelivery, OutboxRow, Share, Store,
};

const SEEDS: u64 = 5;
const COMMANDS: usize = 40;
const RECORDS: i64 = 4;

/// How often something happened.
#[derive(Debug, Default)]
struct Tally {
    commits: usize,
    /// Commits that somebody else was faster than.
    lost: usize,
    /// Files that a picture showed.
    files: usize,
    /// Effects that were settled.
    deliveries: usize,
    /// Jobs and records waiting for a signal that a picture showed.
    awaited: usize,
}

impl Tally {
    fn add(&mut self, other: &Tally) {
        self.commits += other.commits;
        self.lost += other.lost;
        self.files += other.files;
        self.deliveries += other.deliveries;
        self.awaited += other.awaited;
    }
}

/// One process, and its records in some stores.
struct Trial {
    seed: u64,
    done: Tally,
    definition: Arc<Definition>,
    directory: Directory,
    now: Timestamp,
    /// They hold the same.
    stores: Vec<Store>,
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
    jobs: Vec<(InstanceId, JobId)>,
    signals: Vec<InstanceId>,
    owed: Vec<String>,
    told: Vec<String>,
    files: Vec<Option<FileBytes>>,
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
        let files = ids().filter_map(|id| store.load(id).expect("it reads")).flat_map(|held| {
            let of = |file: &HeldFile| store.file(held.instance.id(), &file.file).expect("it reads");
            held.instance.files().iter().map(of).collect::<Vec<_>>()
        });
        let told = |person| store.notifications(&made::name(person), 100).expect("it reads");
        Picture {
            loaded: ids().map(loaded).collect(),
            histories: ids().map(|id| store.history(id).expect("it reads").iter().map(entry).collect()).collect(),
            cases: [CaseFilter::Any, CaseFilter::Open, CaseFilter::Ended].into_iter().flat_map(cases).collect(),
            inboxes: inboxes.collect(),
            due: store.due(&Share::Whole, now.plus_ms(10_000_000_000), 100).expect("it reads"),
            jobs: store.jobs(&made::name("scan"), now.plus_ms(10_000_000_000), 100).expect("it reads"),
            signals: store.waiting_for(&made::name("over"), None).expect("it reads"),
            owed: store
                .outbox(&Share::Whole, now, 100)
                .expect("it reads")
                .iter()
                .map(|row| format!("{row:?}"))
                .collect(),
            files: files.collect(),
            told: ["anna", "bo"].into_iter().flat_map(told).map(|notice| format!("{notice:?}")).collect(),
        }
    }
}

impl Trial {
    fn begun(seed: u64, dice: &mut Dice, stores: Vec<Store>) -> Trial {
        let definition = made::prepared(drawn(dice));
        let mut trial = Trial {
            seed,
            done: Tally::default(),
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
        World {
            now: self.now,
            actor,
            directory: &self.directory,
            fresh: InstanceId(1_000),
            records: &engine::records::NoRecords,
        }
    }

    /// Commits to every store, which agree whether it wins.
    fn commit(&mut self, before: Option<&Loaded>, step: Step, actor: &Actor, verb: &'static str) -> Option<Loaded> {
        let brought = ["a.txt", "b.txt", "c.txt"].map(|name| FileBytes::brought(name, "", name.into()).1);
        let commit = Commit::new(&self.definition, before, step, self.now, actor, verb).with_files(&brought);
        let commit = commit.unwrap_or_else(|cause| panic!("seed {}: {verb}: {cause}", self.seed));
        let answers = self.stores.iter().map(|store| match store.commit(commit.clone()) {
            Ok(loaded) => Some((loaded.revision, loaded.head)),
            Err(CommitError::Lost) => None,
            Err(CommitError::Broken(cause)) => panic!("seed {}: {verb}: {cause}", self.seed),
        });
        let answers: Vec<_> = answers.collect();
        assert!(answers.iter().all(|answer| *answer == answers[0]), "seed {}: {verb}: {answers:?}", self.seed);
        match answers[0] {
            Some(_) => self.done.commits += 1,
            None => self.done.lost += 1,
        }
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

    fn stepped(&mut self, before: &Loaded, command: Command, actor: &Actor, verb: &'static str) -> Option<Loaded> {
        let step = engine::step(&self.definition, &before.instance, command, &self.world(actor)).ok()?;
        if step.events.is_empty() {
            return None;
        }
        self.commit(Some(before), step, actor, verb)
    }

    /// Settles the first of what is owed, twice.
    fn deliver(&mut self) {
        for _ in 0..2 {
            for store in &self.stores {
                let owed = store.outbox(&Share::Whole, self.now, 1).expect("it reads");
                self.done.deliveries += owed.len();
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

    fn compare(&mut self, after: &str) {
        let pictures: Vec<Picture> = self.stores.iter().map(|store| Picture::of(store, self.now)).collect();
        self.done.files += pictures[0].files.len();
        self.done.awaited += pictures[0].jobs.len() + pictures[0].signals.len();
        for pair in pictures.windows(2) {
            assert_eq!(pair[0], pair[1], "seed {}: of memory, file and server two differ {after}", self.seed);
        }
    }
}

#[test]
fn every_store_says_the_same_after_every_command() {
    let server = Home::server();
    let seeds = match std::env::var("TIAOLI_SEED") {
        Ok(seed) => vec![seed.parse().expect("a seed is a number")],
        Err(_) => (1..=SEEDS).collect(),
    };
    let mut sum = Tally::default();
    for seed in &seeds {
        let seed = *seed;
        println!("seed {seed}");
        let homes = [Home::memory(), Home::file(), server.another()];
        let mut dice = Dice::new(seed);
        let mut trial = Trial::begun(seed, &mut dice, homes.iter().map(Home::open).collect());
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
        sum.add(&trial.done);
    }
    println!("{sum:?}");
    // The dice must reach everything, or the stores agree by accident.
    let Tally { commits, lost, files, deliveries, awaited } = sum;
    let all = [commits, lost, files, deliveries, awaited].into_iter().all(|count| count > 0);
    assert!(all || seeds.len() == 1, "{sum:?}");
}

#[test]
fn each_command_writes_rows_of_one_shard_only() {
    let home = Home::on_own_server();
    let mut tables = std::collections::BTreeSet::new();
    let mut commits = 0;
    for seed in 1..=SEEDS * 3 {
        let database = home.another();
        let mut dice = Dice::new(seed);
        let stores = vec![database.open()];
        let log = Log::of(&database);
        let mut trial = Trial::begun(seed, &mut dice, stores);
        for _ in 0..COMMANDS * 2 {
            trial.now = trial.now.plus_ms(later(&mut dice));
            trial.give(&mut dice);
            if dice.happens(20) {
                trial.deliver();
            }
        }
        for transaction in log.written() {
            // Definitions, settings, and what people are told lie on no record's shard.
            let shards: std::collections::BTreeSet<i16> = transaction.iter().filter_map(|row| row.shard).collect();
            assert!(shards.len() <= 1, "seed {seed}: one transaction, several shards: {transaction:?}");
            commits += shards.len();
            for row in transaction {
                assert!(row.shard.is_some() || row.table == "notification", "seed {seed}: {row:?} has no shard");
                tables.insert(row.table);
            }
        }
    }
    assert!(commits > 300, "{commits} commits are enough to tell");
    for table in ["instance", "event", "open_task", "wake", "case_row", "outbox", "awaited", "attachment"] {
        assert!(tables.contains(table), "no command wrote to {table}: {tables:?}");
    }
}
