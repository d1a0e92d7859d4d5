//! Who watches a record, on SQLite and on PostgreSQL: of what they are told, of what not, and what ends it.

use std::collections::BTreeSet;
use std::sync::Arc;

use engine::audience::Audience;
use engine::command::Command;
use engine::event::Actor;
use engine::ids::{InstanceId, Name};
use engine::time::{DAY_MS, Timestamp};
use runtime::{BatchOrder, Deed, Runtime, Selection, VirtualClock};
use store::{Erasure, Place, WATCHED_MAX, Watched};
use tests::{deploy, incident_source, organisation_at, over_both, report};

const NOW: Timestamp = Timestamp(1_780_000_000_000);

struct Office {
    clock: Arc<VirtualClock>,
    runtime: Runtime,
}

impl Office {
    fn open(place: &Place) -> Office {
        let clock = Arc::new(VirtualClock::at(NOW));
        Office { runtime: organisation_at(place, clock.clone()), clock }
    }

    fn reported(&self) -> InstanceId {
        self.runtime.start(report("high", "high")).expect("the form fits").instance.id()
    }

    fn watches(&self, person: &str, record: InstanceId) {
        let watched = self.runtime.store().watch(&Name::from(person), record, self.runtime.now());
        assert_eq!(watched.expect("it writes"), Watched::Now);
    }

    fn does(&self, person: &str, record: InstanceId, command: Command) {
        self.runtime.execute(record, Actor::Person(Name::from(person)), command).expect("they may");
    }

    fn says(&self, person: &str, record: InstanceId, audience: Audience, tells: &[&str]) {
        let tells: BTreeSet<Name> = tells.iter().copied().map(Name::from).collect();
        self.does(person, record, Command::Comment { text: "on it".to_owned(), audience, tells });
    }

    /// What each of these was told as a watcher since the last look, told twice as an effect is that was not settled.
    fn told(&self) -> Vec<String> {
        let owed = self.runtime.store().outbox(&store::Share::Whole, self.runtime.now(), 100).expect("it reads");
        self.runtime.perform_rows(owed.clone()).expect("the store is there");
        self.runtime.perform_rows(owed).expect("the store is there");
        let mut told = Vec::new();
        for person in ["anna", "dora", "mona", "nils", "otto"] {
            let name = Name::from(person);
            let notices = self.runtime.store().notifications(&name, 100).expect("it reads");
            let unread = notices.into_iter().filter(|notice| notice.read_at.is_none());
            let about = unread.filter(|notice| notice.text.en.contains("you watch"));
            told.extend(about.map(|notice| format!("{person}: {}", notice.text.en)));
            self.runtime.store().mark_read(&name, self.runtime.now(), self.runtime.now()).expect("it writes");
        }
        told
    }

    fn assert_sound(&self) {
        let mut findings = Vec::new();
        self.runtime.check(&mut |finding| findings.push(finding)).expect("the store is there");
        assert_eq!(findings, []);
    }
}

#[test]
fn watchers_are_told_of_what_they_may_read_and_never_of_their_own_acts() {
    over_both("watching", |place| {
        let office = Office::open(place);
        let (record, other) = (office.reported(), office.reported());
        let number = office.runtime.load(record).expect("it reads").expect("it is there").instance.number().to_owned();
        // Otto may see no record: that he watched it before is worth nothing.
        for person in ["anna", "dora", "nils", "otto"] {
            office.watches(person, record);
        }
        office.watches("mona", other);
        assert_eq!(office.told(), [""; 0]);

        office.says("dora", record, Audience::Public, &[]);
        let by_dora = |person: &str| format!("{person}: dora commented on {number}, which you watch");
        assert_eq!(office.told(), [by_dora("anna"), by_dora("nils")]);
        office.says("dora", record, Audience::Internal, &[]);
        assert_eq!(office.told(), [by_dora("nils")], "who asked for it does not read that");
        office.says("dora", record, Audience::Public, &["nils"]);
        assert_eq!(office.told(), [by_dora("anna")], "whom it names is told once");
        office.says("mona", other, Audience::Public, &[]);
        assert_eq!(office.told(), [""; 0]);

        office.runtime.store().unwatch(&Name::from("anna"), record).expect("it writes");
        office.does("dora", record, Command::Cancel { reason: "a mistake".to_owned() });
        assert_eq!(office.told(), [format!("nils: {number}, which you watch, has ended: cancelled")]);
        let order = BatchOrder {
            selection: Selection::Numbers(vec![
                office.runtime.load(other).expect("it reads").expect("it is there").instance.number().to_owned(),
            ]),
            deed: Deed::Cancel,
            reason: "a mistake".to_owned(),
        };
        office.runtime.order_batch(&order, &Name::from("dora")).expect("the order is taken");
        while office.runtime.work_on_batch().expect("the store is there") > 0 {}
        let told = office.told();
        assert!(told.len() == 1 && told.iter().all(|told| told.starts_with("mona: ")), "by a batch too: {told:?}");
        office.assert_sound();
    });
}

#[test]
fn whoever_is_erased_watches_nothing_and_nobody_watches_what_retention_took() {
    over_both("watching-gone", |place| {
        let office = Office::open(place);
        let text = incident_source().replacen("\n  owner ", "\n  keep 6 months\n  owner ", 1);
        deploy(&office.runtime, &text);
        let (record, other) = (office.reported(), office.reported());
        for person in ["anna", "nils"] {
            office.watches(person, record);
            office.watches(person, other);
        }
        let order = Erasure { person: "nils".into(), by: "mona".into(), at: NOW, reason: "asked for".to_owned() };
        assert!(office.runtime.store().erase_person(&order).is_ok());
        office.runtime.reload_directory().expect("the registers are readable");
        let (anna, nils) = (Name::from("anna"), Name::from("nils"));
        let store = office.runtime.store();
        assert_eq!(store.watched(&nils).expect("it reads"), []);
        assert_eq!(store.watchers(record).expect("it reads"), std::slice::from_ref(&anna));
        assert_eq!(store.watched(&anna).expect("it reads"), [other, record], "newest first");

        office.does("mona", record, Command::Cancel { reason: "a mistake".to_owned() });
        assert_eq!(office.told().len(), 1);
        office.clock.set(NOW.plus_ms(190 * DAY_MS));
        assert_eq!(office.runtime.remove_due().expect("the store is there").len(), 1);
        assert_eq!(store.watched(&anna).expect("it reads"), [other]);
        assert_eq!(store.watch(&anna, record, NOW).expect("it reads"), Watched::Gone);
        office.assert_sound();
    });
}

#[test]
fn nobody_watches_more_than_can_be_listed() {
    over_both("watching-many", |place| {
        let office = Office::open(place);
        let (anna, store) = (Name::from("anna"), office.runtime.store());
        let records: Vec<InstanceId> = (0..=WATCHED_MAX).map(|_| office.reported()).collect();
        let (last, rest) = records.split_last().expect("there are some");
        for record in rest {
            office.watches("anna", *record);
        }
        office.watches("anna", rest[0]);
        assert_eq!(store.watch(&anna, *last, NOW).expect("it reads"), Watched::TooManyRecords);
        store.unwatch(&anna, rest[0]).expect("it writes");
        office.watches("anna", *last);
    });
}
