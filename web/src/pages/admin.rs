//! The pages about the installation: for administrators, and for auditors to read.

pub mod audit;
pub mod batch;
pub mod batches;
pub mod calendars;
pub mod definition;
pub mod definitions;
pub mod erase;
pub mod instances;
pub mod operate;
pub mod people;
pub mod person;
pub mod retention;
pub mod tokens;
pub mod undelivered;
