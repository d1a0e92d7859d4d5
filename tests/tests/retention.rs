//! Retention, on SQLite and on PostgreSQL: what is over long enough goes, what is held stays, and both are told.

use std::sync::Arc;

use engine::command::Command;
use engine::event::Actor;
use engine::ids::{InstanceId, Name};
use engine::time::{DAY_MS, Timestamp};
use runtime::signing::Signer;
use runtime::{Runtime, VirtualClock};
use store::{AuditFilter, AuditWhat, FileBytes, HoldOrder, Place, Released};
use tests::{Scratch, deploy, incident_source, organisation_at, over_both, report};

const BEGIN: Timestamp = Timestamp(1_780_000_000_000);

struct Office {
    /// For files beside the store.
    scratch: Scratch,
    clock: Arc<VirtualClock>,
    runtime: Runtime,
}

impl Office {
    fn open(place: &Place) -> Office {
        let scratch = Scratch::new("retention");
        let clock = Arc::new(VirtualClock::at(BEGIN));
        let runtime = organisation_at(place, clock.clone());
        Office { scratch, clock, runtime }
    }

    /// One whose process keeps its records for six months.
    fn of_six_months(place: &Place) -> Office {
        let office = Office::open(place);
        let text = incident_source().replacen("\n  owner ", "\n  keep 6 months\n  owner ", 1);
        assert_ne!(text, incident_source());
        deploy(&office.runtime, &text);
        office
    }

    fn reported(&self) -> InstanceId {
        self.runtime.start(report("high", "high")).expect("the form fits").instance.id()
    }

    /// A record that is over, with all that it owed done.
    fn over(&self) -> InstanceId {
        self.over_with(None)
    }

    fn over_with(&self, file: Option<&str>) -> InstanceId {
        let id = self.reported();
        if let Some(name) = file {
            let (file, bytes) = FileBytes::brought(name, "text/plain", b"no route".to_vec());
            let command = Command::Attach { files: vec![file] };
            self.runtime.execute_with(id, Actor::System, command, &[bytes]).expect("it is taken");
        }
        let command = Command::Cancel { reason: "a mistake".to_owned() };
        self.runtime.execute(id, Actor::Person(Name::from("mona")), command).expect("she may edit it");
        self.runtime.perform_owed().expect("the store is there");
        id
    }

    fn days_later(&self, days: i64) {
        self.clock.set(BEGIN.plus_ms(days * DAY_MS));
    }

    fn due(&self) -> Vec<InstanceId> {
        let due = self.runtime.due_for_removal(10).expect("the store is there");
        due.into_iter().map(|record| record.instance).collect()
    }

    fn removed(&self) -> usize {
        self.runtime.remove_due().expect("the store is there").len()
    }

    fn order(&self, reason: &str) -> HoldOrder {
        HoldOrder { by: Name::from("mona"), at: self.runtime.now(), reason: reason.to_owned() }
    }

    fn assert_sound(&self) {
        let mut findings = Vec::new();
        self.runtime.check(&mut |finding| findings.push(finding)).expect("the store is there");
        assert_eq!(findings, []);
    }
}

#[test]
fn a_record_goes_when_its_time_is_up_and_the_trail_says_which_it_was() {
    over_both("retention", |place| {
        let office = Office::of_six_months(place);
        let (over, open) = (office.over_with(Some("log.txt")), office.reported());
        let loaded = office.runtime.load(over).expect("readable").expect("it is there");
        let told = office.runtime.store().notifications(&Name::from("anna"), 10).expect("readable").len();
        office.days_later(180);
        assert_eq!((office.due(), office.removed()), (Vec::new(), 0));
        office.days_later(190);
        assert_eq!(office.due(), [over], "an open record is never due: {open}");
        assert_eq!(office.removed(), 1);
        assert!(office.runtime.load(over).expect("readable").is_none());
        assert!(office.runtime.load(open).expect("readable").is_some());
        let file = &loaded.instance.files().first().expect("it held one").file;
        assert_eq!(office.runtime.store().file(over, file).expect("readable"), None, "its files go with it");
        assert!(office.runtime.store().chain(over).expect("readable").is_empty());
        assert_eq!(office.runtime.store().instance_of_number(loaded.instance.number()).expect("readable"), None);
        let left = office.runtime.store().notifications(&Name::from("anna"), 10).expect("readable");
        assert!(left.len() <= told && left.iter().all(|told| !told.link.ends_with(loaded.instance.number())));
        let newest =
            office.runtime.store().audit_entries(&AuditFilter::default(), 1).expect("readable").remove(0).entry;
        let AuditWhat::RecordsRemoved { records } = newest.what else { panic!("{newest:?}") };
        let record = records.first().expect("one was removed");
        assert_eq!((records.len(), record.instance, record.revision), (1, over, loaded.revision));
        assert_eq!(
            (record.number.as_str(), record.head.as_str()),
            (loaded.instance.number(), &*hex::encode(loaded.head))
        );
        assert_eq!(office.removed(), 0);
        office.assert_sound();
    });
}

#[test]
fn what_is_held_stays_until_the_last_hold_is_released() {
    over_both("retention", |place| {
        let office = Office::of_six_months(place);
        let (first, second) = (office.over(), office.over());
        let store = office.runtime.store();
        let held = store.place_hold(&[first], &office.order("a lawsuit")).expect("it writes");
        let also = store.place_hold(&[first, second], &office.order("an inquiry")).expect("it writes");
        office.days_later(400);
        assert_eq!((office.due(), office.removed()), (Vec::new(), 0));
        assert_eq!(store.release_hold(also, &office.order("it is over")).expect("it writes"), Released::Now);
        assert_eq!(store.release_hold(also, &office.order("once more")).expect("it writes"), Released::NotHeld);
        assert_eq!(office.removed(), 1, "the second one goes");
        assert!(office.runtime.load(first).expect("readable").is_some());
        let holds = store.holds().expect("readable");
        let counts: Vec<(u64, bool)> = holds.iter().map(|hold| (hold.records, hold.released.is_some())).collect();
        assert_eq!(counts, [(0, true), (1, false)]);
        store.release_hold(held, &office.order("it is over")).expect("it writes");
        assert_eq!(office.removed(), 1);
        office.assert_sound();
    });
}

#[test]
fn records_are_kept_for_ever_until_somebody_decides_otherwise() {
    over_both("retention", |place| {
        let office = Office::open(place);
        let over = office.over();
        office.days_later(20_000);
        assert_eq!(office.due(), Vec::new());
        let by = Name::from("mona");
        office.runtime.store().set_keep_default(Some(12), &by, office.runtime.now()).expect("it writes");
        assert_eq!(office.due(), [over]);
        office.runtime.store().set_keep_default(None, &by, office.runtime.now()).expect("it writes");
        assert_eq!(office.due(), Vec::new());
    });
}

#[test]
fn what_retention_removed_is_no_forgery() {
    over_both("retention", |place| {
        let office = Office::of_six_months(place);
        office.over();
        let signer = Signer::of_folder(office.scratch.path()).expect("the folder is writable");
        let file = office.scratch.path().join("anchors.jsonl");
        office.runtime.anchor(&file, &signer).expect("the folder is writable");
        office.days_later(400);
        assert_eq!(office.removed(), 1);
        let anchors = runtime::anchor::Anchors::read(&file, None).expect("it is sound");
        assert_eq!(anchors.compared(office.runtime.store()).expect("readable"), []);
    });
}
