//! The processes with their versions: who wrote and approved each, why, and how many records follow it; and whether
//! that takes four eyes.

use actix_web::http::StatusCode;
use engine::ids::Name;
use serde::Serialize;
use store::FourEyes;

use crate::answer::{Answer, Refusal};
use crate::flash::{Deed, Flash};
use crate::moment::Moment;
use crate::visit::{ADMINISTRATOR, Visit};

#[derive(Debug, Serialize)]
struct View {
    processes: Vec<ProcessView>,
    four_eyes: FourEyesView,
}

#[derive(Debug, Serialize)]
struct FourEyesView {
    on: bool,
    decided: Option<DecidedView>,
    may_switch: bool,
}

#[derive(Debug, Serialize)]
struct DecidedView {
    by: String,
    at: Moment,
}

#[derive(Debug, Serialize)]
struct ProcessView {
    name: String,
    label: String,
    next: Option<Moment>,
    versions: Vec<VersionView>,
}

#[derive(Debug, Serialize)]
struct VersionView {
    version: u32,
    current: bool,
    deployed: Moment,
    author: String,
    approver: String,
    reason: String,
    change: Option<String>,
    running: u64,
    ended: u64,
    address: String,
    definition: String,
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    page(visit, StatusCode::OK)
}

/// Switches the four-eyes principle on or off.
pub fn switch(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let to = match visit.asked.form.get("four_eyes") {
        Some("on") => FourEyes::On,
        Some("off") => FourEyes::Off,
        Some(_) | None => return page(visit, StatusCode::UNPROCESSABLE_ENTITY),
    };
    visit.app.store().set_four_eyes(to, visit.person()?, visit.now)?;
    Ok(visit.done("/admin/definitions", Flash::new(Deed::Saved, visit.say("four-eyes-title"))))
}

fn page(visit: &Visit<'_>, status: StatusCode) -> Result<Answer, Refusal> {
    let names = visit.names();
    let mut processes: Vec<ProcessView> = Vec::new();
    for row in visit.app.store().definitions()? {
        let is_first = processes.last().is_none_or(|process| row.process != process.name.as_str());
        if is_first {
            processes.push(ProcessView {
                name: row.process.to_string(),
                label: process_label(visit, &row.process)?,
                next: next(visit, &row.process)?,
                versions: Vec::new(),
            });
        }
        let version = VersionView {
            version: row.version,
            current: is_first,
            deployed: visit.moment(row.deployed_at),
            author: names.person(&row.author),
            approver: names.person(&row.approver),
            reason: row.reason,
            change: row.change,
            running: row.running,
            ended: row.ended,
            address: row.id.0.chars().take(12).collect(),
            definition: row.id.0,
        };
        if let Some(process) = processes.last_mut() {
            process.versions.push(version);
        }
    }
    let view = View { processes, four_eyes: four_eyes(visit)? };
    visit.page_with(status, "definitions", visit.say("definitions-title"), &view)
}

/// When a record of a process begins by itself next, if one does.
fn next(visit: &Visit<'_>, process: &Name) -> Result<Option<Moment>, Refusal> {
    let runtime = visit.app.runtime();
    let current = runtime.current(process)?;
    Ok(current.and_then(|found| runtime.scheduled(&found).into_iter().min()).map(|next| visit.moment(next)))
}

fn four_eyes(visit: &Visit<'_>) -> Result<FourEyesView, Refusal> {
    let held = visit.app.store().four_eyes()?;
    let decided = |(by, at): (Name, _)| DecidedView { by: visit.names().person(&by), at: visit.moment(at) };
    Ok(FourEyesView {
        on: held.state == FourEyes::On,
        decided: held.decided.map(decided),
        may_switch: visit.holds(ADMINISTRATOR),
    })
}

/// What a process is called in its newest version.
///
/// # Errors
/// The definition cannot be read.
pub fn process_label(visit: &Visit<'_>, process: &Name) -> Result<String, Refusal> {
    let current = visit.app.runtime().current(process)?;
    Ok(current.map_or_else(|| process.to_string(), |found| visit.language.of(&found.parts().labels).to_owned()))
}
