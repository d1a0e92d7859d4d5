//! An entry of a register: what it says, how it hangs together with others, what it said before, and which records name it.

use std::collections::BTreeMap;

use engine::directory::Entry;
use engine::ids::{InstanceId, Name};
use engine::register::Register;
use engine::relations::Edge;
use engine::time::Timestamp;
use engine::value::{FieldType, Value};
use serde::Serialize;
use store::{EntryRevision, Life};

use super::said::{self, Difference, Linked};
use super::{change, keeps, today};
use crate::answer::{Answer, Refusal};
use crate::moment::Moment;
use crate::pages::requests::{self, Row};
use crate::reach;
use crate::visit::Visit;

/// The most records of a process that are shown as naming an entry, of open ones and of those that are over.
const NAMING_MAX: usize = 25;
/// The most entries at the other end of one relation that are shown.
const RELATED_MAX: usize = 100;

#[derive(Debug, Serialize)]
struct View {
    register: String,
    register_label: String,
    list: String,
    key: String,
    label: String,
    other_name: Option<String>,
    place: String,
    stale: Option<String>,
    attributes: Vec<Attribute>,
    has_relations: bool,
    relations: Vec<RelationView>,
    open: Vec<NamingView>,
    over: Vec<NamingView>,
    history: Vec<RevisionView>,
    keeps: bool,
}

#[derive(Debug, Serialize)]
struct Attribute {
    label: String,
    values: Vec<Linked>,
    long: bool,
}

/// The entries at the other ends of one relation.
#[derive(Debug, Serialize)]
struct RelationView {
    label: String,
    others: Vec<Linked>,
    more: usize,
}

/// The records of a process that name an entry.
#[derive(Debug, Default, Serialize)]
pub(super) struct NamingView {
    process: String,
    rows: Vec<Row>,
    /// That there are more than stand there, in words.
    cut: Option<String>,
}

/// A change of an entry.
#[derive(Debug, Serialize)]
pub struct RevisionView {
    who: String,
    at: Moment,
    under: Option<Linked>,
    reason: String,
    is_first: bool,
    differences: Vec<Difference>,
}

/// The page.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let (register, key, entry) = change::held(visit)?;
    let label = visit.names().entry(register.name.as_str(), &key);
    let this = BTreeMap::from([(register.name.as_str(), vec![Value::Ref(key.clone())])]);
    let other_name = if entry.labels.zh == label { entry.labels.en.clone() } else { entry.labels.zh.clone() };
    let list = format!("/registers/{}", register.name);
    let view = View {
        register: register.name.to_string(),
        register_label: visit.language.of(&register.labels).to_owned(),
        place: format!("{list}/{key}"),
        list,
        other_name: Some(other_name).filter(|other| *other != label),
        stale: stale(visit, register, entry),
        attributes: attributes(visit, register, entry),
        has_relations: !visit.directory.relations_of(&key).is_empty(),
        relations: relations(visit, &key),
        open: naming(visit, &this, Life::Open)?,
        over: naming(visit, &this, Life::Over)?,
        history: history(visit, register, &key)?,
        keeps: keeps(visit),
        key: key.to_string(),
        label: label.clone(),
    };
    visit.page("register_entry", label, &view)
}

/// That an entry counts as unverified, in words.
fn stale(visit: &Visit<'_>, register: &Register, entry: &Entry) -> Option<String> {
    if !register.is_stale(entry, &today(visit)) {
        return None;
    }
    let fresh = register.fresh.as_ref()?;
    let said =
        [("days", i64::from(fresh.days).into()), ("field", said::field_label(visit, register, &fresh.field).into())];
    Some(visit.say_with("register-unverified-why", &said))
}

fn attributes(visit: &Visit<'_>, register: &Register, entry: &Entry) -> Vec<Attribute> {
    let fields = register.fields.iter().filter(|field| register.relation(&field.name).is_none());
    let held = fields.filter_map(|field| {
        let value = entry.fields.get(&field.name).filter(|value| !value.is_empty())?;
        Some(Attribute {
            label: visit.language.of(&field.labels).to_owned(),
            values: said::values(visit, &field.holds, value),
            long: matches!(field.holds, FieldType::Markdown),
        })
    });
    held.collect()
}

