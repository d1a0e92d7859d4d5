//! The audit trail of the installation: one chain of hashes, so that a changed or missing row shows.

use engine::ids::{DefinitionId, Name};
use engine::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Store, StoreError};

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditWhat {
    /// A person signed in.
    SignedIn {
        /// From where: an address.
        from: String,
    },
    /// Somebody was refused.
    SignInRefused {
        /// The name that was typed.
        sign_in: String,
        /// From where: an address.
        from: String,
    },
    /// A person signed out.
    SignedOut,
    /// A password was set.
    PasswordSet {
        /// Whose.
        person: Name,
    },
    /// A person was added or changed.
    PersonPut {
        /// Who.
        person: Name,
    },
    /// What a person may do has changed.
    StandingChanged {
        /// Whose.
        person: Name,
        /// Roles given, `role:x`, and teams joined, `team:x`.
        given: Vec<String>,
        /// Roles and teams taken away.
        taken: Vec<String>,
        /// Why.
        reason: String,
    },
    /// An entry of a register was added or changed.
    EntryPut {
        /// The register.
        register: String,
        /// The entry.
        key: Name,
    },
    /// A definition was deployed.
    Deployed {
        /// The process.
        process: Name,
        /// Its new version.
        version: u32,
        /// What was deployed.
        definition: DefinitionId,
        /// Who wrote it.
        author: Name,
        /// Who approved it.
        approver: Name,
        /// Why.
        reason: String,
    },
    /// Something else that the product does to the installation: an import, a replay.
    Noted {
        /// What, in a word: `replay`, `demo`.
        kind: String,
        /// The details, in a sentence.
        text: String,
    },
}

/// An entry to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// By whom; nothing where nobody is signed in.
    pub actor: Option<Name>,
    /// What.
    pub what: AuditWhat,
}

/// An entry as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Its place, from 1, without gaps.
    pub sequence: i64,
    /// The entry.
    pub entry: AuditEntry,
    /// The chained hash.
    pub hash: [u8; 32],
}

impl Store {
    /// Makes an entry.
    ///
    /// # Errors
    /// The database failed.
    pub fn audit(&self, entry: AuditEntry) -> Result<(), StoreError> {
        let _ = entry;
        Err(StoreError::Closed)
    }

    /// Entries older than `before` (or the newest), newest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn audit_entries(&self, before: Option<i64>, limit: usize) -> Result<Vec<AuditRow>, StoreError> {
        let _ = (before, limit);
        Err(StoreError::Closed)
    }
}
