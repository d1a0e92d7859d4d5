//! Registers: what their entries say, which of it are relations, what changes only under a record.

use engine::definition::{Labels, Origin};
use engine::expr::Expr;
use engine::register::{Controlled, Fresh, Permit, Register, Relation};
use engine::value::FieldType;

use super::types::Type;
use super::{Checker, name};
use crate::problem::{Code, Problem, labels};
use crate::tree::{ControlledText, FieldText, PermitText, RegisterLine, RegisterText, Word};

impl Checker<'_> {
    /// The registers that the file declares.
    pub(super) fn registers(&self) -> Vec<Register> {
        self.file.registers.iter().map(|register| self.register(register)).collect()
    }

    fn register(&self, register: &RegisterText) -> Register {
        let labels = self.tags(register.tags.as_ref(), &register.name, ("register", "登记册"));
        self.unique(register.fields().map(|field| &field.name), ("field", "字段"));
        let mut made = Register {
            name: name(&register.name),
            labels,
            purpose: self.comment_above(&register.name),
            fields: register.fields().map(|field| self.attribute_of(field)).collect(),
            relations: register.fields().filter_map(|field| self.relation(field)).collect(),
            controlled: None,
            fresh: None,
        };
        for line in &register.lines {
            match line {
                RegisterLine::Field(_) => {}
                RegisterLine::Controlled(text) => made.controlled = Some(self.controlled(&made, text)),
                RegisterLine::Fresh(days, word) => {
                    self.attribute_named(&made, word, &FieldType::Date);
                    made.fresh = Some(Fresh { field: name(word), days: *days });
                }
            }
        }
        made
    }

    fn attribute_of(&self, field: &FieldText) -> engine::definition::Field {
        let more = field.was.is_some() || field.derived.is_some() || !field.must.is_empty();
        let people = !field.seen_by.is_empty() || !field.changed_by.is_empty() || !field.evidence.is_empty();
        let mut made = self.field(field);
        let literal = matches!(&made.origin, Origin::Given { default: None | Some(Expr::Literal(_)) });
        let held = !matches!(made.holds, FieldType::File | FieldType::Rows(_) | FieldType::Role)
            && made.holds != FieldType::Many(Box::new(FieldType::File));
        if more || people || !literal || !held {
            let word = &field.name;
            let message = labels(
                format!("of `{}` more is said than an attribute of a register can have", word.text),
                format!("登记册属性 `{}` 不能有这些内容", word.text),
            );
            let hint = labels(
                "it has a type other than rows, a file or a role, `optional`, a value as default, `relation` and a label",
                "登记册属性只有类型（rows、file、role 除外）、`optional`、固定的默认值、`relation` 和标签",
            );
            self.report(Problem::error(Code::Syntax, word.span.clone(), message).with_hint(hint));
            made.origin = Origin::Given { default: None };
        }
        made
    }

    fn relation(&self, field: &FieldText) -> Option<Relation> {
        let text = field.relation.as_ref()?;
        let reverse: Labels = self.tags(Some(&text.reverse), &field.name, ("relation", "关系"));
        let of = match Type::of(&self.holds(&field.holds, &self.names)) {
            Type::Many(inner) => *inner,
            of => of,
        };
        if !matches!(of, Type::Ref(_) | Type::Unknown) {
            let message = labels(
                format!("`{}` names no entries, so it is no relation", field.name.text),
                format!("`{}` 不指向任何条目，不能作为关系", field.name.text),
            );
            let hint =
                labels("a relation is a `ref …` or `many …` of a register", "关系须是指向登记册的 `ref …` 或 `many …`");
            self.report(Problem::error(Code::Mismatch, field.name.span.clone(), message).with_hint(hint));
        }
        Some(Relation { field: name(&field.name), reverse, hit: text.hit })
    }

    fn controlled(&self, register: &Register, text: &ControlledText) -> Controlled {
        for word in &text.fields {
            self.attribute_there(register, word);
        }
        match self.attribute_there(register, &text.on).map(|field| &field.holds) {
            Some(FieldType::Choice(choices)) => {
                for word in text.values.iter().filter(|word| !choices.iter().any(|one| one.name == *word.text)) {
                    let known = choices.iter().map(|choice| choice.name.as_str());
                    self.unknown(Code::UnknownChoice, word, ("choice", "选项"), known);
                }
            }
            Some(_) => {
                let message =
                    labels(format!("`{}` is no choice", text.on.text), format!("`{}` 不是选项字段", text.on.text));
                let hint = labels(
                    "name the field that says how an entry stands, such as `status`",
                    "请写表示条目状态的选项字段，如 `status`",
                );
                self.report(Problem::error(Code::Mismatch, text.on.span.clone(), message).with_hint(hint));
            }
            None => {}
        }
        Controlled {
            fields: text.fields.iter().map(name).collect(),
            on: name(&text.on),
            values: text.values.iter().map(name).collect(),
            under: text.under.iter().map(|permit| self.permit(permit)).collect(),
        }
    }

    fn permit(&self, PermitText { process, milestone, names }: &PermitText) -> Permit {
        self.process_named(process);
        if let Some(other) = self.among.processes.get(&process.text) {
            if !other.milestones.contains(&milestone.text) {
                let known = other.milestones.iter().map(String::as_str);
                self.unknown(Code::UnknownStep, milestone, ("milestone", "里程碑"), known);
            }
            if !other.fields.iter().any(|(field, _)| *field == names.text) {
                let known = other.fields.iter().map(|(field, _)| field.as_str());
                self.unknown(Code::UnknownField, names, ("field", "字段"), known);
            }
        }
        Permit { process: name(process), milestone: name(milestone), names: name(names) }
    }

    fn attribute_named(&self, register: &Register, word: &Word, holds: &FieldType) {
        let Some(field) = self.attribute_there(register, word) else { return };
        if field.holds != *holds {
            let (found, needed) = (Type::of(&field.holds).described(), Type::of(holds).described());
            let message = labels(
                format!("this is {}, where {} is needed", found.en, needed.en),
                format!("这里需要{}，却是{}", needed.zh, found.zh),
            );
            let hint = labels("name a field that holds a day", "请写类型为日期的字段");
            self.report(Problem::error(Code::Mismatch, word.span.clone(), message).with_hint(hint));
        }
    }

    fn attribute_there<'r>(&self, register: &'r Register, word: &Word) -> Option<&'r engine::definition::Field> {
        let found = register.field(&name(word));
        if found.is_none() {
            let known = register.fields.iter().map(|field| field.name.as_str());
            self.unknown(Code::UnknownAttribute, word, ("attribute", "属性"), known);
        }
        found
    }
}
