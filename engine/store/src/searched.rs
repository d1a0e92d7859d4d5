//! The words by which records are found: a projection that is filled behind the commits.
//!
//! A commit writes nothing here. Words come as they are to be compared, from whoever works them out; nothing of a text is
//! kept but its words. What is found are candidates: whether a person may see them, and whether the text is there as it was
//! typed, is judged on the record itself.

use std::collections::BTreeSet;

use engine::ids::InstanceId;
use engine::time::Timestamp;

use crate::dispatch::{read, write};
use crate::{Share, Store, StoreError};

/// The most records that one question finds.
pub const FOUND_MAX: usize = 200;

/// A record with its words.
#[derive(Clone, Debug)]
pub struct SearchedRecord {
    /// Which.
    pub instance: InstanceId,
    /// As it was at this revision.
    pub revision: u64,
    /// Each without spaces and quotes.
    pub words: BTreeSet<String>,
}

/// Which records have no words yet, or those of another revision or of other rules.
#[derive(Clone, Debug)]
pub struct Unsearched<'a> {
    /// Of these shards.
    pub share: &'a Share,
    /// By which edition of the rules words are made now.
    pub edition: i16,
    /// Of those that are over, which ended then or later.
    pub ended_since: Timestamp,
    /// How many at most.
    pub limit: usize,
}

/// What is looked for in a record's words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Needle {
    /// This word.
    Word(String),
    /// A word that begins so.
    Beginning(String),
}

/// Which records are meant.
#[derive(Clone, Debug, Default)]
pub struct SearchQuery {
    /// Of each of these one alternative, all of whose needles stand in the record.
    pub terms: Vec<Vec<Vec<Needle>>>,
    /// With one of these words, where there are any: for whom a record is.
    pub among: Vec<String>,
    /// Older than this one.
    pub below: Option<InstanceId>,
    /// How many, at most [`FOUND_MAX`].
    pub limit: usize,
}

impl SearchQuery {
    /// The question in the words of an index, in brackets throughout.
    pub(crate) fn written(&self, and: &str, or: &str, needle: impl Fn(&Needle) -> String) -> String {
        let bracketed = |parts: Vec<String>, between: &str| format!("({})", parts.join(between));
        let all = |needles: &Vec<Needle>| bracketed(needles.iter().map(&needle).collect(), and);
        let mut terms: Vec<String> =
            self.terms.iter().map(|term| bracketed(term.iter().map(all).collect(), or)).collect();
        if !self.among.is_empty() {
            let words = self.among.iter().map(|word| needle(&Needle::Word(word.clone())));
            terms.push(bracketed(words.collect(), or));
        }
        terms.join(and)
    }
}

impl Store {
    /// Records whose words are to be worked out.
    ///
    /// # Errors
    /// The database failed.
    pub fn unsearched(&self, wanted: &Unsearched<'_>) -> Result<Vec<InstanceId>, StoreError> {
        read!(self, searched::unsearched(wanted))
    }

    /// Keeps the words of records in place of those before. Of a record that was removed meanwhile nothing is kept.
    ///
    /// # Errors
    /// The database failed.
    pub fn keep_searched(&self, edition: i16, records: Vec<SearchedRecord>) -> Result<(), StoreError> {
        write!(self, searched::keep(edition, &records))
    }

    /// Forgets all words, so that they are worked out anew.
    ///
    /// # Errors
    /// The database failed.
    pub fn forget_searched(&self) -> Result<(), StoreError> {
        write!(self, searched::forget_all())
    }

    /// The records that a question finds, newest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn searched(&self, query: &SearchQuery) -> Result<Vec<InstanceId>, StoreError> {
        read!(self, searched::found(query))
    }
}
