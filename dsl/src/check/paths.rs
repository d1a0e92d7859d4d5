//! Where the paths lead: every one ends or waits, every step is reached, no loop runs for ever, no jump leads into
//! a race or an aside.

use std::collections::{BTreeMap, BTreeSet};

use engine::definition::{Branch, Needs, StepKind, Until};
use engine::ids::Name;

use super::Checker;
use super::flow::{Flow, Lasts, Made};
use crate::problem::{Code, Problem, labels};
use crate::tree::Place;

impl Checker<'_> {
    pub(super) fn paths(&self, flow: &Flow) {
        let steps: BTreeMap<&Name, &Made> = flow.steps.iter().map(|made| (&made.step.name, made)).collect();
        self.jumps(flow, &steps);
        // A broken statement may be the very step that is missing, and where a step is unknown, paths mean nothing.
        let meaningless = [Code::UnknownStep, Code::UnknownEnd, Code::Duplicate, Code::NoOutcome, Code::NoSteps];
        if !self.doubtful.is_empty() || self.has_any(&meaningless) {
            return;
        }
        let reached = reached(flow, &steps);
        self.unreached(flow, &steps, &reached);
        self.falls(flow, &steps, &reached);
        self.loops(flow, &steps);
        self.waits(flow, &steps);
        self.joins(flow, &steps);
    }

    fn jumps(&self, flow: &Flow, steps: &BTreeMap<&Name, &Made>) {
        for jump in &flow.jumps {
            let Some(target) = steps.get(&jump.target) else { continue };
            if !jump.container.starts_with(&target.container) {
                let common =
                    jump.container.iter().zip(&target.container).take_while(|(one, other)| one == other).count();
                let inside = target.container.get(common).map(|branch| branch.split('#').next().unwrap_or(branch));
                let inside = inside.unwrap_or_default();
                let message = labels(
                    format!("`{}` lies inside `{inside}`; no jump leads into it", jump.target),
                    format!("`{}` 在 `{inside}` 内部，不能跳入", jump.target),
                );
                let hint = labels(format!("jump to `{inside}` itself"), format!("请跳转到 `{inside}` 本身"));
                let problem = Problem::error(Code::JumpInside, jump.span.clone(), message).with_hint(hint);
                self.report(problem.with_note(target.span.clone(), labels("it stands here", "它在这里")));
            }
        }
    }

    fn unreached<'f>(&self, flow: &'f Flow, steps: &BTreeMap<&'f Name, &'f Made>, reached: &BTreeSet<&Name>) {
        let mut told: BTreeSet<&Name> = BTreeSet::new();
        for made in flow.steps.iter().filter(|made| !reached.contains(&made.step.name)) {
            // What lies inside something unreached, or comes after it, is mended with it.
            let outer = made.step.scope.as_ref().is_some_and(|scope| !reached.contains(scope));
            if !outer && !told.contains(&made.step.name) {
                told.append(&mut reached_from(vec![&made.step.name], steps));
                let name = &made.step.name;
                let named = matches!(made.step.kind, StepKind::End(_)) || self.names.steps.contains_key(name.as_str());
                let (shown, hint) = match named {
                    true => {
                        (shown(name), labels("jump to it with `->`, or take it out", "请用 `->` 跳转到它，或删除它"))
                    }
                    false => (
                        labels("this statement", "这条语句"),
                        labels(
                            "every way before it jumps elsewhere: move it before the jump, or take it out",
                            "它之前的每条路径都跳到了别处：请移到跳转之前，或删除它",
                        ),
                    ),
                };
                let message = labels(format!("nothing leads to {}", shown.en), format!("没有任何路径到达{}", shown.zh));
                self.report(Problem::error(Code::Unreachable, made.span.clone(), message).with_hint(hint));
            }
        }
    }

    /// Reports steps after which the main way or an aside goes on to nothing.
    fn falls(&self, flow: &Flow, steps: &BTreeMap<&Name, &Made>, reached: &BTreeSet<&Name>) {
        for made in flow.steps.iter().filter(|made| reached.contains(&made.step.name)) {
            if made.step.next.is_some() || !made.step.kind.goes_on() || flow.entries.contains(&made.step.name) {
                continue;
            }
            let scope = made.step.scope.as_ref().and_then(|scope| steps.get(scope));
            match scope.map(|scope| &scope.step.kind) {
                Some(
                    StepKind::Race { .. }
                    | StepKind::Together { .. }
                    | StepKind::ForEach(_)
                    | StepKind::Handler { .. }
                    | StepKind::Extra { .. },
                ) => {}
                Some(_) => {
                    let message = labels(
                        "the aside is over after this step, and nothing says where to go on",
                        "旁路在此步骤之后结束，但没有说明接着去哪里",
                    );
                    let hint = labels("end it with `-> step` or `-> end …`", "请以 `-> 步骤` 或 `-> end …` 收尾");
                    self.report(Problem::error(Code::FallsOff, made.span.clone(), message).with_hint(hint));
                }
                None => {
                    let message =
                        labels("after this step the record neither ends nor waits", "此步骤之后，记录既不结束也不等待");
                    let hint = labels(
                        "write `end closed \"Closed\" zh \"已关闭\"` or a jump after it",
                        "请在其后写 `end closed \"Closed\" zh \"已关闭\"` 或跳转",
                    );
                    self.report(Problem::error(Code::FallsOff, made.span.clone(), message).with_hint(hint));
                }
            }
        }
    }

    /// Reports loops through steps that never wait.
    fn loops(&self, flow: &Flow, steps: &BTreeMap<&Name, &Made>) {
        let mut done: BTreeSet<&Name> = BTreeSet::new();
        for made in &flow.steps {
            self.follow(&made.step.name, &mut done, steps);
        }
    }

    /// Reports waits that nothing ends for certain, unless the definition says that they may last.
    fn waits(&self, flow: &Flow, steps: &BTreeMap<&Name, &Made>) {
        for made in flow.steps.iter().filter(|made| made.lasts == Lasts::ForEver) {
            if !is_timed(made, steps) {
                self.no_deadline(&made.span);
            }
        }
    }

    pub(super) fn no_deadline(&self, span: &Place) {
        let message = labels("this may wait for ever", "这里可能永远等待下去");
        let hint = labels(
            "put it into a `race` with `after …`, or write `no deadline`",
            "请把它与 `after …` 一起放进 `race`，或写明 `no deadline`",
        );
        let line = self.source.get(span.clone()).and_then(|text| text.lines().next()).map_or(0, str::len);
        self.report(Problem::error(Code::NoDeadline, span.start..span.start + line, message).with_hint(hint));
    }

    /// Reports branches of which never enough come to their end.
    fn joins(&self, flow: &Flow, steps: &BTreeMap<&Name, &Made>) {
        for made in &flow.steps {
            let StepKind::Together { branches, needs, rest: _ } = &made.step.kind else { continue };
            let ends = |branch: &&Branch| comes_to_end(&branch.first, &made.step.name, steps);
            let there = branches.iter().filter(ends).count();
            let stuck = match needs {
                Needs::All => branches.iter().find(|branch| !ends(branch)),
                Needs::Count(count) if usize::try_from(*count).is_ok_and(|count| count > there) => {
                    branches.iter().find(|branch| !ends(branch))
                }
                Needs::Count(_) => None,
            };
            if let Some(first) = stuck.and_then(|branch| steps.get(&branch.first)) {
                let message = labels(
                    "this branch never comes to its end, so `together` is never over",
                    "这个分支永远不会结束，因此 `together` 无法完成",
                );
                let hint = labels(
                    "let it come to its end, or write `until any is done`",
                    "请让它能够结束，或写 `until any is done`",
                );
                self.report(Problem::error(Code::JoinUnreachable, first.span.clone(), message).with_hint(hint));
            }
        }
    }

    fn follow<'f>(&self, step: &'f Name, done: &mut BTreeSet<&'f Name>, steps: &BTreeMap<&'f Name, &'f Made>) {
        // Without recursion, since a file may have thousands of steps in a row.
        if done.contains(step) {
            return;
        }
        let mut stack: Vec<(&Name, Vec<&Name>)> = vec![(step, automatic(step, steps))];
        let mut path: BTreeSet<&Name> = BTreeSet::from([step]);
        while let Some((at, left)) = stack.last_mut() {
            let at = *at;
            match left.pop() {
                Some(next) if path.contains(next) => {
                    if let Some(made) = steps.get(next) {
                        let message = labels(
                            "from here a loop leads back here without ever waiting",
                            "从这里出发的循环会回到这里，中途从不等待",
                        );
                        let hint = labels(
                            "put a task, a message or `after …` into the loop",
                            "请在循环中加入任务、消息或 `after …`",
                        );
                        self.report(Problem::error(Code::EndlessLoop, made.span.clone(), message).with_hint(hint));
                    }
                }
                Some(next) if done.contains(next) => {}
                Some(next) => {
                    path.insert(next);
                    stack.push((next, automatic(next, steps)));
                }
                None => {
                    done.insert(at);
                    path.remove(at);
                    stack.pop();
                }
            }
        }
    }
}

