//! Bringing a token to another step by hand, and passing over a step that cannot be done.

use crate::command::{Immovable, Rejection};
use crate::commands::{administers, reason_given, stuck, take_up, workable};
use crate::definition::{Candidates, Definition, StepKind};
use crate::event::{Actor, Event};
use crate::ids::{Name, TokenId};
use crate::instance::{Instance, Token, Waits};
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
    // What holds those that go on beside stands nowhere itself.
    let stands = |held: &&Token| held.step == from && held.waits != Waits::Rest;
    instance.token(token).filter(stands).ok_or_else(|| Rejection::NotThere(from.clone()))?;
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

pub(crate) fn skip(
    definition: &Definition,
    instance: &Instance,
    reason: String,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    stuck(instance)?;
    administers(world)?;
    reason_given(&reason)?;
    let mut run = Run::new(definition, instance, world);
    impartial(&run)?;
    match failed(&run.instance) {
        Some((token, step)) => {
            if definition.step(&step).and_then(|found| definition.parts().falls_to(found)).is_none() {
                return Err(Rejection::CannotMove(Immovable::NothingAfter(step)));
            }
            // A record that could not be begun is none to cancel, which is known as long as it is owed.
            run.abandon(token);
            let owed = take_up(&mut run);
            run.emit(Event::Skipped { step: Some(step), given_up: Vec::new(), reason });
            run.proceed(token, Then::Next);
            run.recover(&owed);
        }
        None => {
            let given_up = take_up(&mut run);
            run.emit(Event::Skipped { step: None, given_up, reason });
        }
    }
    Ok(run.finish())
}

/// The token that cannot go on, and its step: the one that stands half way, the one that waits for a record that could not be
/// begun, or, where the repair owes nothing, the one that it names, which waits for something that cannot be computed.
fn failed(instance: &Instance) -> Option<(TokenId, Name)> {
    let repair = instance.repair()?;
    let called = |token: &&Token| match token.waits {
        Waits::Return(record) => repair.owes(record),
        _ => false,
    };
    let called = || instance.tokens().iter().find(called).map(|token| token.id);
    let named = || repair.owed.is_empty().then_some(repair.token);
    let token = instance.half_way().first().copied().or_else(called).or_else(named)?;
    instance.token(token).map(|held| (token, held.step.clone()))
}
