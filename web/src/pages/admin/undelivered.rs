//! What records owe and could not be performed: what, why, when it is tried again; try now, or give up with a reason.

use actix_web::http::StatusCode;
use engine::definition::REASON_MAX;
use engine::effect::Effect;
use runtime::{Ordered, Renounced};
use serde::Serialize;
use store::{OutboxKey, UndeliveredRow};

use crate::answer::{Answer, Refusal};
use crate::flash::{Deed, Flash};
use crate::moment::Moment;
use crate::pages::admin::audit::register_name;
use crate::visit::{ADMINISTRATOR, Visit};

/// The most that are shown.
const SHOWN_MAX: usize = 100;

#[derive(Debug, Serialize)]
struct View {
    rows: Vec<Row>,
    more: bool,
    may_order: bool,
    problem: Option<String>,
    key: String,
    reason: String,
}

#[derive(Debug, Serialize)]
struct Row {
    key: String,
    number: String,
    what: String,
    since: Moment,
    tries: u32,
    problem: String,
    next: Moment,
    may_give_up: bool,
    consequence: String,
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    page(visit, StatusCode::OK, None)
}

/// Lets one be tried now, or gives it up.
pub fn order(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let form = &visit.asked.form;
    let Some(key) = form.get("key").and_then(|key| key.parse::<OutboxKey>().ok()) else {
        return page(visit, StatusCode::UNPROCESSABLE_ENTITY, Some(visit.say("undelivered-gone")));
    };
    let runtime = visit.app.runtime();
    let number = visit.app.store().undelivered_at(key)?.map(|row| row.owed.number).unwrap_or_default();
    let ordered = match form.get("do") {
        Some("give-up") => {
            let reason = form.get("reason").unwrap_or_default();
            let problem = match reason.chars().count() {
                0 => Some(visit.say("refused-reason-missing")),
                1..=REASON_MAX => None,
                _ => Some(visit.say_with("misfit-too-long", &[("limit", (REASON_MAX as i64).into())])),
            };
            if problem.is_some() {
                return page(visit, StatusCode::UNPROCESSABLE_ENTITY, problem);
            }
            runtime.give_up_owed(key, visit.person()?, reason)?
        }
        Some(_) | None => runtime.try_owed_now(key)?,
    };
    let problem = match ordered {
        Ordered::Done => return Ok(visit.done("/admin/undelivered", Flash::new(Deed::Operated, number))),
        Ordered::TooLate => visit.say("undelivered-gone"),
        Ordered::Awaited => visit.say("undelivered-awaited"),
        Ordered::Refused(problem) => problem,
    };
    page(visit, StatusCode::UNPROCESSABLE_ENTITY, Some(problem))
}

fn page(visit: &Visit<'_>, status: StatusCode, problem: Option<String>) -> Result<Answer, Refusal> {
    let (mut rows, form) = (visit.app.store().undelivered(SHOWN_MAX + 1)?, &visit.asked.form);
    let more = rows.len() > SHOWN_MAX;
    rows.truncate(SHOWN_MAX);
    let view = View {
        rows: rows.into_iter().map(|row| shown(visit, row)).collect(),
        more,
        may_order: visit.holds(ADMINISTRATOR),
        problem,
        key: form.get("key").unwrap_or_default().to_owned(),
        reason: form.get("reason").unwrap_or_default().to_owned(),
    };
    visit.page_with(status, "undelivered", visit.say("undelivered-title"), &view)
}

fn shown(visit: &Visit<'_>, row: UndeliveredRow) -> Row {
    let renounced = Renounced::of(&row.owed.effect);
    Row {
        key: row.owed.key.to_string(),
        number: row.owed.number,
        what: what(visit, &row.owed.effect),
        since: visit.moment(row.owed.key.at),
        tries: row.owed.tries,
        problem: row.problem,
        next: visit.moment(row.owed.retry_at),
        may_give_up: renounced != Renounced::Awaited,
        consequence: match renounced {
            Renounced::Dropped => visit.say("undelivered-dropped"),
            Renounced::Repair => visit.say("undelivered-repair"),
            Renounced::Awaited => visit.say("undelivered-awaited"),
        },
    }
}

/// What is owed, as people say it.
fn what(visit: &Visit<'_>, effect: &Effect) -> String {
    match effect {
        Effect::Notify { text, .. } => {
            visit.say_with("undelivered-notice", &[("text", visit.language.of(text).into())])
        }
        Effect::Mail { to, text } => {
            let said = [("person", visit.names().person(to).into()), ("text", visit.language.of(text).into())];
            visit.say_with("undelivered-mail", &said)
        }
        Effect::Begin(begun) => visit.say_with("undelivered-begin", &[("process", begun.process.as_str().into())]),
        Effect::Return { .. } => visit.say("undelivered-return"),
        Effect::CancelCalled { .. } => visit.say("undelivered-cancel"),
        Effect::Signal { signal } => visit.say_with("undelivered-signal", &[("signal", signal.as_str().into())]),
        Effect::Link { .. } | Effect::Unlink { .. } => visit.say("undelivered-link"),
        Effect::Put(owed) => {
            let (register, key) = (owed.register.as_str(), &owed.key);
            let said = [
                ("register", register_name(visit, register).into()),
                ("key", visit.names().entry(register, key).into()),
            ];
            visit.say_with("undelivered-entry", &said)
        }
        Effect::Request { method, url, .. } => {
            visit.say_with("undelivered-request", &[("request", format!("{method} {url}").into())])
        }
    }
}
