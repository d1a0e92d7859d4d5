//! Every field has a value before something needs it. The fields that are sure to have one are followed along every
//! way through the steps; where ways meet, what is sure on all of them stays.

use std::collections::{BTreeMap, BTreeSet};

use engine::definition::{
    APPROVED, Abstaining, Action, Approval, Ask, Begin, Due, Needs, Parts, REJECTED, StepKind, Task, Until, Who,
};
use engine::expr::{Expr, Operator};
use engine::ids::Name;
use engine::value::Value;

use super::Checker;
use super::flow::{Flow, Made};
use super::sure::{Fields, Sure};
use crate::problem::{Code, Problem, labels};
use crate::tree::{Place, Process};

impl Checker<'_> {
    pub(super) fn sets(&self, process: &Process, parts: &Parts, flow: &Flow) {
        if !self.is_sound() {
            return;
        }
        let fields = Fields::new(&parts.fields);
        let mut begin = fields.none();
        begin.extend(self.ever_sure(process).iter().map(String::as_str));
        let mut walk = Walk::new(flow);
        for entry in flow.first.iter().chain(&flow.entries) {
            walk.reach(entry, &begin);
        }
        walk.run();
        for made in &flow.steps {
            let Some(sure) = walk.before.get(made.step.name.as_str()) else { continue };
            let mut told: BTreeSet<String> = BTreeSet::new();
            for read in needs(made, sure) {
                if self.names.field(read).is_some() && told.insert(read.to_owned()) {
                    self.unset(read, made, flow);
                }
            }
        }
    }

    fn unset(&self, read: &str, made: &Made, flow: &Flow) {
        let after = flow.steps.iter().map(|other| other.span.start).filter(|start| *start > made.span.start).min();
        let span = self.word_between(read, made.span.start, after).unwrap_or_else(|| made.span.clone());
        let message = labels(
            format!("`{read}` is needed here and may have no value yet"),
            format!("此处需要 `{read}`，但它可能还没有值"),
        );
        let hint = labels(
            format!("ask for `{read}` before, give it a default, or look with `{read} is empty` first"),
            format!("请先要求填写 `{read}`、给它默认值，或先用 `{read} is empty` 判断"),
        );
        self.report(Problem::error(Code::ReadUnset, span, message).with_hint(hint));
    }

    /// Where a word first stands between two places.
    fn word_between(&self, word: &str, from: usize, to: Option<usize>) -> Option<Place> {
        let text = self.source.get(from..to.unwrap_or(self.source.len()))?;
        let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        text.match_indices(word).map(|(at, _)| at).find_map(|at| {
            let before = text.get(..at)?.chars().next_back().is_some_and(part);
            let behind = text.get(at + word.len()..)?.chars().next().is_some_and(part);
            (!before && !behind).then(|| from + at..from + at + word.len())
        })
    }
}

/// The ways through the steps.
struct Walk<'f> {
    steps: BTreeMap<&'f str, &'f Made>,
    /// What is sure when a step is come to.
    before: BTreeMap<&'f str, Sure<'f>>,
    /// What is sure at the end of a branch of several.
    exits: BTreeMap<(&'f str, usize), Sure<'f>>,
    left: Vec<&'f str>,
}