fn relations(visit: &Visit<'_>, key: &Name) -> Vec<RelationView> {
    let mut edges: Vec<&Edge> = visit.directory.relations_of(key).iter().collect();
    edges.sort();
    let same = |one: &&Edge, other: &&Edge| (&one.kind, one.end) == (&other.kind, other.end);
    let group = |edges: &[&Edge]| {
        let first = edges.first()?;
        let other = |edge: &&Edge| said::entry(visit, said::register_beyond(visit, edge), &edge.other);
        Some(RelationView {
            label: said::relation_label(visit, first),
            others: edges.iter().take(RELATED_MAX).map(other).collect(),
            more: edges.len().saturating_sub(RELATED_MAX),
        })
    };
    edges.chunk_by(same).filter_map(group).collect()
}

/// The newest records of each process, open or over, that name any of some entries, by register, in a field by which they
/// are found, as far as the visitor may see them.
///
/// # Errors
/// The store failed.
pub(super) fn naming(
    visit: &Visit<'_>,
    entries: &BTreeMap<&str, Vec<Value>>,
    life: Life,
) -> Result<Vec<NamingView>, Refusal> {
    let mut groups = Vec::new();
    for version in visit.app.store().current_versions()? {
        let definition = visit.app.runtime().definition(&version.id)?;
        let mut found: Vec<(Timestamp, InstanceId)> = Vec::new();
        for name in &definition.parts().found_by {
            let register = definition.field(name).and_then(|field| field.holds.leads_to());
            if let Some(keys) = register.and_then(|register| entries.get(register.as_str())) {
                found.extend(visit.app.store().found_in(life, &version.process, name, keys, NAMING_MAX + 1)?);
            }
        }
        found.sort_unstable_by(|one, other| other.cmp(one));
        found.dedup();
        let mut group =
            NamingView { process: visit.language.of(&definition.parts().labels).to_owned(), ..NamingView::default() };
        for (_, id) in found {
            let Some(reached) = reached(visit, id)? else { continue };
            if !reached.shows_all(visit, reached.definition.parts().found_by.iter()) {
                continue;
            }
            if group.rows.len() == NAMING_MAX {
                let shown = i64::try_from(NAMING_MAX).unwrap_or(i64::MAX);
                group.cut = Some(visit.say_with("register-naming-cut", &[("count", shown.into())]));
                break;
            }
            if let Some(case) = visit.app.store().case(id)? {
                group.rows.push(requests::row(visit, case)?);
            }
        }
        if !group.rows.is_empty() {
            groups.push(group);
        }
    }
    Ok(groups)
}

/// A record, if the visitor may see it.
fn reached(visit: &Visit<'_>, id: InstanceId) -> Result<Option<reach::Reached>, Refusal> {
    match reach::by_id(visit, id) {
        Ok(reached) => Ok(Some(reached)),
        Err(Refusal::NotFound) => Ok(None),
        Err(other) => Err(other),
    }
}

fn history(visit: &Visit<'_>, register: &Register, key: &Name) -> Result<Vec<RevisionView>, Refusal> {
    let revisions = visit.app.store().entry_history(&register.name, key)?;
    let before = revisions.iter().skip(1).map(Some).chain([None]);
    Ok(revisions.iter().zip(before).map(|(revision, before)| view(visit, register, revision, before)).collect())
}

fn view(
    visit: &Visit<'_>,
    register: &Register,
    revision: &EntryRevision,
    before: Option<&EntryRevision>,
) -> RevisionView {
    RevisionView {
        who: who(visit, revision),
        at: visit.moment(revision.at),
        under: revision
            .under
            .as_ref()
            .map(|number| Linked { text: number.to_string(), to: Some(format!("/records/{number}")) }),
        reason: revision.reason.clone(),
        is_first: before.is_none(),
        differences: said::differences(visit, register, before.map(|before| &before.entry), &revision.entry),
    }
}

/// What somebody, or the engine, changed of an entry at an instant; nothing where the language does not declare the register.
///
/// # Errors
/// The store failed.
pub fn change_at(
    visit: &Visit<'_>,
    register: &str,
    key: &Name,
    (at, by): (Timestamp, Option<&Name>),
) -> Result<Option<RevisionView>, Refusal> {
    let Some(register) = visit.directory.declared(register) else { return Ok(None) };
    let revisions = visit.app.store().entry_history(&register.name, key)?;
    let before = revisions.iter().skip(1).map(Some).chain([None]);
    let found = revisions.iter().zip(before).find(|(revision, _)| revision.at == at && revision.by.as_ref() == by);
    Ok(found.map(|(revision, before)| view(visit, register, revision, before)))
}

/// Who made a change.
pub(super) fn who(visit: &Visit<'_>, revision: &EntryRevision) -> String {
    revision.by.as_ref().map_or_else(|| visit.say("who-system"), |by| visit.names().person(by))
}
