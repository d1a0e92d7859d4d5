//! Putting a task off: it leaves one's own inbox until an instant. Nobody else notices, and no clock waits.

use actix_web::http::StatusCode;
use engine::time::{Timestamp, days_after};
use serde::Serialize;
use store::{SNOOZED_MAX, Snooze, Snoozed};

use super::{PAGE, today, views};
use crate::answer::{Answer, Refusal};
use crate::clocks;
use crate::flash::{Deed, Flash};
use crate::moment::Moment;
use crate::pages::task::named;
use crate::reach::{self, Reached};
use crate::sla::Urgency;
use crate::visit::Visit;

/// When the working day begins on which a task comes back.
const MORNING: &str = "09:00";
/// How far ahead a task may be put off, in days.
const DAYS_MAX: i64 = 92;

#[derive(Debug, Serialize)]
struct View {
    task: String,
    number: String,
    title: String,
    step: String,
    urgency: Urgency,
    choices: Vec<Choice>,
    date: String,
    first: String,
    last: String,
    back: String,
    problem: Option<String>,
}

#[derive(Debug, Serialize)]
struct Choice {
    value: &'static str,
    label: String,
    at: String,
    /// Whether the task comes due by then.
    too_late: bool,
}

#[derive(Debug, Serialize)]
struct Asleep {
    rows: Vec<Row>,
    more: bool,
}

#[derive(Debug, Serialize)]
struct Row {
    task: String,
    number: String,
    title: String,
    step: String,
    until: Moment,
    urgency: Urgency,
}

/// The form.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    page(visit, StatusCode::OK, None)
}

fn page(visit: &Visit<'_>, status: StatusCode, problem: Option<String>) -> Result<Answer, Refusal> {
    let (id, task) = named(visit.asked.part("task")).ok_or(Refusal::NotFound)?;
    let reached = reach::by_id(visit, id)?;
    let open = reached.loaded.instance.task(task).ok_or(Refusal::NotFound)?;
    let urgency = clocks::of_task(visit, &reached.loaded.instance, open);
    let due_ms = urgency.due.as_ref().map(|due| due.ms);
    let choice = |value: &'static str, label: &str| {
        let at = at(visit, value, None)?;
        let too_late = due_ms.is_some_and(|due_ms| (visit.now.0..=at.0).contains(&due_ms));
        Some(Choice { value, label: visit.say(label), at: visit.moment(at).text, too_late })
    };
    let back = visit.asked.form.get("back").or(visit.asked.came_from.as_deref()).unwrap_or("/inbox");
    let view = View {
        task: format!("{id}-{}", task.0),
        number: reached.loaded.instance.number().to_owned(),
        title: reached.title(),
        step: visit.names().step(&reached.definition, &open.step),
        choices: [choice("tomorrow", "snooze-tomorrow"), choice("monday", "snooze-monday")]
            .into_iter()
            .flatten()
            .collect(),
        urgency,
        date: visit.asked.form.get("date").unwrap_or_default().to_owned(),
        first: days_after(&today(visit), 1).unwrap_or_default(),
        last: days_after(&today(visit), DAYS_MAX).unwrap_or_default(),
        back: back.to_owned(),
        problem,
    };
    let title = visit.say_with("snooze-title", &[("number", view.number.as_str().into())]);
    visit.page_with(status, "snooze", title, &view)
}

/// Puts the task off.
pub fn put_off(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let (id, task) = named(visit.asked.part("task")).ok_or(Refusal::NotFound)?;
    let reached = reach::by_id(visit, id)?;
    reached.loaded.instance.task(task).ok_or(Refusal::NotFound)?;
    let form = &visit.asked.form;
    let Some(until) = at(visit, form.get("until").unwrap_or("date"), form.get("date")) else {
        return page(visit, StatusCode::UNPROCESSABLE_ENTITY, Some(visit.say("snooze-no-date")));
    };
    let snooze = Snooze { instance: id, task, until };
    match visit.app.store().snooze(visit.person()?, &snooze, visit.now)? {
        Snoozed::Now => Ok(visit.done(views::back(visit), Flash::new(Deed::Snoozed, reached.loaded.instance.number()))),
        Snoozed::TooMany => {
            let most = i64::try_from(SNOOZED_MAX).unwrap_or(i64::MAX);
            let problem = visit.say_with("snooze-too-many", &[("most", most.into())]);
            page(visit, StatusCode::UNPROCESSABLE_ENTITY, Some(problem))
        }
    }
}

/// Brings the task back at once.
pub fn wake(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let (id, task) = named(visit.asked.part("task")).ok_or(Refusal::NotFound)?;
    let reached = reach::by_id(visit, id)?;
    visit.app.store().wake(visit.person()?, id, task)?;
    Ok(visit.done("/inbox/snoozed", Flash::new(Deed::Woken, reached.loaded.instance.number())))
}

/// What the visitor has put off, what wakes first before the rest.
pub fn list(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let held = visit.app.store().snoozed(visit.person()?, visit.now)?;
    let mut rows = Vec::new();
    for snooze in held {
        // What was finished meanwhile, or is not for the visitor any more, is not worth a line.
        let reached = match reach::by_id(visit, snooze.instance) {
            Ok(reached) => reached,
            Err(Refusal::NotFound) => continue,
            Err(other) => return Err(other),
        };
        rows.extend(row(visit, &reached, &snooze));
        if rows.len() > PAGE {
            break;
        }
    }
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    visit.page("snoozed", visit.say("snoozed-title"), &Asleep { rows, more })
}

fn row(visit: &Visit<'_>, reached: &Reached, snooze: &Snooze) -> Option<Row> {
    let open = reached.loaded.instance.task(snooze.task)?;
    Some(Row {
        task: format!("{}-{}", snooze.instance, snooze.task.0),
        number: reached.loaded.instance.number().to_owned(),
        title: reached.title(),
        step: visit.names().step(&reached.definition, &open.step),
        until: visit.moment(snooze.until),
        urgency: clocks::of_task(visit, &reached.loaded.instance, open),
    })
}

/// The morning that is meant: tomorrow's, next Monday's, or that of a date within the next months.
fn at(visit: &Visit<'_>, choice: &str, date: Option<&str>) -> Option<Timestamp> {
    let today = today(visit);
    let last = days_after(&today, DAYS_MAX)?;
    let day = match choice {
        "tomorrow" => days_after(&today, 1)?,
        "monday" => next_monday(&today)?,
        _ => date.filter(|date| *date > today.as_str() && *date <= last.as_str())?.to_owned(),
    };
    Timestamp::from_local(&format!("{day} {MORNING}"), &visit.app.settings().zone).ok()
}

fn next_monday(today: &str) -> Option<String> {
    let weekday = today.parse::<jiff::civil::Date>().ok()?.weekday();
    days_after(today, i64::from(7 - weekday.to_monday_zero_offset()))
}
