//! The four-eyes principle: who writes a version of a process does not approve it, and a change record says why it is
//! there. An installation keeps to it until an administrator switches it off.

use engine::ids::Name;
use engine::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::dispatch::{read, write};
use crate::{AuditEntry, AuditWhat, Store, StoreError};

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

/// The setting as it is kept.
pub(crate) const ON: &str = "on";
pub(crate) const OFF: &str = "off";

impl FourEyes {
    pub(crate) fn written(self) -> &'static str {
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
        read!(self, four_eyes::held())
    }

    /// Decides whether deployments need four eyes, with a row in the audit trail.
    ///
    /// # Errors
    /// The database failed.
    pub fn set_four_eyes(&self, to: FourEyes, by: &Name, now: Timestamp) -> Result<(), StoreError> {
        let entry = AuditEntry { at: now, actor: Some(by.clone()), what: AuditWhat::FourEyesSet { to } };
        let by = by.clone();
        write!(self, four_eyes::decide(to, &by, &entry))
    }
}
