//! The way in, the language, and whether the server is well.

use actix_web::http::StatusCode;

use crate::answer::{Answer, Body, Refusal};
use crate::asked::safe_path;
use crate::language::Language;
use crate::visit::Visit;

/// Leads staff to their inbox and everybody else to the portal.
pub fn home(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    Ok(Answer::see_other(if visit.is_staff() { "/inbox" } else { "/portal" }))
}

/// Says that the server answers and the store can be read.
pub fn health(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    visit.app.store().leases()?;
    Ok(Answer { status: StatusCode::OK, body: Body::Text("ok\n".to_owned()), cookies: Vec::new() })
}

/// What an operator watches, as Prometheus reads it.
pub fn metrics(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let text = visit.app.runtime().exposition()?;
    Ok(Answer { status: StatusCode::OK, body: Body::Text(text), cookies: Vec::new() })
}

/// Changes the language of this browser, and of the person who is signed in.
pub fn language(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let form = &visit.asked.form;
    let language = form.get("language").and_then(Language::of_tag).unwrap_or(visit.language);
    if let Some(session) = &visit.session {
        visit.app.store().set_language(&session.person, language.tag())?;
    }
    let back = form.get("next").and_then(safe_path).unwrap_or("/");
    Ok(Answer::see_other(back).with(visit.language_cookie(language)))
}
