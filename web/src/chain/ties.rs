//! What ties a record to others: links, origins, fields that name records or entries, in both directions. All of it
//! follows from what the language declares: no process and no field is known here by its name.

use std::collections::{BTreeMap, BTreeSet};

use engine::definition::{Action, Definition, Direction, Labels, LinkType, StepKind};
use engine::directory::{CALENDAR, PERSON, TEAM};
use engine::event::Event;
use engine::ids::{InstanceId, Name};
use engine::instance::Instance;
use engine::records::each;
use engine::value::{FieldType, Value};

use crate::answer::Refusal;
use crate::language::Language;
use crate::reach::{self, Reached};
use crate::visit::Visit;

/// Who works and when is no link of a chain: entries of these registers are left out.
const LEFT_OUT: &[&str] = &[PERSON, TEAM, CALENDAR];
/// The most records that are looked for by one field that may name a record, newest first.
const FOUND_MAX: usize = 200;

/// An entry of a register.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryKey {
    /// The register.
    pub register: Name,
    /// The entry.
    pub key: Name,
}

/// What a record is tied to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Far {
    /// Another record.
    Record(InstanceId),
    /// An entry of a register.
    Entry(EntryKey),
}

/// Which of the two ends a tie leads from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum From {
    /// The record whose ties are read.
    Here,
    /// What it is tied to.
    There,
}

/// Something that ties a record to another, or to an entry.
#[derive(Clone, Debug)]
pub struct Tie {
    /// What it is tied to.
    pub far: Far,
    /// From which of the two it leads.
    pub from: From,
    /// What says so: the same from both ends.
    pub by: String,
    /// What it is called at the end that it leads from.
    pub there: Labels,
    /// What it is called at the other end.
    pub back: Labels,
}

impl Tie {
    /// The places of its two ends, where it leads from first.
    pub fn between(&self, here: usize, far: usize) -> (usize, usize) {
        match self.from {
            From::Here => (here, far),
            From::There => (far, here),
        }
    }

    /// What it is called at the record whose ties are read.
    pub fn said(&self) -> &Labels {
        match self.from {
            From::Here => &self.there,
            From::There => &self.back,
        }
    }
}

/// By which of their fields the records of the current processes are found that name records of a process.
pub struct Naming(BTreeMap<Name, Vec<(Name, Name, Labels)>>);

impl Naming {
    /// As the current versions declare it.
    ///
    /// # Errors
    /// A definition cannot be read.
    pub fn of(visit: &Visit<'_>) -> Result<Naming, Refusal> {
        let mut naming: BTreeMap<Name, Vec<(Name, Name, Labels)>> = BTreeMap::new();
        for version in visit.app.store().current_versions()? {
            let definition = visit.app.runtime().definition(&version.id)?;
            let parts = definition.parts();
            for field in parts.fields.iter().filter(|field| parts.found_by.contains(&field.name)) {
                if let Some(target) = target(&field.holds) {
                    let found = (parts.name.clone(), field.name.clone(), field.labels.clone());
                    naming.entry(target.clone()).or_default().push(found);
                }
            }
        }
        Ok(Naming(naming))
    }
}

/// What a field names one or several of.
pub fn target(holds: &FieldType) -> Option<&Name> {
    match holds {
        FieldType::Ref(target) => Some(target),
        FieldType::Many(inner) => target(inner),
        _ => None,
    }
}

/// What a value names: the register or process, and the key or number.
pub fn named<'v>(holds: &'v FieldType, value: &'v Value, found: &mut BTreeSet<(&'v Name, &'v Name)>) {
    match (holds, value) {
        (FieldType::Ref(target), Value::Ref(key)) => {
            found.insert((target, key));
        }
        (FieldType::Many(inner), list) => each(list).for_each(|one| named(inner, one, found)),
        (FieldType::Rows(columns), rows) => {
            for row in each(rows) {
                let Value::Row(cells) = row else { continue };
                for column in columns {
                    cells.get(&column.name).into_iter().for_each(|cell| named(&column.holds, cell, found));
                }
            }
        }
        _ => {}
    }
}

