//! The records behind a figure of the board, fifty on a page.

use engine::definition::{Definition, Figure, Measure};
use engine::directory::{SERVICE, TEAM};
use engine::ids::{InstanceId, Name};
use engine::measure::{BEGUN, ENDED, OPEN, Tally, kept};
use serde::Serialize;
use store::MeasuredQuery;

use crate::answer::{Answer, Refusal};
use crate::grid::{self, way};
use crate::pages::requests::{self, Row};
use crate::reach;
use crate::visit::Visit;

/// How many records stand on a page.
const PAGE: usize = 50;

#[derive(Debug, Serialize)]
struct View {
    heading: String,
    narrowed: Vec<String>,
    count: String,
    /// What the figure is called to which each record adds something of its own.
    adds: Option<String>,
    rows: Vec<Line>,
    first: Option<String>,
    next: Option<String>,
    board: String,
}

/// A record; what one may not see has nothing but its number.
#[derive(Debug, Serialize)]
struct Line {
    number: String,
    row: Option<Row>,
    /// What it adds to the figure.
    adds: Option<String>,
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let asked = &visit.asked.query;
    let (process, measure) = (asked.get("process").unwrap_or_default(), asked.get("measure").unwrap_or_default());
    let managed = visit.managed()?;
    let definition = managed.iter().find(|definition| definition.parts().name == process).ok_or(Refusal::NotFound)?;
    let heading = heading(visit, definition, measure).ok_or(Refusal::NotFound)?;
    let groups: Vec<String> = asked.all("group").map(str::to_owned).collect();
    let named = |name: &str| asked.get(name).map(Name::from);
    let query = MeasuredQuery {
        from: asked.get("from").map(str::to_owned),
        before: asked.get("before").map(str::to_owned),
        groups: (!groups.is_empty()).then_some(groups),
        priority: named("priority"),
        team: named("team"),
        service: named("service"),
        ..MeasuredQuery::of(Name::from(process), Name::from(measure))
    };
    let below = asked.get("below").and_then(|text| text.parse().ok()).map(InstanceId);
    let mut cases = visit.app.store().measured_records(&query, below, PAGE + 1)?;
    let more = cases.len() > PAGE;
    cases.truncate(PAGE);
    let next = cases.last().filter(|_| more).map(|(last, _)| format!("{}&below={}", way(&query), last.instance));
    // Of a count every record is one.
    let measure = declared(definition, measure).filter(|measure| measure.figure != Figure::Count);
    let rows = cases.into_iter().map(|(case, amount)| line(visit, case, measure.as_ref(), amount));
    let rows = rows.collect::<Result<_, _>>()?;
    let count = visit.app.store().measured_count(&query)?;
    let view = View {
        narrowed: narrowed(visit, definition, &query),
        count: visit.say_with("list-count", &[("count", count.to_string().into())]),
        adds: measure.map(|measure| visit.language.of(&measure.labels).to_owned()),
        rows,
        first: below.map(|_| way(&query)),
        next,
        board: format!("/board?process={process}"),
        heading,
    };
    visit.page("list", view.heading.clone(), &view)
}

/// What a measure is called, if there is such a one.
fn heading(visit: &Visit<'_>, definition: &Definition, measure: &str) -> Option<String> {
    let flow = [(OPEN, "board-backlog"), (BEGUN, "board-begun"), (ENDED, "col-ended")];
    let own = flow.into_iter().find(|(name, _)| *name == measure).map(|(_, key)| visit.say(key));
    let said = || declared(definition, measure).map(|found| visit.language.of(&found.labels).to_owned());
    let said = own.or_else(said)?;
    Some(format!("{}{}{said}", visit.language.of(&definition.parts().labels), visit.say("colon")))
}

/// A measure that the process declares, or that of one of its clocks.
fn declared(definition: &Definition, measure: &str) -> Option<Measure> {
    let parts = definition.parts();
    let clock = || parts.clocks.iter().map(kept).find(|clock| clock.name == measure);
    parts.measures.iter().find(|declared| declared.name == measure).cloned().or_else(clock)
}

/// By what the list is narrowed, in words.
fn narrowed(visit: &Visit<'_>, definition: &Definition, query: &MeasuredQuery) -> Vec<String> {
    let names = visit.names();
    let mut said = Vec::new();
    if let Some(groups) = &query.groups {
        let by = match declared(definition, query.measure.as_str()) {
            Some(measure) => measure.by,
            None => vec![Name::from("priority")],
        };
        said.extend(groups.iter().enumerate().map(|(place, value)| match by.get(place) {
            Some(field) => grid::group_label(visit, definition, field, value),
            None => value.clone(),
        }));
    }
    let last = query.before.as_deref().and_then(|before| before.parse::<jiff::civil::Date>().ok()?.yesterday().ok());
    match (&query.from, last) {
        (Some(from), Some(last)) if *from == last.to_string() => said.push(from.clone()),
        (Some(from), Some(last)) => {
            let span = [("from", from.clone().into()), ("to", last.to_string().into())];
            said.push(visit.say_with("list-between", &span));
        }
        (Some(from), None) => said.push(visit.say_with("list-from", &[("from", from.clone().into())])),
        (None, Some(last)) => said.push(visit.say_with("list-until", &[("to", last.to_string().into())])),
        (None, None) => {}
    }
    let priority = Name::from("priority");
    said.extend(query.priority.iter().map(|value| grid::group_label(visit, definition, &priority, value.as_str())));
    said.extend(query.team.iter().map(|team| names.entry(TEAM, team)));
    said.extend(query.service.iter().map(|service| names.entry(SERVICE, service)));
    said
}

fn line(visit: &Visit<'_>, case: store::CaseRow, measure: Option<&Measure>, amount: i64) -> Result<Line, Refusal> {
    let number = case.number.clone();
    let row = match reach::by_id(visit, case.instance) {
        Ok(_) => Some(requests::row(visit, case)?),
        Err(Refusal::NotFound) => None,
        Err(other) => return Err(other),
    };
    Ok(Line { adds: measure.and_then(|measure| adds(visit, measure, amount)), number, row })
}

/// What one record adds to a figure: whether it is among the share, or its own amount.
fn adds(visit: &Visit<'_>, measure: &Measure, amount: i64) -> Option<String> {
    match measure.figure {
        Figure::Count => None,
        Figure::Share => Some(visit.say(if amount == 0 { "value-no" } else { "value-yes" })),
        Figure::Sum | Figure::Mean | Figure::Median | Figure::Min | Figure::Max => {
            let alone = measure.figure_of(&[Tally { amount, records: 1 }])?;
            Some(grid::figure(visit, measure, alone))
        }
    }
}
