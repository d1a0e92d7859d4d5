//! One version of a process: what it is for, which clauses it answers, its picture, its text line by line.

use engine::ids::Name;
use serde::Serialize;
use store::StoredDefinition;

use crate::answer::{Answer, Refusal};
use crate::moment::Moment;
use crate::picture;
use crate::visit::Visit;

#[derive(Debug, Serialize)]
struct View {
    name: String,
    label: String,
    version: u32,
    purpose: String,
    owner: String,
    clauses: Vec<ClauseView>,
    deployed: Moment,
    author: String,
    approver: String,
    reason: String,
    change: Option<String>,
    address: String,
    diagram: String,
    lines: Vec<Line>,
}

#[derive(Debug, Serialize)]
struct ClauseView {
    edition: String,
    number: String,
}

#[derive(Debug, Serialize)]
struct Line {
    number: usize,
    text: String,
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let stored = stored(visit)?;
    let (parts, names) = (&stored.parts, visit.names());
    let clause = |clause: &engine::definition::Clause| {
        let key = format!("edition-{}", clause.edition);
        let edition = if visit.words().has(&key) { visit.say(&key) } else { clause.edition.to_string() };
        ClauseView { edition, number: clause.number.clone() }
    };
    let view = View {
        name: stored.process.to_string(),
        label: visit.language.of(&parts.labels).to_owned(),
        version: stored.version,
        purpose: parts.purpose.clone(),
        owner: names.role(&parts.owner),
        clauses: parts.clauses.iter().map(clause).collect(),
        deployed: visit.moment(stored.deployed_at),
        author: names.person(&stored.author),
        approver: names.person(&stored.approver),
        reason: stored.reason.clone(),
        change: stored.change.clone(),
        address: stored.id.to_string(),
        diagram: picture::drawn(visit, &stored.id, parts, &dsl::diagram::Here::default()),
        lines: stored
            .source
            .lines()
            .enumerate()
            .map(|(index, text)| Line { number: index + 1, text: text.to_owned() })
            .collect(),
    };
    let said = [("process", view.label.as_str().into()), ("version", i64::from(view.version).into())];
    visit.page("definition", visit.say_with("definition-title", &said), &view)
}

fn stored(visit: &Visit<'_>) -> Result<StoredDefinition, Refusal> {
    let process = Name::from(visit.asked.part("process"));
    let version: u32 = visit.asked.part("version").parse().map_err(|_| Refusal::NotFound)?;
    visit.app.store().definition_version(&process, version)?.ok_or(Refusal::NotFound)
}