fn shown(step: &Name) -> engine::definition::Labels {
    match step.as_str().strip_prefix("end_") {
        Some(outcome) => labels(format!("end `{outcome}`"), format!("结束 `{outcome}`")),
        None => labels(format!("`{step}`"), format!(" `{step}`")),
    }
}

/// Every step that some path from the first comes to.
fn reached<'f>(flow: &'f Flow, steps: &BTreeMap<&'f Name, &'f Made>) -> BTreeSet<&'f Name> {
    reached_from(flow.first.iter().chain(&flow.entries).collect(), steps)
}

fn reached_from<'f>(mut left: Vec<&'f Name>, steps: &BTreeMap<&'f Name, &'f Made>) -> BTreeSet<&'f Name> {
    let mut reached: BTreeSet<&Name> = BTreeSet::new();
    while let Some(step) = left.pop() {
        if let (Some(made), true) = (steps.get(step), reached.insert(step)) {
            left.extend(made.step.kind.ways());
            if made.step.kind.goes_on() {
                left.extend(falls_to(made, steps));
            }
        }
    }
    reached
}

/// Where a path goes that leaves a step by falling through: the step after, or the one after the enclosing race.
pub(super) fn falls_to<'f>(made: &'f Made, steps: &BTreeMap<&'f Name, &'f Made>) -> Option<&'f Name> {
    let mut at = made;
    loop {
        if let Some(next) = &at.step.next {
            return Some(next);
        }
        at = steps.get(at.step.scope.as_ref()?)?;
    }
}

