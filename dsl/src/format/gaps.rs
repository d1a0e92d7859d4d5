//! What stands between two tokens of a line: a blank, or nothing. Where the author's choice means something (`-1`),
//! or where the tokens are none of the language, it is kept.

use crate::read::RESERVED;

use super::lines::{Before, Line, Sort, Token};

/// How many blanks stand between two tokens of one line.
pub(super) fn between(left: &Token<'_>, right: &Token<'_>) -> usize {
    let as_written = usize::from(right.before != Before::Nothing);
    match (left.sort, right.sort) {
        (_, Sort::Comment) => 2,
        (Sort::Stray, _) | (_, Sort::Stray) => as_written,
        (Sort::Open, Sort::Close) if left.text != "{" => 0,
        (Sort::Open, _) => usize::from(left.text == "{"),
        (_, Sort::Close) => usize::from(right.text == "}"),
        (_, Sort::Mark) if matches!(right.text, "," | ":" | "%") => 0,
        // `-1` is a number, `- 1` is not.
        (Sort::Mark, Sort::Number) if left.text == "-" => as_written,
        // Beside a digit a point may mean a fraction.
        (Sort::Number, Sort::Mark) if right.text == "." => as_written,
        (Sort::Mark, Sort::Number) if left.text == "." => as_written,
        (_, Sort::Mark) if right.text == "." => 0,
        (Sort::Mark, Sort::Word) if left.text == "." => 0,
        (Sort::Word, Sort::Open) if right.text == "(" => match RESERVED.contains(&left.text) {
            true => 1,
            false => as_written,
        },
        _ => 1,
    }
}

/// Whether a line begins with what cannot begin a statement.
pub(super) fn needs_one_before(line: &Line<'_>) -> bool {
    line.first().is_some_and(|first| match first.sort {
        Sort::Mark => matches!(first.text, "," | "|" | "=" | "=>" | "." | ":" | "+" | "*" | "%" | "==" | "!="),
        Sort::Close => true,
        Sort::Word => first.text == "zh",
        Sort::Text | Sort::Number | Sort::Date | Sort::Open | Sort::Body | Sort::Comment | Sort::Stray => false,
    })
}
