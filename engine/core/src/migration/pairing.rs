//! Two versions side by side: whether a record of the one can stand in the other.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::discriminant;

use super::fault::faults;
use super::{MigrationPlan, Obstacle, PlanFault};
use crate::definition::{Approval, Definition, Field, Origin, Parts, Presence, StepKind};
use crate::ids::Name;
use crate::instance::{ClockState, Instance};
use crate::value::Value;

/// A plan between two versions that it fits: what a migration needs.
#[derive(Clone, Debug)]
pub struct Passage<'d> {
    pub(crate) old: &'d Definition,
    pub(crate) new: &'d Definition,
    pairing: Pairing<'d>,
}

impl<'d> Passage<'d> {
    /// The plan between its versions.
    ///
    /// # Errors
    /// Everything that is wrong with the plan itself.
    pub fn new(
        old: &'d Definition,
        new: &'d Definition,
        plan: MigrationPlan,
    ) -> Result<Passage<'d>, BTreeSet<PlanFault>> {
        let mut faults = faults(old.parts(), new.parts(), &plan);
        if (old.id(), new.id()) != (&plan.from, &plan.to) {
            faults.insert(PlanFault::OtherVersions);
        }
        match faults.is_empty() {
            true => Ok(Passage { old, new, pairing: Pairing::of(old.parts(), new.parts(), plan) }),
            false => Err(faults),
        }
    }

    /// The plan.
    pub fn plan(&self) -> &MigrationPlan {
        &self.pairing.plan
    }

    /// Why a record of the old version could not move to the new one; nothing where it could.
    pub fn obstacles(&self, record: &Instance) -> BTreeSet<Obstacle> {
        self.pairing.obstacles(record)
    }
}

/// Two versions side by side, as a plan pairs them.
#[derive(Clone, Debug)]
pub struct Pairing<'p> {
    old: &'p Parts,
    new: &'p Parts,
    plan: MigrationPlan,
    /// For each step of the old version, the fields for which the new one still asks from there on.
    asked_ahead: BTreeMap<Name, BTreeSet<Name>>,
    /// What is wrong with the branches of a step, by the step of the old version.
    branches: BTreeMap<Name, Obstacle>,
}

