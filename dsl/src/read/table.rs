//! Decision tables.

use std::ops::Bound;

use engine::expr::Operator;
use engine::table::{Aggregation, HitPolicy};

use super::{Reader, Reading, Stop, Wanted};
use crate::problem::{Code, Problem, labels};
use crate::shape::ShapeKind;
use crate::tree::{CellText, Decide, Gives, Otherwise, RowText, Term, TestText};

/// How a table puts several rows together, as written after its inputs.
const POLICIES: &[(&[&str], HitPolicy)] = &[
    (&["unique"], HitPolicy::Unique),
    (&["first"], HitPolicy::First),
    (&["priority"], HitPolicy::Priority),
    (&["any"], HitPolicy::Any),
    (&["rule", "order"], HitPolicy::RuleOrder),
    (&["output", "order"], HitPolicy::OutputOrder),
    (&["collect", "sum"], HitPolicy::Collect(Aggregation::Sum)),
    (&["collect", "min"], HitPolicy::Collect(Aggregation::Min)),
    (&["collect", "max"], HitPolicy::Collect(Aggregation::Max)),
    (&["collect", "count"], HitPolicy::Collect(Aggregation::Count)),
    (&["collect"], HitPolicy::Collect(Aggregation::List)),
];

enum Line {
    Row(RowText),
    Otherwise(Otherwise),
}

impl Reader<'_> {
    pub(super) fn decide(&mut self) -> Reading<Decide> {
        self.need("decide")?;
        let name = self.name()?;
        let inputs = self.parameters()?;
        let gives = self.gives()?;
        let start = self.here();
        let (hit, hit_span) = match POLICIES.iter().find(|(words, _)| self.sees_all(words)) {
            Some((words, hit)) => {
                words.iter().for_each(|_| self.advance());
                (*hit, start..self.behind())
            }
            None => {
                self.miss(Wanted::Policy);
                (HitPolicy::Unique, name.span.clone())
            }
        };
        let mut decide = Decide { name, inputs, gives, hit, hit_span, rows: Vec::new(), otherwise: None };
        for line in self.lines(Reader::row)? {
            match line {
                Line::Row(row) => decide.rows.push(row),
                Line::Otherwise(line) => decide.otherwise = Some(line),
            }
        }
        Ok(decide)
    }

    /// `-> text`, `-> (status: state, rate: number)`.
    fn gives(&mut self) -> Reading<Gives> {
        if !self.take_mark("->") {
            return Ok(Gives::Unsaid);
        }
        match self.peek().map(|shape| &shape.kind) {
            Some(ShapeKind::Parens(_)) => Ok(Gives::Row(self.parameters()?)),
            _ => Ok(Gives::One(self.holds()?)),
        }
    }

    fn row(&mut self) -> Reading<Line> {
        let start = self.here();
        if self.take("else") {
            self.need_mark("=>")?;
            let gives = self.values()?;
            return Ok(Line::Otherwise(Otherwise { span: start..self.behind(), gives }));
        }
        let mut cells = vec![self.cell()?];
        while !self.take_mark("=>") {
            cells.push(self.cell()?);
        }
        let gives = self.values()?;
        Ok(Line::Row(RowText { span: start..self.behind(), cells, gives }))
    }

    fn values(&mut self) -> Reading<Vec<Term>> {
        let mut found = vec![self.literal()?];
        while self.take_mark(",") {
            found.push(self.literal()?);
        }
        Ok(found)
    }

    fn cell(&mut self) -> Reading<CellText> {
        let minus = self.peek().filter(|shape| self.mark_of(shape) == Some("-"));
        if let Some(minus) = minus {
            let number = self
                .peek_after(1)
                .is_some_and(|next| matches!(next.kind, ShapeKind::Number) && next.span.start == minus.span.end);
            if !number {
                self.advance();
                return Ok(CellText::Any);
            }
        }
        if self.peek().and_then(|shape| self.word_of(shape)) == Some("not") {
            self.advance();
            return Ok(CellText::Not(self.alternatives()?));
        }
        Ok(CellText::Is(self.alternatives()?))
    }

    fn alternatives(&mut self) -> Reading<Vec<TestText>> {
        let mut found = vec![self.test()?];
        while self.peek().and_then(|shape| self.mark_of(shape)) == Some("|") {
            self.advance();
            found.push(self.test()?);
        }
        Ok(found)
    }

    /// `high`, `< 18`, `18 to 65`, `> 18 to < 65`.
    fn test(&mut self) -> Reading<TestText> {
        let before = self.clone();
        let start = self.here();
        let order = self.take_order();
        let term = self.literal().map_err(|stop| match stop {
            Stop::Unsaid => before.stop(Wanted::Condition),
            Stop::Said => Stop::Said,
        })?;
        let ranges = self.peek().and_then(|shape| self.word_of(shape)) == Some("to");
        let (from, to) = match order {
            None if !ranges => return Ok(TestText::Is(term)),
            None => (Bound::Included(term), self.upper_end()?),
            Some(Operator::Greater) if ranges => (Bound::Excluded(term), self.upper_end()?),
            Some(_) if ranges => return Err(self.no_range(start)),
            Some(Operator::Less) => (Bound::Unbounded, Bound::Excluded(term)),
            Some(Operator::AtMost) => (Bound::Unbounded, Bound::Included(term)),
            Some(Operator::Greater) => (Bound::Excluded(term), Bound::Unbounded),
            Some(_) => (Bound::Included(term), Bound::Unbounded),
        };
        Ok(TestText::Between(start..self.behind(), from, to))
    }

    fn upper_end(&mut self) -> Reading<Bound<Term>> {
        self.need("to")?;
        if self.take_mark("<") { self.literal().map(Bound::Excluded) } else { self.literal().map(Bound::Included) }
    }

    fn no_range(&self, start: usize) -> Stop {
        let message = labels(
            "a range begins with its lower end, or with `>` before it",
            "范围应以下限开头；不含下限时在其前写 `>`",
        );
        let hint = labels(
            "write `18 to 65`, and `> 18 to < 65` without its ends",
            "请写 `18 to 65`；不含两端时写 `> 18 to < 65`",
        );
        self.report(Problem::error(Code::Syntax, start..self.behind(), message).with_hint(hint));
        Stop::Said
    }
}
