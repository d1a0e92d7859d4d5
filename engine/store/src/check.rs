//! The doctor: whether what is kept agrees with itself.

use std::sync::Arc;

use engine::definition::Definition;
use engine::ids::{DefinitionId, InstanceId};

use crate::dispatch::read;
use crate::{Store, StoreError};

/// Something that does not agree.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// An event row was changed, or one before it is missing.
    #[error("record {instance}: the chain of hashes breaks at revision {revision}")]
    ChainBroken {
        /// The record.
        instance: InstanceId,
        /// The first row that does not fit.
        revision: u64,
    },
    /// The chain ends elsewhere than the state says.
    #[error("record {instance}: the state is not where its history ends")]
    HeadDiffers {
        /// The record.
        instance: InstanceId,
    },
    /// The events do not lead to the state.
    #[error("record {instance}: its events do not fold into its state")]
    StateDiffers {
        /// The record.
        instance: InstanceId,
    },
    /// A list does not show what the state says.
    #[error("record {instance}: the list of {list} does not agree with its state")]
    ListDiffers {
        /// The record.
        instance: InstanceId,
        /// Which list: `tasks`, `wakes`, `awaits`, `records`, `files`.
        list: &'static str,
    },
    /// The definition is not there, so that the lists cannot be judged.
    #[error("record {instance}: its definition {definition} cannot be used")]
    NoDefinition {
        /// The record.
        instance: InstanceId,
        /// The definition.
        definition: DefinitionId,
    },
    /// A list shows a record that is not there.
    #[error("record {instance}: the list of {list} shows it, but it is not there")]
    NoSuchRecord {
        /// The record.
        instance: InstanceId,
        /// Which list.
        list: &'static str,
    },
    /// The bytes of a file are not those that its record holds.
    #[error("record {instance}: the file \"{file}\" is not what its hash says")]
    FileChanged {
        /// The record.
        instance: InstanceId,
        /// The file's name.
        file: String,
    },
    /// A row that cannot be read at all.
    #[error("record {instance}: {cause}")]
    Unreadable {
        /// The record.
        instance: InstanceId,
        /// Why.
        cause: String,
    },
    /// The audit trail was changed, or an entry is missing.
    #[error("the audit trail breaks at entry {sequence}")]
    AuditBroken {
        /// The first entry that does not fit.
        sequence: i64,
    },
    /// A row of another kind does not agree with what it belongs to.
    #[error("{list}: {row} {because}")]
    RowAstray {
        /// Where: `outbox`, `definitions`, `numbers`, `passwords`, `sessions`, `roles`, `access tokens`, `batches`, `holds`, `words`.
        list: &'static str,
        /// Which row, as an operator finds it.
        row: String,
        /// What is wrong with it.
        because: Astray,
    },
}

/// What is wrong with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Astray {
    /// What it belongs to is not there.
    #[error("belongs to nothing that is there")]
    OfNobody,
    /// It is of a person who may not sign in any more.
    #[error("is of a person who has left")]
    OfOneWhoLeft,
    /// It is ahead of what it came from.
    #[error("is ahead of what it came from")]
    Ahead,
    /// There is another one like it.
    #[error("is there more than once")]
    Twice,
    /// One before it is missing.
    #[error("follows a gap")]
    Gap,
    /// It is not what its identity says.
    #[error("is not what its identity says")]
    Changed,
    /// What it announces is not there.
    #[error("is empty")]
    Empty,
    /// This version cannot read it.
    #[error("cannot be read")]
    Unreadable,
}

/// What was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Records.
    pub instances: u64,
    /// Rows of their histories.
    pub events: u64,
    /// Entries of the audit trail.
    pub audit_entries: u64,
}

/// What reads a definition by its identity.
pub type Definitions<'a> = &'a dyn Fn(&DefinitionId) -> Option<Arc<Definition>>;

impl Store {
    /// Looks at everything: events fold into state, chains of hashes hold, lists show what the states say. One
    /// consistent picture, so it may run beside a busy server.
    ///
    /// # Errors
    /// The database failed.
    pub fn check(&self, definitions: Definitions<'_>, report: &mut dyn FnMut(Finding)) -> Result<Checked, StoreError> {
        read!(self, check::everything(definitions, report))
    }
}
