//! Changing fields outside of a task; replacing a derived value with a reason.

use crate::command::Rejection;
use crate::commands::form::Desk;
use crate::commands::{administers, reason_given, short_enough, workable};
use crate::definition::{Definition, Field, Origin, Overriding, Presence, REASON_MAX};
use crate::event::{Actor, Event};
use crate::instance::Instance;
use crate::people;
use crate::run::{Run, is_meant};
use crate::step::{Step, World};
use crate::value::{Fields, Misfit};

pub(crate) fn edit(
    definition: &Definition,
    instance: &Instance,
    fields: Fields,
    reason: String,
    world: &World<'_>,
) -> Result<Step, Rejection> {
    workable(instance)?;
    let mut run = Run::new(definition, instance, world);
    change(&mut run, fields, reason)?;
    Ok(run.finish())
}

/// Changes the fields, up to what follows from the changes.
pub(crate) fn change(run: &mut Run<'_>, fields: Fields, reason: String) -> Result<(), Rejection> {
    let (definition, world) = (run.definition, run.world);
    if !edits(run) {
        // Whoever runs the installation may mend any record, and says why.
        administers(world)?;
        reason_given(&reason)?;
    }
    for name in fields.keys() {
        if definition.field(name).is_some_and(|field| !may_change(run, field)) {
            return Err(Rejection::NotAllowed);
        }
    }
    let desk = Desk::of(definition, &run.instance, world);
    desk.must_hold(&fields)?;
    let (given, replaced) = sorted(&desk, fields)?;
    if replaced.is_empty() { short_enough(&reason, REASON_MAX) } else { reason_given(&reason) }?;
    run.emit(Event::Edited { reason: reason.clone() });
    for (field, value) in replaced {
        run.emit(Event::FieldOverridden { field, value, reason: reason.clone() });
    }
    run.take(given).map_err(Rejection::CannotJudge)
}

/// Whether the acting person may change a field outside of tasks: nobody puts a value in place of one out of sight.
fn may_change(run: &Run<'_>, field: &Field) -> bool {
    people::sees_field(run.world.actor, field, &run.scope())
        && (field.changed_by.is_empty() || is_meant(run, &field.changed_by))
}

/// The values for given fields, and those that replace derived ones.
fn sorted(desk: &Desk<'_>, fields: Fields) -> Result<(Fields, Fields), Rejection> {
    let (mut given, mut replaced, mut wrong) = (Fields::new(), Fields::new(), Vec::new());
    for (name, value) in fields {
        if let Err(misfit) = desk.fits(&name, &value) {
            wrong.push((name, misfit));
            continue;
        }
        let Some(field) = desk.definition.field(&name) else { continue };
        if value.is_empty() && field.presence == Presence::Required {
            wrong.push((name, Misfit::Missing));
            continue;
        }
        match &field.origin {
            Origin::Given { .. } => given.insert(name, value),
            Origin::Derived { overriding: Overriding::NeedsReason, .. } => replaced.insert(name, value),
            Origin::Derived { overriding: Overriding::Forbidden, .. } => {
                wrong.push((name, Misfit::NotAsked));
                None
            }
        };
    }
    if wrong.is_empty() { Ok((given, replaced)) } else { Err(Rejection::BadFields(wrong)) }
}

/// Whether the acting person may change the record outside of tasks: as the definition says, or since there is work on
/// it for that person.
pub(crate) fn edits(run: &Run<'_>) -> bool {
    let works = match run.world.actor {
        Actor::System => true,
        Actor::Person(person) => people::works_on(person, &run.instance, &run.scope()),
    };
    works || is_meant(run, &run.definition.parts().edited_by)
}
