//! Writing a comment, and telling those whom it names.

use std::collections::BTreeSet;

use crate::audience::Audience;
use crate::command::Rejection;
use crate::commands::{open, said};
use crate::definition::{Definition, Labels};
use crate::directory::PERSON;
use crate::event::{Actor, Event};
use crate::ids::Name;
use crate::instance::Instance;
use crate::people;
use crate::run::Run;
use crate::step::{Step, World};
use crate::value::MARKDOWN_MAX;

/// The most people whom a comment tells.
pub const TELLS_MAX: usize = 20;

/// What is said.
pub(crate) struct Remark {
    pub(crate) text: String,
    pub(crate) audience: Audience,
    pub(crate) tells: BTreeSet<Name>,
}

pub(crate) fn comment(
    definition: &Definition,
    instance: &Instance,
    remark: Remark,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    let Remark { text, audience, mut tells } = remark;
    open(instance)?;
    let mut run = Run::new(definition, instance, world);
    // Nobody writes what they could not read afterwards, and whoever only oversees writes nothing.
    if !sees(&run, world.actor) || !reads(&run, world.actor, audience) {
        return Err(Rejection::NotAllowed);
    }
    said(&text, MARKDOWN_MAX)?;
    if let Some(writer) = world.actor.person() {
        tells.remove(writer);
    }
    if tells.len() > TELLS_MAX {
        return Err(Rejection::TooManyTold { limit: TELLS_MAX });
    }
    for person in &tells {
        if world.directory.standing(person).is_none() {
            return Err(Rejection::NoSuchPerson(person.clone()));
        }
        if !reads(&run, &Actor::Person(person.clone()), audience) {
            return Err(Rejection::CannotRead(person.clone()));
        }
    }
    run.emit(Event::Commented { text, audience, tells: tells.clone() });
    if !tells.is_empty() {
        let notice = notice(&run, world);
        run.tell(tells, notice);
    }
    Ok(run.finish())
}

fn reads(run: &Run<'_>, actor: &Actor, audience: Audience) -> bool {
    people::reads(actor, audience, &run.instance, &run.scope())
}

fn sees(run: &Run<'_>, actor: &Actor) -> bool {
    actor.person().is_none_or(|person| people::may_see(person, &run.instance, &run.scope()))
}

/// What those are told whom a comment names. What it says stands on the record, where it is asked who reads it.
fn notice(run: &Run<'_>, world: &World<'_>) -> Labels {
    let number = run.instance.number();
    let writer = world.actor.person().and_then(|key| world.directory.entry(PERSON, key)).map(|entry| &entry.labels);
    let of = |name: fn(&Labels) -> &str, nobody: &str| writer.map_or(nobody, name).to_owned();
    let (en, zh) = (of(|labels| &labels.en, "Tiaoli"), of(|labels| &labels.zh, "条理"));
    Labels::new(&format!("{en} mentions you in a comment on {number}"), &format!("{zh}在 {number} 的评论中提到了您"))
}
