//! The structured flow becomes flat steps.
//!
//! A step's `next` is the step after it in its sequence, nothing at the end of a branch. A jump at the end of the
//! main sequence is just a `next`; inside a race or an aside it is a step of its own (a choice without cases), since
//! only a jump may leave a scope. Steps without a name get one from their place: `waiting_for_caller.race_1`.

use std::collections::{BTreeMap, BTreeSet};

use engine::definition::{Action, End, Labels, Later, Step, StepKind};
use engine::ids::Name;

use super::{Checker, name};
use crate::problem::{Code, Problem, labels};
use crate::tree::{After, Goal, Item, Place, Process, Received, Statement, StatementKind, Tags, Word, Work};

/// The most steps of a process.
const STEPS_MAX: usize = 5_000;

/// The flat flow with the places that it came from.
pub(super) struct Flow {
    pub(super) first: Option<Name>,
    /// Where else a token may begin: handlers, and what people may add.
    pub(super) entries: Vec<Name>,
    pub(super) steps: Vec<Made>,
    pub(super) jumps: Vec<Jump>,
    /// What the engine cannot run yet, besides steps.
    pub(super) later: Vec<Later>,
}

/// A step with where it was written and in which branches it lies, outermost first.
pub(super) struct Made {
    pub(super) step: Step,
    pub(super) span: Place,
    pub(super) container: Vec<String>,
    pub(super) lasts: Lasts,
}

/// Whether a step could wait for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lasts {
    /// It does not wait, or ends by itself, or is watched over by people, or may last.
    AsLongAsItSays,
    /// Only something from outside ends it.
    ForEver,
}

/// A written jump.
pub(super) struct Jump {
    pub(super) container: Vec<String>,
    pub(super) target: Name,
    pub(super) span: Place,
}

/// Where a sequence lies.
#[derive(Clone, Default)]
pub(super) struct Spot {
    pub(super) container: Vec<String>,
    pub(super) scope: Option<Name>,
    pub(super) prefix: String,
}

impl Spot {
    /// The place of a branch inside a step.
    pub(super) fn branch(&self, of: &Name, index: usize) -> Spot {
        let mut container = self.container.clone();
        container.push(format!("{of}#{index}"));
        Spot { container, scope: Some(of.clone()), prefix: format!("{of}.") }
    }

    /// The same place, for steps that are named after another.
    pub(super) fn named_after(&self, step: &str) -> Spot {
        Spot { prefix: format!("{step}."), ..self.clone() }
    }
}

/// How a sequence goes on with a statement: a step of its own, or straight to another.
enum Plan<'t> {
    Step(Name, Vec<&'t Statement>),
    Jump(Name),
    /// A step that jumps, where only a jump may leave.
    Leap(Name, Name, Place),
}

pub(super) struct Lowering<'c, 'a> {
    pub(super) checker: &'c Checker<'a>,
    pub(super) flow: Flow,
    counts: BTreeMap<String, u32>,
    ends: BTreeSet<String>,
}

impl Checker<'_> {
    pub(super) fn flow(&self, process: &Process) -> Flow {
        let flow = Flow { first: None, entries: Vec::new(), steps: Vec::new(), jumps: Vec::new(), later: Vec::new() };
        let mut lowering = Lowering { checker: self, flow, counts: BTreeMap::new(), ends: BTreeSet::new() };
        let main: Vec<&Statement> = process
            .items
            .iter()
            .filter_map(|item| match item {
                Item::Flow(statement) => Some(statement),
                _ => None,
            })
            .collect();
        if main.is_empty() && self.doubtful.is_empty() {
            let message = labels("the process has no steps", "流程没有任何步骤");
            let hint = labels("add at least one task", "请至少加上一个任务");
            self.report(Problem::error(Code::NoSteps, process.name.span.clone(), message).with_hint(hint));
        }
        if self.has_too_many_steps(process) {
            return lowering.flow;
        }
        lowering.flow.first = lowering.sequence(&main, &Spot::default(), None);
        for item in &process.items {
            match item {
                Item::Aside(aside) => lowering.aside(aside),
                Item::Handler { span, of, flow } => lowering.handler(span, *of, flow),
                Item::Extra { span, by, flow } => lowering.extra(span, by, flow),
                _ => {}
            }
        }
        lowering.flow.steps.sort_by_key(|made| made.span.start);
        lowering.flow
    }

    fn has_too_many_steps(&self, process: &Process) -> bool {
        let mut left: Vec<&[Statement]> = Vec::new();
        let mut count = 0;
        for item in &process.items {
            match item {
                Item::Flow(statement) => left.push(std::slice::from_ref(statement)),
                Item::Aside(aside) => left.push(&aside.flow),
                Item::Handler { flow, .. } | Item::Extra { flow, .. } => left.push(flow),
                _ => {}
            }
        }
        while let Some(flow) = left.pop() {
            count += flow.len();
            left.extend(flow.iter().flat_map(|statement| statement.kind.flows()));
        }
        if count > STEPS_MAX {
            let message = labels(
                format!("the process has {count} steps, more than {STEPS_MAX}"),
                format!("流程有 {count} 个步骤，超过 {STEPS_MAX} 个"),
            );
            let hint = labels(
                "put a part of it into a process of its own and `call` that",
                "请把一部分放到单独的流程中，再用 `call` 调用",
            );
            self.report(Problem::error(Code::TooLong, process.name.span.clone(), message).with_hint(hint));
        }
        count > STEPS_MAX
    }

    pub(super) fn no_steps(&self, what: (&str, &str), place: &Place) {
        if self.doubtful.is_empty() {
            let message = labels(format!("{} has no steps", what.0), format!("{}中没有步骤", what.1));
            let hint = labels("write at least one step between `{` and `}`", "请在 `{` 与 `}` 之间至少写一个步骤");
            self.report(Problem::error(Code::NoSteps, place.clone(), message).with_hint(hint));
        }
    }
}

