//! How a state takes on the names of another version.

use std::collections::BTreeMap;

use super::{ClockState, Instance};
use crate::event::PauseReason;
use crate::ids::Name;
use crate::migration::Migrated;

impl Instance {
    /// Takes on the names of another version. Everything in a state that names a step, a field or a clock is here.
    pub(super) fn follow(&mut self, migration: &Migrated) {
        let Migrated { from: _, to, steps, fields, clocks, dropped, reason: _ } = migration;
        self.definition = to.clone();
        self.tokens.iter_mut().for_each(|token| rename(&mut token.step, steps));
        self.tasks.iter_mut().for_each(|task| rename(&mut task.step, steps));
        self.jobs.iter_mut().for_each(|job| rename(&mut job.step, steps));
        self.undoable.iter_mut().for_each(|done| rename(&mut done.step, steps));
        self.caught.iter_mut().for_each(|repair| rename(&mut repair.step, steps));
        self.kept.iter_mut().for_each(|kept| rename_keys(&mut kept.fields, fields));
        self.ballots.iter_mut().for_each(|ballot| rename(&mut ballot.step, steps));
        rename_keys(&mut self.milestones, steps);
        rename_keys(&mut self.took_part, steps);
        rename_keys(&mut self.fields, fields);
        rename_keys(&mut self.overrides, fields);
        self.files.iter_mut().filter_map(|held| held.field.as_mut()).for_each(|field| rename(field, fields));
        self.clocks.retain(|run| !dropped.contains(&run.clock));
        for run in &mut self.clocks {
            rename(&mut run.clock, clocks);
            if let ClockState::Paused { reason: PauseReason::In(step), .. } = &mut run.state {
                rename(step, steps);
            }
        }
    }
}

fn rename(name: &mut Name, renamed: &BTreeMap<Name, Name>) {
    if let Some(new) = renamed.get(name) {
        *name = new.clone();
    }
}

/// Every key under its new name. A plan in which a new name is taken by something else is refused beforehand.
fn rename_keys<T>(held: &mut BTreeMap<Name, T>, renamed: &BTreeMap<Name, Name>) {
    if !renamed.is_empty() {
        let taken = std::mem::take(held).into_iter();
        *held = taken.map(|(name, value)| (renamed.get(&name).cloned().unwrap_or(name), value)).collect();
    }
}
