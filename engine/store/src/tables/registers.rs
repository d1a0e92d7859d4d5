//! The registers: entries, calendars, and the snapshot of all that steps look at.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::upsert::excluded;
use engine::calendar::Calendar;
use engine::definition::Labels;
use engine::directory::{Directory, Entry, PERSON, Standing};
use engine::ids::Name;

use super::Connection;
use super::audit::append;
use super::people::{ROLE, everybody};
use crate::commit::json;
use crate::schema::{calendar, register_entry, standing};
use crate::{AuditEntry, PersonState, StoreError};

/// The whole of the registers.
pub(crate) fn directory(connection: &mut Connection) -> Result<Directory, StoreError> {
    let entries: Vec<(String, String, String, String, String)> = register_entry::table.load(connection)?;
    let calendars: Vec<(String, String)> = calendar::table.load(connection)?;
    let standings: Vec<(String, String, String)> = standing::table.load(connection)?;
    let mut directory = Directory::default();
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

pub(crate) fn put_entry(
    connection: &mut Connection,
    register: &str,
    key: &Name,
    entry: &Entry,
    audited: &AuditEntry,
) -> Result<(), StoreError> {
    diesel::insert_into(register_entry::table)
        .values((
            register_entry::register.eq(register),
            register_entry::entry.eq(key.as_str()),
            register_entry::label_en.eq(&entry.labels.en),
            register_entry::label_zh.eq(&entry.labels.zh),
            register_entry::fields.eq(json(&entry.fields)),
        ))
        .on_conflict((register_entry::register, register_entry::entry))
        .do_update()
        .set((
            register_entry::label_en.eq(excluded(register_entry::label_en)),
            register_entry::label_zh.eq(excluded(register_entry::label_zh)),
            register_entry::fields.eq(excluded(register_entry::fields)),
        ))
        .execute(connection)?;
    append(connection, audited)
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
