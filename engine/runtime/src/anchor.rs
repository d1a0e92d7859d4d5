//! Anchors: signed lists of where the chains end, in a file that somebody else keeps. Whoever rewrites a chain in the
//! database, or cuts it short, cannot rewrite what was anchored.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use engine::ids::InstanceId;
use engine::time::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::{Store, StoreError};

use crate::Runtime;
use crate::signing::{Signed, Signer, Unbelievable};

/// How many records one line holds.
const LINE_MAX: usize = 1_000;
/// How far back a list reaches beyond the last one: an instant is taken before its commit is there.
const OVERLAP_MS: i64 = 10 * 60 * 1_000;

/// A line of an anchor file: where chains ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// When.
    pub at: Timestamp,
    /// The hash of the line before, so that none can be taken out; nothing in the first.
    pub previous: Option<String>,
    /// The place of the audit trail's newest entry.
    pub audit_sequence: i64,
    /// The hash of that entry.
    pub audit_hash: String,
    /// The records that were changed since the anchor before.
    pub records: Vec<AnchoredRecord>,
}

/// Where the chain of a record ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnchoredRecord {
    /// The record.
    pub instance: InstanceId,
    /// Its number.
    pub number: String,
    /// How many commits had led to it.
    pub revision: u64,
    /// The hash of the newest of its event rows.
    pub hash: String,
}

/// An anchor file that was read and believed.
#[derive(Clone, Debug, Default)]
pub struct Anchors {
    /// Its lines, oldest first.
    pub lines: Vec<Anchor>,
    /// The key that signed all of them; nothing where there is no line.
    pub key: Option<String>,
    last_hash: Option<String>,
}

/// Why an anchor file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    /// A line is not believed.
    #[error("{}, line {line}: {because}", .path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// Why.
        because: Unbelievable,
    },
    /// A line does not follow the one before it.
    #[error("{}, line {line}: it does not follow the line before it", .path.display())]
    Gap {
        /// The file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
    },
    /// The disk failed.
    #[error("{}: {cause}", .path.display())]
    Disk {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Something in the installation that is not what was anchored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unanchored {
    /// The audit trail is another, or shorter.
    #[error("the audit trail is not what was anchored at entry {0}")]
    Audit(i64),
    /// The history of a record is another, or shorter.
    #[error("record {number}: its history is not what was anchored at revision {revision}")]
    Record {
        /// The record's number.
        number: String,
        /// The revision.
        revision: u64,
    },
}

impl Anchors {
    /// Reads a file and looks at every signature and at the order of the lines.
    ///
    /// # Errors
    /// A line is not believed, is missing, or the file cannot be read.
    pub fn read(path: &Path, key: Option<&str>) -> Result<Anchors, AnchorError> {
        let text = fs::read_to_string(path).map_err(disk(path))?;
        let mut anchors = Anchors { key: key.map(str::to_owned), ..Anchors::default() };
        for (number, written) in (1..).zip(text.lines()) {
            let line = |because| AnchorError::Line { path: path.to_owned(), line: number, because };
            let signed: Signed =
                serde_json::from_str(written).map_err(|cause| line(Unbelievable::Unreadable(cause.to_string())))?;
            let anchor: Anchor = signed.believed(anchors.key.as_deref()).map_err(line)?;
            if anchor.previous != anchors.last_hash {
                return Err(AnchorError::Gap { path: path.to_owned(), line: number });
            }
            anchors.key = Some(signed.key);
            anchors.last_hash = Some(hex::encode(Sha256::digest(written.as_bytes())));
            anchors.lines.push(anchor);
        }
        Ok(anchors)
    }

    /// For each record its anchored ends: revision and hash.
    pub fn by_record(&self) -> BTreeMap<InstanceId, Vec<&AnchoredRecord>> {
        let mut ends = BTreeMap::<InstanceId, Vec<&AnchoredRecord>>::new();
        for record in self.lines.iter().flat_map(|line| &line.records) {
            ends.entry(record.instance).or_default().push(record);
        }
        ends
    }

    /// What of an installation is not what was anchored.
    ///
    /// # Errors
    /// The database failed.
    pub fn compared(&self, store: &Store) -> Result<Vec<Unanchored>, StoreError> {
        let mut found = Vec::new();
        let removed = store.removed_records()?;
        for line in &self.lines {
            let there = store.audit_hash(line.audit_sequence)?.map(hex::encode);
            if line.audit_sequence > 0 && there.as_deref() != Some(line.audit_hash.as_str()) {
                found.push(Unanchored::Audit(line.audit_sequence));
            }
            for record in &line.records {
                let there = store.event_hash(record.instance, record.revision)?.map(hex::encode);
                // What retention removed is told by the audit trail, which is anchored too.
                let gone = there.is_none() && removed.contains_key(&record.instance);
                if !gone && there.as_deref() != Some(record.hash.as_str()) {
                    found.push(Unanchored::Record { number: record.number.clone(), revision: record.revision });
                }
            }
        }
        Ok(found)
    }
}

impl Runtime {
    /// Appends where the chains end to an anchor file: the audit trail, and every record that was changed since the
    /// file's last line. Gives how many records.
    ///
    /// # Errors
    /// The file is not one of this installation, was tampered with, or cannot be written.
    pub fn anchor(&self, file: &Path, signer: &Signer) -> Result<usize, AnchorError> {
        let key = signer.public_key();
        let anchors = if file.exists() { Anchors::read(file, Some(&key))? } else { Anchors::default() };
        let since = anchors.lines.last().map_or(Timestamp(i64::MIN), |line| line.at.plus_ms(-OVERLAP_MS));
        let known = anchors.by_record();
        let at = self.now();
        let mut records = Vec::new();
        let audit = self.store().heads_since(since, &mut |head| {
            let record = AnchoredRecord {
                instance: head.instance,
                number: head.number,
                revision: head.revision,
                hash: hex::encode(head.hash),
            };
            // What the overlap brings once more is there already.
            if !known.get(&record.instance).is_some_and(|ends| ends.contains(&&record)) {
                records.push(record);
            }
        })?;
        let count = records.len();
        let mut previous = anchors.last_hash;
        let mut text = String::new();
        let mut rest = records.into_iter().peekable();
        loop {
            let anchor = Anchor {
                at,
                previous,
                audit_sequence: audit.sequence,
                audit_hash: hex::encode(audit.hash),
                records: rest.by_ref().take(LINE_MAX).collect(),
            };
            let line = serde_json::to_string(&signer.sign(&anchor))
                .expect("plain data with text for keys always has a JSON form");
            previous = Some(hex::encode(Sha256::digest(line.as_bytes())));
            text.push_str(&line);
            text.push('\n');
            if rest.peek().is_none() {
                break;
            }
        }
        let append = || {
            let mut file = File::options().append(true).create(true).open(file)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        };
        append().map_err(disk(file))?;
        Ok(count)
    }
}

fn disk(path: &Path) -> impl Fn(io::Error) -> AnchorError {
    let path = path.to_owned();
    move |cause| AnchorError::Disk { path: path.clone(), cause }
}
