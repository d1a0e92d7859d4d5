//! Linking a record with another by hand, and taking such a link away. Both records hold a link, each as it is seen from
//! there: what a person says of one, the engine says of the other, which may be over.

use crate::command::Rejection;
use crate::commands::edit::edits;
use crate::commands::{administers, open, reason_given};
use crate::definition::Definition;
use crate::effect::{Effect, Link};
use crate::event::{Actor, Event};
use crate::ids::{InstanceId, Name};
use crate::instance::Instance;
use crate::run::Run;
use crate::step::{Step, World};
use crate::value::Misfit;

/// The most links that people may give a record.
pub const LINKS_MAX: usize = 500;

pub(crate) fn link(
    definition: &Definition,
    instance: &Instance,
    link: Link,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    let mut run = Run::new(definition, instance, world);
    let is_there = instance.links().contains(&link);
    if *world.actor == Actor::System {
        if !is_there {
            run.emit(Event::Linked { link });
        }
        return Ok(run.finish());
    }
    may_link(&run)?;
    let declared = definition.parts().links.iter().find(|declared| declared.name == link.kind);
    let declared = declared.ok_or_else(|| Rejection::NoSuchLink(link.kind.clone()))?;
    if link.other == instance.id() {
        return Err(Rejection::BadFields(vec![(Name::from("other"), Misfit::RefersToItself)]));
    }
    // What is called the same from both ends says the same in both directions.
    let mirrored = Link { direction: link.direction.reversed(), ..link.clone() };
    let is_said = declared.labels == declared.reverse && instance.links().contains(&mirrored);
    if is_there || is_said {
        return Err(Rejection::LinkedAlready);
    }
    if instance.links().len() >= LINKS_MAX {
        return Err(Rejection::TooManyLinks { limit: LINKS_MAX });
    }
    let (to, there) = seen_from_there(instance, &link);
    run.emit(Event::Linked { link });
    run.owe_effect(Effect::Link { to, link: there });
    Ok(run.finish())
}

pub(crate) fn unlink(
    definition: &Definition,
    instance: &Instance,
    link: Link,
    reason: String,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    let mut run = Run::new(definition, instance, world);
    let is_there = instance.links().contains(&link);
    if *world.actor == Actor::System {
        if is_there {
            run.emit(Event::Unlinked { link, reason });
        }
        return Ok(run.finish());
    }
    may_link(&run)?;
    if !is_there {
        return Err(Rejection::NoSuchLink(link.kind));
    }
    reason_given(&reason)?;
    let (to, there) = seen_from_there(instance, &link);
    run.emit(Event::Unlinked { link, reason: reason.clone() });
    run.owe_effect(Effect::Unlink { to, link: there, reason });
    Ok(run.finish())
}

fn may_link(run: &Run<'_>) -> Result<(), Rejection> {
    open(&run.instance)?;
    if edits(run) { Ok(()) } else { administers(run.world) }
}

fn seen_from_there(instance: &Instance, link: &Link) -> (InstanceId, Link) {
    let there = Link { kind: link.kind.clone(), direction: link.direction.reversed(), other: instance.id() };
    (link.other, there)
}
