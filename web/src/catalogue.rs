//! What can be asked for. No process is named here: a process offers a catalogue where whoever is signed in may start it by
//! its form, and the first thing that the form asks is which entry of a register is meant, one that the organisation declared
//! for it and not one that the product comes with (a service, a person). Each entry of that register can be asked for then.

use std::sync::Arc;

use engine::definition::{Ask, Definition, Field, Presence};
use engine::directory::{REGISTERS, SERVICE};
use engine::event::Actor;
use engine::expr::Scope;
use engine::ids::Name;
use engine::people;
use engine::value::{FieldType, Fields};

use crate::answer::Refusal;
use crate::pairs::encoded;
use crate::visit::Visit;

/// A process with the register of what it gives.
pub struct Catalogue {
    /// The process.
    pub definition: Arc<Definition>,
    /// The field that says what is asked for.
    pub field: Name,
    /// The register of what can be asked for.
    pub register: Name,
}

/// The catalogues that the visitor may ask from.
///
/// # Errors
/// The definitions cannot be read.
pub fn catalogues(visit: &Visit<'_>) -> Result<Vec<Catalogue>, Refusal> {
    let mut found = Vec::new();
    for version in visit.app.store().current_versions()? {
        let definition = visit.app.runtime().definition(&version.id)?;
        if !may_start(visit, &definition) {
            continue;
        }
        if let Some((field, register)) = offered(visit, &definition) {
            found.push(Catalogue { definition, field, register });
        }
    }
    Ok(found)
}

/// The field and register by which a process offers a catalogue, if it does.
fn offered(visit: &Visit<'_>, definition: &Definition) -> Option<(Name, Name)> {
    let Ask { field, .. } = definition.parts().start.asks.first()?;
    match definition.field(field)? {
        Field { presence: Presence::Required, holds: FieldType::Ref(register), .. }
            if visit.directory.declared(register.as_str()).is_some() && !REGISTERS.contains(&register.as_str()) =>
        {
            Some((field.clone(), register.clone()))
        }
        _ => None,
    }
}

/// Whether the visitor may start a process by its form.
pub fn may_start(visit: &Visit<'_>, definition: &Definition) -> bool {
    let Ok(person) = visit.person() else { return false };
    let nothing = Fields::new();
    let scope = unbegun(visit, definition, person, &nothing);
    people::is_meant(&Actor::Person(person.clone()), &definition.parts().start.by, &scope)
}

/// What an expression looks at over a record that has not begun.
pub fn unbegun<'s>(
    visit: &'s Visit<'_>,
    definition: &'s Definition,
    requester: &'s Name,
    fields: &'s Fields,
) -> Scope<'s> {
    Scope {
        definition,
        fields,
        requester,
        directory: &visit.directory,
        records: visit.app.runtime(),
        number: "",
        now: visit.now,
        items: &[],
    }
}

impl Catalogue {
    /// Where an entry is asked for.
    pub fn way_to_ask(&self, key: &Name) -> String {
        let (process, field) = (&self.definition.parts().name, &self.field);
        format!(
            "/portal/report?process={}&{}={}",
            encoded(process.as_str()),
            encoded(field.as_str()),
            encoded(key.as_str())
        )
    }
}

/// Where something is asked for, or a problem with it reported, if it is of that kind.
pub fn way_to_ask(visit: &Visit<'_>, register: &Name, key: &Name) -> Result<Option<String>, Refusal> {
    if *register == *SERVICE {
        return Ok(Some(format!("/portal/report?service={}", encoded(key.as_str()))));
    }
    let catalogues = catalogues(visit)?;
    Ok(catalogues.iter().find(|catalogue| catalogue.register == *register).map(|catalogue| catalogue.way_to_ask(key)))
}
