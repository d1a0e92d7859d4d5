//! Beginning a record.

use crate::clock;
use crate::command::{Rejection, Start};
use crate::commands::form::Desk;
use crate::definition::{Ask, Definition, Field, Origin};
use crate::event::Event;
use crate::expr::{EvalError, Expr};
use crate::ids::Name;
use crate::instance::Instance;
use crate::run::{Run, is_meant};
use crate::step::{Step, World};
use crate::value::Fields;

pub(crate) fn start(definition: &Definition, start: Start, world: &World<'_>) -> Result<Step, Rejection> {
    let Start { instance, number, on_behalf_of, fields, origin } = start;
    let by = world.actor.person();
    let requester = on_behalf_of.or_else(|| by.cloned()).ok_or(Rejection::NotAllowed)?;
    if world.directory.standing(&requester).is_none() {
        return Err(Rejection::NoSuchPerson(requester));
    }
    let unborn = Instance::unborn();
    let mut run = Run::new(definition, &unborn, world);
    let for_another = by.is_some_and(|by| requester != *by);
    run.emit(Event::Started { instance, definition: definition.id().clone(), number, requester, at: world.now });
    if let Some(origin) = origin {
        let links = origin.links.clone();
        run.emit(Event::Originated { origin });
        links.into_iter().for_each(|link| run.emit(Event::Linked { link }));
    }
    let parts = definition.parts();
    if !is_meant(&run, &parts.start.by) || (for_another && !is_meant(&run, &parts.edited_by)) {
        return Err(Rejection::NotAllowed);
    }
    // Another record may give what no form asks for.
    let given: Vec<Ask> = match by {
        Some(_) => Vec::new(),
        None => fields.keys().filter_map(|name| given(definition, name)).collect(),
    };
    let asks: Vec<&Ask> = parts.start.asks.iter().chain(&given).collect();
    Desk::of(definition, &with_defaults(&run, &fields), world).check(&asks, &fields)?;
    begin(&mut run, fields).map_err(Rejection::CannotJudge)?;
    Ok(run.finish())
}

fn given(definition: &Definition, name: &Name) -> Option<Ask> {
    match definition.field(name)?.origin {
        Origin::Given { .. } => Some(Ask { field: name.clone(), insists_when: None }),
        Origin::Derived { .. } => None,
    }
}

/// The record as it is offered to the person: a field that is asked for and has a default may be left out. A default
/// that cannot be computed yet is left to [`begin`], which says why.
fn with_defaults(run: &Run<'_>, form: &Fields) -> Instance {
    let mut offered = run.instance.clone();
    offered.apply(&Event::FieldsSet { fields: form.clone() });
    for (field, default) in defaults(run.definition) {
        if !form.contains_key(&field.name)
            && let Ok(value) = default.value(&run.scope_of(&offered))
        {
            offered.apply(&Event::FieldsSet { fields: Fields::from([(field.name.clone(), value)]) });
        }
    }
    offered
}

fn defaults(definition: &Definition) -> impl Iterator<Item = (&Field, &Expr)> {
    definition.parts().fields.iter().filter_map(|field| match &field.origin {
        Origin::Given { default } => default.as_ref().map(|default| (field, default)),
        Origin::Derived { .. } => None,
    })
}

fn begin(run: &mut Run<'_>, form: Fields) -> Result<(), EvalError> {
    let definition = run.definition;
    let filled: Fields = form.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    if !filled.is_empty() {
        run.emit(Event::FieldsSet { fields: filled });
    }
    for (field, default) in defaults(definition) {
        if !run.instance.fields().contains_key(&field.name) {
            let value = default.value(&run.scope())?;
            run.emit(Event::FieldsSet { fields: Fields::from([(field.name.clone(), value)]) });
        }
    }
    run.derive()?;
    clock::start_all(run)?;
    run.begin();
    Ok(())
}
