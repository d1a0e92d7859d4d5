//! The ends of all chains: what an anchor signs and what a backup is recognised by.

use engine::ids::InstanceId;
use engine::time::Timestamp;

use crate::chain::{EventRow, Hash};
use crate::dispatch::read;
use crate::{Store, StoreError};

/// Where the audit trail ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditHead {
    /// The place of its newest entry; 0 where there is none.
    pub sequence: i64,
    /// The entry's hash.
    pub hash: [u8; 32],
}

/// Where the history of a record ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordHead {
    /// The record.
    pub instance: InstanceId,
    /// Its number.
    pub number: String,
    /// How many commits led to it.
    pub revision: u64,
    /// The hash of its newest event row.
    pub hash: [u8; 32],
}

/// All chains of an installation in one line: two copies with the same are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heads {
    /// The audit trail.
    pub audit: AuditHead,
    /// How many records there are.
    pub records: u64,
    /// The hash over identity, revision and head of every record.
    pub digest: [u8; 32],
}

impl Store {
    /// The ends of all chains in one line. Reads every record's row.
    ///
    /// # Errors
    /// The database failed.
    pub fn heads(&self) -> Result<Heads, StoreError> {
        read!(self, heads::digested())
    }

    /// Tells where the chain of every record ends that was changed since an instant, and gives where the audit trail
    /// ends: one picture.
    ///
    /// # Errors
    /// The database failed.
    pub fn heads_since(&self, since: Timestamp, tell: &mut dyn FnMut(RecordHead)) -> Result<AuditHead, StoreError> {
        read!(self, heads::since(since, tell))
    }

    /// The history of a record row by row, with the hash of each, oldest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn chain(&self, record: InstanceId) -> Result<Vec<(EventRow, Hash)>, StoreError> {
        read!(self, heads::chain(record))
    }

    /// The hash of an entry of the audit trail, if it is there.
    ///
    /// # Errors
    /// The database failed.
    pub fn audit_hash(&self, sequence: i64) -> Result<Option<[u8; 32]>, StoreError> {
        read!(self, audit::hash_at(sequence))
    }

    /// The hash of a record's event row, if it is there.
    ///
    /// # Errors
    /// The database failed.
    pub fn event_hash(&self, record: InstanceId, revision: u64) -> Result<Option<[u8; 32]>, StoreError> {
        read!(self, heads::event_hash(record, revision))
    }
}
