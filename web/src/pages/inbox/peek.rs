//! A task beside the list: its form, its clocks, what was said last. Part of the page, or alone for the script.

use serde::Serialize;

use crate::answer::{Answer, Refusal};
use crate::pages::task;
use crate::visit::Visit;

/// A task beside the list.
#[derive(Debug, Serialize)]
pub struct PeekView {
    /// Nothing where it is not open any more, or not for the reader.
    task: Option<task::View>,
}

/// The task of that name.
///
/// # Errors
/// The store failed.
pub fn peeked(visit: &Visit<'_>, task: &str) -> Result<PeekView, Refusal> {
    match task::beside(visit, task) {
        Ok(task) => Ok(PeekView { task }),
        // The list is there all the same.
        Err(Refusal::NotFound) => Ok(PeekView { task: None }),
        Err(other) => Err(other),
    }
}

/// The part of the page alone.
pub fn show(visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let task = task::beside(visit, visit.asked.part("task"))?;
    visit.part("peek", &PeekView { task })
}
