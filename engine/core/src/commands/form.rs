//! What a form may say: the fields asked for, each fitting, none missing.

use crate::command::{InTheWay, Rejection, Unmet};
use crate::definition::{Ask, Definition, Field, Origin, Presence, Requirement};
use crate::directory::Directory;
use crate::expr::{Expr, Scope};
use crate::file::{FILES_MAX, files_in};
use crate::ids::{Name, TokenId};
use crate::instance::Instance;
use crate::records::{Records, each};
use crate::run::Run;
use crate::step::World;
use crate::value::{FieldType, Fields, Items, Misfit, Value};

/// The most of what stands in the way that is named.
const NAMED_MAX: usize = 5;

/// Where a form is filled in: the record as it is, and what the rounds around the task are about.
pub(crate) struct Desk<'a> {
    pub(crate) definition: &'a Definition,
    pub(crate) instance: &'a Instance,
    pub(crate) world: &'a World<'a>,
    pub(crate) items: Items,
}

impl<'a> Desk<'a> {
    /// For a form that belongs to no step.
    pub(crate) fn of(definition: &'a Definition, instance: &'a Instance, world: &'a World<'a>) -> Desk<'a> {
        Desk { definition, instance, world, items: Items::new() }
    }

    /// For the form of the step where a token stands.
    pub(crate) fn at(run: &'a Run<'a>, token: TokenId) -> Desk<'a> {
        let items = run.instance.items_around(token, run.definition);
        Desk { definition: run.definition, instance: &run.instance, world: run.world, items }
    }

    /// Checks a form against what is asked, on top of what the record holds already.
    pub(crate) fn check(&self, asks: &[&Ask], form: &Fields) -> Result<(), Rejection> {
        let mut wrong = Vec::new();
        for (name, value) in form {
            if !asks.iter().any(|ask| ask.field == *name) {
                wrong.push((name.clone(), Misfit::NotAsked));
            } else if let Err(misfit) = self.fits(name, value) {
                wrong.push((name.clone(), misfit));
            }
        }
        self.has_room(form)?;
        let after = self.as_it_would_be(form);
        let scope = self.scope_of(&after);
        for ask in asks {
            let empty = after.get(&ask.field).is_none_or(Value::is_empty);
            if empty && insists(self.definition, ask, &scope)? && !wrong.iter().any(|(name, _)| *name == ask.field) {
                wrong.push((ask.field.clone(), Misfit::Missing));
            }
        }
        if !wrong.is_empty() {
            return Err(Rejection::BadFields(wrong));
        }
        must(self.definition, form, &scope)
    }

    /// Checks what must hold of the fields that are changed outside of a form.
    pub(crate) fn must_hold(&self, fields: &Fields) -> Result<(), Rejection> {
        self.has_room(fields)?;
        let after = self.as_it_would_be(fields);
        must(self.definition, fields, &self.scope_of(&after))
    }

    /// Checks that the record may hold the files of a form beside those that it holds.
    fn has_room(&self, form: &Fields) -> Result<(), Rejection> {
        let files = form.values().map(|value| files_in(value).len()).sum::<usize>();
        let fits = files == 0 || self.instance.files().len() + files <= FILES_MAX;
        if fits { Ok(()) } else { Err(Rejection::TooManyFiles { limit: FILES_MAX }) }
    }

    /// Checks the conditions of an outcome on the record as it would be.
    pub(crate) fn require(&self, requirements: &[Requirement], form: &Fields) -> Result<(), Rejection> {
        let after = self.as_it_would_be(form);
        let scope = self.scope_of(&after);
        for requirement in requirements {
            if !requirement.condition.holds(&scope).map_err(Rejection::CannotJudge)? {
                return Err(Rejection::Unmet(unmet(requirement, &scope)));
            }
        }
        Ok(())
    }

    /// Whether a value may stand in a field, references included.
    pub(crate) fn fits(&self, name: &Name, value: &Value) -> Result<(), Misfit> {
        let field = self.definition.field(name).ok_or(Misfit::NotAsked)?;
        field.holds.admits(value)?;
        self.refers(&field.holds, value)
    }

    fn refers(&self, holds: &FieldType, value: &Value) -> Result<(), Misfit> {
        let Desk { definition, instance, world, items: _ } = self;
        let missing =
            |register: &Name, key: &Name| Misfit::NoSuchEntry { register: register.clone(), key: key.clone() };
        match (holds, value) {
            (FieldType::Ref(_), Value::Ref(key)) if is_own_number(instance, key) => Err(Misfit::RefersToItself),
            (FieldType::Ref(register), Value::Ref(key)) => {
                if exists(world.directory, world.records, register, key) {
                    Ok(())
                } else {
                    Err(missing(register, key))
                }
            }
            (FieldType::Role, Value::Ref(role)) => {
                let is_known = definition.parts().roles.contains_key(role) || world.directory.has_role(role);
                if is_known { Ok(()) } else { Err(missing(&Name::from("role"), role)) }
            }
            (FieldType::Many(inner), Value::List(items)) => items.iter().try_for_each(|item| self.refers(inner, item)),
            (FieldType::Rows(columns), Value::List(rows)) => {
                rows.iter().zip(1..).try_for_each(|(row, line)| self.row_refers(columns, row, line))
            }
            _ => Ok(()),
        }
    }

    fn row_refers(&self, columns: &[Field], row: &Value, line: usize) -> Result<(), Misfit> {
        let Value::Row(row) = row else { return Ok(()) };
        columns.iter().filter_map(|column| Some((column, row.get(&column.name)?))).try_for_each(|(column, value)| {
            let in_row = |misfit| Misfit::InRow { line, column: column.name.clone(), misfit: Box::new(misfit) };
            self.refers(&column.holds, value).map_err(in_row)
        })
    }

    /// The record as it would be with the form's values, derived fields recomputed. One that cannot be computed keeps
    /// its value here, and the step itself says why.
    fn as_it_would_be(&self, form: &Fields) -> Fields {
        let mut after = self.instance.fields().clone();
        for (name, value) in form {
            match value {
                Value::Nothing => after.remove(name),
                _ => after.insert(name.clone(), value.clone()),
            };
        }
        for field in &self.definition.parts().fields {
            let Origin::Derived { from, .. } = &field.origin else { continue };
            if self.instance.overrides().contains_key(&field.name) {
                continue;
            }
            if let Ok(value) = from.value(&self.scope_of(&after)) {
                after.insert(field.name.clone(), value);
            }
        }
        after
    }

    /// What an expression of the form looks at: the record with these fields.
    fn scope_of<'s>(&'s self, fields: &'s Fields) -> Scope<'s> {
        Scope {
            definition: self.definition,
            fields,
            requester: self.instance.requester(),
            directory: self.world.directory,
            records: self.world.records,
            number: self.instance.number(),
            now: self.world.now,
            items: &self.items,
        }
    }
}

