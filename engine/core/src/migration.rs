//! How the records of one version of a process come to another: the plan, what is wrong with a plan, and what keeps a
//! record from following it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::mem::discriminant;

use serde::{Deserialize, Serialize};

use crate::definition::{Approval, Definition, Field, Labels, Origin, Parts, Presence, StepKind};
use crate::ids::{DefinitionId, Name};
use crate::instance::{ClockState, Instance};
use crate::value::{Fields, Value};

/// How the records of one version come to another. Whatever is not named here keeps its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MigrationPlan {
    /// The version that the records follow.
    pub from: DefinitionId,
    /// The version to which they come.
    pub to: DefinitionId,
    /// For each step of the old version that is one of the new, its name there. A record that stands in a step that is
    /// not here cannot follow.
    pub steps: BTreeMap<Name, Name>,
    /// The fields that have another name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<Name, Name>,
    /// Values for fields of the new version that have none; `Nothing` empties a field.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: Fields,
    /// The clocks that have another name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub clocks: BTreeMap<Name, Name>,
    /// The clocks that are given up, with all that they have measured.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub dropped: BTreeSet<Name>,
}

/// What a migration did to the names of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Migrated {
    /// The version that it followed.
    pub from: DefinitionId,
    /// The version that it follows.
    pub to: DefinitionId,
    /// The steps that have another name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub steps: BTreeMap<Name, Name>,
    /// The fields that have another name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<Name, Name>,
    /// The clocks that have another name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub clocks: BTreeMap<Name, Name>,
    /// The clocks that were given up.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub dropped: BTreeSet<Name>,
    /// Why.
    pub reason: String,
}

/// Why a record cannot move to a new version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// The new version has no such step.
    StepGone {
        /// The step of the old version.
        step: Name,
    },
    /// The step does something of another kind: a task became a milestone.
    OtherKind {
        /// The step of the old version.
        step: Name,
        /// The step of the new one.
        is: Name,
    },
    /// The step lies in another race or aside.
    OtherScope {
        /// The step of the old version.
        step: Name,
        /// In what it lay; nothing for the main way.
        was: Option<Name>,
        /// In what it lies.
        is: Option<Name>,
    },
    /// The step has its name from its place, others like it came or went, and what stands in its place is something
    /// else.
    Shifted {
        /// The step of the old version.
        step: Name,
    },
    /// All outcomes of the task that people know are gone.
    NoOutcomeLeft {
        /// The task of the old version.
        step: Name,
    },
    /// People have been asked, and the new version has other levels or needs another number of votes.
    OtherVote {
        /// The approval of the old version.
        step: Name,
    },
    /// The race has a branch in which the record does not stand.
    NewBranch {
        /// The race of the old version.
        step: Name,
        /// The first step of the branch in the new one.
        branch: Name,
    },
    /// A branch that the record has gone or goes is not one of the new version's.
    BranchGone {
        /// The race of the old version.
        step: Name,
        /// The first step of the branch in the old one.
        branch: Name,
    },
    /// Every record of the new version has a value of the field from its start on; this one has none, and no form on
    /// its way asks for it.
    NoValue {
        /// The field.
        field: Name,
    },
    /// The record's value is not of the field's type any more, or not one of its choices.
    UnfitValue {
        /// The field.
        field: Name,
    },
    /// A clock of the record runs that the new version does not have.
    ClockGone {
        /// The clock.
        clock: Name,
    },
    /// The record must be mended first.
    Stuck,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Obstacle::StepGone { step } => write!(out, "the step {step} is gone"),
            Obstacle::OtherKind { step, is } => write!(out, "the step {step} is of another kind as {is}"),
            Obstacle::OtherScope { step, .. } => write!(out, "the step {step} lies in something else"),
            Obstacle::Shifted { step } => write!(out, "the step {step} has no name of its own"),
            Obstacle::NoOutcomeLeft { step } => write!(out, "all outcomes of the task {step} are gone"),
            Obstacle::OtherVote { step } => write!(out, "the approval {step} is counted otherwise"),
            Obstacle::NewBranch { step, branch } => write!(out, "{step} has a new branch, {branch}"),
            Obstacle::BranchGone { step, branch } => write!(out, "the branch {branch} of {step} is gone"),
            Obstacle::NoValue { field } => write!(out, "the field {field} has no value"),
            Obstacle::UnfitValue { field } => write!(out, "the value of the field {field} does not fit"),
            Obstacle::ClockGone { clock } => write!(out, "the clock {clock} runs and is gone"),
            Obstacle::Stuck => out.write_str("the record is stuck"),
        }
    }
}

/// What is wrong with a plan itself, whatever the record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanFault {
    /// The two versions are of different processes.
    OtherProcess,
    /// The plan is between other versions than those at hand.
    OtherVersions,
    /// The old version has no such step, field or clock.
    Unknown(Name),
    /// The new version has no such step, field or clock.
    UnknownThere(Name),
    /// The step is of another kind there.
    OtherKind(Name),
    /// Two would have this name in the new version.
    NameTaken(Name),
    /// The field cannot hold the value that is to be set.
    UnfitValue(Name),
}