/// Everything that a record is tied to, as far as the visitor may see what says so.
///
/// # Errors
/// The store failed.
pub fn ties(visit: &Visit<'_>, reached: &Reached, naming: &Naming) -> Result<Vec<Tie>, Refusal> {
    let mut ties = links(visit, reached)?;
    ties.extend(origins(visit, reached)?);
    ties.extend(named_by_fields(visit, reached)?);
    ties.extend(naming_records(visit, reached, naming)?);
    ties.extend(naming_entries(visit, reached));
    ties.extend(changed(visit, reached)?);
    Ok(ties)
}

fn links(visit: &Visit<'_>, reached: &Reached) -> Result<Vec<Tie>, Refusal> {
    let mut ties = Vec::new();
    for link in reached.loaded.instance.links() {
        let declared = match link_type(&reached.definition, &link.kind) {
            Some(held) => Some(held.clone()),
            None => declared_there(visit, link.other, &link.kind)?,
        };
        let plain = || link.kind.as_str().replace('_', " ");
        let (there, back) = match declared {
            Some(held) => (held.labels, held.reverse),
            None => (Labels::new(&plain(), &plain()), Labels::new(&plain(), &plain())),
        };
        let from = match link.direction {
            Direction::FromThis => From::Here,
            Direction::FromIt => From::There,
        };
        ties.push(Tie { far: Far::Record(link.other), from, by: format!("link {}", link.kind), there, back });
    }
    Ok(ties)
}

/// A link as a process declares it.
pub fn link_type<'d>(definition: &'d Definition, kind: &Name) -> Option<&'d LinkType> {
    definition.parts().links.iter().find(|held| held.name == *kind)
}

/// A link as the process of the other record declares it.
fn declared_there(visit: &Visit<'_>, other: InstanceId, kind: &Name) -> Result<Option<LinkType>, Refusal> {
    let runtime = visit.app.runtime();
    let Some(loaded) = runtime.load(other)? else { return Ok(None) };
    let definition = runtime.definition(loaded.instance.definition())?;
    Ok(link_type(&definition, kind).cloned())
}

/// The record that began this one, and those that this one began, where no link says so already.
fn origins(visit: &Visit<'_>, reached: &Reached) -> Result<Vec<Tie>, Refusal> {
    let instance = &reached.loaded.instance;
    let is_linked = |other: InstanceId| instance.links().iter().any(|link| link.other == other);
    let tie = |other: InstanceId, from: From| Tie {
        far: Far::Record(other),
        from,
        by: "origin".to_owned(),
        there: both(|language| visit.app.speech().words(language).say("tie-began")),
        back: both(|language| visit.app.speech().words(language).say("tie-begun-by")),
    };
    let mut ties = Vec::new();
    if let Some(origin) = instance.origin().filter(|origin| !is_linked(origin.by)) {
        ties.push(tie(origin.by, From::There));
    }
    ties.extend(begun(visit, reached)?.into_iter().filter(|other| !is_linked(*other)).map(|one| tie(one, From::Here)));
    Ok(ties)
}

/// The records that this one began. Only the history knows them, and only where the process begins others it is read.
fn begun(visit: &Visit<'_>, reached: &Reached) -> Result<Vec<InstanceId>, Refusal> {
    let parts = reached.definition.parts();
    let starts = parts.actions().any(|action| matches!(action, Action::Start(_)));
    let calls = parts.steps.iter().any(|step| matches!(step.kind, StepKind::Call(_)));
    if !starts && !calls {
        return Ok(Vec::new());
    }
    let history = visit.app.store().history(reached.loaded.instance.id())?;
    let begun = history.iter().flat_map(|entry| &entry.events).filter_map(|event| match event {
        Event::RecordBegun { begun, .. } => Some(*begun),
        _ => None,
    });
    Ok(begun.collect())
}

/// What the fields of the record name.
fn named_by_fields(visit: &Visit<'_>, reached: &Reached) -> Result<Vec<Tie>, Refusal> {
    let instance = &reached.loaded.instance;
    let mut ties = Vec::new();
    for field in reached.definition.parts().fields.iter().filter(|field| reached.shows(visit, field)) {
        let Some(value) = instance.fields().get(&field.name) else { continue };
        let mut found = BTreeSet::new();
        named(&field.holds, value, &mut found);
        for (target, key) in found {
            let Some(far) = far(visit, instance, target, key)? else { continue };
            let (there, back) = (field.labels.clone(), named_as(visit, &field.labels));
            ties.push(Tie { far, from: From::Here, by: format!("field {}", field.name), there, back });
        }
    }
    Ok(ties)
}