/// Checks what must hold of fields, where a form says something that it depends on.
fn must(definition: &Definition, form: &Fields, scope: &Scope<'_>) -> Result<(), Rejection> {
    for field in &definition.parts().fields {
        if scope.fields.get(&field.name).is_none_or(Value::is_empty) {
            continue;
        }
        for requirement in &field.must {
            let touched = form.contains_key(&field.name)
                || requirement.condition.reads().iter().any(|read| form.contains_key(*read));
            if touched && !requirement.condition.holds(scope).map_err(Rejection::CannotJudge)? {
                return Err(Rejection::Unmet(unmet(requirement, scope)));
            }
        }
    }
    Ok(())
}

/// What is said of a requirement that does not hold, with what stands in the way where nothing should be found.
fn unmet(requirement: &Requirement, scope: &Scope<'_>) -> Unmet {
    let mut found = Vec::new();
    requirement.condition.walk(&mut |expr| {
        if let Expr::IsEmpty(inner) = expr
            && let Expr::Find(name) = &**inner
            && let Some(find) = scope.definition.find(name)
            && let Ok(value) = inner.value(scope)
        {
            let named = each(&value).filter_map(|value| match value {
                Value::Ref(key) => Some(key.clone()),
                _ => None,
            });
            found.push(InTheWay { of: find.process.clone(), named: named.take(NAMED_MAX).collect() });
        }
    });
    found.retain(|found| !found.named.is_empty());
    Unmet { says: requirement.otherwise.clone(), found }
}

fn is_own_number(instance: &Instance, key: &Name) -> bool {
    !instance.number().is_empty() && key.as_str() == instance.number()
}

/// Whether there is what a reference names. Of records that cannot be looked for it is not known, and the reference is not
/// taken.
fn exists(directory: &Directory, records: &dyn Records, register: &Name, key: &Name) -> bool {
    directory.entry(register.as_str(), key).is_some()
        || (!directory.has_register(register.as_str()) && records.exists(key).unwrap_or(false))
}

fn insists(definition: &Definition, ask: &Ask, scope: &Scope<'_>) -> Result<bool, Rejection> {
    let required = definition.field(&ask.field).is_some_and(|field| field.presence == Presence::Required);
    match &ask.insists_when {
        Some(condition) => Ok(required || condition.holds(scope).map_err(Rejection::CannotJudge)?),
        None => Ok(required),
    }
}
