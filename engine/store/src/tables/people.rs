//! People: who they are and what they may do.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::upsert::excluded;
use engine::definition::Labels;
use engine::directory::Standing;
use engine::ids::Name;

use super::Connection;
use super::accounts::close_sessions_of;
use super::audit::append;
use crate::people::StandingChange;
use crate::schema::{person, standing};
use crate::{AuditEntry, AuditWhat, PersonRow, PersonState, StoreError};

/// The kind of a standing that is a role.
pub(super) const ROLE: &str = "role";
/// The kind of a standing that is membership of a team.
const TEAM: &str = "team";
/// The state of a person who may sign in.
pub(super) const ACTIVE: &str = "active";
const LEFT: &str = "left";
/// The state of a person of whom nothing is known any more.
pub(super) const ERASED: &str = "erased";

/// A person as kept.
#[derive(Queryable, Selectable)]
#[diesel(table_name = person)]
pub(super) struct PersonColumns {
    id: String,
    sign_in: String,
    name_en: String,
    name_zh: String,
    email: String,
    language: String,
    state: String,
}

impl TryFrom<PersonColumns> for PersonRow {
    type Error = StoreError;

    fn try_from(row: PersonColumns) -> Result<Self, StoreError> {
        let state = match row.state.as_str() {
            ACTIVE => PersonState::Active,
            LEFT => PersonState::Left,
            ERASED => PersonState::Erased,
            other => return Err(StoreError::unreadable("person", format!("the state is {other}"))),
        };
        Ok(PersonRow {
            id: Name::from(row.id),
            sign_in: row.sign_in,
            name: Labels { en: row.name_en, zh: row.name_zh },
            email: row.email,
            language: row.language,
            state,
        })
    }
}

/// Adds or replaces a person; the sessions of one who has left end.
pub(crate) fn put(connection: &mut Connection, row: &PersonRow, entry: &AuditEntry) -> Result<(), StoreError> {
    put_row(connection, row)?;
    match row.state {
        PersonState::Active => {}
        PersonState::Left | PersonState::Erased => close_sessions_of(connection, &row.id)?,
    }
    append(connection, entry)
}

pub(crate) fn set_language(connection: &mut Connection, id: &Name, language: &str) -> Result<(), StoreError> {
    diesel::update(person::table)
        .filter(person::id.eq(id.as_str()))
        .set(person::language.eq(language))
        .execute(connection)?;
    Ok(())
}

pub(crate) fn set_standing(connection: &mut Connection, change: &StandingChange) -> Result<(), StoreError> {
    let StandingChange { person, standing, by, at, reason } = change;
    let wanted = marks(standing);
    let held: Vec<Mark> = standing::table
        .filter(standing::person.eq(person.as_str()))
        .select((standing::kind, standing::name))
        .load(connection)?;
    let held: BTreeSet<Mark> = held.into_iter().collect();
    diesel::delete(standing::table).filter(standing::person.eq(person.as_str())).execute(connection)?;
    for (kind, name) in &wanted {
        diesel::insert_into(standing::table)
            .values((standing::person.eq(person.as_str()), standing::kind.eq(kind), standing::name.eq(name)))
            .execute(connection)?;
    }
    let what = AuditWhat::StandingChanged {
        person: person.clone(),
        given: wanted.difference(&held).map(written).collect(),
        taken: held.difference(&wanted).map(written).collect(),
        reason: reason.clone(),
    };
    append(connection, &AuditEntry { at: *at, actor: Some(by.clone()), what })
}

pub(crate) fn person(connection: &mut Connection, id: &Name) -> Result<Option<PersonRow>, StoreError> {
    let query = person::table.filter(person::id.eq(id.as_str())).select(PersonColumns::as_select());
    query.first(connection).optional()?.map(PersonRow::try_from).transpose()
}

pub(crate) fn by_sign_in(connection: &mut Connection, sign_in: &str) -> Result<Option<PersonRow>, StoreError> {
    let query = person::table.filter(person::sign_in.eq(sign_in)).select(PersonColumns::as_select());
    query.first(connection).optional()?.map(PersonRow::try_from).transpose()
}

pub(crate) fn everybody(connection: &mut Connection) -> Result<Vec<PersonRow>, StoreError> {
    let rows: Vec<PersonColumns> =
        person::table.order(person::id).select(PersonColumns::as_select()).load(connection)?;
    rows.into_iter().map(PersonRow::try_from).collect()
}

/// A role or a team: its kind and its name.
type Mark = (String, String);

fn marks(standing: &Standing) -> BTreeSet<Mark> {
    let roles = standing.roles.iter().map(|name| (ROLE.to_owned(), name.to_string()));
    let teams = standing.teams.iter().map(|name| (TEAM.to_owned(), name.to_string()));
    roles.chain(teams).collect()
}

fn written((kind, name): &Mark) -> String {
    format!("{kind}:{name}")
}

fn put_row(connection: &mut Connection, row: &PersonRow) -> Result<(), StoreError> {
    let state = match row.state {
        PersonState::Active => ACTIVE,
        PersonState::Left => LEFT,
        PersonState::Erased => ERASED,
    };
    diesel::insert_into(person::table)
        .values((
            person::id.eq(row.id.as_str()),
            person::sign_in.eq(&row.sign_in),
            person::name_en.eq(&row.name.en),
            person::name_zh.eq(&row.name.zh),
            person::email.eq(&row.email),
            person::language.eq(&row.language),
            person::state.eq(state),
        ))
        .on_conflict(person::id)
        .do_update()
        .set((
            person::sign_in.eq(excluded(person::sign_in)),
            person::name_en.eq(excluded(person::name_en)),
            person::name_zh.eq(excluded(person::name_zh)),
            person::email.eq(excluded(person::email)),
            person::language.eq(excluded(person::language)),
            person::state.eq(excluded(person::state)),
        ))
        .execute(connection)?;
    Ok(())
}
