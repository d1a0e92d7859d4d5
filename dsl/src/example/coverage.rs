//! What of a definition its examples touched: steps, outcomes, rows of tables.

use std::collections::BTreeSet;

use engine::definition::{Handled, Labels, Parts, StepKind};
use engine::event::Event;
use engine::ids::Name;
use engine::play::Play;
use engine::witness::{RowSeen, Witness};

use super::ExampleResult;
use crate::problem::labels;

/// What one example touched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Covered {
    /// The steps that a token came to.
    pub steps: BTreeSet<Name>,
    /// The outcomes chosen, with their steps.
    pub outcomes: BTreeSet<(Name, Name)>,
    /// The rows that decided, wherever their table was asked.
    pub rows: BTreeSet<RowSeen>,
}

impl Covered {
    pub(crate) fn by(play: &Play, witness: &Witness) -> Covered {
        let mut covered = Covered { rows: witness.taken(), ..Covered::default() };
        for event in play.played().iter().flat_map(|played| &played.events) {
            match event {
                Event::Entered { step, .. } => {
                    covered.steps.insert(step.clone());
                }
                Event::TaskCompleted { step, outcome, .. } | Event::ApprovalDecided { step, outcome, .. } => {
                    covered.outcomes.insert((step.clone(), outcome.clone()));
                }
                _ => {}
            }
        }
        covered
    }
}

/// How much of a definition its examples touch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// Its steps.
    pub steps: Share,
    /// The outcomes of its tasks and approvals.
    pub outcomes: Share,
    /// The rows of its tables, `else` among them.
    pub rows: Share,
    /// What no example touches, by line.
    pub missed: Vec<Missed>,
}

/// How many of some things are touched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Those that are.
    pub touched: usize,
    /// All.
    pub all: usize,
}

/// Something that no example touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missed {
    /// The line in the source, from 1; that of the row before where it is an `else`, that of its task where it is an
    /// outcome.
    pub line: u32,
    /// What it is: `outcome reject of triage`.
    pub what: Labels,
}

impl Coverage {
    /// What the examples that gave these results touch.
    pub fn of(parts: &Parts, results: &[ExampleResult]) -> Coverage {
        let mut missed = Vec::new();
        let steps = share(steps(parts), &all(results, |covered| &covered.steps), &mut missed);
        let outcomes = share(outcomes(parts), &all(results, |covered| &covered.outcomes), &mut missed);
        let rows = share(rows(parts), &all(results, |covered| &covered.rows), &mut missed);
        missed.sort_by_key(|missed| missed.line);
        Coverage { steps, outcomes, rows, missed }
    }

    /// Percent of everything, rounded; 100 only where nothing is missed.
    pub fn percent(&self) -> usize {
        let shares = [self.steps, self.outcomes, self.rows];
        let (touched, all) = shares.iter().fold((0, 0), |sum, share| (sum.0 + share.touched, sum.1 + share.all));
        if touched == all { 100 } else { ((200 * touched + all) / (2 * all)).min(99) }
    }
}

fn all<K: Clone + Ord>(results: &[ExampleResult], touched: impl Fn(&Covered) -> &BTreeSet<K>) -> BTreeSet<K> {
    results.iter().flat_map(|result| touched(&result.covered)).cloned().collect()
}

/// How many of the things are touched; the others are added to what is missed.
fn share<K: Ord>(things: impl Iterator<Item = (K, Missed)>, touched: &BTreeSet<K>, missed: &mut Vec<Missed>) -> Share {
    let mut share = Share::default();
    for (key, thing) in things {
        share.all += 1;
        if touched.contains(&key) {
            share.touched += 1;
        } else {
            missed.push(thing);
        }
    }
    share
}

fn steps(parts: &Parts) -> impl Iterator<Item = (Name, Missed)> {
    parts.steps.iter().map(|step| {
        let name = &step.name;
        // What the author has not named is found by its line.
        let what = match &step.kind {
            StepKind::Act { .. } | StepKind::Undo => labels("what is done here", "此处的操作"),
            StepKind::Choose { .. } => labels("the decision here", "此处的判断"),
            StepKind::Race { .. } | StepKind::Together { .. } | StepKind::ForEach(_) => {
                labels("the branches here", "此处的分支")
            }
            StepKind::Timer { .. } | StepKind::Wait { .. } | StepKind::Receive { .. } | StepKind::Signal { .. } => {
                labels("the wait here", "此处的等待")
            }
            StepKind::End(end) => labels(format!("end {}", end.outcome), format!("结束 {}", end.outcome)),
            StepKind::Job(_) => labels("the job here", "此处的作业"),
            StepKind::Call(_) => labels("the call here", "此处的调用"),
            StepKind::Handler { of: Handled::Cancel, .. } => labels("what is done on cancel", "取消时的处理"),
            StepKind::Handler { of: Handled::Error, .. } => labels("what is done on error", "出错时的处理"),
            StepKind::Extra { .. } => labels("what people may add here", "此处可添加的部分"),
            StepKind::Task(_) | StepKind::Approval(_) | StepKind::Milestone | StepKind::Block { .. } => {
                labels(format!("step {name}"), format!("步骤 {name}"))
            }
        };
        (name.clone(), Missed { line: step.line, what })
    })
}

fn outcomes(parts: &Parts) -> impl Iterator<Item = ((Name, Name), Missed)> {
    parts.steps.iter().flat_map(|step| {
        step.kind.outcomes().iter().map(|outcome| {
            let (name, outcome) = (&step.name, &outcome.name);
            let what = labels(format!("outcome {outcome} of {name}"), format!("任务 {name} 的结果 {outcome}"));
            ((name.clone(), outcome.clone()), Missed { line: step.line, what })
        })
    })
}

fn rows(parts: &Parts) -> impl Iterator<Item = (RowSeen, Missed)> {
    parts.tables.iter().flat_map(|table| {
        let name = &table.name;
        let last = table.rows.last().map_or(0, |row| row.line);
        let row = |line| RowSeen { table: name.clone(), line };
        let written = table.rows.iter().map(move |held| {
            let what = labels(format!("row of table {name}"), format!("决策表 {name} 的一行"));
            (row(Some(held.line)), Missed { line: held.line, what })
        });
        let otherwise = table.otherwise.iter().map(move |_| {
            let what = labels(format!("else of table {name}"), format!("决策表 {name} 的 else"));
            (row(None), Missed { line: last, what })
        });
        written.chain(otherwise)
    })
}
