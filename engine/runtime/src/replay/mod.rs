//! Replay of an organisation's event log through a packaged process, at the log's own instants.
//!
//! A mapping file says which column is what and which change of state becomes which commands. Each record is
//! first played in memory on a virtual clock, where every guard of the process holds; only a record whose every
//! row is accepted is written, so that nothing half-told reaches the store. What cannot be mapped is named by
//! line and reason and kept.

mod activities;
mod attributes;
mod driver;
mod log;
mod mapping;
mod order;
mod people;
mod report;
mod values;

pub use activities::PutOff;
pub use driver::{Outcome, Rejected, ReplayError, Source, replay};
pub use log::{Log, LogError, Row};
pub use mapping::{Mapping, MappingError};
pub use people::Conflict;
pub use report::{Comparison, Disagreement, PrioritySummary, Summary, Sums, Tallied, readable};
