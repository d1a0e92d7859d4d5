//! Finding records by what they say: their words are kept behind the commits, and asked for here.
//!
//! Nothing is written with a commit. A node remembers which records it stepped and works out their words a moment later;
//! from time to time it looks for what it does not know of, among the records of its own share. What is found is judged on
//! the record by whoever shows it, so the words need not be of the last revision to be harmless.
//!
//! What a field holds that is not for everybody who sees the record is not among the words, nor is anybody's name: who asked
//! for a record and whose it is are kept as identities, which erasing a person leaves without a name.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::PoisonError;

use engine::audience::Audience;
use engine::definition::Definition;
use engine::directory::{Directory, PERSON};
use engine::event::{Event, Principal};
use engine::expr::Scope;
use engine::ids::{InstanceId, Name};
use engine::instance::Instance;
use engine::people;
use engine::records::each;
use engine::time::{HOUR_MS, MINUTE_MS, Timestamp};
use engine::value::{FieldType, Value};
use store::{HistoryEntry, Loaded, Needle, SearchedRecord, Unsearched};

use crate::stepped::{Remembered, Stepped};
use crate::words::{Term, gather};
use crate::{Runtime, RuntimeError};

/// How many records' words are worked out in one transaction.
pub(crate) const BATCH: usize = 100;
/// How long the background waits between two looks for records that it does not know of, in milliseconds.
const PAUSE_MS: i64 = 30_000;
/// After how long it looks through all records that are over, in milliseconds.
const ALL_MS: i64 = HOUR_MS;
/// How far behind its last look the ends of records are looked at again: other nodes have other clocks.
const BEHIND_MS: i64 = 10 * MINUTE_MS;
/// Which rules make words. Other rules, another number: then all words are made anew.
const EDITION: i16 = 1;

/// How far finding has come.
#[derive(Debug, Default)]
pub(crate) struct Searching {
    stepped: Stepped,
    /// When it is worth looking again.
    next: Option<Timestamp>,
    /// When all records were looked through.
    all: Option<Timestamp>,
    /// When nothing was left.
    done: Option<Timestamp>,
}

impl Searching {
    pub(crate) fn was_stepped(&mut self, id: InstanceId) {
        if self.stepped.add(id) == Remembered::Lost {
            self.next = None;
        }
    }
}

impl Runtime {
    /// Whether, since this node runs, all records that it looks after have come to be found by their words.
    pub fn finds_all(&self) -> bool {
        self.0.searching.lock().unwrap_or_else(PoisonError::into_inner).done.is_some()
    }

    /// Works out the words of a batch of records; gives how many. Where it gives none, all are found by theirs.
    ///
    /// # Errors
    /// The store failed, or a definition cannot be used.
    pub fn search_some(&self) -> Result<usize, RuntimeError> {
        let stepped = self.0.searching.lock().unwrap_or_else(PoisonError::into_inner).stepped.take(BATCH);
        if !stepped.is_empty() {
            self.keep_words(&stepped)?;
            return Ok(stepped.len());
        }
        let (began, share) = (self.now(), self.0.holding.share());
        let ended_since = self.look_back(began);
        let wanted = Unsearched { share: &share, edition: EDITION, ended_since, limit: BATCH };
        let found = self.store().unsearched(&wanted)?;
        if !found.is_empty() {
            return self.keep_words(&found);
        }
        let mut held = self.0.searching.lock().unwrap_or_else(PoisonError::into_inner);
        if ended_since == Timestamp(i64::MIN) {
            held.all = Some(began);
        }
        held.done = Some(began);
        Ok(0)
    }

    /// Which records that are over are looked at: all of them at first and after an hour.
    fn look_back(&self, now: Timestamp) -> Timestamp {
        let held = self.0.searching.lock().unwrap_or_else(PoisonError::into_inner);
        match (held.all, held.done) {
            (Some(all), Some(done)) if now.since_ms(all) < ALL_MS => done.plus_ms(-BEHIND_MS),
            _ => Timestamp(i64::MIN),
        }
    }

    /// Works out the words of records and keeps them; gives of how many.
    fn keep_words(&self, records: &[InstanceId]) -> Result<usize, RuntimeError> {
        let directory = self.directory();
        let mut searched = Vec::with_capacity(records.len());
        for (instance, loaded) in self.store().load_each(records)? {
            match loaded {
                Ok(loaded) => {
                    let definition = self.definition(loaded.instance.definition())?;
                    let history = self.store().history(instance)?;
                    let words = self.words_of(&definition, &loaded, &history, &directory);
                    searched.push(SearchedRecord { instance, revision: loaded.revision, words });
                }
                Err(cause) => tracing::error!(%instance, %cause, "the words of a record could not be worked out"),
            }
        }
        let count = searched.len();
        self.store().keep_searched(EDITION, searched)?;
        Ok(count)
    }

