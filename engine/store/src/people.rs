//! People: who they are and what they may do.

use engine::definition::Labels;
use engine::directory::Standing;
use engine::ids::Name;
use engine::time::Timestamp;

use crate::dispatch::{read, write};
use crate::{AuditEntry, AuditWhat, Store, StoreError};

/// Whether a person may sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonState {
    /// May sign in.
    Active,
    /// Has left: known by name in histories, may do nothing.
    Left,
    /// Was erased: nothing is known but the identity, for ever.
    Erased,
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

/// An order to give a person these roles and teams and no others.
pub(crate) struct StandingChange {
    pub(crate) person: Name,
    pub(crate) standing: Standing,
    pub(crate) by: Name,
    pub(crate) at: Timestamp,
    pub(crate) reason: String,
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
        write!(self, people::put(&row, &entry))
    }

    /// The language of a person's pages, `zh-CN` or `en`. A matter of taste: it leaves no row in the audit trail.
    ///
    /// # Errors
    /// The database failed.
    pub fn set_language(&self, person: &Name, language: &str) -> Result<(), StoreError> {
        let (id, language) = (person.clone(), language.to_owned());
        write!(self, people::set_language(&id, &language))
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
        let change = StandingChange {
            person: person.clone(),
            standing: standing.clone(),
            by: by.clone(),
            at: now,
            reason: reason.to_owned(),
        };
        write!(self, people::set_standing(&change))
    }

    /// The person of that key.
    ///
    /// # Errors
    /// The database failed.
    pub fn person(&self, id: &Name) -> Result<Option<PersonRow>, StoreError> {
        read!(self, people::person(id))
    }

    /// The person who signs in by that name.
    ///
    /// # Errors
    /// The database failed.
    pub fn person_by_sign_in(&self, sign_in: &str) -> Result<Option<PersonRow>, StoreError> {
        read!(self, people::by_sign_in(sign_in))
    }

    /// Everybody, by key.
    ///
    /// # Errors
    /// The database failed.
    pub fn people(&self) -> Result<Vec<PersonRow>, StoreError> {
        read!(self, people::everybody())
    }
}
