//! Proofs about a table: each input's line is cut into pieces, each row becomes a box over the pieces, and the questions
//! are about boxes: do two meet, does one lie within others, do all of them together fill everything?

use std::collections::BTreeSet;
use std::ops::Range;

use engine::table::{Cell, Row, Test, is_above, is_below};
use engine::value::Value;

/// The most rows looked at in the proofs of one table, each as often as it is. Boxes that fill a space of many inputs in
/// a tangled way can take exponential time; honest tables of a thousand rows take a hundredth of it.
const STEPS_MAX: usize = 5_000_000;

/// The proof would take too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unproved;

/// Pieces of one input: ranges of their numbers, in order, apart from one another.
type Spans = Vec<Range<usize>>;

/// A case: a piece for each input.
pub(super) type Case = Vec<usize>;

/// A table as boxes.
pub(super) struct Grid {
    /// By input, in the order in which the inputs are cut: first those on which the most rows have a condition.
    columns: Vec<Column>,
    steps: usize,
}

struct Column {
    /// Which input of the table.
    input: usize,
    all: Spans,
    rows: Vec<Spans>,
}

impl Grid {
    /// The rows of a table over the pieces of its inputs.
    pub(super) fn new(pieces: &[Vec<Value>], rows: &[Row]) -> Grid {
        let mut columns: Vec<Column> = pieces
            .iter()
            .enumerate()
            .map(|(input, pieces)| Column {
                input,
                all: std::iter::once(0..pieces.len()).collect(),
                rows: rows.iter().map(|row| spans(row.cells.get(input), pieces)).collect(),
            })
            .collect();
        columns.sort_by_key(|column| column.rows.iter().filter(|spans| **spans == column.all).count());
        Grid { columns, steps: 0 }
    }

    /// Whether no case at all matches a row.
    pub(super) fn is_empty(&self, row: usize) -> bool {
        self.columns.iter().any(|column| column.rows[row].is_empty())
    }

    /// A case that two rows match.
    pub(super) fn common(&self, one: usize, other: usize) -> Option<Case> {
        let pieces = self.columns.iter().map(|column| meeting(&column.rows[one], &column.rows[other]));
        let pieces: Option<Vec<usize>> = pieces.collect();
        pieces.map(|pieces| self.in_written_order(&pieces))
    }

    /// A case that none of the rows matches.
    pub(super) fn outside(&mut self, rows: &[usize]) -> Result<Option<Case>, Unproved> {
        let all: Vec<Spans> = self.columns.iter().map(|column| column.all.clone()).collect();
        self.escape(&all, rows)
    }

    /// A case that a row matches and none of the others.
    pub(super) fn alone(&mut self, row: usize, others: &[usize]) -> Result<Option<Case>, Unproved> {
        let within: Vec<Spans> = self.columns.iter().map(|column| column.rows[row].clone()).collect();
        self.escape(&within, others)
    }

    fn escape(&mut self, within: &[Spans], rows: &[usize]) -> Result<Option<Case>, Unproved> {
        let mut search = Search { columns: &self.columns, within, full: BTreeSet::new(), steps: self.steps };
        let found = search.escape(0, rows);
        self.steps = search.steps;
        Ok(found?.map(|pieces| self.in_written_order(&pieces)))
    }

    fn in_written_order(&self, pieces: &[usize]) -> Case {
        let mut case: Vec<(usize, usize)> =
            self.columns.iter().zip(pieces).map(|(column, piece)| (column.input, *piece)).collect();
        case.sort_unstable();
        case.into_iter().map(|(_, piece)| piece).collect()
    }
}

/// Looks in a box for a case outside of some rows.
struct Search<'g> {
    columns: &'g [Column],
    within: &'g [Spans],
    /// Rows that were found to fill the box from a column on.
    full: BTreeSet<(usize, Vec<usize>)>,
    steps: usize,
}

