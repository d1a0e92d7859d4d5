//! Lines to rows: what stands on one line of the page, cut into cells.

use std::collections::BTreeMap;

use super::cells::{self, Cell, Column, Marks};
use super::columns::{self, Row};
use super::heads::{self, Entries, First, Shaped};
use super::lines::{Before, Block, Line, Piece, Sort, Standing, Token};

/// The most digits of a share that others are moved for.
const DIGITS_MAX: usize = 4;

/// What a row begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// What its author began a line with.
    Line(Standing),
    /// A brace that closes a block.
    Closing,
}

/// What stands behind a row.
pub(super) enum After<'l, 's> {
    Nothing,
    Block(&'l Block<'s>),
    /// A rule's text.
    Body(&'s str),
}

/// A row before it is cut into cells.
pub(super) struct Draft<'l, 's> {
    pub(super) start: Start,
    tokens: Vec<Token<'s>>,
    pub(super) after: After<'l, 's>,
    /// Whether the Chinese half of its label begins the next line.
    split: bool,
}

/// The rows of a run's lines: a line breaks behind a brace that opens a block.
pub(super) fn drafts<'l, 's>(run: &'l [Line<'s>]) -> Vec<Draft<'l, 's>> {
    let mut drafts = Vec::new();
    for (index, line) in run.iter().enumerate() {
        let split = run.get(index + 1).is_some_and(|next| next.place == Standing::Chinese);
        let mut draft =
            Draft { start: Start::Line(line.place), tokens: Vec::new(), after: After::Nothing, split: false };
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
pub(super) fn rows(drafts: &[Draft<'_, '_>], entries: Entries) -> Vec<Row> {
    let drafted = drafts.iter().filter(|draft| draft.start == Start::Line(Standing::Begins));
    let firsts: Vec<First<'_, '_>> =
        drafted.map(|draft| First { tokens: &draft.tokens, marks: Marks::of(&draft.tokens, draft.split) }).collect();
    let shares = shares(&firsts);
    let labels = labels(drafts);
    let mut bodies = firsts.iter().zip(heads::bodies(&firsts, entries));
    let mut row = |(draft, labels): (&Draft<'_, '_>, usize)| match draft.start {
        Start::Line(Standing::Begins) => match bodies.next() {
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
        Start::Line(Standing::Label) => {
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
        Start::Line(Standing::GoesOn(_)) if labels == 1 => {
            Row::new(cells::cut(&draft.tokens, &Marks::of_label(&draft.tokens, draft.split), &[]))
        }
        Start::Line(_) | Start::Closing => {
            let marks =
                Marks { comment: Marks::of(&draft.tokens, false).comment.filter(|at| *at > 0), ..Marks::default() };
            Row::new(cells::cut(&draft.tokens, &marks, &[]))
        }
    };
    drafts.iter().zip(labels).map(&mut row).collect()
}

/// For each line, how many labels its statement has.
fn labels(drafts: &[Draft<'_, '_>]) -> Vec<usize> {
    let statements = drafts.chunk_by(|_, draft| draft.start != Start::Line(Standing::Begins));
    let has = |draft: &&Draft<'_, '_>| {
        draft.start == Start::Line(Standing::Label) || Marks::of(&draft.tokens, draft.split).english.is_some()
    };
    statements.flat_map(|lines| std::iter::repeat_n(lines.iter().filter(has).count(), lines.len())).collect()
}

/// How many digits the shares have at most, by the word before them.
fn shares<'t>(firsts: &[First<'t, '_>]) -> BTreeMap<&'t str, usize> {
    let mut widest = BTreeMap::new();
    for first in firsts {
        if let (Some(word), Some(digits)) = (first.tokens.first(), first.percent()) {
            let held = widest.entry(word.text).or_insert(0);
            *held = digits.len().min(DIGITS_MAX).max(*held);
        }
    }
    widest
}

/// Puts blanks before the digits of a share, so that those of neighbours end alike.
fn widen(head: &mut Cell, at: usize, by: usize) {
    head.width += by;
    head.text.insert_str(at, &" ".repeat(by));
}
