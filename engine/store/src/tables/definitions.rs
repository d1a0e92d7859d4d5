//! Definitions: immutable rows, numbered per process.

use std::collections::BTreeMap;

use diesel::prelude::*;
use engine::definition::NumberPattern;
use engine::ids::{DefinitionId, Name};
use engine::time::Timestamp;

use super::Connection;
use super::audit::append;
use super::four_eyes::lacking;
use crate::address;
use crate::definitions::Order;
use crate::projection::ENDED;
use crate::schema::{case_row, definition};
use crate::{
    AuditEntry, AuditWhat, DefinitionRow, DeployError, Deployed, Deployment, NumberTaken, StoreError, StoredDefinition,
};

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

/// A deployment, or why it is refused.
type Decided = Result<Deployed, DeployError>;

/// Makes a version current, unless it is, lacks the four eyes that the installation wants, or takes the numbers of another
/// process.
pub(crate) fn deploy(connection: &mut Connection, order: &Order) -> Result<Decided, StoreError> {
    let current = newest(connection, &order.deployment.process)?;
    if let Some((version, id)) = &current
        && *id == order.deployment.id.0
    {
        return Ok(Ok(Deployed::Unchanged { version: counted(*version)? }));
    }
    let Deployment { author, approver, change, .. } = &order.deployment;
    if let Some(lacks) = lacking(connection, (author, approver), change.as_ref())? {
        return Ok(Err(lacks.into()));
    }
    written(connection, order, current.map_or(1, |(version, _)| version + 1))
}

/// Brings a process that has no version yet.
pub(crate) fn install(connection: &mut Connection, order: &Order) -> Result<Decided, StoreError> {
    match newest(connection, &order.deployment.process)? {
        Some((version, _)) => Ok(Ok(Deployed::Unchanged { version: counted(version)? })),
        None => written(connection, order, 1),
    }
}

pub(crate) fn by_id(connection: &mut Connection, id: &DefinitionId) -> Result<Option<StoredDefinition>, StoreError> {
    let found: Option<Whole> = definition::table
        .filter(definition::id.eq(&id.0))
        .order(definition::version.desc())
        .select((Heading::as_select(), definition::source, definition::parts))
        .first(connection)
        .optional()?;
    found.map(whole).transpose()
}

pub(crate) fn by_version(
    connection: &mut Connection,
    process: &Name,
    version: u32,
) -> Result<Option<StoredDefinition>, StoreError> {
    let number = i32::try_from(version).unwrap_or(i32::MAX);
    let found: Option<Whole> = definition::table
        .filter(definition::process.eq(process.as_str()))
        .filter(definition::version.eq(number))
        .select((Heading::as_select(), definition::source, definition::parts))
        .first(connection)
        .optional()?;
    found.map(whole).transpose()
}

pub(crate) fn current_id(connection: &mut Connection, process: &Name) -> Result<Option<DefinitionId>, StoreError> {
    Ok(newest(connection, process)?.map(|(_, id)| DefinitionId(id)))
}

/// All versions with how many records follow each.
pub(crate) fn all(connection: &mut Connection) -> Result<Vec<DefinitionRow>, StoreError> {
    let rows: Vec<Heading> = definition::table
        .order((definition::process, definition::version.desc()))
        .select(Heading::as_select())
        .load(connection)?;
    let counts: Vec<(Vec<u8>, String, i64)> = case_row::table
        .group_by((case_row::definition, case_row::status))
        .select((case_row::definition, case_row::status, diesel::dsl::count_star()))
        .load(connection)?;
    let mut running = BTreeMap::<Vec<u8>, u64>::new();
    let mut ended = BTreeMap::<Vec<u8>, u64>::new();
    for (followed, status, count) in counts {
        let figures = if status == ENDED { &mut ended } else { &mut running };
        *figures.entry(followed).or_default() += u64::try_from(count).unwrap_or(0);
    }
    let row = |heading: Heading| {
        let followed = address::kept(&heading.id);
        Ok(DefinitionRow {
            running: running.get(&followed).copied().unwrap_or(0),
            ended: ended.get(&followed).copied().unwrap_or(0),
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

/// Writes a deployment as that version, unless it takes the numbers of another process.
fn written(connection: &mut Connection, order: &Order, version: i32) -> Result<Decided, StoreError> {
    let Order { deployment, parts, now } = order;
    if let Some(taken) = number_taken(connection, deployment)? {
        return Ok(Err(taken.into()));
    }
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
    Ok(Ok(Deployed::New { version }))
}

/// Whether a version of another process, of today or of another day, gives numbers that this deployment would give too.
fn number_taken(connection: &mut Connection, deployment: &Deployment) -> Result<Option<NumberTaken>, StoreError> {
    #[derive(serde::Deserialize)]
    struct Numbered {
        number: String,
    }
    let others: Vec<(String, String)> = definition::table
        .filter(definition::process.ne(deployment.process.as_str()))
        .order((definition::process, definition::version))
        .select((definition::process, definition::parts))
        .load(connection)?;
    let pattern = NumberPattern(&deployment.parts.number);
    for (other, parts) in others {
        let Numbered { number } =
            serde_json::from_str(&parts).map_err(|cause| StoreError::unreadable("definition", cause))?;
        if NumberPattern(&number).meets(pattern) {
            let (process, pattern) = (deployment.process.clone(), deployment.parts.number.clone());
            return Ok(Some(NumberTaken { process, pattern, other: Name::from(other) }));
        }
    }
    Ok(None)
}

fn newest(connection: &mut Connection, process: &Name) -> Result<Option<(i32, String)>, StoreError> {
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
