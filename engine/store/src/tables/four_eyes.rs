//! The four-eyes principle as it is kept.

use diesel::prelude::*;
use engine::ids::Name;
use engine::time::Timestamp;

use super::Connection;
use super::audit::append;
use crate::four_eyes::{OFF, ON};
use crate::schema::setting;
use crate::{AuditEntry, FourEyes, FourEyesSetting, StoreError, TwoEyes};

/// The row of the setting.
const NAME: &str = "four_eyes";

pub(crate) fn decide(
    connection: &mut Connection,
    to: FourEyes,
    by: &Name,
    entry: &AuditEntry,
) -> Result<(), StoreError> {
    let decision =
        (setting::value.eq(to.written()), setting::set_by.eq(by.as_str()), setting::set_at_ms.eq(entry.at.0));
    diesel::insert_into(setting::table)
        .values((setting::name.eq(NAME), decision))
        .on_conflict(setting::name)
        .do_update()
        .set(decision)
        .execute(connection)?;
    append(connection, entry)
}

/// The setting within a transaction, so that what is decided by it stands or falls with it.
pub(crate) fn held(connection: &mut Connection) -> Result<FourEyesSetting, StoreError> {
    let row: Option<(String, String, i64)> = setting::table
        .filter(setting::name.eq(NAME))
        .select((setting::value, setting::set_by, setting::set_at_ms))
        .first(connection)
        .optional()?;
    let Some((value, by, at_ms)) = row else { return Ok(FourEyesSetting::default()) };
    let state = match value.as_str() {
        ON => FourEyes::On,
        OFF => FourEyes::Off,
        other => return Err(StoreError::unreadable("setting", format!("{NAME} is {other}"))),
    };
    Ok(FourEyesSetting { state, decided: Some((Name::from(by), Timestamp(at_ms))) })
}

/// What a deployment lacks under the setting as it is.
pub(super) fn lacking(
    connection: &mut Connection,
    (author, approver): (&Name, &Name),
    change: Option<&String>,
) -> Result<Option<TwoEyes>, StoreError> {
    Ok(match held(connection)?.state {
        FourEyes::Off => None,
        FourEyes::On if author == approver => Some(TwoEyes::OnePerson),
        FourEyes::On if change.is_none() => Some(TwoEyes::NoChangeRecord),
        FourEyes::On => None,
    })
}
