//! What follows from a change of fields: derived fields, and whom open tasks are for.

use super::Run;
use crate::definition::Origin;
use crate::event::Event;
use crate::expr::EvalError;
use crate::file::{Bytes, File, HeldFile, files_in};
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

    /// Takes what somebody gives in a form: its files come with their bytes, and its values are set.
    pub(crate) fn take(&mut self, form: Fields) -> Result<(), EvalError> {
        self.bring(&form);
        self.set_fields(form)
    }

    /// Takes the files of a form into the record, but for those that its fields name already.
    pub(crate) fn bring(&mut self, form: &Fields) {
        for (field, value) in form {
            let named = self.instance.fields().get(field).map(files_in).unwrap_or_default();
            let new: Vec<File> = files_in(value).into_iter().filter(|file| !named.contains(file)).cloned().collect();
            for file in new {
                let held = self.instance.file_of(field, &file);
                if held.is_none_or(|held| !held.bytes.are_there()) {
                    let (id, field) = (self.instance.new_file(), Some(field.clone()));
                    let (by, at) = (self.world.actor.clone(), self.world.now);
                    let held = HeldFile { id, file, field, by, at, bytes: Bytes::There };
                    self.emit(Event::Attached { held: Box::new(held) });
                }
            }
        }
    }

    /// The files that come with values from elsewhere in the record, and that it does not hold for these fields yet. Bytes that
    /// were taken away do not come back in this way.
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
