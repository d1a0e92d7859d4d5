//! Anchors and evidence, on SQLite and on PostgreSQL: what is sound is found sound, and every change is found.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::audience::Audience;
use engine::command::Command;
use engine::event::Actor;
use engine::ids::{FileId, InstanceId, Name};
use engine::time::Timestamp;
use runtime::anchor::{AnchorError, Anchors, Unanchored};
use runtime::evidence::{Contents, Fault, verify};
use runtime::signing::{Signed, Signer, Unbelievable};
use runtime::{Runtime, VirtualClock};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::{EventRow, FileBytes, GENESIS, Place, Store};
use tests::{Scratch, organisation_at, over_both, report};

/// How many bytes of each file are changed, one at a time.
const FLIPS: usize = 60;

struct Office {
    /// For files beside the store.
    scratch: Scratch,
    clock: Arc<VirtualClock>,
    runtime: Runtime,
    signer: Signer,
}

impl Office {
    /// Two records, each with a comment; an anchor before the comments and one after them.
    fn anchored(place: &Place) -> Office {
        let scratch = Scratch::new("evidence");
        let clock = Arc::new(VirtualClock::at(Timestamp(1_780_000_000_000)));
        let runtime = organisation_at(place, clock.clone());
        let signer = Signer::of_folder(scratch.path()).expect("the folder is writable");
        let office = Office { scratch, clock, runtime, signer };
        for _ in 0..2 {
            office.runtime.start(report("high", "high")).expect("the form fits");
        }
        office.anchor();
        for id in office.records() {
            office.comment(id, "it still drops");
        }
        office.clock.set(Timestamp(1_780_000_060_000));
        office.anchor();
        office
    }

    fn anchors(&self) -> PathBuf {
        self.scratch.path().join("anchors.jsonl")
    }

    fn anchor(&self) -> usize {
        self.runtime.anchor(&self.anchors(), &self.signer).expect("the file is writable")
    }

    fn records(&self) -> Vec<InstanceId> {
        let mut found = Vec::new();
        self.runtime
            .store()
            .heads_since(Timestamp(i64::MIN), &mut |head| found.push(head.instance))
            .expect("the store is readable");
        found
    }

    fn comment(&self, id: InstanceId, text: &str) {
        let command = Command::Comment { text: text.to_owned(), audience: Audience::Public, tells: BTreeSet::new() };
        self.runtime.execute(id, Actor::Person(Name::from("anna")), command).expect("she may comment");
    }

    fn pack(&self, name: &str) -> PathBuf {
        let pack = self.scratch.path().join(name);
        let numbers = self
            .records()
            .into_iter()
            .map(|id| self.runtime.load(id).expect("readable").expect("there").instance.number().to_owned());
        let anchors = self.anchors();
        self.runtime
            .evidence(&numbers.collect::<Vec<_>>(), &pack, &self.signer, Some(&anchors))
            .expect("the folder is writable");
        pack
    }
}

fn faults(pack: &Path) -> Vec<Fault> {
    verify(pack, None, None).expect("the pack is readable").faults
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("it is there").map(|entry| entry.expect("it is there").path());
    let mut found: Vec<PathBuf> =
        entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect();
    found.sort();
    found
}

#[test]
fn the_files_of_a_record_are_in_its_pack_as_its_history_says() {
    over_both("evidence-files", |place| {
        let office = Office::anchored(place);
        let id = *office.records().first().expect("there are records");
        let (file, bytes) = FileBytes::brought("log.txt", "text/plain", b"no route".to_vec());
        let (gone, gone_bytes) = FileBytes::brought("gone.txt", "text/plain", b"private".to_vec());
        let command = Command::Attach { files: vec![file.clone(), gone] };
        office.runtime.execute_with(id, Actor::System, command, &[bytes, gone_bytes]).expect("it is taken");
        office.runtime.execute(id, Actor::System, Command::Detach { file: FileId(1) }).expect("it is there");
        let pack = office.pack("pack");
        assert_eq!(faults(&pack), []);
        let number = office.runtime.load(id).expect("readable").expect("there").instance.number().to_owned();
        let folder = pack.join("files").join(&number);
        assert_eq!(files(&folder), [folder.join(&file.sha256)], "what was taken away is not in it");
        assert_eq!(std::fs::read(folder.join(&file.sha256)).expect("it is there"), b"no route");
        std::fs::write(folder.join(&file.sha256), "no rout3").expect("writable");
        let lacking = Fault::NoFile { number, file: "log.txt".to_owned() };
        assert!(faults(&pack).contains(&lacking), "{:?}", faults(&pack));
    });
}

