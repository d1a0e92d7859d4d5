//! Tokens with which machines work: made for a person who is a worker, shown once, revoked.

use actix_web::http::StatusCode;
use engine::directory::WORKER;
use engine::ids::Name;
use engine::time::DAY_MS;
use serde::Serialize;
use store::{AccessTokenId, AccessTokenRow, NewAccessToken, Revoked};

use crate::answer::{Answer, Refusal};
use crate::flash::{Deed, Flash};
use crate::form::Choosable;
use crate::moment::Moment;
use crate::session;
use crate::visit::Visit;

/// The most tokens that are shown.
const SHOWN_MAX: usize = 200;
/// The most characters of a token's label.
const LABEL_MAX: usize = 80;
/// For how many days a token may open anything.
const DAYS: std::ops::RangeInclusive<i64> = 1..=366;
/// For how many days where nobody says otherwise.
const DAYS_DEFAULT: &str = "90";

#[derive(Debug, Serialize)]
struct View {
    tokens: Vec<TokenView>,
    workers: Vec<Choosable>,
    label: String,
    label_problem: Option<String>,
    days: String,
    days_problem: Option<String>,
    person_problem: Option<String>,
    fresh: Option<String>,
}

#[derive(Debug, Serialize)]
struct TokenView {
    id: i64,
    label: String,
    person: String,
    made: Moment,
    made_by: String,
    expires: Moment,
    used: Option<Moment>,
    opens: bool,
    state: String,
}

#[derive(Default)]
struct Draft {
    label_problem: Option<String>,
    days_problem: Option<String>,
    person_problem: Option<String>,
    fresh: Option<String>,
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    page(visit, StatusCode::OK, Draft::default())
}

/// Makes a token and shows it once.
pub fn make(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let form = &visit.asked.form;
    let label = form.get("label").unwrap_or_default();
    let person = form.get("person").map(Name::from).filter(|person| is_worker(visit, person));
    let days = form.get("days").and_then(|days| days.parse().ok()).filter(|days| DAYS.contains(days));
    let draft = Draft {
        label_problem: match label.chars().count() {
            0 => Some(visit.say("misfit-missing")),
            1..=LABEL_MAX => None,
            _ => Some(visit.say_with("misfit-too-long", &[("limit", (LABEL_MAX as i64).into())])),
        },
        days_problem: days.is_none().then(|| {
            visit.say_with("api-outside", &[("least", (*DAYS.start()).into()), ("most", (*DAYS.end()).into())])
        }),
        person_problem: person.is_none().then(|| visit.say("misfit-missing")),
        fresh: None,
    };
    let (Some(person), Some(days), None) = (person, days, &draft.label_problem) else {
        return page(visit, StatusCode::UNPROCESSABLE_ENTITY, draft);
    };
    let fresh = session::random_token()?;
    visit.app.store().add_access_token(&NewAccessToken {
        token_hash: session::hash(&fresh),
        person,
        label: label.to_owned(),
        by: visit.person()?.clone(),
        at: visit.now,
        expires_at: visit.now.plus_ms(days * DAY_MS),
    })?;
    // As a fresh password: it must not travel in an address or a cookie.
    page(visit, StatusCode::OK, Draft { fresh: Some(fresh), ..Draft::default() })
}

/// Revokes a token.
pub fn revoke(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let token = visit.asked.part("token").parse().map(AccessTokenId).map_err(|_| Refusal::NotFound)?;
    match visit.app.store().revoke_access_token(token, visit.person()?, visit.now)? {
        Revoked::Now => Ok(visit.done("/admin/tokens", Flash::new(Deed::Saved, token.0.to_string()))),
        Revoked::NotThere => Err(Refusal::NotFound),
    }
}

fn is_worker(visit: &Visit<'_>, person: &Name) -> bool {
    visit.directory.standing(person).is_some_and(|standing| standing.roles.contains(WORKER))
}

fn page(visit: &Visit<'_>, status: StatusCode, draft: Draft) -> Result<Answer, Refusal> {
    let (names, form) = (visit.names(), &visit.asked.form);
    // What has made a token is not offered again.
    let typed = |field: &str| if draft.fresh.is_some() { None } else { form.get(field) };
    let workers = visit.directory.standings().filter(|(_, standing)| standing.roles.contains(WORKER));
    let worker = |(person, _): (&Name, _)| Choosable {
        value: person.to_string(),
        label: names.person(person),
        chosen: typed("person") == Some(person.as_str()),
    };
    let tokens = visit.app.store().access_tokens(SHOWN_MAX)?.into_iter().map(|row| token(visit, row));
    let view = View {
        tokens: tokens.collect(),
        workers: workers.map(worker).collect(),
        label: typed("label").unwrap_or_default().to_owned(),
        label_problem: draft.label_problem,
        days: typed("days").unwrap_or(DAYS_DEFAULT).to_owned(),
        days_problem: draft.days_problem,
        person_problem: draft.person_problem,
        fresh: draft.fresh.clone(),
    };
    visit.page_with(status, "tokens", visit.say("tokens-title"), &view)
}

fn token(visit: &Visit<'_>, row: AccessTokenRow) -> TokenView {
    let (opens, state) = match row.revoked_at {
        Some(at) => (false, visit.say_with("tokens-revoked", &[("at", visit.moment(at).text.into())])),
        None if row.expires_at <= visit.now => (false, visit.say("tokens-expired")),
        None if !is_worker(visit, &row.person) => (true, visit.say("tokens-no-worker")),
        None => (true, String::new()),
    };
    TokenView {
        id: row.id.0,
        label: row.label,
        person: visit.names().person(&row.person),
        made: visit.moment(row.made_at),
        made_by: visit.names().person(&row.made_by),
        expires: visit.moment(row.expires_at),
        used: row.used_at.map(|used| visit.moment(used)),
        opens,
        state,
    }
}
