//! Clocks and reactions.

use engine::definition::{Clock, Parts, Reaction, Target, Threshold};
use engine::expr::{Expr, Operator};
use engine::ids::Name;
use engine::value::{FieldType, Value};

use super::flow::Flow;
use super::names::StepSort;
use super::types::Type;
use super::{Checker, name};
use crate::problem::{Code, Problem, labels};
use crate::tree::{ClockText, Item, Process, Whenever, Word};

/// The furthest mark of a clock, in percent of its target.
const PERCENT_MAX: u32 = 1_000;

impl Checker<'_> {
    pub(super) fn clocks(&self, process: &Process, parts: &mut Parts, flow: &Flow) {
        let clocks = || {
            process.items.iter().filter_map(|item| match item {
                Item::Clock(clock) => Some(clock),
                _ => None,
            })
        };
        self.unique(clocks().map(|clock| &clock.name), ("clock", "时钟"));
        parts.clocks = clocks().map(|clock| self.clock(clock, process, flow)).collect();
        parts.reactions = process
            .items
            .iter()
            .filter_map(|item| match item {
                Item::Whenever(whenever) => Some(self.whenever(whenever)),
                _ => None,
            })
            .collect();
    }

    fn clock(&self, clock: &ClockText, process: &Process, flow: &Flow) -> Clock {
        let until = match &clock.until {
            Some(word) => {
                if !matches!(self.names.steps.get(&word.text), Some((StepSort::Milestone, _))) {
                    let known = self.names.step_names(StepSort::Milestone);
                    self.unknown(Code::UnknownMilestone, word, ("milestone", "里程碑"), known);
                }
                name(word)
            }
            None => self.clock_lacks(clock, "runs from start until resolved"),
        };
        let hours = match &clock.hours {
            Some(term) => {
                let hours = self.calendar(term);
                let sure = self.ever_sure(process);
                for read in super::record::needed(&hours).iter().filter(|read| !sure.contains(read.as_str())) {
                    if self.names.field(read.as_str()).is_some() {
                        self.too_early(read.as_str(), labels("the clock", "时钟"), &term.span);
                    }
                }
                hours
            }
            None => {
                self.clock_lacks(clock, "hours service.calendar");
                Expr::Literal(Value::Nothing)
            }
        };
        let (by, targets) = match &clock.target {
            Some((field, rows)) => (name(field), self.targets(clock, field, rows, process)),
            None => (self.clock_lacks(clock, "target by priority { … }"), Vec::new()),
        };
        Clock {
            name: name(&clock.name),
            labels: self.tags(clock.tags.as_ref(), &clock.name, ("clock", "时钟")),
            until,
            pauses_in: clock.pauses.iter().map(|word| self.pause(word, flow)).collect(),
            resumes_on: clock.resumes.iter().map(|word| self.resume(word)).collect(),
            by,
            targets,
            hours,
            thresholds: self.thresholds(clock),
        }
    }

    fn clock_lacks(&self, clock: &ClockText, part: &str) -> Name {
        if self.doubtful.is_empty() {
            let word = part.split(' ').next().unwrap_or(part);
            let message = labels(
                format!("clock `{}` has no `{word}`", clock.name.text),
                format!("时钟 `{}` 缺少 `{word}`", clock.name.text),
            );
            let hint = labels(format!("add a line such as `{part}`"), format!("请加上一行，例如 `{part}`"));
            self.report(Problem::error(Code::MissingPart, clock.name.span.clone(), message).with_hint(hint));
        }
        Name::from("")
    }

    fn pause(&self, word: &Word, flow: &Flow) -> Name {
        if !flow.steps.iter().any(|made| made.step.name == *word.text) {
            let known = self.names.steps.keys().map(String::as_str);
            self.unknown(Code::UnknownStep, word, ("step", "步骤"), known);
        }
        name(word)
    }

    fn resume(&self, word: &Word) -> Name {
        if !self.names.outcomes.contains(&word.text) {
            let known = self.names.outcomes.iter().map(String::as_str);
            self.unknown(Code::UnknownOutcome, word, ("outcome", "结果"), known);
        }
        name(word)
    }

    fn targets(
        &self,
        clock: &ClockText,
        field: &Word,
        rows: &[(Word, engine::time::Span)],
        process: &Process,
    ) -> Vec<Target> {
        self.unique(rows.iter().map(|(value, _)| value), ("target", "目标"));
        match self.names.field(&field.text) {
            None => self.unknown(Code::UnknownField, field, ("field", "字段"), self.names.field_names()),
            Some(found) => match &found.holds {
                FieldType::Choice(choices) => {
                    if !self.ever_sure(process).contains(&field.text) {
                        self.too_early(&field.text, labels("the clock", "时钟"), &field.span);
                    }
                    for (value, _) in rows {
                        if !choices.iter().any(|choice| choice.name == *value.text) {
                            let known = choices.iter().map(|choice| choice.name.as_str());
                            self.unknown(Code::UnknownChoice, value, ("choice", "选项"), known);
                        }
                    }
                    let strange = |(value, _): &(Word, _)| !choices.iter().any(|choice| choice.name == *value.text);
                    if rows.iter().any(strange) {
                        return Vec::new();
                    }
                    for choice in choices {
                        let found = rows.iter().any(|(value, _)| choice.name == *value.text);
                        if !found && !self.doubtful.contains(choice.name.as_str()) {
                            self.no_target(clock, field, choice.name.as_str());
                        }
                    }
                }
                _ => {
                    let message = labels(
                        format!("`{}` is not a choice, so no targets can depend on it", field.text),
                        format!("`{}` 不是选项字段，不能按它设目标", field.text),
                    );
                    let hint = labels("name a field of choices", "请写一个选项字段的名称");
                    self.report(Problem::error(Code::TargetField, field.span.clone(), message).with_hint(hint));
                }
            },
        }
        rows.iter().map(|(value, span)| Target { value: name(value), span: *span }).collect()
    }

    fn no_target(&self, clock: &ClockText, field: &Word, choice: &str) {
        let message = labels(
            format!("clock `{}` has no target for `{choice}`", clock.name.text),
            format!("时钟 `{}` 没有 `{choice}` 的目标", clock.name.text),
        );
        let hint = labels(
            format!("add a line such as `{choice} 4 working hours`"),
            format!("请加上一行，例如 `{choice} 4 working hours`"),
        );
        self.report(Problem::error(Code::MissingTarget, field.span.clone(), message).with_hint(hint));
    }

    fn thresholds(&self, clock: &ClockText) -> Vec<Threshold> {
        let mut found: Vec<Threshold> = Vec::new();
        for (percent, span, deeds) in &clock.thresholds {
            if *percent == 0 || *percent > PERCENT_MAX {
                let message = labels(
                    format!("a mark lies between 1% and {PERCENT_MAX}%"),
                    format!("百分比须在 1% 与 {PERCENT_MAX}% 之间"),
                );
                let hint = labels("100% is the end of the target", "100% 即到达目标时限");
                self.report(Problem::error(Code::Unreadable, span.clone(), message).with_hint(hint));
            }
            let percent = u16::try_from(*percent).unwrap_or(u16::MAX);
            let actions = self.actions(deeds);
            match found.iter_mut().find(|held| held.percent == percent) {
                Some(held) => held.actions.extend(actions),
                None => found.push(Threshold { percent, actions }),
            }
        }
        found.sort_by_key(|mark| mark.percent);
        found
    }

    fn whenever(&self, whenever: &Whenever) -> Reaction {
        let actions = self.actions(&whenever.actions);
        let becomes = match &whenever.becomes.kind {
            crate::tree::TermKind::Truth(true) => self.expr(&whenever.subject, &Type::Bool),
            _ => {
                let (left, of) = self.infer(&whenever.subject, None);
                let right = self.expr(&whenever.becomes, &of);
                Expr::Binary { operator: Operator::Is, left: Box::new(left), right: Box::new(right) }
            }
        };
        Reaction { becomes, actions }
    }
}
