//! The audit trail of the installation: one chain of hashes, so that a changed or missing row shows. The place in the
//! chain is the key of the row, so that of two nodes that write at once one comes again and follows the other.

use diesel::prelude::*;
use engine::ids::Name;
use engine::time::Timestamp;

use super::Connection;
use super::instances::limited;
use crate::audit::{NOTED, OF_REGISTERS, REFUSED};
use crate::chain::{self, GENESIS, Hash, Link};
use crate::commit::json;
use crate::schema::audit;
use crate::{AuditArea, AuditEntry, AuditFilter, AuditHead, AuditNews, AuditRow, AuditWhat, StoreError};

type Columns = (i64, i64, Option<String>, String, String, String, Vec<u8>);

const COLUMNS: (audit::sequence, audit::at_ms, audit::actor, audit::kind, audit::subject, audit::body, audit::hash) =
    (audit::sequence, audit::at_ms, audit::actor, audit::kind, audit::subject, audit::body, audit::hash);

pub(crate) fn entries(
    connection: &mut Connection,
    filter: &AuditFilter,
    limit: usize,
) -> Result<Vec<AuditRow>, StoreError> {
    let mut asked = audit::table
        .filter(audit::sequence.lt(filter.before.unwrap_or(i64::MAX)))
        .order(audit::sequence.desc())
        .limit(limited(limit))
        .select(COLUMNS)
        .into_boxed();
    if let Some(area) = filter.area {
        asked = asked.filter(audit::kind.eq_any(area.kinds()));
    }
    if let Some(register) = &filter.register {
        let of_it = audit::subject.eq(register.as_str()).or(audit::subject.like(format!("{register}:%")));
        asked = asked.filter(audit::kind.eq_any(AuditArea::Registers.kinds())).filter(of_it);
    }
    if let Some(actors) = &filter.actors {
        asked = asked.filter(audit::actor.eq_any(actors.iter().map(Name::as_str)));
    }
    if let Some(from) = filter.from {
        asked = asked.filter(audit::at_ms.ge(from.0));
    }
    if let Some(until) = filter.until {
        asked = asked.filter(audit::at_ms.lt(until.0));
    }
    let rows: Vec<Columns> = asked.load(connection)?;
    rows.into_iter().map(row).collect()
}

pub(crate) fn is_noted(connection: &mut Connection, kind: &str) -> Result<bool, StoreError> {
    let noted = audit::table.filter(audit::kind.eq(NOTED)).filter(audit::subject.eq(kind));
    Ok(noted.select(audit::sequence).first::<i64>(connection).optional()?.is_some())
}

pub(crate) fn news(connection: &mut Connection, sequence: i64) -> Result<AuditNews, StoreError> {
    let newest: Option<i64> = audit::table.select(diesel::dsl::max(audit::sequence)).first(connection)?;
    let newest = newest.unwrap_or(0);
    if newest <= sequence {
        return Ok(AuditNews::Nothing);
    }
    let since = audit::table.filter(audit::sequence.gt(sequence)).filter(audit::sequence.le(newest));
    let of_registers: i64 = since.filter(audit::kind.eq_any(OF_REGISTERS)).count().get_result(connection)?;
    Ok(if of_registers > 0 { AuditNews::OfRegisters { newest } } else { AuditNews::OfOthers { newest } })
}

pub(crate) fn failed_sign_ins(connection: &mut Connection, sign_in: &str, since: Timestamp) -> Result<u64, StoreError> {
    let count: i64 = audit::table
        .filter(audit::kind.eq(REFUSED))
        .filter(audit::subject.eq(sign_in))
        .filter(audit::at_ms.ge(since.0))
        .count()
        .get_result(connection)?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Makes an entry within a transaction of the writer, so that it stands or falls with what it tells of.
pub(crate) fn append(connection: &mut Connection, entry: &AuditEntry) -> Result<(), StoreError> {
    let AuditHead { sequence, hash: previous } = head(connection)?;
    let sequence = sequence + 1;
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

/// Where the trail ends.
pub(crate) fn head(connection: &mut Connection) -> Result<AuditHead, StoreError> {
    let last: Option<(i64, Vec<u8>)> = audit::table
        .order(audit::sequence.desc())
        .select((audit::sequence, audit::hash))
        .first(connection)
        .optional()?;
    match last {
        Some((sequence, hash)) => Ok(AuditHead { sequence, hash: stored_hash(&hash)? }),
        None => Ok(AuditHead { sequence: 0, hash: GENESIS }),
    }
}

/// The hash of an entry.
pub(crate) fn hash_at(connection: &mut Connection, sequence: i64) -> Result<Option<Hash>, StoreError> {
    let found: Option<Vec<u8>> =
        audit::table.filter(audit::sequence.eq(sequence)).select(audit::hash).first(connection).optional()?;
    found.map(|bytes| stored_hash(&bytes)).transpose()
}

/// What all entries of a kind tell, oldest first.
pub(crate) fn of_kind(connection: &mut Connection, kind: &str) -> Result<Vec<AuditWhat>, StoreError> {
    let bodies: Vec<String> =
        audit::table.filter(audit::kind.eq(kind)).order(audit::sequence).select(audit::body).load(connection)?;
    let read = |body: &String| serde_json::from_str(body).map_err(|cause| StoreError::unreadable("audit entry", cause));
    bodies.iter().map(read).collect()
}

/// What a walk along the trail found.
pub(crate) struct Walk {
    pub(crate) entries: u64,
    /// The first entry that does not follow from the one before it.
    pub(crate) broken_at: Option<i64>,
}

/// Goes along the whole trail, a piece at a time. Entries that are missing at its end cannot show here; an anchor
/// kept outside shows them.
pub(crate) fn walk(connection: &mut Connection) -> Result<Walk, StoreError> {
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