/// What a reference leads to; nothing where it leads nowhere, to the record itself, or to who works on it.
fn far(visit: &Visit<'_>, instance: &Instance, target: &Name, key: &Name) -> Result<Option<Far>, Refusal> {
    if visit.directory.has_register(target.as_str()) {
        let entry = EntryKey { register: target.clone(), key: key.clone() };
        let is_there = visit.directory.entry(target.as_str(), key).is_some();
        return Ok((is_there && !LEFT_OUT.contains(&target.as_str())).then_some(Far::Entry(entry)));
    }
    let found = visit.app.store().instance_of_number(key.as_str())?;
    Ok(found.filter(|id| *id != instance.id()).map(Far::Record))
}

/// The records that name this one in a field by which they are found.
fn naming_records(visit: &Visit<'_>, reached: &Reached, naming: &Naming) -> Result<Vec<Tie>, Refusal> {
    let instance = &reached.loaded.instance;
    let this = [Value::Ref(Name::from(instance.number()))];
    let mut ties = Vec::new();
    for (process, field, labels) in naming.0.get(&reached.definition.parts().name).into_iter().flatten() {
        for id in visit.app.store().found(process, field, &this, FOUND_MAX)? {
            if id == instance.id() {
                continue;
            }
            let there = match reach::by_id(visit, id) {
                Ok(other) => match other.definition.field(field) {
                    Some(held) if other.shows(visit, held) => held.labels.clone(),
                    Some(_) | None => continue,
                },
                Err(Refusal::NotFound) => labels.clone(),
                Err(cause) => return Err(cause),
            };
            let (far, back) = (Far::Record(id), named_as(visit, &there));
            ties.push(Tie { far, from: From::There, by: format!("field {field}"), there, back });
        }
    }
    Ok(ties)
}

/// The entries of registers that name this record.
fn naming_entries(visit: &Visit<'_>, reached: &Reached) -> Vec<Tie> {
    let process = &reached.definition.parts().name;
    let this = Name::from(reached.loaded.instance.number());
    let mut ties = Vec::new();
    for register in visit.directory.all_declared() {
        for field in register.fields.iter().filter(|field| target(&field.holds) == Some(process)) {
            for (key, entry) in visit.directory.entries(register.name.as_str()) {
                let held = entry.fields.get(&field.name).into_iter().flat_map(each);
                if !held.into_iter().any(|value| *value == Value::Ref(this.clone())) {
                    continue;
                }
                let far = Far::Entry(EntryKey { register: register.name.clone(), key: key.clone() });
                let (there, back) = (field.labels.clone(), named_as(visit, &field.labels));
                ties.push(Tie { far, from: From::There, by: format!("field {}", field.name), there, back });
            }
        }
    }
    ties
}

/// The entries that were changed under this record.
fn changed(visit: &Visit<'_>, reached: &Reached) -> Result<Vec<Tie>, Refusal> {
    let revisions = visit.app.store().entries_changed_under(&Name::from(reached.loaded.instance.number()))?;
    let entries: BTreeSet<EntryKey> =
        revisions.into_iter().map(|revision| EntryKey { register: revision.register, key: revision.key }).collect();
    let tie = |entry: EntryKey| Tie {
        far: Far::Entry(entry),
        from: From::Here,
        by: "changed".to_owned(),
        there: both(|language| visit.app.speech().words(language).say("tie-changed")),
        back: both(|language| visit.app.speech().words(language).say("tie-changed-under")),
    };
    Ok(entries.into_iter().map(tie).collect())
}

/// What a field is called from the end that it names.
fn named_as(visit: &Visit<'_>, field: &Labels) -> Labels {
    both(|language| {
        let said = [("field", language.of(field).into())];
        visit.app.speech().words(language).say_with("tie-named-as", &said)
    })
}

fn both(say: impl Fn(Language) -> String) -> Labels {
    Labels { en: say(Language::En), zh: say(Language::Zh) }
}
