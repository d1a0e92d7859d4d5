//! The structured flow becomes flat steps.
//!
//! A step's `next` is the step after it in its sequence, nothing at the end of a branch. A jump at the end of the
//! main sequence is just a `next`; inside a race or an aside it is a step of its own (a choice without cases), since
//! only a jump may leave a scope. Steps without a name get one from their place: `waiting_for_caller.race_1`.

use std::collections::{BTreeMap, BTreeSet};

use engine::definition::{Case, Due, End, Labels, Outcome, Reason, Requirement, Step, StepKind, Task};
use engine::ids::Name;

use super::names::StepSort;
use super::types::Type;
use super::{Checker, name};
use crate::problem::{Code, Problem, labels};
use crate::tree::{
    After, Deed, DueText, Goal, Item, OutcomeText, Place, Process, Statement, StatementKind, Tags, TaskText, Word,
};

/// The most steps of a process.
const STEPS_MAX: usize = 5_000;

/// The flat flow with the places that it came from.
pub(super) struct Flow {
    pub(super) first: Option<Name>,
    pub(super) steps: Vec<Made>,
    pub(super) jumps: Vec<Jump>,
}

/// A step with where it was written and in which branches it lies, outermost first.
pub(super) struct Made {
    pub(super) step: Step,
    pub(super) span: Place,
    pub(super) container: Vec<String>,
}

/// A written jump.
pub(super) struct Jump {
    pub(super) container: Vec<String>,
    pub(super) target: Name,
    pub(super) span: Place,
}

/// Where a sequence lies.
#[derive(Clone, Default)]
struct Spot {
    container: Vec<String>,
    scope: Option<Name>,
    prefix: String,
}

/// How a sequence goes on with a statement: a step of its own, or straight to another.
enum Plan<'t> {
    Step(Name, Vec<&'t Statement>),
    Jump(Name),
    /// A step that jumps, where only a jump may leave.
    Leap(Name, Name, Place),
}

struct Lowering<'c, 'a> {
    checker: &'c Checker<'a>,
    flow: Flow,
    counts: BTreeMap<String, u32>,
    ends: BTreeSet<String>,
}

impl Checker<'_> {
    pub(super) fn flow(&self, process: &Process) -> Flow {
        let mut lowering = Lowering {
            checker: self,
            flow: Flow { first: None, steps: Vec::new(), jumps: Vec::new() },
            counts: BTreeMap::new(),
            ends: BTreeSet::new(),
        };
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
            self.report(Problem::error(Code::NoSteps, process.name.span.clone(), message));
        }
        lowering.flow.first = lowering.sequence(&main, &Spot::default(), None);
        for item in &process.items {
            if let Item::Aside(aside) = item {
                let inner = Spot {
                    container: vec![aside.name.text.clone()],
                    scope: Some(name(&aside.name)),
                    prefix: format!("{}.", aside.name.text),
                };
                let labels = self.tags(aside.tags.as_ref(), &aside.name, ("aside", "旁路"));
                let at = lowering.flow.steps.len();
                let flow: Vec<&Statement> = aside.flow.iter().collect();
                match lowering.sequence(&flow, &inner, None) {
                    Some(first) => {
                        let made = Made {
                            step: lowering.step(
                                name(&aside.name),
                                labels,
                                None,
                                None,
                                StepKind::Block { first },
                                &aside.name.span,
                            ),
                            span: aside.name.span.clone(),
                            container: Vec::new(),
                        };
                        let at = at.min(lowering.flow.steps.len());
                        lowering.flow.steps.insert(at, made);
                    }
                    None => self.no_steps(&aside.name),
                }
            }
        }
        lowering.flow.steps.sort_by_key(|made| made.span.start);
        lowering.flow
    }

    fn no_steps(&self, word: &Word) {
        if self.doubtful.is_empty() {
            let message = labels(format!("`{}` has no steps", word.text), format!("`{}` 中没有步骤", word.text));
            self.report(Problem::error(Code::NoSteps, word.span.clone(), message));
        }
    }
}

