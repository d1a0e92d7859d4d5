//! What may stand where, in the words of the language's user: for syntax errors.

use engine::definition::Labels;

use crate::problem::labels;

/// The most alternatives that one message lists.
const LISTED_MAX: usize = 5;

/// Something that a reader asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Keyword(&'static str),
    Mark(&'static str),
    Name,
    Text,
    Labels,
    Number,
    Whole,
    Length,
    Unit,
    Instant,
    Type,
    People,
    Expression,
    /// What an expression may go on with.
    Operator,
    Value,
    Condition,
    Policy,
    Step,
    RuleBody,
}

impl Wanted {
    /// The keyword, if it is one.
    pub(crate) fn keyword(self) -> Option<&'static str> {
        match self {
            Wanted::Keyword(word) => Some(word),
            _ => None,
        }
    }

    /// Whether another, wider one says it too.
    fn is_said_by(self, other: Wanted) -> bool {
        matches!(
            (self, other),
            (Wanted::Name, Wanted::Type | Wanted::People | Wanted::Step)
                | (Wanted::Value, Wanted::Condition)
                | (Wanted::Expression, Wanted::People)
                | (Wanted::Keyword("zh"), Wanted::Labels)
                | (Wanted::Number, Wanted::Length)
        )
    }

    fn described(self) -> Labels {
        match self {
            Wanted::Keyword(word) | Wanted::Mark(word) => labels(format!("`{word}`"), format!(" `{word}`")),
            Wanted::Name => labels("a name", "名称"),
            Wanted::Text => labels("a text in quotes", "带引号的文字"),
            Wanted::Labels => labels("a label such as \"Name\" zh \"名称\"", "标签（如 \"Name\" zh \"名称\"）"),
            Wanted::Number => labels("a number", "数字"),
            Wanted::Whole => labels("a whole number", "整数"),
            Wanted::Length => labels("a length of time such as 4 working hours", "时长（如 4 working hours）"),
            Wanted::Unit => labels("minutes, hours, days or weeks", " minutes、hours、days 或 weeks"),
            Wanted::Instant => labels("a date and time such as 2026-09-18 17:30", "日期和时间（如 2026-09-18 17:30）"),
            Wanted::Type => {
                labels("a type such as text, number or ref service", "类型（如 text、number 或 ref service）")
            }
            Wanted::People => labels("people, such as requester or role staff", "人员（如 requester 或 role staff）"),
            Wanted::Expression => labels("an expression", "表达式"),
            Wanted::Operator => labels("an operator such as `and`, `is` or `>=`", "运算符（如 `and`、`is` 或 `>=`）"),
            Wanted::Value => labels("a value", "值"),
            Wanted::Condition => labels("a condition of the table", "决策表的条件"),
            Wanted::Policy => {
                labels("a way to choose among rows (first, any, collect …)", "命中方式（first、any、collect 等）")
            }
            Wanted::Step => labels("the name of a step", "步骤名称"),
            Wanted::RuleBody => labels("the rule's text in { }", "用 { } 括起的规则正文"),
        }
    }
}

/// The marks and words by which an expression goes on; `*` is asked for behind every one.
const OPERATORS: &[Wanted] = &[
    Wanted::Mark("*"),
    Wanted::Mark("+"),
    Wanted::Mark("-"),
    Wanted::Keyword("and"),
    Wanted::Keyword("or"),
    Wanted::Keyword("is"),
    Wanted::Keyword("in"),
];

/// The alternatives in words; empty where nothing was asked for.
pub(crate) fn listed(wanted: &[Wanted]) -> Labels {
    let alone = |one: &&Wanted| !wanted.iter().any(|other| one.is_said_by(*other));
    let behind = wanted.contains(&Wanted::Mark("*"));
    let others = wanted.iter().filter(alone).filter(|one| !behind || !OPERATORS.contains(one));
    let operator = behind.then_some(&Wanted::Operator);
    let shown: Vec<Labels> = others.chain(operator).take(LISTED_MAX).map(|one| one.described()).collect();
    let en: Vec<&str> = shown.iter().map(|one| one.en.as_str()).collect();
    let zh: Vec<&str> = shown.iter().map(|one| one.zh.as_str()).collect();
    let en = match en.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => en.join(""),
    };
    let zh = match zh.split_last() {
        Some((last, rest)) if !rest.is_empty() => {
            let rest = rest.iter().map(|one| one.trim_start()).collect::<Vec<_>>().join("、");
            // A blank stands between Chinese and what is not.
            let lead = if zh.first().is_some_and(|first| first.starts_with(' ')) { " " } else { "" };
            let blank = if rest.ends_with(|last: char| last.is_ascii()) { " " } else { "" };
            format!("{lead}{rest}{blank}或{last}")
        }
        _ => zh.join(""),
    };
    labels(en, zh)
}
