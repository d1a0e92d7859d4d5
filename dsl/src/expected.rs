//! What may stand where, in the words of the language's user: for syntax errors.

use engine::definition::Labels;

use crate::nearest::nearest;
use crate::parse::Rule;
use crate::problem::labels;

/// The most alternatives that one message lists.
const LISTED_MAX: usize = 5;

/// The word at the beginning of a text, or `->`.
pub(crate) fn first_word(text: &str) -> &str {
    let length = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    match length {
        0 if text.starts_with("->") => "->",
        _ => text.get(..length).unwrap_or_default(),
    }
}

/// How statements begin in the list where a broken one stands, with the rule of each. An empty beginning takes
/// every word.
pub(crate) fn statements(bad: Rule, within: Rule) -> Vec<(&'static str, Rule)> {
    match bad {
        Rule::bad_top => vec![
            ("process", Rule::process),
            ("rule", Rule::rule_),
            ("notice", Rule::notice),
            ("background", Rule::background),
            ("example", Rule::example),
        ],
        Rule::bad_item => [ITEMS, FLOW].concat(),
        Rule::bad_flow => FLOW.to_vec(),
        Rule::bad_task => vec![("asks", Rule::asks), ("outcome", Rule::outcome)],
        Rule::bad_clock => vec![
            ("runs", Rule::runs),
            ("pauses", Rule::pauses),
            ("resumes", Rule::resumes),
            ("target", Rule::target),
            ("hours", Rule::hours),
            ("at", Rule::threshold),
        ],
        Rule::bad_race => {
            vec![("task", Rule::task), ("on", Rule::receive), ("after", Rule::timer), ("way", Rule::way)]
        }
        Rule::bad_example => vec![("given", Rule::given), ("when", Rule::when), ("then", Rule::then_)],
        _ => vec![("", line_of(within))],
    }
}

const ITEMS: &[(&str, Rule)] = &[
    ("clauses", Rule::clauses),
    ("owner", Rule::owner),
    ("number", Rule::number),
    ("title", Rule::title),
    ("seen", Rule::seen),
    ("edited", Rule::edited),
    ("hours", Rule::hours),
    ("choices", Rule::choices),
    ("record", Rule::record),
    ("decide", Rule::decide),
    ("clock", Rule::clock),
    ("start", Rule::start),
    ("whenever", Rule::whenever),
    ("aside", Rule::aside),
];

const FLOW: &[(&str, Rule)] = &[
    ("task", Rule::task),
    ("milestone", Rule::milestone),
    ("race", Rule::race),
    ("on", Rule::receive),
    ("after", Rule::timer),
    ("if", Rule::choose),
    ("set", Rule::set),
    ("notify", Rule::notify),
    ("escalate", Rule::escalate),
    ("end", Rule::end),
    ("->", Rule::go),
];

fn line_of(within: Rule) -> Rule {
    match within {
        Rule::choices => Rule::choice,
        Rule::rows => Rule::row,
        Rule::target => Rule::allowance,
        _ => Rule::field,
    }
}

/// The alternatives in words; empty where none of them has a name.
pub(crate) fn described(rules: &[Rule]) -> Labels {
    let mut seen: Vec<Labels> = Vec::new();
    for rule in rules {
        if let Some(one) = word(*rule).filter(|one| !seen.contains(one)) {
            seen.push(one);
        }
    }
    seen.truncate(LISTED_MAX);
    let en: Vec<&str> = seen.iter().map(|one| one.en.as_str()).collect();
    let zh: Vec<&str> = seen.iter().map(|one| one.zh.as_str()).collect();
    let en = match en.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => en.join(""),
    };
    labels(en, zh.join(" 或 "))
}

/// The keyword that was probably meant.
pub(crate) fn hint(rules: &[Rule], found: &str) -> Option<Labels> {
    let words: Vec<String> = rules.iter().filter_map(|rule| keyword(*rule)).collect();
    let close = nearest(found, words.iter().map(String::as_str))?;
    Some(labels(format!("did you mean `{close}`?"), format!("是否想写 `{close}`？")))
}

fn keyword(rule: Rule) -> Option<String> {
    format!("{rule:?}").strip_prefix("k_").map(str::to_owned)
}

fn word(rule: Rule) -> Option<Labels> {
    if let Some(word) = keyword(rule) {
        return Some(labels(format!("`{word}`"), format!(" `{word}` ")));
    }
    let mark = |mark: &str| Some(labels(format!("`{mark}`"), format!(" `{mark}` ")));
    match rule {
        Rule::p_open | Rule::flow | Rule::actions | Rule::rows | Rule::body => mark("{"),
        Rule::p_close => mark("}"),
        Rule::p_left => mark("("),
        Rule::p_right => mark(")"),
        Rule::p_comma => mark(","),
        Rule::p_colon => mark(":"),
        Rule::p_equals | Rule::default => mark("="),
        Rule::p_arrow | Rule::go | Rule::gives => mark("->"),
        Rule::p_gives => mark("=>"),
        Rule::p_bar => mark("|"),
        Rule::p_percent => mark("%"),
        Rule::p_square => mark("["),
        Rule::p_unsquare => mark("]"),
        Rule::then => mark("{"),
        Rule::for_ => mark("for"),
        Rule::asks => mark("asks"),
        Rule::with_template => mark("with"),
        Rule::name | Rule::ask | Rule::clause | Rule::parameter => Some(labels("a name", "名称")),
        Rule::string => Some(labels("a text in quotes", "带引号的文字")),
        Rule::labels => Some(labels("a label such as \"Name\" zh \"名称\"", "标签（如 \"Name\" zh \"名称\"）")),
        Rule::integer | Rule::decimal => Some(labels("a number", "数字")),
        Rule::unit => Some(labels("minutes, hours, days or weeks", "minutes、hours、days 或 weeks")),
        Rule::span => Some(labels("a length of time such as 4 working hours", "时长（如 4 working hours）")),
        Rule::instant => Some(labels("a date and time such as 2026-09-18 17:30", "日期和时间（如 2026-09-18 17:30）")),
        Rule::date => Some(labels("a date such as 2026-09-18", "日期（如 2026-09-18）")),
        Rule::holds => {
            Some(labels("a type such as text, number or ref service", "类型（如 text、number 或 ref service）"))
        }
        Rule::who => Some(labels("people, such as requester or role staff", "人员（如 requester 或 role staff）")),
        Rule::expr | Rule::path | Rule::primary | Rule::sum | Rule::comparison | Rule::negation => {
            Some(labels("an expression", "表达式"))
        }
        Rule::literal => Some(labels("a value", "值")),
        Rule::cell => Some(labels("a condition of the table", "决策表的条件")),
        Rule::goal => Some(labels("the name of a step", "步骤名称")),
        Rule::form => mark("with {"),
        Rule::EOI => Some(labels("the end of the file", "文件结尾")),
        _ => None,
    }
}
