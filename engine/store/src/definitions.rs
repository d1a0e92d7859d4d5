//! Definitions: immutable rows, numbered per process.

use std::collections::BTreeMap;

use diesel::prelude::*;
use engine::definition::Parts;
use engine::ids::{DefinitionId, Name};
use engine::time::Timestamp;

use crate::audit::append;
use crate::commit::json;
use crate::four_eyes::lacking;
use crate::projection::ENDED;
use crate::schema::{case_row, definition};
use crate::{AuditEntry, AuditWhat, Store, StoreError, TwoEyes};

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
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
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

/// A row but for its parts and source.
#[derive(Queryable, Selectable)]
#[diesel(table_name = definition)]
struct Heading {
    process: String,
    version: i32,
    id: String,
    deployed_at_ms: i64,
    author: String,
    approver: String,
    reason: String,
    change_record: Option<String>,
}

type Whole = (Heading, String, String);

impl Store {
    /// Makes a definition the current version of its process, with its row in the audit trail. The same source once
    /// more is no new version.
    ///
    /// # Errors
    /// The deployment lacks the four eyes that the installation wants, or the database failed.
    pub fn deploy(&self, deployment: &Deployment, now: Timestamp) -> Result<Deployed, DeployError> {
        let order = Order::of(deployment, now);
        let deployed = self.write(move |connection| {
            let current = newest(connection, &order.deployment.process)?;
            if let Some((version, id)) = &current
                && *id == order.deployment.id.0
            {
                return Ok(Ok(Deployed::Unchanged { version: counted(*version)? }));
            }
            match lacking(connection, &order.deployment)? {
                Some(lacks) => Ok(Err(lacks)),
                None => order.written(connection, current.map_or(1, |(version, _)| version + 1)).map(Ok),
            }
        })?;
        Ok(deployed?)
    }

    /// Brings a process that is packaged with the product, with its row in the audit trail. Nobody here wrote it, so
    /// no four eyes are asked; a process that has a version already stays as people made it.
    ///
    /// # Errors
    /// The database failed.
    pub fn install(&self, deployment: &Deployment, now: Timestamp) -> Result<Deployed, StoreError> {
        let order = Order::of(deployment, now);
        self.write(move |connection| match newest(connection, &order.deployment.process)? {
            Some((version, _)) => Ok(Deployed::Unchanged { version: counted(version)? }),
            None => order.written(connection, 1),
        })
    }

    /// The definition of that identity.
    ///
    /// # Errors
    /// The database failed.
    pub fn definition(&self, id: &DefinitionId) -> Result<Option<StoredDefinition>, StoreError> {
        let found: Option<Whole> = self.read(|connection| {
            let row = definition::table
                .filter(definition::id.eq(&id.0))
                .order(definition::version.desc())
                .select((Heading::as_select(), definition::source, definition::parts))
                .first(connection)
                .optional()?;
            Ok(row)
        })?;
        found.map(whole).transpose()
    }

    /// The version of a process with that number.
    ///
    /// # Errors
    /// The database failed.
    pub fn definition_version(&self, process: &Name, version: u32) -> Result<Option<StoredDefinition>, StoreError> {
        let number = i32::try_from(version).unwrap_or(i32::MAX);
        let found: Option<Whole> = self.read(|connection| {
            let row = definition::table
                .filter(definition::process.eq(process.as_str()))
                .filter(definition::version.eq(number))
                .select((Heading::as_select(), definition::source, definition::parts))
                .first(connection)
                .optional()?;
            Ok(row)
        })?;
        found.map(whole).transpose()
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
        self.read(|connection| Ok(newest(connection, process)?.map(|(_, id)| DefinitionId(id))))
    }

