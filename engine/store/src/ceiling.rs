//! The ceiling: the same work in hand-written SQL.

use std::path::Path;

use crate::StoreError;

/// What the ceiling did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CeilingRun {
    /// Completions per second.
    pub per_s: f64,
    /// The median time that a caller waited, in microseconds.
    pub p50_us: u64,
    /// The 99th percentile of it.
    pub p99_us: u64,
}

/// Runs so many completions by so many blocked callers in an empty folder.
///
/// # Errors
/// The database failed.
pub fn run(folder: &Path, callers: usize, completions: u64) -> Result<CeilingRun, StoreError> {
    let _ = (folder, callers, completions);
    Err(StoreError::Closed)
}
