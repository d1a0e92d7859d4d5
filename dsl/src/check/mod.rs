//! The checker: the parsed tree becomes checked [`Parts`], or problems. First every name is collected, then every
//! part is checked against the names, so that the order of the parts in a file does not matter.

mod approval;
mod clocks;
mod examples;
mod expr;
mod finds;
mod flow;
mod header;
mod later;
mod management;
mod names;
mod paths;
mod people;
mod pieces;
mod proof;
mod record;
mod registers;
mod rules;
mod sets;
mod starts;
mod steps;
mod sure;
mod tables;
pub(crate) mod types;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use engine::definition::{Labels, Parts};
use engine::ids::Name;
use engine::register::Register;

use crate::among::{Among, OtherProcess};
use crate::example::Example;
use crate::nearest::nearest;
use crate::problem::{Code, Lines, Log, Problem, Severity, labels};
use crate::tree::{File, Place, Process, Tags, Word};

use names::{Names, StepSort};
use types::Type;

/// The most names that are looked through for one that was meant.
const KNOWN_MAX: usize = 2_000;

/// The most rules of a file.
pub const RULES_MAX: usize = 200;
/// The most examples of a file.
pub const EXAMPLES_MAX: usize = 2_000;
/// The most facts that the examples of a file share, and that one has of its own.
pub const FACTS_MAX: usize = 200;

/// What the checker knows besides the tree.
pub(crate) struct Checker<'a> {
    pub(crate) source: &'a str,
    pub(crate) file: &'a File,
    lines: Lines,
    /// Words of broken statements; an unknown name among them was probably declared there.
    pub(crate) doubtful: &'a BTreeSet<String>,
    /// What other files declare.
    pub(crate) among: &'a Among,
    pub(crate) names: Names,
    /// In an example a bare name may be the key of an entry.
    pub(crate) keys: Cell<Keys>,
    /// Names with a meaning in a part of the process only: the item of a list, the message that starts a record.
    pub(crate) locals: RefCell<Vec<(String, Type)>>,
    /// Whether clocks say what they measured, as they do in a measure.
    measuring: Cell<bool>,
    /// The processes whose records are looked at, innermost last.
    others: RefCell<Vec<String>>,
    /// Fields that were probably meant where an unknown one is written.
    meant: RefCell<BTreeSet<String>>,
    /// Fields that are read when they may have no value, each with what reads it and where.
    early: RefCell<Vec<(String, Labels, Place)>>,
    problems: RefCell<Log>,
}

/// How the keys of registers' entries are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keys {
    /// In quotes: in a process, where bare names are fields.
    Quoted,
    /// As bare names too: in an example.
    Bare,
}

/// A process as it came out of the check.
pub(crate) struct Outcome {
    pub(crate) processes: Vec<(Parts, Vec<Example>)>,
    pub(crate) registers: Vec<Register>,
    pub(crate) problems: Log,
}

pub(crate) fn check(source: &str, file: &File, doubtful: &BTreeSet<String>, among: &Among) -> Outcome {
    let mut outcome = Outcome { processes: Vec::new(), registers: Vec::new(), problems: Log::default() };
    let mut checker = Checker::new(source, file, doubtful, among);
    match file.processes.as_slice() {
        [] if doubtful.is_empty() && !declares_something(file) => {
            let message = labels("there is no process in this file", "文件中没有流程");
            let hint = labels(
                "a file begins like `process incident \"Incident\" zh \"事件\" {`",
                "文件应类似 `process incident \"Incident\" zh \"事件\" {` 开头",
            );
            checker.report(Problem::error(Code::MissingPart, 0..0, message).with_hint(hint));
        }
        [] => {
            checker.names = checker.collect_registers();
            outcome.registers = checker.registers();
            checker.management();
        }
        [process, rest @ ..] => {
            for other in rest {
                let message = labels("a file holds one process", "一个文件只能有一个流程");
                let hint = labels("put this one into a file of its own", "请把它放到单独的文件中");
                checker.report(Problem::error(Code::Duplicate, other.name.span.clone(), message).with_hint(hint));
            }
            checker.names = checker.collect(process);
            checker.limited(file.rules.iter().map(|rule| &rule.name.span), RULES_MAX, ("rules", "条规则"));
            checker.limited(file.examples.iter().map(|one| &one.name.span), EXAMPLES_MAX, ("examples", "个示例"));
            let facts = file.backgrounds.iter().flat_map(|background| &background.facts).map(|fact| &fact.span);
            checker.limited(facts, FACTS_MAX, ("facts", "个背景事实"));
            outcome.registers = checker.registers();
            let mut parts = checker.process(process);
            let (measures, later) = checker.management();
            parts.measures = measures;
            parts.later.extend(later);
            let examples = checker.examples(&process.name, &parts);
            outcome.processes.push((parts, examples));
        }
    }
    outcome.problems = checker.problems.into_inner();
    outcome
}

