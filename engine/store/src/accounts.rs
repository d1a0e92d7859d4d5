//! Passwords and sessions.

use diesel::prelude::*;
use diesel::upsert::excluded;
use engine::ids::Name;
use engine::time::Timestamp;

use crate::audit::append;
use crate::schema::{password, session};
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
        self.write(move |connection| {
            diesel::insert_into(password::table)
                .values((password::person.eq(person.as_str()), password::hash.eq(&hash), password::set_at_ms.eq(now.0)))
                .on_conflict(password::person)
                .do_update()
                .set((
                    password::hash.eq(excluded(password::hash)),
                    password::set_at_ms.eq(excluded(password::set_at_ms)),
                ))
                .execute(connection)?;
            diesel::delete(session::table).filter(session::person.eq(person.as_str())).execute(connection)?;
            append(connection, &entry)
        })
    }

    /// The PHC string of a person's password.
    ///
    /// # Errors
    /// The database failed.
    pub fn password_hash(&self, person: &Name) -> Result<Option<String>, StoreError> {
        self.read(|connection| {
            let hash = password::table
                .filter(password::person.eq(person.as_str()))
                .select(password::hash)
                .first(connection)
                .optional()?;
            Ok(hash)
        })
    }

    /// Keeps a session; those that are over go.
    ///
    /// # Errors
    /// The database failed.
    pub fn open_session(&self, session: &SessionRow) -> Result<(), StoreError> {
        let kept = session.clone();
        self.write(move |connection| {
            diesel::delete(session::table).filter(session::expires_at_ms.le(kept.opened_at.0)).execute(connection)?;
            diesel::insert_into(session::table)
                .values((
                    session::token_hash.eq(&kept.token_hash),
                    session::person.eq(kept.person.as_str()),
                    session::opened_at_ms.eq(kept.opened_at.0),
                    session::expires_at_ms.eq(kept.expires_at.0),
                    session::csrf.eq(&kept.csrf),
                ))
                .execute(connection)?;
            Ok(())
        })
    }

    /// The session of that token, unless it is over.
    ///
    /// # Errors
    /// The database failed.
    pub fn session(&self, token_hash: &[u8], now: Timestamp) -> Result<Option<SessionRow>, StoreError> {
        type Columns = (String, i64, i64, String);
        let found: Option<Columns> = self.read(|connection| {
            let found = session::table
                .filter(session::token_hash.eq(token_hash))
                .filter(session::expires_at_ms.gt(now.0))
                .select((session::person, session::opened_at_ms, session::expires_at_ms, session::csrf))
                .first(connection)
                .optional()?;
            Ok(found)
        })?;
        Ok(found.map(|(person, opened_at_ms, expires_at_ms, csrf)| SessionRow {
            token_hash: token_hash.to_vec(),
            person: Name::from(person),
            opened_at: Timestamp(opened_at_ms),
            expires_at: Timestamp(expires_at_ms),
            csrf,
        }))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// The database failed.
    pub fn close_session(&self, token_hash: &[u8]) -> Result<(), StoreError> {
        let token_hash = token_hash.to_vec();
        self.write(move |connection| {
            diesel::delete(session::table).filter(session::token_hash.eq(&token_hash)).execute(connection)?;
            Ok(())
        })
    }

    /// Ends all sessions of a person.
    ///
    /// # Errors
    /// The database failed.
    pub fn close_sessions_of(&self, person: &Name) -> Result<(), StoreError> {
        let person = person.clone();
        self.write(move |connection| {
            diesel::delete(session::table).filter(session::person.eq(person.as_str())).execute(connection)?;
            Ok(())
        })
    }
}
