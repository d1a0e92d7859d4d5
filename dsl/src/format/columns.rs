//! Alignment: neighbours begin each column at the same place, as far as that leaves them on the page.

use super::cells::{Cell, Column};

/// The widest line that alignment may make. A line that is longer by itself is not made longer.
const LINE_MAX: usize = 120;
/// How much further to the right than the first one a row may begin a column that others follow.
const SPREAD_MAX: usize = 40;
/// How many blanks set columns apart.
pub(super) const APART: usize = 2;

/// A line on its way to the page.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) cells: Vec<Cell>,
    /// Where each of the cells begins that were placed so far.
    pub(super) at: Vec<usize>,
    /// Whether it shares a column with a neighbour.
    shares: Shares,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shares {
    Yes,
    No,
}

impl Row {
    pub(super) fn new(cells: Vec<Cell>) -> Row {
        Row { cells, at: Vec::new(), shares: Shares::No }
    }

    /// Puts the first cell somewhere.
    pub(super) fn begin(&mut self, at: usize) {
        self.at = vec![at];
    }

    /// Where a column begins that stands apart from what is before it.
    pub(super) fn apart(&self, column: Column) -> Option<usize> {
        let index = self.cells.iter().position(|cell| cell.column == column)?;
        let before = index.checked_sub(1)?;
        let end = self.at.get(before)? + self.cells.get(before)?.width;
        self.at.get(index).copied().filter(|at| *at >= end + APART)
    }

    /// Where the last token begins, a comment left out.
    pub(super) fn last_token(&self) -> usize {
        let placed = self.cells.iter().zip(&self.at).rev();
        let mut told = placed.filter(|(cell, _)| cell.column != Column::Comment);
        told.next().map_or(0, |(cell, at)| at + cell.width - cell.last)
    }

    /// Where the next cell could begin at the earliest, without the blanks before it.
    fn end(&self) -> usize {
        let last = self.at.len().checked_sub(1).and_then(|last| Some((self.at.get(last)?, self.cells.get(last)?)));
        last.map_or(0, |(at, cell)| at + cell.width)
    }

    /// The next cell to be placed, if it belongs to a column.
    fn next(&self, column: Column) -> Option<&Cell> {
        if self.at.is_empty() {
            return None;
        }
        self.cells.get(self.at.len()).filter(|cell| cell.column == column)
    }

    /// How wide the rest of the line is at least.
    fn rest(&self) -> usize {
        let left = self.cells.get(self.at.len()..).unwrap_or_default();
        left.iter().map(|cell| cell.width + 1).sum::<usize>().saturating_sub(1)
    }
}

/// Places a column in all rows that have it next.
pub(super) fn align(rows: &mut [Row], column: Column) {
    let shared = rows.iter().filter(|row| row.next(column).is_some()).nth(1).is_some();
    if shared {
        rows.iter_mut().filter(|row| row.next(column).is_some()).for_each(|row| row.shares = Shares::Yes);
    }
    let begin = |row: &Row| {
        let alone = row.next(column)?.alone;
        Some(row.end() + if row.shares == Shares::Yes && alone > 0 { APART } else { alone })
    };
    let members: Vec<(usize, usize)> = rows.iter().filter_map(|row| Some((begin(row)?, row.rest()))).collect();
    let common = common(members);
    for row in rows {
        let Some(begin) = begin(row) else { continue };
        row.at.push(common.map_or(begin, |common| common.max(begin)));
    }
}

/// The place at which a column can begin in most rows, given where it could begin in each and how wide what follows
/// is: rows that reach too far to the right stand apart.
fn common(mut members: Vec<(usize, usize)>) -> Option<usize> {
    members.sort_unstable_by(|one, other| other.cmp(one));
    let mut edge = members.last().map_or(LINE_MAX, |(least, _)| (least + SPREAD_MAX).min(LINE_MAX));
    let mut best = None;
    for (begin, rest) in members.iter().rev() {
        if begin + rest <= LINE_MAX {
            edge = edge.min(LINE_MAX - rest);
        }
        if *begin <= edge {
            best = Some(*begin);
        }
    }
    best
}
