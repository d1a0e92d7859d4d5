//! The portal: what the organisation offers, what waits for oneself, and the way to report a problem.

use engine::directory::{CALENDAR, SERVICE, TEAM};
use engine::ids::Name;
use engine::value::Value;
use serde::Serialize;
use store::{CaseFilter, CaseQuery, InboxView};

use crate::answer::{Answer, Refusal};
use crate::pages::{inbox, requests};
use crate::sla::{self, Urgency};
use crate::visit::Visit;

/// How many requests and tasks are shown; the rest is a page further.
const SHOWN: usize = 5;

#[derive(Debug, Serialize)]
struct View {
    waiting: Vec<Waiting>,
    services: Vec<Service>,
    requests: Vec<requests::Row>,
}

#[derive(Debug, Serialize)]
struct Waiting {
    task: String,
    number: String,
    title: String,
    step: String,
    urgency: Urgency,
    provisional: bool,
}

#[derive(Debug, Serialize)]
struct Service {
    key: String,
    label: String,
    team: Option<String>,
    hours: Option<String>,
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let names = visit.names();
    let waiting = inbox::rows(visit, InboxView::Mine, store::INBOX_PAGE_MAX)?
        .into_iter()
        .filter(|row| Some(&row.requester) == visit.person().ok())
        .take(SHOWN)
        .map(|row| {
            let definition = visit.app.runtime().definition(&row.definition)?;
            let provisional = inbox::is_provisional(visit, &row)?;
            Ok(Waiting {
                task: format!("{}-{}", row.instance, row.task.0),
                number: row.number,
                title: row.title,
                step: names.step(&definition, &row.step),
                urgency: sla::until(visit, row.due),
                provisional,
            })
        })
        .collect::<Result<Vec<Waiting>, Refusal>>()?;
    let service = |(key, entry): (&Name, &engine::directory::Entry)| {
        let named = |attribute: &str, register: &str| match entry.fields.get(attribute) {
            Some(Value::Ref(key)) => Some(names.entry(register, key)),
            _ => None,
        };
        Service {
            key: key.to_string(),
            label: names.entry(SERVICE, key),
            team: named("support_team", TEAM),
            hours: named("calendar", CALENDAR),
        }
    };
    let query = CaseQuery {
        requester: Some(visit.person()?.clone()),
        status: CaseFilter::Open,
        limit: SHOWN,
        ..CaseQuery::default()
    };
    let view = View {
        waiting,
        services: visit.directory.entries(SERVICE).map(service).collect(),
        requests: requests::rows(visit, &query)?,
    };
    visit.page("portal", visit.say("portal-title"), &view)
}