#[test]
fn a_sound_pack_is_sound_and_every_flipped_byte_is_found() {
    over_both("evidence", |place| {
        let office = Office::anchored(place);
        let pack = office.pack("pack");
        let verified = verify(&pack, Some(&office.signer.public_key()), Some(&office.anchors())).expect("readable");
        assert_eq!(verified.faults, []);
        assert_eq!(verified.anchored, 8, "two records, two anchors, the file inside and the one outside");
        let files = files(&pack);
        assert_eq!(files.len(), 5, "a manifest, two histories, a definition, anchors: {files:?}");
        for path in &files {
            let sound = std::fs::read(path).expect("readable");
            for at in (0..sound.len()).step_by(sound.len().div_ceil(FLIPS)) {
                let mut changed = sound.clone();
                changed[at] ^= 1;
                std::fs::write(path, &changed).expect("writable");
                assert_ne!(faults(&pack), [], "byte {at} of {} was changed", path.display());
            }
            std::fs::write(path, &sound[..sound.len() - 1]).expect("writable");
            assert_ne!(faults(&pack), [], "{} was cut short", path.display());
            if path.file_name() != Some("manifest.json".as_ref()) {
                std::fs::remove_file(path).expect("writable");
                assert_ne!(faults(&pack), [], "{} was taken out", path.display());
            }
            std::fs::write(path, &sound).expect("writable");
        }
        std::fs::write(pack.join("records/extra.jsonl"), "").expect("writable");
        assert_eq!(faults(&pack), [Fault::Stray("records/extra.jsonl".to_owned())]);
    });
}

/// Changes a comment in a history, and everything that would tell of it: hashes, head, manifest, signature.
fn forge(pack: &Path, signer: &Signer) {
    let signed: Signed =
        serde_json::from_slice(&std::fs::read(pack.join("manifest.json")).expect("readable")).expect("it is one");
    let mut contents: Contents = signed.believed(None).expect("it is sound");
    let record = contents.records.first_mut().expect("a record is in it");
    let name = format!("records/{}.jsonl", record.number);
    let (mut text, mut head) = (String::new(), GENESIS);
    for line in std::fs::read_to_string(pack.join(&name)).expect("readable").lines() {
        let line: Value = serde_json::from_str(line).expect("a line is JSON");
        let mut row: EventRow = serde_json::from_value(line["row"].clone()).expect("a row is in it");
        row.body = row.body.replace("it still drops", "all is well");
        head = row.hash(&head);
        text += &format!("{}\n", json!({ "row": row, "hash": hex::encode(head) }));
    }
    assert!(text.contains("all is well"));
    std::fs::write(pack.join(&name), &text).expect("writable");
    record.head = hex::encode(head);
    contents.files.insert(name, hex::encode(Sha256::digest(text.as_bytes())));
    let manifest = serde_json::to_string(&signer.sign(&contents)).expect("plain data");
    std::fs::write(pack.join("manifest.json"), manifest).expect("writable");
}

#[test]
fn a_forger_with_another_key_is_found_by_the_key() {
    over_both("evidence", |place| {
        let office = Office::anchored(place);
        let pack = office.pack("pack");
        let elsewhere = Scratch::new("forger");
        let forger = Signer::of_folder(elsewhere.path()).expect("the folder is writable");
        forge(&pack, &forger);
        let verified = verify(&pack, Some(&office.signer.public_key()), None).expect("readable");
        assert_eq!(verified.faults, [Fault::Manifest(Unbelievable::OtherKey(forger.public_key()))]);
        let verified = verify(&pack, None, None).expect("readable");
        assert!(matches!(verified.faults.as_slice(), [Fault::Anchors(_)]), "{:?}", verified.faults);
    });
}

#[test]
fn a_forger_with_the_installations_key_is_found_by_what_was_anchored() {
    over_both("evidence", |place| {
        let office = Office::anchored(place);
        let pack = office.pack("pack");
        forge(&pack, &office.signer);
        let verified = verify(&pack, Some(&office.signer.public_key()), Some(&office.anchors())).expect("readable");
        let number = verified.contents.expect("it is believed").records.first().expect("it is there").number.clone();
        let fault = Fault::NotAnchored { number, revision: 2 };
        assert_eq!(verified.faults, [fault.clone(), fault]);
    });
}

