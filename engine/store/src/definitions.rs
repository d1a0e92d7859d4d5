//! Definitions: immutable rows, numbered per process.

use engine::definition::Parts;
use engine::ids::{DefinitionId, Name};
use engine::time::Timestamp;

use crate::{Store, StoreError};

/// An order to make a definition the current version of its process.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// The process.
    pub process: Name,
    /// The content address of the source.
    pub id: DefinitionId,
    /// The text as written.
    pub source: String,
    /// What it compiles to.
    pub parts: Parts,
    /// Who wrote it.
    pub author: Name,
    /// Who approved it.
    pub approver: Name,
    /// Why.
    pub reason: String,
}

/// What a deployment led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deployed {
    /// A new version is current.
    New {
        /// Its number, from 1.
        version: u32,
    },
    /// The current version has the same source; nothing was written.
    Unchanged {
        /// Its number.
        version: u32,
    },
}

impl Deployed {
    /// The version that is current now.
    pub fn version(self) -> u32 {
        match self {
            Deployed::New { version } | Deployed::Unchanged { version } => version,
        }
    }
}

/// A definition with its source.
#[derive(Clone, Debug)]
pub struct StoredDefinition {
    /// Its content address.
    pub id: DefinitionId,
    /// The process.
    pub process: Name,
    /// Its number within the process, from 1.
    pub version: u32,
    /// The text as written.
    pub source: String,
    /// What it compiles to.
    pub parts: Parts,
    /// Since when it is there.
    pub deployed_at: Timestamp,
    /// Who wrote it.
    pub author: Name,
    /// Who approved it.
    pub approver: Name,
    /// Why.
    pub reason: String,
}

/// A line of the list of definitions.
#[derive(Clone, Debug)]
pub struct DefinitionRow {
    /// The process.
    pub process: Name,
    /// Its number within the process, from 1.
    pub version: u32,
    /// Its content address.
    pub id: DefinitionId,
    /// Since when it is there.
    pub deployed_at: Timestamp,
    /// Who wrote it.
    pub author: Name,
    /// Who approved it.
    pub approver: Name,
    /// Why.
    pub reason: String,
    /// How many records follow it that are not over, stuck ones among them.
    pub running: u64,
    /// How many records that followed it are over.
    pub ended: u64,
}

impl Store {
    /// Makes a definition the current version of its process, with its row in the audit trail.
    ///
    /// # Errors
    /// The database failed.
    pub fn deploy(&self, deployment: &Deployment, now: Timestamp) -> Result<Deployed, StoreError> {
        let _ = (deployment, now);
        Err(StoreError::Closed)
    }

    /// The definition of that identity.
    ///
    /// # Errors
    /// The database failed.
    pub fn definition(&self, id: &DefinitionId) -> Result<Option<StoredDefinition>, StoreError> {
        let _ = id;
        Err(StoreError::Closed)
    }

    /// The newest version of a process.
    ///
    /// # Errors
    /// The database failed.
    pub fn current_definition(&self, process: &Name) -> Result<Option<StoredDefinition>, StoreError> {
        let _ = process;
        Err(StoreError::Closed)
    }

    /// The identity of the newest version of a process.
    ///
    /// # Errors
    /// The database failed.
    pub fn current_definition_id(&self, process: &Name) -> Result<Option<DefinitionId>, StoreError> {
        let _ = process;
        Err(StoreError::Closed)
    }

    /// All versions of all processes, by process, newest version first.
    ///
    /// # Errors
    /// The database failed.
    pub fn definitions(&self) -> Result<Vec<DefinitionRow>, StoreError> {
        Err(StoreError::Closed)
    }
}
