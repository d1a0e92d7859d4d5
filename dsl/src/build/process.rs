//! The parts of a process besides its flow.

use engine::table::Hit;

use super::Builder;
use crate::parse::{Node, Rule};
use crate::tree::{
    CellText, ChoiceText, ClockText, Decide, FieldText, Holds, Item, Process, RowText, Term, TermKind, Whenever,
};

impl Builder<'_> {
    pub(super) fn process(&mut self, node: &Node) -> Process {
        let items = node.children.iter().filter_map(|child| self.item(child)).collect();
        Process { name: self.name(node), tags: self.tags(node), items }
    }

    fn item(&mut self, node: &Node) -> Option<Item> {
        let item = match node.rule {
            Rule::clauses => {
                Item::Clauses(node.children(Rule::clause).map(|one| (self.name(one), self.string(one))).collect())
            }
            Rule::owner => Item::Owner(self.name(node)),
            Rule::number => Item::Number(self.string(node)),
            Rule::title => Item::Title(self.name(node)),
            Rule::seen => Item::Seen(self.people(node)),
            Rule::edited => Item::Edited(self.people(node)),
            Rule::hours => Item::Hours(self.path_in(node)?),
            Rule::choices => Item::Choices(
                self.name(node),
                node.children(Rule::choice)
                    .map(|one| ChoiceText { name: self.name(one), tags: self.tags(one) })
                    .collect(),
            ),
            Rule::record => Item::Record(self.each(node, Rule::field, Self::field)),
            Rule::decide => Item::Decide(self.decide(node)),
            Rule::clock => Item::Clock(self.clock(node)),
            Rule::start => Item::Start(node.span.clone(), self.people(node), self.asks(node)),
            Rule::whenever => Item::Whenever(self.whenever(node)),
            Rule::aside => Item::Aside(self.aside(node)),
            _ => Item::Flow(self.statement(node)?),
        };
        Some(item)
    }

    pub(super) fn each<T>(&mut self, node: &Node, rule: Rule, one: impl Fn(&mut Self, &Node) -> T) -> Vec<T> {
        node.children.iter().filter(|child| child.rule == rule).map(|child| one(self, child)).collect()
    }

    fn field(&mut self, node: &Node) -> FieldText {
        let default = node.child(Rule::default).and_then(|part| self.expr_in(part));
        let derived = node.child(Rule::derived).and_then(|part| {
            let from = self.expr_in(part)?;
            Some((from, part.has(Rule::override_)))
        });
        let holds = node.child(Rule::holds).map(|holds| self.holds(holds));
        FieldText {
            name: self.name(node),
            holds: holds.unwrap_or_else(|| Holds::Plain(self.name(node), None)),
            optional: node.has(Rule::optional),
            default,
            derived,
            tags: self.tags(node),
        }
    }

    pub(super) fn holds(&mut self, node: &Node) -> Holds {
        let Some(kind) = node.children.first() else { return Holds::Plain(self.name(node), None) };
        match kind.rule {
            Rule::many => Holds::Many(self.name(kind)),
            Rule::ref_ => Holds::Ref(self.name(kind)),
            Rule::inline => Holds::Inline(self.each(kind, Rule::inline_choice, |builder, choice| ChoiceText {
                name: builder.name(choice),
                tags: builder.tags(choice),
            })),
            _ => {
                let max = kind.child(Rule::max).map(|max| self.integer(max));
                Holds::Plain(self.name(kind), max)
            }
        }
    }

    fn decide(&mut self, node: &Node) -> Decide {
        let rows = node.child(Rule::rows);
        let otherwise = rows.and_then(|rows| rows.child(Rule::otherwise)).and_then(|row| self.literal_in(row));
        Decide {
            name: self.name(node),
            inputs: self.parameters(node),
            gives: self.gives(node),
            hit: if node.has(Rule::hit) { Hit::First } else { Hit::Unique },
            rows: rows.map(|rows| self.each(rows, Rule::row, Self::row)).unwrap_or_default(),
            otherwise,
        }
    }

    fn row(&mut self, node: &Node) -> RowText {
        let broken = || Term { span: node.span.clone(), kind: TermKind::Broken };
        RowText {
            span: node.span.clone(),
            cells: self.each(node, Rule::cell, Self::cell),
            gives: self.literal_in(node).unwrap_or_else(broken),
        }
    }

    fn cell(&mut self, node: &Node) -> CellText {
        match node.children.first() {
            Some(not) if not.rule == Rule::not_cell => CellText::Not(self.each(not, Rule::literal, Self::literal)),
            Some(one) if one.rule == Rule::one_cell => CellText::Is(self.each(one, Rule::literal, Self::literal)),
            _ => CellText::Any,
        }
    }

    fn clock(&mut self, node: &Node) -> ClockText {
        let mut clock = ClockText {
            name: self.name(node),
            tags: self.tags(node),
            until: None,
            pauses: Vec::new(),
            resumes: Vec::new(),
            target: None,
            hours: None,
            thresholds: Vec::new(),
        };
        for item in &node.children {
            match item.rule {
                Rule::runs => clock.until = Some(self.name(item)),
                Rule::pauses => clock.pauses.extend(self.names(item)),
                Rule::resumes => clock.resumes.extend(self.names(item)),
                Rule::target => {
                    let rows =
                        self.each(item, Rule::allowance, |builder, row| (builder.name(row), builder.length(row)));
                    clock.target = Some((self.name(item), rows));
                }
                Rule::hours => clock.hours = self.path_in(item),
                Rule::threshold => {
                    let percent = self.integer(item);
                    let actions = self.actions(item.child(Rule::actions).unwrap_or(item));
                    clock.thresholds.push((percent, item.span.clone(), actions));
                }
                _ => {}
            }
        }
        clock
    }

    fn whenever(&mut self, node: &Node) -> Whenever {
        let mut terms = self.each(node, Rule::expr, Self::expr).into_iter();
        let mut next = || terms.next().unwrap_or(Term { span: node.span.clone(), kind: TermKind::Broken });
        let (subject, becomes) = (next(), next());
        Whenever {
            subject,
            becomes,
            actions: node.child(Rule::actions).map(|block| self.actions(block)).unwrap_or_default(),
        }
    }
}
