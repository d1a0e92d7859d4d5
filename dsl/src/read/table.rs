//! Decision tables.

use engine::table::Hit;

use super::{Reader, Reading, Wanted};
use crate::shape::ShapeKind;
use crate::tree::{CellText, Decide, RowText, Term};

enum Line {
    Row(RowText),
    Otherwise(Term),
}

impl Reader<'_> {
    pub(super) fn decide(&mut self) -> Reading<Decide> {
        self.need("decide")?;
        let name = self.name()?;
        let inputs = self.parameters()?;
        let gives = if self.take_mark("->") { Some(self.holds()?) } else { None };
        let hit = if self.take("first") { Hit::First } else { Hit::Unique };
        let mut decide = Decide { name, inputs, gives, hit, rows: Vec::new(), otherwise: None };
        for line in self.lines(Reader::row)? {
            match line {
                Line::Row(row) => decide.rows.push(row),
                Line::Otherwise(term) => decide.otherwise = Some(term),
            }
        }
        Ok(decide)
    }

    fn row(&mut self) -> Reading<Line> {
        let start = self.here();
        if self.take("else") {
            self.need_mark("=>")?;
            return Ok(Line::Otherwise(self.literal()?));
        }
        let mut cells = vec![self.cell()?];
        while !self.take_mark("=>") {
            cells.push(self.cell()?);
        }
        let gives = self.literal()?;
        Ok(Line::Row(RowText { span: start..self.behind(), cells, gives }))
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

    fn alternatives(&mut self) -> Reading<Vec<Term>> {
        let before = self.clone();
        let mut found = vec![self.literal().map_err(|_| before.stop(Wanted::Condition))?];
        while self.peek().and_then(|shape| self.mark_of(shape)) == Some("|") {
            self.advance();
            found.push(self.literal()?);
        }
        Ok(found)
    }
}
