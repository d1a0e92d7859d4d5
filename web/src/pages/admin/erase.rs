//! Erasing a person: a page that says what it means, and a form that asks again by having the identity typed.

use actix_web::http::StatusCode;
use engine::definition::REASON_MAX;
use engine::ids::Name;
use serde::Serialize;
use store::{CannotErase, EraseError, Erasure, PersonRow, PersonState};

use crate::answer::{Answer, Refusal};
use crate::flash::{Deed, Flash};
use crate::visit::Visit;

#[derive(Debug, Serialize)]
struct View {
    id: String,
    name: String,
    typed: String,
    reason: String,
    problem: Option<String>,
    reason_problem: Option<String>,
}

/// What erasing means, and the form.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    page(visit, &person(visit)?, StatusCode::OK, None, None)
}

/// Erases, where the form says so twice.
pub fn erase(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let form = &visit.asked.form;
    let person = person(visit)?;
    let reason = form.get("reason").unwrap_or_default();
    let reason_problem = match reason.chars().count() {
        0 => Some(visit.say("refused-reason-missing")),
        1..=REASON_MAX => None,
        _ => Some(visit.say_with("misfit-too-long", &[("limit", (REASON_MAX as i64).into())])),
    };
    let unsure = form.get("typed") != Some(person.id.as_str());
    let problem = unsure.then(|| visit.say("erase-unsure"));
    if problem.is_some() || reason_problem.is_some() {
        return page(visit, &person, StatusCode::UNPROCESSABLE_ENTITY, problem, reason_problem);
    }
    let order =
        Erasure { person: person.id.clone(), by: visit.person()?.clone(), at: visit.now, reason: reason.to_owned() };
    let refused = match visit.app.store().erase_person(&order) {
        Ok(()) => {
            visit.app.runtime().reload_directory()?;
            return Ok(visit.done("/admin/people", Flash::new(Deed::Saved, person.id.to_string())));
        }
        Err(EraseError::Refused(cause)) => cause,
        Err(EraseError::Store(cause)) => return Err(cause.into()),
    };
    let said = match refused {
        CannotErase::NobodyThere | CannotErase::Already => return Err(Refusal::NotFound),
        CannotErase::HasTasks(count) => {
            visit.say_with("erase-has-tasks", &[("count", i64::try_from(count).unwrap_or(i64::MAX).into())])
        }
        CannotErase::OnlyAdministrator => visit.say("erase-only-administrator"),
    };
    page(visit, &person, StatusCode::CONFLICT, Some(said), None)
}

/// The person, unless erased already.
fn person(visit: &Visit<'_>) -> Result<PersonRow, Refusal> {
    let found = visit.app.store().person(&Name::from(visit.asked.part("person")))?;
    found.filter(|person| person.state != PersonState::Erased).ok_or(Refusal::NotFound)
}

fn page(
    visit: &Visit<'_>,
    person: &PersonRow,
    status: StatusCode,
    problem: Option<String>,
    reason_problem: Option<String>,
) -> Result<Answer, Refusal> {
    let form = &visit.asked.form;
    let view = View {
        id: person.id.to_string(),
        name: visit.language.of(&person.name).to_owned(),
        typed: form.get("typed").unwrap_or_default().to_owned(),
        reason: form.get("reason").unwrap_or_default().to_owned(),
        problem,
        reason_problem,
    };
    visit.page_with(status, "erase", visit.say("erase-title"), &view)
}
