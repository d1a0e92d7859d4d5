//! Expressions and values.

use engine::expr::Operator;
use engine::time::{Counting, Span as Length, Unit};

use super::{Builder, TERMS_MAX};
use crate::parse::{Node, Rule};
use crate::problem::{Code, Problem, labels};
use crate::tree::{Term, TermKind};

impl Builder<'_> {
    /// The expression that a statement has.
    pub(super) fn expr_in(&mut self, node: &Node) -> Option<Term> {
        node.child(Rule::expr).map(|expr| self.expr(expr))
    }

    pub(super) fn path_in(&mut self, node: &Node) -> Option<Term> {
        node.child(Rule::path).map(|path| self.path(path))
    }

    pub(super) fn literal_in(&mut self, node: &Node) -> Option<Term> {
        node.child(Rule::literal).map(|literal| self.literal(literal))
    }

    pub(super) fn expr(&mut self, node: &Node) -> Term {
        self.chain(
            node,
            Rule::conjunction,
            |builder, part| builder.chain(part, Rule::negation, Builder::negation, |_| Operator::And),
            |_| Operator::Or,
        )
    }

    fn negation(&mut self, node: &Node) -> Term {
        let nots = node.children(Rule::k_not).count();
        let inner = node.child(Rule::comparison).map(|comparison| self.comparison(comparison));
        let inner = inner.unwrap_or(Term { span: node.span.clone(), kind: TermKind::Broken });
        match nots % 2 {
            0 => inner,
            _ => Term { span: node.span.clone(), kind: TermKind::Not(Box::new(inner)) },
        }
    }

    pub(super) fn comparison(&mut self, node: &Node) -> Term {
        let Some(left) = node.child(Rule::sum) else { return broken(node) };
        let left = self.sum(left);
        let whole = |kind| Term { span: node.span.clone(), kind };
        if let Some(is_empty) = node.child(Rule::is_empty) {
            let empty = whole(TermKind::IsEmpty(Box::new(left)));
            return if is_empty.has(Rule::k_not) { whole(TermKind::Not(Box::new(empty))) } else { empty };
        }
        let Some(compare) = node.child(Rule::compare) else { return left };
        let Some(right) = compare.child(Rule::sum) else { return left };
        let right = self.sum(right);
        let (operator, negated) = compare.child(Rule::relation).map_or((Operator::Is, Not::No), relation);
        let compared = whole(TermKind::Binary(operator, Box::new(left), Box::new(right)));
        match negated {
            Not::No => compared,
            Not::Yes => whole(TermKind::Not(Box::new(compared))),
        }
    }

    fn sum(&mut self, node: &Node) -> Term {
        self.chain(
            node,
            Rule::product,
            |builder, part| builder.chain(part, Rule::path, Builder::path, |_| Operator::Times),
            |mark| if mark == Rule::p_minus { Operator::Minus } else { Operator::Plus },
        )
    }

    /// Operands with operators between them, grouped from the left.
    fn chain(
        &mut self,
        node: &Node,
        operand: Rule,
        one: impl Fn(&mut Self, &Node) -> Term,
        operator: impl Fn(Rule) -> Operator,
    ) -> Term {
        let mut held: Option<Term> = None;
        let mut mark = Rule::p_plus;
        for (index, child) in node.children.iter().enumerate() {
            if child.rule != operand {
                mark = child.rule;
                continue;
            }
            if index > 2 * TERMS_MAX {
                self.too_long(child);
                break;
            }
            let right = one(self, child);
            held = Some(match held {
                None => right,
                Some(left) => Term {
                    span: left.span.start..right.span.end,
                    kind: TermKind::Binary(operator(mark), Box::new(left), Box::new(right)),
                },
            });
        }
        held.unwrap_or_else(|| broken(node))
    }

    fn too_long(&mut self, node: &Node) {
        let message =
            labels(format!("an expression has more than {TERMS_MAX} terms"), format!("表达式超过 {TERMS_MAX} 项"));
        self.problems.push(Problem::error(Code::TooDeep, node.span.clone(), message));
    }

    pub(super) fn path(&mut self, node: &Node) -> Term {
        let Some(primary) = node.child(Rule::primary) else { return broken(node) };
        let mut held = self.primary(primary);
        for (index, name) in node.children(Rule::name).enumerate() {
            if index >= TERMS_MAX {
                self.too_long(name);
                break;
            }
            held = Term {
                span: held.span.start..name.span.end,
                kind: TermKind::Attribute(Box::new(held), self.word(name)),
            };
        }
        held
    }

    fn primary(&mut self, node: &Node) -> Term {
        let Some(inner) = node.children.first() else { return broken(node) };
        let kind = match inner.rule {
            Rule::group => return self.expr_in(inner).unwrap_or_else(|| broken(node)),
            Rule::list => TermKind::List(self.each(inner, Rule::expr, Self::expr)),
            Rule::call => TermKind::Call(self.name(inner), self.each(inner, Rule::expr, Self::expr)),
            Rule::k_requester => TermKind::Requester,
            Rule::name => TermKind::Name(self.slice(inner).to_owned()),
            _ => self.quoted(inner),
        };
        Term { span: inner.span.clone(), kind }
    }

    pub(super) fn literal(&mut self, node: &Node) -> Term {
        let Some(inner) = node.children.first() else { return broken(node) };
        let kind = match inner.rule {
            Rule::list_literal => TermKind::List(self.each(inner, Rule::literal, Self::literal)),
            Rule::name => TermKind::Name(self.slice(inner).to_owned()),
            _ => self.quoted(inner),
        };
        Term { span: inner.span.clone(), kind }
    }

    fn quoted(&mut self, node: &Node) -> TermKind {
        match node.rule {
            Rule::string => TermKind::Text(self.text(node).text),
            Rule::date => TermKind::Date(self.slice(node).to_owned()),
            Rule::span => TermKind::Length(self.length_of(node)),
            Rule::truth => TermKind::Truth(node.has(Rule::k_true) || node.has(Rule::k_yes)),
            Rule::k_nothing => TermKind::Nothing,
            Rule::decimal => match self.slice(node).parse() {
                Ok(number) => TermKind::Number(number),
                Err(_) => {
                    let message = labels("this number has too many digits", "数字位数过多");
                    self.problems.push(Problem::error(Code::Unreadable, node.span.clone(), message));
                    TermKind::Broken
                }
            },
            _ => TermKind::Broken,
        }
    }

    /// The length of time that a statement has.
    pub(super) fn length(&mut self, node: &Node) -> Length {
        match node.child(Rule::span) {
            Some(span) => self.length_of(span),
            None => Length { amount: 1, unit: Unit::Minutes, counting: Counting::Plain },
        }
    }

    fn length_of(&mut self, node: &Node) -> Length {
        let mut amount = self.integer(node);
        let word = node.child(Rule::unit).map(|unit| self.slice(unit).to_owned()).unwrap_or_default();
        let unit = match word.trim_end_matches('s') {
            "minute" => Unit::Minutes,
            "hour" => Unit::Hours,
            "day" => Unit::Days,
            _ => Unit::Weeks,
        };
        let counting = if node.has(Rule::k_working) { Counting::Working } else { Counting::Plain };
        if amount == 0 {
            let message = labels("a length of time is at least 1", "时长至少为 1");
            self.problems.push(Problem::error(Code::Unreadable, node.span.clone(), message));
            amount = 1;
        }
        if counting == Counting::Working && unit == Unit::Weeks {
            let message = labels("there are no working weeks", "没有“工作周”这种时长");
            let hint = labels("write `5 working days`", "请写 `5 working days`");
            self.problems.push(Problem::error(Code::Unreadable, node.span.clone(), message).with_hint(hint));
        }
        Length { amount, unit, counting }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Not {
    Yes,
    No,
}

fn relation(node: &Node) -> (Operator, Not) {
    let not = node.has(Rule::k_not);
    match node.children.last().map(|child| child.rule) {
        Some(Rule::k_in) => (Operator::In, if not { Not::Yes } else { Not::No }),
        Some(Rule::p_less) => (Operator::Less, Not::No),
        Some(Rule::p_at_most) => (Operator::AtMost, Not::No),
        Some(Rule::p_greater) => (Operator::Greater, Not::No),
        Some(Rule::p_at_least) => (Operator::AtLeast, Not::No),
        _ => (if not { Operator::IsNot } else { Operator::Is }, Not::No),
    }
}

fn broken(node: &Node) -> Term {
    Term { span: node.span.clone(), kind: TermKind::Broken }
}
