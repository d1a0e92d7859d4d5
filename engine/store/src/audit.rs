//! The audit trail of the installation: one chain of hashes, so that a changed or missing row shows.

use engine::ids::{DefinitionId, Name};
use engine::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::dispatch::{read, write};
use crate::{AccessTokenId, FourEyes, HoldId, RemovedRecord, Store, StoreError};

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditWhat {
    /// A person signed in.
    SignedIn {
        /// From where: an address.
        from: String,
    },
    /// Somebody was refused.
    SignInRefused {
        /// The name that was typed.
        sign_in: String,
        /// From where: an address.
        from: String,
    },
    /// Somebody tried to sign in while the name had to wait after too many refusals; the password was not looked at.
    SignInPutOff {
        /// The name that was typed.
        sign_in: String,
        /// From where: an address.
        from: String,
    },
    /// A person signed out.
    SignedOut,
    /// A password was set.
    PasswordSet {
        /// Whose.
        person: Name,
    },
    /// A person was added or changed.
    PersonPut {
        /// Who.
        person: Name,
    },
    /// Everything that was known of a person was erased.
    PersonErased {
        /// The identity, which stays.
        person: Name,
        /// Why.
        reason: String,
    },
    /// What a person may do has changed.
    StandingChanged {
        /// Whose.
        person: Name,
        /// Roles given, `role:x`, and teams joined, `team:x`.
        given: Vec<String>,
        /// Roles and teams taken away.
        taken: Vec<String>,
        /// Why.
        reason: String,
    },
    /// An entry of a register was added or changed.
    EntryPut {
        /// The register.
        register: String,
        /// The entry.
        key: Name,
    },
    /// Entries of a register were added or changed together.
    EntriesPut {
        /// The register.
        register: String,
        /// How many.
        entries: u32,
        /// The SHA-256 of their keys and of what they say now.
        sha256: String,
        /// Why.
        reason: String,
    },
    /// A register was declared, or declared anew.
    RegisterDeployed {
        /// The register.
        register: Name,
        /// Its new version.
        version: u32,
        /// What was deployed.
        source: DefinitionId,
        /// Who wrote it.
        author: Name,
        /// Who approved it.
        approver: Name,
        /// Why.
        reason: String,
    },
    /// A definition was deployed.
    Deployed {
        /// The process.
        process: Name,
        /// Its new version.
        version: u32,
        /// What was deployed.
        definition: DefinitionId,
        /// Who wrote it.
        author: Name,
        /// Who approved it.
        approver: Name,
        /// Why.
        reason: String,
        /// The number of the change record under which it was approved.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        change: Option<String>,
    },
    /// Somebody decided whether deployments need four eyes.
    FourEyesSet {
        /// Whether they do.
        to: FourEyes,
    },
    /// Records whose time was up were removed, with all that belonged to them.
    RecordsRemoved {
        /// Which, and where their chains ended.
        records: Vec<RemovedRecord>,
    },
    /// Somebody ordered that records are not removed.
    HoldPlaced {
        /// The order.
        hold: HoldId,
        /// How many records.
        records: u64,
        /// Why.
        reason: String,
    },
    /// Somebody ordered that a hold holds no more.
    HoldReleased {
        /// The order.
        hold: HoldId,
        /// Why.
        reason: String,
    },
    /// Somebody decided how long records are kept whose process does not say it.
    KeepSet {
        /// For how many months; nothing for ever.
        months: Option<u32>,
    },
    /// A token was made with which a machine may act as a person.
    TokenMade {
        /// Which.
        token: AccessTokenId,
        /// As whom it acts.
        person: Name,
        /// What people call it.
        label: String,
        /// Until when it opens anything.
        expires_at: Timestamp,
    },
    /// A token was revoked.
    TokenRevoked {
        /// Which.
        token: AccessTokenId,
        /// As whom it acted.
        person: Name,
        /// What people called it.
        label: String,
    },
    /// What a record owed and could not be performed was given up.
    EffectGivenUp {
        /// The number of the record.
        number: String,
        /// What it was, in a word.
        kind: String,
        /// Why.
        reason: String,
    },
    /// Something else that the product does to the installation: an import, a replay.
    Noted {
        /// What, in a word: `replay`, `demo`.
        kind: String,
        /// The details, in a sentence.
        text: String,
    },
}

/// An entry to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// By whom; nothing where nobody is signed in.
    pub actor: Option<Name>,
    /// What.
    pub what: AuditWhat,
}

/// An entry as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Its place, from 1, without gaps.
    pub sequence: i64,
    /// The entry.
    pub entry: AuditEntry,
    /// The chained hash.
    pub hash: [u8; 32],
}

/// Which entries are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Older than this one.
    pub before: Option<i64>,
    /// Of one area.
    pub area: Option<AuditArea>,
    /// Of the entries of one register.
    pub register: Option<Name>,
    /// By any of these, where not by everybody.
    pub actors: Option<Vec<Name>>,
    /// Not earlier.
    pub from: Option<Timestamp>,
    /// Earlier.
    pub until: Option<Timestamp>,
}

/// What entries are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditArea {
    /// Signing in and out, passwords, tokens.
    SignIn,
    /// People, and what they may do.
    People,
    /// Entries of registers, and what registers are.
    Registers,
    /// Definitions of processes, and what records owed.
    Processes,
    /// How long records are kept.
    Keeping,
    /// What the product noted.
    Notes,
}

