//! Which entries of a register are asked for, and in which order: said in the address, so that it can be kept and sent.

use std::cmp::Ordering;
use std::sync::Arc;

use engine::directory::Entry;
use engine::ids::Name;
use engine::register::Register;
use engine::value::Value;

use super::{said, today};
use crate::pairs::{Pairs, encoded};
use crate::visit::Visit;

/// What the address says that is kept from page to page.
const KEPT: [&str; 5] = ["q", "stale", "sort", "down", "column"];
/// The most words that are looked for.
const WORDS_MAX: usize = 10;

/// Which entries, and in which order.
pub(super) struct Selection<'v> {
    register: &'v Register,
    words: Vec<String>,
    stale: bool,
    sort: String,
    down: bool,
}

impl<'v> Selection<'v> {
    /// The selection that an address or a form says.
    pub(super) fn of(register: &'v Register, said: &Pairs) -> Selection<'v> {
        let text = said.get("q").unwrap_or_default().to_lowercase();
        Selection {
            register,
            words: text.split_whitespace().take(WORDS_MAX).map(str::to_owned).collect(),
            stale: said.get("stale") == Some("yes"),
            sort: said.get("sort").unwrap_or("name").to_owned(),
            down: said.get("down") == Some("yes"),
        }
    }

    /// By what the entries are sorted: `name`, `key` or an attribute.
    pub(super) fn sort(&self) -> (&str, bool) {
        (&self.sort, self.down)
    }

    /// Whether only those are asked for that count as unverified.
    pub(super) fn is_of_stale(&self) -> bool {
        self.stale
    }

    /// The entries, in order.
    pub(super) fn entries<'d>(&self, visit: &'d Visit<'_>) -> Vec<(&'d Name, &'d Entry)> {
        let day = today(visit);
        let all = visit.directory.entries(self.register.name.as_str());
        let found: Vec<(&Name, &Entry)> = match self.words.is_empty() {
            true => all.collect(),
            false => {
                all.zip(self.texts(visit).iter()).filter(|(_, text)| self.is_in(text)).map(|(one, _)| one).collect()
            }
        };
        let found = found.into_iter().filter(|(_, entry)| !self.stale || self.register.is_stale(entry, &day));
        let mut sorted: Vec<(Rank, (&Name, &Entry))> =
            found.map(|(key, entry)| (self.rank(visit, key, entry), (key, entry))).collect();
        sorted.sort_by(|(one, (key, _)), (other, (other_key, _))| {
            let order = one.order(other);
            let order = if self.down && !one.is_empty && !other.is_empty { order.reverse() } else { order };
            order.then_with(|| key.cmp(other_key))
        });
        sorted.into_iter().map(|(_, entry)| entry).collect()
    }

    /// Whether every word stands in a text.
    fn is_in(&self, text: &str) -> bool {
        self.words.iter().all(|word| text.contains(word.as_str()))
    }

    /// What words are looked for in, for each entry: its key, names and attributes, as they are shown and as they are kept.
    fn texts(&self, visit: &Visit<'_>) -> Arc<[String]> {
        let text = |key: &Name, entry: &Entry| {
            let mut text = format!("{key}\n{}\n{}", entry.labels.en, entry.labels.zh);
            for field in &self.register.fields {
                let Some(value) = entry.fields.get(&field.name) else { continue };
                text.push('\n');
                text += &said::value(visit, field, entry);
                text.push('\n');
                text += &value.plain();
            }
            text.to_lowercase()
        };
        visit.app.lookup(&visit.directory).texts(&self.register.name, visit.language, text)
    }

    fn rank(&self, visit: &Visit<'_>, key: &Name, entry: &Entry) -> Rank {
        match self.sort.as_str() {
            "key" => Rank::text(key.as_str()),
            "name" => Rank::text(visit.names().called(key, entry)),
            attribute => match self.register.field(&Name::from(attribute)) {
                Some(field) => {
                    let value = entry.fields.get(&field.name).cloned();
                    Rank { value, ..Rank::text(&said::value(visit, field, entry)) }
                }
                None => Rank::text(""),
            },
        }
    }
}

/// Where an entry comes in the order. What has no value comes last, whichever way.
struct Rank {
    is_empty: bool,
    value: Option<Value>,
    text: String,
}

impl Rank {
    fn text(text: &str) -> Rank {
        Rank { is_empty: text.is_empty(), value: None, text: text.to_lowercase() }
    }

    fn order(&self, other: &Rank) -> Ordering {
        let values = self.value.as_ref().zip(other.value.as_ref()).and_then(|(one, other)| match one {
            Value::Text(_) => None,
            _ => one.order(other),
        });
        let by_text = || self.text.cmp(&other.text);
        self.is_empty.cmp(&other.is_empty).then_with(|| values.unwrap_or_else(by_text))
    }
}

/// The address of the same selection with something else about it.
pub(super) fn address(said: &Pairs, other: &[(&str, &str)]) -> String {
    let kept = said.iter().filter(|(name, value)| {
        KEPT.contains(name) && !value.is_empty() && !other.iter().any(|(changed, _)| changed == name)
    });
    let other = other.iter().copied().filter(|(_, value)| !value.is_empty());
    let all: Vec<String> = kept.chain(other).map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    format!("?{}", all.join("&"))
}
