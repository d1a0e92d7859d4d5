//! What a new version of a process means for the records that run: which step of the old version is which of the new
//! one, and why a record could not move. Nothing is moved here; a record stays on its version until somebody does.

mod obstacle;
mod tally;

use std::collections::{BTreeMap, BTreeSet};
use std::mem::discriminant;

use engine::definition::{Parts, Step, StepKind};
use engine::ids::{DefinitionId, Name};
use engine::instance::Instance;
use engine::migration::{MigrationPlan, Pairing};

pub use engine::migration::Obstacle;
pub use tally::{Standing, Tally};

/// What becomes of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is there, and does the same.
    Same,
    /// It is there and is the same step, but says something else: another deadline, other people, another form.
    Changed,
    /// It is there under another name.
    Renamed {
        /// Its new name.
        to: Name,
    },
    /// A record that stands in it cannot move.
    Lost(Obstacle),
}

/// Two versions of a process, step by step.
#[derive(Clone, Debug)]
pub struct Plan<'p> {
    old: &'p Parts,
    new: &'p Parts,
    fates: BTreeMap<Name, Fate>,
    proposed: MigrationPlan,
    pairing: Pairing<'p>,
}

impl<'p> Plan<'p> {
    /// The plan from one version to another.
    pub fn of(old: &'p Parts, new: &'p Parts) -> Plan<'p> {
        let fates: BTreeMap<Name, Fate> =
            old.steps.iter().map(|step| (step.name.clone(), fate(old, new, step))).collect();
        let proposed = proposed(&fates, new);
        let pairing = Pairing::of(old, new, proposed.clone());
        Plan { old, new, fates, proposed, pairing }
    }

    /// The steps of the old version in written order, each with its fate.
    pub fn steps(&self) -> impl Iterator<Item = (&'p Step, &Fate)> {
        self.old.steps.iter().filter_map(|step| Some((step, self.fates.get(&step.name)?)))
    }

    /// How the records of the old version come to the new one, as far as the texts say it; a person may know more.
    pub fn proposal(&self, from: DefinitionId, to: DefinitionId) -> MigrationPlan {
        MigrationPlan { from, to, ..self.proposed.clone() }
    }

    /// Why a record of the old version could not move to the new one; nothing where it could.
    pub fn obstacles(&self, record: &Instance) -> BTreeSet<Obstacle> {
        let lost = |step: &Name| match self.fates.get(step) {
            Some(Fate::Lost(obstacle)) => Some(obstacle.clone()),
            Some(Fate::Same | Fate::Changed | Fate::Renamed { .. }) | None => None,
        };
        let mut found: BTreeSet<Obstacle> = record.tokens().iter().filter_map(|token| lost(&token.step)).collect();
        // Why a step is lost says more than that it is gone, and what lies in one that is lost is said with it.
        found.extend(self.pairing.obstacles(record).into_iter().filter(|obstacle| match obstacle {
            Obstacle::StepGone { step } => lost(step).is_none(),
            Obstacle::OtherScope { .. } => false,
            Obstacle::OtherKind { .. }
            | Obstacle::Shifted { .. }
            | Obstacle::NoOutcomeLeft { .. }
            | Obstacle::OtherVote { .. }
            | Obstacle::NewBranch { .. }
            | Obstacle::BranchGone { .. }
            | Obstacle::NoValue { .. }
            | Obstacle::UnfitValue { .. }
            | Obstacle::ClockGone { .. }
            | Obstacle::Stuck => true,
        }));
        found
    }
}

fn proposed(fates: &BTreeMap<Name, Fate>, new: &Parts) -> MigrationPlan {
    let steps = fates.iter().filter_map(|(was, fate)| match fate {
        Fate::Same | Fate::Changed => Some((was.clone(), was.clone())),
        Fate::Renamed { to } => Some((was.clone(), to.clone())),
        Fate::Lost(_) => None,
    });
    let fields = new.fields.iter().filter_map(|field| Some((field.was.clone()?, field.name.clone())));
    MigrationPlan {
        from: DefinitionId(String::new()),
        to: DefinitionId(String::new()),
        steps: steps.collect(),
        fields: fields.collect(),
        set: BTreeMap::new(),
        clocks: BTreeMap::new(),
        dropped: BTreeSet::new(),
    }
}

