//! A first look at the characters: brackets that match, texts that end, no full-width or foreign marks. What is wrong here is
//! reported and mended in a copy of the same length, so that the rest of the file can still be read.

use std::ops::Range;

use crate::problem::{Code, Lines, Log, Problem, labels};

/// The longest file, in bytes.
pub const SOURCE_MAX: usize = 1024 * 1024;
/// The longest text in quotes, in bytes.
pub const TEXT_MAX: usize = 10_000;
/// The longest word, in bytes.
pub const WORD_MAX: usize = 100;
/// The deepest nesting of brackets.
pub const NESTING_MAX: usize = 64;

/// Full-width marks with the ASCII ones that the language has.
const WIDE: &[(char, &str)] = &[
    ('，', ","),
    ('、', ","),
    ('：', ":"),
    ('（', "("),
    ('）', ")"),
    ('｛', "{"),
    ('｝', "}"),
    ('【', "["),
    ('】', "]"),
    ('＝', "="),
    ('＞', ">"),
    ('＜', "<"),
    ('｜', "|"),
    ('－', "-"),
    ('＋', "+"),
    ('＊', "*"),
    ('．', "."),
    ('％', "%"),
    ('０', "0"),
    ('１', "1"),
    ('２', "2"),
    ('３', "3"),
    ('４', "4"),
    ('５', "5"),
    ('６', "6"),
    ('７', "7"),
    ('８', "8"),
    ('９', "9"),
];

/// Quotes of other scripts and languages, each with what closes it.
const QUOTES: &[(char, char)] =
    &[('“', '”'), ('”', '”'), ('「', '」'), ('『', '』'), ('＂', '＂'), ('‘', '’'), ('\'', '\'')];

/// Marks of mathematics and of other languages, with what the language has instead; nothing where it has none.
const FOREIGN: &[(char, &str)] = &[
    ('→', "->"),
    ('⇒', "=>"),
    ('≥', ">="),
    ('≤', "<="),
    ('–', "-"),
    ('—', "-"),
    ('×', "*"),
    (';', ""),
    ('；', ""),
    ('。', ""),
];

/// A text that can be parsed, byte for byte at the places of the original.
pub(crate) struct Scanned {
    pub(crate) text: String,
    pub(crate) problems: Log,
    /// Whether the file is fit to be parsed at all.
    pub(crate) readable: Readable,
}

/// Whether parsing makes sense after the scan.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readable {
    Yes,
    No,
}

pub(crate) fn scan(source: &str) -> Scanned {
    if source.len() > SOURCE_MAX {
        let mut problems = Log::default();
        problems.put(too_long());
        return Scanned { text: String::new(), problems, readable: Readable::No };
    }
    let lines = Lines::of(source);
    let mut scan = Scan::new(source, &lines, Brackets::ByOrder);
    scan.run();
    if scan.problems.has(|_, code| matches!(code, Code::Unclosed | Code::Unopened)) {
        scan = Scan::new(source, &lines, Brackets::ByIndentation);
        scan.run();
    }
    // Where not every mistake was mended, reading on would find only what follows from them.
    let unfit = scan.problems.is_full() || scan.problems.has(|_, code| matches!(code, Code::TooDeep | Code::TooLong));
    let text = String::from_utf8(scan.bytes);
    match text {
        Ok(text) if !unfit => Scanned { text, problems: scan.problems, readable: Readable::Yes },
        _ => Scanned { text: String::new(), problems: scan.problems, readable: Readable::No },
    }
}

/// The problem of a file that is longer than [`SOURCE_MAX`].
pub(crate) fn too_long() -> Problem {
    let message = labels(format!("the file is longer than {SOURCE_MAX} bytes"), format!("文件超过 {SOURCE_MAX} 字节"));
    let hint = labels("put each process into a file of its own", "请把每个流程放到单独的文件中");
    Problem::error(Code::TooLong, 0..1, message).with_hint(hint)
}

fn not_a_mark(found: &str, at: usize) -> Problem {
    let message = labels(format!("`{found}` means nothing in this language"), format!("本语言没有 `{found}` 这个符号"));
    Problem::error(Code::ForeignMark, at..at + found.len(), message)
}

struct Scan<'s> {
    source: &'s str,
    bytes: Vec<u8>,
    lines: &'s Lines,
    open: Vec<(char, usize)>,
    problems: Log,
    brackets: Brackets,
}

/// How a closing brace finds its opening one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Brackets {
    /// The innermost open one.
    ByOrder,
    /// Where the brackets of a file do not match: the one on a line that is indented alike, so that the mistake is
    /// found where it was made.
    ByIndentation,
}