impl<'p> Pairing<'p> {
    /// The pairs of a plan that was made from these versions.
    pub fn of(old: &'p Parts, new: &'p Parts, plan: MigrationPlan) -> Pairing<'p> {
        let ahead = |(was, is): (&Name, &Name)| (was.clone(), new.asked_from(is));
        let wrong = |(was, is): (&Name, &Name)| Some((was.clone(), other_branches(old, new, &plan, was, is)?));
        let asked_ahead = plan.steps.iter().map(ahead).collect();
        let branches = plan.steps.iter().filter_map(wrong).collect();
        Pairing { old, new, plan, asked_ahead, branches }
    }

    /// Why a record of the old version could not move to the new one; nothing where it could.
    pub fn obstacles(&self, record: &Instance) -> BTreeSet<Obstacle> {
        let places = record.tokens().iter().filter_map(|token| {
            let around = token.parent.and_then(|parent| record.token(parent)).map(|held| &held.step);
            self.misplaced(&token.step, around)
        });
        let clocks = record.clocks().iter().filter_map(|run| {
            let runs = match run.state {
                ClockState::Running { .. } | ClockState::Paused { .. } => true,
                ClockState::Stopped { .. } => false,
            };
            let is = self.plan.clocks.get(&run.clock).unwrap_or(&run.clock);
            let gone = !self.new.clocks.iter().any(|clock| clock.name == *is);
            let given_up = self.plan.dropped.contains(&run.clock);
            (runs && gone && !given_up).then(|| Obstacle::ClockGone { clock: run.clock.clone() })
        });
        let stuck = record.repair().map(|_| Obstacle::Stuck);
        let values = self.new.fields.iter().filter_map(|field| self.trouble(field, record));
        let votes = record.ballots().iter().filter(|ballot| self.counts_otherwise(&ballot.step));
        let votes = votes.map(|ballot| Obstacle::OtherVote { step: ballot.step.clone() });
        places.chain(clocks).chain(stuck).chain(values).chain(votes).collect()
    }

    /// What is wrong with standing in a step, around which another is.
    fn misplaced(&self, step: &Name, around: Option<&Name>) -> Option<Obstacle> {
        let gone = || Some(Obstacle::StepGone { step: step.clone() });
        let Some(is) = self.plan.steps.get(step).and_then(|is| self.new.step(is)) else { return gone() };
        let Some(was) = self.old.step(step) else { return gone() };
        if !waits_alike(&was.kind, &is.kind) {
            return Some(Obstacle::OtherKind { step: step.clone(), is: is.name.clone() });
        }
        if around.map(|held| self.plan.steps.get(held)) != is.scope.as_ref().map(Some) {
            let (was, is) = (was.scope.clone(), is.scope.clone());
            return Some(Obstacle::OtherScope { step: step.clone(), was, is });
        }
        if let (Some(before), Some(after)) = (was.kind.task(), is.kind.task())
            && !after.outcomes.iter().any(|outcome| before.outcomes.iter().any(|held| held.name == outcome.name))
        {
            return Some(Obstacle::NoOutcomeLeft { step: step.clone() });
        }
        self.branches.get(step).cloned()
    }

    /// Whether an approval on which people vote is one of other levels or another number in the new version: what was voted
    /// was voted on other terms.
    fn counts_otherwise(&self, step: &Name) -> bool {
        let found = |parts: &'p Parts, name: &Name| parts.step(name).and_then(|step| step.kind.approval());
        let after = self.plan.steps.get(step).and_then(|is| found(self.new, is));
        let terms = |approval: &Approval| (approval.levels.len(), approval.needs);
        found(self.old, step).zip(after).is_some_and(|(before, after)| terms(before) != terms(after))
    }

    /// What is wrong with a record's value of a field of the new version.
    fn trouble(&self, field: &Field, record: &Instance) -> Option<Obstacle> {
        let name = &field.name;
        match self.value_there(name, record) {
            Some(value) if field.holds.admits(value).is_err() => Some(Obstacle::UnfitValue { field: name.clone() }),
            Some(_) => None,
            None => {
                let asked = record.tokens().iter().filter_map(|token| self.asked_ahead.get(&token.step));
                let comes = asked.into_iter().any(|fields| fields.contains(name));
                (begins_with(self.new, field) && !comes).then(|| Obstacle::NoValue { field: name.clone() })
            }
        }
    }

    /// The value that a field of the new version would have, but for what is derived or defaulted.
    fn value_there<'v>(&'v self, field: &Name, record: &'v Instance) -> Option<&'v Value> {
        let was = self.plan.fields.iter().find(|(_, is)| *is == field).map_or(field, |(was, _)| was);
        let moved_away = was == field && self.plan.fields.contains_key(field);
        let held = if moved_away { None } else { record.fields().get(was) };
        match self.plan.set.get(field) {
            Some(Value::Nothing) => None,
            Some(set) => held.or(Some(set)),
            None => held,
        }
    }
}

/// Whether every record has a value of the field from its start on, since a person gave one.
fn begins_with(parts: &Parts, field: &Field) -> bool {
    let asked = parts.start.asks.iter().any(|ask| ask.field == field.name);
    let given = matches!(field.origin, Origin::Given { default: None });
    asked && given && field.presence == Presence::Required
}

/// What is wrong with the branches of a step: each of the old ones must be one of the new ones, and none come besides.
fn other_branches(old: &Parts, new: &Parts, plan: &MigrationPlan, was: &Name, is: &Name) -> Option<Obstacle> {
    let mut left: Vec<&Name> = new.branches(is);
    for branch in old.branches(was) {
        let inside = old.within(branch, was);
        let mut there = inside.iter().filter_map(|step| plan.steps.get(step)).filter_map(|step| {
            let step = new.step(step)?;
            new.branch_of(step)
        });
        let first = there.next();
        let found = first.filter(|_| there.all(|other| Some(other) == first));
        match found.and_then(|found| left.iter().position(|held| *held == found)) {
            Some(place) => {
                left.remove(place);
            }
            None => return Some(Obstacle::BranchGone { step: was.clone(), branch: branch.clone() }),
        }
    }
    left.first().map(|branch| Obstacle::NewBranch { step: was.clone(), branch: (*branch).clone() })
}

/// Whether what stands in one step can stand in the other.
fn waits_alike(was: &StepKind, is: &StepKind) -> bool {
    let within = match (was, is) {
        (StepKind::Wait { until: was }, StepKind::Wait { until: is }) => discriminant(was) == discriminant(is),
        (StepKind::Job(was), StepKind::Job(is)) => discriminant(&was.work) == discriminant(&is.work),
        _ => true,
    };
    within && discriminant(was) == discriminant(is)
}
