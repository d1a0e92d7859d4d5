//! Measures in words.

use engine::definition::{Figure, Goal, Measure, Period, Quantity};
use engine::value::Value;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::words::Words;

/// What is measured over the records.
pub(super) fn measures(words: &Words<'_>, lines: &mut Vec<String>) {
    if words.parts.measures.is_empty() {
        return;
    }
    lines.push(String::new());
    lines.push(words.pick("## What is measured".into(), "## 指标".into()));
    lines.push(String::new());
    for measure in &words.parts.measures {
        let (name, line) = (words.label(&measure.labels), words.measure_line(measure));
        lines.push(words.pick(format!("- {name}: {line}."), format!("- {name}：{line}。")));
    }
}

impl Words<'_> {
    /// What a measure says, but for its name.
    pub(crate) fn measure_line(&self, measure: &Measure) -> String {
        let mut said = vec![self.measured(measure)];
        let mut by: Vec<String> = measure.by.iter().map(|field| self.field(field)).collect();
        by.extend(measure.period.map(|period| self.period(period)));
        if !by.is_empty() {
            let by = self.all_of(&by);
            said.push(self.pick(format!("by {by}"), format!("按{by}划分")));
        }
        if let Some(goal) = &measure.target {
            said.push(self.goal(measure, goal));
        }
        self.pick(said.join(", "), said.join("，"))
    }

    /// What is counted, of which records.
    pub(super) fn measured(&self, measure: &Measure) -> String {
        let figure = self.figure(measure);
        let Some(when) = measure.when.as_ref().map(|when| self.expr(when)) else { return figure };
        self.pick(format!("{figure}, where {when}"), format!("{figure}，条件：{when}"))
    }

    fn figure(&self, measure: &Measure) -> String {
        let subject = measure.subject.as_ref().map(|subject| self.expr(subject));
        match (measure.figure, subject) {
            (Figure::Count, None) => self.pick("how many records".into(), "记录数".into()),
            (Figure::Count, Some(of)) => {
                self.pick(format!("how many records where {of}"), format!("满足“{of}”的记录数"))
            }
            (Figure::Share, Some(of)) => {
                self.pick(format!("the share of records where {of}"), format!("满足“{of}”的记录占比"))
            }
            (figure, of) => {
                let of = of.unwrap_or_default();
                let (en, zh) = match figure {
                    Figure::Count | Figure::Sum | Figure::Share => ("the sum", "合计"),
                    Figure::Mean => ("the mean", "平均值"),
                    Figure::Median => ("the median", "中位数"),
                    Figure::Min => ("the least", "最小值"),
                    Figure::Max => ("the greatest", "最大值"),
                };
                self.pick(format!("{en} of {of}"), format!("{of}的{zh}"))
            }
        }
    }

    fn period(&self, period: Period) -> String {
        let (en, zh) = match period {
            Period::Day => ("day", "日"),
            Period::Week => ("week", "周"),
            Period::Month => ("month", "月"),
            Period::Quarter => ("quarter", "季度"),
            Period::Year => ("year", "年"),
        };
        self.pick(en.to_owned(), zh.to_owned())
    }

    fn goal(&self, measure: &Measure, goal: &Goal) -> String {
        let figure = match (measure.figure, measure.quantity) {
            (Figure::Share, _) => format!("{} %", (goal.figure * Decimal::ONE_HUNDRED).normalize()),
            (_, Quantity::Duration) => self.value(&Value::Duration(goal.figure.to_i64().unwrap_or(i64::MAX))),
            (_, Quantity::Number | Quantity::Money) => goal.figure.normalize().to_string(),
        };
        let operator = goal.operator.symbol();
        match (&goal.value, measure.by.first()) {
            (Some(value), Some(field)) => {
                let value = self.choice(field, value);
                self.pick(
                    format!("target for {value} {operator} {figure}"),
                    format!("{value}的目标 {operator} {figure}"),
                )
            }
            _ => self.pick(format!("target {operator} {figure}"), format!("目标 {operator} {figure}")),
        }
    }
}
