//! Backups: a copy of an installation that was looked at before it is called one, and the way back.
//!
//! A backup is a folder: the database as one file, and `manifest.json`, which says what must be there and where every
//! chain of hashes ends. It comes under its name only when it is whole; until then the name ends in `.partial`.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::time::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::{Checked, Heads, Store, StoreError};

use crate::{Runtime, RuntimeError, SystemClock};

/// The database within a backup and within a data folder.
const DATABASE: &str = "tiaoli.sqlite";
/// What a backup says of itself.
const MANIFEST: &str = "manifest.json";
/// The only form of backup there is so far.
const FORMAT: u32 = 1;
/// The most bytes of a manifest.
const MANIFEST_MAX: u64 = 16 * 1024 * 1024;

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the backup.
    pub format: u32,
    /// The version of the product that made it.
    pub made_by: String,
    /// When it was begun: whatever was answered before is in it.
    pub begun: Timestamp,
    /// Its files.
    pub files: Vec<Part>,
    /// How many records there are.
    pub records: u64,
    /// The hash over the ends of all records' chains.
    pub records_digest: String,
    /// The place of the audit trail's newest entry.
    pub audit_sequence: i64,
    /// The hash of that entry.
    pub audit_hash: String,
}

/// A file of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its path within the backup.
    pub path: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// The SHA-256 of what is in it.
    pub sha256: String,
}

/// Why there is no backup, or nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The place where it should go is taken.
    #[error("{} is there already and is not empty", .0.display())]
    Taken(PathBuf),
    /// What is there is no backup that this version knows.
    #[error("{} is not a backup that can be read: {because}", .from.display())]
    NoBackup {
        /// The folder.
        from: PathBuf,
        /// Why.
        because: String,
    },
    /// A file is not what the manifest says.
    #[error("the backup is damaged: {0} is not what the manifest says")]
    Damaged(String),
    /// The chains do not end where the manifest says.
    #[error("the backup is damaged: its chains of hashes do not end where the manifest says")]
    OtherHeads,
    /// What was copied does not agree with itself.
    #[error("the copy does not agree with itself: {findings} findings, the first: {first}")]
    Unsound {
        /// How many.
        findings: usize,
        /// The first of them.
        first: store::Finding,
    },
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
    /// The engine could not be opened over the copy.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
}

impl Runtime {
    /// Makes a backup in a folder that is not there yet, or is empty, while others work. The copy is opened and looked
    /// at before it is called a backup.
    ///
    /// # Errors
    /// The place is taken, the disk is full, or the copy does not agree with itself; what was copied stays beside the
    /// place under a name that ends in `.partial`.
    pub fn back_up(&self, to: &Path) -> Result<(Manifest, Checked), BackupError> {
        let begun = self.now();
        let partial = free_place(to)?;
        let database = partial.join(DATABASE);
        self.store().copy_to(&database)?;
        let (heads, checked) = looked_at(&partial)?;
        let manifest = Manifest {
            format: FORMAT,
            made_by: env!("CARGO_PKG_VERSION").to_owned(),
            begun,
            files: vec![part(&partial, DATABASE)?],
            records: heads.records,
            records_digest: hex::encode(heads.digest),
            audit_sequence: heads.audit.sequence,
            audit_hash: hex::encode(heads.audit.hash),
        };
        let path = partial.join(MANIFEST);
        let text = serde_json::to_vec_pretty(&manifest).map_err(|cause| disk(&path)(cause.into()))?;
        flushed(&path, &text)?;
        come_under_name(&partial, to)?;
        Ok((manifest, checked))
    }
}

/// Restores a backup into a folder that is not there yet, or is empty. Every file is compared with the manifest, the
/// installation is opened and looked at, and only then it comes under its name.
///
/// # Errors
/// It is no backup, it is damaged, or the place is taken. Nothing is left behind.
pub fn restore(from: &Path, to: &Path) -> Result<(Manifest, Checked), BackupError> {
    let manifest = manifest_of(from)?;
    let partial = free_place(to)?;
    match restored(from, &partial, &manifest).and_then(|checked| come_under_name(&partial, to).map(|()| checked)) {
        Ok(checked) => Ok((manifest, checked)),
        Err(cause) => {
            // The first trouble is the one to tell of; what cannot be removed is named by it.
            let _ = fs::remove_dir_all(&partial);
            Err(cause)
        }
    }
}

