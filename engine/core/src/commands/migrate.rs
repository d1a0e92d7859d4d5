//! Bringing a record to another version of its process.

use std::collections::BTreeMap;

use crate::ballot::Ballot;
use crate::clock;
use crate::command::Rejection;
use crate::commands::{administers, open, reason_given};
use crate::definition::{Approval, Clock, Definition, Job, Origin, StepKind, Task};
use crate::event::{Actor, Event};
use crate::expr::EvalError;
use crate::ids::Name;
use crate::instance::{Instance, JobState, OpenJob, OpenTask};
use crate::migration::{Migrated, MigrationPlan, Passage};
use crate::nodes::job::filled;
use crate::people;
use crate::run::Run;
use crate::step::{Step, World};
use crate::time::Timestamp;
use crate::value::{Fields, Value};

pub(crate) fn migrate(
    passage: &Passage<'_>,
    instance: &Instance,
    reason: String,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    open(instance)?;
    administers(world)?;
    reason_given(&reason)?;
    let (old, new, plan) = (passage.old, passage.new, passage.plan());
    if *instance.definition() != plan.from {
        return Err(Rejection::OtherVersion);
    }
    let mut run = Run::new(old, instance, world);
    unbarred(&run)?;
    let obstacles = passage.obstacles(&run.instance);
    if !obstacles.is_empty() {
        return Err(Rejection::CannotMigrate(obstacles));
    }
    let migration = Migrated {
        from: plan.from.clone(),
        to: plan.to.clone(),
        steps: renamed(&plan.steps),
        fields: renamed(&plan.fields),
        clocks: renamed(&plan.clocks),
        dropped: plan.dropped.clone(),
        reason,
    };
    run.emit(Event::Migrated { migration: Box::new(migration) });
    run.definition = new;
    carry_over(&mut run, old, plan).map_err(Rejection::CannotJudge)?;
    Ok(run.finish_quietly())
}

/// Whoever is kept from what is open in a record gives it no other rules.
fn unbarred(run: &Run<'_>) -> Result<(), Rejection> {
    let Actor::Person(person) = run.world.actor else { return Ok(()) };
    let bars = |open: &OpenTask| people::is_barred_from(person, open, &run.instance, &run.scope());
    if run.instance.tasks().iter().any(bars) { Err(Rejection::DutiesSeparated) } else { Ok(()) }
}

fn renamed(names: &BTreeMap<Name, Name>) -> BTreeMap<Name, Name> {
    names.iter().filter(|(was, is)| was != is).map(|(was, is)| (was.clone(), is.clone())).collect()
}

/// Gives the record what the new version wants of one that stands where it stands.
fn carry_over(run: &mut Run<'_>, old: &Definition, plan: &MigrationPlan) -> Result<(), EvalError> {
    fill(run, old, plan)?;
    run.derive()?;
    clock::carry_over(run, &clocks_by_new_name(old, plan))?;
    let was: BTreeMap<&Name, &Name> = plan.steps.iter().map(|(was, is)| (is, was)).collect();
    let old_kind = |step: &Name| was.get(step).and_then(|was| old.step(was)).map(|step| &step.kind);
    for open in run.instance.tasks().to_vec() {
        if let (Some(before), Some(after)) =
            (old_kind(&open.step).and_then(StepKind::task), run.definition.task(&open.step))
        {
            reschedule(run, &open, before, after, old)?;
        }
    }
    for ballot in run.instance.ballots().to_vec() {
        if let (Some(before), Some(after)) =
            (old_kind(&ballot.step).and_then(StepKind::approval), run.definition.approval(&ballot.step))
        {
            expire_anew(run, &ballot, before, after, old)?;
        }
    }
    for open in run.instance.jobs().to_vec() {
        if let (Some(before), Some(after)) =
            (old_kind(&open.step).and_then(StepKind::job), run.definition.job(&open.step))
        {
            renew_job(run, &open, before, after, old)?;
        }
    }
    for token in run.instance.tokens().to_vec() {
        let definition = run.definition;
        let after = definition.step(&token.step).map(|step| &step.kind);
        if let (Some(StepKind::Receive { message, from, .. }), true) = (after, old_kind(&token.step) != after) {
            run.stand_at(token.id);
            let from = people::principals(from, &run.scope())?;
            run.stand_nowhere();
            run.emit(Event::MessageAwaited { token: token.id, message: message.clone(), from });
        }
        if let (Some(StepKind::Signal { signal }), true) = (after, old_kind(&token.step) != after) {
            run.emit(Event::SignalAwaited { token: token.id, signal: signal.clone() });
        }
    }
    run.reassign()
}

