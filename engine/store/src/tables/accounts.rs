//! Passwords and sessions.

use diesel::prelude::*;
use diesel::upsert::excluded;
use engine::ids::Name;
use engine::time::Timestamp;

use super::Connection;
use super::audit::append;
use crate::schema::{password, session};
use crate::{AuditEntry, SessionRow, StoreError};

pub(crate) fn set_password(
    connection: &mut Connection,
    person: &Name,
    hash: &str,
    entry: &AuditEntry,
) -> Result<(), StoreError> {
    diesel::insert_into(password::table)
        .values((password::person.eq(person.as_str()), password::hash.eq(hash), password::set_at_ms.eq(entry.at.0)))
        .on_conflict(password::person)
        .do_update()
        .set((password::hash.eq(excluded(password::hash)), password::set_at_ms.eq(excluded(password::set_at_ms))))
        .execute(connection)?;
    close_sessions_of(connection, person)?;
    append(connection, entry)
}

pub(crate) fn password_hash(connection: &mut Connection, person: &Name) -> Result<Option<String>, StoreError> {
    let query = password::table.filter(password::person.eq(person.as_str())).select(password::hash);
    Ok(query.first(connection).optional()?)
}

pub(crate) fn open_session(connection: &mut Connection, kept: &SessionRow) -> Result<(), StoreError> {
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
}

pub(crate) fn session(
    connection: &mut Connection,
    token_hash: &[u8],
    now: Timestamp,
) -> Result<Option<SessionRow>, StoreError> {
    type Columns = (String, i64, i64, String);
    let found: Option<Columns> = session::table
        .filter(session::token_hash.eq(token_hash))
        .filter(session::expires_at_ms.gt(now.0))
        .select((session::person, session::opened_at_ms, session::expires_at_ms, session::csrf))
        .first(connection)
        .optional()?;
    Ok(found.map(|(person, opened_at_ms, expires_at_ms, csrf)| SessionRow {
        token_hash: token_hash.to_vec(),
        person: Name::from(person),
        opened_at: Timestamp(opened_at_ms),
        expires_at: Timestamp(expires_at_ms),
        csrf,
    }))
}

pub(crate) fn close_session(connection: &mut Connection, token_hash: &[u8]) -> Result<(), StoreError> {
    diesel::delete(session::table).filter(session::token_hash.eq(token_hash)).execute(connection)?;
    Ok(())
}

pub(crate) fn close_sessions_of(connection: &mut Connection, person: &Name) -> Result<(), StoreError> {
    diesel::delete(session::table).filter(session::person.eq(person.as_str())).execute(connection)?;
    Ok(())
}
