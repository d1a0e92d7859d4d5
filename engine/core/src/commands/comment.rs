//! Writing a comment.

use crate::command::Rejection;
use crate::commands::{open, said};
use crate::definition::Definition;
use crate::event::{Actor, Event};
use crate::instance::Instance;
use crate::people;
use crate::run::Run;
use crate::step::{Step, World};
use crate::value::MARKDOWN_MAX;

pub(crate) fn comment(
    definition: &Definition,
    instance: &Instance,
    text: String,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    open(instance)?;
    let mut run = Run::new(definition, instance, world);
    match world.actor {
        Actor::Person(person) if !people::may_see(person, &run.instance, &run.scope()) => {
            return Err(Rejection::NotAllowed);
        }
        Actor::Person(_) | Actor::System => {}
    }
    said(&text, MARKDOWN_MAX)?;
    run.emit(Event::Commented { text });
    Ok(run.finish())
}
