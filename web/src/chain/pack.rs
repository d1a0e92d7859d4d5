//! A record of a chain as evidence on paper: what it says, what happened, who did what and voted how, the files and where its chain of
//! hashes ends, the baselines that it holds and how they differ, and what was changed in registers under it.

use std::collections::{BTreeMap, BTreeSet};

use engine::definition::Field;
use engine::event::{Actor, Event};
use engine::file::HeldFile;
use engine::ids::Name;
use engine::records::each;
use engine::register::{CONTENT, HASH, ITEM};
use engine::value::{FieldType, Value};
use serde::Serialize;
use store::{EntryRevision, HistoryEntry};

use super::Chain;
use super::people::named_by;
use super::ties::{EntryKey, target};
use super::view::{RecordView, attribute_named, attribute_said, entry_named};
use super::work::{Work, work};
use crate::answer::Refusal;
use crate::facts::{Fact, chosen};
use crate::files;
use crate::frozen;
use crate::moment::Moment;
use crate::reach::Reached;
use crate::timeline::{EntryView, Values, timeline};
use crate::visit::Visit;

/// A record as evidence.
#[derive(Debug, Serialize)]
pub struct Evidence {
    record: RecordView,
    /// The text that it follows, by its content address.
    definition: String,
    facts: Vec<Fact>,
    baselines: Vec<BaselineView>,
    difference: Option<DifferenceView>,
    changes: Vec<ChangeView>,
    work: Work,
    files: Vec<FileView>,
    entries: Vec<EntryView>,
    /// How many commits led to it.
    revision: u64,
    /// The hash of the newest of them.
    head: String,
    /// Whom its history names.
    #[serde(skip)]
    pub people: BTreeSet<Name>,
}

#[derive(Debug, Serialize)]
struct BaselineView {
    label: String,
    rows: Vec<BaselineRow>,
}

#[derive(Debug, Serialize)]
struct BaselineRow {
    item: String,
    content: String,
    hash: String,
}

/// How the last baseline that a record holds differs from the first.
#[derive(Debug, Serialize)]
struct DifferenceView {
    before: String,
    after: String,
    rows: Vec<DifferingRow>,
}

/// What differs of an item.
#[derive(Debug, Serialize)]
struct DifferingRow {
    item: String,
    attribute: String,
    before: String,
    after: String,
}

/// A change of an entry of a register that was made under the record.
#[derive(Debug, Serialize)]
struct ChangeView {
    entry: String,
    at: Moment,
    by: String,
    reason: String,
    rows: Vec<ChangedRow>,
}

#[derive(Debug, Serialize)]
struct ChangedRow {
    attribute: String,
    from: String,
    to: String,
}

#[derive(Debug, Serialize)]
struct FileView {
    name: String,
    size: String,
    sha256: String,
    by: String,
    at: Moment,
    is_there: bool,
}

/// A record as evidence.
///
/// # Errors
/// The store failed.
pub fn evidence(visit: &Visit<'_>, chain: &Chain, reached: &Reached, record: RecordView) -> Result<Evidence, Refusal> {
    let instance = &reached.loaded.instance;
    let history = visit.app.store().history(instance.id())?;
    let revisions = visit.app.store().entries_changed_under(&Name::from(instance.number()))?;
    let mut entries = timeline(visit, reached, &history, Values::Whole);
    entries.reverse();
    entries.iter_mut().for_each(|entry| veil(visit, chain, entry));
    // What names records stands among the ties, and a baseline in a table of its own.
    let is_plain = |field: &Field| {
        let names_records = target(&field.holds).is_some_and(|name| !visit.directory.has_register(name.as_str()));
        !names_records && !is_baseline(field)
    };
    let baselines: Vec<(&Field, &Value)> = baselines(visit, reached);
    Ok(Evidence {
        record,
        definition: instance.definition().to_string(),
        facts: chosen(visit, reached, is_plain),
        difference: difference(visit, &baselines),
        baselines: baselines.into_iter().map(|(field, value)| baseline_view(visit, field, value)).collect(),
        changes: changes(visit, &revisions, &history)?,
        work: work(visit, reached, &history),
        people: named_by(visit, reached, &history)
            .into_iter()
            .chain(revisions.iter().filter_map(|revision| revision.by.clone()))
            .collect(),
        files: held_files(visit, reached),
        entries,
        revision: history.last().map_or(0, |last| last.revision),
        head: history.last().map(|last| hex::encode(last.hash)).unwrap_or_default(),
    })
}

