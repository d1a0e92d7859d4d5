//! A notice's text with the record's values in its holes.

use std::collections::{BTreeMap, BTreeSet};

use super::Run;
use crate::definition::Labels;
use crate::event::{Actor, Principal};
use crate::ids::Name;
use crate::people;
use crate::value::{FieldType, Value};

/// The hole for the record's number.
const NUMBER: &str = "number";
/// What a text shows of a field without a value.
const EMPTY: &str = "—";

impl<'a> Run<'a> {
    /// The text with its holes filled; `{number}` is the record's number. Braces around anything else are text.
    pub(super) fn fill(&self, text: &Labels, readers: &[Principal]) -> Labels {
        let named: BTreeSet<&str> = holes(&text.en).chain(holes(&text.zh)).collect();
        let fields = self.definition.parts().fields.iter().map(|field| &field.name);
        let fields = fields.filter(|field| named.contains(field.as_str()));
        let mut shown: BTreeMap<&str, Labels> =
            fields.map(|field| (field.as_str(), self.shown(field, readers))).collect();
        let number = Labels::new(self.instance.number(), self.instance.number());
        shown.entry(NUMBER).or_insert(number);
        Labels {
            en: filled(&text.en, |name| shown.get(name).map(|labels| labels.en.as_str())),
            zh: filled(&text.zh, |name| shown.get(name).map(|labels| labels.zh.as_str())),
        }
    }

    /// What a text shows of a field.
    fn shown(&self, field: &Name, readers: &[Principal]) -> Labels {
        if !self.all_see(field, readers) {
            return Labels::new("(confidential)", "（保密）");
        }
        match self.instance.fields().get(field) {
            Some(value) => self.labels_of(field, value),
            None => Labels::new(EMPTY, EMPTY),
        }
    }

    /// Whether everybody who reads a text may see a field.
    fn all_see(&self, field: &Name, readers: &[Principal]) -> bool {
        let Some(field) = self.definition.field(field).filter(|field| !field.seen_by.is_empty()) else { return true };
        let scope = self.scope();
        let sees = |person: Name| people::sees_field(&Actor::Person(person), field, &scope);
        people::members(readers, self.world.directory).into_iter().all(sees)
    }

    fn labels_of(&self, field: &Name, value: &Value) -> Labels {
        let plain = || Labels::new(&value.plain(), &value.plain());
        let holds = self.definition.field(field).map(|field| &field.holds);
        let labels = match (value, holds) {
            (Value::Choice(chosen), Some(FieldType::Choice(choices))) => {
                choices.iter().find(|choice| choice.name == *chosen).map(|choice| &choice.labels)
            }
            (Value::Ref(role), Some(FieldType::Role)) => self.definition.parts().roles.get(role),
            (Value::Ref(key), _) => self.world.directory.entry_anywhere(key).map(|entry| &entry.labels),
            _ => None,
        };
        labels.cloned().unwrap_or_else(plain)
    }
}

/// What stands between braces.
fn holes(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|after| Some(after.split_once('}')?.0))
}

/// A text with its holes filled in one pass, so that what is filled in has no holes.
fn filled<'s>(text: &str, value: impl Fn(&str) -> Option<&'s str>) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let hole = after.split_once('}');
        match hole.and_then(|(name, after)| Some((value(name)?, after))) {
            Some((value, after)) => {
                out.push_str(value);
                rest = after;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}