impl Search<'_> {
    /// The pieces of such a case from a column on.
    fn escape(&mut self, from: usize, rows: &[usize]) -> Result<Option<Vec<usize>>, Unproved> {
        self.steps += rows.len() + 1;
        if self.steps > STEPS_MAX {
            return Err(Unproved);
        }
        if rows.is_empty() {
            return Ok(self.within[from..].iter().map(|spans| spans.first().map(|span| span.start)).collect());
        }
        if rows.iter().any(|row| self.fills(*row, from)) || self.full.contains(&(from, rows.to_vec())) {
            return Ok(None);
        }
        let mut tried: Vec<Vec<usize>> = Vec::new();
        // Where the fewest rows are, an escape is the likeliest; and where few rows leave none, more leave none.
        for piece in self.cuts(from, rows) {
            let held = &self.columns[from].rows;
            let live: Vec<usize> = rows.iter().copied().filter(|row| has(&held[*row], piece)).collect();
            self.steps += rows.len() + tried.len();
            if tried.iter().any(|fewer| fewer.iter().all(|row| live.binary_search(row).is_ok())) {
                continue;
            }
            if let Some(mut rest) = self.escape(from + 1, &live)? {
                rest.insert(0, piece);
                return Ok(Some(rest));
            }
            tried.push(live);
        }
        self.full.insert((from, rows.to_vec()));
        Ok(None)
    }

    /// Whether a row alone fills the box from a column on.
    fn fills(&self, row: usize, from: usize) -> bool {
        let columns = self.columns.iter().zip(self.within).skip(from);
        columns.into_iter().all(|(column, within)| {
            let spans = &column.rows[row];
            within.iter().all(|part| spans.iter().any(|span| span.start <= part.start && part.end <= span.end))
        })
    }

    /// The pieces of the box at which the rows change, those with the fewest rows first.
    fn cuts(&self, at: usize, rows: &[usize]) -> Vec<usize> {
        let (held, within) = (&self.columns[at].rows, &self.within[at]);
        let spans = || rows.iter().flat_map(|row| &held[*row]);
        let mut starts: Vec<usize> = spans().map(|span| span.start).collect();
        let mut ends: Vec<usize> = spans().map(|span| span.end).collect();
        starts.sort_unstable();
        ends.sort_unstable();
        let begun = within.iter().map(|span| span.start);
        let mut cuts: Vec<usize> = starts.iter().chain(&ends).copied().chain(begun).collect();
        cuts.sort_unstable();
        cuts.dedup();
        cuts.retain(|piece| has(within, *piece));
        let live =
            |piece: &usize| starts.partition_point(|start| start <= piece) - ends.partition_point(|end| end <= piece);
        cuts.sort_by_key(live);
        cuts
    }
}

fn has(spans: &[Range<usize>], piece: usize) -> bool {
    let after = spans.partition_point(|span| span.start <= piece);
    after.checked_sub(1).and_then(|at| spans.get(at)).is_some_and(|span| piece < span.end)
}

/// The first piece in both.
fn meeting(one: &[Range<usize>], other: &[Range<usize>]) -> Option<usize> {
    let (mut left, mut right) = (one.iter().peekable(), other.iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let start = a.start.max(b.start);
        if start < a.end.min(b.end) {
            return Some(start);
        }
        if a.end < b.end {
            left.next()
        } else {
            right.next()
        };
    }
    None
}

/// The pieces that meet a condition.
fn spans(cell: Option<&Cell>, pieces: &[Value]) -> Spans {
    let fitting = |tests: &[Test]| {
        let mut found: Spans = tests.iter().flat_map(|test| fitting(test, pieces)).collect();
        found.sort_by_key(|span| span.start);
        joined(found)
    };
    match cell {
        None | Some(Cell::Any) => std::iter::once(0..pieces.len()).collect(),
        Some(Cell::OneOf(tests)) => fitting(tests),
        Some(Cell::NoneOf(tests)) => {
            let found = fitting(tests);
            let starts = std::iter::once(0).chain(found.iter().map(|span| span.end));
            let ends = found.iter().map(|span| span.start).chain([pieces.len()]);
            starts.zip(ends).map(|(start, end)| start..end).filter(|span| !span.is_empty()).collect()
        }
    }
}

/// The pieces that meet a test. Those of an input with an order stand in it, but for the last, which may be no value.
fn fitting(test: &Test, pieces: &[Value]) -> Spans {
    match test {
        Test::Between(from, to) => {
            let start = pieces.partition_point(|value| !value.is_empty() && !is_above(value, from));
            let end = pieces.partition_point(|value| is_below(value, to));
            std::iter::once(start..end).filter(|span| !span.is_empty()).collect()
        }
        Test::Is(_) | Test::Has(_) => {
            let held = Cell::OneOf(vec![test.clone()]);
            let fitting = pieces.iter().enumerate().filter(|(_, value)| held.matches(value));
            fitting.map(|(at, _)| at..at + 1).collect()
        }
    }
}

