//! An empty installation makes its first administrator here, once. There are no default passwords.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use engine::definition::Labels;
use engine::directory::Standing;
use engine::ids::Name;
use serde::Serialize;
use store::{PersonRow, PersonState};

use crate::answer::{Answer, Refusal};
use crate::pages::admin::people::{new_key, sign_in_problem};
use crate::pages::profile::password_problem;
use crate::password;
use crate::session::Session;
use crate::visit::{ADMINISTRATOR, Visit, has_administrator};

#[derive(Debug, Default, Serialize)]
struct View {
    sign_in: String,
    name: String,
    sign_in_problem: Option<String>,
    name_problem: Option<String>,
    password_problem: Option<String>,
}

/// The form.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    visit.page("first_run", visit.say("first-run-title"), &View::default())
}

/// Makes the first administrator and signs them in.
pub fn make(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let form = &visit.asked.form;
    let (sign_in, name) = (form.get("sign_in").unwrap_or_default(), form.get("name").unwrap_or_default());
    let typed = form.raw("password").unwrap_or_default();
    let view = View {
        sign_in: sign_in.to_owned(),
        name: name.to_owned(),
        sign_in_problem: sign_in_problem(visit, sign_in)?,
        name_problem: name.is_empty().then(|| visit.say("misfit-missing")),
        password_problem: password_problem(visit, typed, form.raw("password_again"), sign_in),
    };
    if view.sign_in_problem.is_some() || view.name_problem.is_some() || view.password_problem.is_some() {
        let title = visit.say("first-run-title");
        return visit.page_with(StatusCode::UNPROCESSABLE_ENTITY, "first_run", title, &view);
    }
    let hash = password::hash(typed).map_err(|cause| Refusal::Broken(cause.to_string()))?;
    let _alone = visit.app.first_run();
    let store = visit.app.store();
    // Looked at again while nobody else can do the same: two browsers make one administrator.
    if has_administrator(&store.directory()?) {
        return Err(Refusal::NotFound);
    }
    let person = PersonRow {
        id: new_key()?,
        sign_in: sign_in.to_owned(),
        name: Labels::new(name, name),
        email: String::new(),
        language: visit.language.tag().to_owned(),
        state: PersonState::Active,
    };
    let roles = BTreeSet::from([Name::from(ADMINISTRATOR), Name::from("staff")]);
    let standing = Standing { roles, teams: BTreeSet::new() };
    store.put_person(&person, &person.id, visit.now)?;
    store.set_password(&person.id, &hash, &person.id, visit.now)?;
    store.set_standing(&person.id, &standing, &person.id, visit.now, &visit.say("first-run-reason"))?;
    visit.app.runtime().reload_directory()?;
    let cookie = Session::open(visit.app, &person.id, visit.now)?;
    Ok(Answer::see_other("/").with(cookie).with(visit.language_cookie(visit.language)))
}
