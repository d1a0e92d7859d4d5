//! A notice's text with the record's values in its holes.

use std::collections::{BTreeMap, BTreeSet};

use super::Run;
use crate::definition::Labels;
use crate::event::{Actor, Principal};
use crate::ids::Name;
use crate::people;
use crate::time::{HOUR_MS, MINUTE_MS, Timestamp, ZONE, Zone};
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
            Some(value) => self.read_by_people(self.definition.field(field).map(|field| &field.holds), value),
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

    /// A value as people read it.
    fn read_by_people(&self, holds: Option<&FieldType>, value: &Value) -> Labels {
        let plain = || Labels::new(&value.plain(), &value.plain());
        let labels = match (value, holds) {
            (Value::Choice(chosen), Some(FieldType::Choice(choices))) => {
                choices.iter().find(|choice| choice.name == *chosen).map(|choice| &choice.labels)
            }
            (Value::Ref(role), Some(FieldType::Role)) => self.definition.parts().roles.get(role),
            (Value::Ref(key), _) => self.world.directory.entry_anywhere(key).map(|entry| &entry.labels),
            (Value::Bool(yes), _) => return if *yes { Labels::new("yes", "是") } else { Labels::new("no", "否") },
            (Value::Instant(instant), _) => return self.local(*instant),
            (Value::Duration(length_ms), _) => return length(*length_ms),
            (Value::List(items), Some(FieldType::Many(inner))) => {
                let said: Vec<Labels> =
                    items.iter().map(|item| self.read_by_people(Some(inner.as_ref()), item)).collect();
                return listed(&said);
            }
            _ => None,
        };
        labels.filter(|labels| **labels != Labels::default()).cloned().unwrap_or_else(plain)
    }

    /// An instant where the process's hours are kept, with how far that is from UTC: who reads it may be elsewhere.
    fn local(&self, instant: Timestamp) -> Labels {
        let local = match self.calendar(None) {
            Ok((_, calendar)) => calendar.said(instant),
            Err(_) => Zone::named(ZONE).ok().and_then(|zone| zone.said(instant)),
        };
        let local = local.unwrap_or_else(|| instant.to_rfc3339());
        Labels::new(&local, &local)
    }
}

/// A length of time, to the minute.
fn length(length_ms: i64) -> Labels {
    let (hours, minutes) = (length_ms / HOUR_MS, length_ms % HOUR_MS / MINUTE_MS);
    match (hours, minutes) {
        (0, minutes) => Labels::new(&format!("{minutes} min"), &format!("{minutes} 分钟")),
        (hours, 0) => Labels::new(&format!("{hours} h"), &format!("{hours} 小时")),
        (hours, minutes) => Labels::new(&format!("{hours} h {minutes} min"), &format!("{hours} 小时 {minutes} 分钟")),
    }
}

/// Several values in a row.
fn listed(said: &[Labels]) -> Labels {
    if said.is_empty() {
        return Labels::new(EMPTY, EMPTY);
    }
    let all = |pick: fn(&Labels) -> &str, between: &str| said.iter().map(pick).collect::<Vec<_>>().join(between);
    Labels::new(&all(|labels| &labels.en, ", "), &all(|labels| &labels.zh, "、"))
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
