//! What can be asked for. No process is named here: a process offers a catalogue where whoever is signed in may start it by
//! its form, and the first thing that the form asks is which entry of a register is meant, one that the organisation declared
//! for it and not one that the product comes with (a service, a person). Each entry of that register can be asked for then.

use std::sync::Arc;

use engine::definition::{Ask, Definition, Field, Presence};
use engine::directory::{Entry, REGISTERS, SERVICE};
use engine::event::Actor;
use engine::expr::Scope;
use engine::ids::Name;
use engine::people;
use engine::value::{FieldType, Fields, Value};

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

/// What the visitor may begin by a form.
#[derive(Default)]
pub struct Forms {
    /// By what is chosen from a catalogue.
    pub catalogues: Vec<Catalogue>,
    /// By the form alone.
    pub others: Vec<Arc<Definition>>,
}

/// The processes that the visitor may start by their forms.
///
/// # Errors
/// The definitions cannot be read.
pub fn forms(visit: &Visit<'_>) -> Result<Forms, Refusal> {
    let mut forms = Forms::default();
    for version in visit.app.store().current_versions()? {
        let definition = visit.app.runtime().definition(&version.id)?;
        if !may_start(visit, &definition) {
            continue;
        }
        match offered(visit, &definition) {
            Some((field, register)) => forms.catalogues.push(Catalogue { definition, field, register }),
            None => forms.others.push(definition),
        }
    }
    Ok(forms)
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
    let Forms { catalogues, .. } = forms(visit)?;
    Ok(catalogues.iter().find(|catalogue| catalogue.register == *register).map(|catalogue| catalogue.way_to_ask(key)))
}

/// What an entry of a catalogue says of itself: the first of its longer texts.
pub fn description(visit: &Visit<'_>, register: &Name, entry: &Entry) -> String {
    let fields =
        visit.directory.declared(register.as_str()).map(|declared| declared.fields.as_slice()).unwrap_or_default();
    let long = fields.iter().filter(|field| field.holds == FieldType::Markdown);
    let text = long.filter_map(|field| match entry.fields.get(&field.name) {
        Some(Value::Text(text)) => Some(text.clone()),
        _ => None,
    });
    text.into_iter().next().unwrap_or_default()
}

/// By what an entry of a catalogue is put beside others: the first entry of another register that it must name.
pub fn heading(visit: &Visit<'_>, register: &Name, entry: &Entry) -> Option<String> {
    let fields =
        visit.directory.declared(register.as_str()).map(|declared| declared.fields.as_slice()).unwrap_or_default();
    fields.iter().find_map(|field| match (&field.holds, entry.fields.get(&field.name)) {
        (FieldType::Ref(other), Some(Value::Ref(key))) => Some(visit.names().entry(other.as_str(), key)),
        _ => None,
    })
}
