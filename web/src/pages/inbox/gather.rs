//! The rows of the inbox that somebody wants: looked for in the order by due, so many and no more, however much there
//! is to do.

use std::collections::BTreeSet;

use engine::ids::{InstanceId, TaskId};
use store::{INBOX_PAGE_MAX, InboxCursor, InboxQuery, InboxRow};

use super::wanted::Wanted;
use super::{groups, is_stood_in_for};
use crate::answer::Refusal;
use crate::visit::Visit;

/// The most tasks that are looked at for one page.
pub const LOOKED_MAX: usize = 2_000;

/// What was found.
#[derive(Debug, Default)]
pub struct Gathered {
    /// The rows, due first.
    pub rows: Vec<InboxRow>,
    /// Where to look on, if there may be more.
    pub next: Option<InboxCursor>,
    /// Whether there were more tasks than are looked at for one page.
    pub is_cut: bool,
}

/// The first rows after a place that are wanted.
///
/// # Errors
/// The store failed, or nobody is signed in.
pub fn gather(
    visit: &Visit<'_>,
    wanted: &Wanted,
    after: Option<InboxCursor>,
    count: usize,
) -> Result<Gathered, Refusal> {
    let asleep = asleep(visit)?;
    let mut found = Gathered::default();
    let mut after = after.max(wanted.begins(visit.now));
    let (mut looked, mut limit) = (0, (count + 1).min(INBOX_PAGE_MAX));
    loop {
        let person = visit.person()?.clone();
        let query = InboxQuery { person, principals: groups(visit), view: wanted.view, after, limit };
        let page = visit.app.store().inbox(&query)?;
        let is_last = page.len() < limit;
        for row in page {
            if wanted.is_behind(&row, visit.now) {
                return Ok(found);
            }
            let place = row.cursor();
            let is_asleep = asleep.contains(&(row.instance, row.task));
            if !is_asleep && wanted.admits(&row, visit.now) && is_theirs(visit, &row)? {
                if found.rows.len() == count {
                    found.next = after;
                    return Ok(found);
                }
                found.rows.push(row);
            }
            after = Some(place);
            looked += 1;
        }
        if is_last {
            return Ok(found);
        }
        if looked >= LOOKED_MAX {
            found.next = after;
            found.is_cut = true;
            return Ok(found);
        }
        limit = INBOX_PAGE_MAX;
    }
}

fn is_theirs(visit: &Visit<'_>, row: &InboxRow) -> Result<bool, Refusal> {
    if row.in_stead_of.is_none() { Ok(true) } else { is_stood_in_for(visit, row) }
}

/// What the visitor has put off.
fn asleep(visit: &Visit<'_>) -> Result<BTreeSet<(InstanceId, TaskId)>, Refusal> {
    let held = visit.app.store().snoozed(visit.person()?, visit.now)?;
    Ok(held.into_iter().map(|held| (held.instance, held.task)).collect())
}