impl<'f> Walk<'f> {
    fn new(flow: &'f Flow) -> Walk<'f> {
        let steps = flow.steps.iter().map(|made| (made.step.name.as_str(), made)).collect();
        Walk { steps, before: BTreeMap::new(), exits: BTreeMap::new(), left: Vec::new() }
    }

    fn run(&mut self) {
        while let Some(step) = self.left.pop() {
            let (Some(made), Some(sure)) = (self.steps.get(step).copied(), self.before.get(step).cloned()) else {
                continue;
            };
            self.pass(made, &sure);
        }
    }

    /// Brings what is sure to a step.
    fn reach(&mut self, step: &Name, sure: &Sure<'f>) {
        let Some((step, _)) = self.steps.get_key_value(step.as_str()) else { return };
        let step = *step;
        let less = match self.before.get_mut(step) {
            Some(held) => held.meet(sure),
            None => self.before.insert(step, sure.clone()).is_none(),
        };
        if less {
            self.left.push(step);
        }
    }

    /// Goes on from a step to all that may come after it.
    fn pass(&mut self, made: &'f Made, sure: &Sure<'f>) {
        match &made.step.kind {
            StepKind::Task(task) => {
                for outcome in &task.outcomes {
                    let mut after = sure.clone();
                    after.fill(task.asks.iter().chain(&outcome.asks));
                    match &outcome.to {
                        Some(to) => self.reach(to, &after),
                        None => self.fall(made, &after),
                    }
                }
                return;
            }
            StepKind::Approval(approval) => {
                for outcome in &approval.outcomes {
                    let mut after = sure.clone();
                    if has_voter(approval, outcome) {
                        after.fill(approval.asks.iter().chain(&outcome.asks));
                    }
                    match &outcome.to {
                        Some(to) => self.reach(to, &after),
                        None => self.fall(made, &after),
                    }
                }
                return;
            }
            StepKind::Choose { cases, otherwise } => {
                let mut held = sure.clone();
                for case in cases {
                    let mut taken = held.clone();
                    taken.extend(shown_by(&case.when, Outcome::Holds));
                    self.reach(&case.to, &taken);
                    held.extend(shown_by(&case.when, Outcome::Fails));
                }
                match otherwise {
                    Some(to) => self.reach(to, &held),
                    None => self.fall(made, &held),
                }
                return;
            }
            StepKind::Act { actions } => {
                let mut after = sure.clone();
                actions.iter().for_each(|action| set(action, &mut after));
                self.fall(made, &after);
                return;
            }
            StepKind::Job(job) => {
                job.failed.iter().for_each(|failed| self.reach(failed, sure));
                let mut after = sure.clone();
                after.give(job.gives.iter());
                self.fall(made, &after);
                return;
            }
            StepKind::Receive { asks, .. } => {
                let mut after = sure.clone();
                after.fill(asks.iter());
                self.fall(made, &after);
                return;
            }
            StepKind::Wait { until: Until::Condition(condition) } => {
                let mut after = sure.clone();
                after.extend(shown_by(condition, Outcome::Holds));
                self.fall(made, &after);
                return;
            }
            StepKind::Race { branches } => branches.iter().for_each(|first| self.reach(first, sure)),
            StepKind::Together { branches, .. } => {
                for branch in branches {
                    let mut taken = sure.clone();
                    taken.extend(branch.when.iter().flat_map(|when| shown_by(when, Outcome::Holds)));
                    self.reach(&branch.first, &taken);
                }
            }
            StepKind::Block { first } | StepKind::Handler { first, .. } | StepKind::Extra { first, .. } => {
                self.reach(first, sure);
            }
            StepKind::ForEach(each) => self.reach(&each.first, sure),
            StepKind::Milestone
            | StepKind::Call(_)
            | StepKind::Signal { .. }
            | StepKind::Undo
            | StepKind::Timer { .. }
            | StepKind::Wait { .. }
            | StepKind::End(_) => {}
        }
        if made.step.kind.goes_on() {
            self.fall(made, sure);
        }
    }

    /// Falls through to the step after, or out of the branch.
    fn fall(&mut self, made: &'f Made, sure: &Sure<'f>) {
        let mut at = made;
        loop {
            if let Some(next) = &at.step.next {
                return self.reach(next, sure);
            }
            let Some(around) = at.step.scope.as_ref().and_then(|scope| self.steps.get(scope.as_str())).copied() else {
                return;
            };
            match around.step.kind {
                StepKind::Together { .. } => return self.join(around, at, sure),
                // A `for each` goes on from what was sure before it: its list may be empty.
                StepKind::ForEach(_) | StepKind::Handler { .. } | StepKind::Extra { .. } => return,
                _ => at = around,
            }
        }
    }

    /// The end of a branch of several: what is sure behind them is what every way there may be gone leaves.
    fn join(&mut self, around: &'f Made, from: &'f Made, sure: &Sure<'f>) {
        let StepKind::Together { branches, needs, rest: _ } = &around.step.kind else { return };
        let step = around.step.name.as_str();
        let branch = from.container.iter().find_map(|held| held.strip_prefix(step)?.strip_prefix('#')?.parse().ok());
        let key = (step, branch.unwrap_or(usize::MAX));
        match self.exits.get_mut(&key) {
            Some(held) => _ = held.meet(sure),
            None => _ = self.exits.insert(key, sure.clone()),
        }
        let Some(mut behind) = self.before.get(step).cloned() else { return };
        let exits = (0..branches.len()).map(|index| self.exits.get(&(step, index)));
        match needs {
            Needs::All => {
                let gone = branches.iter().zip(exits).filter(|(branch, _)| branch.when.is_none());
                gone.filter_map(|(_, exit)| exit).for_each(|exit| behind.join(exit));
            }
            Needs::Count(_) => {
                let mut all = exits.flatten();
                if let Some(mut common) = all.next().cloned() {
                    all.for_each(|exit| _ = common.meet(exit));
                    behind.join(&common);
                }
            }
        }
        self.fall(around, &behind);
    }
}

/// What a `set` leaves sure.
fn set(action: &Action, sure: &mut Sure<'_>) {
    if let Action::Set { field, to } = action {
        match to {
            Expr::Literal(Value::Nothing) => sure.remove(field.as_str()),
            _ => sure.insert(field.as_str()),
        };
    }
}

/// How a condition turned out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Holds,
    Fails,
}