impl PlanFault {
    /// What is wrong, as a sentence.
    pub fn said(&self) -> Labels {
        let (en, zh) = match self {
            PlanFault::OtherProcess => {
                ("the versions are of different processes".to_owned(), "两个版本不属于同一流程".to_owned())
            }
            PlanFault::OtherVersions => {
                ("the plan is between other versions".to_owned(), "方案针对的是另外的版本".to_owned())
            }
            PlanFault::Unknown(name) => (format!("the old version has no {name}"), format!("旧版本中没有 {name}")),
            PlanFault::UnknownThere(name) => (format!("the new version has no {name}"), format!("新版本中没有 {name}")),
            PlanFault::OtherKind(name) => {
                (format!("the step {name} is of another kind there"), format!("步骤 {name} 在新版本中是另一种步骤"))
            }
            PlanFault::NameTaken(name) => (format!("two would be called {name}"), format!("会有两个同名的 {name}")),
            PlanFault::UnfitValue(name) => {
                (format!("the field {name} cannot hold this value"), format!("字段 {name} 不能取这个值"))
            }
        };
        Labels { en, zh }
    }
}

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

fn faults(old: &Parts, new: &Parts, plan: &MigrationPlan) -> BTreeSet<PlanFault> {
    let mut faults = BTreeSet::new();
    if old.name != new.name {
        faults.insert(PlanFault::OtherProcess);
    }
    let steps = |parts: &Parts| parts.steps.iter().map(|step| step.name.clone()).collect::<BTreeSet<_>>();
    let fields = |parts: &Parts| parts.fields.iter().map(|field| field.name.clone()).collect::<BTreeSet<_>>();
    let clocks = |parts: &Parts| parts.clocks.iter().map(|clock| clock.name.clone()).collect::<BTreeSet<_>>();
    faults.extend(misnamed(&steps(old), &steps(new), &plan.steps));
    faults.extend(misnamed(&fields(old), &fields(new), &plan.fields));
    faults.extend(misnamed(&clocks(old), &clocks(new), &plan.clocks));
    for (was, is) in &plan.steps {
        let kind = |parts: &Parts, name: &Name| parts.step(name).map(|step| discriminant(&step.kind));
        if kind(old, was).is_some() && kind(new, is).is_some() && kind(old, was) != kind(new, is) {
            faults.insert(PlanFault::OtherKind(was.clone()));
        }
    }
    for clock in &plan.dropped {
        if !clocks(old).contains(clock) {
            faults.insert(PlanFault::Unknown(clock.clone()));
        }
    }
    for (field, value) in plan.set.iter().filter(|(_, value)| !value.is_empty()) {
        match new.fields.iter().find(|held| held.name == *field) {
            Some(held) if held.holds.admits(value).is_ok() => {}
            Some(_) => {
                faults.insert(PlanFault::UnfitValue(field.clone()));
            }
            None => {
                faults.insert(PlanFault::UnknownThere(field.clone()));
            }
        }
    }
    faults
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

/// What is wrong with the names in one part of a plan. A name that something else keeps cannot be taken, since both would
/// then have it.
fn misnamed(old: &BTreeSet<Name>, new: &BTreeSet<Name>, renamed: &BTreeMap<Name, Name>) -> BTreeSet<PlanFault> {
    let mut faults = BTreeSet::new();
    let mut taken: BTreeSet<&Name> = BTreeSet::new();
    for (was, is) in renamed {
        if !old.contains(was) {
            faults.insert(PlanFault::Unknown(was.clone()));
        }
        if !new.contains(is) {
            faults.insert(PlanFault::UnknownThere(is.clone()));
        }
        let stays = was != is && old.contains(is) && !renamed.contains_key(is);
        if stays || !taken.insert(is) {
            faults.insert(PlanFault::NameTaken(is.clone()));
        }
    }
    faults
}

impl Migrated {
    /// The plan that brings the record back: `before` is the record as it was, `after` as this led to it.
    pub fn inverse(&self, plan: &MigrationPlan, before: &Instance, after: &Instance) -> MigrationPlan {
        let turned = |names: &BTreeMap<Name, Name>| names.iter().map(|(was, is)| (is.clone(), was.clone())).collect();
        let fields: BTreeMap<Name, Name> = turned(&self.fields);
        let back = |name: &Name| fields.get(name).cloned().unwrap_or_else(|| name.clone());
        let had = |name: &Name| before.fields().contains_key(&back(name));
        let came = after.fields().keys().filter(|name| !had(name)).map(|name| (back(name), Value::Nothing));
        let clocks: BTreeMap<Name, Name> = turned(&self.clocks);
        let ran = |clock: &Name| {
            let was = clocks.get(clock).unwrap_or(clock);
            before.clocks().iter().any(|run| run.clock == *was)
        };
        let begun = after.clocks().iter().map(|run| run.clock.clone()).filter(|clock| !ran(clock));
        MigrationPlan {
            from: self.to.clone(),
            to: self.from.clone(),
            steps: turned(&plan.steps),
            set: came.collect(),
            dropped: begun.collect(),
            fields,
            clocks,
        }
    }

    /// Whether the record can be brought back at all: what a clock measured that was given up is gone.
    pub fn is_reversible(&self) -> bool {
        self.dropped.is_empty()
    }
}
