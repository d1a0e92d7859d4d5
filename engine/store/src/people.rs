//! People: who they are and what they may do.

use engine::definition::Labels;
use engine::directory::Standing;
use engine::ids::Name;
use engine::time::Timestamp;

use crate::{Store, StoreError};

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

impl Store {
    /// Adds or replaces a person, with a row in the audit trail.
    ///
    /// # Errors
    /// Another person has this sign-in name, or the database failed.
    pub fn put_person(&self, person: &PersonRow, by: &Name, now: Timestamp) -> Result<(), StoreError> {
        let _ = (person, by, now);
        Err(StoreError::Closed)
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
        let _ = (person, standing, by, now, reason);
        Err(StoreError::Closed)
    }

    /// The person of that key.
    ///
    /// # Errors
    /// The database failed.
    pub fn person(&self, id: &Name) -> Result<Option<PersonRow>, StoreError> {
        let _ = id;
        Err(StoreError::Closed)
    }

    /// The person who signs in by that name.
    ///
    /// # Errors
    /// The database failed.
    pub fn person_by_sign_in(&self, sign_in: &str) -> Result<Option<PersonRow>, StoreError> {
        let _ = sign_in;
        Err(StoreError::Closed)
    }

    /// Everybody, by key.
    ///
    /// # Errors
    /// The database failed.
    pub fn people(&self) -> Result<Vec<PersonRow>, StoreError> {
        Err(StoreError::Closed)
    }
}
