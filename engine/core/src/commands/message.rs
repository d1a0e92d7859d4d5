//! Delivering a message: to the step that waits for it, or to be kept until one does.

use crate::command::Rejection;
use crate::commands::form::Desk;
use crate::commands::{changeable, said};
use crate::definition::{Ask, Definition, StepKind, Unawaited, Who};
use crate::event::{Actor, Event, Principal};
use crate::ids::{Name, TokenId};
use crate::instance::{Instance, KeptMessage};
use crate::nodes::Then;
use crate::people;
use crate::run::{Run, is_meant};
use crate::step::{Step, World};
use crate::value::{Fields, MARKDOWN_MAX};

/// The most messages that a record keeps until steps wait for them.
const KEPT_MAX: usize = 100;

/// A message on its way in.
pub(crate) struct Delivery {
    pub(crate) message: Name,
    pub(crate) text: String,
    pub(crate) fields: Fields,
}

pub(crate) fn message(
    definition: &Definition,
    instance: &Instance,
    delivery: Delivery,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    let mut run = Run::new(definition, instance, world);
    changeable(&run.instance)?;
    let waiting = waiting(&run.instance, &delivery.message);
    if waiting.is_empty() {
        return unawaited(run, delivery);
    }
    let (token, step) = taking(waiting, world).ok_or(Rejection::NotAllowed)?;
    said(&delivery.text, MARKDOWN_MAX)?;
    let found = receives(definition, &delivery.message).find(|(held, ..)| *held == step);
    let asks: Vec<&Ask> = found.into_iter().flat_map(|(_, _, asks)| asks).collect();
    Desk::at(&run, token).check(&asks, &delivery.fields)?;
    run.emit(Event::MessageReceived { message: delivery.message, text: delivery.text });
    run.take(delivery.fields).map_err(Rejection::CannotJudge)?;
    run.proceed(token, Then::Next);
    Ok(run.finish())
}

/// The tokens that wait for a message, their steps, and who may send it.
fn waiting<'i>(instance: &'i Instance, message: &Name) -> Vec<(TokenId, &'i Name, &'i [Principal])> {
    let waiting = instance.tokens().iter().filter_map(|token| {
        let (_, from) = token.waits.message().filter(|(awaited, _)| *awaited == message)?;
        Some((token.id, &token.step, from))
    });
    waiting.collect()
}

/// The first of them that waits for this sender.
fn taking<'i>(waiting: Vec<(TokenId, &'i Name, &'i [Principal])>, world: &World<'_>) -> Option<(TokenId, &'i Name)> {
    let admits = |from: &[Principal]| match world.actor {
        Actor::Person(person) => people::is_among(person, from, world.directory),
        Actor::System => true,
    };
    waiting.into_iter().find(|(_, _, from)| admits(from)).map(|(token, step, _)| (token, step))
}

/// What becomes of a message for which no step waits: the definition says.
fn unawaited(mut run: Run<'_>, delivery: Delivery) -> Result<Step, Rejection> {
    let (definition, world) = (run.definition, run.world);
    let Delivery { message, text, fields } = delivery;
    let fate = definition.parts().unawaited.get(&message).ok_or_else(|| Rejection::NotAwaited(message.clone()))?;
    if !receives(definition, &message).any(|(_, from, _)| is_meant(&run, from)) {
        return Err(Rejection::NotAllowed);
    }
    said(&text, MARKDOWN_MAX)?;
    fits_some_step(&run, &message, &fields)?;
    match fate {
        Unawaited::Lost => run.emit(Event::MessageLost { message, text }),
        Unawaited::Kept { at_most } => {
            run.drop_expired();
            if run.instance.kept().len() >= KEPT_MAX {
                return Err(Rejection::Full);
            }
            let until = at_most.as_ref().map(|due| run.due_at(due)).transpose().map_err(Rejection::CannotJudge)?;
            let by = world.actor.person().cloned();
            run.bring(&fields);
            run.emit(Event::MessageKept { kept: KeptMessage { message, text, fields, by, at: world.now, until } });
        }
    }
    Ok(run.finish())
}

/// Checks that a form is one that some step asks for which waits for the message.
fn fits_some_step(run: &Run<'_>, message: &Name, form: &Fields) -> Result<(), Rejection> {
    let desk = Desk::of(run.definition, &run.instance, run.world);
    let mut answer = Err(Rejection::NotAwaited(message.clone()));
    for (_, _, asks) in receives(run.definition, message) {
        answer = desk.check(&asks.iter().collect::<Vec<_>>(), form);
        if answer.is_ok() {
            break;
        }
    }
    answer
}

/// The steps that wait for a message: their names, from whom, and what it carries.
fn receives<'d>(definition: &'d Definition, message: &Name) -> impl Iterator<Item = (&'d Name, &'d [Who], &'d [Ask])> {
    definition.parts().steps.iter().filter_map(move |step| match &step.kind {
        StepKind::Receive { message: awaited, from, asks } if awaited == message => {
            Some((&step.name, from.as_slice(), asks.as_slice()))
        }
        _ => None,
    })
}
