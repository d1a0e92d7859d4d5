//! Tokens with which machines work.

use diesel::prelude::*;
use engine::ids::Name;
use engine::time::Timestamp;

use super::Connection;
use super::audit::append;
use super::instances::limited;
use crate::schema::access_token;
use crate::{AccessTokenId, AccessTokenRow, AuditEntry, AuditWhat, NewAccessToken, Revoked, StoreError};

#[derive(Queryable, Selectable)]
#[diesel(table_name = access_token)]
struct Columns {
    id: i64,
    person: String,
    label: String,
    made_by: String,
    made_at_ms: i64,
    expires_at_ms: i64,
    revoked_at_ms: Option<i64>,
    used_at_ms: Option<i64>,
}

impl From<Columns> for AccessTokenRow {
    fn from(row: Columns) -> Self {
        AccessTokenRow {
            id: AccessTokenId(row.id),
            person: Name::from(row.person),
            label: row.label,
            made_by: Name::from(row.made_by),
            made_at: Timestamp(row.made_at_ms),
            expires_at: Timestamp(row.expires_at_ms),
            revoked_at: row.revoked_at_ms.map(Timestamp),
            used_at: row.used_at_ms.map(Timestamp),
        }
    }
}

pub(crate) fn add(connection: &mut Connection, token: &NewAccessToken) -> Result<AccessTokenId, StoreError> {
    let newest: Option<i64> = access_token::table.select(diesel::dsl::max(access_token::id)).first(connection)?;
    let id = newest.unwrap_or(0) + 1;
    diesel::insert_into(access_token::table)
        .values((
            access_token::id.eq(id),
            access_token::token_hash.eq(&token.token_hash),
            access_token::person.eq(token.person.as_str()),
            access_token::label.eq(&token.label),
            access_token::made_by.eq(token.by.as_str()),
            access_token::made_at_ms.eq(token.at.0),
            access_token::expires_at_ms.eq(token.expires_at.0),
        ))
        .execute(connection)?;
    let (person, expires_at) = (token.person.clone(), token.expires_at);
    let what = AuditWhat::TokenMade { token: AccessTokenId(id), person, label: token.label.clone(), expires_at };
    append(connection, &AuditEntry { at: token.at, actor: Some(token.by.clone()), what })?;
    Ok(AccessTokenId(id))
}

pub(crate) fn of_hash(connection: &mut Connection, token_hash: &[u8]) -> Result<Option<AccessTokenRow>, StoreError> {
    let found = access_token::table.filter(access_token::token_hash.eq(token_hash)).select(Columns::as_select());
    Ok(found.first(connection).optional()?.map(AccessTokenRow::from))
}

pub(crate) fn used(connection: &mut Connection, token: AccessTokenId, at: Timestamp) -> Result<(), StoreError> {
    diesel::update(access_token::table.find(token.0)).set(access_token::used_at_ms.eq(at.0)).execute(connection)?;
    Ok(())
}

pub(crate) fn all(connection: &mut Connection, limit: usize) -> Result<Vec<AccessTokenRow>, StoreError> {
    let rows: Vec<Columns> = access_token::table
        .order(access_token::id.desc())
        .limit(limited(limit))
        .select(Columns::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(AccessTokenRow::from).collect())
}

pub(crate) fn revoke(
    connection: &mut Connection,
    token: AccessTokenId,
    by: &Name,
    at: Timestamp,
) -> Result<Revoked, StoreError> {
    let standing = access_token::table.find(token.0).filter(access_token::revoked_at_ms.is_null());
    let found: Option<Columns> = standing.select(Columns::as_select()).first(connection).optional()?;
    let Some(found) = found else { return Ok(Revoked::NotThere) };
    diesel::update(access_token::table.find(token.0)).set(access_token::revoked_at_ms.eq(at.0)).execute(connection)?;
    let what = AuditWhat::TokenRevoked { token, person: Name::from(found.person), label: found.label };
    append(connection, &AuditEntry { at, actor: Some(by.clone()), what })?;
    Ok(Revoked::Now)
}