/// Sorted ranges, with those that touch or overlap made one.
fn joined(sorted: Spans) -> Spans {
    let mut found: Spans = Vec::new();
    for span in sorted {
        match found.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => found.push(span),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Grid, Unproved};
    use engine::table::{Cell, Row, Test};
    use engine::value::Value;
    use rust_decimal::Decimal;

    /// A small generator of numbers that looks random and is not.
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, limit: u64) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0 % limit
        }
    }

    fn number(number: u64) -> Value {
        Value::Number(Decimal::from(number))
    }

    fn cell(dice: &mut Dice) -> Cell {
        let (from, to) = (dice.below(5), dice.below(5));
        match dice.below(4) {
            0 => Cell::Any,
            1 => Cell::OneOf(vec![Test::Is(number(from)), Test::Is(number(to))]),
            2 => Cell::NoneOf(vec![Test::Is(number(from))]),
            _ => Cell::OneOf(vec![Test::Between(
                std::ops::Bound::Included(number(from.min(to))),
                std::ops::Bound::Excluded(number(from.max(to) + 1)),
            )]),
        }
    }

    #[test]
    fn the_proofs_agree_with_trying_every_case() {
        let seed = 0x2026_0918;
        println!("seed {seed:#x}");
        let mut dice = Dice(seed);
        let pieces: Vec<Vec<Value>> = (0..3).map(|_| (0..5).map(number).collect()).collect();
        let cases: Vec<Vec<usize>> = (0..125).map(|case| vec![case / 25, case / 5 % 5, case % 5]).collect();
        for round in 0..500 {
            let count = 1 + dice.below(8);
            let rows: Vec<Row> = (0..count)
                .map(|_| Row { cells: (0..3).map(|_| cell(&mut dice)).collect(), gives: Value::Nothing, line: 0 })
                .collect();
            let matches = |row: usize, case: &[usize]| {
                rows[row]
                    .cells
                    .iter()
                    .zip(case)
                    .zip(&pieces)
                    .all(|((cell, piece), pieces)| cell.matches(&pieces[*piece]))
            };
            let mut grid = Grid::new(&pieces, &rows);
            let all: Vec<usize> = (0..rows.len()).collect();
            let outside = grid.outside(&all).expect("it is small");
            let free = |case: &Vec<usize>| all.iter().all(|row| !matches(*row, case));
            assert_eq!(outside.is_some(), cases.iter().any(free), "round {round}: {rows:?}");
            assert!(outside.is_none_or(|case| free(&case)), "round {round}");
            for row in &all {
                let alone = grid.alone(*row, &all[..*row]).expect("it is small");
                let own = |case: &Vec<usize>| matches(*row, case) && all[..*row].iter().all(|one| !matches(*one, case));
                assert_eq!(alone.is_some(), cases.iter().any(own), "round {round}, row {row}: {rows:?}");
                assert!(alone.is_none_or(|case| own(&case)), "round {round}");
                for other in &all {
                    let both = |case: &Vec<usize>| matches(*row, case) && matches(*other, case);
                    let common = grid.common(*row, *other);
                    assert_eq!(common.is_some(), cases.iter().any(both), "round {round}: {row} and {other}");
                    assert!(common.is_none_or(|case| both(&case)), "round {round}");
                }
            }
        }
    }

    /// That `n` pigeons do not fit into `n - 1` holes: short to write, long to prove by cases.
    #[test]
    fn a_proof_that_would_take_too_long_is_given_up() {
        const PIGEONS: usize = 12;
        const HOLES: usize = PIGEONS - 1;
        let yes = || Cell::OneOf(vec![Test::Is(Value::Bool(true))]);
        let no = || Cell::OneOf(vec![Test::Is(Value::Bool(false))]);
        let row = |cells: &[(usize, usize)], cell: &dyn Fn() -> Cell| {
            let mut row = vec![Cell::Any; PIGEONS * HOLES];
            cells.iter().for_each(|(pigeon, hole)| row[pigeon * HOLES + hole] = cell());
            Row { cells: row, gives: Value::Nothing, line: 0 }
        };
        let mut rows = Vec::new();
        for pigeon in 0..PIGEONS {
            let nowhere: Vec<(usize, usize)> = (0..HOLES).map(|hole| (pigeon, hole)).collect();
            rows.push(row(&nowhere, &no));
            for other in 0..pigeon {
                (0..HOLES).for_each(|hole| rows.push(row(&[(pigeon, hole), (other, hole)], &yes)));
            }
        }
        let pieces = vec![vec![Value::Bool(false), Value::Bool(true)]; PIGEONS * HOLES];
        let all: Vec<usize> = (0..rows.len()).collect();
        assert_eq!(Grid::new(&pieces, &rows).outside(&all), Err(Unproved));
    }
}