/// What a file declares for others, as far as it can be read.
pub(crate) fn declared(source: &str, among: &Among) -> Among {
    let mut declared = Among::default();
    let Some(read) = crate::parse(source).read else { return declared };
    let mut checker = Checker::new(source, &read.file, &read.doubtful, among);
    match read.file.processes.first() {
        Some(process) => {
            checker.names = checker.collect(process);
            let labels = checker.tags(process.tags.as_ref(), &process.name, ("process", "流程"));
            let own = OtherProcess { labels, ..checker.own(process) };
            declared.processes.insert(process.name.text.clone(), own);
        }
        None => checker.names = checker.collect_registers(),
    }
    declared.registers = checker.registers().into_iter().map(|made| (made.name.to_string(), made)).collect();
    declared
}

impl<'a> Checker<'a> {
    fn new(source: &'a str, file: &'a File, doubtful: &'a BTreeSet<String>, among: &'a Among) -> Checker<'a> {
        Checker {
            source,
            file,
            lines: Lines::of(source),
            doubtful,
            among,
            names: Names::default(),
            keys: Cell::new(Keys::Quoted),
            locals: RefCell::new(Vec::new()),
            measuring: Cell::new(false),
            others: RefCell::default(),
            meant: RefCell::default(),
            early: RefCell::default(),
            problems: RefCell::default(),
        }
    }
}

