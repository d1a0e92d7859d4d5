//! Registers that the language declares: lists that no process moves.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::definition::{Field, Labels, Origin, Presence};
use crate::directory::{Directory, Entry};
use crate::expr::Expr;
use crate::ids::Name;
use crate::records::Seen;
use crate::value::{FieldType, Fields, Misfit, Value};

/// A register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Register {
    /// Its name, unique in an installation: `configuration_item`.
    pub name: Name,
    /// What people call one of its entries.
    pub labels: Labels,
    /// What the comment above it says.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub purpose: String,
    /// What an entry says.
    pub fields: Vec<Field>,
    /// Which of the fields are relations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relations: Vec<Relation>,
    /// What is changed only under a record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub controlled: Option<Controlled>,
    /// How long what it says counts as verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fresh: Option<Fresh>,
}

/// A directed relation: a field that names other entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {
    /// The field.
    pub field: Name,
    /// What the relation is called from the other end.
    pub reverse: Labels,
    /// Whom a fault reaches through it.
    pub hit: Hit,
}

/// Whom a fault reaches through a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hit {
    /// This entry, where so many of those that it names are hit.
    By(u32),
    /// This entry, where all of those that it names are hit.
    ByAll,
    /// Those that it names, where this entry is hit.
    Them,
    /// Nobody.
    Nobody,
}

/// Attributes that are changed only under a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Controlled {
    /// Which.
    pub fields: Vec<Name>,
    /// The field that says from when on they are.
    pub on: Name,
    /// With which of its values.
    pub values: Vec<Name>,
    /// Under records of which processes.
    pub under: Vec<Permit>,
}

/// Records under which controlled attributes may be changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permit {
    /// Their process.
    pub process: Name,
    /// The milestone that they have reached.
    pub milestone: Name,
    /// The field in which they name the entry.
    pub names: Name,
}

/// How long what an entry says counts as verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fresh {
    /// The field with the day on which somebody last verified it.
    pub field: Name,
    /// For so many days.
    pub days: u32,
}

/// The registers beside which an entry is judged.
#[derive(Clone, Copy, Debug)]
pub struct Beside<'d> {
    /// As they are.
    pub before: &'d Directory,
    /// As they will be.
    pub after: &'d Directory,
}

/// The most characters of a key.
pub const KEY_MAX: usize = 60;
/// The most characters of a name.
pub const NAME_MAX: usize = 200;

/// Why an entry is not put into a register.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryRefusal {
    /// The language declares no register of that name.
    #[error("there is no such register")]
    NoSuchRegister,
    /// The key has other characters than small letters, digits and `-_.`, or too many.
    #[error("a key has small letters, digits and -_. only, {KEY_MAX} at most")]
    BadKey,
    /// Another register has an entry of that key.
    #[error("the key is taken")]
    KeyTaken,
    /// It has no name, or one that is too long.
    #[error("it has no name, or one that is too long")]
    BadName,
    /// Attributes that do not fit.
    #[error("{}", listed(.0.iter().map(|(name, _)| name), "do not fit"))]
    Unfit(Vec<(Name, Misfit)>),
    /// Controlled attributes of the entry change, and no record is named.
    #[error("{}", listed(.fields, "are changed only under an approved record"))]
    Controlled {
        /// Which.
        fields: Vec<Name>,
    },
    /// The record that is named is none under which that is allowed.
    #[error("not under {number}: {why}")]
    NotPermitted {
        /// Its number.
        number: Name,
        /// Why not.
        why: NoPermit,
    },
}

/// Why an entry may not be changed under a record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPermit {
    /// There is no such record.
    #[error("there is no such record")]
    NoSuchRecord,
    /// It is of another process than those under which that is allowed.
    #[error("records of its process do not allow it")]
    OtherProcess,
    /// It has not reached the milestone.
    #[error("it has not reached {0}")]
    NotReached(Name),
    /// It is over.
    #[error("it is over")]
    Over,
    /// It does not name the entry.
    #[error("it does not name the entry")]
    DoesNotName,
}

fn listed<'n>(names: impl IntoIterator<Item = &'n Name>, say: &str) -> String {
    let names: Vec<&str> = names.into_iter().map(Name::as_str).collect();
    format!("{} {say}", names.join(", "))
}

