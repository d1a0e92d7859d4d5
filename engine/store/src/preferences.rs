//! How people want the pages to be: short values under names that the pages know.

use std::collections::BTreeMap;

use engine::ids::Name;

use crate::dispatch::{read, write};
use crate::{Store, StoreError};

impl Store {
    /// What a person wants, by name.
    ///
    /// # Errors
    /// The database failed.
    pub fn preferences(&self, person: &Name) -> Result<BTreeMap<String, String>, StoreError> {
        read!(self, preferences::of_person(person))
    }

    /// Keeps what a person wants.
    ///
    /// # Errors
    /// The database failed.
    pub fn set_preference(&self, person: &Name, name: &str, value: &str) -> Result<(), StoreError> {
        let (person, name, value) = (person.clone(), name.to_owned(), value.to_owned());
        write!(self, preferences::set(&person, &name, &value))
    }
}
