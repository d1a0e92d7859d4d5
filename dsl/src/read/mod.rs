//! Shapes to the parsed tree. A [`Reader`] goes through the shapes of one bracket; each kind of statement has a
//! function that takes what it knows. What a reader asked for and did not find is remembered, so that a mistake can
//! say what was expected there.

mod block;
mod clock;
mod example;
mod expected;
mod management;
mod people;
mod process;
mod record;
mod table;
mod term;

use std::cell::RefCell;
use std::collections::BTreeSet;

use engine::definition::Labels;

use crate::nearest::nearest;
use crate::problem::{Code, Log, Problem, labels};
use crate::shape::{Leads, Shape, ShapeKind};
use crate::tree::{File, Place, Tags, Text, Word};

pub(crate) use block::Opening;
pub(crate) use expected::Wanted;
pub(crate) use term::{broken, is_unit};

/// What a file was read as.
pub(crate) struct Read {
    pub(crate) file: File,
    pub(crate) problems: Log,
    /// Words in broken statements: names that may have been declared there are not reported as unknown.
    pub(crate) doubtful: BTreeSet<String>,
}

pub(crate) fn read(source: &str, shapes: &[Shape]) -> Read {
    let notes = Notes::default();
    let file = Reader::new(source, shapes, source.len(), &notes).file();
    Read { file, problems: notes.problems.into_inner(), doubtful: notes.doubtful.into_inner() }
}

/// What all readers of a file write down.
#[derive(Default)]
pub(crate) struct Notes {
    problems: RefCell<Log>,
    doubtful: RefCell<BTreeSet<String>>,
    /// What was asked for in vain at the furthest place so far.
    missed: RefCell<(usize, Vec<Wanted>)>,
}

/// The statement cannot be read further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Nobody has said why.
    Unsaid,
    /// The reason is among the problems.
    Said,
}

pub(crate) type Reading<T> = Result<T, Stop>;

/// Goes through the shapes of one bracket.
#[derive(Clone)]
pub(crate) struct Reader<'t> {
    source: &'t str,
    shapes: &'t [Shape],
    at: usize,
    /// Where the bracket closes.
    end: usize,
    notes: &'t Notes,
}

/// Words that cannot be names.
pub(crate) const RESERVED: &[&str] = &[
    "and",
    "or",
    "not",
    "is",
    "in",
    "when",
    "with",
    "if",
    "else",
    "true",
    "false",
    "yes",
    "no",
    "nothing",
    "empty",
    "requester",
    "anyone",
    "now",
    "today",
    "zh",
];

impl<'t> Reader<'t> {
    fn new(source: &'t str, shapes: &'t [Shape], end: usize, notes: &'t Notes) -> Reader<'t> {
        Reader { source, shapes, at: 0, end, notes }
    }

    // --- looking

    /// The next shape, comments left out.
    fn peek(&self) -> Option<&'t Shape> {
        self.shapes.get(self.at..)?.iter().find(|shape| !matches!(shape.kind, ShapeKind::Comment))
    }

