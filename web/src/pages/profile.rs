//! A person's own page: who one is here, the language, the password.

use actix_web::http::StatusCode;
use engine::ids::Name;
use serde::Serialize;

use crate::answer::{Answer, Refusal};
use crate::flash::{Deed, Flash};
use crate::pages::absence::{self, Absence, Whose};
use crate::password::{self, Unfit};
use crate::session::Session;
use crate::visit::Visit;

#[derive(Debug, Serialize)]
struct View {
    sign_in: String,
    name: String,
    email: String,
    roles: Vec<String>,
    teams: Vec<String>,
    old_problem: Option<String>,
    new_problem: Option<String>,
    absence: Absence,
}

/// What was typed and refused.
#[derive(Debug, Default)]
struct Refused {
    old_problem: Option<String>,
    new_problem: Option<String>,
    absence_problem: Option<String>,
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    page(visit, StatusCode::OK, Refused::default())
}

/// Changes the password, and ends every other session of the person.
pub fn password(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let form = &visit.asked.form;
    let person = visit.person()?;
    let store = visit.app.store();
    let sign_in = store.person(person)?.ok_or(Refusal::NotFound)?.sign_in;
    let typed = form.raw("password").unwrap_or_default();
    let _turn = visit.app.sign_in_turn().ok_or(Refusal::Busy)?;
    let held = store.password_hash(person)?;
    let old_problem = (!password::verify(form.raw("old_password").unwrap_or_default(), held.as_deref()))
        .then(|| visit.say("profile-old-wrong"));
    let new_problem = password_problem(visit, typed, form.raw("password_again"), &sign_in);
    if old_problem.is_some() || new_problem.is_some() {
        let refused = Refused { old_problem, new_problem, absence_problem: None };
        return page(visit, StatusCode::UNPROCESSABLE_ENTITY, refused);
    }
    let hash = password::hash(typed).map_err(|cause| Refusal::Broken(cause.to_string()))?;
    store.set_password(person, &hash, person, visit.now)?;
    let cookie = Session::open(visit.app, person, visit.now)?;
    Ok(visit.done("/profile", Flash::new(Deed::PasswordChanged, "")).with(cookie))
}

/// The preference that says whether single keys do something.
const KEYS: &str = "keys";
const OFF: &str = "off";

/// Whether single keys do something for a person; they do unless it was said otherwise.
///
/// # Errors
/// The store failed.
pub fn keys_are_on(visit: &Visit<'_>, person: &Name) -> Result<bool, Refusal> {
    Ok(visit.app.store().preferences(person)?.get(KEYS).is_none_or(|kept| kept != OFF))
}

/// Turns single keys on or off, wherever the person signs in.
pub fn keys(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let wanted = if visit.asked.form.get("keys") == Some(OFF) { OFF } else { "on" };
    visit.app.store().set_preference(visit.person()?, KEYS, wanted)?;
    Ok(visit.done("/profile", Flash::new(Deed::Saved, visit.say("keys-title"))))
}

#[derive(Debug, Serialize)]
struct Sheet {}

/// What the single keys do.
pub fn sheet(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    visit.page("keys_page", visit.say("keys-title"), &Sheet {})
}

/// Says when one is away, and who stands in.
pub fn away(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    match absence::keep(visit, Whose::Own(visit.person()?))? {
        Ok(kept) => Ok(kept),
        Err(problem) => {
            let refused = Refused { absence_problem: Some(problem), ..Refused::default() };
            page(visit, StatusCode::UNPROCESSABLE_ENTITY, refused)
        }
    }
}

/// What is wrong with a new password that was typed twice.
pub fn password_problem(visit: &Visit<'_>, typed: &str, again: Option<&str>, sign_in: &str) -> Option<String> {
    match password::check(typed, sign_in) {
        Err(Unfit::TooShort) => {
            Some(visit.say_with("password-too-short", &[("least", (password::LENGTH_MIN as i64).into())]))
        }
        Err(Unfit::TooLong) => {
            Some(visit.say_with("password-too-long", &[("most", (password::LENGTH_MAX as i64).into())]))
        }
        Err(Unfit::IsTheName) => Some(visit.say("password-is-the-name")),
        Ok(()) if again != Some(typed) => Some(visit.say("password-differs")),
        Ok(()) => None,
    }
}

fn page(visit: &Visit<'_>, status: StatusCode, refused: Refused) -> Result<Answer, Refusal> {
    let names = visit.names();
    let person = visit.app.store().person(visit.person()?)?.ok_or(Refusal::NotFound)?;
    let standing = visit.standing().cloned().unwrap_or_default();
    let view = View {
        sign_in: person.sign_in,
        name: visit.language.of(&person.name).to_owned(),
        email: person.email,
        roles: standing.roles.iter().map(|role| names.role(role)).collect(),
        teams: standing.teams.iter().map(|team| names.entry(engine::directory::TEAM, team)).collect(),
        old_problem: refused.old_problem,
        new_problem: refused.new_problem,
        absence: absence::absence(visit, Whose::Own(visit.person()?), refused.absence_problem),
    };
    visit.page_with(status, "profile", visit.say("profile-title"), &view)
}
