//! The processes with their versions: who wrote and approved each, why, and how many records follow it.

use engine::ids::Name;
use serde::Serialize;

use crate::answer::{Answer, Refusal};
use crate::moment::Moment;
use crate::visit::Visit;

#[derive(Debug, Serialize)]
struct View {
    processes: Vec<ProcessView>,
}

#[derive(Debug, Serialize)]
struct ProcessView {
    name: String,
    label: String,
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
    running: u64,
    ended: u64,
    address: String,
    definition: String,
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let names = visit.names();
    let mut processes: Vec<ProcessView> = Vec::new();
    for row in visit.app.store().definitions()? {
        let is_first = processes.last().is_none_or(|process| row.process != process.name.as_str());
        if is_first {
            processes.push(ProcessView {
                name: row.process.to_string(),
                label: process_label(visit, &row.process)?,
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
            running: row.running,
            ended: row.ended,
            address: row.id.0.chars().take(12).collect(),
            definition: row.id.0,
        };
        if let Some(process) = processes.last_mut() {
            process.versions.push(version);
        }
    }
    visit.page("definitions", visit.say("definitions-title"), &View { processes })
}

/// What a process is called in its newest version.
///
/// # Errors
/// The definition cannot be read.
pub fn process_label(visit: &Visit<'_>, process: &Name) -> Result<String, Refusal> {
    let current = visit.app.runtime().current(process)?;
    Ok(current.map_or_else(|| process.to_string(), |found| visit.language.of(&found.parts().labels).to_owned()))
}
