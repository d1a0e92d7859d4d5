//! Rules in rhai: compiled here, so that no definition is stored with a rule that does not.

use engine::rules::{Parameter, Rule, RuleBook};
use engine::value::FieldType;

use super::{Checker, name};
use crate::nearest::nearest;
use crate::problem::{Code, Problem, labels, place};
use crate::tree::{Place, RuleText};

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
                let mut problem = Problem::error(Code::RuleText, span.clone(), message);
                problem.hint = self
                    .meant(&span, written)
                    .map(|close| labels(format!("did you mean `{close}`?"), format!("是否想写 `{close}`？")));
                self.report(problem);
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
        let (line, column) = place(self.source, rule.body.span.start);
        Rule {
            name: name(&rule.name),
            inputs: inputs
                .into_iter()
                .map(|(input, holds)| Parameter { name: name(&input), holds: holds.unwrap_or_else(|| any.clone()) })
                .collect(),
            gives: self.holds(&rule.gives, &self.names),
            body: rule.body.text.clone(),
            line,
            column,
        }
    }

    /// The closest to a word of a rule among what the rule names elsewhere and what every rule can call.
    fn meant(&self, span: &Place, rule: &RuleText) -> Option<String> {
        let written = self.source.get(span.clone())?;
        let named = rule.body.text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        let inputs = rule.inputs.iter().map(|input| input.name.text.as_str());
        let functions: Vec<&str> = engine::rules::functions().collect();
        let known = inputs.chain(named).chain(functions).filter(|word| !word.is_empty());
        nearest(written, known.filter(|word| *word != written)).map(str::to_owned)
    }

    /// The word at a line and column of the file; the rule's name where the column is not known.
    fn span_of(&self, line: u32, column: u32, rule: &RuleText) -> Place {
        if column == 0 {
            return rule.name.span.clone();
        }
        let start = self.lines.start(line.saturating_sub(1) as usize);
        let rest = self.source.get(start..rule.body.span.end).unwrap_or_default();
        let start = rest.char_indices().nth(column as usize - 1).map_or(rule.body.span.end, |(at, _)| start + at);
        let rest = self.source.get(start..rule.body.span.end).unwrap_or_default();
        let word = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let length = word.max(rest.chars().next().map_or(0, char::len_utf8));
        start..start + length
    }
}
