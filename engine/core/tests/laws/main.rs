//! The laws of the core: same input, same output; events fold into the state; a refusal changes nothing; every
//! loop and every script ends; what the language promises about people, time and rework holds.

mod acting;
mod approvals;
mod clocks;
mod draft;
mod failing;
mod files;
mod flow;
mod later_on;
mod made;
mod measures;
mod migrations;
mod operations;
mod overdue;
mod people;
mod random;
mod recount;
mod repairs;
mod sandbox;
mod segments;
mod sight;
mod waits;
