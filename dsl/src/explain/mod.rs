//! A process as plain sentences, in either language, from the checked definition alone.

mod flow;
mod measures;
mod says;
mod starts;
mod words;

use engine::definition::{Keep, Labels, Measure, Parts};

use crate::Language;
use crate::diagram::capital;
pub(crate) use flow::{approval_line, reminder_line};
pub(crate) use words::Words;

/// The process in plain sentences: what the record holds, how it is decided, who does what, which clocks run.
/// Headings begin with `# ` or `## `, list items with `- `.
pub fn explain(parts: &Parts, language: Language) -> String {
    let words = Words { parts, language };
    let mut lines = Vec::new();
    head(&words, &mut lines);
    record(&words, &mut lines);
    tables(&words, &mut lines);
    flow::steps(&words, &mut lines);
    clocks(&words, &mut lines);
    reactions(&words, &mut lines);
    measures::measures(&words, &mut lines);
    later(&words, &mut lines);
    let mut text = lines.join("\n");
    text.push('\n');
    match language {
        Language::En => text,
        Language::Zh => spaced(&text),
    }
}

/// A blank between Chinese and Latin letters or digits that stand side by side, as Chinese is set.
fn spaced(text: &str) -> String {
    let chinese = |letter: char| ('\u{4e00}'..='\u{9fff}').contains(&letter);
    let mut set = String::with_capacity(text.len());
    for letter in text.chars() {
        let before = set.chars().next_back().unwrap_or('\n');
        let beside =
            (chinese(before) && letter.is_ascii_alphanumeric()) || (before.is_ascii_alphanumeric() && chinese(letter));
        if beside {
            set.push(' ');
        }
        set.push(letter);
    }
    set
}

/// What a measure counts, of which records, as a sentence without its end.
pub fn measured(parts: &Parts, measure: &Measure, language: Language) -> String {
    let said = Words { parts, language }.measured(measure);
    match language {
        Language::En => capital(&said),
        Language::Zh => spaced(&said),
    }
}

fn head(words: &Words<'_>, lines: &mut Vec<String>) {
    let parts = words.parts;
    lines.push(format!("# {}", words.label(&parts.labels)));
    if !parts.purpose.is_empty() {
        lines.push(String::new());
        lines.push(parts.purpose.trim().to_owned());
    }
    lines.push(String::new());
    let owner = words.role(&parts.owner);
    lines.push(words.pick(format!("The {owner} answers for this process."), format!("本流程由{owner}负责。")));
    if !parts.clauses.is_empty() {
        let clauses: Vec<String> =
            parts.clauses.iter().map(|clause| format!("{} {}", clause.edition, clause.number)).collect();
        let clauses = words.list(&clauses);
        lines.push(words.pick(format!("It answers the clauses {clauses}."), format!("对应条款：{clauses}。")));
    }
    let number = &parts.number;
    lines.push(words.pick(format!("Its records are numbered {number}."), format!("记录编号格式为 {number}。")));
    if let Some(keep) = parts.keep {
        lines.push(words.pick(
            format!("A record is removed {} after its end.", kept(keep).en),
            format!("记录结束{}后删除。", kept(keep).zh),
        ));
    }
    let seen = words.people(&parts.seen_by);
    lines.push(words.pick(format!("A record is seen by {seen}."), format!("记录对{seen}可见。")));
}

/// A time to keep, in years where it is whole years.
pub(crate) fn kept(keep: Keep) -> Labels {
    let (amount, unit, zh) = if keep.months.is_multiple_of(12) {
        (keep.months / 12, "year", "年")
    } else {
        (keep.months, "month", "个月")
    };
    let many = if amount == 1 { "" } else { "s" };
    Labels { en: format!("{amount} {unit}{many}"), zh: format!(" {amount} {zh}") }
}

fn record(words: &Words<'_>, lines: &mut Vec<String>) {
    lines.push(String::new());
    lines.push(words.pick("## The record".into(), "## 记录".into()));
    lines.push(String::new());
    for field in &words.parts.fields {
        let (name, line) = (words.label(&field.labels), words.field_line(field));
        lines.push(words.pick(format!("- {name}: {line}."), format!("- {name}：{line}。")));
    }
}

fn tables(words: &Words<'_>, lines: &mut Vec<String>) {
    for table in &words.parts.tables {
        lines.push(String::new());
        let name = &table.name;
        lines.push(words.pick(format!("## How {name} is decided"), format!("## {name} 的判定")));
        lines.push(String::new());
        if let Some(together) = words.together(table.hit) {
            lines.extend([together, String::new()]);
        }
        lines.extend(words.rows(table).into_iter().map(|row| words.pick(format!("- {row}."), format!("- {row}。"))));
    }
}

fn clocks(words: &Words<'_>, lines: &mut Vec<String>) {
    for clock in &words.parts.clocks {
        let name = words.label(&clock.labels);
        let until = words.step(&clock.until);
        lines.push(String::new());
        lines.push(words.pick(format!("## The clock {name}"), format!("## 计时：{name}")));
        lines.push(String::new());
        lines.push(
            words.pick(
                format!("It runs from the start until {until} is reached."),
                format!("从开始计时，直到“{until}”。"),
            ),
        );
        if !clock.pauses_in.is_empty() {
            let places: Vec<String> = clock.pauses_in.iter().map(|step| words.step(step)).collect();
            let places = words.list(&places);
            lines.push(words.pick(format!("It stands still while in {places}."), format!("在“{places}”期间暂停。")));
        }
        if !clock.resumes_on.is_empty() {
            let outcomes: Vec<String> = clock.resumes_on.iter().map(|outcome| words.outcome(outcome)).collect();
            let outcomes = words.list(&outcomes);
            lines.push(words.pick(format!("It runs again on {outcomes}."), format!("“{outcomes}”后继续计时。")));
        }
        for target in &clock.targets {
            let value = words.choice(&clock.by, &target.value);
            let span = words.span(&target.span);
            lines.push(words.pick(format!("- {value}: {span}."), format!("- {value}：{span}。")));
        }
        for threshold in &clock.thresholds {
            let actions = words.actions(&threshold.actions);
            let percent = threshold.percent;
            lines.push(words.pick(format!("- At {percent} %: {actions}."), format!("- 达到 {percent}%：{actions}。")));
        }
    }
}

/// What is said beside the steps and not done yet.
fn later(words: &Words<'_>, lines: &mut Vec<String>) {
    if words.parts.later.is_empty() {
        return;
    }
    lines.push(String::new());
    lines.push(words.pick("## Besides".into(), "## 此外".into()));
    lines.push(String::new());
    for later in &words.parts.later {
        let says = words.label(&later.says);
        lines.push(words.pick(format!("- {says}."), format!("- {says}。")));
    }
}

fn reactions(words: &Words<'_>, lines: &mut Vec<String>) {
    if words.parts.reactions.is_empty() {
        return;
    }
    lines.push(String::new());
    lines.push(words.pick("## At any time".into(), "## 任何时候".into()));
    lines.push(String::new());
    for reaction in &words.parts.reactions {
        let becomes = words.expr(&reaction.becomes);
        let actions = words.actions(&reaction.actions);
        lines.push(words.pick(format!("- As soon as {becomes}: {actions}."), format!("- 一旦{becomes}：{actions}。")));
    }
}
