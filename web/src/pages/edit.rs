//! Editing a record's fields outside of a task; another value than computed needs a reason.

use actix_web::http::StatusCode;
use engine::command::Command;

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
    meant::answered(visit, edited)
}

fn edited(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let reached = reach::by_number(visit, visit.asked.part("number"))?;
    let posted = &visit.asked.form;
    let refuse = |key: &str, wrong| {
        let draft = Draft { of: Drafted::Edit, problem: Some(visit.say(key)), wrong, ..Draft::default() };
        record::page(visit, &reached, StatusCode::UNPROCESSABLE_ENTITY, &draft)
    };
    let shown = meant::shown(visit, &reached)?;
    let parsed = match form::parse(visit, &record::editable(visit, &reached), "edit.", posted, &shown) {
        Ok(parsed) => parsed,
        Err(wrong) => return refuse("refused-bad-fields", wrong),
    };
    let meant = meant::meant(visit, &reached, parsed)?;
    if !meant.clashes.is_empty() {
        let problem = Some(visit.say("overtaken"));
        let draft = Draft { of: Drafted::Edit, problem, overtaken: meant, ..Draft::default() };
        return record::page(visit, &reached, StatusCode::CONFLICT, &draft);
    }
    if meant.fields.is_empty() {
        return refuse("refused-nothing-changed", form::Wrong::new());
    }
    let reason = posted.get("edit._reason").or_else(|| posted.get("reason")).unwrap_or_default().to_owned();
    give(visit, &reached, Command::Edit { fields: meant.fields, reason }, Drafted::Edit, Deed::Edited)
}
