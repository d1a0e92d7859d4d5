//! The process language: text to checked definitions, with problems, examples and diagrams.
//!
//! [`compile`] scans (brackets, quotes), finds the shapes (`grammar.pest`), reads them into the parsed tree, and checks
//! that into
//! [`engine::definition::Parts`]. Every mistake of a file is reported in one run. [`render`] shows problems,
//! [`run_examples`] plays a process's examples on a virtual clock; [`explain`] tells a process as plain sentences,
//! [`diff`] what changed between two versions.

pub mod calendars;
mod check;
pub mod diagram;
mod diff;
mod example;
mod explain;
mod format;
mod nearest;
mod nodes;
mod problem;
mod read;
mod registers;
mod render;
mod scan;
mod shape;
mod tree;

use engine::definition::Parts;

pub use diff::diff;
pub use example::{Covered, Example, ExampleResult, Verdict, ZONE, run_examples, uncovered};
pub use explain::explain;
pub use format::format;
pub use problem::{Code, Language, Note, Problem, Problems, Severity, place};
pub use render::{Colour, render};
pub use scan::{NESTING_MAX, SOURCE_MAX};

use scan::Readable;

/// A process that passed the check, with its examples.
#[derive(Clone, Debug)]
pub struct Checked {
    /// What the engine runs.
    pub parts: Parts,
    /// Its examples, in written order.
    pub examples: Vec<Example>,
}

/// A file that passed the check.
#[derive(Clone, Debug)]
pub struct Unit {
    /// The processes of the file; one.
    pub processes: Vec<Checked>,
    /// What is odd, but does not keep the file out.
    pub warnings: Vec<Problem>,
}

/// Compiles a file.
///
/// # Errors
/// All problems of the file, in the order of their places.
pub fn compile(source: &str) -> Result<Unit, Problems> {
    compile_among(source, &[])
}

/// Compiles a file that may refer to the records of other processes.
///
/// # Errors
/// As [`compile`].
pub fn compile_among(source: &str, processes: &[&str]) -> Result<Unit, Problems> {
    let scanned = scan::scan(source);
    let mut problems = scanned.problems;
    let mut found = Vec::new();
    if scanned.readable == Readable::Yes {
        match shape::shapes(&scanned.text) {
            Err(problem) => problems.push(*problem),
            Ok(shapes) => {
                let read = read::read(&scanned.text, &shapes);
                problems.extend(read.problems);
                let checked = check::check(source, &read.file, &read.doubtful, processes);
                problems.extend(checked.problems);
                found = checked.processes;
            }
        }
    }
    if !problems.is_empty() {
        drop_echoes(source, &mut problems);
    }
    problems.sort_by_key(|problem| (problem.span.start, problem.span.end, problem.code));
    if problems.iter().any(|problem| problem.severity == Severity::Error) {
        return Err(Problems(problems));
    }
    let processes = found.into_iter().map(|(parts, examples)| Checked { parts, examples }).collect();
    Ok(Unit { processes, warnings: problems })
}

/// A label that is missing on a line with broken text is missing because of that.
fn drop_echoes(source: &str, problems: &mut Vec<Problem>) {
    let line = |problem: &Problem| place(source, problem.span.start).0;
    let broken = |problem: &&Problem| (101..200).contains(&(problem.code as u16));
    let lines: Vec<u32> = problems.iter().filter(broken).map(line).collect();
    let echoes = [Code::MissingChinese, Code::MissingEnglish];
    problems.retain(|problem| !(echoes.contains(&problem.code) && lines.contains(&line(problem))));
    // Where a bracket or quote was reported, the mended text may still puzzle the grammar.
    let lexical = [Code::Unclosed, Code::UnclosedText, Code::FullWidth, Code::Unopened];
    let lines: Vec<u32> = problems.iter().filter(|problem| lexical.contains(&problem.code)).map(line).collect();
    problems.retain(|problem| !(problem.code == Code::Syntax && lines.contains(&line(problem))));
}
