//! The flow: tasks, races, waits, jumps, actions.

use super::Builder;
use crate::parse::{Node, Rule};
use crate::tree::{
    After, Aside, AskText, Deed, DueText, Goal, OutcomeText, People, Statement, StatementKind, TaskText,
};

impl Builder<'_> {
    pub(super) fn aside(&mut self, node: &Node) -> Aside {
        Aside { name: self.name(node), tags: self.tags(node), flow: self.after(node).flow }
    }

    pub(super) fn statement(&mut self, node: &Node) -> Option<Statement> {
        let kind = match node.rule {
            Rule::task => StatementKind::Task(Box::new(self.task(node))),
            Rule::milestone => StatementKind::Milestone(self.name(node), self.tags(node)),
            Rule::race => StatementKind::Race {
                name: node.child(Rule::name).map(|name| self.word(name)),
                tags: self.tags(node),
                branches: node.children.iter().filter_map(|child| self.branch(child)).collect(),
            },
            Rule::receive => StatementKind::Receive {
                message: self.name(node),
                tags: self.tags(node),
                from: self.people(node),
                asks: self.asks(node),
                after: self.after(node),
            },
            Rule::timer => StatementKind::Timer { due: self.due(node), tags: self.tags(node), after: self.after(node) },
            Rule::choose => self.choose(node),
            Rule::set | Rule::notify | Rule::escalate => StatementKind::Act(self.deed(node)?),
            Rule::end => StatementKind::End(self.name(node), self.tags(node)),
            Rule::go => StatementKind::Go(self.goal(node)?),
            _ => return None,
        };
        Some(Statement { span: node.span.clone(), kind })
    }

    fn branch(&mut self, node: &Node) -> Option<Vec<Statement>> {
        match node.rule {
            Rule::way => Some(self.after(node).flow),
            _ => self.statement(node).map(|statement| vec![statement]),
        }
    }

    /// The block and the jump at the end of a statement.
    fn after(&mut self, node: &Node) -> After {
        let flow = match node.child(Rule::flow) {
            Some(flow) => flow.children.iter().filter_map(|child| self.statement(child)).collect(),
            None => Vec::new(),
        };
        After { flow, go: node.child(Rule::go).and_then(|go| self.goal(go)) }
    }

    fn goal(&mut self, node: &Node) -> Option<Goal> {
        let goal = node.child(Rule::goal)?;
        Some(Goal { name: self.name(goal), end: goal.has(Rule::k_end) })
    }

    fn choose(&mut self, node: &Node) -> StatementKind {
        let conditions = self.each(node, Rule::expr, Self::expr);
        let mut ways = self.each(node, Rule::then, Self::after).into_iter();
        let cases = conditions.into_iter().map(|condition| (condition, ways.next().unwrap_or_default())).collect();
        StatementKind::Choose { cases, otherwise: ways.next() }
    }

    fn task(&mut self, node: &Node) -> TaskText {
        let mut task = TaskText {
            name: self.name(node),
            tags: self.tags(node),
            any: Vec::new(),
            not: Vec::new(),
            not_who_did: Vec::new(),
            due: None,
            asks: self.asks(node),
            outcomes: self.each(node, Rule::outcome, Self::outcome),
        };
        for part in node.child(Rule::for_).map(|part| part.children.as_slice()).unwrap_or_default() {
            match part.rule {
                Rule::due => task.due = Some(self.due(part)),
                Rule::not_who_did => task.not_who_did.push(self.name(part)),
                Rule::not_who => task.not.extend(self.people(part)),
                Rule::who => task.any.extend(self.who(part)),
                _ => {}
            }
        }
        task
    }

    fn due(&mut self, node: &Node) -> DueText {
        DueText {
            span: self.length(node),
            place: node.child(Rule::span).map_or_else(|| node.span.clone(), |span| span.span.clone()),
            counted: node.child(Rule::counted).and_then(|counted| self.path_in(counted)),
        }
    }

    /// All that a statement's `asks` ask for.
    pub(super) fn asks(&mut self, node: &Node) -> Vec<AskText> {
        let lists: Vec<&Node> = node.children(Rule::asks).collect();
        let asks: Vec<&Node> = lists.into_iter().flat_map(|list| list.children(Rule::ask)).collect();
        asks.into_iter().map(|ask| AskText { fields: self.names(ask), when: self.expr_in(ask) }).collect()
    }

    fn outcome(&mut self, node: &Node) -> OutcomeText {
        OutcomeText {
            name: self.name(node),
            tags: node.children(Rule::labels).map(|tags| self.tags_of(tags)).collect(),
            asks: self.asks(node),
            requires: node
                .children(Rule::requires)
                .filter_map(|part| {
                    let condition = self.expr_in(part)?;
                    Some((condition, self.tags(part).unwrap_or_default()))
                })
                .collect(),
            after: self.after(node),
        }
    }

    /// The actions of a block, or the one that a statement has.
    pub(super) fn actions(&mut self, node: &Node) -> Vec<Deed> {
        node.children.iter().filter_map(|child| self.deed(child)).collect()
    }

    fn deed(&mut self, node: &Node) -> Option<Deed> {
        match node.rule {
            Rule::set => Some(Deed::Set(self.name(node), self.expr_in(node)?)),
            Rule::notify | Rule::escalate => Some(Deed::Tell {
                span: node.span.clone(),
                whom: self.people(node),
                template: node.child(Rule::with_template).map(|with| self.name(with)),
                escalate: node.rule == Rule::escalate,
            }),
            _ => None,
        }
    }

    pub(super) fn people(&mut self, node: &Node) -> Vec<People> {
        node.children(Rule::who).filter_map(|who| self.who(who)).collect()
    }

    fn who(&mut self, node: &Node) -> Option<People> {
        let kind = node.children.first()?;
        match kind.rule {
            Rule::k_anyone => Some(People::Anyone),
            Rule::role => Some(People::Role(self.name(kind))),
            _ => Some(People::Named(self.path(kind))),
        }
    }
}
