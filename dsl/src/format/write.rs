//! Lines to text: each run of neighbouring statements is aligned, then put down.

use std::collections::{BTreeMap, BTreeSet};

use super::cells::{self, Cell, Column, Marks};
use super::columns::{self, Row};
use super::heads::{self, Entries, First, Shaped};
use super::lines::{Above, Before, Block, Line, Piece, Sort, Standing, Token};
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

/// What a row begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    /// The first line of a statement.
    Statement,
    /// A further line of one.
    Further(Standing),
    /// A closing brace.
    Closing,
}

/// What stands behind a row.
enum After<'l, 's> {
    Nothing,
    Block(&'l Block<'s>),
    /// A rule's text.
    Body(&'s str),
}

/// A row before it is cut into cells.
struct Draft<'l, 's> {
    start: Start,
    tokens: Vec<Token<'s>>,
    after: After<'l, 's>,
    /// Whether the Chinese half of its label begins the next line.
    split: bool,
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
            After::Body(text) => put_body(text, indent, out),
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
fn put_body(text: &str, indent: usize, out: &mut String) {
    let inside = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
    let moved = body::moved(inside);
    out.push_str(&moved);
    if !moved.ends_with('\n') && !moved.ends_with(' ') && moved != inside {
        out.push(' ');
    }
    debug_assert_eq!(indent, 0, "rules stand at the top");
}

/// The rows of a run's lines: a line breaks behind a brace that opens a block.
fn drafts<'l, 's>(run: &'l [Line<'s>]) -> Vec<Draft<'l, 's>> {
    let mut drafts = Vec::new();
    for (index, line) in run.iter().enumerate() {
        let start = match line.place {
            Standing::Begins => Start::Statement,
            Standing::GoesOn(_) | Standing::Within(_) | Standing::Label | Standing::Chinese | Standing::Remark => {
                Start::Further(line.place)
            }
        };
        let split = run.get(index + 1).is_some_and(|next| next.place == Standing::Chinese);
        let mut draft = Draft { start, tokens: Vec::new(), after: After::Nothing, split: false };
        for piece in &line.pieces {
            let (open, comment, after) = match piece {
                Piece::Token(token) => {
                    draft.tokens.push(*token);
                    continue;
                }
                Piece::Block(block) => (block.open, block.comment, After::Block(block)),
                Piece::Body(token) => {
                    (Token { text: "{", sort: Sort::Open, before: token.before }, None, After::Body(token.text))
                }
            };
            draft.tokens.push(open);
            draft.tokens.extend(comment);
            draft.after = after;
            drafts.push(draft);
            let close = Token { text: "}", sort: Sort::Close, before: Before::Line };
            draft = Draft { start: Start::Closing, tokens: vec![close], after: After::Nothing, split: false };
        }
        draft.split = split;
        drafts.push(draft);
    }
    drafts
}

/// Cuts the rows into cells, each with a look at its neighbours.
fn rows(drafts: &[Draft<'_, '_>], entries: Entries) -> Vec<Row> {
    let drafted = drafts.iter().filter(|draft| draft.start == Start::Statement);
    let firsts: Vec<First<'_, '_>> =
        drafted.map(|draft| First { tokens: &draft.tokens, marks: Marks::of(&draft.tokens, draft.split) }).collect();
    let shares = shares(&firsts);
    let labels = labels(drafts);
    let mut bodies = firsts.iter().zip(heads::bodies(&firsts, entries));
    let mut row = |(draft, labels): (&Draft<'_, '_>, usize)| match draft.start {
        Start::Statement => match bodies.next() {
            Some((first, body)) => {
                let mut cells = cells::cut(first.tokens, &first.marks, &body.places);
                if let (Shaped::Yes, Some(second)) = (body.shaped, cells.get_mut(1)) {
                    second.alone = columns::APART;
                }
                if let (Some(head), Some(digits)) = (cells.first_mut(), first.percent()) {
                    let word = first.tokens.first().map_or("", |word| word.text);
                    widen(head, word.len(), shares.get(word).copied().unwrap_or(0).saturating_sub(digits.len()));
                }
                Row::new(cells)
            }
            None => Row::new(Vec::new()),
        },
        Start::Further(Standing::Label) => {
            let marks = Marks { english: None, ..Marks::of_label(&draft.tokens, draft.split) };
            let mut cells = cells::cut(&draft.tokens, &marks, &[]);
            if let Some(first) = cells.first_mut() {
                first.column = Column::English;
                first.alone = 0;
            }
            let nothing = Cell { column: Column::Head, text: String::new(), width: 0, last: 0, alone: 0 };
            Row::new(std::iter::once(nothing).chain(cells).collect())
        }
        // A label that is the only one of its statement is that of the statement, wherever it stands.
        Start::Further(Standing::GoesOn(_)) if labels == 1 => {
            Row::new(cells::cut(&draft.tokens, &Marks::of_label(&draft.tokens, draft.split), &[]))
        }
        Start::Further(_) | Start::Closing => {
            let marks =
                Marks { comment: Marks::of(&draft.tokens, false).comment.filter(|at| *at > 0), ..Marks::default() };
            Row::new(cells::cut(&draft.tokens, &marks, &[]))
        }
    };
    drafts.iter().zip(labels).map(&mut row).collect()
}

/// For each line, how many labels its statement has.
fn labels(drafts: &[Draft<'_, '_>]) -> Vec<usize> {
    let statements = drafts.chunk_by(|_, draft| draft.start != Start::Statement);
    let has = |draft: &&Draft<'_, '_>| {
        draft.start == Start::Further(Standing::Label) || Marks::of(&draft.tokens, draft.split).english.is_some()
    };
    statements.flat_map(|lines| std::iter::repeat_n(lines.iter().filter(has).count(), lines.len())).collect()
}

/// How many digits the shares have at most, by the word before them.
fn shares<'t>(firsts: &[First<'t, '_>]) -> BTreeMap<&'t str, usize> {
    let mut widest = BTreeMap::new();
    for first in firsts {
        if let (Some(word), Some(digits)) = (first.tokens.first(), first.percent()) {
            let held = widest.entry(word.text).or_insert(0);
            *held = digits.len().max(*held);
        }
    }
    widest
}

/// Puts blanks before the digits of a share, so that those of neighbours end alike.
fn widen(head: &mut Cell, at: usize, by: usize) {
    head.width += by;
    head.text.insert_str(at, &" ".repeat(by));
}

/// Says at which column everything of a run begins.
fn place(drafts: &[Draft<'_, '_>], rows: &mut [Row], indent: usize) {
    for (draft, row) in drafts.iter().zip(rows.iter_mut()) {
        match draft.start {
            Start::Statement | Start::Closing | Start::Further(Standing::Begins) => row.begin(indent),
            Start::Further(
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
            Start::Statement => {
                under = hang(row, indent);
                indent
            }
            Start::Further(Standing::GoesOn(level)) => under + level * INDENT,
            Start::Further(Standing::Within(depth)) => opened + depth * INDENT,
            Start::Further(Standing::Label | Standing::Chinese) => under,
            Start::Further(Standing::Begins | Standing::Remark) | Start::Closing => indent,
        };
        if !matches!(draft.start, Start::Further(Standing::Within(_) | Standing::Remark)) {
            opened = *at;
        }
    }
    let mut next = indent;
    for ((draft, row), at) in drafts.iter().zip(rows).zip(below).rev() {
        match draft.start {
            Start::Statement | Start::Closing | Start::Further(Standing::Begins | Standing::Chinese) => next = at,
            Start::Further(Standing::GoesOn(_) | Standing::Within(_) | Standing::Label) => {
                next = at;
                row.begin(at);
            }
            Start::Further(Standing::Remark) => row.begin(next),
        }
    }
}

/// Puts the Chinese half of a label below the English one that ends the line before.
fn place_chinese(drafts: &[Draft<'_, '_>], rows: &mut [Row], indent: usize) {
    let mut text = 0usize;
    for (draft, row) in drafts.iter().zip(rows) {
        match draft.start {
            Start::Further(Standing::Chinese) => {
                let at = text.saturating_sub("zh ".len());
                row.begin(if at > indent { at } else { indent + GOES_ON });
            }
            Start::Further(Standing::Remark) => {}
            Start::Statement | Start::Closing | Start::Further(_) => text = row.last_token(),
        }
    }
}