impl Checker<'_> {
    fn process(&self, process: &Process) -> Parts {
        let mut parts = self.header(process);
        parts.fields = self.record(process);
        parts.tables = self.tables(process);
        parts.rules = self.rules();
        parts.templates = self.templates();
        parts.finds = self.finds(process);
        let mut flow = self.flow(process);
        parts.later.append(&mut flow.later);
        self.paths(&flow);
        self.sets(process, &parts, &flow);
        parts.first = flow.first.clone().unwrap_or_else(|| Name::from(""));
        self.clocks(process, &mut parts, &flow);
        self.read_too_early();
        parts.steps = flow.steps.into_iter().map(|made| made.step).collect();
        self.coverage_of_fields(process, &parts);
        self.unused(&parts);
        parts
    }

    // --- reporting

    pub(crate) fn report(&self, problem: Problem) {
        self.problems.borrow_mut().put(problem);
    }

    /// Whether no further problem is shown.
    pub(crate) fn is_full(&self) -> bool {
        self.problems.borrow().is_full()
    }

    /// How many problems were found so far.
    pub(crate) fn count(&self) -> usize {
        self.problems.borrow().count()
    }

    /// Whether a problem of one of these kinds was found already.
    pub(crate) fn has_any(&self, codes: &[Code]) -> bool {
        self.problems.borrow().has(|_, code| codes.contains(&code))
    }

    /// Whether the process is without errors so far.
    pub(crate) fn is_sound(&self) -> bool {
        self.doubtful.is_empty() && !self.problems.borrow().has(|severity, _| severity == Severity::Error)
    }
    /// Reports a name that is not there, with the closest one that is.
    pub(crate) fn unknown<'n>(
        &self,
        code: Code,
        word: &Word,
        what: (&str, &str),
        known: impl IntoIterator<Item = &'n str>,
    ) {
        if word.text.is_empty() || self.doubtful.contains(&word.text) {
            return;
        }
        let hinted = !self.is_full();
        let known: Vec<&str> = known.into_iter().take(if hinted { KNOWN_MAX } else { 0 }).collect();
        let message = labels(
            format!("there is no {} called `{}`", what.0, word.text),
            format!("没有名为 `{}` 的{}", word.text, what.1),
        );
        let mut problem = Problem::error(code, word.span.clone(), message);
        let close = nearest(&word.text, known.iter().copied());
        if let (Code::UnknownField, Some(close)) = (code, close) {
            self.meant.borrow_mut().insert(close.to_owned());
        }
        problem.hint = match close {
            None if code == Code::UnknownField && word.text == "reason" => Some(labels(
                "a reason is no field: it is asked for with `asks reason`, and given with `because \"…\"`",
                "原因不是字段：用 `asks reason` 要求填写，用 `because \"…\"` 给出",
            )),
            Some(close) => Some(labels(format!("did you mean `{close}`?"), format!("是否想写 `{close}`？"))),
            None if !known.is_empty() && known.len() <= 12 => {
                let listed = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>();
                let there = if let [_] = listed.as_slice() { "there is only" } else { "there are" };
                Some(labels(format!("{there} {}", listed.join(", ")), format!("可用的有 {}", listed.join("、"))))
            }
            None if known.is_empty() && hinted => {
                Some(labels(format!("no {} is declared", what.0), format!("还没有声明任何{}", what.1)))
            }
            None => None,
        };
        self.report(problem);
    }

    pub(crate) fn line(&self, span: &Place) -> u32 {
        u32::try_from(self.lines.index(span.start) + 1).unwrap_or(u32::MAX)
    }

    /// Labels in both languages; what is missing is reported.
    pub(crate) fn tags(&self, tags: Option<&Tags>, at: &Word, what: (&str, &str)) -> Labels {
        let Some(tags) = tags else {
            let message =
                labels(format!("{} `{}` has no label", what.0, at.text), format!("{} `{}` 没有标签", what.1, at.text));
            let hint = labels("write \"Name\" zh \"名称\" after it", "请在其后写 \"Name\" zh \"名称\"");
            self.report(Problem::error(Code::MissingEnglish, at.span.clone(), message).with_hint(hint));
            return labels(at.text.clone(), at.text.clone());
        };
        let given =
            |text: &Option<Word>| text.as_ref().map(|text| text.text.clone()).filter(|text| !text.trim().is_empty());
        let (en, zh) = (given(&tags.en), given(&tags.zh));
        if zh.is_none() {
            let message = labels("the Chinese label is missing", "缺少中文标签");
            let hint = labels("add zh \"…\" after it", "请在其后补上 zh \"…\"");
            self.report(Problem::error(Code::MissingChinese, tags.span.clone(), message).with_hint(hint));
        }
        if en.is_none() {
            let message = labels("the English label is missing", "缺少英文标签");
            let hint = labels("write \"…\" before zh", "请在 zh 之前补上 \"…\"");
            self.report(Problem::error(Code::MissingEnglish, tags.span.clone(), message).with_hint(hint));
        }
        let en = en.unwrap_or_else(|| at.text.clone());
        let zh = zh.unwrap_or_else(|| en.clone());
        labels(en, zh)
    }

    /// Reports a list that is longer than it may be, at the first of its parts that is one too many.
    pub(crate) fn limited<'p>(&self, mut parts: impl Iterator<Item = &'p Place>, most: usize, what: (&str, &str)) {
        if let Some(first) = parts.nth(most) {
            let message = labels(format!("there are more than {most} {}", what.0), format!("超过 {most} {}", what.1));
            let hint = labels("divide the process into several, each in a file", "请拆成几个流程，各放一个文件");
            self.report(Problem::error(Code::TooLong, first.clone(), message).with_hint(hint));
        }
    }

    /// Reports names that are taken already.
    pub(crate) fn unique<'w>(&self, words: impl IntoIterator<Item = &'w Word>, what: (&str, &str)) {
        let mut seen: BTreeMap<&str, &Word> = BTreeMap::new();
        for word in words {
            match seen.get(word.text.as_str()) {
                Some(first) if !word.text.is_empty() => {
                    let message = labels(
                        format!("{} `{}` is there already", what.0, word.text),
                        format!("{} `{}` 重复", what.1, word.text),
                    );
                    let note = labels("first here", "首次出现在这里");
                    let hint = labels("give one of them another name, or take it out", "请给其中一个改名，或删去它");
                    let problem = Problem::error(Code::Duplicate, word.span.clone(), message).with_hint(hint);
                    self.report(problem.with_note(first.span.clone(), note));
                }
                Some(_) => {}
                None => drop(seen.insert(&word.text, word)),
            }
        }
    }
}

/// Whether a file says something without a process.
fn declares_something(file: &File) -> bool {
    !file.registers.is_empty() || !file.measures.is_empty() || !file.obligations.is_empty() || !file.reports.is_empty()
}

/// A name of the engine from a word.
pub(crate) fn name(word: &Word) -> Name {
    Name::from(word.text.as_str())
}
