//! What is wrong with a plan itself.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::discriminant;

use serde::{Deserialize, Serialize};

use super::MigrationPlan;
use crate::definition::{Labels, Parts};
use crate::ids::Name;

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

pub(super) fn faults(old: &Parts, new: &Parts, plan: &MigrationPlan) -> BTreeSet<PlanFault> {
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
