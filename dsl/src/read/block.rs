//! Lists of statements. A statement that cannot be read is reported, skipped to the next line that begins one, and
//! the rest of the list is read as if nothing had happened.

use super::{Reader, Reading, Stop};
use crate::nearest::nearest;
use crate::problem::{Code, Problem, labels};
use crate::shape::{Leads, ShapeKind};

/// How a statement begins, and who reads it.
pub(crate) struct Opening<T> {
    /// Its first word, or mark.
    pub(crate) word: &'static str,
    /// Reads it from its first word on.
    pub(crate) read: fn(&mut Reader<'_>) -> Reading<T>,
}

impl<T> Clone for Opening<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Opening<T> {}

/// Words that go on a line of a list on a line of their own.
const CONTINUES: &[&str] =
    &["from", "optional", "override", "must", "else", "seen", "changed", "evidence", "relation", "under"];

/// The most beginnings of statements that a hint lists.
const LISTED_MAX: usize = 8;

impl<'t> Reader<'t> {
    /// The statements of the braces that stand next.
    pub(crate) fn block<T>(&mut self, openings: &[Opening<T>]) -> Reading<Vec<T>> {
        Ok(self.braces()?.statements(openings))
    }

    /// All statements up to the end of the bracket.
    pub(crate) fn statements<T>(self, openings: &[Opening<T>]) -> Vec<T> {
        let words: Vec<&'static str> = openings.iter().map(|opening| opening.word).collect();
        self.statements_of(&words, |reader, at| match openings.get(at) {
            Some(opening) => (opening.read)(reader),
            None => Err(Stop::Unsaid),
        })
    }

    /// All statements up to the end of the bracket, by their first words; `read` is told which word it was.
    pub(crate) fn statements_of<T>(
        mut self,
        words: &[&'static str],
        read: impl Fn(&mut Reader<'t>, usize) -> Reading<T>,
    ) -> Vec<T> {
        let mut found = Vec::new();
        let begins = |word: &str| words.contains(&word);
        while !self.is_done() {
            let start = (self.at, self.here());
            let first = self.first();
            let one = match words.iter().position(|word| *word == first) {
                Some(at) => read(&mut self, at),
                None => {
                    self.no_statement(first, words);
                    Err(Stop::Said)
                }
            };
            match one {
                Ok(one) => found.push(one),
                Err(stop) => {
                    self.explain(stop);
                    self.skip(start, begins);
                }
            }
        }
        found
    }

    /// The lines of the braces that stand next: statements without a first word of their own.
    pub(crate) fn lines<T>(&mut self, one: impl Fn(&mut Reader<'t>) -> Reading<T>) -> Reading<Vec<T>> {
        let mut inner = self.braces()?;
        let mut found = Vec::new();
        let begins = |word: &str| !CONTINUES.contains(&word);
        while !inner.is_done() {
            let start = (inner.at, inner.here());
            match one(&mut inner) {
                Ok(line) => found.push(line),
                Err(stop) => {
                    inner.explain(stop);
                    inner.skip(start, begins);
                }
            }
        }
        Ok(found)
    }

    /// The braces that must stand next. Where something else does, that is reported, and the statement's braces are
    /// taken all the same, so that what they hold is read.
    pub(crate) fn braces(&mut self) -> Reading<Reader<'t>> {
        if let Some(inner) = self.take_braces() {
            return Ok(inner);
        }
        self.explain(Stop::Unsaid);
        self.braces_ahead().ok_or(Stop::Said)
    }

    /// Reads the head of a statement that has braces; where it cannot be read, that is reported, and the braces
    /// stand next.
    pub(crate) fn head<T>(&mut self, read: impl Fn(&mut Reader<'t>) -> Reading<T>) -> Reading<Option<T>> {
        let before = self.clone();
        match read(self) {
            Ok(head) => Ok(Some(head)),
            Err(stop) => {
                self.explain(stop);
                let mut ahead = before.clone();
                match ahead.reach_braces() {
                    true => {
                        *self = ahead;
                        Ok(None)
                    }
                    false => Err(Stop::Said),
                }
            }
        }
    }

    fn braces_ahead(&mut self) -> Option<Reader<'t>> {
        if self.reach_braces() { self.take_braces() } else { None }
    }

    /// Goes to the next braces of the statement; a line that is not indented deeper begins another.
    fn reach_braces(&mut self) -> bool {
        let start = self.here();
        let own = self.indent(self.behind().min(start));
        let mut ahead = self.clone();
        while let Some(shape) = ahead.peek() {
            match shape.kind {
                ShapeKind::Braces(_) => {
                    ahead.doubt(start..shape.span.start);
                    *self = ahead;
                    return true;
                }
                _ if shape.leads == Leads::Yes && self.indent(shape.span.start) <= own => return false,
                _ => ahead.advance(),
            }
        }
        false
    }

    /// How far the line of a place is indented.
    fn indent(&self, at: usize) -> usize {
        let start = self.source.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |index| index + 1);
        let line = self.source.get(start..).unwrap_or_default();
        line.len() - line.trim_start_matches([' ', '\t']).len()
    }

    /// The next word or mark; empty before anything else.
    pub(super) fn first(&self) -> &'t str {
        let shape = self.peek();
        shape.and_then(|shape| self.word_of(shape).or_else(|| self.mark_of(shape))).unwrap_or_default()
    }

    fn no_statement(&self, first: &str, openings: &[&str]) {
        let found = super::token_at(self.source, self.here());
        let text = self.slice(&found);
        // What the statement before might have gone on with.
        let missed = self.notes.missed.take();
        let further = missed.1.iter().filter(|_| missed.0 == self.here()).filter_map(|wanted| wanted.keyword());
        let words = || openings.iter().copied();
        let hint = match nearest(first, words().chain(further)) {
            Some(close) => Some(labels(format!("did you mean `{close}`?"), format!("是否想写 `{close}`？"))),
            None if text == "{" => Some(labels(
                "what stands before it holds no statements: write them on lines before it, or in the braces of an \
                 outcome, as in `outcome refuse \"Refuse\" zh \"拒绝\" { notify … } -> end refused`",
                "它前面的语句不能带花括号：请把里面的内容写在它之前，或写在结果的花括号里，如 \
                 `outcome refuse \"Refuse\" zh \"拒绝\" { notify … } -> end refused`",
            )),
            None if openings.len() > LISTED_MAX => None,
            None => {
                let all = words().map(|start| format!("`{start}`")).collect::<Vec<_>>();
                Some(labels(
                    format!("a statement here begins with {}", all.join(", ")),
                    format!("这里的语句以 {} 开头", all.join("、")),
                ))
            }
        };
        let message = labels(format!("`{text}` is not understood here"), format!("这里的 `{text}` 无法理解"));
        let mut problem = Problem::error(Code::Syntax, found, message);
        problem.hint = hint;
        self.report(problem);
    }

    /// Goes on to the next line that begins a statement, and at least one shape on from the broken one's start.
    fn skip(&mut self, (start, place): (usize, usize), begins: impl Fn(&str) -> bool) {
        while let Some(shape) = self.peek() {
            if self.at > start && shape.leads == Leads::Yes && begins(self.first()) {
                break;
            }
            self.advance();
        }
        self.doubt(place..self.here());
    }
}
