//! The audit trail of the installation: one chain of hashes, so that a changed or missing row shows.

use diesel::prelude::*;
use engine::ids::{DefinitionId, Name};
use engine::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::chain::{self, GENESIS, Hash, Link};
use crate::commit::json;
use crate::instances::limited;
use crate::schema::audit;
use crate::{FourEyes, Store, StoreError};

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

impl AuditWhat {
    /// The column by which kinds are told apart.
    fn kind(&self) -> &'static str {
        match self {
            AuditWhat::SignedIn { .. } => "signed_in",
            AuditWhat::SignInRefused { .. } => REFUSED,
            AuditWhat::SignInPutOff { .. } => "sign_in_put_off",
            AuditWhat::SignedOut => "signed_out",
            AuditWhat::PasswordSet { .. } => "password_set",
            AuditWhat::PersonPut { .. } => "person_put",
            AuditWhat::StandingChanged { .. } => "standing_changed",
            AuditWhat::EntryPut { .. } => "entry_put",
            AuditWhat::Deployed { .. } => "deployed",
            AuditWhat::FourEyesSet { .. } => "four_eyes_set",
            AuditWhat::Noted { .. } => "noted",
        }
    }

    /// The column by which questions are asked.
    fn subject(&self) -> String {
        match self {
            AuditWhat::SignedIn { .. } | AuditWhat::SignedOut | AuditWhat::FourEyesSet { .. } => String::new(),
            AuditWhat::SignInRefused { sign_in, .. } | AuditWhat::SignInPutOff { sign_in, .. } => sign_in.clone(),
            AuditWhat::PasswordSet { person }
            | AuditWhat::PersonPut { person }
            | AuditWhat::StandingChanged { person, .. } => person.to_string(),
            AuditWhat::EntryPut { register, key } => format!("{register}:{key}"),
            AuditWhat::Deployed { process, .. } => process.to_string(),
            AuditWhat::Noted { kind, .. } => kind.clone(),
        }
    }
}

const REFUSED: &str = "sign_in_refused";

impl Store {
    /// Makes an entry.
    ///
    /// # Errors
    /// The database failed.
    pub fn audit(&self, entry: AuditEntry) -> Result<(), StoreError> {
        self.write(move |connection| append(connection, &entry))
    }

    /// Entries older than `before` (or the newest), newest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn audit_entries(&self, before: Option<i64>, limit: usize) -> Result<Vec<AuditRow>, StoreError> {
        let rows = self.read(|connection| {
            let rows: Vec<Columns> = audit::table
                .filter(audit::sequence.lt(before.unwrap_or(i64::MAX)))
                .order(audit::sequence.desc())
                .limit(limited(limit))
                .select(COLUMNS)
                .load(connection)?;
            Ok(rows)
        })?;
        rows.into_iter().map(row).collect()
    }

    /// How often signing in by that name was refused since then.
    ///
    /// # Errors
    /// The database failed.
    pub fn failed_sign_ins(&self, sign_in: &str, since: Timestamp) -> Result<u64, StoreError> {
        let count: i64 = self.read(|connection| {
            let count = audit::table
                .filter(audit::kind.eq(REFUSED))
                .filter(audit::subject.eq(sign_in))
                .filter(audit::at_ms.ge(since.0))
                .count()
                .get_result(connection)?;
            Ok(count)
        })?;
        Ok(u64::try_from(count).unwrap_or(0))
    }
}

type Columns = (i64, i64, Option<String>, String, String, String, Vec<u8>);

const COLUMNS: (audit::sequence, audit::at_ms, audit::actor, audit::kind, audit::subject, audit::body, audit::hash) =
    (audit::sequence, audit::at_ms, audit::actor, audit::kind, audit::subject, audit::body, audit::hash);

/// Makes an entry within a transaction of the writer, so that it stands or falls with what it tells of.
pub(crate) fn append(connection: &mut SqliteConnection, entry: &AuditEntry) -> Result<(), StoreError> {
    let last: Option<(i64, Vec<u8>)> = audit::table
        .order(audit::sequence.desc())
        .select((audit::sequence, audit::hash))
        .first(connection)
        .optional()?;
    let (sequence, previous) = match last {
        Some((sequence, hash)) => (sequence + 1, stored_hash(&hash)?),
        None => (1, GENESIS),
    };
    let actor = entry.actor.as_ref().map(Name::as_str);
    let (kind, subject, body) = (entry.what.kind(), entry.what.subject(), json(&entry.what));
    let hash = hash(&previous, sequence, entry.at.0, actor, [kind, &subject, &body]);
    diesel::insert_into(audit::table)
        .values((
            audit::sequence.eq(sequence),
            audit::at_ms.eq(entry.at.0),
            audit::actor.eq(actor),
            audit::kind.eq(kind),
            audit::subject.eq(&subject),
            audit::body.eq(&body),
            audit::hash.eq(hash.as_slice()),
        ))
        .execute(connection)?;
    Ok(())
}

/// What a walk along the trail found.
pub(crate) struct Walk {
    pub(crate) entries: u64,
    /// The first entry that does not follow from the one before it.
    pub(crate) broken_at: Option<i64>,
}

/// Goes along the whole trail, a piece at a time. Entries that are missing at its end cannot show here; an anchor
/// kept outside shows them.
pub(crate) fn walk(connection: &mut SqliteConnection) -> Result<Walk, StoreError> {
    const PIECE: i64 = 1_000;
    let mut walk = Walk { entries: 0, broken_at: None };
    let (mut last, mut head) = (0, GENESIS);
    loop {
        let rows: Vec<Columns> = audit::table
            .filter(audit::sequence.gt(last))
            .order(audit::sequence)
            .limit(PIECE)
            .select(COLUMNS)
            .load(connection)?;
        if rows.is_empty() {
            return Ok(walk);
        }
        for (sequence, at_ms, actor, kind, subject, body, stored) in rows {
            let expected = hash(&head, sequence, at_ms, actor.as_deref(), [&kind, &subject, &body]);
            walk.entries += 1;
            if walk.broken_at.is_none() && (sequence != last + 1 || stored != expected) {
                walk.broken_at = Some(sequence);
            }
            (last, head) = (sequence, expected);
        }
    }
}

fn hash(previous: &Hash, sequence: i64, at_ms: i64, actor: Option<&str>, texts: [&str; 3]) -> Hash {
    let mut link = Link::after(previous);
    link.number(sequence);
    link.number(at_ms);
    link.optional(actor);
    texts.iter().for_each(|text| link.text(text));
    link.closed()
}

fn row((sequence, at_ms, actor, _, _, body, hash): Columns) -> Result<AuditRow, StoreError> {
    let what = serde_json::from_str(&body).map_err(|cause| StoreError::unreadable("audit entry", cause))?;
    let entry = AuditEntry { at: Timestamp(at_ms), actor: actor.map(Name::from), what };
    Ok(AuditRow { sequence, entry, hash: stored_hash(&hash)? })
}

fn stored_hash(bytes: &[u8]) -> Result<Hash, StoreError> {
    chain::stored(bytes).ok_or_else(|| StoreError::unreadable("hash", "it has not 32 bytes"))
}
