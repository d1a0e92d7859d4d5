//! Tokens with which machines work. Whoever has one acts as its person; what is kept is its hash alone.

use engine::ids::Name;
use engine::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::dispatch::{read, write};
use crate::{Store, StoreError};

/// Which token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccessTokenId(pub i64);

/// A token to be kept.
#[derive(Clone, Debug)]
pub struct NewAccessToken {
    /// The hash of what the machine sends.
    pub token_hash: Vec<u8>,
    /// As whom it acts.
    pub person: Name,
    /// What people call it.
    pub label: String,
    /// Who made it.
    pub by: Name,
    /// When.
    pub at: Timestamp,
    /// Until when it opens anything.
    pub expires_at: Timestamp,
}

/// A token as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessTokenRow {
    /// Its identity.
    pub id: AccessTokenId,
    /// As whom it acts.
    pub person: Name,
    /// What people call it.
    pub label: String,
    /// Who made it.
    pub made_by: Name,
    /// When.
    pub made_at: Timestamp,
    /// Until when it opens anything.
    pub expires_at: Timestamp,
    /// Since when it opens nothing any more, where somebody revoked it.
    pub revoked_at: Option<Timestamp>,
    /// When it was used last, to the minute.
    pub used_at: Option<Timestamp>,
}

/// What became of an order to revoke a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// It opens nothing any more.
    Now,
    /// There is no such token, or it was revoked before.
    NotThere,
}

impl Store {
    /// Keeps a token, with a row in the audit trail.
    ///
    /// # Errors
    /// The database failed.
    pub fn add_access_token(&self, token: &NewAccessToken) -> Result<AccessTokenId, StoreError> {
        let token = token.clone();
        write!(self, access_tokens::add(&token))
    }

    /// The token of that hash, whether it still opens anything or not.
    ///
    /// # Errors
    /// The database failed.
    pub fn access_token(&self, token_hash: &[u8]) -> Result<Option<AccessTokenRow>, StoreError> {
        read!(self, access_tokens::of_hash(token_hash))
    }

    /// The token is in use.
    ///
    /// # Errors
    /// The database failed.
    pub fn access_token_used(&self, token: AccessTokenId, at: Timestamp) -> Result<(), StoreError> {
        write!(self, access_tokens::used(token, at))
    }

    /// All tokens, newest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn access_tokens(&self, limit: usize) -> Result<Vec<AccessTokenRow>, StoreError> {
        read!(self, access_tokens::all(limit))
    }

    /// Revokes a token, with a row in the audit trail.
    ///
    /// # Errors
    /// The database failed.
    pub fn revoke_access_token(&self, token: AccessTokenId, by: &Name, at: Timestamp) -> Result<Revoked, StoreError> {
        let by = by.clone();
        write!(self, access_tokens::revoke(token, &by, at))
    }
}
