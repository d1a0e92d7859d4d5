//! What was changed of a register's entries together, by a form, an import or in bulk, and taking it back: each entry says
//! again what it said before, where nobody has changed it since and the guards allow it.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use engine::ids::Name;
use engine::register::Register;
use engine::time::Timestamp;
use serde::Serialize;
use store::EntryRevision;

use super::proposal::{Cause, Line, Preview, Proposal, Wish};
use super::said::{self, Difference, Linked};
use super::{entry, keeps, named};
use crate::answer::{Answer, Refusal};
use crate::moment::Moment;
use crate::pairs::encoded;
use crate::visit::Visit;

/// How many orders are listed.
const ORDERS_MAX: usize = 100;
/// How many entries of an order are shown.
const SHOWN: usize = 200;

#[derive(Debug, Serialize)]
struct ListView {
    label: String,
    list: String,
    rows: Vec<OrderView>,
}

#[derive(Debug, Serialize)]
struct OrderView {
    to: String,
    at: Moment,
    who: String,
    under: Option<String>,
    reason: String,
    entries: u64,
}

#[derive(Debug, Serialize)]
struct View {
    label: String,
    list: String,
    action: String,
    who: String,
    at: Moment,
    under: Option<Linked>,
    reason: String,
    count: usize,
    more: usize,
    entries: Vec<EntryView>,
    keeps: bool,
    alert: Option<String>,
    preview: Option<Preview>,
    cause: Cause,
}

#[derive(Debug, Serialize)]
struct EntryView {
    name: Linked,
    key: String,
    is_new: bool,
    differences: Vec<Difference>,
}

/// The newest orders.
pub fn list(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let register = named(visit)?;
    let list = format!("/registers/{}", register.name);
    let rows = visit.app.store().entry_orders(&register.name, ORDERS_MAX)?;
    let row = |order: store::EntryOrderRow| OrderView {
        to: address(register, order.at, order.by.as_ref()),
        at: visit.moment(order.at),
        who: order.by.as_ref().map_or_else(|| visit.say("who-system"), |by| visit.names().person(by)),
        under: order.under.as_ref().map(Name::to_string),
        reason: order.reason,
        entries: order.entries,
    };
    let label = visit.language.of(&register.labels).to_owned();
    let title = visit.say_with("changes-title", &[("register", label.as_str().into())]);
    visit.page("register_changes", title, &ListView { label, list, rows: rows.into_iter().map(row).collect() })
}

/// Where what was changed together is shown.
pub(super) fn address(register: &Register, at: Timestamp, by: Option<&Name>) -> String {
    let by = by.map(|by| format!("?by={}", encoded(by.as_str()))).unwrap_or_default();
    format!("/registers/{}/-/changes/{}{by}", register.name, at.0)
}

/// What was changed by one order.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let (register, order) = ordered(visit)?;
    let view = view(visit, register, &order)?;
    page(visit, StatusCode::OK, &view)
}

/// Takes an order back, or shows what that would change.
pub fn undo(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let (register, order) = ordered(visit)?;
    let mut view = view(visit, register, &order)?;
    let proposal = Proposal::judged(visit, register, lines(visit, register, &order)?)?;
    let wish = Wish::of(visit);
    if let Some(answer) = proposal.made(visit, wish, &mut view.cause)? {
        return Ok(answer);
    }
    view.preview = Some(proposal.preview(visit));
    if wish == Wish::Preview {
        return page(visit, StatusCode::OK, &view);
    }
    view.alert = Some(visit.say("proposal-nothing-made"));
    page(visit, StatusCode::UNPROCESSABLE_ENTITY, &view)
}

fn page(visit: &Visit<'_>, status: StatusCode, view: &View) -> Result<Answer, Refusal> {
    let title = visit.say_with("changes-order-title", &[("count", i64::try_from(view.count).unwrap_or(0).into())]);
    visit.page_with(status, "register_order", title, view)
}

/// The revisions of the order that the address names, oldest of each entry first.
fn ordered<'v>(visit: &'v Visit<'_>) -> Result<(&'v Register, Vec<EntryRevision>), Refusal> {
    let register = named(visit)?;
    let at = visit.asked.part("at").parse().map(Timestamp).map_err(|_| Refusal::NotFound)?;
    let by = visit.asked.query.get("by").map(Name::from);
    let order = visit.app.store().entries_changed_at(&register.name, at, by.as_ref())?;
    if order.is_empty() { Err(Refusal::NotFound) } else { Ok((register, order)) }
}

fn view(visit: &Visit<'_>, register: &Register, order: &[EntryRevision]) -> Result<View, Refusal> {
    let first = order.first().ok_or(Refusal::NotFound)?;
    let mut entries = Vec::new();
    for revision in order.iter().take(SHOWN) {
        let history = visit.app.store().entry_history(&register.name, &revision.key)?;
        let before = history.iter().find(|held| held.revision + 1 == revision.revision).map(|held| &held.entry);
        entries.push(EntryView {
            name: said::entry(visit, register.name.as_str(), &revision.key),
            key: revision.key.to_string(),
            is_new: before.is_none(),
            differences: said::differences(visit, register, before, &revision.entry),
        });
    }
    Ok(View {
        label: visit.language.of(&register.labels).to_owned(),
        list: format!("/registers/{}", register.name),
        action: address(register, first.at, first.by.as_ref()),
        who: entry::who(visit, first),
        at: visit.moment(first.at),
        under: first
            .under
            .as_ref()
            .map(|number| Linked { text: number.to_string(), to: Some(format!("/records/{number}")) }),
        reason: first.reason.clone(),
        count: order.len(),
        more: order.len().saturating_sub(SHOWN),
        entries,
        keeps: keeps(visit),
        alert: None,
        preview: None,
        cause: Cause::typed(visit, register)?,
    })
}

/// What takes an order back: for each entry, what it said before.
fn lines(visit: &Visit<'_>, register: &Register, order: &[EntryRevision]) -> Result<Vec<Line>, Refusal> {
    let mut touched: BTreeMap<&Name, (u32, u32)> = BTreeMap::new();
    for revision in order {
        let span = touched.entry(&revision.key).or_insert((revision.revision, revision.revision));
        *span = (span.0.min(revision.revision), span.1.max(revision.revision));
    }
    let mut lines = Vec::new();
    for (key, (first, last)) in touched {
        let history = visit.app.store().entry_history(&register.name, key)?;
        let mut line = Line { line: None, key: key.clone(), after: None, troubles: Vec::new() };
        match history.first().filter(|newest| newest.revision != last) {
            Some(newest) => {
                let said = [("who", entry::who(visit, newest).into()), ("at", visit.moment(newest.at).text.into())];
                line.trouble("", visit.say_with("undo-changed-since", &said));
            }
            None => match history.iter().find(|held| held.revision + 1 == first) {
                Some(before) => line.after = Some(before.entry.clone()),
                None => line.trouble("", visit.say("undo-was-new")),
            },
        }
        lines.push(line);
    }
    Ok(lines)
}
