//! Delivering a message to a record that waits for it.

use crate::clock;
use crate::command::Rejection;
use crate::commands::{changeable, form, said};
use crate::definition::{Ask, Definition, StepKind};
use crate::event::{Actor, Event};
use crate::ids::Name;
use crate::instance::{Instance, Waits};
use crate::nodes::Then;
use crate::people;
use crate::run::Run;
use crate::step::{Step, World};
use crate::value::{Fields, MARKDOWN_MAX};

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
    changeable(instance)?;
    let Delivery { message, text, fields } = delivery;
    let waiting = instance.tokens().iter().find_map(|token| match &token.waits {
        Waits::Message { message: awaited, from } if *awaited == message => Some((token, from)),
        Waits::Message { .. } | Waits::Engine | Waits::Inner | Waits::Task(_) | Waits::Time(_) | Waits::Condition => {
            None
        }
    });
    let (token, from) = waiting.ok_or_else(|| Rejection::NotAwaited(message.clone()))?;
    match world.actor {
        Actor::Person(person) if !people::is_among(person, from, world.directory) => return Err(Rejection::NotAllowed),
        Actor::Person(_) | Actor::System => {}
    }
    said(&text, MARKDOWN_MAX)?;
    form::check(definition, instance, &asks_of(definition, &token.step), &fields, world)?;

    let mut run = Run::new(definition, instance.clone(), world);
    clock::catch_up(&mut run);
    run.emit(Event::MessageReceived { message, text });
    run.set_fields(fields).map_err(Rejection::CannotJudge)?;
    run.proceed(token.id, Then::Next);
    Ok(run.finish(Some(instance)))
}

fn asks_of<'d>(definition: &'d Definition, step: &Name) -> Vec<&'d Ask> {
    match definition.step(step).map(|step| &step.kind) {
        Some(StepKind::Receive { asks, .. }) => asks.iter().collect(),
        _ => Vec::new(),
    }
}
