//! The registers: entries, calendars, and the snapshot of all that steps look at.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::upsert::excluded;
use engine::calendar::Calendar;
use engine::definition::Labels;
use engine::directory::{Directory, Entry, PERSON, Standing};
use engine::ids::{DefinitionId, Name};
use engine::time::Timestamp;

use super::Connection;
use super::audit::append;
use super::four_eyes::lacking;
use super::people::{ROLE, everybody};
use crate::commit::json;
use crate::schema::{calendar, definition, entry_revision, register_definition, register_entry, standing};
use crate::{
    AuditEntry, AuditWhat, DeployError, Deployed, EntryCause, EntryChange, EntryOrderRow, EntryRevision, PersonState,
    RegisterDeployment, StoreError,
};

/// The whole of the registers.
pub(crate) fn directory(connection: &mut Connection) -> Result<Directory, StoreError> {
    let entries: Vec<(String, String, String, String, String)> = register_entry::table.load(connection)?;
    let calendars: Vec<(String, String)> = calendar::table.load(connection)?;
    let standings: Vec<(String, String, String)> = standing::table.load(connection)?;
    let mut directory = Directory::default();
    let declared: Vec<(String, String)> = register_definition::table
        .order((register_definition::name, register_definition::version))
        .select((register_definition::name, register_definition::body))
        .load(connection)?;
    // Of several versions the newest comes last, and is kept.
    for (_, body) in declared {
        directory.declare(
            serde_json::from_str(&body).map_err(|cause| StoreError::unreadable("register definition", cause))?,
        );
    }
    for (register, key, en, zh, fields) in entries {
        let fields = serde_json::from_str(&fields).map_err(|cause| StoreError::unreadable("entry", cause))?;
        directory.put(&register, Name::from(key), Entry { labels: Labels { en, zh }, fields });
    }
    for (key, body) in calendars {
        let data = serde_json::from_str(&body).map_err(|cause| StoreError::unreadable("calendar", cause))?;
        directory.put_calendar(Name::from(key), Calendar::new(data)?);
    }
    let mut held = standings_by_person(standings);
    for row in everybody(connection)? {
        // Who has left keeps a name and may do nothing.
        let standing = match row.state {
            PersonState::Active => held.remove(row.id.as_str()).unwrap_or_default(),
            PersonState::Left | PersonState::Erased => Standing::default(),
        };
        // What the register says of a person stands beside the account: the manager, who stands in and when.
        let fields = directory.entry(PERSON, &row.id).map(|entry| entry.fields.clone()).unwrap_or_default();
        directory.put_person(row.id, Entry { labels: row.name, fields }, standing);
    }
    Ok(directory)
}

pub(crate) fn change_entries(
    connection: &mut Connection,
    changes: &[EntryChange],
    cause: &EntryCause,
) -> Result<(), StoreError> {
    let mut said = String::new();
    for EntryChange { register, key, entry } in changes {
        let fields = json(&entry.fields);
        put_entry(connection, (register, key), (&entry.labels, &fields))?;
        let newest: Option<i32> = entry_revision::table
            .filter(entry_revision::register.eq(register.as_str()))
            .filter(entry_revision::entry.eq(key.as_str()))
            .select(diesel::dsl::max(entry_revision::revision))
            .first(connection)?;
        diesel::insert_into(entry_revision::table)
            .values((
                entry_revision::register.eq(register.as_str()),
                entry_revision::entry.eq(key.as_str()),
                entry_revision::revision.eq(newest.unwrap_or(0) + 1),
                entry_revision::at_ms.eq(cause.at.0),
                entry_revision::by_person.eq(cause.by.as_ref().map(Name::as_str)),
                entry_revision::under_record.eq(cause.under.as_ref().map(Name::as_str)),
                entry_revision::reason.eq(&cause.reason),
                entry_revision::label_en.eq(&entry.labels.en),
                entry_revision::label_zh.eq(&entry.labels.zh),
                entry_revision::fields.eq(&fields),
            ))
            .execute(connection)?;
        said += &format!("{register}\n{key}\n{}\n{}\n{fields}\n", entry.labels.en, entry.labels.zh);
    }
    let what = match changes {
        [] => return Ok(()),
        [EntryChange { register, key, .. }] => AuditWhat::EntryPut { register: register.to_string(), key: key.clone() },
        [EntryChange { register, .. }, ..] => AuditWhat::EntriesPut {
            register: register.to_string(),
            entries: u32::try_from(changes.len()).unwrap_or(u32::MAX),
            sha256: DefinitionId::of_source(&said).0,
            reason: cause.reason.clone(),
        },
    };
    append(connection, &AuditEntry { at: cause.at, actor: cause.by.clone(), what })
}