/// What the plan sets, and the defaults of fields that the old version did not have.
fn fill(run: &mut Run<'_>, old: &Definition, plan: &MigrationPlan) -> Result<(), EvalError> {
    let is_empty = |run: &Run<'_>, field: &Name| !run.instance.fields().contains_key(field);
    for (field, value) in &plan.set {
        let empties = value.is_empty() && !is_empty(run, field);
        let fills = !value.is_empty() && is_empty(run, field);
        if empties || fills {
            run.emit(Event::FieldsSet { fields: Fields::from([(field.clone(), value.clone())]) });
        }
    }
    let definition = run.definition;
    let renamed: Vec<&Name> = plan.fields.values().collect();
    for field in &definition.parts().fields {
        let was_there = old.field(&field.name).is_some() || renamed.contains(&&field.name);
        let Origin::Given { default: Some(default) } = &field.origin else { continue };
        if !was_there && is_empty(run, &field.name) && plan.set.get(&field.name) != Some(&Value::Nothing) {
            let value = default.value(&run.scope())?;
            run.emit(Event::FieldsSet { fields: Fields::from([(field.name.clone(), value)]) });
        }
    }
    Ok(())
}

fn clocks_by_new_name<'d>(old: &'d Definition, plan: &MigrationPlan) -> BTreeMap<Name, &'d Clock> {
    let clocks = old.parts().clocks.iter();
    clocks.map(|clock| (plan.clocks.get(&clock.name).unwrap_or(&clock.name).clone(), clock)).collect()
}

/// Gives an open job the inputs and the deadline of the new version, counted from when it was opened. A server that was
/// asked answers to what it was asked.
fn renew_job(run: &mut Run<'_>, open: &OpenJob, before: &Job, after: &Job, old: &Definition) -> Result<(), EvalError> {
    run.stand_at(open.token);
    let inputs =
        match open.state {
            JobState::Asked => open.inputs.clone(),
            JobState::Ready { .. } | JobState::Leased { .. } | JobState::Pausing { .. } => {
                if before.with == after.with { open.inputs.clone() } else { filled(run, &after.with)? }
            }
        };
    let counts_alike = before.due == after.due && old.parts().hours == run.definition.parts().hours;
    let due = match (&after.due, open.opened) {
        _ if counts_alike => open.due,
        (Some(due), Some(opened)) => Some(run.due_from(due, opened)?),
        (Some(due), None) => Some(run.due_at(due)?),
        (None, _) => None,
    };
    run.stand_nowhere();
    if inputs != open.inputs || due != open.due {
        run.emit(Event::JobRescheduled { job: open.id, inputs, due });
    }
    Ok(())
}

/// Gives an approval the deadline of the new version, counted from when its first level opened.
fn expire_anew(
    run: &mut Run<'_>,
    ballot: &Ballot,
    before: &Approval,
    after: &Approval,
    old: &Definition,
) -> Result<(), EvalError> {
    let counts_alike = before.due == after.due && old.parts().hours == run.definition.parts().hours;
    let Some(task) = run.instance.task_of(ballot.token).map(|open| open.id).filter(|_| !counts_alike) else {
        return Ok(());
    };
    run.stand_at(ballot.token);
    let due = after.due.as_ref().map(|due| run.due_from(due, ballot.opened)).transpose()?;
    run.stand_nowhere();
    if due != ballot.due {
        run.emit(Event::TaskRescheduled { task, due, reminders: Vec::new() });
    }
    Ok(())
}

/// Gives an open task the due and the reminders of the new version, counted from when it was opened. A reminder whose time
/// has gone by is passed over.
fn reschedule(
    run: &mut Run<'_>,
    open: &OpenTask,
    before: &Task,
    after: &Task,
    old: &Definition,
) -> Result<(), EvalError> {
    let times = |task: &Task| {
        let reminders: Vec<_> = task.reminders.iter().map(|reminder| reminder.after.clone()).collect();
        (task.due.clone(), reminders)
    };
    if times(before) == times(after) && old.parts().hours == run.definition.parts().hours {
        return Ok(());
    }
    run.stand_at(open.token);
    let due = after.due.as_ref().map(|due| run.due_from(due, open.opened)).transpose()?;
    let mut reminders: Vec<Option<Timestamp>> = Vec::new();
    for reminder in &after.reminders {
        let at = match &reminder.after {
            Some(span) => run.due_from(span, open.opened)?,
            None => due.ok_or_else(|| EvalError::Empty(format!("{}.due", open.step)))?,
        };
        reminders.push(Some(at).filter(|at| *at > run.world.now));
    }
    run.stand_nowhere();
    run.emit(Event::TaskRescheduled { task: open.id, due, reminders });
    Ok(())
}
