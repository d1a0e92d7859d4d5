//! A mistake in a definition: a stable code, a place, one cause, one hint, in both languages.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use engine::definition::Labels;
use serde::Serialize;

/// The languages in which the product speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    En,
    /// Simplified Chinese.
    Zh,
}

impl Language {
    /// The text of a label in this language.
    pub fn of(self, labels: &Labels) -> &str {
        match self {
            Language::En => &labels.en,
            Language::Zh => &labels.zh,
        }
    }
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The definition is refused.
    Error,
    /// The definition is accepted.
    Warning,
}

/// The most problems of one file that are shown, and that each pass over it holds.
pub const PROBLEMS_MAX: usize = 100;

/// Which kind of mistake. The number never changes and is never used for another kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// The text does not follow the grammar.
    Syntax = 101,
    /// A bracket that is never closed.
    Unclosed = 102,
    /// A closing bracket without its opening one.
    Unopened = 103,
    /// A text without its closing quote.
    UnclosedText = 104,
    /// A full-width mark where the language has an ASCII one.
    FullWidth = 105,
    /// The file is longer than the limit.
    TooLong = 106,
    /// Nested or chained deeper than the limit.
    TooDeep = 107,
    /// A number or date that cannot be read.
    Unreadable = 108,
    /// More problems than are shown.
    TooMany = 109,
    /// A mark of another language.
    ForeignMark = 110,
    /// No such field.
    UnknownField = 201,
    /// No such step.
    UnknownStep = 202,
    /// No such value of a choice.
    UnknownChoice = 203,
    /// No such table or rule.
    UnknownFunction = 204,
    /// No such notice.
    UnknownTemplate = 205,
    /// No such register.
    UnknownRegister = 206,
    /// The register's entries have no such attribute.
    UnknownAttribute = 207,
    /// No task has such an outcome.
    UnknownOutcome = 208,
    /// No such end.
    UnknownEnd = 209,
    /// No such edition of the standard.
    UnknownEdition = 210,
    /// No such milestone.
    UnknownMilestone = 211,
    /// No such clock.
    UnknownClock = 212,
    /// No such process.
    UnknownProcess = 213,
    /// A text has a hole that no field fills.
    UnknownHole = 214,
    /// The name is taken.
    Duplicate = 215,
    /// No such type.
    UnknownType = 216,
    /// No such calendar.
    UnknownCalendar = 217,
    /// No step waits for such a message.
    UnknownMessage = 218,
    /// The edition of the standard has no such clause.
    UnknownClause = 219,
    /// No such role among those that the process has labels for.
    UnknownRole = 220,
    /// No such type of link.
    UnknownLink = 221,
    /// No such measure.
    UnknownMeasure = 222,
    /// A value of another type is needed.
    Mismatch = 301,
    /// The operator does not work on these types.
    BadOperands = 302,
    /// More or fewer inputs than declared.
    InputCount = 303,
    /// The expression does not name people.
    NotPeople = 304,
    /// The Chinese label is missing.
    MissingChinese = 401,
    /// The English label is missing.
    MissingEnglish = 402,
    /// A part of the process is missing.
    MissingPart = 403,
    /// The number pattern is wrong.
    BadNumber = 404,
    /// Nothing uses it.
    Unused = 405,
    /// Derived fields need one another.
    DerivedCycle = 501,
    /// A required field that no form asks for.
    NeverAsked = 502,
    /// A derived field is asked for or set.
    DerivedSet = 503,
    /// Read before it has a value.
    ReadTooEarly = 504,
    /// The title is not a text field.
    BadTitle = 505,
    /// A value is needed where it may not have been given yet.
    ReadUnset = 506,
    /// Some inputs match no row.
    TableGap = 601,
    /// Some inputs match two rows.
    TableOverlap = 602,
    /// A row that can never count.
    TableShadow = 603,
    /// A row with more or fewer cells than inputs.
    CellCount = 604,
    /// The type of a table's or rule's input is not known.
    UntypedInput = 605,
    /// A table that is larger than its limits.
    TableTooLarge = 606,
    /// A table of which not every case could be looked at.
    TableUnproved = 607,
    /// Rows that match together and give different values.
    TableDisagrees = 608,
    /// A range that holds no value.
    EmptyRange = 609,
    /// A way to put rows together that does not fit what they give.
    UnfitHit = 610,
    /// A path that neither ends nor waits.
    FallsOff = 701,
    /// A step that nothing leads to.
    Unreachable = 702,
    /// A loop that never waits.
    EndlessLoop = 703,
    /// A jump into a race or an aside.
    JumpInside = 704,
    /// Everyone who could do the task is excluded from it.
    NobodyLeft = 705,
    /// A task that cannot be completed.
    NoOutcome = 706,
    /// A part without steps.
    NoSteps = 707,
    /// A wait that nothing may ever end.
    NoDeadline = 708,
    /// Branches of which never enough come to their end.
    JoinUnreachable = 709,
    /// A jump to where the way leads anyway.
    NeedlessJump = 710,
    /// A value of a choice for which nothing is said.
    ChoiceGap = 711,
    /// A clock without a target for a value.
    MissingTarget = 801,
    /// The target does not depend on a choice.
    TargetField = 802,
    /// A rule that does not compile.
    RuleText = 901,
    /// An example that cannot be played.
    BadExample = 1001,
}