fn put_entry(
    connection: &mut Connection,
    (register, key): (&Name, &Name),
    (labels, fields): (&Labels, &str),
) -> Result<(), StoreError> {
    diesel::insert_into(register_entry::table)
        .values((
            register_entry::register.eq(register.as_str()),
            register_entry::entry.eq(key.as_str()),
            register_entry::label_en.eq(&labels.en),
            register_entry::label_zh.eq(&labels.zh),
            register_entry::fields.eq(fields),
        ))
        .on_conflict((register_entry::register, register_entry::entry))
        .do_update()
        .set((
            register_entry::label_en.eq(excluded(register_entry::label_en)),
            register_entry::label_zh.eq(excluded(register_entry::label_zh)),
            register_entry::fields.eq(excluded(register_entry::fields)),
        ))
        .execute(connection)?;
    Ok(())
}

/// A row of what entries said.
#[derive(Queryable, Selectable)]
#[diesel(table_name = entry_revision)]
struct RevisionRow {
    register: String,
    entry: String,
    revision: i32,
    at_ms: i64,
    by_person: Option<String>,
    under_record: Option<String>,
    reason: String,
    label_en: String,
    label_zh: String,
    fields: String,
}

fn revision(row: RevisionRow) -> Result<EntryRevision, StoreError> {
    let unreadable = |cause: &dyn std::fmt::Display| StoreError::unreadable("entry revision", cause);
    Ok(EntryRevision {
        register: Name::from(row.register),
        key: Name::from(row.entry),
        revision: u32::try_from(row.revision).map_err(|cause| unreadable(&cause))?,
        at: Timestamp(row.at_ms),
        by: row.by_person.map(Name::from),
        under: row.under_record.map(Name::from),
        reason: row.reason,
        entry: Entry {
            labels: Labels { en: row.label_en, zh: row.label_zh },
            fields: serde_json::from_str(&row.fields).map_err(|cause| unreadable(&cause))?,
        },
    })
}

pub(crate) fn history(
    connection: &mut Connection,
    register: &Name,
    key: &Name,
) -> Result<Vec<EntryRevision>, StoreError> {
    let rows: Vec<RevisionRow> = entry_revision::table
        .filter(entry_revision::register.eq(register.as_str()))
        .filter(entry_revision::entry.eq(key.as_str()))
        .order(entry_revision::revision.desc())
        .select(RevisionRow::as_select())
        .load(connection)?;
    rows.into_iter().map(revision).collect()
}

pub(crate) fn changed_at(
    connection: &mut Connection,
    register: &Name,
    at: Timestamp,
    by: Option<&Name>,
) -> Result<Vec<EntryRevision>, StoreError> {
    let rows: Vec<RevisionRow> = entry_revision::table
        .filter(entry_revision::register.eq(register.as_str()))
        .filter(entry_revision::at_ms.eq(at.0))
        .order((entry_revision::entry, entry_revision::revision))
        .select(RevisionRow::as_select())
        .load(connection)?;
    // Nobody is equal to nobody in SQL: few change entries in the same millisecond.
    let theirs = rows.into_iter().filter(|row| row.by_person.as_deref() == by.map(Name::as_str));
    theirs.map(revision).collect()
}

/// An order, as the database counts it.
type OrderRow = (i64, Option<String>, Option<String>, String, i64);

pub(crate) fn orders(
    connection: &mut Connection,
    register: &Name,
    limit: usize,
) -> Result<Vec<EntryOrderRow>, StoreError> {
    let together =
        (entry_revision::at_ms, entry_revision::by_person, entry_revision::under_record, entry_revision::reason);
    let rows: Vec<OrderRow> = entry_revision::table
        .filter(entry_revision::register.eq(register.as_str()))
        .group_by(together)
        .select((
            entry_revision::at_ms,
            entry_revision::by_person,
            entry_revision::under_record,
            entry_revision::reason,
            diesel::dsl::count_star(),
        ))
        .order(entry_revision::at_ms.desc())
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .load(connection)?;
    let order = |(at, by, under, reason, entries): OrderRow| EntryOrderRow {
        at: Timestamp(at),
        by: by.map(Name::from),
        under: under.map(Name::from),
        reason,
        entries: u64::try_from(entries).unwrap_or(0),
    };
    Ok(rows.into_iter().map(order).collect())
}

pub(crate) fn changed_under(connection: &mut Connection, number: &Name) -> Result<Vec<EntryRevision>, StoreError> {
    let rows: Vec<RevisionRow> = entry_revision::table
        .filter(entry_revision::under_record.eq(number.as_str()))
        .order((entry_revision::at_ms, entry_revision::register, entry_revision::entry, entry_revision::revision))
        .select(RevisionRow::as_select())
        .load(connection)?;
    rows.into_iter().map(revision).collect()
}

