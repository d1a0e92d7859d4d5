//! Text to shapes: words, values, marks, and what brackets hold. The one file that names pest.

use std::num::NonZeroUsize;
use std::sync::OnceLock;

use pest::Parser;
use pest::error::{Error, InputLocation};
use pest::iterators::Pair;
use pest_derive::Parser;

use crate::problem::{Code, Problem, labels};
use crate::tree::Place;

/// The most rule calls that one parse may take. A whole mebibyte of honest text takes a fraction of it.
const CALLS_MAX: usize = 60_000_000;

/// The most words, values and marks that a pair of brackets, or a file outside of them, holds directly: no list in it
/// is longer.
pub const PIECES_MAX: usize = 30_000;

#[derive(Parser)]
#[grammar = "grammar.pest"]
struct Grammar;

/// A piece of the text with its place.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) kind: ShapeKind,
    pub(crate) span: Place,
    /// Whether it is the first on its line.
    pub(crate) leads: Leads,
}

/// What a piece is.
#[derive(Clone, Debug)]
pub(crate) enum ShapeKind {
    Word,
    /// In quotes.
    Text,
    Number,
    Date,
    Instant,
    Mark,
    /// `{ … }`
    Braces(Vec<Shape>),
    /// `( … )`
    Parens(Vec<Shape>),
    /// `[ … ]`
    Squares(Vec<Shape>),
    /// The body of a rule, braces included.
    Body,
    /// To the end of its line.
    Comment,
    /// Characters that mean nothing in the language.
    Stray,
}

/// Whether a shape is the first on its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leads {
    Yes,
    No,
}

/// The shapes of a file, comments among them.
///
/// # Errors
/// The text has no shape at all; the lexical scan before should have said why.
pub(crate) fn shapes(source: &str) -> Result<Vec<Shape>, Box<Problem>> {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| pest::set_call_limit(NonZeroUsize::new(CALLS_MAX)));
    match Grammar::parse(Rule::file, source) {
        Ok(pairs) => {
            let mut shaping = Shaping { source: source.as_bytes(), seen: 0 };
            let shapes: Vec<Shape> = pairs.flat_map(Pair::into_inner).filter_map(|pair| shaping.shape(pair)).collect();
            match beyond(&shapes) {
                Some(first) => Err(Box::new(too_many(first))),
                None => Ok(shapes),
            }
        }
        Err(error) => Err(Box::new(unshaped(source, &error))),
    }
}

struct Shaping<'s> {
    source: &'s [u8],
    /// How far the text was looked at.
    seen: usize,
}

impl Shaping<'_> {
    fn shape(&mut self, pair: Pair<'_, Rule>) -> Option<Shape> {
        let (rule, span) = (pair.as_rule(), pair.as_span());
        let leads = self.leads(span.start());
        let mut inner = |pair: Pair<'_, Rule>| pair.into_inner().filter_map(|inner| self.shape(inner)).collect();
        let kind = match rule {
            Rule::word => ShapeKind::Word,
            Rule::text => ShapeKind::Text,
            Rule::number => ShapeKind::Number,
            Rule::date => ShapeKind::Date,
            Rule::instant => ShapeKind::Instant,
            Rule::mark => ShapeKind::Mark,
            Rule::braces => ShapeKind::Braces(inner(pair)),
            Rule::parens => ShapeKind::Parens(inner(pair)),
            Rule::squares => ShapeKind::Squares(inner(pair)),
            Rule::body => ShapeKind::Body,
            Rule::comment => ShapeKind::Comment,
            Rule::stray => ShapeKind::Stray,
            _ => return None,
        };
        self.seen = span.end();
        Some(Shape { kind, span: span.start()..span.end(), leads })
    }

    /// Whether only blanks stand between the piece before, or the line's begin, and a place.
    fn leads(&mut self, start: usize) -> Leads {
        let between = self.source.get(self.seen..start).unwrap_or_default();
        let first = self.seen == 0 || between.contains(&b'\n');
        self.seen = start + 1;
        if first { Leads::Yes } else { Leads::No }
    }
}

/// The first piece that is one too many in its bracket.
fn beyond(shapes: &[Shape]) -> Option<&Shape> {
    let told = || shapes.iter().filter(|shape| !matches!(shape.kind, ShapeKind::Comment));
    told().nth(PIECES_MAX).or_else(|| {
        told().find_map(|shape| match &shape.kind {
            ShapeKind::Braces(inner) | ShapeKind::Parens(inner) | ShapeKind::Squares(inner) => beyond(inner),
            ShapeKind::Word
            | ShapeKind::Text
            | ShapeKind::Number
            | ShapeKind::Date
            | ShapeKind::Instant
            | ShapeKind::Mark
            | ShapeKind::Body
            | ShapeKind::Comment
            | ShapeKind::Stray => None,
        })
    })
}

fn too_many(first: &Shape) -> Problem {
    let message = labels(
        format!("more than {PIECES_MAX} words and marks stand side by side here"),
        format!("这里并列的词和符号超过 {PIECES_MAX} 个"),
    );
    let hint = labels("divide the list or the file", "请拆分列表或文件");
    Problem::error(Code::TooLong, first.span.clone(), message).with_hint(hint)
}

fn unshaped(source: &str, error: &Error<Rule>) -> Problem {
    let at = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at.min(source.len()),
    };
    let end = source.get(at..).and_then(|rest| rest.chars().next()).map_or(at, |found| at + found.len_utf8());
    let message = labels("this is too long or too deep to be read", "内容太长或嵌套太深，无法读取");
    let hint = labels("divide the list or the file", "请拆分列表或文件");
    Problem::error(Code::TooDeep, at..end, message).with_hint(hint)
}