impl Code {
    /// Every kind, by number.
    pub const ALL: &[Code] = &[
        Code::Syntax,
        Code::Unclosed,
        Code::Unopened,
        Code::UnclosedText,
        Code::FullWidth,
        Code::TooLong,
        Code::TooDeep,
        Code::Unreadable,
        Code::TooMany,
        Code::ForeignMark,
        Code::UnknownField,
        Code::UnknownStep,
        Code::UnknownChoice,
        Code::UnknownFunction,
        Code::UnknownTemplate,
        Code::UnknownRegister,
        Code::UnknownAttribute,
        Code::UnknownOutcome,
        Code::UnknownEnd,
        Code::UnknownEdition,
        Code::UnknownMilestone,
        Code::UnknownClock,
        Code::UnknownProcess,
        Code::UnknownHole,
        Code::Duplicate,
        Code::UnknownType,
        Code::UnknownCalendar,
        Code::UnknownMessage,
        Code::UnknownClause,
        Code::UnknownRole,
        Code::UnknownLink,
        Code::UnknownMeasure,
        Code::Mismatch,
        Code::BadOperands,
        Code::InputCount,
        Code::NotPeople,
        Code::MissingChinese,
        Code::MissingEnglish,
        Code::MissingPart,
        Code::BadNumber,
        Code::Unused,
        Code::DerivedCycle,
        Code::NeverAsked,
        Code::DerivedSet,
        Code::ReadTooEarly,
        Code::BadTitle,
        Code::ReadUnset,
        Code::TableGap,
        Code::TableOverlap,
        Code::TableShadow,
        Code::CellCount,
        Code::UntypedInput,
        Code::TableTooLarge,
        Code::TableUnproved,
        Code::TableDisagrees,
        Code::EmptyRange,
        Code::UnfitHit,
        Code::FallsOff,
        Code::Unreachable,
        Code::EndlessLoop,
        Code::JumpInside,
        Code::NobodyLeft,
        Code::NoOutcome,
        Code::NoSteps,
        Code::NoDeadline,
        Code::JoinUnreachable,
        Code::NeedlessJump,
        Code::ChoiceGap,
        Code::MissingTarget,
        Code::TargetField,
        Code::RuleText,
        Code::BadExample,
    ];

    /// The kind with this number, written as it is shown: `T0203`.
    pub fn numbered(text: &str) -> Option<Code> {
        Code::ALL.iter().copied().find(|code| code.to_string().eq_ignore_ascii_case(text))
    }

    /// The name of the manual's page about it.
    pub fn page(self) -> String {
        format!("problems/{self}")
    }
}

impl fmt::Display for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "T{:04}", *self as u16)
    }
}

/// Something worth knowing beside the cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Another place that has to do with it.
    pub span: Option<Range<usize>>,
    /// What to know.
    pub text: Labels,
}

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which kind.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// Where, in bytes of the source.
    pub span: Range<usize>,
    /// The cause.
    pub message: Labels,
    /// What to do about it.
    pub hint: Option<Labels>,
    /// What else to know.
    pub notes: Vec<Note>,
}

impl Problem {
    /// A mistake for which the definition is refused.
    pub fn error(code: Code, span: Range<usize>, message: Labels) -> Problem {
        Problem { code, severity: Severity::Error, span, message, hint: None, notes: Vec::new() }
    }

    /// Something odd that does not keep the definition out.
    pub fn warning(code: Code, span: Range<usize>, message: Labels) -> Problem {
        Problem { severity: Severity::Warning, ..Problem::error(code, span, message) }
    }

    /// The same with a hint.
    pub fn with_hint(self, hint: Labels) -> Problem {
        Problem { hint: Some(hint), ..self }
    }

    /// The same with another place.
    pub fn with_note(mut self, span: Range<usize>, text: Labels) -> Problem {
        self.notes.push(Note { span: Some(span), text });
        self
    }
}

/// All problems of a file, in the order of their places; at least one of them is an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.0 {
            writeln!(out, "{} at byte {}: {}", problem.code, problem.span.start, problem.message.en)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// The problems that one pass over a file found, each once. It holds [`PROBLEMS_MAX`] of them and counts the rest, so
/// that a file of nothing but mistakes costs no more than another.
#[derive(Default)]
pub(crate) struct Log {
    held: Vec<Problem>,
    seen: BTreeSet<(usize, usize, Code, String)>,
    codes: BTreeSet<(Severity, Code)>,
    further: usize,
}

