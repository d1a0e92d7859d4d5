//! One batch: how far it is, what it left and why, and what can still be done about it.

use std::collections::BTreeMap;

use runtime::{BatchError, BatchOrder, Deed, Why};
use serde::Serialize;
use store::{BatchId, BatchRow, BatchState, LineFilter, LineOutcome};

use crate::answer::{Answer, Refusal};
use crate::flash::{self, Flash};
use crate::pages::admin::batches::{BatchView, Group, batch_view, groups};
use crate::visit::{ADMINISTRATOR, Visit};
use crate::why::Reasons;

/// How many pages of refused records are put together by their reasons.
const PAGES_MAX: usize = 50;
/// How many records are named for each reason.
const NAMED_MAX: usize = 20;

#[derive(Debug, Serialize)]
struct View {
    batch: BatchView,
    groups: Vec<Group>,
    may_stop: bool,
    may_undo: bool,
    may_finish: bool,
    problem: Option<String>,
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    page(visit, &found(visit)?, None)
}

fn found(visit: &Visit<'_>) -> Result<BatchRow, Refusal> {
    let id = visit.asked.part("batch").parse().map_err(|_| Refusal::NotFound)?;
    visit.app.store().batch(BatchId(id))?.ok_or(Refusal::NotFound)
}

fn page(visit: &Visit<'_>, row: &BatchRow, problem: Option<String>) -> Result<Answer, Refusal> {
    let order = BatchOrder::of(row)?;
    let reasons = Reasons::of(visit.app.runtime(), &order);
    let mut heap: BTreeMap<(bool, String), (u64, Vec<String>)> = BTreeMap::new();
    let mut last = None;
    for _ in 0..PAGES_MAX {
        let lines = visit.app.store().batch_lines(row.id, LineFilter::Refused, last)?;
        let Some(oldest) = lines.last() else { break };
        last = Some(oldest.instance);
        for line in lines {
            let LineOutcome::Refused { why } = line.outcome else { continue };
            let said = visit.language.of(&reasons.said(&Why::of(&why))).to_owned();
            let (count, named) = heap.entry((true, said)).or_default();
            *count += 1;
            if named.len() < NAMED_MAX {
                named.push(line.number);
            }
        }
    }
    let is_migration = matches!(order.deed, Deed::Migrate { .. });
    let (running, over) = match row.state {
        BatchState::Running => (true, false),
        BatchState::Done | BatchState::Stopped => (false, true),
        BatchState::Final => (false, false),
    };
    let may = visit.holds(ADMINISTRATOR);
    let view = View {
        batch: batch_view(visit, row),
        groups: groups(heap),
        may_stop: may && running,
        may_undo: may && over && is_migration,
        may_finish: may && over && is_migration,
        problem,
    };
    visit.page("batch", visit.say("batch-title"), &view)
}

/// Stops a batch, brings it back, or makes it final.
pub fn turn(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let row = found(visit)?;
    let (runtime, form) = (visit.app.runtime(), &visit.asked.form);
    let here = format!("/admin/batches/{}", row.id.0);
    let turned = match form.get("do") {
        Some("stop") => runtime.stop_batch(row.id)?,
        Some("finish") => runtime.finalise_batch(row.id)?,
        Some("undo") => {
            let reason = form.get("reason").unwrap_or_default().to_owned();
            return match runtime.undo_batch(row.id, reason, visit.person()?) {
                Ok(undo) => Ok(Answer::see_other(format!("/admin/batches/{}", undo.0))),
                Err(BatchError::ReasonMissing) => page(visit, &row, Some(visit.say("refused-reason-missing"))),
                Err(BatchError::Broken(cause)) => Err(cause.into()),
                Err(_) => page(visit, &row, Some(visit.say("batch-cannot-undo"))),
            };
        }
        Some(_) | None => false,
    };
    let deed = if turned { flash::Deed::Operated } else { flash::Deed::TooLate };
    Ok(visit.done(here, Flash::new(deed, visit.say("batch-title"))))
}
