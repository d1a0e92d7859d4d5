//! What may happen: definitions, instances and [`step`]. No clock, no input or output.
//!
//! Laws, each kept by a test in `tests/`: a step is a function of its arguments; events fold back into the state;
//! a refused command changes nothing; scripts are pure, bounded and end; an instance never needs its history.

pub mod arrival;
pub mod audience;
pub mod ballot;
mod blame;
pub mod calendar;
mod clock;
pub mod command;
mod commands;
pub mod definition;
pub mod directory;
pub mod effect;
pub mod event;
pub mod expr;
pub mod file;
pub mod ids;
pub mod instance;
pub mod measure;
pub mod migration;
mod nodes;
pub mod people;
mod places;
pub mod play;
pub mod recheck;
pub mod records;
pub mod register;
pub mod relations;
pub mod rules;
mod run;
pub mod schedule;
mod step;
pub mod substitution;
pub mod table;
pub mod time;
pub mod value;
pub mod witness;

pub use nodes::CANCELLED;
pub use run::STEPS_MAX;
pub use step::{BEGUN_MAX, Step, World, migrate, start, step};