    /// All versions of all processes, by process, newest version first. A source that was deployed twice counts
    /// its records in both lines.
    ///
    /// # Errors
    /// The database failed.
    pub fn definitions(&self) -> Result<Vec<DefinitionRow>, StoreError> {
        let (rows, counts) = self.read(|connection| {
            let rows: Vec<Heading> = definition::table
                .order((definition::process, definition::version.desc()))
                .select(Heading::as_select())
                .load(connection)?;
            let counts: Vec<(String, String, i64)> = case_row::table
                .group_by((case_row::definition, case_row::status))
                .select((case_row::definition, case_row::status, diesel::dsl::count_star()))
                .load(connection)?;
            Ok((rows, counts))
        })?;
        let mut running = BTreeMap::<String, u64>::new();
        let mut ended = BTreeMap::<String, u64>::new();
        for (id, status, count) in counts {
            let figures = if status == ENDED { &mut ended } else { &mut running };
            *figures.entry(id).or_default() += u64::try_from(count).unwrap_or(0);
        }
        let row = |heading: Heading| {
            Ok(DefinitionRow {
                running: running.get(&heading.id).copied().unwrap_or(0),
                ended: ended.get(&heading.id).copied().unwrap_or(0),
                process: Name::from(heading.process),
                version: counted(heading.version)?,
                id: DefinitionId(heading.id),
                deployed_at: Timestamp(heading.deployed_at_ms),
                author: Name::from(heading.author),
                approver: Name::from(heading.approver),
                reason: heading.reason,
                change: heading.change_record,
            })
        };
        rows.into_iter().map(row).collect()
    }
}

/// A deployment on its way to its row.
struct Order {
    deployment: Deployment,
    parts: String,
    now: Timestamp,
}

impl Order {
    fn of(deployment: &Deployment, now: Timestamp) -> Order {
        Order { deployment: deployment.clone(), parts: json(&deployment.parts), now }
    }

    /// Writes it as that version.
    fn written(&self, connection: &mut SqliteConnection, version: i32) -> Result<Deployed, StoreError> {
        let Order { deployment, parts, now } = self;
        diesel::insert_into(definition::table)
            .values((
                definition::process.eq(deployment.process.as_str()),
                definition::version.eq(version),
                definition::id.eq(&deployment.id.0),
                definition::source.eq(&deployment.source),
                definition::parts.eq(parts),
                definition::deployed_at_ms.eq(now.0),
                definition::author.eq(deployment.author.as_str()),
                definition::approver.eq(deployment.approver.as_str()),
                definition::reason.eq(&deployment.reason),
                definition::change_record.eq(&deployment.change),
            ))
            .execute(connection)?;
        let version = counted(version)?;
        append(connection, &audit_entry(deployment, version, *now))?;
        Ok(Deployed::New { version })
    }
}

fn newest(connection: &mut SqliteConnection, process: &Name) -> Result<Option<(i32, String)>, StoreError> {
    let row = definition::table
        .filter(definition::process.eq(process.as_str()))
        .order(definition::version.desc())
        .select((definition::version, definition::id))
        .first(connection)
        .optional()?;
    Ok(row)
}

fn whole((heading, source, parts): Whole) -> Result<StoredDefinition, StoreError> {
    Ok(StoredDefinition {
        id: DefinitionId(heading.id),
        process: Name::from(heading.process),
        version: counted(heading.version)?,
        source,
        parts: serde_json::from_str(&parts).map_err(|cause| StoreError::unreadable("definition", cause))?,
        deployed_at: Timestamp(heading.deployed_at_ms),
        author: Name::from(heading.author),
        approver: Name::from(heading.approver),
        reason: heading.reason,
        change: heading.change_record,
    })
}

fn audit_entry(deployment: &Deployment, version: u32, now: Timestamp) -> AuditEntry {
    let what = AuditWhat::Deployed {
        process: deployment.process.clone(),
        version,
        definition: deployment.id.clone(),
        author: deployment.author.clone(),
        approver: deployment.approver.clone(),
        reason: deployment.reason.clone(),
        change: deployment.change.clone(),
    };
    AuditEntry { at: now, actor: Some(deployment.author.clone()), what }
}

fn counted(version: i32) -> Result<u32, StoreError> {
    u32::try_from(version).map_err(|cause| StoreError::unreadable("version", cause))
}
