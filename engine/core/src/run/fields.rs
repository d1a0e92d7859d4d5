//! What follows from a change of fields: derived fields, and whom open tasks are for.

use super::Run;
use crate::definition::Origin;
use crate::event::Event;
use crate::expr::EvalError;
use crate::file::{Bytes, HeldFile, files_in};
use crate::ids::{FileId, Name};
use crate::instance::OpenTask;
use crate::nodes;
use crate::people;
use crate::substitution;
use crate::value::{Fields, Value};

impl<'a> Run<'a> {
    /// Sets fields, then what is derived from them, then who the open tasks are for.
    pub(crate) fn set_fields(&mut self, fields: Fields) -> Result<(), EvalError> {
        let changed: Fields = fields
            .into_iter()
            .filter(|(name, value)| self.instance.fields().get(name).unwrap_or(&Value::Nothing) != value)
            .collect();
        if !changed.is_empty() {
            self.emit(Event::FieldsSet { fields: changed });
        }
        self.derive()?;
        self.reassign()
    }

    /// The files that a fact brings into the record and that it does not hold yet, each for its field.
    pub(super) fn files_brought(&self, event: &Event) -> Vec<HeldFile> {
        let values: Vec<(&Name, &Value)> = match event {
            Event::FieldsSet { fields } => fields.iter().collect(),
            Event::FieldOverridden { field, value, reason: _ } => vec![(field, value)],
            Event::MessageKept { kept } => kept.fields.iter().collect(),
            _ => return Vec::new(),
        };
        let mut brought: Vec<HeldFile> = Vec::new();
        for (field, file) in
            values.into_iter().flat_map(|(name, value)| files_in(value).into_iter().map(move |it| (name, it)))
        {
            let same = |held: &HeldFile| held.field.as_ref() == Some(field) && held.file == *file;
            if self.instance.file_of(field, file).is_none() && !brought.iter().any(same) {
                let id = FileId(self.instance.new_file().0 + u32::try_from(brought.len()).unwrap_or(u32::MAX));
                let (by, at) = (self.world.actor.clone(), self.world.now);
                let bytes = if self.instance.are_gone(&file.sha256) { Bytes::Gone } else { Bytes::There };
                brought.push(HeldFile { id, file: file.clone(), field: Some(field.clone()), by, at, bytes });
            }
        }
        brought
    }

    /// Computes the derived fields in written order; the checker orders them so that one pass is enough.
    pub(crate) fn derive(&mut self) -> Result<(), EvalError> {
        let definition = self.definition;
        let mut changed = Fields::new();
        for field in &definition.parts().fields {
            let Origin::Derived { from, .. } = &field.origin else { continue };
            if self.instance.overrides().contains_key(&field.name) {
                continue;
            }
            let value = from.value(&self.scope())?;
            if self.instance.fields().get(&field.name).unwrap_or(&Value::Nothing) != &value {
                changed.insert(field.name.clone(), value.clone());
                self.emit(Event::FieldsSet { fields: Fields::from([(field.name.clone(), value)]) });
            }
        }
        Ok(())
    }

    pub(crate) fn reassign(&mut self) -> Result<(), EvalError> {
        let definition = self.definition;
        let open: Vec<_> = self.instance.tasks().to_vec();
        let here = self.items.clone();
        for held in open {
            let Some(task) = definition.task(&held.step) else { continue };
            self.stand_at(held.token);
            let candidates = people::candidates(&task.candidates, &self.scope())?;
            if candidates != held.candidates {
                let again = OpenTask { candidates: candidates.clone(), in_stead_of: None, ..held.clone() };
                // Who was asked to do the work keeps it for as long as the one who asked keeps the task.
                let holder = held.delegated_by.as_ref().or(held.assignee.as_ref());
                let keeps =
                    holder.and_then(|person| substitution::capacity(person, &again, &self.instance, &self.scope()));
                let assignee = held.assignee.filter(|_| keeps.is_some());
                let in_stead_of = keeps.and_then(|capacity| capacity.in_stead_of().cloned());
                self.emit(Event::TaskReassigned { task: held.id, candidates, assignee, in_stead_of });
            }
        }
        let asked = nodes::reask(self);
        self.items = here;
        asked
    }
}
