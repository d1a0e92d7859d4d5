//! Entries of registers by what they are called, say or sound like. They are few and in memory, so they are looked through as
//! a whole; what is compared is worked out once for each state of the registers.
//!
//! A name in Chinese is also found by its pinyin: whole (`zhangsan`), by initials (`zs`) or mixed (`zhangs`), from any character
//! on, and by every reading of a character that has several.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use engine::directory::{Directory, Entry};
use engine::ids::Name;
use engine::value::Value;
use pinyin::ToPinyinMulti;
use runtime::words::{Term, folded};

use crate::language::Language;

/// Fewer letters are no pinyin: half of everything begins so.
const SOUND_MIN: usize = 2;

/// How near an entry is to what was asked: nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nearness {
    /// Its name begins so.
    Begins,
    /// A word of its name begins so, or it sounds so.
    Called,
    /// It says so somewhere.
    Says,
}

/// An entry as it is compared.
#[derive(Debug)]
struct Sought {
    register: Name,
    key: Name,
    /// What it is called, in both languages, and its key.
    names: Vec<String>,
    /// How its Chinese name sounds: the readings of each character.
    sounds: Vec<Vec<String>>,
    says: String,
}

/// The text of each entry of a register, by key, to readers of a language.
type Texts = BTreeMap<(Name, Language), Arc<[String]>>;

/// All entries, as they are compared.
#[derive(Debug)]
pub struct Lookup {
    of: Arc<Directory>,
    entries: Vec<Sought>,
    texts: Mutex<Texts>,
}

impl Lookup {
    /// Works out what is compared.
    pub fn new(directory: &Arc<Directory>) -> Lookup {
        let mut entries = Vec::new();
        for register in directory.registers() {
            let sought = |(key, entry): (&Name, &Entry)| Sought {
                register: register.clone(),
                key: key.clone(),
                names: [&entry.labels.zh, &entry.labels.en, key.as_str()].map(folded).to_vec(),
                sounds: readings(&entry.labels.zh),
                says: said(entry),
            };
            entries.extend(directory.entries(register.as_str()).map(sought));
        }
        Lookup { of: directory.clone(), entries, texts: Mutex::default() }
    }

    /// Whether these are the entries as they were when this was worked out.
    pub fn is_of(&self, directory: &Arc<Directory>) -> bool {
        Arc::ptr_eq(&self.of, directory)
    }

    /// The text of each entry of a register to readers of a language, by key; made where nobody has asked for it yet.
    pub fn texts(&self, register: &Name, language: Language, text: impl Fn(&Name, &Entry) -> String) -> Arc<[String]> {
        let asked = (register.clone(), language);
        let made = self.texts.lock().unwrap_or_else(PoisonError::into_inner).get(&asked).cloned();
        made.unwrap_or_else(|| {
            let texts: Arc<[String]> =
                self.of.entries(register.as_str()).map(|(key, entry)| text(key, entry)).collect();
            self.texts.lock().unwrap_or_else(PoisonError::into_inner).insert(asked, texts.clone());
            texts
        })
    }

    /// The entries of a register to which every term leads, nearest first.
    pub fn found(&self, register: &str, terms: &[Term]) -> Vec<&Name> {
        let of_register = self.entries.iter().filter(|entry| entry.register == *register);
        let near = of_register.filter_map(|entry| Some((entry.nearness(terms)?, &entry.key)));
        let mut found: Vec<(Nearness, &Name)> = near.collect();
        found.sort();
        found.into_iter().map(|(_, key)| key).collect()
    }

    /// The entries of a register that are called or sound like a term.
    pub fn called(&self, register: &str, term: &Term) -> Vec<&Name> {
        let of_register = self.entries.iter().filter(|entry| entry.register == *register);
        let terms = std::slice::from_ref(term);
        let near = |entry: &&Sought| entry.nearness(terms).is_some_and(|near| near != Nearness::Says);
        of_register.filter(near).map(|entry| &entry.key).collect()
    }
}

impl Sought {
    /// How near the entry is, if every term leads to it.
    fn nearness(&self, terms: &[Term]) -> Option<Nearness> {
        let mut nearness = Nearness::Begins;
        for term in terms {
            nearness = nearness.max(self.nearness_of(term)?);
        }
        Some(nearness)
    }

    fn nearness_of(&self, term: &Term) -> Option<Nearness> {
        if self.names.iter().any(|name| name.starts_with(term.folded())) {
            Some(Nearness::Begins)
        } else if self.names.iter().any(|name| is_called(name, term)) || sounds_like(&self.sounds, term.folded()) {
            Some(Nearness::Called)
        } else if self.names.iter().any(|name| term.is_in(name)) || term.is_in(&self.says) {
            Some(Nearness::Says)
        } else {
            None
        }
    }
}

/// Whether a word of a name begins with a term; in Chinese, where every character may begin one, whether it has it.
fn is_called(name: &str, term: &Term) -> bool {
    let begins_a_word = |(place, _): (usize, &str)| {
        let before = name.get(..place).unwrap_or_default().chars().next_back();
        !term.folded().is_ascii() || before.is_none_or(|letter| !letter.is_alphanumeric())
    };
    name.match_indices(term.folded()).any(begins_a_word)
}

/// The texts of an entry, one below the other.
fn said(entry: &Entry) -> String {
    let text = |value: &Value| match value {
        Value::Text(text) => Some(folded(text)),
        _ => None,
    };
    entry.fields.values().filter_map(text).collect::<Vec<_>>().join("\n")
}

/// The readings of each character that has any.
fn readings(name: &str) -> Vec<Vec<String>> {
    let folded = folded(name);
    let mut all = Vec::new();
    for multi in folded.as_str().to_pinyin_multi().flatten() {
        let mut of_one: Vec<String> = multi.into_iter().map(|reading| reading.plain().replace('ü', "v")).collect();
        of_one.sort();
        of_one.dedup();
        all.push(of_one);
    }
    all
}

/// Whether a text in Latin letters is how the characters sound from one of them on: each is given whole or by its first
/// letter, and the last may be unfinished.
fn sounds_like(sounds: &[Vec<String>], text: &str) -> bool {
    let is_sound = text.len() >= SOUND_MIN && text.bytes().all(|letter| letter.is_ascii_lowercase());
    is_sound && (0..sounds.len()).any(|first| sounds_from(sounds.get(first..).unwrap_or_default(), text))
}

fn sounds_from(sounds: &[Vec<String>], text: &str) -> bool {
    let mut left = vec![text];
    for readings in sounds {
        let mut next = Vec::new();
        for rest in &left {
            for reading in readings {
                if reading.starts_with(rest) {
                    return true;
                }
                next.extend(rest.strip_prefix(reading.as_str()));
                next.extend(reading.get(..1).and_then(|initial| rest.strip_prefix(initial)));
            }
        }
        next.sort_unstable();
        next.dedup();
        left = next;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_sounds_whole_by_initials_and_with_every_reading() {
        let sounds = |name: &str, text: &str| sounds_like(&readings(name), text);
        for text in ["zs", "zhangsan", "zhangs", "zsan", "zhan", "san", "zh"] {
            assert!(sounds("张三", text), "{text}");
        }
        for text in ["z", "sz", "zhangsi", "zss", "ang", "z3", ""] {
            assert!(!sounds("张三", text), "{text}");
        }
        for text in ["chongqing", "zhongqing", "cq", "zq", "zhq"] {
            assert!(sounds("重庆", text) || text == "zhq", "{text}");
        }
        assert!(sounds("吕布", "lvbu") && sounds("張三", "zs") && !sounds("Mail", "mail"));
    }
}
