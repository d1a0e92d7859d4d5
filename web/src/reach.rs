//! Finding a record and asking whether this person may see it. What one may not see is not there.

use std::sync::Arc;

use engine::definition::{Definition, Field};
use engine::expr::Scope;
use engine::ids::{InstanceId, Name};
use engine::instance::Instance;
use engine::people;
use engine::value::Value;
use store::Loaded;

use crate::answer::Refusal;
use crate::pairs::encoded;
use crate::visit::Visit;

/// A record that the visitor may see, with the definition that it follows.
pub struct Reached {
    /// Its state, as it was committed last.
    pub loaded: Loaded,
    /// Its definition.
    pub definition: Arc<Definition>,
}

impl Reached {
    /// What an expression over this record looks at.
    pub fn scope<'s>(&'s self, visit: &'s Visit<'_>) -> Scope<'s> {
        scope(visit, &self.definition, &self.loaded.instance)
    }
}

/// What an expression over a record looks at.
pub fn scope<'s>(visit: &'s Visit<'_>, definition: &'s Definition, instance: &'s Instance) -> Scope<'s> {
    Scope {
        definition,
        fields: instance.fields(),
        requester: instance.requester(),
        directory: &visit.directory,
        records: visit.app.runtime(),
        number: instance.number(),
        now: visit.now,
        items: &[],
    }
}

/// The record of that number.
///
/// # Errors
/// It is not there, or not for this person.
pub fn by_number(visit: &Visit<'_>, number: &str) -> Result<Reached, Refusal> {
    let id = visit.app.store().instance_of_number(number)?.ok_or(Refusal::NotFound)?;
    by_id(visit, id)
}

/// The record of that identity.
///
/// # Errors
/// It is not there, or not for this person.
pub fn by_id(visit: &Visit<'_>, id: InstanceId) -> Result<Reached, Refusal> {
    let runtime = visit.app.runtime();
    let loaded = runtime.load(id)?.ok_or(Refusal::NotFound)?;
    let definition = runtime.definition(loaded.instance.definition())?;
    let person = visit.person()?;
    let reached = Reached { loaded, definition };
    if !visit.oversees() && !people::may_see(person, &reached.loaded.instance, &reached.scope(visit)) {
        return Err(Refusal::NotFound);
    }
    Ok(reached)
}

impl Reached {
    /// Whether the visitor may see what a field holds.
    pub fn shows(&self, visit: &Visit<'_>, field: &Field) -> bool {
        visit.actor().is_ok_and(|actor| people::sees_field(&actor, field, &self.scope(visit)))
    }

    /// Whether the visitor reads what is for those who work on the record.
    pub fn reads_internal(&self, visit: &Visit<'_>) -> bool {
        let instance = &self.loaded.instance;
        visit.actor().is_ok_and(|actor| people::reads_internal(&actor, instance, &self.scope(visit)))
    }

    /// Whether the visitor may see what each of these fields holds.
    pub fn shows_all<'n>(&self, visit: &Visit<'_>, mut names: impl Iterator<Item = &'n Name>) -> bool {
        names.all(|name| self.definition.field(name).is_none_or(|field| self.shows(visit, field)))
    }

    /// What a page about the record follows, as a query.
    pub fn followed(&self) -> String {
        format!("record={}&revision={}", encoded(self.loaded.instance.number()), self.loaded.revision)
    }

    /// What names the record in lists.
    pub fn title(&self) -> String {
        match self.loaded.instance.fields().get(&self.definition.parts().title) {
            Some(Value::Text(text)) => text.clone(),
            Some(other) => other.plain(),
            None => self.loaded.instance.number().to_owned(),
        }
    }
}
