//! The fields of a record, and what they hold.

use super::{Reader, Reading, Wanted};
use crate::problem::{Code, Problem, labels};
use crate::shape::ShapeKind;
use crate::tree::{ChoiceText, FieldText, Holds, People};

/// What may be said of a field between its type and its label.
const PARTS: &[&str] = &["optional", "from", "must", "seen", "changed", "evidence", "relation"];

impl Reader<'_> {
    pub(crate) fn fields(&mut self) -> Reading<Vec<FieldText>> {
        self.lines(Reader::field)
    }

    pub(super) fn field(&mut self) -> Reading<FieldText> {
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
            relation: None,
            tags: None,
        };
        self.about(&mut field)?;
        field.tags = self.take_labels()?;
        // On the next line such a word is the name of a field.
        let behind = field.tags.as_ref().is_some_and(|tags| !self.starts_line_after(tags.span.end));
        if let Some(part) = PARTS.iter().find(|part| behind && self.sees(part)) {
            let message = labels(format!("`{part}` stands before the label"), format!("`{part}` 应写在标签之前"));
            let hint = labels("the label is the last of a field", "字段的标签写在最后");
            let here = self.here();
            self.report(Problem::error(Code::Syntax, here..here + part.len(), message).with_hint(hint));
            self.about(&mut field)?;
        }
        Ok(field)
    }

    /// What stands between a field's type and its label.
    fn about(&mut self, field: &mut FieldText) -> Reading<()> {
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
                field.changed_by = if self.take("nobody") { vec![People::Nobody] } else { self.people()? };
            } else if self.sees("evidence") {
                field.evidence = self.evidence()?;
            } else if self.take("relation") {
                field.relation = Some(self.relation()?);
            } else {
                return Ok(());
            }
        }
    }

    /// `text max 200`, `ref service`, `many person`, `high | low`.
    pub(crate) fn holds(&mut self) -> Reading<Holds> {
        if matches!(self.slice_of_next(), "required" | "mandatory") {
            let here = self.here();
            let word = self.slice_of_next();
            let message = labels(format!("`{word}` is not said"), format!("不用写 `{word}`"));
            let hint = labels("a field must be filled in unless it is `optional`", "字段默认必填，除非写有 `optional`");
            self.report(Problem::error(Code::Syntax, here..here + word.len(), message).with_hint(hint));
            self.advance();
        }
        let typed = matches!(self.peek_after(1).map(|shape| &shape.kind), Some(ShapeKind::Word));
        if self.slice_of_next() == "optional" && typed {
            let here = self.here();
            let message = labels("`optional` stands behind the type", "`optional` 应写在类型之后");
            let hint = labels("write `text optional`, for instance", "例如写 `text optional`");
            self.report(Problem::error(Code::Syntax, here..here + "optional".len(), message).with_hint(hint));
            self.advance();
        }
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
