//! The fields that are sure to have a value, as a set of bits: it is copied and met at every step of a process.

use std::collections::BTreeMap;

use engine::definition::{Ask, Field, Presence};
use engine::ids::Name;

/// A field's place in the bits.
struct Known {
    index: usize,
    required: bool,
}

/// The fields of a record.
pub(super) struct Fields<'f> {
    known: BTreeMap<&'f str, Known>,
}

impl<'f> Fields<'f> {
    pub(super) fn new(fields: &'f [Field]) -> Fields<'f> {
        let known = |(index, field): (usize, &'f Field)| {
            (field.name.as_str(), Known { index, required: field.presence == Presence::Required })
        };
        Fields { known: fields.iter().enumerate().map(known).collect() }
    }

    /// None of them.
    pub(super) fn none(&self) -> Sure<'_> {
        Sure { fields: self, bits: vec![0; self.known.len().div_ceil(64)] }
    }
}

/// Fields that are sure to have a value.
#[derive(Clone)]
pub(super) struct Sure<'f> {
    fields: &'f Fields<'f>,
    bits: Vec<u64>,
}

impl Sure<'_> {
    pub(super) fn contains(&self, field: &str) -> bool {
        self.fields.known.get(field).is_some_and(|known| self.bits[known.index / 64] & bit(known.index) != 0)
    }

    pub(super) fn insert(&mut self, field: &str) {
        if let Some(known) = self.fields.known.get(field) {
            self.bits[known.index / 64] |= bit(known.index);
        }
    }

    pub(super) fn remove(&mut self, field: &str) {
        if let Some(known) = self.fields.known.get(field) {
            self.bits[known.index / 64] &= !bit(known.index);
        }
    }

    pub(super) fn extend<'n>(&mut self, fields: impl IntoIterator<Item = &'n str>) {
        fields.into_iter().for_each(|field| self.insert(field));
    }

    /// Adds the fields that a form is sure to fill.
    pub(super) fn fill<'a>(&mut self, asks: impl Iterator<Item = &'a Ask>) {
        self.give(asks.map(|ask| &ask.field));
    }

    /// Adds those of the fields that whoever gives them is sure to give: the required ones.
    pub(super) fn give<'a>(&mut self, given: impl Iterator<Item = &'a Name>) {
        let fields = self.fields;
        let required = |field: &&str| fields.known.get(field).is_some_and(|known| known.required);
        self.extend(given.map(Name::as_str).filter(required));
    }

    /// Adds what is sure in another.
    pub(super) fn join(&mut self, other: &Sure<'_>) {
        self.bits.iter_mut().zip(&other.bits).for_each(|(held, more)| *held |= more);
    }

    /// Keeps what is sure in both, and says whether that is less than before.
    pub(super) fn meet(&mut self, other: &Sure<'_>) -> bool {
        let mut less = false;
        for (held, with) in self.bits.iter_mut().zip(&other.bits) {
            less |= *held & !with != 0;
            *held &= with;
        }
        less
    }
}

fn bit(index: usize) -> u64 {
    1 << (index % 64)
}
