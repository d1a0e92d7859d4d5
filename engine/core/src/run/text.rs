//! A notice's text with the record's values in its holes.

use super::Run;
use crate::definition::Labels;
use crate::event::{Actor, Principal};
use crate::ids::Name;
use crate::people;
use crate::value::{FieldType, Value};

impl<'a> Run<'a> {
    pub(super) fn fill(&self, text: &Labels, readers: &[Principal]) -> Labels {
        let mut filled = text.clone();
        let number = self.instance.number();
        filled.en = filled.en.replace("{number}", number);
        filled.zh = filled.zh.replace("{number}", number);
        for (name, value) in self.instance.fields() {
            let hole = format!("{{{name}}}");
            if filled.en.contains(&hole) || filled.zh.contains(&hole) {
                let shown = match self.all_see(name, readers) {
                    true => self.labels_of(name, value),
                    false => Labels::new("(confidential)", "（保密）"),
                };
                filled.en = filled.en.replace(&hole, &shown.en);
                filled.zh = filled.zh.replace(&hole, &shown.zh);
            }
        }
        filled
    }

    /// Whether everybody who reads a text may see a field.
    fn all_see(&self, field: &Name, readers: &[Principal]) -> bool {
        let Some(field) = self.definition.field(field).filter(|field| !field.seen_by.is_empty()) else { return true };
        let scope = self.scope();
        let sees = |person: Name| people::sees_field(&Actor::Person(person), field, &scope);
        people::members(readers, self.world.directory).into_iter().all(sees)
    }

    fn labels_of(&self, field: &Name, value: &Value) -> Labels {
        let plain = || Labels::new(&value.plain(), &value.plain());
        let holds = self.definition.field(field).map(|field| &field.holds);
        let labels = match (value, holds) {
            (Value::Choice(chosen), Some(FieldType::Choice(choices))) => {
                choices.iter().find(|choice| choice.name == *chosen).map(|choice| &choice.labels)
            }
            (Value::Ref(role), Some(FieldType::Role)) => self.definition.parts().roles.get(role),
            (Value::Ref(key), _) => self.world.directory.entry_anywhere(key).map(|entry| &entry.labels),
            _ => None,
        };
        labels.cloned().unwrap_or_else(plain)
    }
}
