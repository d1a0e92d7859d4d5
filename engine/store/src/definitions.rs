//! Definitions: immutable rows, numbered per process.

use engine::definition::Parts;
use engine::ids::{DefinitionId, Name};
use engine::time::Timestamp;

use crate::commit::json;
use crate::dispatch::{read, write};
use crate::{Store, StoreError, TwoEyes};

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
    /// The number of the change record under which it was approved.
    pub change: Option<String>,
}

/// Why a deployment was not made.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DeployError {
    /// The installation keeps to the four-eyes principle, and this deployment does not.
    #[error(transparent)]
    TwoEyes(#[from] TwoEyes),
    /// Some number could be that of a record of another process too.
    #[error(transparent)]
    NumberTaken(#[from] NumberTaken),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Two processes would give the same number to their records.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{process} would number its records by {pattern:?}, which can be a number of {other} too")]
pub struct NumberTaken {
    /// The process that was to be deployed.
    pub process: Name,
    /// The pattern of its numbers.
    pub pattern: String,
    /// The process some version of which gives such numbers.
    pub other: Name,
}

/// What a deployment led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deployed {
    /// A new version is current.
    New {
        /// Its number, from 1.
        version: u32,
    },
    /// The current version stays; nothing was written.
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
    /// The number of the change record under which it was approved.
    pub change: Option<String>,
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
    /// The number of the change record under which it was approved.
    pub change: Option<String>,
    /// How many records follow it that are not over, stuck ones among them.
    pub running: u64,
    /// How many records that followed it are over.
    pub ended: u64,
}

/// A deployment on its way to its row.
pub(crate) struct Order {
    pub(crate) deployment: Deployment,
    pub(crate) parts: String,
    pub(crate) now: Timestamp,
}

impl Order {
    fn of(deployment: &Deployment, now: Timestamp) -> Order {
        Order { deployment: deployment.clone(), parts: json(&deployment.parts), now }
    }
}

impl Store {
    /// Makes a definition the current version of its process, with its row in the audit trail. The same source once
    /// more is no new version.
    ///
    /// # Errors
    /// The deployment lacks the four eyes that the installation wants, its numbers are those of another process, or the
    /// database failed.
    pub fn deploy(&self, deployment: &Deployment, now: Timestamp) -> Result<Deployed, DeployError> {
        let order = Order::of(deployment, now);
        write!(self, definitions::deploy(&order))?
    }

    /// Brings a process that is packaged with the product, with its row in the audit trail. Nobody here wrote it, so
    /// no four eyes are asked; a process that has a version already stays as people made it.
    ///
    /// # Errors
    /// Its numbers are those of another process, or the database failed.
    pub fn install(&self, deployment: &Deployment, now: Timestamp) -> Result<Deployed, DeployError> {
        let order = Order::of(deployment, now);
        write!(self, definitions::install(&order))?
    }

    /// The definition of that identity.
    ///
    /// # Errors
    /// The database failed.
    pub fn definition(&self, id: &DefinitionId) -> Result<Option<StoredDefinition>, StoreError> {
        read!(self, definitions::by_id(id))
    }

    /// The version of a process with that number.
    ///
    /// # Errors
    /// The database failed.
    pub fn definition_version(&self, process: &Name, version: u32) -> Result<Option<StoredDefinition>, StoreError> {
        read!(self, definitions::by_version(process, version))
    }

    /// The newest version of a process.
    ///
    /// # Errors
    /// The database failed.
    pub fn current_definition(&self, process: &Name) -> Result<Option<StoredDefinition>, StoreError> {
        match self.current_definition_id(process)? {
            Some(id) => self.definition(&id),
            None => Ok(None),
        }
    }

    /// The identity of the newest version of a process.
    ///
    /// # Errors
    /// The database failed.
    pub fn current_definition_id(&self, process: &Name) -> Result<Option<DefinitionId>, StoreError> {
        read!(self, definitions::current_id(process))
    }

    /// All versions of all processes, by process, newest version first. A source that was deployed twice counts
    /// its records in both lines.
    ///
    /// # Errors
    /// The database failed.
    pub fn definitions(&self) -> Result<Vec<DefinitionRow>, StoreError> {
        read!(self, definitions::all())
    }
}
