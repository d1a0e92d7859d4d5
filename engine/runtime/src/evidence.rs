//! Evidence packs: what an installation says of some records, in a folder that proves itself without the installation.
//!
//! `manifest.json` is signed and says the hash of every other file; `records/NUMBER.jsonl` is a record's history, row by
//! row with its chain of hashes; `files/NUMBER/HASH` is each file that the record holds, under the hash that its history says; `definitions/ID.flow` is each text that the record followed; `anchors.jsonl` is the
//! anchor file as it was kept elsewhere, where one was given.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use engine::event::Event;
use engine::ids::{DefinitionId, FileId, InstanceId};
use engine::time::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::{EventRow, StoreError};

use crate::Runtime;
use crate::anchor::{AnchorError, Anchors};
use crate::signing::{Signed, Signer, Unbelievable};

const MANIFEST: &str = "manifest.json";
const ANCHORS: &str = "anchors.jsonl";
const RECORDS: &str = "records";
const DEFINITIONS: &str = "definitions";
const FILES: &str = "files";

/// What a pack says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// The version of the product that made it.
    pub made_by: String,
    /// When.
    pub at: Timestamp,
    /// The SHA-256 of each file, by its path within the pack.
    pub files: BTreeMap<String, String>,
    /// The records.
    pub records: Vec<EvidencedRecord>,
}

/// A record of a pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidencedRecord {
    /// Its number.
    pub number: String,
    /// The record.
    pub instance: InstanceId,
    /// How many commits led to it.
    pub revision: u64,
    /// The hash of its newest event row.
    pub head: String,
}

/// A line of a record's history in a pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    row: EventRow,
    hash: String,
}

