//! The process language: text to checked definitions, with problems, examples and diagrams.
//!
//! [`compile`] scans (brackets, quotes), finds the shapes (`grammar.pest`), reads them into the parsed tree, and checks
//! that into
//! [`engine::definition::Parts`]. Every mistake of a file is reported in one run. [`render`] shows problems,
//! [`run_examples`] plays a process's examples on a virtual clock; [`explain`] tells a process as plain sentences,
//! [`diff`] what changed between two versions, [`Plan`] what of it touches the records that run.

mod among;
pub mod calendars;
mod check;
pub mod diagram;
mod diff;
mod example;
mod explain;
mod format;
mod manual;
mod nearest;
mod nodes;
mod plan;
mod problem;
mod read;
mod registers;
mod render;
mod reported;
mod scan;
mod shape;
#[cfg(test)]
mod told;
mod tree;

use std::collections::BTreeSet;

use engine::definition::Parts;
use engine::register::Register;

pub use among::Among;
pub use diff::diff;
pub use example::{
    Coverage, Covered, Example, ExampleResult, Missed, Share, Verdict, refusal_in_chinese, run_examples,
};
pub use explain::{explain, measured};
pub use format::format;
pub use plan::{Fate, Obstacle, Plan, Standing, Tally};
pub use problem::{Code, Language, Note, PROBLEMS_MAX, Problem, Problems, Severity, place};
pub use render::{Colour, render};
pub use reported::{Reported, ReportedNote, Spot};
pub use scan::{NESTING_MAX, SOURCE_MAX, TEXT_MAX, WORD_MAX};
pub use shape::PIECES_MAX;

use problem::{Lines, Log};
use scan::Readable;

/// A process that passed the check, with its examples.
#[derive(Clone, Debug)]
pub struct Checked {
    /// What the engine runs.
    pub parts: Parts,
    /// Its examples, in written order.
    pub examples: Vec<Example>,
    /// The registers that it may refer to, as they are declared.
    pub registers: Vec<Register>,
}

/// A file that passed the check.
#[derive(Clone, Debug)]
pub struct Unit {
    /// The processes of the file: one, or none where it declares registers alone.
    pub processes: Vec<Checked>,
    /// The registers that the file declares.
    pub registers: Vec<Register>,
    /// What is odd, but does not keep the file out.
    pub warnings: Vec<Problem>,
}

/// Compiles a file.
///
/// # Errors
/// All problems of the file, in the order of their places.
pub fn compile(source: &str) -> Result<Unit, Problems> {
    compile_among(source, &Among::default())
}

/// Compiles a file that may refer to what other files declare.
///
/// # Errors
/// As [`compile`].
pub fn compile_among(source: &str, among: &Among) -> Result<Unit, Problems> {
    parse(source).check(among)
}

/// A file that was read and not checked yet. It keeps what is wrong with it until then.
pub struct Parsed<'s> {
    source: &'s str,
    log: Log,
    read: Option<read::Read>,
}

/// Reads a file. [`compile`] does this and the check; apart they are only measured.
pub fn parse(source: &str) -> Parsed<'_> {
    let scanned = scan::scan(source);
    let mut log = scanned.problems;
    let shapes = match scanned.readable {
        Readable::Yes => shape::shapes(&scanned.text),
        Readable::No => return Parsed { source, log, read: None },
    };
    let read = match shapes {
        Ok(shapes) => Some(read::read(&scanned.text, &shapes)),
        Err(problem) => {
            log.put(*problem);
            None
        }
    };
    Parsed { source, log, read }
}

impl Parsed<'_> {
    /// Checks it; it may refer to what other files declare.
    ///
    /// # Errors
    /// As [`compile`].
    pub fn check(self, among: &Among) -> Result<Unit, Problems> {
        let Parsed { source, mut log, read } = self;
        let (mut found, mut declared) = (Vec::new(), Vec::new());
        if let Some(read) = read {
            let checked = check::check(source, &read.file, &read.doubtful, among);
            log.extend(read.problems);
            log.extend(checked.problems);
            found = checked.processes;
            declared = checked.registers;
        }
        let problems = without_echoes(source, log);
        if problems.iter().any(|problem| problem.severity == Severity::Error) {
            return Err(Problems(problems));
        }
        let mut known = among.registers.clone();
        known.extend(declared.iter().map(|made: &Register| (made.name.to_string(), made.clone())));
        let registers: Vec<Register> = known.into_values().collect();
        let checked = |(parts, examples)| Checked { parts, examples, registers: registers.clone() };
        let processes = found.into_iter().map(checked).collect();
        Ok(Unit { processes, registers: declared, warnings: problems })
    }
}

/// The problems of a file without those that only follow from others.
fn without_echoes(source: &str, log: Log) -> Vec<Problem> {
    if log.held().is_empty() {
        return Vec::new();
    }
    let lines = Lines::of(source);
    let line = |problem: &Problem| lines.index(problem.span.start);
    let of = |wanted: fn(Code) -> bool| -> BTreeSet<usize> {
        log.held().iter().filter(|problem| wanted(problem.code)).map(line).collect()
    };
    // A label that is missing on a line with broken text is missing because of that.
    let broken = of(|code| (101..200).contains(&(code as u16)));
    // Where a bracket or quote was reported, the mended text may still puzzle the reader.
    let mended = of(|code| matches!(code, Code::Unclosed | Code::UnclosedText | Code::FullWidth | Code::Unopened));
    log.into_problems(|problem| match problem.code {
        Code::MissingChinese | Code::MissingEnglish => !broken.contains(&line(problem)),
        Code::Syntax => !mended.contains(&line(problem)),
        _ => true,
    })
}
