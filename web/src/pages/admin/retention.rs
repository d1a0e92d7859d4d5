//! Retention: what is due for removal, and legal holds: placed on records by their numbers, and released, with a reason.

use actix_web::http::StatusCode;
use engine::definition::REASON_MAX;
use serde::Serialize;
use store::{HoldId, HoldOrder, Released};

use crate::answer::{Answer, Refusal};
use crate::flash::{Deed, Flash};
use crate::moment::Moment;
use crate::visit::{ADMINISTRATOR, Visit};

/// How many due records are shown.
const SHOWN_MAX: usize = 50;
/// The most records that are named at once.
const NUMBERS_MAX: usize = 200;

#[derive(Debug, Serialize)]
struct View {
    kept: String,
    due: Vec<DueView>,
    holds: Vec<HoldView>,
    may_order: bool,
    numbers: String,
    numbers_problem: Option<String>,
    reason: String,
    reason_problem: Option<String>,
}

#[derive(Debug, Serialize)]
struct DueView {
    number: String,
    ended: Moment,
}

#[derive(Debug, Serialize)]
struct HoldView {
    id: i64,
    reason: String,
    by: String,
    at: Moment,
    records: u64,
    holds: bool,
    released: Option<String>,
}

/// What was wrong with an order.
#[derive(Default)]
struct Draft {
    numbers_problem: Option<String>,
    reason_problem: Option<String>,
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    page(visit, StatusCode::OK, Draft::default())
}

/// Places a hold.
pub fn place(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let form = &visit.asked.form;
    let written = form.get("numbers").unwrap_or_default();
    let numbers: Vec<&str> =
        written.split([' ', ',', '，', '、', '\r', '\n']).filter(|word| !word.is_empty()).collect();
    let (mut records, mut unknown) = (Vec::new(), Vec::new());
    for number in numbers.iter().take(NUMBERS_MAX) {
        match visit.app.store().instance_of_number(number)? {
            Some(record) => records.push(record),
            None => unknown.push(*number),
        }
    }
    let numbers_problem = if numbers.is_empty() {
        Some(visit.say("misfit-missing"))
    } else if numbers.len() > NUMBERS_MAX {
        Some(visit.say_with("misfit-too-long", &[("limit", (NUMBERS_MAX as i64).into())]))
    } else if unknown.is_empty() {
        None
    } else {
        Some(visit.say_with("retention-unknown", &[("numbers", unknown.join(&visit.say("list-comma")).into())]))
    };
    let reason_problem = reason_problem(visit);
    if numbers_problem.is_some() || reason_problem.is_some() {
        return page(visit, StatusCode::UNPROCESSABLE_ENTITY, Draft { numbers_problem, reason_problem });
    }
    let hold = visit.app.store().place_hold(&records, &order(visit)?)?;
    Ok(visit.done("/admin/retention", Flash::new(Deed::Saved, hold.0.to_string())))
}

/// Releases a hold.
pub fn release(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let hold = visit.asked.part("hold").parse().map(HoldId).map_err(|_| Refusal::NotFound)?;
    if let Some(problem) = reason_problem(visit) {
        let draft = Draft { reason_problem: Some(problem), ..Draft::default() };
        return page(visit, StatusCode::UNPROCESSABLE_ENTITY, draft);
    }
    match visit.app.store().release_hold(hold, &order(visit)?)? {
        Released::Now => Ok(visit.done("/admin/retention", Flash::new(Deed::Saved, hold.0.to_string()))),
        Released::NotHeld => Err(Refusal::NotFound),
    }
}

fn order(visit: &Visit<'_>) -> Result<HoldOrder, Refusal> {
    let reason = visit.asked.form.get("reason").unwrap_or_default().to_owned();
    Ok(HoldOrder { by: visit.person()?.clone(), at: visit.now, reason })
}

fn reason_problem(visit: &Visit<'_>) -> Option<String> {
    match visit.asked.form.get("reason").unwrap_or_default().chars().count() {
        0 => Some(visit.say("refused-reason-missing")),
        1..=REASON_MAX => None,
        _ => Some(visit.say_with("misfit-too-long", &[("limit", (REASON_MAX as i64).into())])),
    }
}

fn page(visit: &Visit<'_>, status: StatusCode, draft: Draft) -> Result<Answer, Refusal> {
    let (store, names, form) = (visit.app.store(), visit.names(), &visit.asked.form);
    let kept = match store.keep_default()? {
        Some(months) => visit.say_with("retention-months", &[("months", i64::from(months).into())]),
        None => visit.say("retention-for-ever"),
    };
    let due = visit.app.runtime().due_for_removal(SHOWN_MAX)?;
    let holds = store.holds()?.into_iter().map(|hold| HoldView {
        id: hold.id.0,
        reason: hold.reason,
        by: names.person(&hold.by),
        at: visit.moment(hold.at),
        records: hold.records,
        holds: hold.released.is_none(),
        released: hold.released.map(|(by, _, why)| {
            visit.say_with("retention-released", &[("person", names.person(&by).into()), ("reason", why.into())])
        }),
    });
    let view = View {
        kept,
        due: due.into_iter().map(|row| DueView { number: row.number, ended: visit.moment(row.ended) }).collect(),
        holds: holds.collect(),
        may_order: visit.holds(ADMINISTRATOR),
        numbers: form.get("numbers").unwrap_or_default().to_owned(),
        numbers_problem: draft.numbers_problem,
        reason: form.get("reason").unwrap_or_default().to_owned(),
        reason_problem: draft.reason_problem,
    };
    visit.page_with(status, "retention", visit.say("retention-title"), &view)
}
