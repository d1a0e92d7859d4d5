//! Signing in and out. The same answer after the same work for a wrong password and for an unknown name; after
//! some refusals of a name, a wait, counted from the audit trail.

use actix_web::http::StatusCode;
use engine::time::MINUTE_MS;
use serde::Serialize;
use store::{AuditEntry, AuditWhat, PersonRow, PersonState};

use crate::answer::{Answer, Refusal};
use crate::asked::safe_path;
use crate::flash::{Deed, Flash};
use crate::language::Language;
use crate::password;
use crate::session::{COOKIE, Session, no_cookie};
use crate::visit::{Visit, has_administrator};

/// After so many refusals of one name …
pub const REFUSALS_MAX: u64 = 5;
/// … within this time, no further try is looked at.
pub const WAIT_MS: i64 = 15 * MINUTE_MS;
/// The most characters of a name that are looked at.
const NAME_MAX: usize = 80;

#[derive(Debug, Default, Serialize)]
struct View {
    next: String,
    sign_in: String,
    problem: Option<String>,
}

/// The form; whoever is signed in is led on.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let next = visit.asked.query.get("next").and_then(safe_path).unwrap_or("/");
    if visit.session.is_some() {
        return Ok(Answer::see_other(next));
    }
    if !has_administrator(&visit.directory) {
        return Ok(Answer::see_other("/first-run"));
    }
    let view = View { next: next.to_owned(), ..View::default() };
    visit.page("sign_in", visit.say("sign-in-title"), &view)
}

/// Lets a person in or not.
pub fn enter(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let form = &visit.asked.form;
    let sign_in: String = form.get("sign_in").unwrap_or_default().chars().take(NAME_MAX).collect();
    let next = form.get("next").and_then(safe_path).unwrap_or("/").to_owned();
    let again = |status, key: &str| {
        let view = View { next: next.clone(), sign_in: sign_in.clone(), problem: Some(visit.say(key)) };
        visit.page_with(status, "sign_in", visit.say("sign-in-title"), &view)
    };
    if sign_in.is_empty() {
        return again(StatusCode::UNPROCESSABLE_ENTITY, "sign-in-refused");
    }
    // One at a time: the count below then misses no try that is under way, and memory for hashing is bounded.
    let _turn = visit.app.sign_in_turn().ok_or(Refusal::Busy)?;
    let store = visit.app.store();
    if store.failed_sign_ins(&sign_in, visit.now.plus_ms(-WAIT_MS))? >= REFUSALS_MAX {
        let what = AuditWhat::SignInPutOff { sign_in: sign_in.clone(), from: visit.asked.from.clone() };
        store.audit(AuditEntry { at: visit.now, actor: None, what })?;
        return again(StatusCode::TOO_MANY_REQUESTS, "sign-in-wait");
    }
    match known(visit, &sign_in, form.raw("password").unwrap_or_default())? {
        Some(person) => welcome(visit, &person, &next),
        None => {
            let what = AuditWhat::SignInRefused { sign_in: sign_in.clone(), from: visit.asked.from.clone() };
            store.audit(AuditEntry { at: visit.now, actor: None, what })?;
            again(StatusCode::UNPROCESSABLE_ENTITY, "sign-in-refused")
        }
    }
}

fn known(visit: &Visit<'_>, sign_in: &str, typed: &str) -> Result<Option<PersonRow>, Refusal> {
    let store = visit.app.store();
    let person = store.person_by_sign_in(sign_in)?.filter(|person| person.state == PersonState::Active);
    let hash = match &person {
        Some(person) => store.password_hash(&person.id)?,
        None => None,
    };
    // Hashed in every case: the time taken must not tell who is known.
    let right = password::verify(typed, hash.as_deref());
    Ok(person.filter(|_| right))
}

fn welcome(visit: &Visit<'_>, person: &PersonRow, next: &str) -> Result<Answer, Refusal> {
    let what = AuditWhat::SignedIn { from: visit.asked.from.clone() };
    visit.app.store().audit(AuditEntry { at: visit.now, actor: Some(person.id.clone()), what })?;
    let cookie = Session::open(visit.app, &person.id, visit.now)?;
    let language = Language::of_tag(&person.language).unwrap_or(visit.language);
    Ok(Answer::see_other(next).with(cookie).with(visit.language_cookie(language)))
}

/// Ends the session.
pub fn leave(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    if let Some(session) = &visit.session {
        visit.app.store().close_session(&session.token_hash)?;
        let (at, actor) = (visit.now, Some(session.person.clone()));
        visit.app.store().audit(AuditEntry { at, actor, what: AuditWhat::SignedOut })?;
    }
    Ok(visit.done("/sign-in", Flash::new(Deed::SignedOut, "")).with(no_cookie(visit.app, COOKIE)))
}
