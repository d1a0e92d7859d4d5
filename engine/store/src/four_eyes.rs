//! The four-eyes principle: who writes a version of a process does not approve it, and a change record says why it is
//! there. An installation keeps to it until an administrator switches it off.

use diesel::prelude::*;
use engine::ids::Name;
use engine::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::audit::append;
use crate::schema::setting;
use crate::{AuditEntry, AuditWhat, Deployment, Store, StoreError};

/// Whether deployments need four eyes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FourEyes {
    /// Another person than the author approves, and a change record is named. So it is where nobody decided.
    #[default]
    On,
    /// Whoever deploys is trusted alone.
    Off,
}

/// The principle as it holds now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FourEyesSetting {
    /// Whether it is kept.
    pub state: FourEyes,
    /// Who decided so, and when; nothing where nobody did.
    pub decided: Option<(Name, Timestamp)>,
}

/// Why a deployment is refused for want of four eyes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TwoEyes {
    /// Author and approver are one person.
    #[error("the author of a version may not approve it: another person must")]
    OnePerson,
    /// No change record is named.
    #[error("no change record is named under which this version was approved")]
    NoChangeRecord,
}

/// The row of the setting.
const NAME: &str = "four_eyes";
const ON: &str = "on";
const OFF: &str = "off";

impl FourEyes {
    fn written(self) -> &'static str {
        match self {
            FourEyes::On => ON,
            FourEyes::Off => OFF,
        }
    }
}

impl Store {
    /// Whether deployments need four eyes, and who decided so.
    ///
    /// # Errors
    /// The database failed.
    pub fn four_eyes(&self) -> Result<FourEyesSetting, StoreError> {
        self.read(held)
    }

    /// Decides whether deployments need four eyes, with a row in the audit trail.
    ///
    /// # Errors
    /// The database failed.
    pub fn set_four_eyes(&self, to: FourEyes, by: &Name, now: Timestamp) -> Result<(), StoreError> {
        let entry = AuditEntry { at: now, actor: Some(by.clone()), what: AuditWhat::FourEyesSet { to } };
        let by = by.clone();
        self.write(move |connection| {
            let decision =
                (setting::value.eq(to.written()), setting::set_by.eq(by.as_str()), setting::set_at_ms.eq(now.0));
            diesel::insert_into(setting::table)
                .values((setting::name.eq(NAME), decision))
                .on_conflict(setting::name)
                .do_update()
                .set(decision)
                .execute(connection)?;
            append(connection, &entry)
        })
    }
}

/// The setting within a transaction, so that what is decided by it stands or falls with it.
fn held(connection: &mut SqliteConnection) -> Result<FourEyesSetting, StoreError> {
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
pub(crate) fn lacking(
    connection: &mut SqliteConnection,
    deployment: &Deployment,
) -> Result<Option<TwoEyes>, StoreError> {
    Ok(match held(connection)?.state {
        FourEyes::Off => None,
        FourEyes::On if deployment.author == deployment.approver => Some(TwoEyes::OnePerson),
        FourEyes::On if deployment.change.is_none() => Some(TwoEyes::NoChangeRecord),
        FourEyes::On => None,
    })
}
