//! Where a record may come to from a step.

use std::collections::BTreeSet;

use engine::definition::{Parts, Step, StepKind};
use engine::ids::Name;

use crate::check::goes_on;

/// The fields that some form asks for from a step on, its own among them.
pub(super) fn asked_from(parts: &Parts, first: &Name) -> BTreeSet<Name> {
    let mut reached = BTreeSet::new();
    let mut left = vec![first];
    while let Some(name) = left.pop() {
        let Some(step) = found(parts, name) else { continue };
        if reached.insert(&step.name) {
            left.extend(step.kind.ways());
            left.extend(if goes_on(&step.kind) { falls_to(parts, step) } else { None });
        }
    }
    reached.into_iter().filter_map(|name| found(parts, name)).flat_map(asks).collect()
}

fn found<'p>(parts: &'p Parts, name: &Name) -> Option<&'p Step> {
    parts.steps.iter().find(|step| step.name == *name)
}

/// The step after it, or the one after what it lies in.
fn falls_to<'p>(parts: &'p Parts, step: &'p Step) -> Option<&'p Name> {
    let mut at = step;
    // A scope lies in another until the outermost, so this is as long as the nesting is deep.
    loop {
        match &at.next {
            Some(next) => return Some(next),
            None => at = found(parts, at.scope.as_ref()?)?,
        }
    }
}

fn asks(step: &Step) -> Vec<Name> {
    let asks: Vec<_> = match &step.kind {
        StepKind::Task(task) => {
            task.asks.iter().chain(task.outcomes.iter().flat_map(|outcome| &outcome.asks)).collect()
        }
        StepKind::Receive { asks, .. } => asks.iter().collect(),
        StepKind::Milestone
        | StepKind::Race { .. }
        | StepKind::Together { .. }
        | StepKind::Wait { .. }
        | StepKind::Later(_)
        | StepKind::Block { .. }
        | StepKind::Timer { .. }
        | StepKind::Choose { .. }
        | StepKind::Act { .. }
        | StepKind::End(_) => Vec::new(),
    };
    asks.into_iter().map(|ask| ask.field.clone()).collect()
}