impl Lowering<'_, '_> {
    /// Makes the steps of a sequence; gives the first, or `then` where there is none.
    pub(super) fn sequence(&mut self, list: &[&Statement], spot: &Spot, then: Option<Name>) -> Option<Name> {
        let plans = self.plans(list, spot);
        let entries: Vec<Name> = plans
            .iter()
            .map(|plan| match plan {
                Plan::Step(name, _) | Plan::Jump(name) | Plan::Leap(name, _, _) => name.clone(),
            })
            .collect();
        for (index, plan) in plans.into_iter().enumerate() {
            let next = entries.get(index + 1).cloned().or_else(|| then.clone());
            match plan {
                Plan::Step(name, statements) => self.make(name, &statements, spot, next),
                Plan::Jump(_) => {}
                Plan::Leap(name, target, span) => {
                    let kind = StepKind::Choose { cases: Vec::new(), otherwise: Some(target) };
                    self.push(name, Labels::default(), spot, None, kind, &span);
                }
            }
        }
        entries.first().cloned().or(then)
    }

    /// Names the steps of a sequence in written order; neighbouring actions become one step.
    fn plans<'t>(&mut self, list: &[&'t Statement], spot: &Spot) -> Vec<Plan<'t>> {
        let mut plans: Vec<Plan<'t>> = Vec::new();
        for statement in list {
            let place = &statement.span;
            let leap = match &statement.kind {
                StatementKind::End(word, tags) => Some(self.end(word, tags.as_ref(), place)),
                StatementKind::Go(goal) => Some(self.goal(goal, spot)),
                StatementKind::Act(_) => {
                    if let Some(Plan::Step(_, held)) = plans.last_mut()
                        && matches!(held.last().map(|one| &one.kind), Some(StatementKind::Act(_)))
                    {
                        held.push(statement);
                        continue;
                    }
                    None
                }
                _ => None,
            };
            plans.push(match leap {
                Some(target) if spot.container.is_empty() => Plan::Jump(target),
                Some(target) => Plan::Leap(self.fresh(spot, "go"), target, place.clone()),
                None => Plan::Step(self.name_of(&statement.kind, spot), vec![statement]),
            });
        }
        plans
    }

    /// The name of a statement's step: its own, or one from its place.
    fn name_of(&mut self, kind: &StatementKind, spot: &Spot) -> Name {
        let word = match kind {
            StatementKind::Task(task) => return name(&task.name),
            StatementKind::Approval(approval) => return name(&approval.name),
            StatementKind::Milestone { name: word, .. } | StatementKind::Race { name: Some(word), .. } => {
                return name(word);
            }
            StatementKind::Together(together) => match &together.name {
                Some(word) => return name(word),
                None => "together".to_owned(),
            },
            StatementKind::Race { name: None, .. } => "race".to_owned(),
            StatementKind::Receive(receive) => match receive.what {
                Received::Message => format!("on_{}", receive.name.text),
                Received::Signal => format!("on_signal_{}", receive.name.text),
            },
            StatementKind::Timer { .. } => "after".to_owned(),
            StatementKind::Wait { .. } => "wait".to_owned(),
            StatementKind::Choose { .. } | StatementKind::Switch(_) => "if".to_owned(),
            StatementKind::ForEach(_) => "for_each".to_owned(),
            StatementKind::Repeat { .. } => "repeat".to_owned(),
            StatementKind::Call(call) => format!("call_{}", call.begun.process.text),
            StatementKind::Job(job) => match &job.work {
                Work::Worker(word) => format!("job_{}", word.text),
                Work::Http { .. } => "http".to_owned(),
            },
            StatementKind::Act(_) => "act".to_owned(),
            StatementKind::Undo => "undo".to_owned(),
            StatementKind::Finish => "finish".to_owned(),
            StatementKind::End(_, _) | StatementKind::Go(_) => "go".to_owned(),
        };
        self.fresh(spot, &word)
    }

    pub(super) fn fresh(&mut self, spot: &Spot, kind: &str) -> Name {
        let key = format!("{}{kind}", spot.prefix);
        let count = self.counts.entry(key.clone()).or_insert(0);
        *count += 1;
        Name::from(format!("{key}_{count}"))
    }

    /// The end of an outcome. Its step is made once, where its labels stand.
    fn end(&mut self, word: &Word, tags: Option<&Tags>, span: &Place) -> Name {
        let step = end_step(&word.text);
        let declared = self.checker.names.ends.contains_key(&word.text);
        let here = tags.is_some() || !declared;
        if here && self.ends.insert(word.text.clone()) {
            let labels = self.checker.tags(tags, word, ("end", "结束"));
            let kind = StepKind::End(End { outcome: name(word) });
            self.push(step.clone(), labels, &Spot::default(), None, kind, span);
        }
        step
    }

    /// The step that a jump names.
    pub(super) fn goal(&mut self, goal: &Goal, spot: &Spot) -> Name {
        let target = if goal.end { end_step(&goal.name.text) } else { name(&goal.name) };
        let names = &self.checker.names;
        if goal.end {
            if !names.ends.contains_key(&goal.name.text) {
                let known = names.ends.keys().map(String::as_str);
                self.checker.unknown(Code::UnknownEnd, &goal.name, ("end", "结束"), known);
            }
        } else if !names.steps.contains_key(&goal.name.text) {
            if names.ends.contains_key(&goal.name.text) {
                let word = &goal.name.text;
                let message = labels(format!("there is no step `{word}`"), format!("没有步骤 `{word}`"));
                let hint = labels(format!("an end is written `-> end {word}`"), format!("结束写作 `-> end {word}`"));
                let problem = Problem::error(Code::UnknownStep, goal.name.span.clone(), message);
                self.checker.report(problem.with_hint(hint));
            } else {
                let known = names.steps.keys().map(String::as_str);
                self.checker.unknown(Code::UnknownStep, &goal.name, ("step", "步骤"), known);
            }
        }
        self.flow.jumps.push(Jump {
            container: spot.container.clone(),
            target: target.clone(),
            span: goal.name.span.clone(),
        });
        target
    }

    /// Where a block with a jump leads: nothing where it falls through to `then` at once.
    pub(super) fn way(&mut self, after: &After, spot: &Spot, then: Option<Name>) -> Option<Name> {
        if let (true, Some(goal)) = (after.flow.is_empty(), &after.go) {
            let target = self.goal(goal, spot);
            self.needless(goal, &target, then.as_ref());
            return Some(target);
        }
        self.inside(after, spot, then)
    }

    /// Warns of a jump to where the way leads anyway.
    fn needless(&self, goal: &Goal, target: &Name, then: Option<&Name>) {
        if then == Some(target) && !goal.end {
            let message = labels(
                format!("`{}` comes next anyway; the jump is not needed", goal.name.text),
                format!("接下来本来就是 `{}`，不需要跳转", goal.name.text),
            );
            let hint = labels(format!("take out `-> {}`", goal.name.text), format!("请删去 `-> {}`", goal.name.text));
            let problem = Problem::warning(Code::NeedlessJump, goal.name.span.clone(), message);
            self.checker.report(problem.with_hint(hint));
        }
    }

    /// The steps of a block and the jump after it, as a sequence.
    pub(super) fn inside(&mut self, after: &After, spot: &Spot, then: Option<Name>) -> Option<Name> {
        let go = after.go.clone().map(|goal| Statement { span: goal.name.span.clone(), kind: StatementKind::Go(goal) });
        let list: Vec<&Statement> = after.flow.iter().chain(&go).collect();
        self.sequence(&list, spot, then)
    }

    /// Where a case leads; a step that does nothing where it only falls out of the branch.
    pub(super) fn way_or_nothing(&mut self, after: &After, spot: &Spot, then: Option<Name>, span: &Place) -> Name {
        match self.way(after, spot, then) {
            Some(way) => way,
            None => {
                let step = self.fresh(spot, "nothing");
                self.push(step.clone(), Labels::default(), spot, None, StepKind::Act { actions: Vec::new() }, span);
                step
            }
        }
    }

    /// Adds a step that does not wait for ever.
    pub(super) fn push(
        &mut self,
        step: Name,
        labels: Labels,
        spot: &Spot,
        next: Option<Name>,
        kind: StepKind,
        span: &Place,
    ) -> &mut Made {
        let line = self.checker.line(span);
        let step = Step { name: step, labels, scope: spot.scope.clone(), next, kind, line, was: None };
        let (container, lasts) = (spot.container.clone(), Lasts::AsLongAsItSays);
        self.flow.steps.push(Made { step, span: span.clone(), container, lasts });
        self.flow.steps.last_mut().expect("it was put there in the line above")
    }

    /// The actions of several statements, those that can be done.
    pub(super) fn deeds(&self, statements: &[&Statement]) -> Vec<Action> {
        let deeds = statements.iter().filter_map(|one| match &one.kind {
            StatementKind::Act(deed) => Some(deed),
            _ => None,
        });
        deeds.filter_map(|deed| self.checker.action(deed)).collect()
    }
}

/// The name of the step at which a record ends with an outcome.
pub(super) fn end_step(outcome: &str) -> Name {
    Name::from(format!("end_{outcome}"))
}