impl Register {
    /// The field of that name.
    pub fn field(&self, name: &Name) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == *name)
    }

    /// The relation in a field.
    pub fn relation(&self, field: &Name) -> Option<&Relation> {
        self.relations.iter().find(|relation| relation.field == *field)
    }

    /// What an entry is given where nothing else is said.
    pub fn defaults(&self) -> Fields {
        let given = self.fields.iter().filter_map(|field| match &field.origin {
            Origin::Given { default: Some(Expr::Literal(value)) } => Some((field.name.clone(), value.clone())),
            Origin::Given { .. } | Origin::Derived { .. } => None,
        });
        given.collect()
    }

    /// Judges an entry that is to be put under a key: beside the registers as they are, and as they will be when all that
    /// is put together with it is there. So entries that name each other come in together.
    ///
    /// # Errors
    /// Says why it is not put there.
    pub fn judge(
        &self,
        key: &Name,
        entry: &Entry,
        Beside { before: held, after }: Beside<'_>,
        under: Option<(&Name, Option<&Seen>)>,
    ) -> Result<(), EntryRefusal> {
        let before = held.entry(self.name.as_str(), key);
        if before.is_none() {
            if !is_key(key) {
                return Err(EntryRefusal::BadKey);
            }
            if held.entry_anywhere(key).is_some() || after.is_elsewhere(self.name.as_str(), key) {
                return Err(EntryRefusal::KeyTaken);
            }
        }
        let named = |name: &str| !name.trim().is_empty() && name.chars().count() <= NAME_MAX;
        if !named(&entry.labels.en) || !named(&entry.labels.zh) {
            return Err(EntryRefusal::BadName);
        }
        let unfit = self.misfits(&entry.fields, after);
        if !unfit.is_empty() {
            return Err(EntryRefusal::Unfit(unfit));
        }
        match before {
            Some(before) => self.may_change(key, before, entry, under),
            None => Ok(()),
        }
    }

    /// What does not fit in an entry's attributes.
    pub fn misfits(&self, fields: &Fields, directory: &Directory) -> Vec<(Name, Misfit)> {
        let mut wrong = Vec::new();
        for name in fields.keys().filter(|name| self.field(name).is_none()) {
            wrong.push((name.clone(), Misfit::NotAsked));
        }
        for field in &self.fields {
            let misfit = match fields.get(&field.name).filter(|value| !value.is_empty()) {
                Some(value) => field.holds.admits(value).and_then(|()| leads_somewhere(&field.holds, value, directory)),
                None if field.presence == Presence::Required && !has_default(field) => Err(Misfit::Missing),
                None => Ok(()),
            };
            if let Err(misfit) = misfit {
                wrong.push((field.name.clone(), misfit));
            }
        }
        wrong
    }

    /// The controlled attributes that differ between two entries, where the register controls them in either.
    pub fn controlled_changes(&self, before: &Fields, after: &Fields) -> Vec<Name> {
        let Some(controlled) = &self.controlled else { return Vec::new() };
        let holds = |fields: &Fields| matches!(fields.get(&controlled.on), Some(Value::Choice(value)) if controlled.values.contains(value));
        if !holds(before) && !holds(after) {
            return Vec::new();
        }
        let differs =
            |name: &&Name| before.get(*name).unwrap_or(&Value::Nothing) != after.get(*name).unwrap_or(&Value::Nothing);
        controlled.fields.iter().filter(differs).cloned().collect()
    }

    fn may_change(
        &self,
        key: &Name,
        before: &Entry,
        after: &Entry,
        under: Option<(&Name, Option<&Seen>)>,
    ) -> Result<(), EntryRefusal> {
        let fields = self.controlled_changes(&before.fields, &after.fields);
        let Some(controlled) = self.controlled.as_ref().filter(|_| !fields.is_empty()) else { return Ok(()) };
        let Some((number, seen)) = under else { return Err(EntryRefusal::Controlled { fields }) };
        let refused = |why| Err(EntryRefusal::NotPermitted { number: number.clone(), why });
        let Some(seen) = seen else { return refused(NoPermit::NoSuchRecord) };
        let Some(permit) = controlled.under.iter().find(|permit| permit.process == seen.process) else {
            return refused(NoPermit::OtherProcess);
        };
        if !seen.has_reached(&permit.milestone) {
            return refused(NoPermit::NotReached(permit.milestone.clone()));
        }
        if seen.outcome.is_some() {
            return refused(NoPermit::Over);
        }
        let named = seen.fields.get(&permit.names);
        if !named.is_some_and(|value| crate::records::each(value).any(|one| *one == Value::Ref(key.clone()))) {
            return refused(NoPermit::DoesNotName);
        }
        Ok(())
    }

    /// Whether what an entry says was verified too long ago, or never, on a day.
    pub fn is_stale(&self, entry: &Entry, today: &str) -> bool {
        let Some(fresh) = &self.fresh else { return false };
        let day = |text: &str| text.parse::<jiff::civil::Date>().ok();
        let Some(Value::Date(verified)) = entry.fields.get(&fresh.field) else { return true };
        match (day(verified), day(today)) {
            (Some(verified), Some(today)) => {
                (today - verified).get_days() > i32::try_from(fresh.days).unwrap_or(i32::MAX)
            }
            _ => true,
        }
    }
}

fn has_default(field: &Field) -> bool {
    matches!(field.origin, Origin::Given { default: Some(_) })
}

fn is_key(key: &Name) -> bool {
    let text = key.as_str();
    (1..=KEY_MAX).contains(&text.len())
        && text.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-_.".contains(letter))
}

