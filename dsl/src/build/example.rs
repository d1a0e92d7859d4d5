//! Examples: what is given, what is done, what must hold then.

use super::Builder;
use crate::parse::{Node, Rule};
use crate::tree::{
    Background, ClaimText, ClockWord, ExampleText, Fact, Line, Term, TermKind, Text, WhenDeed, WhenText, Whom,
    WhomKind, Why,
};

impl Builder<'_> {
    pub(super) fn background(&mut self, node: &Node) -> Background {
        let facts = node.children(Rule::given).flat_map(|given| self.facts(given)).collect();
        Background { of: self.name(node), facts }
    }

    pub(super) fn example(&mut self, node: &Node) -> ExampleText {
        let mut lines = Vec::new();
        for child in &node.children {
            match child.rule {
                Rule::given => lines.extend(self.facts(child).into_iter().map(Line::Given)),
                Rule::when => {
                    if let Some(when) = child.children.last().and_then(|deed| self.when(deed)) {
                        lines.push(Line::When(child.span.clone(), when));
                    }
                }
                Rule::then_ => {
                    for claim in &child.children {
                        if let Some(found) = self.claim(claim) {
                            lines.push(Line::Then(claim.span.clone(), found));
                        }
                    }
                }
                _ => {}
            }
        }
        ExampleText { name: self.string(node), of: self.name(node), lines }
    }

    fn facts(&self, node: &Node) -> Vec<Fact> {
        node.children(Rule::fact).map(|fact| self.fact(fact)).collect()
    }

    fn fact(&self, node: &Node) -> Fact {
        Fact {
            span: node.span.clone(),
            kind: self.name(node),
            key: node.child(Rule::key).map(|key| self.key(key)),
            traits: node
                .children(Rule::trait_)
                .map(|one| (self.name(one), one.child(Rule::key).map(|key| self.key(key)).unwrap_or_default()))
                .collect(),
        }
    }

    fn key(&self, node: &Node) -> Text {
        match node.child(Rule::string) {
            Some(string) => self.text(string),
            None => self.name(node),
        }
    }

    fn when(&mut self, node: &Node) -> Option<WhenText> {
        let name = |index| self.nth_name(node, index);
        let deed = match node.rule {
            Rule::starts => {
                WhenDeed::Starts { by: name(0), on_behalf_of: node.children(Rule::name).nth(1).map(|n| self.word(n)) }
            }
            Rule::claims => WhenDeed::Claims { by: name(0), task: name(1) },
            Rule::releases => WhenDeed::Releases { by: name(0), task: name(1) },
            Rule::completes => WhenDeed::Completes { by: name(0), task: name(1), outcome: name(2) },
            Rule::sends => WhenDeed::Sends { by: name(0), message: name(1), text: self.string(node) },
            Rule::comments => WhenDeed::Comments { by: name(0), text: self.string(node) },
            Rule::edits => WhenDeed::Edits { by: name(0) },
            Rule::passes => WhenDeed::Passes(self.length(node)),
            Rule::becomes_time => WhenDeed::Becomes(self.instant(node)),
            _ => return None,
        };
        let form = match node.child(Rule::form) {
            Some(form) => self.each(form, Rule::entry, |builder, entry| {
                let broken = Term { span: entry.span.clone(), kind: TermKind::Broken };
                (builder.name(entry), builder.literal_in(entry).unwrap_or(broken))
            }),
            None => Vec::new(),
        };
        let because = node.child(Rule::because).map(|because| self.string(because));
        let at = node.child(Rule::at_time).map(|at| self.instant(at));
        Some(WhenText { deed, form, because, at })
    }

    fn instant(&self, node: &Node) -> Text {
        node.child(Rule::instant).map(|instant| self.word(instant)).unwrap_or_default()
    }

    fn claim(&mut self, node: &Node) -> Option<ClaimText> {
        let claim = match node.rule {
            Rule::task_claim => self.task_claim(node)?,
            Rule::clock_claim => self.clock_claim(node)?,
            Rule::record_claim => match node.child(Rule::name) {
                Some(outcome) => ClaimText::Ended { outcome: self.word(outcome) },
                None => ClaimText::Running,
            },
            Rule::refused => ClaimText::Refused { why: self.why(node) },
            Rule::time_claim => ClaimText::ItIs { at: self.instant(node) },
            Rule::told => ClaimText::Told {
                whom: node.child(Rule::whom).map(|whom| self.whom(whom)),
                not: node.has(Rule::k_not) || node.has(Rule::k_nobody),
                template: node.child(Rule::name).map(|name| self.word(name)),
            },
            Rule::holds_claim => ClaimText::Holds(node.child(Rule::comparison).map(|term| self.comparison(term))?),
            _ => return None,
        };
        Some(claim)
    }

    fn task_claim(&mut self, node: &Node) -> Option<ClaimText> {
        let task = self.name(node);
        let says = node.children.last()?;
        Some(match says.rule {
            Rule::task_open => ClaimText::TaskOpen { task, whom: says.child(Rule::whom).map(|whom| self.whom(whom)) },
            Rule::task_shut => ClaimText::TaskShut { task },
            Rule::task_due => ClaimText::TaskDue { task, at: self.instant(says) },
            _ => ClaimText::TaskTaken { task, by: self.name(says) },
        })
    }

    fn clock_claim(&mut self, node: &Node) -> Option<ClaimText> {
        let clock = self.name(node);
        let says = node.children.last()?;
        Some(match says.rule {
            Rule::clock_due => ClaimText::ClockDue { clock, at: self.instant(says) },
            Rule::clock_used => ClaimText::ClockUsed { clock, span: self.length(says) },
            _ => {
                let state = match says.children.last().map(|word| word.rule) {
                    Some(Rule::k_paused) => ClockWord::Paused,
                    Some(Rule::k_breached) => ClockWord::Breached,
                    Some(Rule::k_stopped) => ClockWord::Stopped,
                    _ => ClockWord::Running,
                };
                ClaimText::ClockIs { clock, not: says.has(Rule::k_not), state }
            }
        })
    }

    fn why(&self, node: &Node) -> Option<Why> {
        match (node.child(Rule::missing), node.child(Rule::string)) {
            (Some(missing), _) => Some(Why::Missing(self.name(missing))),
            (None, Some(says)) => Some(Why::Says(self.text(says))),
            (None, None) => None,
        }
    }

    fn whom(&self, node: &Node) -> Whom {
        let kind = match node.children.first().map(|child| child.rule) {
            Some(Rule::k_role) => WhomKind::Role,
            Some(Rule::k_team) => WhomKind::Team,
            Some(Rule::k_person) => WhomKind::Person,
            _ => WhomKind::Any,
        };
        Whom { kind, name: self.name(node) }
    }
}
