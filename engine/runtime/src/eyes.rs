//! Other records, as a step and pages see them: as they are committed.
//!
//! What a step sees of others may be changed by somebody before its own commit: a record that is looked at is on another
//! shard, and no commit spans two. So a rule over others that must not be broken is asked again where it counts.

use std::cell::RefCell;

use engine::ids::{InstanceId, Name};
use engine::records::{FOUND_MAX, Records, Seen, Unseen};
use engine::value::Value;

use crate::{Runtime, RuntimeError};

impl Runtime {
    /// A record as others see it.
    ///
    /// # Errors
    /// The store failed.
    pub fn seen(&self, id: InstanceId) -> Result<Option<Seen>, RuntimeError> {
        let Some(loaded) = self.load(id)? else { return Ok(None) };
        let definition = self.definition(loaded.instance.definition())?;
        Ok(Some(Seen::of(&definition, &loaded.instance)))
    }

    fn seen_by_number(&self, number: &Name) -> Result<Option<Seen>, RuntimeError> {
        match self.store().instance_of_number(number.as_str())? {
            Some(id) => self.seen(id),
            None => Ok(None),
        }
    }

    fn seen_by_value(&self, process: &Name, field: &Name, values: &[Value]) -> Result<Vec<Seen>, RuntimeError> {
        let found = self.store().found(process, field, values, FOUND_MAX)?;
        Ok(found.into_iter().map(|id| self.seen(id)).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }
}

impl Records for Runtime {
    fn record(&self, number: &Name) -> Result<Option<Seen>, Unseen> {
        self.seen_by_number(number).map_err(|cause| Unseen(cause.to_string()))
    }

    fn exists(&self, number: &Name) -> Result<bool, Unseen> {
        let found = self.store().instance_of_number(number.as_str());
        found.map(|id| id.is_some()).map_err(|cause| Unseen(cause.to_string()))
    }

    fn found(&self, process: &Name, field: &Name, values: &[Value]) -> Result<Vec<Seen>, Unseen> {
        self.seen_by_value(process, field, values).map_err(|cause| Unseen(cause.to_string()))
    }
}

/// The eyes of one step: they remember what failed, so that a store that is away is not taken for a fact about a record.
pub(crate) struct Eyes<'r> {
    runtime: &'r Runtime,
    failed: RefCell<Option<RuntimeError>>,
}

impl<'r> Eyes<'r> {
    pub(crate) fn of(runtime: &'r Runtime) -> Eyes<'r> {
        Eyes { runtime, failed: RefCell::default() }
    }

    /// What a step came to, unless it could not see.
    ///
    /// # Errors
    /// Something could not be read.
    pub(crate) fn judged<T>(self, came_to: T) -> Result<T, RuntimeError> {
        match self.failed.into_inner() {
            None => Ok(came_to),
            Some(cause) => Err(cause),
        }
    }

    fn noted<T>(&self, looked: Result<T, RuntimeError>) -> Result<T, Unseen> {
        looked.map_err(|cause| {
            let unseen = Unseen(cause.to_string());
            self.failed.replace(Some(cause));
            unseen
        })
    }
}

impl Records for Eyes<'_> {
    fn record(&self, number: &Name) -> Result<Option<Seen>, Unseen> {
        self.noted(self.runtime.seen_by_number(number))
    }

    fn exists(&self, number: &Name) -> Result<bool, Unseen> {
        let found = self.runtime.store().instance_of_number(number.as_str());
        self.noted(found.map(|id| id.is_some()).map_err(RuntimeError::from))
    }

    fn found(&self, process: &Name, field: &Name, values: &[Value]) -> Result<Vec<Seen>, Unseen> {
        self.noted(self.runtime.seen_by_value(process, field, values))
    }
}
