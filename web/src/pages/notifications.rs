//! What a person was told.

use serde::Serialize;

use crate::answer::{Answer, Refusal};
use crate::asked::safe_path;
use crate::flash::{Deed, Flash};
use crate::moment::Moment;
use crate::visit::Visit;

/// How many are shown.
const SHOWN: usize = 100;

#[derive(Debug, Serialize)]
struct View {
    rows: Vec<Row>,
    any_unread: bool,
    up_to: i64,
}

#[derive(Debug, Serialize)]
struct Row {
    text: String,
    link: Option<String>,
    at: Moment,
    unread: bool,
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let told = visit.app.store().notifications(visit.person()?, SHOWN)?;
    let up_to = told.first().map_or(0, |newest| newest.at.0);
    let rows: Vec<Row> = told
        .into_iter()
        .map(|notice| Row {
            text: visit.language.of(&notice.text).to_owned(),
            link: safe_path(&notice.link).map(str::to_owned),
            at: visit.moment(notice.at),
            unread: notice.read_at.is_none(),
        })
        .collect();
    let view = View { any_unread: rows.iter().any(|row| row.unread), rows, up_to };
    visit.page("notifications", visit.say("notifications-title"), &view)
}

/// Marks as read what the page showed; what came meanwhile stays unread.
pub fn read(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let up_to = visit.asked.form.get("up_to").and_then(|text| text.parse().ok()).unwrap_or(visit.now.0);
    visit.app.store().mark_read(visit.person()?, engine::time::Timestamp(up_to), visit.now)?;
    Ok(visit.done("/notifications", Flash::new(Deed::Read, "")))
}