/// Whether a race around a step, at any depth, has a branch that time alone brings to its end.
fn is_timed(made: &Made, steps: &BTreeMap<&Name, &Made>) -> bool {
    let mut at = made;
    while let Some(around) = at.step.scope.as_ref().and_then(|scope| steps.get(scope)) {
        if let StepKind::Race { branches } = &around.step.kind {
            let timed = |first: &Name| {
                matches!(
                    steps.get(first).map(|made| &made.step.kind),
                    Some(StepKind::Timer { .. } | StepKind::Wait { until: Until::Instant(_) })
                )
            };
            if branches.iter().any(timed) {
                return true;
            }
        }
        at = around;
    }
    false
}

/// Whether some way from the first step of a branch comes to the branch's end.
fn comes_to_end(first: &Name, around: &Name, steps: &BTreeMap<&Name, &Made>) -> bool {
    let mut seen: BTreeSet<&Name> = BTreeSet::new();
    let mut left: Vec<&Name> = steps.get_key_value(first).map(|(name, _)| *name).into_iter().collect();
    while let Some(step) = left.pop() {
        let (Some(made), true) = (steps.get(step), seen.insert(step)) else { continue };
        let inside = made.container.iter().any(|held| held.split('#').next() == Some(around.as_str()));
        if !inside {
            continue;
        }
        left.extend(made.step.kind.ways());
        if made.step.kind.goes_on() {
            match falls_within(made, around, steps) {
                Some(next) => left.push(next),
                None => return true,
            }
        }
    }
    false
}

/// Where a path goes that leaves a step by falling through; nothing where it falls out of a branch of `around`.
fn falls_within<'f>(made: &'f Made, around: &Name, steps: &BTreeMap<&'f Name, &'f Made>) -> Option<&'f Name> {
    let mut at = made;
    loop {
        if let Some(next) = &at.step.next {
            return Some(next);
        }
        let scope = at.step.scope.as_ref()?;
        if scope == around {
            return None;
        }
        at = steps.get(scope)?;
    }
}

/// Where a step that does not wait leads at once.
fn automatic<'f>(step: &'f Name, steps: &BTreeMap<&'f Name, &'f Made>) -> Vec<&'f Name> {
    let Some(made) = steps.get(step) else { return Vec::new() };
    match &made.step.kind {
        StepKind::Task(_)
        | StepKind::Approval(_)
        | StepKind::Receive { .. }
        | StepKind::Timer { .. }
        | StepKind::Wait { .. }
        | StepKind::Call(_)
        | StepKind::Job(_)
        | StepKind::Signal { .. }
        | StepKind::End(_) => Vec::new(),
        StepKind::Milestone
        | StepKind::Race { .. }
        | StepKind::Together { .. }
        | StepKind::ForEach(_)
        | StepKind::Undo
        | StepKind::Handler { .. }
        | StepKind::Extra { .. }
        | StepKind::Block { .. }
        | StepKind::Choose { .. }
        | StepKind::Act { .. } => {
            let mut to = made.step.kind.ways();
            if made.step.kind.goes_on() {
                to.extend(falls_to(made, steps));
            }
            to
        }
    }
}
