//! Lines to text: each run of neighbouring statements is aligned, then put down.

use std::collections::BTreeSet;

use super::cells::{Column, Marks};
use super::columns::{self, Row};
use super::heads::Entries;
use super::lines::{Above, Line, Piece, Sort, Standing, Token};
use super::rows::{After, Draft, Start, drafts, rows};
use super::{GOES_ON, INDENT, body};

/// The most lines of braces between neighbours.
const NEAR_MAX: usize = 3;

/// The text of a file's lines.
pub(super) fn written(lines: &[Line<'_>]) -> String {
    let mut out = String::new();
    put_block(lines, 0, &mut out);
    out
}

/// The lines of a block, each with a line break behind it.
fn put_block(lines: &[Line<'_>], indent: usize, out: &mut String) {
    let entries = entries(lines);
    for (index, part) in lines.chunk_by(|_, line| line.above == Above::Line).enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let mut rest = part;
        while !rest.is_empty() {
            let (run, left) = rest.split_at(run_length(rest));
            put_run(run, indent, entries, out);
            rest = left;
        }
    }
}

/// How many lines are neighbours of the first. Braces over several lines part statements, unless these are of one
/// kind and the braces hold little: outcomes with an action each.
fn run_length(lines: &[Line<'_>]) -> usize {
    let mut last: Option<(Option<&str>, usize)> = None;
    for (index, line) in lines.iter().enumerate() {
        let height = line.pieces.iter().map(Piece::height).sum::<usize>();
        match (line.place, &mut last) {
            (Standing::Begins, last) => {
                let own = line.first().map(|token| token.text);
                let before = last.unwrap_or((own, 0));
                let near = own == before.0 && height <= NEAR_MAX && before.1 <= NEAR_MAX;
                if last.is_some() && !near && (height > 0 || before.1 > 0) {
                    return remarks_before(lines, index);
                }
                *last = Some((own, height));
            }
            (_, Some((_, held))) => *held += height,
            (_, None) => {}
        }
    }
    lines.len()
}

/// The index of the first of the remarks that stand right above a line.
fn remarks_before(lines: &[Line<'_>], index: usize) -> usize {
    let above = lines.get(..index).unwrap_or_default().iter().rev();
    index - above.take_while(|line| line.place == Standing::Remark).count()
}

/// Whether every statement of a block is a name with a label or a number, and none holds braces.
fn entries(lines: &[Line<'_>]) -> Entries {
    let told: Vec<&Line<'_>> = lines.iter().filter(|line| line.place != Standing::Remark).collect();
    let statements: Vec<&[&Line<'_>]> = told.chunk_by(|_, line| line.place != Standing::Begins).collect();
    let entry = |lines: &&[&Line<'_>]| {
        let Some(first) = lines.first() else { return false };
        let tokens: Vec<Token<'_>> = first.tokens().copied().collect();
        let name = tokens.first().is_some_and(|token| token.sort == Sort::Word);
        let number = tokens.get(1).is_some_and(|token| token.sort == Sort::Number);
        let label =
            Marks::of(&tokens, false).english.is_some() || lines.iter().any(|line| line.place == Standing::Label);
        let plain = lines.iter().all(|line| line.tokens().count() == line.pieces.len());
        name && plain && (number || label)
    };
    let words: BTreeSet<&str> =
        statements.iter().filter_map(|lines| lines.first()?.first()).map(|token| token.text).collect();
    if words.len() > 1 && statements.iter().all(entry) { Entries::Yes } else { Entries::No }
}

fn put_run(run: &[Line<'_>], indent: usize, entries: Entries, out: &mut String) {
    let drafts = drafts(run);
    let mut rows = rows(&drafts, entries);
    place(&drafts, &mut rows, indent);
    for (draft, row) in drafts.iter().zip(&rows) {
        put_row(row, out);
        match &draft.after {
            After::Nothing => out.push('\n'),
            After::Block(block) => {
                out.push('\n');
                put_block(&block.lines, indent + INDENT, out);
            }
            After::Body(text) => put_body(text, out),
        }
    }
}

fn put_row(row: &Row, out: &mut String) {
    debug_assert_eq!(row.cells.len(), row.at.len(), "every cell has its place");
    let mut end = 0;
    for (cell, at) in row.cells.iter().zip(&row.at) {
        out.extend(std::iter::repeat_n(' ', at.saturating_sub(end)));
        out.push_str(&cell.text);
        end = at + cell.width;
    }
}

/// The text of a rule behind its opening brace, up to the closing one, which the next row has.
fn put_body(text: &str, out: &mut String) {
    let inside = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
    let moved = body::moved(inside);
    out.push_str(&moved);
    if !moved.ends_with('\n') && !moved.ends_with(' ') && moved != inside {
        out.push(' ');
    }
}

/// Says at which column everything of a run begins.
fn place(drafts: &[Draft<'_, '_>], rows: &mut [Row], indent: usize) {
    for (draft, row) in drafts.iter().zip(rows.iter_mut()) {
        match draft.start {
            Start::Line(Standing::Begins) | Start::Closing => row.begin(indent),
            Start::Line(
                Standing::Remark | Standing::GoesOn(_) | Standing::Within(_) | Standing::Label | Standing::Chinese,
            ) => {}
        }
    }
    let bodies = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    (0..bodies).for_each(|number| columns::align(rows, Column::Body(number)));
    place_further(drafts, rows, indent);
    [Column::Gives, Column::English].into_iter().for_each(|column| columns::align(rows, column));
    place_chinese(drafts, rows, indent);
    [Column::Chinese, Column::Tail, Column::Comment].into_iter().for_each(|column| columns::align(rows, column));
}

/// Where further lines of a statement hang: at its body where that stands apart, or a little deeper than itself.
fn hang(row: &Row, indent: usize) -> usize {
    row.apart(Column::Body(0)).unwrap_or(indent + GOES_ON)
}

/// Places the lines that hang below a statement, and remarks above what they are about.
fn place_further(drafts: &[Draft<'_, '_>], rows: &mut [Row], indent: usize) {
    let mut under = indent + GOES_ON;
    let mut opened = indent;
    let mut below = vec![indent; drafts.len()];
    for ((draft, row), at) in drafts.iter().zip(rows.iter()).zip(&mut below) {
        *at = match draft.start {
            Start::Line(Standing::Begins) => {
                under = hang(row, indent);
                indent
            }
            Start::Line(Standing::GoesOn(level)) => under + level * INDENT,
            Start::Line(Standing::Within(depth)) => opened + depth * INDENT,
            Start::Line(Standing::Label | Standing::Chinese) => under,
            Start::Line(Standing::Remark) | Start::Closing => indent,
        };
        if !matches!(draft.start, Start::Line(Standing::Within(_) | Standing::Remark)) {
            opened = *at;
        }
    }
    let mut next = indent;
    for ((draft, row), at) in drafts.iter().zip(rows).zip(below).rev() {
        match draft.start {
            Start::Line(Standing::Begins | Standing::Chinese) | Start::Closing => next = at,
            Start::Line(Standing::GoesOn(_) | Standing::Within(_) | Standing::Label) => {
                next = at;
                row.begin(at);
            }
            Start::Line(Standing::Remark) => row.begin(next),
        }
    }
}

/// Puts the Chinese half of a label below the English one that ends the line before.
fn place_chinese(drafts: &[Draft<'_, '_>], rows: &mut [Row], indent: usize) {
    let mut text = 0usize;
    for (draft, row) in drafts.iter().zip(rows) {
        match draft.start {
            Start::Line(Standing::Chinese) => {
                let at = text.saturating_sub("zh ".len());
                row.begin(if at > indent { at } else { indent + GOES_ON });
            }
            Start::Line(Standing::Remark) => {}
            Start::Line(_) | Start::Closing => text = row.last_token(),
        }
    }
}
