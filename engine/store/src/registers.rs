//! The registers: entries, calendars, and the snapshot of all that steps look at.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::upsert::excluded;
use engine::calendar::{Calendar, CalendarData};
use engine::definition::Labels;
use engine::directory::{CALENDAR, Directory, Entry, Standing};
use engine::ids::Name;
use engine::time::Timestamp;

use crate::audit::append;
use crate::commit::json;
use crate::people::{PersonColumns, ROLE};
use crate::schema::{calendar, person, register_entry, standing};
use crate::{AuditEntry, AuditWhat, PersonState, Store, StoreError};

type EntryColumns = (String, String, String, String, String);

impl Store {
    /// The whole of the registers, as steps and pages look at them.
    ///
    /// # Errors
    /// The database failed.
    pub fn directory(&self) -> Result<Directory, StoreError> {
        let (entries, calendars, people, standings) = self.read(|connection| {
            let entries: Vec<EntryColumns> = register_entry::table.load(connection)?;
            let calendars: Vec<(String, String)> = calendar::table.load(connection)?;
            let people: Vec<PersonColumns> = person::table.select(PersonColumns::as_select()).load(connection)?;
            let standings: Vec<(String, String, String)> = standing::table.load(connection)?;
            Ok((entries, calendars, people, standings))
        })?;
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
        for row in people.into_iter().map(crate::PersonRow::try_from) {
            let row = row?;
            // Who has left keeps a name and may do nothing.
            let standing = match row.state {
                PersonState::Active => held.remove(row.id.as_str()).unwrap_or_default(),
                PersonState::Left => Standing::default(),
            };
            directory.put_person(row.id, Entry { labels: row.name, ..Entry::default() }, standing);
        }
        Ok(directory)
    }

    /// Adds or replaces an entry, with its row in the audit trail.
    ///
    /// # Errors
    /// The database failed.
    pub fn put_entry(
        &self,
        register: &str,
        key: &Name,
        entry: &Entry,
        by: &Name,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (register, key, entry) = (register.to_owned(), key.clone(), entry.clone());
        let what = AuditWhat::EntryPut { register: register.clone(), key: key.clone() };
        let audited = AuditEntry { at: now, actor: Some(by.clone()), what };
        self.write(move |connection| {
            diesel::insert_into(register_entry::table)
                .values((
                    register_entry::register.eq(&register),
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
            append(connection, &audited)
        })
    }

    /// Adds or replaces a calendar, with its row in the audit trail.
    ///
    /// # Errors
    /// The data make no calendar, or the database failed.
    pub fn put_calendar(&self, key: &Name, data: &CalendarData, by: &Name, now: Timestamp) -> Result<(), StoreError> {
        Calendar::new(data.clone())?;
        let (key, body) = (key.clone(), json(data));
        let what = AuditWhat::EntryPut { register: CALENDAR.to_owned(), key: key.clone() };
        let audited = AuditEntry { at: now, actor: Some(by.clone()), what };
        self.write(move |connection| {
            diesel::insert_into(calendar::table)
                .values((calendar::id.eq(key.as_str()), calendar::body.eq(&body)))
                .on_conflict(calendar::id)
                .do_update()
                .set(calendar::body.eq(excluded(calendar::body)))
                .execute(connection)?;
            append(connection, &audited)
        })
    }
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
