//! Expressions and values.

use engine::expr::Operator;
use engine::time::{Counting, Span as Length, Unit};

use super::{Reader, Reading, Stop, Wanted};
use crate::problem::{Code, Problem, labels};
use crate::shape::{Shape, ShapeKind};
use crate::tree::{Place, Term, TermKind, Word};

/// The most terms of one expression; deeper trees would endanger the stack.
const TERMS_MAX: usize = 200;

const UNITS: &[(&str, Unit)] = &[
    ("minutes", Unit::Minutes),
    ("minute", Unit::Minutes),
    ("hours", Unit::Hours),
    ("hour", Unit::Hours),
    ("days", Unit::Days),
    ("day", Unit::Days),
    ("weeks", Unit::Weeks),
    ("week", Unit::Weeks),
];

/// Whether a word is a unit of time.
pub(crate) fn is_unit(word: &str) -> bool {
    UNITS.iter().any(|(unit, _)| *unit == word)
}

impl Reader<'_> {
    /// `a or b`, and everything that binds closer.
    pub(crate) fn expr(&mut self) -> Reading<Term> {
        self.chain(Self::conjunction, |reader| reader.take("or").then_some(Operator::Or))
    }

    fn conjunction(&mut self) -> Reading<Term> {
        self.chain(Self::negation, |reader| reader.take("and").then_some(Operator::And))
    }

    fn negation(&mut self) -> Reading<Term> {
        let start = self.here();
        let mut nots = 0usize;
        while self.peek().and_then(|shape| self.word_of(shape)) == Some("not") {
            self.advance();
            nots += 1;
        }
        let inner = self.comparison()?;
        match nots % 2 {
            0 => Ok(inner),
            _ => Ok(Term { span: start..inner.span.end, kind: TermKind::Not(Box::new(inner)) }),
        }
    }

    /// `a is b`, `a in b`, `a < b`, `a is empty`, and everything that binds closer.
    pub(crate) fn comparison(&mut self) -> Reading<Term> {
        let left = self.sum()?;
        let start = left.span.start;
        if self.take("is") {
            let not = self.take("not");
            if self.take("empty") {
                let empty = Term { span: start..self.behind(), kind: TermKind::IsEmpty(Box::new(left)) };
                return Ok(if not { negated(empty) } else { empty });
            }
            let right = self.sum()?;
            return Ok(binary(if not { Operator::IsNot } else { Operator::Is }, left, right));
        }
        if self.sees_all(&["not", "in"]) {
            self.advance();
            self.advance();
            let right = self.sum()?;
            return Ok(negated(binary(Operator::In, left, right)));
        }
        if self.take("in") {
            let right = self.sum()?;
            return Ok(binary(Operator::In, left, right));
        }
        match self.take_order().or_else(|| self.take_foreign()) {
            Some(operator) => {
                let right = self.sum()?;
                Ok(binary(operator, left, right))
            }
            None => Ok(left),
        }
    }

    /// A comparison as other languages write it, which is reported.
    fn take_foreign(&mut self) -> Option<Operator> {
        let shape = self.peek()?;
        let (operator, ours) = match self.mark_of(shape)? {
            "=" | "==" => (Operator::Is, "is"),
            "!=" => (Operator::IsNot, "is not"),
            "=>" => (Operator::AtLeast, ">="),
            _ => return None,
        };
        let span = shape.span.clone();
        self.advance();
        let message = labels("values are not compared like this here", "这里不这样写比较");
        let hint = labels(format!("write `{ours}`"), format!("请写作 `{ours}`"));
        self.report(Problem::error(Code::ForeignMark, span, message).with_hint(hint));
        Some(operator)
    }

    /// `<`, `<=`, `>`, `>=`, if one stands next.
    pub(crate) fn take_order(&mut self) -> Option<Operator> {
        let marks =
            [("<=", Operator::AtMost), ("<", Operator::Less), (">=", Operator::AtLeast), (">", Operator::Greater)];
        let next = self.peek().and_then(|shape| self.mark_of(shape))?;
        let (_, operator) = marks.iter().find(|(mark, _)| *mark == next)?;
        self.advance();
        Some(*operator)
    }

    fn sum(&mut self) -> Reading<Term> {
        self.chain(Self::product, |reader| match () {
            () if reader.take_mark("+") => Some(Operator::Plus),
            () if reader.take_mark("-") => Some(Operator::Minus),
            () => None,
        })
    }

    fn product(&mut self) -> Reading<Term> {
        self.chain(Self::path, |reader| reader.take_mark("*").then_some(Operator::Times))
    }

    /// Operands with operators between them, grouped from the left.
    fn chain(
        &mut self,
        operand: fn(&mut Self) -> Reading<Term>,
        operator: impl Fn(&mut Self) -> Option<Operator>,
    ) -> Reading<Term> {
        let mut held = operand(self)?;
        let mut count = 1;
        while let Some(operator) = operator(self) {
            let right = operand(self)?;
            count += 1;
            if count > TERMS_MAX {
                return Err(self.too_long(&right.span));
            }
            held = binary(operator, held, right);
        }
        Ok(held)
    }

    fn too_long(&self, span: &Place) -> Stop {
        let message =
            labels(format!("an expression has more than {TERMS_MAX} terms"), format!("表达式超过 {TERMS_MAX} 项"));
        let hint =
            labels("compute a part of it in a field or rule of its own", "请把其中一部分放到单独的字段或规则中计算");
        self.report(Problem::error(Code::TooDeep, span.clone(), message).with_hint(hint));
        Stop::Said
    }

    /// `service.calendar`.
    pub(crate) fn path(&mut self) -> Reading<Term> {
        let mut held = self.primary()?;
        let mut count = 0;
        while self.peek().and_then(|shape| self.mark_of(shape)) == Some(".") {
            self.advance();
            let name = self.name()?;
            count += 1;
            if count > TERMS_MAX {
                return Err(self.too_long(&name.span));
            }
            held = Term { span: held.span.start..name.span.end, kind: TermKind::Attribute(Box::new(held), name) };
        }
        Ok(held)
    }

    fn primary(&mut self) -> Reading<Term> {
        let Some(shape) = self.peek() else { return Err(self.stop(Wanted::Expression)) };
        match &shape.kind {
            ShapeKind::Parens(_) => {
                let Some(mut inner) = self.take_parens() else { return Err(self.stop(Wanted::Expression)) };
                let term = inner.expr()?;
                inner.finished().map_err(|_| inner.stop(Wanted::Mark(")")))?;
                Ok(term)
            }
            ShapeKind::Squares(_) => self.list(Self::item),
            ShapeKind::Word if self.called() => self.call(),
            _ => self.value(Wanted::Expression),
        }
    }

    /// Whether a name with parentheses stands next.
    fn called(&self) -> bool {
        matches!(self.peek_after(1).map(|shape| &shape.kind), Some(ShapeKind::Parens(_)))
    }

    fn call(&mut self) -> Reading<Term> {
        let name = self.name()?;
        let mut inner = self.need_parens()?;
        let mut inputs = Vec::new();
        while !inner.is_done() {
            inputs.push(inner.expr()?);
            if !inner.take_mark(",") {
                inner.finished().map_err(|_| inner.stop(Wanted::Mark(")")))?;
            }
        }
        Ok(Term { span: name.span.start..self.behind(), kind: TermKind::Call(name, inputs) })
    }

    fn list(&mut self, one: fn(&mut Self) -> Reading<Term>) -> Reading<Term> {
        let start = self.here();
        let Some(mut inner) = self.take_squares() else { return Err(Stop::Unsaid) };
        let mut items = Vec::new();
        while !inner.is_done() {
            // The inner reader shares everything with this one, but its shapes.
            items.push(one(&mut inner)?);
            if !inner.take_mark(",") {
                inner.finished().map_err(|_| inner.stop(Wanted::Mark("]")))?;
            }
        }
        Ok(Term { span: start..self.behind(), kind: TermKind::List(items) })
    }

    /// A part of a list: a row, or any expression.
    fn item(&mut self) -> Reading<Term> {
        if !self.has_braces() {
            return self.expr();
        }
        let start = self.here();
        let row = self.entries()?;
        Ok(Term { span: start..self.behind(), kind: TermKind::Row(row) })
    }

    /// A plain value: a list, a text, a number, a date, an instant, a length, yes or no, nothing, a name.
    pub(crate) fn literal(&mut self) -> Reading<Term> {
        match self.peek().map(|shape| &shape.kind) {
            Some(ShapeKind::Squares(_)) => self.list(Self::literal),
            _ => self.value(Wanted::Value),
        }
    }

    fn value(&mut self, wanted: Wanted) -> Reading<Term> {
        let Some(shape) = self.peek() else { return Err(self.stop(wanted)) };
        let written = self.slice(&shape.span);
        let span = shape.span.clone();
        let kind = match &shape.kind {
            ShapeKind::Text => match self.take_text() {
                Some(text) => TermKind::Text(text.text),
                None => return Err(self.stop(wanted)),
            },
            ShapeKind::Date => {
                self.advance();
                TermKind::Date(written.to_owned())
            }
            ShapeKind::Instant => TermKind::Instant(self.instant()?.text),
            ShapeKind::Number if self.is_length() => {
                let length = self.length()?;
                return Ok(Term { span: span.start..self.behind(), kind: TermKind::Length(length) });
            }
            ShapeKind::Number => {
                self.advance();
                self.number(written, &span)
            }
            ShapeKind::Mark if written == "-" => return self.negative(shape, wanted),
            ShapeKind::Word => match written {
                "true" | "yes" => self.keyword(TermKind::Truth(true)),
                "false" | "no" => self.keyword(TermKind::Truth(false)),
                "nothing" => self.keyword(TermKind::Nothing),
                "requester" if wanted == Wanted::Expression => self.keyword(TermKind::Requester),
                "now" if wanted == Wanted::Expression => self.keyword(TermKind::Now),
                "today" if wanted == Wanted::Expression => self.keyword(TermKind::Today),
                _ => match self.take_name() {
                    Some(name) => TermKind::Name(name.text),
                    None => return Err(self.stop(wanted)),
                },
            },
            _ => return Err(self.stop(wanted)),
        };
        Ok(Term { span, kind })
    }

    fn keyword(&mut self, kind: TermKind) -> TermKind {
        self.advance();
        kind
    }

    /// A number below zero: the minus stands right before its digits.
    fn negative(&mut self, minus: &Shape, wanted: Wanted) -> Reading<Term> {
        let digits = self
            .peek_after(1)
            .filter(|next| matches!(next.kind, ShapeKind::Number) && next.span.start == minus.span.end);
        let Some(digits) = digits else { return Err(self.stop(wanted)) };
        let span = minus.span.start..digits.span.end;
        self.advance();
        self.advance();
        let written = self.slice(&span);
        Ok(Term { kind: self.number(written, &span), span })
    }

    fn number(&self, written: &str, span: &Place) -> TermKind {
        match written.parse() {
            Ok(number) => TermKind::Number(number),
            Err(_) => {
                let message = labels("this number has too many digits", "数字位数过多");
                let hint = labels("write at most 28 digits", "最多写 28 位数字");
                self.report(Problem::error(Code::Unreadable, span.clone(), message).with_hint(hint));
                TermKind::Broken
            }
        }
    }

    // --- lengths of time

    /// Whether the number that stands next is followed by a unit of time.
    pub(crate) fn is_length(&self) -> bool {
        let word = |count| self.peek_after(count).and_then(|shape| self.word_of(shape)).unwrap_or_default();
        is_unit(word(1)) || (word(1) == "working" && is_unit(word(2)))
    }

    /// `4 working hours`.
    pub(crate) fn length(&mut self) -> Reading<Length> {
        let start = self.here();
        if !matches!(self.peek().map(|shape| &shape.kind), Some(ShapeKind::Number)) {
            return Err(self.stop(Wanted::Length));
        }
        let mut amount = self.integer()?;
        let counting = if self.take("working") { Counting::Working } else { Counting::Plain };
        let unit = self.slice_of_next();
        let Some((_, unit)) = UNITS.iter().find(|(word, _)| *word == unit) else {
            return Err(self.no_unit(unit));
        };
        self.advance();
        let span = start..self.behind();
        if amount == 0 {
            let message = labels("a length of time is at least 1", "时长至少为 1");
            let hint = labels("write 1 or more", "请写 1 或更大的数");
            self.report(Problem::error(Code::Unreadable, span.clone(), message).with_hint(hint));
            amount = 1;
        }
        if counting == Counting::Working && *unit == Unit::Weeks {
            let message = labels("there are no working weeks", "没有“工作周”这种时长");
            let hint = labels("write `5 working days`", "请写 `5 working days`");
            self.report(Problem::error(Code::Unreadable, span, message).with_hint(hint));
        }
        Ok(Length { amount, unit: *unit, counting })
    }

    /// A length without one of the units of time.
    fn no_unit(&self, written: &str) -> Stop {
        if !matches!(self.peek().map(|shape| &shape.kind), Some(ShapeKind::Word | ShapeKind::Stray)) {
            return self.stop(Wanted::Unit);
        }
        // `2 work days` is not meant as weeks.
        let working = ["work", "business"].iter().any(|start| written.starts_with(start));
        let units = UNITS.iter().map(|(word, _)| *word).filter(|_| !working);
        let close = crate::nearest::nearest(written, units);
        let message = labels(
            format!("expected minutes, hours, days or weeks, found `{written}`"),
            format!("此处应为 minutes、hours、days 或 weeks，却是 `{written}`"),
        );
        let hint = match close {
            Some(close) => labels(format!("did you mean `{close}`?"), format!("是否想写 `{close}`？")),
            None => labels(
                "write `2 working days` for working time, or `2 days`",
                "工作时间写作 `2 working days`，自然时间写作 `2 days`",
            ),
        };
        let here = self.here();
        self.report(Problem::error(Code::Syntax, here..here + written.len(), message).with_hint(hint));
        Stop::Said
    }
}

fn negated(term: Term) -> Term {
    Term { span: term.span.clone(), kind: TermKind::Not(Box::new(term)) }
}

fn binary(operator: Operator, left: Term, right: Term) -> Term {
    Term { span: left.span.start..right.span.end, kind: TermKind::Binary(operator, Box::new(left), Box::new(right)) }
}

/// A term for what could not be read.
pub(crate) fn broken(word: &Word) -> Term {
    Term { span: word.span.clone(), kind: TermKind::Broken }
}
