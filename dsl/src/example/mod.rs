//! Examples: tests in the language. Given people and services, when something is done or time passes, then
//! something holds. They are played on the engine with a virtual clock.

mod claims;
mod coverage;
mod refusal;
mod run;
mod world;

use engine::ballot::Vote;
use engine::definition::Labels;
use engine::expr::Expr;
use engine::ids::Name;
use engine::records::Seen;
use engine::time::{Span, Timestamp};
use engine::value::Fields;

pub use coverage::{Coverage, Covered, Missed, Share};
pub use refusal::in_chinese as refusal_in_chinese;
pub use run::run_examples;

/// An example, checked and ready to be played.
#[derive(Clone, Debug)]
pub struct Example {
    /// What it shows.
    pub name: String,
    /// The line where it begins, from 1.
    pub line: u32,
    pub(crate) given: Vec<Given>,
    pub(crate) acts: Vec<Act>,
}

/// How an example went.
#[derive(Clone, Debug)]
pub struct ExampleResult {
    /// What it shows.
    pub name: String,
    /// The line where it begins, from 1.
    pub line: u32,
    /// Whether it holds.
    pub verdict: Verdict,
    /// What of the definition it touched.
    pub covered: Covered,
}

/// Whether an example holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All of it.
    Passed,
    /// Something was otherwise than it says.
    Failed {
        /// The line that does not hold, from 1.
        line: u32,
        /// What was seen instead.
        saw: Labels,
    },
}

/// Something that is there before an example begins.
#[derive(Clone, Debug)]
pub(crate) enum Given {
    Person { key: Name, roles: Vec<Name>, teams: Vec<Name>, fields: Fields },
    Entry { register: Name, key: Name, fields: Fields },
    Record(Box<Seen>),
}

/// A line of an example.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    When { line: u32, at: Option<Timestamp>, deed: Deed },
    Then { line: u32, claim: Claim },
}

/// What somebody does, or time.
#[derive(Clone, Debug)]
pub(crate) enum Deed {
    Start { by: Name, on_behalf_of: Option<Name>, fields: Fields },
    Claim { by: Name, task: Name },
    Release { by: Name, task: Name },
    Complete { by: Name, task: Name, outcome: Name, fields: Fields, reason: Option<String> },
    Send { by: Name, message: Name, text: String, fields: Fields },
    Comment { by: Name, text: String },
    JobAnswers { job: Option<Name>, fields: Fields },
    JobFails { job: Option<Name>, problem: String },
    CallEnds { process: Name, outcome: Name },
    Signal { signal: Name },
    Add { by: Name, step: Name },
    Edit { by: Name, fields: Fields, reason: String },
    Cancel { by: Name, reason: String },
    Vote { by: Name, approval: Name, vote: Vote, fields: Fields, reason: Option<String> },
    Assign { by: Name, task: Name, to: Name },
    Delegate { by: Name, task: Name, to: Name, text: String },
    Resolve { by: Name, task: Name, text: String },
    Pass(Span),
    Become(Timestamp),
}

/// What must hold.
#[derive(Clone, Debug)]
pub(crate) enum Claim {
    TaskOpen {
        task: Name,
        whom: Option<Whom>,
    },
    TaskShut {
        task: Name,
    },
    TaskDue {
        task: Name,
        at: Timestamp,
    },
    TaskTaken {
        task: Name,
        by: Name,
    },
    ClockIs {
        clock: Name,
        state: ClockWord,
        expected: Expected,
    },
    ClockDue {
        clock: Name,
        at: Timestamp,
    },
    ClockUsed {
        clock: Name,
        span: Span,
    },
    Ended {
        outcome: Name,
    },
    TaskDelegated {
        task: Name,
        to: Name,
    },
    /// Nothing where the person has not voted.
    Voted {
        by: Name,
        approval: Name,
        vote: Option<Vote>,
    },
    Running,
    Linked {
        kind: Name,
    },
    Refused {
        why: Option<Why>,
    },
    ItIs {
        at: Timestamp,
    },
    Told {
        whom: Option<Whom>,
        template: Option<Name>,
        expected: Expected,
    },
    Holds {
        expr: Expr,
        source: String,
    },
}

/// Whether something should be so or should not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    Yes,
    No,
}

pub(crate) use crate::tree::{ClockWord, WhomKind};

#[derive(Clone, Debug)]
pub(crate) struct Whom {
    pub(crate) kind: WhomKind,
    pub(crate) name: Name,
}

#[derive(Clone, Debug)]
pub(crate) enum Why {
    Missing(Name),
    Says(String),
}