impl AuditArea {
    /// The kinds of its entries.
    pub(crate) fn kinds(self) -> &'static [&'static str] {
        match self {
            AuditArea::SignIn => {
                &["signed_in", REFUSED, "sign_in_put_off", "signed_out", "password_set", "token_made", "token_revoked"]
            }
            AuditArea::People => &[PERSON_PUT, PERSON_ERASED, STANDING_CHANGED],
            AuditArea::Registers => &[ENTRY_PUT, ENTRIES_PUT, REGISTER_DEPLOYED],
            AuditArea::Processes => &["deployed", "four_eyes_set", "effect_given_up"],
            AuditArea::Keeping => &[REMOVED, "hold_placed", "hold_released", "keep_set"],
            AuditArea::Notes => &[NOTED],
        }
    }
}

/// What the trail tells after an entry of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditNews {
    /// Nothing more.
    Nothing,
    /// The registers have changed.
    OfRegisters {
        /// The newest entry.
        newest: i64,
    },
    /// Nothing about the registers.
    OfOthers {
        /// The newest entry.
        newest: i64,
    },
}

impl AuditWhat {
    /// The column by which kinds are told apart.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            AuditWhat::SignedIn { .. } => "signed_in",
            AuditWhat::SignInRefused { .. } => REFUSED,
            AuditWhat::SignInPutOff { .. } => "sign_in_put_off",
            AuditWhat::SignedOut => "signed_out",
            AuditWhat::PasswordSet { .. } => "password_set",
            AuditWhat::PersonPut { .. } => PERSON_PUT,
            AuditWhat::PersonErased { .. } => PERSON_ERASED,
            AuditWhat::StandingChanged { .. } => STANDING_CHANGED,
            AuditWhat::EntryPut { .. } => ENTRY_PUT,
            AuditWhat::EntriesPut { .. } => ENTRIES_PUT,
            AuditWhat::RegisterDeployed { .. } => REGISTER_DEPLOYED,
            AuditWhat::Deployed { .. } => "deployed",
            AuditWhat::FourEyesSet { .. } => "four_eyes_set",
            AuditWhat::RecordsRemoved { .. } => REMOVED,
            AuditWhat::HoldPlaced { .. } => "hold_placed",
            AuditWhat::HoldReleased { .. } => "hold_released",
            AuditWhat::KeepSet { .. } => "keep_set",
            AuditWhat::TokenMade { .. } => "token_made",
            AuditWhat::TokenRevoked { .. } => "token_revoked",
            AuditWhat::EffectGivenUp { .. } => "effect_given_up",
            AuditWhat::Noted { .. } => NOTED,
        }
    }

    /// The column by which questions are asked.
    pub(crate) fn subject(&self) -> String {
        match self {
            AuditWhat::SignedIn { .. }
            | AuditWhat::SignedOut
            | AuditWhat::FourEyesSet { .. }
            | AuditWhat::RecordsRemoved { .. }
            | AuditWhat::KeepSet { .. } => String::new(),
            AuditWhat::HoldPlaced { hold, .. } | AuditWhat::HoldReleased { hold, .. } => hold.0.to_string(),
            AuditWhat::SignInRefused { sign_in, .. } | AuditWhat::SignInPutOff { sign_in, .. } => sign_in.clone(),
            AuditWhat::PasswordSet { person }
            | AuditWhat::PersonPut { person }
            | AuditWhat::PersonErased { person, .. }
            | AuditWhat::StandingChanged { person, .. }
            | AuditWhat::TokenMade { person, .. }
            | AuditWhat::TokenRevoked { person, .. } => person.to_string(),
            AuditWhat::EffectGivenUp { number, .. } => number.clone(),
            AuditWhat::EntryPut { register, key } => format!("{register}:{key}"),
            AuditWhat::EntriesPut { register, .. } => register.clone(),
            AuditWhat::RegisterDeployed { register, .. } => register.to_string(),
            AuditWhat::Deployed { process, .. } => process.to_string(),
            AuditWhat::Noted { kind, .. } => kind.clone(),
        }
    }
}

/// The kind of what the product notes.
pub(crate) const NOTED: &str = "noted";
/// The kind of a refusal.
pub(crate) const REFUSED: &str = "sign_in_refused";
/// The kind of the entries that tell of removed records.
pub(crate) const REMOVED: &str = "records_removed";
const PERSON_PUT: &str = "person_put";
const PERSON_ERASED: &str = "person_erased";
const STANDING_CHANGED: &str = "standing_changed";
const ENTRY_PUT: &str = "entry_put";
const ENTRIES_PUT: &str = "entries_put";
const REGISTER_DEPLOYED: &str = "register_deployed";
/// The kinds that tell of a change of the registers.
pub(crate) const OF_REGISTERS: [&str; 6] =
    [PERSON_PUT, PERSON_ERASED, STANDING_CHANGED, ENTRY_PUT, ENTRIES_PUT, REGISTER_DEPLOYED];

impl Store {
    /// Makes an entry.
    ///
    /// # Errors
    /// The database failed.
    pub fn audit(&self, entry: AuditEntry) -> Result<(), StoreError> {
        write!(self, audit::append(&entry))
    }

    /// Entries, newest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn audit_entries(&self, filter: &AuditFilter, limit: usize) -> Result<Vec<AuditRow>, StoreError> {
        read!(self, audit::entries(filter, limit))
    }

    /// Whether something of that kind was noted, ever.
    ///
    /// # Errors
    /// The database failed.
    pub fn is_noted(&self, kind: &str) -> Result<bool, StoreError> {
        read!(self, audit::is_noted(kind))
    }

    /// What the trail tells after an entry.
    ///
    /// # Errors
    /// The database failed.
    pub fn audit_news(&self, sequence: i64) -> Result<AuditNews, StoreError> {
        read!(self, audit::news(sequence))
    }

    /// How often signing in by that name was refused since then.
    ///
    /// # Errors
    /// The database failed.
    pub fn failed_sign_ins(&self, sign_in: &str, since: Timestamp) -> Result<u64, StoreError> {
        read!(self, audit::failed_sign_ins(sign_in, since))
    }
}