/// The step of the new version that is this one of the old.
fn successor<'p>(new: &'p Parts, was: &Step) -> Option<&'p Step> {
    new.steps.iter().find(|step| *old_name(step) == was.name)
}

/// What a step of a new version is called in the old one. The one place that knows of renaming.
fn old_name(step: &Step) -> &Name {
    step.was.as_ref().unwrap_or(&step.name)
}

fn fate(old: &Parts, new: &Parts, was: &Step) -> Fate {
    let step = || was.name.clone();
    let Some(is) = successor(new, was) else { return Fate::Lost(Obstacle::StepGone { step: step() }) };
    if discriminant(&was.kind) != discriminant(&is.kind) {
        return Fate::Lost(Obstacle::OtherKind { step: step(), is: is.name.clone() });
    }
    let lies_in = |name: &Name| old.step(name).and_then(|held| successor(new, held));
    if was.scope.as_ref().map(|scope| lies_in(scope).map(|step| &step.name)) != is.scope.as_ref().map(Some) {
        return Fate::Lost(Obstacle::OtherScope { step: step(), was: was.scope.clone(), is: is.scope.clone() });
    }
    if was.kind != is.kind && siblings(old, was) != siblings(new, is) {
        return Fate::Lost(Obstacle::Shifted { step: step() });
    }
    if let (Some(before), Some(after)) = (was.kind.task(), is.kind.task())
        && !after.outcomes.iter().any(|outcome| before.outcomes.iter().any(|held| held.name == outcome.name))
    {
        return Fate::Lost(Obstacle::NoOutcomeLeft { step: step() });
    }
    if let Some(branch) = new_branch(old, new, is) {
        return Fate::Lost(Obstacle::NewBranch { step: step(), branch });
    }
    if was.name != is.name {
        Fate::Renamed { to: is.name.clone() }
    } else if was.kind != is.kind {
        Fate::Changed
    } else {
        Fate::Same
    }
}

/// How many steps have their names from the same place as this one: `race_1`, `race_2`. Where one comes or goes, the
/// others' names say no longer which is which. Nothing for a step that was given its name.
fn siblings(parts: &Parts, step: &Step) -> Option<usize> {
    let stem = |step: &Step| match &step.kind {
        StepKind::Race { .. }
        | StepKind::Together { .. }
        | StepKind::Receive { .. }
        | StepKind::Timer { .. }
        | StepKind::Wait { .. }
        | StepKind::ForEach(_)
        | StepKind::Call(_)
        | StepKind::Job(_)
        | StepKind::Signal { .. }
        | StepKind::Undo
        | StepKind::Extra { .. }
        | StepKind::Choose { .. }
        | StepKind::Act { .. } => {
            let (stem, count) = step.name.as_str().rsplit_once('_')?;
            count.parse::<u32>().is_ok().then(|| stem.to_owned())
        }
        StepKind::Task(_)
        | StepKind::Approval(_)
        | StepKind::Milestone
        | StepKind::Block { .. }
        | StepKind::Handler { .. }
        | StepKind::End(_) => None,
    };
    let wanted = stem(step)?;
    Some(parts.steps.iter().filter(|held| stem(held).as_ref() == Some(&wanted)).count())
}

/// A branch of several in which no step of the old version lies, so that no record can stand in it.
fn new_branch(old: &Parts, new: &Parts, is: &Step) -> Option<Name> {
    let branches: Vec<&Name> = match &is.kind {
        StepKind::Race { branches } => branches.iter().collect(),
        StepKind::Together { branches, .. } => branches.iter().map(|branch| &branch.first).collect(),
        _ => return None,
    };
    let known = |name: &&Name| {
        let inside = new.within(name, &is.name);
        old.steps.iter().any(|was| successor(new, was).is_some_and(|step| inside.contains(&step.name)))
    };
    branches.into_iter().find(|branch| !known(branch)).cloned()
}
