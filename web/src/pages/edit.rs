//! Editing a record's fields outside of a task; another value than computed needs a reason.

use actix_web::http::StatusCode;
use engine::command::Command;
use engine::value::{Fields, Value};

use crate::answer::{Answer, Refusal};
use crate::flash::Deed;
use crate::form;
use crate::meant;
use crate::pages::comment::give;
use crate::pages::record::{self, Draft, Drafted};
use crate::reach;
use crate::visit::Visit;

/// Takes the fields that were changed.
pub fn edit(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let reached = reach::by_number(visit, visit.asked.part("number"))?;
    let posted = &visit.asked.form;
    let refuse = |key: &str, wrong| {
        let draft = Draft { of: Drafted::Edit, problem: Some(visit.say(key)), wrong, reason_problem: None };
        record::page(visit, &reached, StatusCode::UNPROCESSABLE_ENTITY, &draft)
    };
    let parsed = match form::parse(visit, &record::editable(visit, &reached), "edit.", posted) {
        Ok(parsed) => parsed,
        Err(wrong) => return refuse("refused-bad-fields", wrong),
    };
    // The form shows every field; only those are meant that differ from what it showed. What others have changed
    // since then is theirs.
    let shown = meant::shown(visit, &reached)?;
    let fields: Fields =
        parsed.into_iter().filter(|(name, value)| shown.get(name).unwrap_or(&Value::Nothing) != value).collect();
    if fields.is_empty() {
        return refuse("refused-nothing-changed", form::Wrong::new());
    }
    let reason = posted.get("edit._reason").or_else(|| posted.get("reason")).unwrap_or_default().to_owned();
    give(visit, &reached, Command::Edit { fields, reason }, Drafted::Edit, Deed::Edited)
}
