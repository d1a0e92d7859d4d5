//! How the steps of a process lie in one another, and what comes after each.

use std::collections::BTreeSet;

use super::{Parts, Step};
use crate::ids::Name;

impl Parts {
    /// The steps of a branch: those in the scope that its first step leads to without leaving it.
    pub fn within(&self, first: &Name, scope: &Name) -> BTreeSet<Name> {
        let mut reached = BTreeSet::new();
        let mut left = vec![first];
        while let Some(name) = left.pop() {
            let Some(step) = self.step(name) else { continue };
            if step.scope.as_ref() == Some(scope) && reached.insert(step.name.clone()) {
                left.extend(step.kind.ways().into_iter().chain(&step.next));
            }
        }
        reached
    }

    /// The fields that some form asks for from a step on, its own among them.
    pub(crate) fn asked_from(&self, first: &Name) -> BTreeSet<Name> {
        let mut reached = BTreeSet::new();
        let mut left = vec![first];
        while let Some(name) = left.pop() {
            let Some(step) = self.step(name) else { continue };
            if reached.insert(&step.name) {
                left.extend(step.kind.ways());
                left.extend(if step.kind.goes_on() { self.falls_to(step) } else { None });
            }
        }
        let steps = reached.into_iter().filter_map(|name| self.step(name));
        steps.flat_map(|step| step.kind.asks()).map(|ask| ask.field.clone()).collect()
    }

    /// The step after it, or the one after what it lies in.
    pub(crate) fn falls_to<'p>(&'p self, step: &'p Step) -> Option<&'p Name> {
        let mut at = step;
        // A scope lies in another until the outermost, so this is as long as the nesting is deep.
        loop {
            match &at.next {
                Some(next) => return Some(next),
                None => at = self.step(at.scope.as_ref()?)?,
            }
        }
    }

    /// The first steps of what a step holds inside it; nothing where it holds nothing.
    pub fn branches(&self, around: &Name) -> Vec<&Name> {
        let lies_inside = |first: &&Name| self.step(first).is_some_and(|step| step.scope.as_ref() == Some(around));
        self.step(around).map(|step| step.kind.ways()).unwrap_or_default().into_iter().filter(lies_inside).collect()
    }

    /// The first step of the branch that a step lies in; nothing on the main way.
    pub(crate) fn branch_of<'p>(&'p self, step: &Step) -> Option<&'p Name> {
        let scope = step.scope.as_ref()?;
        self.branches(scope).into_iter().find(|first| self.within(first, scope).contains(&step.name))
    }
}