    /// The shape after so many others.
    fn peek_after(&self, count: usize) -> Option<&'t Shape> {
        let rest = self.shapes.get(self.at..)?;
        rest.iter().filter(|shape| !matches!(shape.kind, ShapeKind::Comment)).nth(count)
    }

    fn slice(&self, span: &Place) -> &'t str {
        self.source.get(span.clone()).unwrap_or_default()
    }

    fn word_of(&self, shape: &Shape) -> Option<&'t str> {
        matches!(shape.kind, ShapeKind::Word).then(|| self.slice(&shape.span))
    }

    fn mark_of(&self, shape: &Shape) -> Option<&'t str> {
        matches!(shape.kind, ShapeKind::Mark).then(|| self.slice(&shape.span))
    }

    /// Whether a keyword stands next.
    pub(crate) fn sees(&self, keyword: &'static str) -> bool {
        let found = self.peek().and_then(|shape| self.word_of(shape)) == Some(keyword);
        if !found {
            self.miss(Wanted::Keyword(keyword));
        }
        found
    }

    /// Whether a mark stands next.
    pub(crate) fn sees_mark(&self, mark: &'static str) -> bool {
        let found = self.peek().and_then(|shape| self.mark_of(shape)) == Some(mark);
        if !found {
            self.miss(Wanted::Mark(mark));
        }
        found
    }

    /// Whether these words stand next, in this order.
    pub(crate) fn sees_all(&self, keywords: &[&'static str]) -> bool {
        keywords
            .iter()
            .enumerate()
            .all(|(index, keyword)| self.peek_after(index).and_then(|shape| self.word_of(shape)) == Some(keyword))
    }

    /// Where the next shape begins, or the bracket closes.
    pub(crate) fn here(&self) -> usize {
        self.peek().map_or(self.end, |shape| shape.span.start)
    }

    /// Where the last shape that was taken ends.
    pub(crate) fn behind(&self) -> usize {
        let taken = self.shapes.get(..self.at).unwrap_or_default();
        taken.iter().rev().find(|shape| !matches!(shape.kind, ShapeKind::Comment)).map_or(0, |shape| shape.span.end)
    }

    /// Whether the bracket is at its end.
    pub(crate) fn is_done(&self) -> bool {
        self.peek().is_none()
    }

    /// Whether a statement of that first word or mark stands next.
    pub(crate) fn begins_with(&self, first: &str) -> bool {
        self.first() == first
    }

    /// Whether what stands next is the first on its line.
    pub(crate) fn leads(&self) -> bool {
        self.peek().is_none_or(|shape| shape.leads == Leads::Yes)
    }

    /// Whether braces stand next.
    pub(crate) fn has_braces(&self) -> bool {
        matches!(self.peek().map(|shape| &shape.kind), Some(ShapeKind::Braces(_)))
    }

    // --- taking

    fn advance(&mut self) {
        while let Some(shape) = self.shapes.get(self.at) {
            self.at += 1;
            if !matches!(shape.kind, ShapeKind::Comment) {
                return;
            }
        }
    }

    /// Takes a keyword, if it stands next.
    pub(crate) fn take(&mut self, keyword: &'static str) -> bool {
        let found = self.sees(keyword);
        if found {
            self.advance();
        }
        found
    }

    /// Takes words that stand next in this order.
    pub(crate) fn take_all(&mut self, keywords: &[&'static str]) -> bool {
        let found = self.sees_all(keywords);
        if found {
            keywords.iter().for_each(|_| self.advance());
        } else if let Some(first) = keywords.first() {
            self.miss(Wanted::Keyword(first));
        }
        found
    }

    pub(crate) fn need(&mut self, keyword: &'static str) -> Reading<()> {
        if self.take(keyword) { Ok(()) } else { Err(Stop::Unsaid) }
    }

    /// One of several keywords.
    pub(crate) fn need_one<T: Copy>(&mut self, keywords: &[(&'static str, T)]) -> Reading<T> {
        match keywords.iter().find(|(keyword, _)| self.take(keyword)) {
            Some((_, meaning)) => Ok(*meaning),
            None => Err(Stop::Unsaid),
        }
    }

    /// Takes a mark, if it stands next.
    pub(crate) fn take_mark(&mut self, mark: &'static str) -> bool {
        let found = self.sees_mark(mark);
        if found {
            self.advance();
        }
        found
    }

    pub(crate) fn need_mark(&mut self, mark: &'static str) -> Reading<()> {
        if self.take_mark(mark) { Ok(()) } else { Err(Stop::Unsaid) }
    }

    /// A name, if one stands next.
    pub(crate) fn take_name(&mut self) -> Option<Word> {
        let shape = self.peek()?;
        let text = self.word_of(shape).filter(|text| !RESERVED.contains(text));
        match text {
            Some(text) => {
                self.advance();
                Some(Word { text: text.to_owned(), span: shape.span.clone() })
            }
            None => {
                self.miss(Wanted::Name);
                None
            }
        }
    }

    pub(crate) fn name(&mut self) -> Reading<Word> {
        self.take_name().ok_or_else(|| self.stop(Wanted::Name))
    }

    /// Several names between commas.
    pub(crate) fn names(&mut self) -> Reading<Vec<Word>> {
        let mut found = vec![self.name()?];
        while self.take_mark(",") {
            found.push(self.name()?);
        }
        Ok(found)
    }

    /// A text in quotes, if one stands next.
    pub(crate) fn take_text(&mut self) -> Option<Text> {
        let Some(shape) = self.peek().filter(|shape| matches!(shape.kind, ShapeKind::Text)) else {
            self.miss(Wanted::Text);
            return None;
        };
        self.advance();
        Some(Text { text: unquoted(self.slice(&shape.span)), span: shape.span.clone() })
    }

    pub(crate) fn text(&mut self) -> Reading<Text> {
        self.take_text().ok_or(Stop::Unsaid)
    }

    /// Labels: `"Name" zh "名称"`.
    pub(crate) fn take_labels(&mut self) -> Reading<Option<Tags>> {
        let start = self.here();
        let en = match self.peek().map(|shape| &shape.kind) {
            Some(ShapeKind::Text) => self.take_text(),
            _ => None,
        };
        let zh = if self.take("zh") { Some(self.text()?) } else { None };
        if en.is_none() && zh.is_none() {
            self.miss(Wanted::Labels);
            return Ok(None);
        }
        Ok(Some(Tags { en, zh, span: start..self.behind() }))
    }

    pub(crate) fn labels(&mut self) -> Reading<Tags> {
        self.take_labels()?.ok_or(Stop::Unsaid)
    }

    /// A whole number.
    pub(crate) fn integer(&mut self) -> Reading<u32> {
        let Some(shape) = self.peek().filter(|shape| matches!(shape.kind, ShapeKind::Number)) else {
            return Err(self.stop(Wanted::Number));
        };
        let digits = self.slice(&shape.span);
        if digits.contains('.') {
            return Err(self.stop(Wanted::Whole));
        }
        self.advance();
        match digits.parse::<u32>() {
            Ok(number) if number <= 1_000_000 => Ok(number),
            _ => {
                let message = labels("this number is too large", "数字过大");
                let hint = labels(format!("write at most {}", u32::MAX), format!("最大为 {}", u32::MAX));
                self.report(Problem::error(Code::Unreadable, shape.span.clone(), message).with_hint(hint));
                Ok(1)
            }
        }
    }

    /// A date with its time.
    pub(crate) fn instant(&mut self) -> Reading<Text> {
        match self.peek().filter(|shape| matches!(shape.kind, ShapeKind::Instant)) {
            Some(shape) => {
                self.advance();
                Ok(Text { text: self.slice(&shape.span).to_owned(), span: shape.span.clone() })
            }
            None => Err(self.stop(Wanted::Instant)),
        }
    }

    /// A day, if one stands next.
    pub(crate) fn take_date(&mut self) -> Option<Text> {
        let shape = self.peek().filter(|shape| matches!(shape.kind, ShapeKind::Date))?;
        self.advance();
        Some(Text { text: self.slice(&shape.span).to_owned(), span: shape.span.clone() })
    }

    /// A reader of the braces that stand next, if they do.
    pub(crate) fn take_braces(&mut self) -> Option<Reader<'t>> {
        let found = self.peek().and_then(|shape| match &shape.kind {
            ShapeKind::Braces(inner) => Some((inner, shape)),
            _ => None,
        });
        self.inside(found, "{")
    }

    pub(crate) fn take_parens(&mut self) -> Option<Reader<'t>> {
        let found = self.peek().and_then(|shape| match &shape.kind {
            ShapeKind::Parens(inner) => Some((inner, shape)),
            _ => None,
        });
        self.inside(found, "(")
    }

    pub(crate) fn take_squares(&mut self) -> Option<Reader<'t>> {
        let found = self.peek().and_then(|shape| match &shape.kind {
            ShapeKind::Squares(inner) => Some((inner, shape)),
            _ => None,
        });
        self.inside(found, "[")
    }

    fn inside(&mut self, found: Option<(&'t Vec<Shape>, &'t Shape)>, mark: &'static str) -> Option<Reader<'t>> {
        let Some((inner, shape)) = found else {
            self.miss(Wanted::Mark(mark));
            return None;
        };
        self.advance();
        Some(Reader::new(self.source, inner, shape.span.end.saturating_sub(1), self.notes))
    }

    pub(crate) fn need_parens(&mut self) -> Reading<Reader<'t>> {
        self.take_parens().ok_or(Stop::Unsaid)
    }

    /// That nothing is left in the bracket.
    /// What stands next, as it is written.
    pub(crate) fn slice_of_next(&self) -> &str {
        self.peek().map(|shape| self.slice(&shape.span)).unwrap_or_default()
    }

    /// Whether what stands next begins on a later line than a place.
    pub(crate) fn starts_line_after(&self, place: usize) -> bool {
        self.source.get(place..self.here()).is_some_and(|between| between.contains('\n'))
    }

    pub(crate) fn finished(&self) -> Reading<()> {
        if self.is_done() { Ok(()) } else { Err(Stop::Unsaid) }
    }

    // --- what is wrong

    /// Remembers what was asked for in vain.
    fn miss(&self, wanted: Wanted) {
        let here = self.here();
        let mut missed = self.notes.missed.borrow_mut();
        if here > missed.0 {
            *missed = (here, Vec::new());
        }
        if here == missed.0 && !missed.1.contains(&wanted) {
            missed.1.push(wanted);
        }
    }

    /// Remembers it, and stops.
    pub(crate) fn stop(&self, wanted: Wanted) -> Stop {
        self.miss(wanted);
        Stop::Unsaid
    }

    pub(crate) fn report(&self, problem: Problem) {
        self.notes.problems.borrow_mut().put(problem);
    }

    /// Says why a statement could not be read: what was expected at the furthest place that anything was.
    pub(crate) fn explain(&self, stop: Stop) {
        if stop == Stop::Said {
            return;
        }
        let (place, wanted) = std::mem::take(&mut *self.notes.missed.borrow_mut());
        let mut reader = self.clone();
        while reader.peek().is_some_and(|shape| shape.span.end <= place) {
            reader.advance();
        }
        self.report(reader.unexpected(place, &wanted));
    }

    fn unexpected(&self, place: usize, wanted: &[Wanted]) -> Problem {
        let found = token_at(self.source, place);
        let text = self.slice(&found);
        let behind = self.source.get(..place).unwrap_or_default().trim_end();
        let next_line = self.source.get(behind.len()..place).is_some_and(|blank| blank.contains('\n'));
        let listed = expected::listed(wanted);
        let foreign = text.starts_with(|first: char| first.is_alphabetic() && !first.is_ascii());
        let over = place >= self.source.len() || ["}", ")", "]"].contains(&text) || (next_line && !foreign);
        if listed.en.is_empty() {
            let message = labels(format!("`{text}` is not understood here"), format!("这里的 `{text}` 无法理解"));
            return Problem::error(Code::Syntax, found, message);
        }
        if over {
            let message = labels(
                format!("the statement ends too early: expected {}", listed.en),
                format!("语句没有写完：此处应为{}", listed.zh),
            );
            let last = token_before(self.source, behind.len());
            return Problem::error(Code::Syntax, last, message);
        }
        let message =
            labels(format!("expected {}, found `{text}`", listed.en), format!("此处应为{}，却是 `{text}`", listed.zh));
        let keywords = wanted.iter().filter_map(|wanted| wanted.keyword());
        // A dash between letters was meant to be part of a name.
        let letter = |near: Option<char>| near.is_some_and(|near| near.is_ascii_alphanumeric());
        let within = letter(self.source.get(..place).and_then(|before| before.chars().next_back()))
            && letter(self.source.get(found.end..).and_then(|rest| rest.chars().next()));
        let mut problem = Problem::error(Code::Syntax, found, message);
        problem.hint = match nearest(text, keywords) {
            Some(close) => Some(labels(format!("did you mean `{close}`?"), format!("是否想写 `{close}`？"))),
            None if foreign => Some(in_another_script(wanted)),
            None if text == "/"
                && self.source.get(..place).is_some_and(|before| before.ends_with(|c: char| c.is_ascii_digit())) =>
            {
                Some(labels("a day is written `2026-09-18`", "日期写作 `2026-09-18`"))
            }
            None if text == "-" && within => {
                Some(labels("a name has no `-`; write `_` instead", "名称中不能有 `-`，请改用 `_`"))
            }
            None if wanted.contains(&Wanted::Name) && RESERVED.contains(&text) => Some(labels(
                format!("`{text}` is a word of the language; as a name, write for instance `{text}_1`"),
                format!("`{text}` 是语言的保留字；作名称时可写成 `{text}_1` 等"),
            )),
            None => None,
        };
        problem
    }

    /// Words that were skipped may have declared something.
    fn doubt(&self, span: Place) {
        let words = self.slice(&span).split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let words = words.filter(|word| !word.is_empty()).map(str::to_owned);
        self.notes.doubtful.borrow_mut().extend(words);
    }
}

