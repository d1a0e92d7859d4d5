//! Bringing a token to another step by hand, and passing over a step that cannot be done.

use crate::command::{Immovable, Rejection};
use crate::commands::{administers, reason_given, stuck, workable};
use crate::definition::{Candidates, Definition, StepKind};
use crate::event::{Actor, Event, Owed};
use crate::ids::{Name, TokenId};
use crate::instance::Instance;
use crate::nodes::Then;
use crate::people;
use crate::places::way;
use crate::run::Run;
use crate::step::{Step, World};

/// Which token goes where.
pub(crate) struct Relocation {
    pub(crate) token: TokenId,
    pub(crate) from: Name,
    pub(crate) to: Name,
    pub(crate) reason: String,
}

pub(crate) fn relocate(
    definition: &Definition,
    instance: &Instance,
    order: Relocation,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    workable(instance)?;
    administers(world)?;
    let Relocation { token, from, to, reason } = order;
    reason_given(&reason)?;
    instance.token(token).filter(|held| held.step == from).ok_or_else(|| Rejection::NotThere(from.clone()))?;
    let way = way(definition, &from, &to).map_err(Rejection::CannotMove)?;
    let mut run = Run::new(definition, instance, world);
    impartial(&run)?;
    let owed = take_up(&mut run);
    run.emit(Event::Moved { token, from, to, reason });
    run.jump(token, way)?;
    run.recover(&owed);
    Ok(run.finish())
}

/// Whoever asked for a record or worked on it, where the process keeps such people from a task or an approval, does not
/// bring it past that either.
fn impartial(run: &Run<'_>) -> Result<(), Rejection> {
    let Actor::Person(person) = run.world.actor else { return Ok(()) };
    let steps = run.definition.parts().steps.iter();
    let mut kept_apart = steps.flat_map(|step| match &step.kind {
        StepKind::Task(task) => std::slice::from_ref(&task.candidates),
        StepKind::Approval(approval) => approval.levels.as_slice(),
        _ => &[],
    });
    let bars = |candidates: &Candidates| people::is_barred(person, candidates, &run.instance, &run.scope());
    if kept_apart.any(bars) { Err(Rejection::DutiesSeparated) } else { Ok(()) }
}

/// A stuck record runs again; gives what it still owes.
fn take_up(run: &mut Run<'_>) -> Vec<Owed> {
    match run.instance.repair().cloned() {
        Some(repair) => {
            run.emit(Event::RepairRetried);
            repair.owed
        }
        None => Vec::new(),
    }
}

pub(crate) fn skip(
    definition: &Definition,
    instance: &Instance,
    reason: String,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    let repair = stuck(instance)?.clone();
    administers(world)?;
    reason_given(&reason)?;
    let mut run = Run::new(definition, instance, world);
    impartial(&run)?;
    // What waits for something that cannot be computed does not stand half way, and is named by the repair.
    let named = repair.owed.is_empty().then_some(repair.token);
    let failed = instance.half_way().first().copied().or(named);
    match failed.and_then(|token| instance.token(token)) {
        Some(held) => {
            let step = held.step.clone();
            if definition.step(&step).and_then(|found| definition.parts().falls_to(found)).is_none() {
                return Err(Rejection::CannotMove(Immovable::NothingAfter(step)));
            }
            run.emit(Event::RepairRetried);
            run.emit(Event::Skipped { step: Some(step), given_up: Vec::new(), reason });
            run.abandon(held.id);
            run.proceed(held.id, Then::Next);
            run.recover(&repair.owed);
        }
        None => {
            run.emit(Event::RepairRetried);
            run.emit(Event::Skipped { step: None, given_up: repair.owed, reason });
        }
    }
    Ok(run.finish())
}
