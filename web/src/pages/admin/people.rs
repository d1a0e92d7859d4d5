//! The people of the installation, and a form to add one.

use actix_web::http::StatusCode;
use engine::definition::Labels;
use engine::ids::Name;
use serde::Serialize;
use store::{PersonRow, PersonState};

use crate::answer::{Answer, Refusal};
use crate::flash::{Deed, Flash};
use crate::language::Language;
use crate::visit::{ADMINISTRATOR, Visit};

/// The fewest and most characters of a name to sign in with.
const SIGN_IN: std::ops::RangeInclusive<usize> = 2..=40;
/// The most characters of a person's name or address.
const TEXT_MAX: usize = 100;

#[derive(Debug, Default, Serialize)]
struct View {
    rows: Vec<Row>,
    sign_in: String,
    name_zh: String,
    name_en: String,
    email: String,
    sign_in_problem: Option<String>,
    name_problem: Option<String>,
    email_problem: Option<String>,
    adding: bool,
    /// Whether the visitor may add and change people, or only sees who may do what.
    keeps: bool,
}

#[derive(Debug, Serialize)]
struct Row {
    id: String,
    name: String,
    sign_in: String,
    email: String,
    roles: String,
    teams: String,
    left: bool,
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    page(visit, StatusCode::OK, View::default())
}

/// Adds a person; what the person may do is given on the next page.
pub fn add(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let form = &visit.asked.form;
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    let view = View {
        sign_in_problem: sign_in_problem(visit, &text("sign_in"))?,
        name_problem: name_problem(visit, form.get("name_zh").or(form.get("name_en"))),
        email_problem: email_problem(visit, &text("email")),
        sign_in: text("sign_in"),
        name_zh: text("name_zh"),
        name_en: text("name_en"),
        email: text("email"),
        adding: true,
        keeps: false,
        rows: Vec::new(),
    };
    if view.sign_in_problem.is_some() || view.name_problem.is_some() || view.email_problem.is_some() {
        return page(visit, StatusCode::UNPROCESSABLE_ENTITY, view);
    }
    let person = PersonRow {
        id: new_key()?,
        sign_in: view.sign_in,
        name: names_in_both(form.get("name_en"), form.get("name_zh")),
        email: view.email,
        language: form.get("language").and_then(Language::of_tag).unwrap_or(visit.language).tag().to_owned(),
        state: PersonState::Active,
    };
    visit.app.store().put_person(&person, visit.person()?, visit.now)?;
    visit.app.runtime().reload_directory()?;
    Ok(visit.done(format!("/admin/people/{}", person.id), Flash::new(Deed::Saved, person.sign_in)))
}

fn page(visit: &Visit<'_>, status: StatusCode, view: View) -> Result<Answer, Refusal> {
    let names = visit.names();
    let comma = visit.say("list-comma");
    let rows = visit.app.store().people()?.into_iter().map(|person| {
        let standing = visit.directory.standing(&person.id).cloned().unwrap_or_default();
        let roles: Vec<String> = standing.roles.iter().map(|role| names.role(role)).collect();
        let teams: Vec<String> = standing.teams.iter().map(|team| names.entry(engine::directory::TEAM, team)).collect();
        Row {
            name: visit.language.of(&person.name).to_owned(),
            id: person.id.to_string(),
            sign_in: person.sign_in,
            email: person.email,
            roles: roles.join(&comma),
            teams: teams.join(&comma),
            left: person.state == PersonState::Left,
        }
    });
    visit.page_with(
        status,
        "people",
        visit.say("people-title"),
        &View { rows: rows.collect(), keeps: visit.holds(ADMINISTRATOR), ..view },
    )
}

/// A key for a new person: random, so that it says nothing about the person when only histories are left.
///
/// # Errors
/// The machine gives no random bytes.
pub fn new_key() -> Result<Name, Refusal> {
    let mut bytes = [0_u8; 6];
    getrandom::fill(&mut bytes).map_err(|cause| Refusal::Broken(format!("no random bytes: {cause}")))?;
    Ok(Name::from(format!("p{}", hex::encode(bytes))))
}

/// A name in both languages; where one is not given the other stands in.
pub fn names_in_both(en: Option<&str>, zh: Option<&str>) -> Labels {
    Labels::new(en.or(zh).unwrap_or_default(), zh.or(en).unwrap_or_default())
}

/// What is wrong with a name to sign in with, for somebody new.
///
/// # Errors
/// The store failed.
pub fn sign_in_problem(visit: &Visit<'_>, sign_in: &str) -> Result<Option<String>, Refusal> {
    let fits = SIGN_IN.contains(&sign_in.chars().count())
        && !sign_in.chars().any(|letter| letter.is_whitespace() || letter.is_control());
    if !fits {
        return Ok(Some(visit.say("person-sign-in-unfit")));
    }
    let taken = visit.app.store().person_by_sign_in(sign_in)?.is_some();
    Ok(taken.then(|| visit.say("person-sign-in-taken")))
}

/// What is wrong with a person's name.
pub fn name_problem(visit: &Visit<'_>, name: Option<&str>) -> Option<String> {
    match name.map(|name| name.chars().count()) {
        None => Some(visit.say("misfit-missing")),
        Some(count) if count > TEXT_MAX => {
            Some(visit.say_with("misfit-too-long", &[("limit", (TEXT_MAX as i64).into())]))
        }
        Some(_) => None,
    }
}

/// What is wrong with an address for mail.
pub fn email_problem(visit: &Visit<'_>, email: &str) -> Option<String> {
    let fits = email.is_empty()
        || (email.chars().count() <= TEXT_MAX
            && !email.chars().any(char::is_whitespace)
            && email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty()));
    (!fits).then(|| visit.say("person-email-unfit"))
}