impl Log {
    pub(crate) fn put(&mut self, problem: Problem) {
        self.codes.insert((problem.severity, problem.code));
        if self.held.len() >= PROBLEMS_MAX {
            self.further += 1;
            return;
        }
        let key = (problem.span.start, problem.span.end, problem.code, problem.message.en.clone());
        if self.seen.insert(key) {
            self.held.push(problem);
        }
    }

    /// How many problems were put down.
    pub(crate) fn count(&self) -> usize {
        self.held.len() + self.further
    }

    /// Whether it holds no more, so that hints need not be looked for.
    pub(crate) fn is_full(&self) -> bool {
        self.held.len() >= PROBLEMS_MAX
    }

    pub(crate) fn has(&self, wanted: impl Fn(Severity, Code) -> bool) -> bool {
        self.codes.iter().any(|(severity, code)| wanted(*severity, *code))
    }

    /// Puts down everything from another log.
    pub(crate) fn extend(&mut self, other: Log) {
        other.held.into_iter().for_each(|problem| self.put(problem));
        self.codes.extend(other.codes);
        self.further += other.further;
    }

    /// The problems by their places; where there were more than are shown, the last one says how many.
    pub(crate) fn into_problems(mut self, keep: impl FnMut(&Problem) -> bool) -> Vec<Problem> {
        self.held.retain(keep);
        self.held.sort_by_key(|problem| (problem.span.start, problem.span.end, problem.code));
        if self.further > 0 {
            let end = self.held.last().map_or(0..0, |last| last.span.clone());
            let further = self.further;
            let message = labels(
                format!("there are {further} more problems in this file"),
                format!("文件中还有 {further} 个问题"),
            );
            let hint = labels("mend the first ones and check again", "请先修正前面的问题，再重新检查");
            self.held.push(Problem::error(Code::TooMany, end, message).with_hint(hint));
        }
        self.held
    }

    /// What it holds so far.
    pub(crate) fn held(&self) -> &[Problem] {
        &self.held
    }
}

/// Where the lines of a text begin, and how far each is indented.
pub(crate) struct Lines {
    starts: Vec<(usize, usize)>,
}

impl Lines {
    pub(crate) fn of(source: &str) -> Lines {
        let starts = std::iter::once(0).chain(source.match_indices('\n').map(|(at, _)| at + 1));
        let indent = |start: usize| {
            let rest = source.get(start..).unwrap_or_default();
            rest.len() - rest.trim_start_matches([' ', '\t']).len()
        };
        Lines { starts: starts.map(|start| (start, indent(start))).collect() }
    }

    /// The number of the line of a place, from 0.
    pub(crate) fn index(&self, at: usize) -> usize {
        self.starts.partition_point(|(start, _)| *start <= at).saturating_sub(1)
    }

    /// Where a line begins; numbered from 0.
    pub(crate) fn start(&self, line: usize) -> usize {
        self.starts.get(line).map_or(0, |(start, _)| *start)
    }

    /// How far the line of a place is indented.
    pub(crate) fn indent(&self, at: usize) -> usize {
        self.starts.get(self.index(at)).map_or(0, |(_, indent)| *indent)
    }

    /// How far the line below that of a place is indented; an empty or missing one is not.
    pub(crate) fn indent_below(&self, at: usize) -> usize {
        self.starts.get(self.index(at) + 1).map_or(0, |(_, indent)| *indent)
    }

    /// Whether only blanks stand before a place on its line.
    pub(crate) fn leads(&self, at: usize) -> bool {
        self.starts.get(self.index(at)).is_some_and(|(start, indent)| at <= start + indent)
    }

    /// Where the line of a place ends, its line break left out; `length` is that of the text.
    pub(crate) fn end(&self, at: usize, length: usize) -> usize {
        self.starts.get(self.index(at) + 1).map_or(length, |(start, _)| start - 1)
    }
}

/// A sentence in both languages.
#[cfg_attr(test, track_caller)]
pub(crate) fn labels(en: impl Into<String>, zh: impl Into<String>) -> Labels {
    #[cfg(test)]
    crate::told::note(std::panic::Location::caller());
    Labels { en: en.into(), zh: zh.into() }
}

/// The line and the column, in characters, of a byte; both from 1.
pub fn place(source: &str, at: usize) -> (u32, u32) {
    let before: &str = source.get(..at.min(source.len())).unwrap_or(source);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}

/// The part of a span that lies in the text, on whole characters.
pub(crate) fn within(source: &str, span: &Range<usize>) -> Range<usize> {
    let start = source.floor_char_boundary(span.start.min(source.len()));
    let end = source.ceil_char_boundary(span.end.min(source.len()));
    start..end.max(start)
}
