//! When nothing happens any more: what was owed is done, each of it once.

use std::collections::BTreeSet;

use engine::effect::Effect;
use engine::event::Event;
use engine::ids::{InstanceId, Name};
use engine::instance::{Status, Waits};
use engine::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use engine::value::Value;
use runtime::Runtime;
use store::{BatchState, LineFilter, OutboxKey, OutboxRow, Share};

use crate::orders::BY_SCHEDULE;
use crate::world::{ALL, World};

/// How often effects are performed at the end before they must be done.
const TURNS_MAX: usize = 200;

impl World {
    /// Lets everything that is owed be performed, and looks whether it was.
    pub fn settle(&mut self) {
        let mut before: Option<Vec<OutboxKey>> = None;
        for turn in 0..TURNS_MAX {
            // Longer than anything is put off, and longer than a batch belongs to a node that went down.
            self.now = self.now.plus_ms(2 * MINUTE_MS);
            for node in &self.nodes {
                node.clock.set(self.now);
            }
            self.works(turn % 2, Runtime::perform_owed);
            let worked = self.works(turn % 2, Runtime::work_on_batch);
            self.look();
            let owed = self.store.outbox(&Share::Whole, Timestamp(i64::MAX), ALL).expect("it reads");
            let keys = Some(owed.iter().map(|row| row.key).collect());
            if worked == 0 && keys == before && owed.iter().all(|row| row.tries > 0) {
                return self.ended(&owed);
            }
            before = keys;
        }
        panic!("seed {}: it never comes to an end", self.seed);
    }

    fn ended(&mut self, owed: &[OutboxRow]) {
        for row in owed {
            self.put_off_rightly(row);
        }
        self.done.put_off += owed.len();
        for id in self.answered.keys().copied().collect::<Vec<_>>() {
            self.calls_are_answered(id);
            for entry in self.store.history(id).expect("it reads") {
                self.done.migrated += usize::from(entry.command == "migrate");
                let begins = |event: &Event| matches!(event, Event::Entered { step, .. } if *step == *"on_cancel");
                self.done.cancelled += usize::from(entry.events.iter().any(begins));
            }
        }
        self.notices_came_once();
        self.batches_are_done();
        self.schedules_began_once();
    }

    /// What could not be done waits for a record that takes nothing now.
    fn put_off_rightly(&self, row: &OutboxRow) {
        let takes = match &row.effect {
            Effect::Begin(begun) => begun.origin.by,
            Effect::Return { to, .. } => *to,
            Effect::CancelCalled { begun } => *begun,
            Effect::Link { to, .. } | Effect::Unlink { to, .. } => *to,
            other => panic!("seed {}: {other:?} is left undone", self.seed),
        };
        let status = self.load(takes).map(|record| record.status().clone());
        let waits = match status {
            Some(Status::Running | Status::Ended { .. }) => false,
            Some(Status::Stuck(_) | Status::Suspended(_)) | None => true,
        };
        assert!(waits, "seed {}: {row:?} is left undone, and its record is {status:?}", self.seed);
    }

    /// A record waits for no record that is over or was never begun.
    fn calls_are_answered(&self, id: InstanceId) {
        let instance = self.load(id).expect("it is there");
        for token in instance.tokens() {
            let Waits::Return(called) = token.waits else { continue };
            let over = self.load(called).map(|called| called.is_ended());
            let waits_rightly = over == Some(false) || *instance.status() != Status::Running;
            let seed = self.seed;
            assert!(waits_rightly, "seed {seed}: {id} waits for {called}, which is over or was never begun: {over:?}");
        }
    }

    /// Each person was told of each effect, and of each once.
    fn notices_came_once(&mut self) {
        let directory = self.nodes[0].runtime.directory();
        let people: Vec<Name> = directory.standings().map(|(person, _)| person.clone()).collect();
        let mut told = Vec::new();
        for person in people {
            let notices = self.store.notifications(&person, ALL).expect("it reads");
            told.extend(notices.into_iter().map(|notice| (person.clone(), notice.at, notice.key)));
        }
        told.sort();
        let owed: Vec<_> = self.owed.iter().cloned().collect();
        assert_eq!(told, owed, "seed {}: each notice comes once", self.seed);
        self.done.told += told.len();
    }

    /// Each order is carried out, and each of its records has one line.
    fn batches_are_done(&mut self) {
        let seed = self.seed;
        for batch in self.batches.clone() {
            let row = self.store.batch(batch).expect("it reads").expect("it was ordered");
            assert_eq!(row.state, BatchState::Done, "seed {seed}: {row:?}");
            let of = |filter| self.store.batch_lines(batch, filter, None).expect("it reads");
            let (done, refused) = (of(LineFilter::Done), of(LineFilter::Refused));
            assert_eq!((done.len() as u64, refused.len() as u64), (row.done, row.refused), "seed {seed}: {row:?}");
            let records: BTreeSet<InstanceId> = done.iter().chain(&refused).map(|line| line.instance).collect();
            assert_eq!(records.len(), done.len() + refused.len(), "seed {seed}: a record has two lines in {row:?}");
            self.done.ordered += done.len();
        }
    }

    /// Each week began one record at most.
    fn schedules_began_once(&mut self) {
        let mut weeks = BTreeSet::new();
        for id in self.store.records_of(&Name::from("p0"), ALL).expect("it reads") {
            let began = self.store.history(id).expect("it reads").first().expect("it has begun").clone();
            let called = began.events.iter().any(|event| match event {
                Event::FieldsSet { fields } => fields.get("summary") == Some(&Value::Text(BY_SCHEDULE.into())),
                _ => false,
            });
            if called {
                // A week begins at midnight in Shanghai; the first day of 1970 was a Thursday.
                let week = (began.at.0 + 8 * HOUR_MS + 3 * DAY_MS).div_euclid(7 * DAY_MS);
                assert!(weeks.insert(week), "seed {}: two records began by themselves in week {week}", self.seed);
                assert_eq!(began.actor, engine::event::Actor::System);
            }
        }
        self.done.scheduled += weeks.len();
    }
}
