//! Text to a plain tree of nodes. The one file that names pest.
//!
//! A statement that the grammar does not understand is a `bad_…` node; [`syntax_problem`] parses it again alone to
//! find the place and what was expected there.

use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::OnceLock;

use pest::Parser;
use pest::error::{Error, ErrorVariant, InputLocation};
use pest::iterators::Pair;
use pest_derive::Parser;

use crate::expected;
use crate::nearest::nearest;
use crate::problem::{Code, Problem, labels};

/// The most rule calls that one parse may take. A whole mebibyte of honest text takes a fraction of it.
const CALLS_MAX: usize = 60_000_000;

/// The most beginnings of statements that a hint lists.
const LISTED_MAX: usize = 8;

#[derive(Parser)]
#[grammar = "grammar.pest"]
struct Grammar;

/// A piece of the text with the rule that understood it.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) rule: Rule,
    pub(crate) span: Range<usize>,
    pub(crate) children: Vec<Node>,
}

impl Node {
    /// The first child of a rule.
    pub(crate) fn child(&self, rule: Rule) -> Option<&Node> {
        self.children.iter().find(|child| child.rule == rule)
    }

    /// The children of a rule.
    pub(crate) fn children(&self, rule: Rule) -> impl Iterator<Item = &Node> {
        self.children.iter().filter(move |child| child.rule == rule)
    }

    /// Whether a word stands in the statement.
    pub(crate) fn has(&self, rule: Rule) -> bool {
        self.child(rule).is_some()
    }
}

/// Reads a file.
///
/// # Errors
/// The text is not even a row of broken statements; the lexical check before should have said why.
pub(crate) fn parse(source: &str) -> Result<Node, Box<Problem>> {
    limit_calls();
    match Grammar::parse(Rule::file, source) {
        Ok(mut pairs) => Ok(pairs.next().map_or_else(|| empty(source), node)),
        Err(error) => Err(Box::new(described(source, 0, source.len(), &error))),
    }
}

fn limit_calls() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| pest::set_call_limit(NonZeroUsize::new(CALLS_MAX)));
}

fn empty(source: &str) -> Node {
    Node { rule: Rule::file, span: 0..source.len(), children: Vec::new() }
}

fn node(pair: Pair<'_, Rule>) -> Node {
    let (rule, span) = (pair.as_rule(), pair.as_span());
    let children: Vec<Node> = pair.into_inner().map(node).collect();
    // A rule that ends in something optional has eaten the blanks before it; its last piece ends where it ends.
    let end = children.last().map_or(span.end(), |last| last.span.end);
    Node { rule, span: span.start()..end, children }
}

/// What is wrong with a statement that nothing understood.
pub(crate) fn syntax_problem(source: &str, bad: &Node, within: Rule) -> Problem {
    let text = source.get(bad.span.clone()).unwrap_or_default();
    let text = text.trim_end();
    let word = expected::first_word(text);
    let begins = expected::statements(bad.rule, within);
    let rule = begins.iter().find(|(start, _)| *start == word || start.is_empty()).map(|(_, rule)| *rule);
    let Some(rule) = rule else { return unknown_statement(source, bad, word, &begins) };
    match Grammar::parse(rule, text) {
        Err(error) => described(source, bad.span.start, bad.span.start + text.len(), &error),
        Ok(pairs) => {
            let used = pairs.last().map_or(0, |pair| pair.as_span().end());
            let skipped = text.get(used..).map_or(0, |rest| rest.len() - rest.trim_start().len());
            let at = bad.span.start + used + skipped;
            not_understood(source, token_at(source, at, bad.span.end), None)
        }
    }
}

fn unknown_statement(source: &str, bad: &Node, word: &str, begins: &[(&str, Rule)]) -> Problem {
    let words = || begins.iter().map(|(start, _)| *start);
    let hint = match nearest(word, words()) {
        Some(close) => Some(labels(format!("did you mean `{close}`?"), format!("是否想写 `{close}`？"))),
        None if begins.len() > LISTED_MAX => None,
        None => {
            let all = words().map(|start| format!("`{start}`")).collect::<Vec<_>>();
            Some(labels(
                format!("a statement here begins with {}", all.join(", ")),
                format!("这里的语句以 {} 开头", all.join("、")),
            ))
        }
    };
    not_understood(source, token_at(source, bad.span.start, bad.span.end), hint)
}

fn not_understood(source: &str, span: Range<usize>, hint: Option<engine::definition::Labels>) -> Problem {
    let found = source.get(span.clone()).unwrap_or_default();
    let message = labels(format!("`{found}` is not understood here"), format!("这里的 `{found}` 无法理解"));
    let mut problem = Problem::error(Code::Syntax, span, message);
    problem.hint = hint;
    problem
}

fn described(source: &str, base: usize, end: usize, error: &Error<Rule>) -> Problem {
    let at = base
        + match error.location {
            InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
        };
    let span = token_at(source, at, end);
    match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => {
            let wanted = expected::described(positives);
            if wanted.en.is_empty() {
                return not_understood(source, span, None);
            }
            let found = source.get(span.clone()).unwrap_or_default().to_owned();
            let mut problem = if found.trim().is_empty() || at >= end {
                let message = labels(
                    format!("the statement ends too early: expected {}", wanted.en),
                    format!("语句没有写完：此处应为{}", wanted.zh),
                );
                Problem::error(Code::Syntax, span, message)
            } else {
                let message = labels(
                    format!("expected {}, found `{found}`", wanted.en),
                    format!("此处应为{}，却是 `{found}`", wanted.zh),
                );
                Problem::error(Code::Syntax, span, message)
            };
            problem.hint = expected::hint(positives, &found);
            problem
        }
        ErrorVariant::CustomError { .. } => {
            let message = labels("this is too long or too deep to be read", "内容太长或嵌套太深，无法读取");
            Problem::error(Code::TooDeep, span, message)
        }
    }
}

/// The word or mark at a place; the last character before it where the text ends there.
fn token_at(source: &str, at: usize, end: usize) -> Range<usize> {
    let at = at.min(source.len());
    if at >= end {
        let last = source.get(..end.min(source.len())).unwrap_or_default().trim_end();
        let start = last.char_indices().next_back().map_or(0, |(index, _)| index);
        return start..last.len().max(start);
    }
    let rest = source.get(at..).unwrap_or_default();
    let word = expected::first_word(rest);
    let length = if word.is_empty() { rest.chars().next().map_or(0, char::len_utf8) } else { word.len() };
    at..at + length
}