    fn words_of(
        &self,
        definition: &Definition,
        loaded: &Loaded,
        history: &[HistoryEntry],
        directory: &Directory,
    ) -> BTreeSet<String> {
        let instance = &loaded.instance;
        let mut words = BTreeSet::new();
        for text in texts(definition, instance, directory) {
            gather(&text, &mut words);
        }
        for text in said(history) {
            gather(text, &mut words);
        }
        words.extend(named(definition, instance).into_iter().map(about));
        let scope = Scope {
            definition,
            fields: instance.fields(),
            requester: instance.requester(),
            directory,
            records: self,
            number: instance.number(),
            now: loaded.at,
            items: &[],
        };
        words.extend(people::seers(instance, &scope).iter().map(seen_by));
        words
    }

    /// The background's share: a batch while there is something to do, then a look a little later.
    pub(crate) fn keep_searchable(&self) -> Result<usize, RuntimeError> {
        let now = self.now();
        {
            let held = self.0.searching.lock().unwrap_or_else(PoisonError::into_inner);
            if held.stepped.is_empty() && held.next.is_some_and(|next| now < next) {
                return Ok(0);
            }
        }
        let searched = self.search_some()?;
        if searched == 0 {
            self.0.searching.lock().unwrap_or_else(PoisonError::into_inner).next = Some(now.plus_ms(PAUSE_MS));
        }
        Ok(searched)
    }
}

/// What a record says for everybody who sees it: its number, the texts of its fields and the numbers of records that they
/// name, but for fields that are not for everybody.
pub fn texts<'i>(definition: &Definition, instance: &'i Instance, directory: &Directory) -> Vec<Cow<'i, str>> {
    let mut found = vec![Cow::Borrowed(instance.number())];
    for field in definition.parts().fields.iter().filter(|field| field.seen_by.is_empty()) {
        if let Some(value) = instance.fields().get(&field.name) {
            of_value(value, &mut found);
            // A key of a register is no text, a record's number is.
            let referred = field.holds.leads_to().filter(|register| !directory.has_register(register.as_str()));
            let keys = referred.into_iter().flat_map(|_| each(value));
            found.extend(keys.filter_map(key_of).map(|key| Cow::Borrowed(key.as_str())));
        }
    }
    found
}

fn of_value<'v>(value: &'v Value, found: &mut Vec<Cow<'v, str>>) {
    match value {
        Value::Text(text) => found.push(Cow::Borrowed(text)),
        Value::Number(_) | Value::Money(_) => found.push(Cow::Owned(value.plain())),
        Value::List(items) => items.iter().for_each(|item| of_value(item, found)),
        Value::Row(row) => row.values().for_each(|value| of_value(value, found)),
        Value::File(file) => found.push(Cow::Borrowed(&file.name)),
        Value::Nothing
        | Value::Bool(_)
        | Value::Choice(_)
        | Value::Ref(_)
        | Value::Date(_)
        | Value::Instant(_)
        | Value::Duration(_) => {}
    }
}

fn key_of(value: &Value) -> Option<&Name> {
    match value {
        Value::Ref(key) => Some(key),
        _ => None,
    }
}

/// What people said about a record to all who see it: comments, messages, reasons.
pub fn said(history: &[HistoryEntry]) -> Vec<&str> {
    let text = |event| match event {
        &Event::Commented { ref text, audience: Audience::Public, .. }
        | &Event::MessageReceived { ref text, .. }
        | &Event::TaskDelegated { ref text, .. }
        | &Event::TaskResolved { ref text, .. }
        | &Event::Edited { reason: ref text }
        | &Event::TaskCompleted { reason: Some(ref text), .. }
        | &Event::Voted { reason: Some(ref text), .. } => Some(text.as_str()),
        _ => None,
    };
    history.iter().flat_map(|entry| &entry.events).filter_map(text).collect()
}

/// The people about whom a record is: who asked for it, who holds a task of it, whom its fields name.
pub fn named(definition: &Definition, instance: &Instance) -> BTreeSet<Name> {
    let mut people = BTreeSet::from([instance.requester().clone()]);
    people.extend(instance.tasks().iter().filter_map(|open| open.assignee.clone()));
    let is_person = |holds: &FieldType| holds.leads_to().is_some_and(|register| *register == *PERSON);
    let fields = definition.parts().fields.iter().filter(|field| field.seen_by.is_empty() && is_person(&field.holds));
    for value in fields.filter_map(|field| instance.fields().get(&field.name)) {
        people.extend(each(value).filter_map(key_of).cloned());
    }
    people
}

/// The word for whom a record is about.
fn about(person: Name) -> String {
    plain(format!("~{person}"))
}

/// The word for who may see a record.
pub fn seen_by(principal: &Principal) -> String {
    plain(format!("@{principal}"))
}

/// Without what would take a word apart.
fn plain(word: String) -> String {
    word.replace(|letter: char| letter.is_whitespace() || letter.is_control() || "\"'\\".contains(letter), "_")
}

/// What is to be looked for: the term itself, or one of the people whom it names.
pub fn alternatives(term: &Term, people: &[Name]) -> Vec<Vec<Needle>> {
    let itself = std::iter::once(term.needles());
    itself.chain(people.iter().map(|person| vec![Needle::Word(about(person.clone()))])).collect()
}
