//! People: who they are and what they may do.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::upsert::excluded;
use engine::definition::Labels;
use engine::directory::Standing;
use engine::ids::Name;
use engine::time::Timestamp;

use crate::audit::append;
use crate::schema::{person, session, standing};
use crate::{AuditEntry, AuditWhat, Store, StoreError};

/// The kind of a standing that is a role.
pub(crate) const ROLE: &str = "role";
/// The kind of a standing that is membership of a team.
const TEAM: &str = "team";
const ACTIVE: &str = "active";
const LEFT: &str = "left";

/// Whether a person may sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonState {
    /// May sign in.
    Active,
    /// Has left: known by name in histories, may do nothing.
    Left,
}

/// A person of the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRow {
    /// The key by which events name the person.
    pub id: Name,
    /// What the person types to sign in; unique.
    pub sign_in: String,
    /// What others call the person.
    pub name: Labels,
    /// Where mail goes; may be empty.
    pub email: String,
    /// The language of the person's pages: `zh-CN` or `en`.
    pub language: String,
    /// Whether the person may sign in.
    pub state: PersonState,
}

/// A person as kept.
#[derive(Queryable, Selectable)]
#[diesel(table_name = person)]
pub(crate) struct PersonColumns {
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

impl Store {
    /// Adds or replaces a person, with a row in the audit trail. Sessions of one who has left end.
    ///
    /// # Errors
    /// Another person has this sign-in name, or the database failed.
    pub fn put_person(&self, person: &PersonRow, by: &Name, now: Timestamp) -> Result<(), StoreError> {
        let row = person.clone();
        let what = AuditWhat::PersonPut { person: row.id.clone() };
        let entry = AuditEntry { at: now, actor: Some(by.clone()), what };
        self.write(move |connection| {
            put(connection, &row)?;
            match row.state {
                PersonState::Active => {}
                PersonState::Left => {
                    diesel::delete(session::table).filter(session::person.eq(row.id.as_str())).execute(connection)?;
                }
            }
            append(connection, &entry)
        })
    }

    /// The language of a person's pages, `zh-CN` or `en`. A matter of taste: it leaves no row in the audit trail.
    ///
    /// # Errors
    /// The database failed.
    pub fn set_language(&self, person: &Name, language: &str) -> Result<(), StoreError> {
        let (id, language) = (person.clone(), language.to_owned());
        self.write(move |connection| {
            diesel::update(person::table)
                .filter(person::id.eq(id.as_str()))
                .set(person::language.eq(language.as_str()))
                .execute(connection)?;
            Ok(())
        })
    }

    /// Gives a person these roles and teams and no others, with a row in the audit trail that says what changed.
    ///
    /// # Errors
    /// The database failed.
    pub fn set_standing(
        &self,
        person: &Name,
        standing: &Standing,
        by: &Name,
        now: Timestamp,
        reason: &str,
    ) -> Result<(), StoreError> {
        let (person, by, reason) = (person.clone(), by.clone(), reason.to_owned());
        let wanted = marks(standing);
        self.write(move |connection| {
            let held: Vec<(String, String)> = standing::table
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
            append(connection, &AuditEntry { at: now, actor: Some(by.clone()), what })
        })
    }

    /// The person of that key.
    ///
    /// # Errors
    /// The database failed.
    pub fn person(&self, id: &Name) -> Result<Option<PersonRow>, StoreError> {
        let found: Option<PersonColumns> = self.read(|connection| {
            let query = person::table.filter(person::id.eq(id.as_str()));
            Ok(query.select(PersonColumns::as_select()).first(connection).optional()?)
        })?;
        found.map(PersonRow::try_from).transpose()
    }

    /// The person who signs in by that name.
    ///
    /// # Errors
    /// The database failed.
    pub fn person_by_sign_in(&self, sign_in: &str) -> Result<Option<PersonRow>, StoreError> {
        let found: Option<PersonColumns> = self.read(|connection| {
            let query = person::table.filter(person::sign_in.eq(sign_in));
            Ok(query.select(PersonColumns::as_select()).first(connection).optional()?)
        })?;
        found.map(PersonRow::try_from).transpose()
    }

    /// Everybody, by key.
    ///
    /// # Errors
    /// The database failed.
    pub fn people(&self) -> Result<Vec<PersonRow>, StoreError> {
        let rows: Vec<PersonColumns> = self.read(|connection| {
            Ok(person::table.order(person::id).select(PersonColumns::as_select()).load(connection)?)
        })?;
        rows.into_iter().map(PersonRow::try_from).collect()
    }
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

fn put(connection: &mut SqliteConnection, row: &PersonRow) -> Result<(), StoreError> {
    let state = match row.state {
        PersonState::Active => ACTIVE,
        PersonState::Left => LEFT,
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
