//! The records that run, stuck ones first: what is wrong, on which line of the process, and a button to try again.

use engine::command::Command;
use engine::ids::{DefinitionId, InstanceId, Name};
use engine::instance::Status;
use runtime::ExecuteError;
use serde::Serialize;
use store::{CaseFilter, CaseQuery};

use crate::answer::{Answer, Refusal};
use crate::flash::{Deed, Flash};
use crate::pages::admin::definitions::process_label;
use crate::pages::admin::operate::{self, RepairView};
use crate::pages::requests::{self, Row};
use crate::pages::task::beneath;
use crate::pairs::encoded;
use crate::reach;
use crate::visit::{ADMINISTRATOR, Visit};

/// How many records stand on a page.
const PAGE: usize = 50;

#[derive(Debug, Serialize)]
struct View {
    stuck: Vec<StuckView>,
    rows: Vec<Row>,
    processes: Vec<Filter>,
    statuses: Vec<Filter>,
    version: Option<String>,
    next: Option<String>,
    may_retry: bool,
    undelivered: bool,
}

#[derive(Debug, Serialize)]
struct Filter {
    value: String,
    label: String,
    chosen: bool,
}

#[derive(Debug, Serialize)]
struct StuckView {
    number: String,
    title: String,
    process: String,
    repair: RepairView,
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let asked = &visit.asked.query;
    let process = asked.get("process").map(Name::from);
    let definition = asked.get("definition").map(|id| DefinitionId(id.to_owned()));
    let status_name = asked.get("status").unwrap_or("open");
    let status = match status_name {
        "suspended" => CaseFilter::Suspended,
        "ended" => CaseFilter::Ended,
        "stuck" => CaseFilter::Stuck,
        "any" => CaseFilter::Any,
        _ => CaseFilter::Open,
    };
    let before = asked.get("before").and_then(|text| text.parse().ok()).map(InstanceId);
    let query = CaseQuery { process: process.clone(), definition, status, before, limit: PAGE, requester: None };
    let cases = visit.app.store().cases(&query)?;
    let next = cases.last().filter(|_| cases.len() == PAGE).map(|last| next(visit, last.instance));
    let rows = cases.into_iter().map(|case| requests::row(visit, case)).collect::<Result<_, _>>()?;
    let view = View {
        stuck: if before.is_none() { stuck(visit, process.clone())? } else { Vec::new() },
        rows,
        processes: processes(visit, process.as_ref())?,
        statuses: ["open", "stuck", "suspended", "ended", "any"]
            .into_iter()
            .map(|value| Filter {
                value: value.to_owned(),
                label: visit.say(&format!("filter-{value}")),
                chosen: value == status_name,
            })
            .collect(),
        version: asked.get("definition").map(str::to_owned),
        next,
        may_retry: visit.holds(ADMINISTRATOR),
        undelivered: !visit.app.store().undelivered(1)?.is_empty(),
    };
    visit.page("instances", visit.say("instances-title"), &view)
}

fn next(visit: &Visit<'_>, last: InstanceId) -> String {
    let kept = visit.asked.query.iter().filter(|(name, _)| *name != "before");
    let kept: Vec<String> = kept.map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    format!("?{}", kept.into_iter().chain([format!("before={last}")]).collect::<Vec<_>>().join("&"))
}

fn processes(visit: &Visit<'_>, chosen: Option<&Name>) -> Result<Vec<Filter>, Refusal> {
    let versions = visit.app.store().current_versions()?;
    let filter = |name: Name| {
        Ok(Filter { value: name.to_string(), label: process_label(visit, &name)?, chosen: Some(&name) == chosen })
    };
    versions.into_iter().map(|version| filter(version.process)).collect()
}

/// What is in need of repair, of one process or of all.
fn stuck(visit: &Visit<'_>, process: Option<Name>) -> Result<Vec<StuckView>, Refusal> {
    let query = CaseQuery { process, status: CaseFilter::Stuck, limit: PAGE, ..CaseQuery::default() };
    let mut found = Vec::new();
    for case in visit.app.store().cases(&query)? {
        let reached = reach::by_id(visit, case.instance)?;
        let Status::Stuck(repair) = reached.loaded.instance.status() else { continue };
        found.push(StuckView {
            number: case.number,
            title: case.title,
            process: visit.language.of(&reached.definition.parts().labels).to_owned(),
            repair: operate::seen(visit, &reached, repair)?,
        });
    }
    Ok(found)
}

/// Lets a stuck record try again.
pub fn retry(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let number = visit.asked.part("number");
    let id = visit.app.store().instance_of_number(number)?.ok_or(Refusal::NotFound)?;
    let deed = match visit.app.runtime().execute(id, visit.actor()?, Command::Retry) {
        Ok(done) if matches!(done.instance.status(), Status::Stuck(_)) => Deed::StillStuck,
        Ok(_) => Deed::Retried,
        Err(ExecuteError::Rejected(_)) => Deed::TooLate,
        Err(other) => return Err(beneath(other)),
    };
    Ok(visit.done("/admin/instances", Flash::new(deed, number)))
}