impl Outcome {
    fn other(self) -> Outcome {
        match self {
            Outcome::Holds => Outcome::Fails,
            Outcome::Fails => Outcome::Holds,
        }
    }
}

/// The fields that have a value for sure once a condition has turned out so.
fn shown_by(condition: &Expr, turned: Outcome) -> Vec<&str> {
    match (condition, turned) {
        (Expr::Not(inner), _) => shown_by(inner, turned.other()),
        (Expr::IsEmpty(inner), Outcome::Fails) => match &**inner {
            Expr::Field(name) => vec![name.as_str()],
            _ => Vec::new(),
        },
        (Expr::Binary { operator: Operator::And, left, right }, Outcome::Holds)
        | (Expr::Binary { operator: Operator::Or, left, right }, Outcome::Fails) => {
            shown_by(left, turned).into_iter().chain(shown_by(right, turned)).collect()
        }
        (Expr::Binary { operator: Operator::And | Operator::Or, left, right }, _) => {
            let right = shown_by(right, turned);
            shown_by(left, turned).into_iter().filter(|name| right.contains(name)).collect()
        }
        (Expr::Binary { operator: Operator::Is, left, right }, Outcome::Holds) => match (&**left, &**right) {
            (Expr::Field(name), Expr::Literal(value)) if *value != Value::Nothing => vec![name.as_str()],
            _ => Vec::new(),
        },
        (
            Expr::Binary {
                operator: Operator::Less | Operator::AtMost | Operator::Greater | Operator::AtLeast,
                left,
                right,
            },
            _,
        ) => match (&**left, &**right) {
            (Expr::Field(one), Expr::Field(other)) => vec![one.as_str(), other.as_str()],
            (Expr::Field(one), _) | (_, Expr::Field(one)) => vec![one.as_str()],
            _ => Vec::new(),
        },
        (Expr::Binary { operator: Operator::In, left, right: _ }, Outcome::Holds) => match &**left {
            Expr::Field(name) => vec![name.as_str()],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// The fields without which an expression has no value, where those that are sure are.
fn needed<'e>(expr: &'e Expr, sure: &Sure<'_>, found: &mut Vec<&'e str>) {
    match expr {
        Expr::Binary { operator: operator @ (Operator::And | Operator::Or), left, right } => {
            needed(left, sure, found);
            let turned = if *operator == Operator::And { Outcome::Holds } else { Outcome::Fails };
            let mut then: Sure<'_> = sure.clone();
            then.extend(shown_by(left, turned));
            needed(right, &then, found);
        }
        Expr::Binary { operator: Operator::Is | Operator::IsNot | Operator::In, left, right } => {
            needed(left, sure, found);
            needed(right, sure, found);
        }
        Expr::Binary { left, right, operator: _ } => {
            value_needed(left, sure, found);
            value_needed(right, sure, found);
        }
        Expr::Attribute(inner, _) => value_needed(inner, sure, found),
        Expr::Not(inner)
        | Expr::IsEmpty(inner)
        | Expr::Count(inner)
        | Expr::Reached(inner, _)
        | Expr::Around(inner, _)
        | Expr::Baseline(inner) => needed(inner, sure, found),
        Expr::Shares(one, other) | Expr::Changed(one, other) => {
            needed(one, sure, found);
            needed(other, sure, found);
        }
        Expr::List(items) => items.iter().for_each(|item| needed(item, sure, found)),
        Expr::Decide { inputs, .. } | Expr::Rule { inputs, .. } => {
            inputs.iter().for_each(|input| needed(input, sure, found));
        }
        Expr::Literal(_)
        | Expr::Field(_)
        | Expr::Item(_)
        | Expr::Requester
        | Expr::This
        | Expr::Now
        | Expr::Today
        | Expr::Find(_) => {}
    }
}

/// The same where the expression itself must have a value.
fn value_needed<'e>(expr: &'e Expr, sure: &Sure<'_>, found: &mut Vec<&'e str>) {
    match expr {
        Expr::Field(name) if !sure.contains(name.as_str()) => found.push(name.as_str()),
        _ => needed(expr, sure, found),
    }
}

/// The fields that a step needs and that may have no value when it is come to.
fn needs<'m>(made: &'m Made, sure: &Sure<'_>) -> Vec<&'m str> {
    let mut found = Vec::new();
    match &made.step.kind {
        StepKind::Task(task) => of_task(task, sure, &mut found),
        StepKind::Approval(approval) => of_approval(approval, sure, &mut found),
        StepKind::Receive { from, .. } => whom(from, sure, &mut found),
        StepKind::Timer { after } => due(after, sure, &mut found),
        StepKind::Wait { until: Until::Instant(instant) } => value_needed(instant, sure, &mut found),
        StepKind::Wait { until: Until::Condition(condition) } => needed(condition, sure, &mut found),
        StepKind::Call(begin) => of_begin(begin, sure, &mut found),
        StepKind::Job(job) => {
            job.with.iter().for_each(|fill| needed(&fill.value, sure, &mut found));
            job.due.iter().for_each(|held| due(held, sure, &mut found));
        }
        StepKind::ForEach(each) => needed(&each.list, sure, &mut found),
        StepKind::Choose { cases, .. } => {
            let mut held = sure.clone();
            for case in cases {
                needed(&case.when, &held, &mut found);
                held.extend(shown_by(&case.when, Outcome::Fails));
            }
        }
        StepKind::Together { branches, .. } => {
            branches.iter().filter_map(|branch| branch.when.as_ref()).for_each(|when| needed(when, sure, &mut found));
        }
        StepKind::Act { actions } => {
            let mut held = sure.clone();
            for action in actions {
                of_action(action, &held, &mut found);
                set(action, &mut held);
            }
        }
        StepKind::Milestone
        | StepKind::Race { .. }
        | StepKind::Block { .. }
        | StepKind::Signal { .. }
        | StepKind::Undo
        | StepKind::Handler { .. }
        | StepKind::Extra { .. }
        | StepKind::End(_) => {}
    }
    found
}

fn of_task<'m>(task: &'m Task, sure: &Sure<'_>, found: &mut Vec<&'m str>) {
    whom(&task.candidates.any, sure, found);
    task.due.iter().for_each(|held| due(held, sure, found));
    task.undo.iter().for_each(|action| of_action(action, sure, found));
    for reminder in &task.reminders {
        reminder.after.iter().for_each(|after| due(after, sure, found));
        reminder.actions.iter().for_each(|action| of_action(action, sure, found));
    }
    task.outcomes.iter().for_each(|outcome| of_outcome(&task.asks, outcome, sure, found));
}

