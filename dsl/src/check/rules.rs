//! Rules in rhai: compiled here, so that no definition is stored with a rule that does not.

use engine::rules::{Parameter, Rule, RuleBook};
use engine::value::FieldType;

use super::{Checker, name};
use crate::problem::{Code, Problem, labels};
use crate::tree::RuleText;

impl Checker<'_> {
    pub(super) fn rules(&self) -> Vec<Rule> {
        let rules: Vec<Rule> = self.file.rules.iter().take(super::RULES_MAX).map(|rule| self.rule(rule)).collect();
        for (rule, written) in rules.iter().zip(&self.file.rules) {
            if let Err(error) = RuleBook::compile(std::slice::from_ref(rule)) {
                let span = self.span_of(error.line, error.column, written);
                let message = labels(
                    format!("rule `{}` does not compile: {}", rule.name, error.message),
                    format!("规则 `{}` 无法编译：{}", rule.name, error.message),
                );
                self.report(Problem::error(Code::RuleText, span, message));
            }
        }
        rules
    }

    fn rule(&self, rule: &RuleText) -> Rule {
        let inputs = match self.names.functions.get(&rule.name.text) {
            Some(function) => function.inputs.clone(),
            None => Vec::new(),
        };
        let any = FieldType::Text { max: u32::MAX };
        Rule {
            name: name(&rule.name),
            inputs: inputs
                .into_iter()
                .map(|(input, holds)| Parameter { name: name(&input), holds: holds.unwrap_or_else(|| any.clone()) })
                .collect(),
            gives: self.holds(&rule.gives, &self.names),
            body: rule.body.text.clone(),
            line: self.line(&rule.body.span),
        }
    }

    /// The place of a line and column of the file; the rule's body where it is not known.
    fn span_of(&self, line: u32, column: u32, rule: &RuleText) -> std::ops::Range<usize> {
        let body = &rule.body.span;
        let first = self.line(body);
        let start = match line.checked_sub(first) {
            Some(0) => body.start,
            Some(lines) => {
                let skipped = rule.body.text.split_inclusive('\n').take(lines as usize).map(str::len).sum::<usize>();
                body.start + skipped
            }
            None => return rule.name.span.clone(),
        };
        let text = self.source.get(start..body.end).unwrap_or_default();
        let line = text.split('\n').next().unwrap_or_default();
        let offset = line.char_indices().nth(column.saturating_sub(1) as usize).map_or(line.len(), |(index, _)| index);
        let start = start + offset;
        let rest = self.source.get(start..body.end).unwrap_or_default();
        let word = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let length = word.max(rest.chars().next().map_or(0, char::len_utf8));
        start..start + length
    }
}