impl<'s> Scan<'s> {
    fn new(source: &'s str, lines: &'s Lines, brackets: Brackets) -> Scan<'s> {
        let (bytes, problems) = (source.as_bytes().to_vec(), Log::default());
        Scan { bytes, source, lines, open: Vec::new(), problems, brackets }
    }
}

impl Scan<'_> {
    fn run(&mut self) {
        let mut at = 0;
        let mut rule = RuleBody::No;
        while let Some(next) = self.char_at(at) {
            let length = next.len_utf8();
            match self.bracket(at, next) {
                '/' if self.starts(at, "//") => at = self.line_end(at),
                '/' if rule == RuleBody::Inside && self.starts(at, "/*") => {
                    at = self
                        .source
                        .get(at..)
                        .and_then(|rest| rest.find("*/"))
                        .map_or(self.source.len(), |n| at + n + 2);
                }
                '#' if rule != RuleBody::Inside => at = self.comment(at, "#"),
                '／' if self.starts(at, "／／") => at = self.comment(at, "／／"),
                '"' => at = self.text(at, rule),
                '`' | '\'' if rule == RuleBody::Inside => at = self.quoted(at, next),
                open @ ('{' | '(' | '[') => {
                    self.open.push((open, at));
                    if rule == RuleBody::Ahead && open == '{' {
                        rule = RuleBody::Inside;
                    }
                    if self.open.len() > NESTING_MAX {
                        let message = labels(
                            format!("brackets are nested deeper than {NESTING_MAX} levels"),
                            format!("括号嵌套超过 {NESTING_MAX} 层"),
                        );
                        let hint = labels("take brackets out", "请去掉多余的括号");
                        self.problems.put(Problem::error(Code::TooDeep, at..at + 1, message).with_hint(hint));
                        return;
                    }
                    at += length;
                }
                close @ ('}' | ')' | ']') => {
                    self.close(at, close);
                    if self.open.is_empty() && rule == RuleBody::Inside {
                        rule = RuleBody::No;
                    }
                    at += length;
                }
                _ if next.is_ascii_alphabetic() => {
                    let end = self.word_end(at);
                    self.limited(at..end, WORD_MAX, rule);
                    if self.open.is_empty() && self.source.get(at..end) == Some("rule") {
                        rule = RuleBody::Ahead;
                    }
                    at = end;
                }
                _ => match QUOTES.iter().find(|(open, _)| *open == next && rule != RuleBody::Inside) {
                    Some((_, close)) => at = self.strange_quotes(at, next, *close),
                    None => {
                        self.wide(at, next);
                        if rule != RuleBody::Inside {
                            self.foreign(at, next);
                        }
                        at += length;
                    }
                },
            }
        }
        while let Some((mark, at)) = self.open.pop() {
            self.unclosed(mark, at, None);
        }
    }

    fn char_at(&self, at: usize) -> Option<char> {
        self.source.get(at..)?.chars().next()
    }

    fn starts(&self, at: usize, what: &str) -> bool {
        self.source.get(at..).is_some_and(|rest| rest.starts_with(what))
    }

    fn line_end(&self, at: usize) -> usize {
        self.lines.end(at, self.source.len())
    }

    fn word_end(&self, at: usize) -> usize {
        let rest = self.source.get(at..).unwrap_or_default();
        at + rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len())
    }

    /// A text in double quotes; in a rule's body it may reach over lines, elsewhere it ends on its line.
    fn text(&mut self, start: usize, rule: RuleBody) -> usize {
        let mut at = start + 1;
        while let Some(next) = self.char_at(at) {
            match next {
                '"' => {
                    self.limited(start..at + 1, TEXT_MAX, rule);
                    return at + 1;
                }
                '\\' if self.char_at(at + 1).is_some_and(|after| after != '\n') => {
                    at += 1 + self.char_at(at + 1).map_or(0, char::len_utf8);
                }
                '\n' if rule != RuleBody::Inside => break,
                _ => at += next.len_utf8(),
            }
        }
        let end = at.min(self.line_end(start));
        let wide =
            self.source.get(start..end).and_then(|text| text.find(['”', '“', '＂'])).map(|offset| start + offset);
        if let Some((at, close)) = wide.and_then(|at| Some((at, self.char_at(at)?))) {
            self.instead(at, close, "\"");
            return at + close.len_utf8();
        }
        let message = labels("this text has no closing quote", "这段文字缺少右引号");
        let hint = labels("a text ends on its own line, with `\"`", "文字须在同一行内用 `\"` 结束");
        self.problems.put(Problem::error(Code::UnclosedText, start..end, message).with_hint(hint));
        self.mend_end(start, end);
        end
    }

    /// Reports a text or a word that is too long. A rule's body has limits of its own.
    fn limited(&mut self, span: Range<usize>, most: usize, rule: RuleBody) {
        if span.len() > most && rule != RuleBody::Inside {
            let message = labels(format!("this is longer than {most} bytes"), format!("这里超过 {most} 字节"));
            let hint = labels("say it in fewer words", "请缩短");
            self.problems.put(Problem::error(Code::TooLong, span, message).with_hint(hint));
        }
    }

    /// Puts the missing quote over the last character of the line.
    fn mend_end(&mut self, start: usize, end: usize) {
        let last = self.source.get(start..end).and_then(|text| text.char_indices().next_back());
        match last {
            Some((offset, last)) if offset > 0 => {
                self.fill(start + offset..start + offset + last.len_utf8(), "\"");
            }
            _ => self.fill(start..start + 1, " "),
        }
    }

    fn quoted(&mut self, start: usize, mark: char) -> usize {
        let rest = self.source.get(start + 1..).unwrap_or_default();
        let end = rest.find(|next| next == mark || (mark == '\'' && next == '\n'));
        match end.filter(|end| rest.get(*end..).is_some_and(|rest| rest.starts_with(mark))) {
            Some(length) => start + length + 2,
            None => start + 1,
        }
    }

    fn close(&mut self, at: usize, mark: char) {
        let wanted = match mark {
            '}' => '{',
            ')' => '(',
            _ => '[',
        };
        match self.opening(at, wanted) {
            Some(held) => {
                while self.open.len() > held + 1 {
                    if let Some((open, place)) = self.open.pop() {
                        self.unclosed(open, place, Some(at));
                    }
                }
                self.open.pop();
            }
            None => {
                let message =
                    labels(format!("this `{mark}` closes nothing"), format!("这个 `{mark}` 没有对应的左括号"));
                let hint = labels("take it out, or write the bracket that it closes", "请删去它，或补上对应的左括号");
                self.problems.put(Problem::error(Code::Unopened, at..at + 1, message).with_hint(hint));
                self.fill(at..at + 1, " ");
            }
        }
    }

    /// The place in the stack of the bracket that a closing one closes.
    fn opening(&self, at: usize, wanted: char) -> Option<usize> {
        let innermost = self.open.iter().rposition(|(open, _)| *open == wanted)?;
        if self.brackets == Brackets::ByOrder || wanted != '{' {
            return Some(innermost);
        }
        let (_, place) = self.open.get(innermost)?;
        if !self.lines.leads(at) {
            // What was opened on an earlier line goes on in the next one: one too many.
            let earlier = self.lines.index(*place) < self.lines.index(at);
            let goes_on = self.lines.indent_below(at) > self.lines.indent(*place);
            return if earlier && goes_on { None } else { Some(innermost) };
        }
        let own = self.lines.indent(at);
        match self.lines.indent(*place).cmp(&own) {
            std::cmp::Ordering::Equal => Some(innermost),
            // Deeper than what it would close: one too many.
            std::cmp::Ordering::Less => None,
            // Something inside was left open.
            std::cmp::Ordering::Greater => {
                let alike = |(open, place): &(char, usize)| *open == wanted && self.lines.indent(*place) == own;
                self.open.iter().rposition(alike).or(Some(innermost))
            }
        }
    }

    /// Reports a bracket that is never closed, and closes it where the indentation says that it should end.
    fn unclosed(&mut self, mark: char, at: usize, before: Option<usize>) {
        let closing = match mark {
            '{' => "}",
            '(' => ")",
            _ => "]",
        };
        let message = labels(format!("this `{mark}` is never closed"), format!("这个 `{mark}` 没有闭合"));
        let mut problem = Problem::error(Code::Unclosed, at..at + 1, message);
        let place = if mark == '{' && !self.problems.is_full() { self.missing_place(at) } else { None };
        match place {
            Some(place) => {
                let line = self.lines.index(place + 1) + 1;
                problem = problem.with_hint(labels(
                    format!("judging by the indentation, `{closing}` is missing before line {line}"),
                    format!("从缩进看，第 {line} 行之前缺少 `{closing}`"),
                ));
                self.fill(place..place + 1, closing);
            }
            None => {
                problem = problem.with_hint(labels(format!("add `{closing}`"), format!("请补上 `{closing}`")));
                let end = before.map_or_else(|| self.line_end(at), |before| before.min(self.line_end(at)));
                // Before a label, which stands in no bracket.
                let label = self.source.get(at..end).and_then(|rest| rest.find(" \"")).map(|length| at + length);
                self.blank_or_fill(at, label.unwrap_or(end), closing);
            }
        }
        self.problems.put(problem);
    }

    /// A blank that can be overwritten, before the first later line that is not indented deeper than the
    /// bracket's line.
    fn missing_place(&self, at: usize) -> Option<usize> {
        let line_start = self.source.get(..at)?.rfind('\n').map_or(0, |index| index + 1);
        let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
        let own = indent(self.source.get(line_start..)?);
        let mut start = self.line_end(at) + 1;
        while let Some(rest) = self.source.get(start..).filter(|rest| !rest.is_empty()) {
            let line = rest.split('\n').next()?;
            let text = line.trim();
            if !text.is_empty() && !text.starts_with("//") && indent(line) <= own {
                if indent(line) > 0 {
                    return Some(start);
                }
                // The blank line before, whose line break can go.
                let blank = self.source.get(..start)?.ends_with("\n\n");
                return blank.then(|| start - 1);
            }
            start += line.len() + 1;
        }
        None
    }

    fn blank_or_fill(&mut self, at: usize, end: usize, closing: &str) {
        if self.bytes.get(end).is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.fill(end..end + 1, closing);
        } else {
            self.fill(at..at + 1, " ");
        }
    }

    /// The bracket that a full-width one is meant to be, and any other character as it is.
    fn bracket(&mut self, at: usize, found: char) -> char {
        match found {
            '｛' | '｝' | '（' | '）' | '【' | '】' => {
                self.wide(at, found);
                self.bytes.get(at).map_or(found, |byte| char::from(*byte))
            }
            _ => found,
        }
    }

    fn wide(&mut self, at: usize, found: char) {
        if let Some((_, plain)) = WIDE.iter().find(|(wide, _)| *wide == found) {
            self.instead(at, found, plain);
        }
        let blank = match found {
            '\u{3000}' => labels("this is a full-width blank", "这里有一个全角空格"),
            '\u{a0}' => labels("this is a blank at which no line breaks", "这里有一个不间断空格"),
            _ => return,
        };
        let hint = labels("write a plain blank", "请改用普通的半角空格");
        self.put_over(at, found, " ", Problem::error(Code::FullWidth, at..at, blank).with_hint(hint));
    }

    /// A mark of the wrong width.
    fn instead(&mut self, at: usize, found: char, plain: &str) {
        let message = labels(format!("`{found}` is a full-width mark"), format!("`{found}` 是全角符号"));
        let hint = labels(format!("write `{plain}`"), format!("请改用半角 `{plain}`"));
        self.put_over(at, found, plain, Problem::error(Code::FullWidth, at..at, message).with_hint(hint));
    }

    /// A mark that the language does not have.
    fn foreign(&mut self, at: usize, found: char) {
        if found == '≠' {
            // Reported like `!=`, by who reads comparisons.
            self.fill(at..at + found.len_utf8(), "!=");
        }
        let Some((_, meant)) = FOREIGN.iter().find(|(foreign, _)| *foreign == found) else { return };
        let hint = match *meant {
            "" => labels("take it out; a line needs no mark at its end", "请删去；行末不用标点"),
            meant => labels(format!("write `{meant}`"), format!("请写作 `{meant}`")),
        };
        self.put_over(at, found, meant, not_a_mark(&found.to_string(), at).with_hint(hint));
    }

    /// A text between quotes that are not the language's.
    fn strange_quotes(&mut self, start: usize, open: char, close: char) -> usize {
        let begin = start + open.len_utf8();
        let line = self.source.get(begin..self.line_end(start)).unwrap_or_default();
        let end = line.find([close, '"']).map(|length| begin + length);
        match open {
            '\'' => {
                let hint = labels("write `\"`", "请写作 `\"`");
                self.put_over(start, open, "\"", not_a_mark("'", start).with_hint(hint));
            }
            _ => self.instead(start, open, "\""),
        }
        match end.and_then(|end| Some((end, self.char_at(end)?))) {
            Some((end, '"')) => end + 1,
            Some((end, close)) => {
                self.fill(end..end + close.len_utf8(), "\"");
                end + close.len_utf8()
            }
            None => begin,
        }
    }

    /// A comment as other languages begin one.
    fn comment(&mut self, at: usize, begun: &str) -> usize {
        let end = self.line_end(at);
        let hint = labels("a comment begins with `//`", "注释以 `//` 开头");
        let mut problem = not_a_mark(begun, at).with_hint(hint);
        problem.span = at..at + begun.len();
        self.problems.put(problem);
        self.fill(at..end, "");
        end
    }

    /// Reports a character, and puts another in its place.
    fn put_over(&mut self, at: usize, found: char, with: &str, problem: Problem) {
        let span = at..at + found.len_utf8();
        self.problems.put(Problem { span: span.clone(), ..problem });
        self.fill(span, with);
    }

    fn fill(&mut self, span: Range<usize>, with: &str) {
        for (offset, place) in span.enumerate() {
            if let Some(byte) = self.bytes.get_mut(place) {
                *byte = with.as_bytes().get(offset).copied().unwrap_or(b' ');
            }
        }
    }
}

/// Whether the scan stands in the body of a rule, which is another language.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RuleBody {
    No,
    Ahead,
    Inside,
}