fn of_approval<'m>(approval: &'m Approval, sure: &Sure<'_>, found: &mut Vec<&'m str>) {
    approval.levels.iter().for_each(|level| whom(&level.any, sure, found));
    approval.due.iter().for_each(|held| due(held, sure, found));
    approval.outcomes.iter().for_each(|outcome| of_outcome(&approval.asks, outcome, sure, found));
}

fn of_outcome<'m>(
    common: &'m [Ask],
    outcome: &'m engine::definition::Outcome,
    sure: &Sure<'_>,
    found: &mut Vec<&'m str>,
) {
    let asked = || common.iter().chain(&outcome.asks);
    let mut filled = sure.clone();
    filled.fill(asked());
    asked().filter_map(|ask| ask.insists_when.as_ref()).for_each(|when| needed(when, &filled, found));
    outcome.requires.iter().for_each(|requirement| needed(&requirement.condition, &filled, found));
}

/// Whether an approval comes to that outcome only by a vote for it: where all abstain nobody has said no, and nobody fills
/// in a form when it expires.
fn has_voter(approval: &Approval, outcome: &engine::definition::Outcome) -> bool {
    outcome.name == *APPROVED || (outcome.name == *REJECTED && approval.abstaining == Abstaining::Forbidden)
}

fn of_action<'m>(action: &'m Action, sure: &Sure<'_>, found: &mut Vec<&'m str>) {
    match action {
        Action::Set { to, .. } => needed(to, sure, found),
        Action::Notify { whom: people, .. } | Action::Escalate { to: people, .. } => whom(people, sure, found),
        Action::Start(begin) => of_begin(begin, sure, found),
        Action::Enter { with, .. } => with.iter().for_each(|fill| needed(&fill.value, sure, found)),
        Action::Update { of, with, .. } => {
            needed(of, sure, found);
            with.iter().for_each(|fill| needed(&fill.value, sure, found));
        }
        Action::Signal { .. } | Action::Later(_) => {}
    }
}

fn of_begin<'m>(begin: &'m Begin, sure: &Sure<'_>, found: &mut Vec<&'m str>) {
    begin.with.iter().for_each(|fill| needed(&fill.value, sure, found));
}

fn whom<'m>(people: &'m [Who], sure: &Sure<'_>, found: &mut Vec<&'m str>) {
    for who in people {
        match who {
            Who::RoleOf(expr) | Who::Team(expr) | Who::Person(expr) => value_needed(expr, sure, found),
            Who::Anyone | Who::Nobody | Who::Requester | Who::Role(_) => {}
        }
    }
}

fn due<'m>(due: &'m Due, sure: &Sure<'_>, found: &mut Vec<&'m str>) {
    due.hours.iter().for_each(|hours| value_needed(hours, sure, found));
}
