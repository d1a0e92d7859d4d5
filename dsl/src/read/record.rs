//! The fields of a record, and what they hold.

use super::{Reader, Reading, Wanted};
use crate::tree::{ChoiceText, FieldText, Holds};

impl Reader<'_> {
    pub(crate) fn fields(&mut self) -> Reading<Vec<FieldText>> {
        self.lines(Reader::field)
    }

    fn field(&mut self) -> Reading<FieldText> {
        let name = self.name()?;
        let was = self.was()?;
        let holds = self.holds()?;
        let mut field = FieldText {
            name,
            was,
            holds,
            optional: false,
            default: None,
            derived: None,
            must: Vec::new(),
            seen_by: Vec::new(),
            changed_by: Vec::new(),
            evidence: Vec::new(),
            tags: None,
        };
        loop {
            if self.take("optional") {
                field.optional = true;
            } else if self.take_mark("=") {
                field.default = Some(self.expr()?);
            } else if self.take("from") {
                let from = self.expr()?;
                let overriding = self.take_mark(",");
                if overriding {
                    self.need("override")?;
                    self.need("needs")?;
                    self.need("reason")?;
                }
                field.derived = Some((from, overriding));
            } else if self.take("must") {
                let condition = self.expr()?;
                self.need("else")?;
                field.must.push((condition, self.labels()?));
            } else if self.take_all(&["seen", "by"]) {
                field.seen_by = self.people()?;
            } else if self.take_all(&["changed", "by"]) {
                field.changed_by = self.people()?;
            } else if self.sees("evidence") {
                field.evidence = self.evidence()?;
            } else {
                break;
            }
        }
        field.tags = self.take_labels()?;
        Ok(field)
    }

    /// `text max 200`, `ref service`, `many person`, `high | low`.
    pub(crate) fn holds(&mut self) -> Reading<Holds> {
        let wanted = self.clone();
        let Some(word) = self.take_name() else { return Err(wanted.stop(Wanted::Type)) };
        match word.text.as_str() {
            "many" => Ok(Holds::Many(self.name()?)),
            "ref" => Ok(Holds::Ref(self.name()?)),
            "rows" if self.has_braces() => Ok(Holds::Rows(self.fields()?)),
            _ => {
                let ahead = self.clone();
                let tags = self.take_labels()?;
                if self.take_mark("|") {
                    return self.inline(ChoiceText { name: word, tags });
                }
                *self = ahead;
                let max = if self.take("max") { Some(self.integer()?) } else { None };
                Ok(Holds::Plain(word, max))
            }
        }
    }

    fn inline(&mut self, first: ChoiceText) -> Reading<Holds> {
        let mut choices = vec![first];
        loop {
            let name = self.name()?;
            let ahead = self.clone();
            let tags = self.take_labels()?;
            let more = self.sees_mark("|");
            // The last choice's label may be the field's.
            let lone = tags.is_some() && !more && choices.iter().all(|choice| choice.tags.is_none());
            if lone {
                *self = ahead;
                choices.push(ChoiceText { name, tags: None });
            } else {
                choices.push(ChoiceText { name, tags });
            }
            if !self.take_mark("|") {
                return Ok(Holds::Inline(choices));
            }
        }
    }
}
