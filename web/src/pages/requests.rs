//! What a person has asked for, with where it stands in words.

use engine::ids::InstanceId;
use serde::Serialize;
use store::{CaseFilter, CaseQuery, CaseRow, CaseStatus};

use crate::answer::{Answer, Refusal};
use crate::moment::Moment;
use crate::pages::portal;
use crate::visit::Visit;

/// How many requests stand on a page.
const PAGE: usize = 50;

#[derive(Debug, Serialize)]
struct View {
    waiting: Vec<portal::Waiting>,
    shows: Vec<ShowView>,
    rows: Vec<Row>,
    empty: String,
    next: Option<String>,
}

/// A part of the requests.
#[derive(Debug, Serialize)]
struct ShowView {
    label: String,
    to: String,
    current: bool,
}

/// The parts: in the address, in words, which records.
const SHOWS: [(&str, &str, CaseFilter, &str); 3] = [
    ("open", "requests-open", CaseFilter::Open, "portal-none"),
    ("closed", "requests-closed", CaseFilter::Ended, "requests-none-closed"),
    ("all", "requests-all", CaseFilter::Any, "requests-empty"),
];

/// A request, as shown.
#[derive(Debug, Serialize)]
pub struct Row {
    number: String,
    title: String,
    process: String,
    status: &'static str,
    stage: String,
    service: Option<String>,
    requester: String,
    started: Moment,
    updated: Moment,
}

impl Row {
    /// The number of the record.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// What its process is called.
    pub fn process(&self) -> &str {
        &self.process
    }
}

/// The page: what waits for who asked first, then what is open, over or both.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let before = visit.asked.query.get("before").and_then(|text| text.parse().ok()).map(InstanceId);
    let asked = visit.asked.query.get("show").unwrap_or_default();
    let [open, ..] = SHOWS;
    let (show, _, status, empty) = SHOWS.into_iter().find(|(name, ..)| *name == asked).unwrap_or(open);
    let query =
        CaseQuery { requester: Some(visit.person()?.clone()), status, before, limit: PAGE, ..CaseQuery::default() };
    let cases = visit.app.store().cases(&query)?;
    let next = cases.last().filter(|_| cases.len() == PAGE);
    let next = next.map(|last| format!("?show={show}&before={}", last.instance));
    let part = |(name, label, ..): (&str, &str, CaseFilter, &str)| ShowView {
        label: visit.say(label),
        to: format!("?show={name}"),
        current: name == show,
    };
    let view = View {
        waiting: if before.is_none() { portal::waiting(visit)? } else { Vec::new() },
        shows: SHOWS.into_iter().map(part).collect(),
        rows: cases.into_iter().map(|case| row(visit, case)).collect::<Result<_, _>>()?,
        empty: visit.say(empty),
        next,
    };
    visit.page("requests", visit.say("requests-title"), &view)
}

/// Requests, as shown.
///
/// # Errors
/// The store failed.
pub fn rows(visit: &Visit<'_>, query: &CaseQuery) -> Result<Vec<Row>, Refusal> {
    visit.app.store().cases(query)?.into_iter().map(|case| row(visit, case)).collect()
}

/// A record of the list, as shown.
///
/// # Errors
/// Its definition cannot be read.
pub fn row(visit: &Visit<'_>, case: CaseRow) -> Result<Row, Refusal> {
    let definition = visit.app.runtime().definition(&case.definition)?;
    let names = visit.names();
    let (status, stage) = match case.status {
        CaseStatus::Running => {
            let named = visit.names().stage(&definition, case.stage.iter());
            ("running", named.unwrap_or_else(|| visit.say("stage-running")))
        }
        CaseStatus::Stuck => ("stuck", visit.say("stage-stuck")),
        CaseStatus::Suspended => ("suspended", visit.say("stage-suspended")),
        CaseStatus::Ended => {
            let outcome = case.stage.first();
            ("ended", outcome.map_or_else(|| visit.say("stage-ended"), |outcome| names.end(&definition, outcome)))
        }
    };
    Ok(Row {
        number: case.number,
        title: case.title,
        process: visit.language.of(&definition.parts().labels).to_owned(),
        status,
        stage,
        service: case.service.as_ref().map(|key| names.entry(engine::directory::SERVICE, key)),
        requester: names.person(&case.requester),
        started: visit.moment(case.started),
        updated: visit.moment(case.updated),
    })
}