#[test]
fn an_installation_that_was_cut_short_is_found_by_its_anchors() {
    let scratch = Scratch::new("evidence-cut");
    let office = Office::anchored(&Place::from(scratch.path()));
    let older = office.scratch.path().join("older.sqlite");
    office.runtime.store().copy_to(&older).expect("the folder is writable");
    let id = *office.records().first().expect("there are records");
    office.comment(id, "once more");
    office.clock.set(Timestamp(1_780_000_120_000));
    assert_eq!(office.anchor(), 1, "only what was changed since is anchored again");
    let anchors = Anchors::read(&office.anchors(), Some(&office.signer.public_key())).expect("it is sound");
    assert_eq!(anchors.compared(office.runtime.store()).expect("readable"), []);
    let older = Store::open(&older).expect("the copy opens");
    let found = anchors.compared(&older).expect("readable");
    assert!(matches!(found.as_slice(), [Unanchored::Record { revision: 3, .. }]), "{found:?}");
}

#[test]
fn an_anchor_file_that_was_changed_takes_no_more() {
    over_both("evidence", |place| {
        let office = Office::anchored(place);
        let sound = std::fs::read_to_string(office.anchors()).expect("readable");
        let refused = |text: &str| {
            std::fs::write(office.anchors(), text).expect("writable");
            office.runtime.anchor(&office.anchors(), &office.signer).expect_err("the file was changed")
        };
        let second = sound.lines().nth(1).expect("there are two lines");
        assert!(
            matches!(refused(&format!("{second}\n")), AnchorError::Gap { line: 1, .. }),
            "the first line was taken out"
        );
        let changed = sound.replacen("revision", "revisiom", 1);
        assert!(matches!(refused(&changed), AnchorError::Line { line: 1, because: Unbelievable::BadSignature, .. }));
        assert!(matches!(refused(&sound[..sound.len() - 9]), AnchorError::Line { line: 2, .. }), "it was cut short");
    });
}

/// A comment as it was stored before comments had an audience, and the hash that its row had, worked out by another program.
const COMMENT_OF_BEFORE: &str = r#"[{"commented":{"text":"还是断线"}}]"#;
const HASH_OF_BEFORE: &str = "e96b94cdbbda8adff681a4004bf3c1abdcfadd27ec90d63d4d1b6d3fa06e71d7";

#[test]
fn a_chain_with_comments_of_before_they_had_an_audience_still_verifies() {
    let row = EventRow {
        instance: 7,
        revision: 2,
        at_ms: 1_780_000_000_000,
        actor: Some("anna".to_owned()),
        command: "comment".to_owned(),
        body: COMMENT_OF_BEFORE.to_owned(),
    };
    assert_eq!(hex::encode(row.hash(&GENESIS)), HASH_OF_BEFORE);
    over_both("evidence-before", |place| {
        let office = Office::anchored(place);
        let id = *office.records().first().expect("there are records");
        office.comment(id, "还是断线");
        // What is stored today is byte by byte what was stored then, so this chain is one of before.
        let chain = office.runtime.store().chain(id).expect("readable");
        let (row, hash) = chain.last().expect("it has rows");
        let (_, previous) = chain.iter().rev().nth(1).expect("it was commented on before");
        assert_eq!((row.body.as_str(), row.command.as_str()), (COMMENT_OF_BEFORE, "comment"));
        let of_before = EventRow { body: COMMENT_OF_BEFORE.to_owned(), ..row.clone() };
        assert_eq!(*hash, of_before.hash(previous));
        let pack = office.pack("pack");
        assert_eq!(faults(&pack), []);
        let mut findings = Vec::new();
        office.runtime.check(&mut |finding| findings.push(finding)).expect("readable");
        assert_eq!(findings, []);
        // With what a reader of today would take it for, it is another row.
        let number = office.runtime.load(id).expect("readable").expect("there").instance.number().to_owned();
        let history = pack.join("records").join(format!("{number}.jsonl"));
        let text = std::fs::read_to_string(&history).expect("readable");
        let spelled = text.replace(r#"\"text\":\"还是断线\""#, r#"\"text\":\"还是断线\",\"audience\":\"public\""#);
        assert_ne!(text, spelled);
        std::fs::write(&history, spelled).expect("writable");
        assert_ne!(faults(&pack), []);
    });
}