/// Keeps the numbers of what the visitor may not see out of what is told.
fn veil(visit: &Visit<'_>, chain: &Chain, entry: &mut EntryView) {
    for number in chain.unseen() {
        for sentence in entry.main.iter_mut().chain(&mut entry.detail).filter(|told| told.text.contains(number)) {
            sentence.text = sentence.text.replace(number, &visit.say("chain-unseen"));
        }
    }
}

fn is_baseline(field: &Field) -> bool {
    match &field.holds {
        FieldType::Rows(columns) => columns.iter().map(|column| column.name.as_str()).eq([ITEM, CONTENT, HASH]),
        _ => false,
    }
}

/// The baselines that the record holds, in the order in which they are declared.
fn baselines<'r>(visit: &Visit<'_>, reached: &'r Reached) -> Vec<(&'r Field, &'r Value)> {
    let fields = reached.definition.parts().fields.iter();
    let shown = fields.filter(|field| is_baseline(field) && reached.shows(visit, field));
    let held = shown.filter_map(|field| Some((field, reached.loaded.instance.fields().get(&field.name)?)));
    held.filter(|(_, value)| !value.is_empty()).collect()
}

/// The rows of a baseline: the item, what it said, the hash of that.
fn rows(value: &Value) -> Vec<(Name, String, String)> {
    let row = |row: &Value| match row {
        Value::Row(cells) => match (cells.get(ITEM), cells.get(CONTENT), cells.get(HASH)) {
            (Some(Value::Ref(item)), Some(content), Some(hash)) => Some((item.clone(), content.plain(), hash.plain())),
            _ => None,
        },
        _ => None,
    };
    each(value).filter_map(row).collect()
}

fn baseline_view(visit: &Visit<'_>, field: &Field, value: &Value) -> BaselineView {
    let row = |(item, content, hash): (Name, String, String)| BaselineRow {
        item: item_named(visit, &item),
        content: frozen::all(&visit.names(), &item, &content),
        hash,
    };
    BaselineView {
        label: visit.language.of(&field.labels).to_owned(),
        rows: rows(value).into_iter().map(row).collect(),
    }
}

/// What differs between the first baseline and the last.
fn difference(visit: &Visit<'_>, baselines: &[(&Field, &Value)]) -> Option<DifferenceView> {
    let ((before_field, before), (after_field, after)) = match baselines {
        [first, .., last] => (*first, *last),
        [] | [_] => return None,
    };
    let by_item = |value: &Value| -> BTreeMap<Name, String> {
        rows(value).into_iter().map(|(item, content, _)| (item, content)).collect()
    };
    let (before, after) = (by_item(before), by_item(after));
    let items: BTreeSet<&Name> = before.keys().chain(after.keys()).collect();
    let mut differing = Vec::new();
    for item in items {
        let row = |attribute: String, before: String, after: String| DifferingRow {
            item: item_named(visit, item),
            attribute,
            before,
            after,
        };
        match (before.get(item), after.get(item)) {
            (Some(old), Some(new)) => {
                let (old, new) = (frozen::lines(old), frozen::lines(new));
                let attributes: BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
                for attribute in attributes.into_iter().filter(|attribute| old.get(attribute) != new.get(attribute)) {
                    let said = |of: &BTreeMap<&str, String>| {
                        let said = of.get(attribute).map(|said| frozen::value(&visit.names(), item, attribute, said));
                        said.unwrap_or_default()
                    };
                    let called = frozen::attribute(&visit.names(), item, attribute);
                    differing.push(row(called, said(&old), said(&new)));
                }
            }
            (old, new) => {
                let held = |is_held: bool| visit.say(if is_held { "pack-held" } else { "pack-not-held" });
                differing.push(row(visit.say("pack-whole-item"), held(old.is_some()), held(new.is_some())));
            }
        }
    }
    let label = |field: &Field| visit.language.of(&field.labels).to_owned();
    Some(DifferenceView { before: label(before_field), after: label(after_field), rows: differing })
}