/// The texts of what is current, registers first, each once.
pub(crate) fn current_sources(connection: &mut Connection) -> Result<Vec<String>, StoreError> {
    let declared: Vec<(String, String)> = register_definition::table
        .order((register_definition::name, register_definition::version))
        .select((register_definition::name, register_definition::source))
        .load(connection)?;
    let processes: Vec<(String, String)> = definition::table
        .order((definition::process, definition::version))
        .select((definition::process, definition::source))
        .load(connection)?;
    let newest = |rows: Vec<(String, String)>| BTreeMap::from_iter(rows).into_values();
    let mut sources: Vec<String> = newest(declared).chain(newest(processes)).collect();
    let mut seen = std::collections::BTreeSet::new();
    sources.retain(|source| seen.insert(source.clone()));
    Ok(sources)
}

/// Declares a register, or says why not.
pub(crate) fn deploy(
    connection: &mut Connection,
    order: &RegisterDeployment,
    now: Timestamp,
) -> Result<Result<Deployed, DeployError>, StoreError> {
    let newest = newest(connection, &order.register.name)?;
    let body = json(&order.register);
    if let Some((version, held)) = &newest
        && *held == body
    {
        return Ok(Ok(Deployed::Unchanged { version: numbered(*version)? }));
    }
    if let Some(lacks) = lacking(connection, (&order.author, &order.approver), order.change.as_ref())? {
        return Ok(Err(lacks.into()));
    }
    declare(connection, order, &body, newest.map_or(1, |(version, _)| version + 1), now).map(Ok)
}

pub(crate) fn install(
    connection: &mut Connection,
    order: &RegisterDeployment,
    now: Timestamp,
) -> Result<Deployed, StoreError> {
    match newest(connection, &order.register.name)? {
        Some((version, _)) => Ok(Deployed::Unchanged { version: numbered(version)? }),
        None => declare(connection, order, &json(&order.register), 1, now),
    }
}

fn declare(
    connection: &mut Connection,
    order: &RegisterDeployment,
    body: &str,
    version: i32,
    now: Timestamp,
) -> Result<Deployed, StoreError> {
    diesel::insert_into(register_definition::table)
        .values((
            register_definition::name.eq(order.register.name.as_str()),
            register_definition::version.eq(version),
            register_definition::id.eq(&order.id.0),
            register_definition::source.eq(&order.source),
            register_definition::body.eq(body),
            register_definition::deployed_at_ms.eq(now.0),
            register_definition::author.eq(order.author.as_str()),
            register_definition::approver.eq(order.approver.as_str()),
            register_definition::reason.eq(&order.reason),
            register_definition::change_record.eq(&order.change),
        ))
        .execute(connection)?;
    let version = numbered(version)?;
    let what = AuditWhat::RegisterDeployed {
        register: order.register.name.clone(),
        version,
        source: order.id.clone(),
        author: order.author.clone(),
        approver: order.approver.clone(),
        reason: order.reason.clone(),
    };
    append(connection, &AuditEntry { at: now, actor: Some(order.approver.clone()), what })?;
    Ok(Deployed::New { version })
}

fn numbered(version: i32) -> Result<u32, StoreError> {
    u32::try_from(version).map_err(|cause| StoreError::unreadable("register definition", cause))
}

fn newest(connection: &mut Connection, name: &Name) -> Result<Option<(i32, String)>, StoreError> {
    let found = register_definition::table
        .filter(register_definition::name.eq(name.as_str()))
        .order(register_definition::version.desc())
        .select((register_definition::version, register_definition::body))
        .first(connection)
        .optional()?;
    Ok(found)
}

pub(crate) fn put_calendar(
    connection: &mut Connection,
    key: &Name,
    body: &str,
    audited: &AuditEntry,
) -> Result<(), StoreError> {
    diesel::insert_into(calendar::table)
        .values((calendar::id.eq(key.as_str()), calendar::body.eq(body)))
        .on_conflict(calendar::id)
        .do_update()
        .set(calendar::body.eq(excluded(calendar::body)))
        .execute(connection)?;
    append(connection, audited)
}

fn standings_by_person(rows: Vec<(String, String, String)>) -> BTreeMap<String, Standing> {
    let mut held = BTreeMap::<String, Standing>::new();
    for (person, kind, name) in rows {
        let standing = held.entry(person).or_default();
        let of_kind = if kind == ROLE { &mut standing.roles } else { &mut standing.teams };
        of_kind.insert(Name::from(name));
    }
    held
}
