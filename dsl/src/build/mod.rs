//! Nodes to the parsed tree. The grammar promises what a node has; where a promise is not kept by a broken
//! statement, what is missing stays empty and was reported.

mod example;
mod flow;
mod process;
mod term;

use std::collections::BTreeSet;

use crate::parse::{Node, Rule, syntax_problem};
use crate::problem::{Code, Problem, labels};
use crate::tree::{File, Holds, Notice, Parameter, RuleText, Tags, Text, Word};

/// The most terms of one expression; deeper trees would endanger the stack.
pub(crate) const TERMS_MAX: usize = 200;

/// What a file's nodes were built into.
pub(crate) struct Built {
    pub(crate) file: File,
    pub(crate) problems: Vec<Problem>,
    /// Words in broken statements: names that may have been declared there are not reported as unknown.
    pub(crate) doubtful: BTreeSet<String>,
}

pub(crate) fn build(source: &str, root: &Node) -> Built {
    let mut builder = Builder { source, problems: Vec::new(), doubtful: BTreeSet::new() };
    let file = builder.file(root);
    builder.broken(root);
    Built { file, problems: builder.problems, doubtful: builder.doubtful }
}

pub(crate) struct Builder<'s> {
    source: &'s str,
    problems: Vec<Problem>,
    doubtful: BTreeSet<String>,
}

impl Builder<'_> {
    fn file(&mut self, root: &Node) -> File {
        let mut file = File::default();
        for node in &root.children {
            match node.rule {
                Rule::process => file.processes.push(self.process(node)),
                Rule::rule_ => file.rules.push(self.rule(node)),
                Rule::notice => file.notices.push(self.notice(node)),
                Rule::background => file.backgrounds.push(self.background(node)),
                Rule::example => file.examples.push(self.example(node)),
                _ => {}
            }
        }
        file
    }

    /// Reports the broken statements below a node.
    fn broken(&mut self, node: &Node) {
        for child in &node.children {
            match child.rule {
                Rule::bad_top
                | Rule::bad_item
                | Rule::bad_flow
                | Rule::bad_task
                | Rule::bad_clock
                | Rule::bad_race
                | Rule::bad_example
                | Rule::bad_line => {
                    self.problems.push(syntax_problem(self.source, child, node.rule));
                    let text = self.source.get(child.span.clone()).unwrap_or_default();
                    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
                    self.doubtful.extend(words.filter(|word| !word.is_empty()).map(str::to_owned));
                }
                _ => self.broken(child),
            }
        }
    }

    fn rule(&mut self, node: &Node) -> RuleText {
        let body = node.child(Rule::body).map_or(0..0, |body| body.span.clone());
        let inside = (body.start + 1).min(body.end)..body.end.saturating_sub(1).max(body.start);
        RuleText {
            name: self.name(node),
            inputs: self.parameters(node),
            gives: self.gives(node).unwrap_or_else(|| Holds::Plain(Word::default(), None)),
            body: Text { text: self.source.get(inside.clone()).unwrap_or_default().to_owned(), span: inside },
        }
    }

    fn notice(&mut self, node: &Node) -> Notice {
        Notice { name: self.name(node), tags: self.tags(node).unwrap_or_default() }
    }

    // --- small pieces

    /// The text that a node covers.
    fn slice(&self, node: &Node) -> &str {
        self.source.get(node.span.clone()).unwrap_or_default()
    }

    fn word(&self, node: &Node) -> Word {
        Word { text: self.slice(node).to_owned(), span: node.span.clone() }
    }

    /// The first name of a statement.
    fn name(&self, node: &Node) -> Word {
        self.nth_name(node, 0)
    }

    fn nth_name(&self, node: &Node, index: usize) -> Word {
        let named = node.children(Rule::name).nth(index);
        named.map_or_else(|| Word { text: String::new(), span: node.span.clone() }, |name| self.word(name))
    }

    fn names(&self, node: &Node) -> Vec<Word> {
        node.children(Rule::name).map(|name| self.word(name)).collect()
    }

    /// A text without its quotes and escapes.
    fn text(&self, node: &Node) -> Text {
        let raw = self.slice(node);
        let inner = raw.strip_prefix('"').unwrap_or(raw);
        let inner = inner.strip_suffix('"').unwrap_or(inner);
        let mut text = String::with_capacity(inner.len());
        let mut chars = inner.chars();
        while let Some(next) = chars.next() {
            match (next, next == '\\') {
                (_, true) => match chars.next() {
                    Some('n') => text.push('\n'),
                    Some(other) => text.push(other),
                    None => {}
                },
                (plain, false) => text.push(plain),
            }
        }
        Text { text, span: node.span.clone() }
    }

    fn string(&self, node: &Node) -> Text {
        node.child(Rule::string).map(|string| self.text(string)).unwrap_or_default()
    }

    fn tags(&self, node: &Node) -> Option<Tags> {
        node.child(Rule::labels).map(|tags| self.tags_of(tags))
    }

    fn tags_of(&self, node: &Node) -> Tags {
        let mut tags = Tags { span: node.span.clone(), ..Tags::default() };
        let mut chinese = false;
        for child in &node.children {
            match child.rule {
                Rule::k_zh => chinese = true,
                Rule::string if chinese => tags.zh = Some(self.text(child)),
                Rule::string => tags.en = Some(self.text(child)),
                _ => {}
            }
        }
        tags
    }

    fn integer(&mut self, node: &Node) -> u32 {
        let Some(digits) = node.child(Rule::integer) else { return 0 };
        match self.slice(digits).parse::<u32>() {
            Ok(number) if number <= 1_000_000 => number,
            _ => {
                let message = labels("this number is too large", "数字过大");
                self.problems.push(Problem::error(Code::Unreadable, digits.span.clone(), message));
                1
            }
        }
    }

    fn parameters(&mut self, node: &Node) -> Vec<Parameter> {
        let found: Vec<&Node> = node.children(Rule::parameter).collect();
        found
            .into_iter()
            .map(|parameter| Parameter {
                name: self.name(parameter),
                holds: parameter.child(Rule::holds).map(|holds| self.holds(holds)),
            })
            .collect()
    }

    fn gives(&mut self, node: &Node) -> Option<Holds> {
        let holds = node.child(Rule::gives)?.child(Rule::holds)?;
        Some(self.holds(holds))
    }
}