/// Why no pack was made, or none can be looked at.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// There is no such record.
    #[error("there is no record {0}")]
    NoSuchRecord(String),
    /// A record follows a definition that is not there.
    #[error("the definition {0} is not in the store")]
    NoSuchDefinition(DefinitionId),
    /// The anchor file is not believed.
    #[error(transparent)]
    Anchors(#[from] AnchorError),
    /// The disk failed.
    #[error("{}: {cause}", .path.display())]
    Disk {
        /// Where.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is wrong with a pack.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The manifest is not believed.
    #[error("the manifest is not believed: {0}")]
    Manifest(Unbelievable),
    /// A file is missing.
    #[error("{0} is missing")]
    Missing(String),
    /// A file is there that the manifest does not name.
    #[error("{0} does not belong to the pack")]
    Stray(String),
    /// A file is not what the manifest says.
    #[error("{0} is not what the manifest says")]
    Changed(String),
    /// The chain of a record breaks.
    #[error("record {number}: the chain of hashes breaks at revision {revision}")]
    ChainBroken {
        /// Its number.
        number: String,
        /// The first row that does not fit.
        revision: u64,
    },
    /// The chain of a record ends elsewhere than the manifest says.
    #[error("record {0}: its history does not end where the manifest says")]
    HeadDiffers(String),
    /// A file that the record holds is not in the pack, or is another.
    #[error("record {number}: the file \"{file}\" is not in the pack as its history says")]
    NoFile {
        /// The record's number.
        number: String,
        /// The file's name.
        file: String,
    },
    /// A text that the record followed is not in the pack, or is another.
    #[error("record {number}: the definition {definition} is not in the pack as it was")]
    NoDefinition {
        /// Its number.
        number: String,
        /// The definition.
        definition: DefinitionId,
    },
    /// The anchor file is not believed.
    #[error("the anchors are not believed: {0}")]
    Anchors(String),
    /// The history of a record is not what was anchored.
    #[error("record {number}: its history is not what was anchored at revision {revision}")]
    NotAnchored {
        /// Its number.
        number: String,
        /// The revision.
        revision: u64,
    },
}

/// What a look at a pack found.
#[derive(Clone, Debug, Default)]
pub struct Verified {
    /// What the pack says of itself, where that is believed.
    pub contents: Option<Contents>,
    /// The key that signed it.
    pub key: String,
    /// How many anchored ends its records were compared with.
    pub anchored: usize,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

impl Runtime {
    /// Makes a pack of some records in a folder that is not there yet.
    ///
    /// # Errors
    /// A record is not there, the folder is, or the disk failed.
    pub fn evidence(
        &self,
        numbers: &[String],
        to: &Path,
        signer: &Signer,
        anchors: Option<&Path>,
    ) -> Result<Contents, EvidenceError> {
        fs::create_dir(to).map_err(disk(to))?;
        let mut files = BTreeMap::new();
        let mut keep = |path: String, bytes: &[u8]| {
            write(&to.join(&path), bytes)?;
            files.insert(path, hex::encode(Sha256::digest(bytes)));
            Ok::<_, EvidenceError>(())
        };
        let (mut records, mut definitions) = (Vec::new(), BTreeSet::new());
        for number in numbers {
            let missing = || EvidenceError::NoSuchRecord(number.clone());
            let instance = self.store().instance_of_number(number)?.ok_or_else(missing)?;
            let rows = self.store().chain(instance)?;
            let (_, head) = rows.last().ok_or_else(missing)?;
            records.push(EvidencedRecord {
                number: number.clone(),
                instance,
                revision: rows.len() as u64,
                head: hex::encode(head),
            });
            let (mut text, mut held) = (String::new(), BTreeSet::new());
            for (row, hash) in rows {
                follow_files(&row, &mut held);
                definitions.extend(followed(&row));
                let line = Line { row, hash: hex::encode(hash) };
                text += &serde_json::to_string(&line).expect("plain data with text for keys always has a JSON form");
                text.push('\n');
            }
            keep(format!("{RECORDS}/{number}.jsonl"), text.as_bytes())?;
            let mut kept = BTreeSet::new();
            for (_, file) in held {
                // Taken away since the history was read, it is gone, and whoever verifies the pack is told.
                if let Some(bytes) = self.store().file(instance, &file)?
                    && kept.insert(file.sha256.clone())
                {
                    keep(file_path(number, &file.sha256), bytes.bytes())?;
                }
            }
        }
        for id in definitions {
            let stored = self.store().definition(&id)?.ok_or_else(|| EvidenceError::NoSuchDefinition(id.clone()))?;
            keep(definition_path(&id), stored.source.as_bytes())?;
        }
        if let Some(path) = anchors {
            Anchors::read(path, Some(&signer.public_key()))?;
            keep(ANCHORS.to_owned(), &fs::read(path).map_err(disk(path))?)?;
        }
        let contents = Contents { made_by: env!("CARGO_PKG_VERSION").to_owned(), at: self.now(), files, records };
        let signed = serde_json::to_vec_pretty(&signer.sign(&contents))
            .expect("plain data with text for keys always has a JSON form");
        write(&to.join(MANIFEST), &signed)?;
        Ok(contents)
    }
}

/// Looks at a pack without any installation. `key` is the public key that is known from elsewhere; `anchors` an anchor
/// file that somebody kept.
///
/// # Errors
/// A file that is there cannot be read.
pub fn verify(pack: &Path, key: Option<&str>, anchors: Option<&Path>) -> Result<Verified, EvidenceError> {
    let mut verified = Verified::default();
    let path = pack.join(MANIFEST);
    let signed = match serde_json::from_slice::<Signed>(&fs::read(&path).map_err(disk(&path))?) {
        Ok(signed) => signed,
        Err(cause) => {
            verified.faults.push(Fault::Manifest(Unbelievable::Unreadable(cause.to_string())));
            return Ok(verified);
        }
    };
    verified.key = signed.key.clone();
    let contents: Contents = match signed.believed(key) {
        Ok(contents) => contents,
        Err(because) => {
            verified.faults.push(Fault::Manifest(because));
            return Ok(verified);
        }
    };
    files(pack, &contents, &mut verified.faults)?;
    let mut ends = Vec::new();
    for path in [pack.join(ANCHORS)].iter().map(PathBuf::as_path).filter(|path| path.exists()).chain(anchors) {
        match Anchors::read(path, Some(&signed.key)) {
            Ok(anchors) => ends.push(anchors),
            Err(cause) => verified.faults.push(Fault::Anchors(cause.to_string())),
        }
    }
    for record in &contents.records {
        let lines = history(pack, record, &mut verified.faults)?;
        for anchored in ends.iter().flat_map(|anchors| &anchors.lines).flat_map(|line| &line.records) {
            if anchored.instance != record.instance {
                continue;
            }
            verified.anchored += 1;
            // What was anchored after the pack was made lies beyond its end.
            let reached = usize::try_from(anchored.revision).unwrap_or(usize::MAX);
            let there = reached.checked_sub(1).and_then(|at| lines.get(at));
            if reached <= lines.len() && there.is_none_or(|line| line.hash != anchored.hash) {
                verified.faults.push(Fault::NotAnchored { number: record.number.clone(), revision: anchored.revision });
            }
        }
    }
    verified.contents = Some(contents);
    Ok(verified)
}

/// Every file is there as the manifest says, and no other.
fn files(pack: &Path, contents: &Contents, faults: &mut Vec<Fault>) -> Result<(), EvidenceError> {
    let mut there = BTreeSet::new();
    walk(pack, pack, &mut there)?;
    there.remove(MANIFEST);
    for (path, hash) in &contents.files {
        if !there.remove(path) {
            faults.push(Fault::Missing(path.clone()));
            continue;
        }
        let full = pack.join(path);
        if hex::encode(Sha256::digest(fs::read(&full).map_err(disk(&full))?)) != *hash {
            faults.push(Fault::Changed(path.clone()));
        }
    }
    faults.extend(there.into_iter().map(Fault::Stray));
    Ok(())
}

fn walk(pack: &Path, folder: &Path, found: &mut BTreeSet<String>) -> Result<(), EvidenceError> {
    for entry in fs::read_dir(folder).map_err(disk(folder))? {
        let path = entry.map_err(disk(folder))?.path();
        if path.is_dir() {
            walk(pack, &path, found)?;
        } else {
            found.insert(path.strip_prefix(pack).unwrap_or(&path).to_string_lossy().replace('\\', "/"));
        }
    }
    Ok(())
}

/// The chain of a record from its first row to its head, and the texts that it followed.
fn history(pack: &Path, record: &EvidencedRecord, faults: &mut Vec<Fault>) -> Result<Vec<Line>, EvidenceError> {
    let number = || record.number.clone();
    let path = pack.join(RECORDS).join(format!("{}.jsonl", record.number));
    // That it is missing is told already.
    let Ok(text) = fs::read_to_string(&path) else { return Ok(Vec::new()) };
    let (mut lines, mut previous, mut held) = (Vec::new(), store::GENESIS, BTreeSet::new());
    for (revision, written) in (1..).zip(text.lines()) {
        let broken = Fault::ChainBroken { number: number(), revision };
        let Ok(line) = serde_json::from_str::<Line>(written) else {
            faults.push(broken);
            return Ok(lines);
        };
        let hash = line.row.hash(&previous);
        let follows = line.row.instance == record.instance.0 && u64::try_from(line.row.revision) == Ok(revision);
        if !follows || hex::encode(hash) != line.hash {
            faults.push(broken);
            return Ok(lines);
        }
        for definition in followed(&line.row) {
            let text = fs::read_to_string(pack.join(definition_path(&definition)));
            if !text.is_ok_and(|text| DefinitionId::of_source(&text) == definition) {
                faults.push(Fault::NoDefinition { number: number(), definition });
            }
        }
        follow_files(&line.row, &mut held);
        previous = hash;
        lines.push(line);
    }
    for (_, file) in held {
        let path = file_path(&record.number, &file.sha256);
        match fs::read(pack.join(&path)) {
            Ok(bytes) if hex::encode(Sha256::digest(&bytes)) == file.sha256 => {}
            Ok(_) | Err(_) => faults.push(Fault::NoFile { number: number(), file: file.name }),
        }
    }
    if lines.len() as u64 != record.revision || hex::encode(previous) != record.head {
        faults.push(Fault::HeadDiffers(number()));
    }
    Ok(lines)
}

/// The definitions that a row of a history names.
fn followed(row: &EventRow) -> Vec<DefinitionId> {
    let events: Vec<Event> = serde_json::from_str(&row.body).unwrap_or_default();
    events.iter().filter_map(Event::followed).cloned().collect()
}

/// The files that a record holds after a row of its history.
fn follow_files(row: &EventRow, held: &mut BTreeSet<(FileId, engine::file::File)>) {
    let events: Vec<Event> = serde_json::from_str(&row.body).unwrap_or_default();
    for event in events {
        match event {
            Event::Attached { held: brought } if brought.bytes.are_there() => {
                held.insert((brought.id, brought.file));
            }
            Event::Detached { file } => held.retain(|(id, _)| *id != file),
            _ => {}
        }
    }
}

fn file_path(number: &str, sha256: &str) -> String {
    format!("{FILES}/{number}/{sha256}")
}

fn definition_path(id: &DefinitionId) -> String {
    format!("{DEFINITIONS}/{}.flow", id.0.replace(':', "-"))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), EvidenceError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(disk(folder))?;
    }
    let write = || {
        let mut file = File::create_new(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(disk(path))
}

fn disk(path: &Path) -> impl Fn(io::Error) -> EvidenceError {
    let path = path.to_owned();
    move |cause| EvidenceError::Disk { path: path.clone(), cause }
}