fn restored(from: &Path, partial: &Path, manifest: &Manifest) -> Result<Checked, BackupError> {
    for wanted in &manifest.files {
        // A manifest that somebody wrote by hand must not lead out of the folder.
        if wanted.path.split('/').any(|step| step.is_empty() || step == "." || step == "..") {
            return Err(BackupError::Damaged(wanted.path.clone()));
        }
        let (source, target) = (from.join(&wanted.path), partial.join(&wanted.path));
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder).map_err(disk(folder))?;
        }
        fs::copy(&source, &target).map_err(disk(&source))?;
        if part(partial, &wanted.path)? != *wanted {
            return Err(BackupError::Damaged(wanted.path.clone()));
        }
    }
    let (heads, checked) = looked_at(partial)?;
    let same = heads.records == manifest.records
        && hex::encode(heads.digest) == manifest.records_digest
        && heads.audit.sequence == manifest.audit_sequence
        && hex::encode(heads.audit.hash) == manifest.audit_hash;
    if same { Ok(checked) } else { Err(BackupError::OtherHeads) }
}

/// Opens what was copied and looks at all of it; gives where its chains end.
fn looked_at(folder: &Path) -> Result<(Heads, Checked), BackupError> {
    if !folder.join(DATABASE).is_file() {
        return Err(BackupError::Damaged(DATABASE.to_owned()));
    }
    let copy = Runtime::open(Store::open(folder)?, Arc::new(SystemClock))?;
    let (mut findings, mut first) = (0, None);
    let checked = copy.check(&mut |finding| {
        findings += 1;
        first.get_or_insert(finding);
    })?;
    match first {
        Some(first) => Err(BackupError::Unsound { findings, first }),
        None => Ok((copy.store().heads()?, checked)),
    }
}

fn manifest_of(from: &Path) -> Result<Manifest, BackupError> {
    let path = from.join(MANIFEST);
    let no_backup = |because: String| BackupError::NoBackup { from: from.to_owned(), because };
    let mut text = Vec::new();
    File::open(&path)
        .and_then(|file| file.take(MANIFEST_MAX).read_to_end(&mut text))
        .map_err(|cause| no_backup(format!("{}: {cause}", path.display())))?;
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|cause| no_backup(cause.to_string()))?;
    if manifest.format != FORMAT {
        return Err(no_backup(format!("its form is {}, this version knows {FORMAT}", manifest.format)));
    }
    if !manifest.files.iter().any(|part| part.path == DATABASE) {
        return Err(no_backup(format!("it names no {DATABASE}")));
    }
    Ok(manifest)
}

/// Makes the folder beside `to` in which the work is done.
fn free_place(to: &Path) -> Result<PathBuf, BackupError> {
    let taken = match fs::read_dir(to) {
        Ok(mut inside) => inside.next().is_some(),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => false,
        Err(cause) => return Err(disk(to)(cause)),
    };
    if taken {
        return Err(BackupError::Taken(to.to_owned()));
    }
    let mut name = to.file_name().ok_or_else(|| BackupError::Taken(to.to_owned()))?.to_owned();
    name.push(".partial");
    let partial = to.with_file_name(name);
    if partial.exists() {
        return Err(BackupError::Taken(partial));
    }
    fs::create_dir_all(&partial).map_err(disk(&partial))?;
    Ok(partial)
}

/// What is whole comes under its name, durably.
fn come_under_name(partial: &Path, to: &Path) -> Result<(), BackupError> {
    File::open(partial).and_then(|folder| folder.sync_all()).map_err(disk(partial))?;
    // An empty folder may stand there; a full one is not removed by this.
    match fs::remove_dir(to) {
        Ok(()) => {}
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
        Err(cause) => return Err(disk(to)(cause)),
    }
    fs::rename(partial, to).map_err(disk(to))?;
    let around = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(around).and_then(|folder| folder.sync_all()).map_err(disk(around))
}

fn part(folder: &Path, path: &str) -> Result<Part, BackupError> {
    let full = folder.join(path);
    let mut hash = Hashing { hash: Sha256::new(), bytes: 0 };
    File::open(&full).and_then(|mut file| io::copy(&mut file, &mut hash)).map_err(disk(&full))?;
    Ok(Part { path: path.to_owned(), bytes: hash.bytes, sha256: hex::encode(hash.hash.finalize()) })
}

/// Takes bytes only to know their hash.
struct Hashing {
    hash: Sha256,
    bytes: u64,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn flushed(path: &Path, text: &[u8]) -> Result<(), BackupError> {
    let write = || {
        let mut file = File::create_new(path)?;
        file.write_all(text)?;
        file.sync_all()
    };
    write().map_err(disk(path))
}

fn disk(path: &Path) -> impl Fn(io::Error) -> BackupError {
    let path = path.to_owned();
    move |cause| BackupError::Disk { path: path.clone(), cause }
}
