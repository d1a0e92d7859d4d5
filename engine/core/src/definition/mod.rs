//! A process as checked data: what the language compiles to and the engine interprets.
//!
//! [`Parts`] is plain data, stored as JSON beside its source. [`Definition`] is the same, made ready to run:
//! steps indexed by name and rules compiled. An instance keeps the definition it started under.

mod action;
mod approval;
mod clock;
mod field;
mod flow;
mod form;
mod job;
mod labels;
mod later;
mod measure;
mod nesting;
mod number;
mod parts;
mod prepared;
mod start;
mod step;
mod task;
mod who;

pub use self::action::{Action, Begin, Channel, Direction, Fill, LinkMade, Reaction};
pub use self::approval::{APPROVED, Abstaining, Approval, EXPIRED, Quorum, REJECTED};
pub use self::clock::{Clock, Due, Target, Threshold};
pub use self::field::{Choice, Field, Origin, Overriding, Presence};
pub use self::flow::{Branch, Case, ERROR, End, ForEach, Handled, Needs, Pace, Rest, Unawaited, Until};
pub use self::form::{Ask, Outcome, REASON_MAX, Reason, Requirement};
pub use self::job::{Job, Retries, Work};
pub use self::labels::Labels;
pub use self::later::Later;
pub use self::measure::{Figure, Goal, Measure, Period, Quantity};
pub use self::number::NumberPattern;
pub use self::parts::{Clause, Find, Keep, LinkType, Parts, Template};
pub use self::prepared::Definition;
pub use self::start::{MESSAGE, Schedule, Start, StartMessage};
pub use self::step::{Step, StepKind};
pub use self::task::{Reminder, Task};
pub use self::who::{Candidates, Substitution, Who};
