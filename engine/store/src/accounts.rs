//! Passwords and sessions.

use engine::ids::Name;
use engine::time::Timestamp;

use crate::{Store, StoreError};

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
        let _ = (person, hash, by, now);
        Err(StoreError::Closed)
    }

    /// The PHC string of a person's password.
    ///
    /// # Errors
    /// The database failed.
    pub fn password_hash(&self, person: &Name) -> Result<Option<String>, StoreError> {
        let _ = person;
        Err(StoreError::Closed)
    }

    /// Keeps a session; those that are over go.
    ///
    /// # Errors
    /// The database failed.
    pub fn open_session(&self, session: &SessionRow) -> Result<(), StoreError> {
        let _ = session;
        Err(StoreError::Closed)
    }

    /// The session of that token, unless it is over.
    ///
    /// # Errors
    /// The database failed.
    pub fn session(&self, token_hash: &[u8], now: Timestamp) -> Result<Option<SessionRow>, StoreError> {
        let _ = (token_hash, now);
        Err(StoreError::Closed)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// The database failed.
    pub fn close_session(&self, token_hash: &[u8]) -> Result<(), StoreError> {
        let _ = token_hash;
        Err(StoreError::Closed)
    }

    /// Ends all sessions of a person.
    ///
    /// # Errors
    /// The database failed.
    pub fn close_sessions_of(&self, person: &Name) -> Result<(), StoreError> {
        let _ = person;
        Err(StoreError::Closed)
    }

    /// How often signing in by that name was refused since then.
    ///
    /// # Errors
    /// The database failed.
    pub fn failed_sign_ins(&self, sign_in: &str, since: Timestamp) -> Result<u64, StoreError> {
        let _ = (sign_in, since);
        Err(StoreError::Closed)
    }
}
