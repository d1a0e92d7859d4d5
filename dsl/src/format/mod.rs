//! The formatter: one way to lay out a file, without options. It works on the shapes of the text and knows no
//! statement, so that a new kind of statement changes nothing here. Only white space changes: every token and comment
//! stays, and so do the author's line breaks.
//!
//! [`lines`] finds the lines of each pair of braces and which of them go on a statement, [`rows`] and [`cells`] cut them
//! where columns begin, [`heads`] asks the neighbours where that is, [`columns`] aligns, [`write`] puts it all down; [`gaps`] says what stands
//! between two tokens, [`body`] moves the text of a rule.
//!
//! What begins a column: a label and its Chinese half, `=>`, `->`, what follows a label, a comment at the end of its
//! line, and whatever the author set apart by two blanks or more.

mod body;
mod cells;
mod columns;
mod gaps;
mod heads;
mod lines;
mod rows;
#[cfg(test)]
mod tests;
mod write;

use crate::problem::{Code, Problems};
use crate::scan;
use crate::shape;

/// How many columns a pair of braces indents what it holds.
const INDENT: usize = 2;
/// How many columns a line is indented that goes on a statement without columns.
const GOES_ON: usize = 4;

/// Lays out a file; a text that is laid out already comes back as it is. A file with mistakes is laid out too, as
/// long as its brackets and quotes match.
///
/// # Errors
/// The brackets or quotes do not match, or the file is too long or too deep: the problems that say so.
pub fn format(source: &str) -> Result<String, Problems> {
    let problems = scan::scan(source).problems;
    let mark = |code: Code| matches!(code, Code::FullWidth | Code::ForeignMark);
    if problems.has(|_, code| !mark(code)) {
        return Err(Problems(problems.into_problems(|problem| !mark(problem.code))));
    }
    // Brackets and quotes that match only where the marks are mended are laid out once they are.
    let shapes = shape::shapes(source).map_err(|problem| match problems.count() {
        0 => Problems(vec![*problem]),
        _ => Problems(problems.into_problems(|_| true)),
    })?;
    let formatted = write::written(&lines::of_file(source, &shapes));
    match formatted.len() <= scan::SOURCE_MAX {
        true => Ok(formatted),
        false => Err(Problems(vec![scan::too_long()])),
    }
}