fn leads_somewhere(holds: &FieldType, value: &Value, directory: &Directory) -> Result<(), Misfit> {
    match (holds, value) {
        (FieldType::Ref(register), Value::Ref(key)) => {
            // What no register holds refers to a record, which may be gone when its time is up.
            let known = directory.entry(register.as_str(), key).is_some() || !directory.has_register(register.as_str());
            let misfit = || Misfit::NoSuchEntry { register: register.clone(), key: key.clone() };
            known.then_some(()).ok_or_else(misfit)
        }
        (FieldType::Many(inner), Value::List(list)) => {
            list.iter().try_for_each(|one| leads_somewhere(inner, one, directory))
        }
        _ => Ok(()),
    }
}

/// What a record that names entries owes a register: put by the shell, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryOwed {
    /// The register.
    pub register: Name,
    /// The key of the entry.
    pub key: Name,
    /// What it is called, where it may be new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The attributes that it takes; the others stay.
    pub fields: Fields,
}

impl EntryOwed {
    /// The entry as it is to be, among the registers as they are; nothing where there is none and none is to be made.
    pub fn entry_in(&self, directory: &Directory) -> Option<Entry> {
        let mut entry = match (directory.entry(self.register.as_str(), &self.key), &self.title) {
            (Some(held), _) => held.clone(),
            (None, Some(title)) => {
                let declared = directory.declared(self.register.as_str());
                Entry {
                    labels: Labels::new(title, title),
                    fields: declared.map(Register::defaults).unwrap_or_default(),
                }
            }
            (None, None) => return None,
        };
        for (field, value) in &self.fields {
            match value {
                Value::Nothing => entry.fields.remove(field),
                _ => entry.fields.insert(field.clone(), value.clone()),
            };
        }
        Some(entry)
    }

    /// Puts it into registers, unjudged.
    pub(crate) fn put_into(&self, directory: &mut Directory) {
        if let Some(entry) = self.entry_in(directory) {
            directory.put(self.register.as_str(), self.key.clone(), entry);
        }
    }
}

/// What differs between two baselines: the entries that are in one only, or that say something else.
pub(crate) fn changed(before: &Value, after: &Value) -> Value {
    let hashes = |of: &Value| -> BTreeSet<(Name, String)> {
        let rows = crate::records::each(of).filter_map(|row| match row {
            Value::Row(row) => match (row.get(ITEM), row.get(HASH)) {
                (Some(Value::Ref(item)), Some(Value::Text(hash))) => Some((item.clone(), hash.clone())),
                _ => None,
            },
            _ => None,
        });
        rows.collect()
    };
    let (before, after) = (hashes(before), hashes(after));
    let items: BTreeSet<&Name> = before.symmetric_difference(&after).map(|(item, _)| item).collect();
    Value::List(items.into_iter().cloned().map(Value::Ref).collect())
}

/// The column of a baseline with the entry.
pub const ITEM: &str = "item";
/// The column with what it said.
pub const CONTENT: &str = "content";
/// The column with the SHA-256 of that.
pub const HASH: &str = "hash";

/// Entries of the register of configuration items, frozen as they are: a row each with what it says and the hash of that.
pub(crate) fn baseline(of: &Value, directory: &Directory) -> Result<Value, Name> {
    let mut rows = Vec::new();
    for value in crate::records::each(of) {
        let Value::Ref(key) = value else { continue };
        let entry = directory.entry_anywhere(key).ok_or_else(|| key.clone())?;
        let content = said(entry);
        let hash = crate::ids::DefinitionId::of_source(&format!("{key}\n{content}")).0;
        rows.push(Value::Row(Fields::from([
            (Name::from(ITEM), value.clone()),
            (Name::from(CONTENT), Value::Text(content)),
            (Name::from(HASH), Value::Text(hash)),
        ])));
    }
    Ok(Value::List(rows))
}

/// What an entry says, a line for each attribute.
fn said(entry: &Entry) -> String {
    let lines = entry.fields.iter().filter(|(_, value)| !value.is_empty());
    lines.map(|(name, value)| format!("{name}: {}", value.plain())).collect::<Vec<_>>().join("\n")
}

/// The entries that lie within so many relations of some, in either direction, these included.
pub(crate) fn around(of: &Value, steps: u32, directory: &Directory) -> Value {
    let mut reached: BTreeSet<Name> = crate::records::each(of)
        .filter_map(|value| match value {
            Value::Ref(key) => Some(key.clone()),
            _ => None,
        })
        .collect();
    let mut edge: Vec<Name> = reached.iter().cloned().collect();
    for _ in 0..steps {
        let mut next = Vec::new();
        for key in &edge {
            for other in directory.related(key) {
                if reached.insert(other.clone()) {
                    next.push(other.clone());
                }
            }
        }
        edge = next;
    }
    Value::List(reached.into_iter().map(Value::Ref).collect())
}
