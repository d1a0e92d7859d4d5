//! A line cut into cells: each begins a column that neighbours share.

use unicode_width::UnicodeWidthStr;

use super::gaps;
use super::lines::{Before, Sort, Token};

/// The columns of a line, from the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    Head,
    /// What follows the head, by its number.
    Body(usize),
    /// `=>` and what a row of a table gives.
    Gives,
    /// The English half of a label.
    English,
    /// The Chinese half of a label, `zh` included.
    Chinese,
    /// What follows a label, or `->` where there is none.
    Tail,
    Comment,
}

/// A piece of a line that begins a column.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) column: Column,
    pub(super) text: String,
    /// In columns of a terminal.
    pub(super) width: usize,
    /// Of these, how many its last token takes.
    pub(super) last: usize,
    /// How many blanks stand before it where no neighbour has its column.
    pub(super) alone: usize,
}

/// Where the columns of a line begin, in tokens.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Marks {
    pub(super) gives: Option<usize>,
    pub(super) english: Option<usize>,
    pub(super) chinese: Option<usize>,
    pub(super) tail: Option<usize>,
    pub(super) comment: Option<usize>,
}

impl Marks {
    /// Those of the first line of a statement. `split` says that the Chinese half of a label begins the next line.
    pub(super) fn of(tokens: &[Token<'_>], split: bool) -> Marks {
        let comment = tokens.iter().position(|token| token.sort == Sort::Comment);
        let told = tokens.get(..comment.unwrap_or(tokens.len())).unwrap_or_default();
        let outer = outer(told);
        let mark = |text: &str| {
            let mut places = outer.iter().copied().filter(|at| *at > 0);
            places.find(|at| is(told, *at, Sort::Mark) && says(told, *at, text))
        };
        match (mark("=>"), Marks::of_label(tokens, split)) {
            (Some(gives), _) => Marks { gives: Some(gives), comment, ..Marks::default() },
            (None, label) if label.english.is_some() => label,
            (None, label) => Marks { tail: mark("->"), ..label },
        }
    }

    /// Those of a label and a comment only.
    pub(super) fn of_label(tokens: &[Token<'_>], split: bool) -> Marks {
        let comment = tokens.iter().position(|token| token.sort == Sort::Comment);
        let tokens = tokens.get(..comment.unwrap_or(tokens.len())).unwrap_or_default();
        let marks = Marks { comment, ..Marks::default() };
        match label(tokens, &outer(tokens)) {
            Some(at) => {
                let tail = tokens.get(at + 3).filter(|after| after.text != ",").map(|_| at + 3);
                Marks { english: Some(at), chinese: Some(at + 1), tail, ..marks }
            }
            None if split && tokens.len() > 1 => Marks { english: Some(tokens.len() - 1), ..marks },
            None => marks,
        }
    }

    /// Where the first of these columns begins.
    pub(super) fn first(&self, end: usize) -> usize {
        let all = [self.gives, self.english, self.chinese, self.tail, self.comment];
        all.into_iter().flatten().min().unwrap_or(end)
    }
}

/// The places of the tokens that stand in no bracket of the line.
pub(super) fn outer(tokens: &[Token<'_>]) -> Vec<usize> {
    let mut depth = 0usize;
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if token.sort == Sort::Close {
            depth = depth.saturating_sub(1);
        }
        if depth == 0 {
            found.push(at);
        }
        if token.sort == Sort::Open {
            depth += 1;
        }
    }
    found
}

fn is(tokens: &[Token<'_>], at: usize, sort: Sort) -> bool {
    tokens.get(at).is_some_and(|token| token.sort == sort)
}

fn says(tokens: &[Token<'_>], at: usize, text: &str) -> bool {
    tokens.get(at).is_some_and(|token| token.text == text)
}

/// The last label of a line, unless it belongs to one of several choices: `fast "Fast" zh "快" | slow "Slow" zh "慢"`.
fn label(tokens: &[Token<'_>], outer: &[usize]) -> Option<usize> {
    let pair = |at: usize| is(tokens, at, Sort::Text) && says(tokens, at + 1, "zh") && is(tokens, at + 2, Sort::Text);
    let mut chosen = false;
    let mut found = None;
    for at in outer.iter().copied().filter(|at| pair(*at)) {
        let of_choice = chosen && at > 1 && says(tokens, at - 2, "|");
        chosen |= says(tokens, at + 3, "|");
        found = (!of_choice && !says(tokens, at + 3, "|")).then_some(at);
    }
    found
}

/// Cuts a line at its marks and at further places before them.
pub(super) fn cut(tokens: &[Token<'_>], marks: &Marks, further: &[usize]) -> Vec<Cell> {
    let further = further.iter().enumerate().map(|(number, at)| (*at, Column::Body(number)));
    let marked = [
        (marks.gives, Column::Gives),
        (marks.english, Column::English),
        (marks.chinese, Column::Chinese),
        (marks.tail, Column::Tail),
        (marks.comment, Column::Comment),
    ];
    let mut starts = vec![(0, Column::Head)];
    starts.extend(further);
    starts.extend(marked.into_iter().filter_map(|(at, column)| Some((at?, column))));
    let ends = starts.iter().skip(1).map(|(at, _)| *at).chain([tokens.len()]);
    let cells = starts.iter().zip(ends).filter_map(|((start, column), end)| {
        let tokens = tokens.get(*start..end)?;
        tokens.first()?;
        let alone = if *column == Column::Comment { 2 } else { 1 };
        let text = joined(tokens);
        let last = tokens.last().map_or(0, |token| token.text.width());
        Some(Cell { column: *column, width: text.width(), text, last, alone })
    });
    cells.collect()
}

/// Tokens with what belongs between them.
fn joined(tokens: &[Token<'_>]) -> String {
    let mut text = String::new();
    let mut last: Option<&Token<'_>> = None;
    let mut open: Vec<&str> = Vec::new();
    for token in tokens {
        if let Some(last) = last {
            // In braces on one line, several statements may stand side by side.
            let side_by_side = open.last() == Some(&"{")
                && token.before == Before::Wide
                && last.sort != Sort::Open
                && !matches!(token.sort, Sort::Close | Sort::Mark);
            let gap = if side_by_side { 2 } else { gaps::between(last, token) };
            text.extend(std::iter::repeat_n(' ', gap));
        }
        text.push_str(token.text);
        match token.sort {
            Sort::Open => open.push(token.text),
            Sort::Close => drop(open.pop()),
            Sort::Word | Sort::Text | Sort::Number | Sort::Date | Sort::Mark => {}
            Sort::Body | Sort::Comment | Sort::Stray => {}
        }
        last = Some(token);
    }
    text
}