/// Where Chinese belongs, when it stands where something else is needed.
fn in_another_script(wanted: &[Wanted]) -> Labels {
    let named = [Wanted::Name, Wanted::Type, Wanted::Step].iter().any(|name| wanted.contains(name));
    let valued = [Wanted::Expression, Wanted::Value, Wanted::Text].iter().any(|value| wanted.contains(value));
    match () {
        () if valued => labels(
            "a text stands between `\"`; a choice is called by its English name",
            "文字要写在一对 `\"` 之间；选项用其英文名称",
        ),
        () if named => labels(
            "a name has English letters, digits and `_`; what people see goes into the label behind it",
            "名称只能用英文字母、数字和 `_`；给人看的中文写在其后的标签里",
        ),
        () => labels("the words of the language are English", "语言的关键字是英文"),
    }
}

/// A text without its quotes and escapes.
fn unquoted(raw: &str) -> String {
    let inner = raw.strip_prefix('"').unwrap_or(raw);
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(next) = chars.next() {
        match next {
            '\\' => match chars.next() {
                Some('n') => text.push('\n'),
                Some(other) => text.push(other),
                None => {}
            },
            plain => text.push(plain),
        }
    }
    text
}

/// The word or mark at a place.
fn token_at(source: &str, at: usize) -> Place {
    let rest = source.get(at..).unwrap_or_default();
    let word = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
    let length = match word {
        0 if rest.starts_with("->") || rest.starts_with("=>") => 2,
        0 if rest.starts_with(|c: char| !c.is_ascii()) => {
            rest.find(|c: char| c.is_ascii() || c.is_whitespace()).unwrap_or(rest.len())
        }
        0 => rest.chars().next().map_or(0, char::len_utf8),
        word => word,
    };
    at..at + length
}

/// The word or character that ends at a place.
fn token_before(source: &str, end: usize) -> Place {
    let before = source.get(..end).unwrap_or_default();
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let start = before.trim_end_matches(word).len();
    if start < end {
        return start..end;
    }
    match before.char_indices().next_back() {
        Some((_, '>')) if before.ends_with("->") || before.ends_with("=>") => end - 2..end,
        Some((at, _)) => at..end,
        None => 0..0,
    }
}