impl Lowering<'_, '_> {
    /// Makes the steps of a sequence; gives the first, or `then` where there is none.
    fn sequence(&mut self, list: &[&Statement], spot: &Spot, then: Option<Name>) -> Option<Name> {
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
            let plan = match &statement.kind {
                StatementKind::Task(task) => Plan::Step(name(&task.name), vec![statement]),
                StatementKind::Milestone(word, _) => Plan::Step(name(word), vec![statement]),
                StatementKind::Race { name: Some(word), .. } => Plan::Step(name(word), vec![statement]),
                StatementKind::Race { name: None, .. } => Plan::Step(self.fresh(spot, "race"), vec![statement]),
                StatementKind::Receive { message, .. } => {
                    Plan::Step(self.fresh(spot, &format!("on_{}", message.text)), vec![statement])
                }
                StatementKind::Timer { .. } => Plan::Step(self.fresh(spot, "after"), vec![statement]),
                StatementKind::Choose { .. } => Plan::Step(self.fresh(spot, "if"), vec![statement]),
                StatementKind::Act(_) => match plans.last_mut() {
                    Some(Plan::Step(_, held))
                        if matches!(held.last().map(|one| &one.kind), Some(StatementKind::Act(_))) =>
                    {
                        held.push(statement);
                        continue;
                    }
                    _ => Plan::Step(self.fresh(spot, "act"), vec![statement]),
                },
                StatementKind::End(word, tags) => match self.end(word, tags.as_ref(), place) {
                    target if spot.container.is_empty() => Plan::Jump(target),
                    target => Plan::Leap(self.fresh(spot, "go"), target, place.clone()),
                },
                StatementKind::Go(goal) => match self.goal(goal, spot) {
                    target if spot.container.is_empty() => Plan::Jump(target),
                    target => Plan::Leap(self.fresh(spot, "go"), target, place.clone()),
                },
            };
            plans.push(plan);
        }
        plans
    }

    fn fresh(&mut self, spot: &Spot, kind: &str) -> Name {
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
    fn goal(&mut self, goal: &Goal, spot: &Spot) -> Name {
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
    fn way(&mut self, after: &After, spot: &Spot, then: Option<Name>) -> Option<Name> {
        if let (true, Some(goal)) = (after.flow.is_empty(), &after.go) {
            return Some(self.goal(goal, spot));
        }
        self.inside(after, spot, then)
    }

    /// The steps of a block and the jump after it, as a sequence.
    fn inside(&mut self, after: &After, spot: &Spot, then: Option<Name>) -> Option<Name> {
        let go = after.go.clone().map(|goal| Statement { span: goal.name.span.clone(), kind: StatementKind::Go(goal) });
        let list: Vec<&Statement> = after.flow.iter().chain(&go).collect();
        self.sequence(&list, spot, then)
    }

    fn make(&mut self, step: Name, statements: &[&Statement], spot: &Spot, next: Option<Name>) {
        let Some(statement) = statements.first() else { return };
        let span = &statement.span;
        let optional = |tags: &Option<Tags>, checker: &Checker<'_>| match tags {
            Some(tags) => {
                checker.tags(Some(tags), &Word { text: String::new(), span: tags.span.clone() }, ("step", "步骤"))
            }
            None => Labels::default(),
        };
        let inner = Spot { prefix: format!("{step}."), ..spot.clone() };
        match &statement.kind {
            StatementKind::Task(task) => self.task(task, spot, next),
            StatementKind::Milestone(word, tags) => {
                let labels = self.checker.tags(tags.as_ref(), word, ("milestone", "里程碑"));
                self.push(step, labels, spot, next, StepKind::Milestone, &word.span);
            }
            StatementKind::Race { tags, branches, .. } => {
                let labels = optional(tags, self.checker);
                let at = self.flow.steps.len();
                let branches = self.branches(&step, branches, spot, span);
                self.push(step, labels, spot, next, StepKind::Race { branches }, span);
                if let Some(race) = self.flow.steps.pop() {
                    self.flow.steps.insert(at.min(self.flow.steps.len()), race);
                }
            }
            StatementKind::Receive { message, tags, from, asks, after } => {
                let labels = optional(tags, self.checker);
                let asks = self.checker.asks(asks).0;
                let kind = StepKind::Receive { message: name(message), from: self.checker.whom(from), asks };
                let next = self.inside(after, &inner, next);
                self.push(step, labels, spot, next, kind, span);
            }
            StatementKind::Timer { due, tags, after } => {
                let labels = optional(tags, self.checker);
                let kind = StepKind::Timer { after: self.due(due) };
                let next = self.inside(after, &inner, next);
                self.push(step, labels, spot, next, kind, span);
            }
            StatementKind::Choose { cases, otherwise } => {
                let made: Vec<Case> = cases
                    .iter()
                    .map(|(when, after)| Case {
                        when: self.checker.expr(when, &Type::Bool),
                        to: self.way_or_nothing(after, &inner, next.clone(), span),
                    })
                    .collect();
                let otherwise = otherwise.as_ref().map(|after| self.way_or_nothing(after, &inner, next.clone(), span));
                self.push(step, Labels::default(), spot, next, StepKind::Choose { cases: made, otherwise }, span);
            }
            StatementKind::Act(_) => {
                let deeds: Vec<&Deed> = statements
                    .iter()
                    .filter_map(|one| match &one.kind {
                        StatementKind::Act(deed) => Some(deed),
                        _ => None,
                    })
                    .collect();
                let actions = deeds.into_iter().filter_map(|deed| self.checker.action(deed)).collect();
                self.push(step, Labels::default(), spot, next, StepKind::Act { actions }, span);
            }
            StatementKind::End(_, _) | StatementKind::Go(_) => {}
        }
    }

    /// Where a case leads; a step that does nothing where it only falls out of the branch.
    fn way_or_nothing(&mut self, after: &After, spot: &Spot, then: Option<Name>, span: &Place) -> Name {
        match self.way(after, spot, then) {
            Some(way) => way,
            None => {
                let step = self.fresh(spot, "nothing");
                self.push(step.clone(), Labels::default(), spot, None, StepKind::Act { actions: Vec::new() }, span);
                step
            }
        }
    }

    fn branches(&mut self, race: &Name, branches: &[Vec<Statement>], spot: &Spot, span: &Place) -> Vec<Name> {
        if branches.len() < 2 && self.checker.doubtful.is_empty() {
            let message = labels("a race needs at least two branches", "竞争至少需要两个分支");
            self.checker.report(Problem::error(Code::NoSteps, span.start..span.start + 4, message));
        }
        let mut first = Vec::new();
        for (index, branch) in branches.iter().enumerate() {
            let mut container = spot.container.clone();
            container.push(format!("{race}#{index}"));
            let inner = Spot { container, scope: Some(race.clone()), prefix: format!("{race}.") };
            let list: Vec<&Statement> = branch.iter().collect();
            match self.sequence(&list, &inner, None) {
                Some(entry) => first.push(entry),
                None => {
                    let message = labels("a branch of this race has no steps", "竞争的一个分支中没有步骤");
                    self.checker.report(Problem::error(Code::NoSteps, span.start..span.start + 4, message));
                }
            }
        }
        first
    }

    fn task(&mut self, task: &TaskText, spot: &Spot, next: Option<Name>) {
        let checker = self.checker;
        let labels = checker.tags(task.tags.as_ref(), &task.name, ("task", "任务"));
        let (asks, reason) = checker.asks(&task.asks);
        let at = self.flow.steps.len();
        checker.unique(task.outcomes.iter().map(|outcome| &outcome.name), ("outcome", "结果"));
        if task.outcomes.is_empty() && checker.doubtful.is_empty() {
            let word = &task.name;
            checker.report(no_outcome(word));
        }
        let outcomes =
            task.outcomes.iter().map(|outcome| self.outcome(task, outcome, reason, spot, next.clone())).collect();
        let made = Task {
            candidates: checker.candidates(task),
            due: task.due.as_ref().map(|due| self.due(due)),
            asks,
            outcomes,
        };
        self.push(name(&task.name), labels, spot, next, StepKind::Task(made), &task.name.span);
        if let Some(made) = self.flow.steps.pop() {
            self.flow.steps.insert(at.min(self.flow.steps.len()), made);
        }
    }

    fn outcome(
        &mut self,
        task: &TaskText,
        outcome: &OutcomeText,
        task_reason: Reason,
        spot: &Spot,
        next: Option<Name>,
    ) -> Outcome {
        let checker = self.checker;
        let (asks, reason) = checker.asks(&outcome.asks);
        let twice = task.asks.iter().chain(&outcome.asks).flat_map(|ask| &ask.fields);
        if task
            .asks
            .iter()
            .flat_map(|ask| &ask.fields)
            .any(|word| outcome.asks.iter().any(|ask| ask.fields.iter().any(|held| held.text == word.text)))
        {
            checker.unique(twice, ("ask for", "询问的字段"));
        }
        if let Some(second) = outcome.tags.get(1) {
            checker.error(Code::Duplicate, &second.span, "the outcome has a label already", "该结果已有标签");
        }
        let inner = Spot { prefix: format!("{}.{}.", task.name.text, outcome.name.text), ..spot.clone() };
        let empty = outcome.after.flow.is_empty() && outcome.after.go.is_none();
        Outcome {
            name: name(&outcome.name),
            labels: checker.tags(outcome.tags.first(), &outcome.name, ("outcome", "结果")),
            asks,
            reason: if task_reason == Reason::Asked { Reason::Asked } else { reason },
            requires: outcome
                .requires
                .iter()
                .map(|(condition, tags)| {
                    let word = Word { text: String::new(), span: tags.span.clone() };
                    Requirement {
                        condition: checker.expr(condition, &Type::Bool),
                        otherwise: checker.tags(Some(tags), &word, ("requirement", "要求")),
                    }
                })
                .collect(),
            to: if empty { None } else { self.way(&outcome.after, &inner, next) },
        }
    }

    fn due(&mut self, due: &DueText) -> Due {
        let hours = due.counted.as_ref().map(|term| self.checker.calendar(term));
        let counted = due.span.counting == engine::time::Counting::Working;
        if counted && hours.is_none() && !self.checker.has_hours() {
            let message =
                labels("nothing says which calendar counts this working time", "没有说明用哪个日历计算工作时间");
            let hint = labels(
                "write `hours service.calendar` in the process, or `counted by …` here",
                "请在流程中写 `hours service.calendar`，或在此处写 `counted by …`",
            );
            self.checker.report(Problem::error(Code::MissingPart, due.place.clone(), message).with_hint(hint));
        }
        Due { span: due.span, hours }
    }

    fn push(&mut self, step: Name, labels: Labels, spot: &Spot, next: Option<Name>, kind: StepKind, span: &Place) {
        if self.flow.steps.len() >= STEPS_MAX {
            let message = crate::problem::labels(
                format!("the process has more than {STEPS_MAX} steps"),
                format!("流程超过 {STEPS_MAX} 个步骤"),
            );
            self.checker.report(Problem::error(Code::TooLong, span.clone(), message));
            return;
        }
        let step = self.step(step, labels, spot.scope.clone(), next, kind, span);
        self.flow.steps.push(Made { step, span: span.clone(), container: spot.container.clone() });
    }

    fn step(
        &self,
        step: Name,
        labels: Labels,
        scope: Option<Name>,
        next: Option<Name>,
        kind: StepKind,
        span: &Place,
    ) -> Step {
        Step { name: step, labels, scope, next, kind, line: self.checker.line(span) }
    }
}

impl Checker<'_> {
    /// Whether the process says which calendar counts.
    fn has_hours(&self) -> bool {
        let items = self.file.processes.first().map(|process| process.items.as_slice()).unwrap_or_default();
        items.iter().any(|item| matches!(item, Item::Hours(_)))
    }

    /// The tasks' names, for examples.
    pub(super) fn is_task(&self, word: &str) -> bool {
        matches!(self.names.steps.get(word), Some((StepSort::Task, _)))
    }
}

/// The name of the step at which a record ends with an outcome.
pub(super) fn end_step(outcome: &str) -> Name {
    Name::from(format!("end_{outcome}"))
}

fn no_outcome(word: &Word) -> Problem {
    let message = labels(
        format!("task `{}` has no outcome, so it can never be finished", word.text),
        format!("任务 `{}` 没有结果，永远无法完成", word.text),
    );
    let hint = labels(
        "add a line such as `outcome done \"Done\" zh \"完成\"`",
        "请加上一行，例如 `outcome done \"Done\" zh \"完成\"`",
    );
    Problem::error(Code::NoOutcome, word.span.clone(), message).with_hint(hint)
}
