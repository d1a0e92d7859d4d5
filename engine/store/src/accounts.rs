//! Passwords and sessions.

use engine::ids::Name;
use engine::time::Timestamp;

use crate::dispatch::{read, write};
use crate::{AuditEntry, AuditWhat, Store, StoreError};

/// A signed-in browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// The hash of the token that the browser holds; the token itself is not kept.
    pub token_hash: Vec<u8>,
    /// Who.
    pub person: Name,
    /// Since when.
    pub opened_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
    /// What forms must carry.
    pub csrf: String,
}

impl Store {
    /// Sets a person's password, given as a PHC string, with a row in the audit trail. The person's sessions end.
    ///
    /// # Errors
    /// The database failed.
    pub fn set_password(&self, person: &Name, hash: &str, by: &Name, now: Timestamp) -> Result<(), StoreError> {
        let (person, hash) = (person.clone(), hash.to_owned());
        let what = AuditWhat::PasswordSet { person: person.clone() };
        let entry = AuditEntry { at: now, actor: Some(by.clone()), what };
        write!(self, accounts::set_password(&person, &hash, &entry))
    }

    /// The PHC string of a person's password.
    ///
    /// # Errors
    /// The database failed.
    pub fn password_hash(&self, person: &Name) -> Result<Option<String>, StoreError> {
        read!(self, accounts::password_hash(person))
    }

    /// Keeps a session; those that are over go.
    ///
    /// # Errors
    /// The database failed.
    pub fn open_session(&self, session: &SessionRow) -> Result<(), StoreError> {
        let kept = session.clone();
        write!(self, accounts::open_session(&kept))
    }

    /// The session of that token, unless it is over.
    ///
    /// # Errors
    /// The database failed.
    pub fn session(&self, token_hash: &[u8], now: Timestamp) -> Result<Option<SessionRow>, StoreError> {
        read!(self, accounts::session(token_hash, now))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// The database failed.
    pub fn close_session(&self, token_hash: &[u8]) -> Result<(), StoreError> {
        let token_hash = token_hash.to_vec();
        write!(self, accounts::close_session(&token_hash))
    }

    /// Ends all sessions of a person.
    ///
    /// # Errors
    /// The database failed.
    pub fn close_sessions_of(&self, person: &Name) -> Result<(), StoreError> {
        let person = person.clone();
        write!(self, accounts::close_sessions_of(&person))
    }
}