fn item_named(visit: &Visit<'_>, item: &Name) -> String {
    match visit.directory.register_of(item) {
        Some(register) => format!("{} ({item})", visit.names().entry(register.as_str(), item)),
        None => item.to_string(),
    }
}

/// What was changed in registers under the record, oldest first, each attribute from what to what.
fn changes(visit: &Visit<'_>, revisions: &[EntryRevision], told: &[HistoryEntry]) -> Result<Vec<ChangeView>, Refusal> {
    let mut views = Vec::new();
    for revision in revisions {
        let history = visit.app.store().entry_history(&revision.register, &revision.key)?;
        let before =
            history.into_iter().filter(|held| held.revision < revision.revision).max_by_key(|held| held.revision);
        let entry = EntryKey { register: revision.register.clone(), key: revision.key.clone() };
        views.push(ChangeView {
            entry: format!("{} ({})", entry_named(visit, &entry), entry.key),
            at: visit.moment(revision.at),
            by: by(visit, revision, told),
            reason: revision.reason.clone(),
            rows: changed_rows(visit, before.as_ref(), revision),
        });
    }
    Ok(views)
}

/// Who changed an entry; of what the process changed, who did what it followed from.
fn by(visit: &Visit<'_>, revision: &EntryRevision, told: &[HistoryEntry]) -> String {
    if let Some(person) = &revision.by {
        return visit.names().person(person);
    }
    let owes = |event: &Event| match event {
        Event::EntryPut { register, key, .. } => *register == revision.register && *key == revision.key,
        _ => false,
    };
    let cause = told.iter().rfind(|entry| entry.at <= revision.at && entry.events.iter().any(owes));
    match cause.map(|entry| &entry.actor) {
        Some(Actor::Person(person)) => {
            visit.say_with("pack-by-process", &[("person", visit.names().person(person).into())])
        }
        Some(Actor::System) | None => visit.say("who-system"),
    }
}

fn changed_rows(visit: &Visit<'_>, before: Option<&EntryRevision>, after: &EntryRevision) -> Vec<ChangedRow> {
    let register = &after.register;
    let old = before.map(|revision| &revision.entry);
    let name = |entry: Option<&engine::directory::Entry>| {
        entry.map(|entry| visit.language.of(&entry.labels).to_owned()).unwrap_or_default()
    };
    let named = ChangedRow { attribute: visit.say("pack-entry-name"), from: name(old), to: name(Some(&after.entry)) };
    let held = old.into_iter().flat_map(|entry| entry.fields.keys()).chain(after.entry.fields.keys());
    let attributes: BTreeSet<&Name> = held.collect();
    let row = |attribute: &Name| ChangedRow {
        attribute: attribute_named(visit, register, attribute),
        from: attribute_said(visit, register, attribute, old),
        to: attribute_said(visit, register, attribute, Some(&after.entry)),
    };
    std::iter::once(named).chain(attributes.into_iter().map(row)).filter(|row| row.from != row.to).collect()
}

fn held_files(visit: &Visit<'_>, reached: &Reached) -> Vec<FileView> {
    let view = |held: &HeldFile| FileView {
        name: held.file.name.clone(),
        size: files::size(visit.words(), held.file.size),
        sha256: held.file.sha256.clone(),
        by: visit.names().actor(&held.by),
        at: visit.moment(held.at),
        is_there: held.bytes.are_there(),
    };
    let held = reached.loaded.instance.files().iter().filter(|held| files::is_shown(visit, reached, held));
    held.map(view).collect()
}
