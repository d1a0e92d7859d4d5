//! The record: what its fields hold, where their values come from, and that every field gets one.

use std::collections::BTreeSet;

use engine::definition::{Action, Field, Origin, Overriding, Parts, Presence, StepKind};
use engine::expr::Expr;
use engine::ids::Name;

use super::names::fields;
use super::types::Type;
use super::{Checker, name};
use crate::problem::{Code, Problem, labels};
use crate::tree::{FieldText, Process};

/// Names that a field cannot have, since they mean something else where fields are named.
const TAKEN: &[&str] = &["reason", "number"];

impl Checker<'_> {
    pub(super) fn record(&self, process: &Process) -> Vec<Field> {
        self.unique(fields(process).map(|field| &field.name), ("field", "字段"));
        let made: Vec<Field> = fields(process).map(|field| self.field(field)).collect();
        self.early_reads(process, &made);
        self.ordered(made, process)
    }

    fn field(&self, field: &FieldText) -> Field {
        if TAKEN.contains(&field.name.text.as_str()) {
            let word = &field.name.text;
            let message = labels(format!("a field cannot be called `{word}`"), format!("字段不能叫 `{word}`"));
            let hint = labels("the word has a meaning of its own in forms and notices", "这个词在表单和通知中另有含义");
            self.report(Problem::error(Code::Duplicate, field.name.span.clone(), message).with_hint(hint));
        }
        let declared = self.names.field(&field.name.text);
        let holds = declared.map_or_else(|| self.holds(&field.holds, &self.names), |declared| declared.holds.clone());
        let wanted = Type::of(&holds);
        let origin = match &field.derived {
            Some((from, overriding)) => Origin::Derived {
                from: self.expr(from, &wanted),
                overriding: if *overriding { Overriding::NeedsReason } else { Overriding::Forbidden },
            },
            None => Origin::Given { default: field.default.as_ref().map(|term| self.expr(term, &wanted)) },
        };
        if let (Some(_), Some(default)) = (&field.derived, &field.default) {
            let message = labels("a computed field has no default", "计算字段不能有默认值");
            self.report(Problem::error(Code::DerivedSet, default.span.clone(), message));
        }
        Field {
            name: name(&field.name),
            labels: self.tags(field.tags.as_ref(), &field.name, ("field", "字段")),
            holds,
            origin,
            presence: if field.optional { Presence::Optional } else { Presence::Required },
        }
    }

    /// Puts each derived field after those that it needs; the given fields keep their places.
    fn ordered(&self, made: Vec<Field>, process: &Process) -> Vec<Field> {
        let derived: Vec<&Field> = made.iter().filter(|field| is_derived(field)).collect();
        let mut done: Vec<&Field> = Vec::new();
        let mut left = derived.clone();
        while !left.is_empty() {
            let waits = |field: &Field| reads_of(field).iter().any(|name| left.iter().any(|other| other.name == *name));
            let Some(next) = left.iter().position(|field| !waits(field)) else {
                self.cycle(&left, process);
                return made;
            };
            done.push(left.remove(next));
        }
        let mut done: Vec<Field> = done.into_iter().cloned().collect();
        done.reverse();
        made.iter().filter_map(|field| if is_derived(field) { done.pop() } else { Some(field.clone()) }).collect()
    }

    fn cycle(&self, left: &[&Field], process: &Process) {
        let listed = left.iter().map(|field| format!("`{}`", field.name)).collect::<Vec<_>>();
        let first = fields(process).find(|field| left.iter().any(|other| other.name == *field.name.text));
        if let Some(first) = first {
            let message = labels(
                format!("these computed fields need one another: {}", listed.join(", ")),
                format!("这些计算字段互相依赖：{}", listed.join("、")),
            );
            self.report(Problem::error(Code::DerivedCycle, first.name.span.clone(), message));
        }
    }

    /// Defaults and derived fields are computed when a record begins; what they read must have a value then.
    fn early_reads(&self, process: &Process, made: &[Field]) {
        let mut sure = self.sure_at_start(process);
        for field in fields(process) {
            let Some(found) = made.iter().find(|other| other.name == *field.name.text) else { continue };
            let (expr, term) = match (&found.origin, &field.default, &field.derived) {
                (Origin::Given { default: Some(expr) }, Some(term), _) => (expr, term),
                (Origin::Derived { from, .. }, _, Some((term, _))) => (from, term),
                _ => continue,
            };
            for read in needed(expr) {
                let derived = self.names.field(read.as_str()).is_some_and(|field| field.derived);
                let later = match found.origin {
                    Origin::Given { .. } => derived || !sure.contains(read.as_str()),
                    Origin::Derived { .. } => !derived && !self.ever_sure(process).contains(read.as_str()),
                };
                if later && self.names.field(read.as_str()).is_some() {
                    self.too_early(read.as_str(), &field.name.text, &term.span);
                }
            }
            sure.insert(field.name.text.clone());
        }
    }

    fn too_early(&self, read: &str, by: &str, span: &crate::tree::Place) {
        let message = labels(
            format!("`{by}` needs `{read}`, which may have no value when a record begins"),
            format!("`{by}` 需要 `{read}`，但记录开始时它可能没有值"),
        );
        let hint = labels(
            format!("give `{read}` a default above, or ask for it at the start and make it not optional"),
            format!("请在前面给 `{read}` 默认值，或在发起时询问且不设为 optional"),
        );
        self.report(Problem::error(Code::ReadTooEarly, span.clone(), message).with_hint(hint));
    }

    /// The required fields that the start asks for.
    fn sure_at_start(&self, process: &Process) -> BTreeSet<String> {
        let asked = process.items.iter().flat_map(|item| match item {
            crate::tree::Item::Start(_, _, asks) => asks.as_slice(),
            _ => &[],
        });
        asked
            .flat_map(|ask| &ask.fields)
            .filter(|word| self.names.field(&word.text).is_some_and(|field| !field.optional))
            .map(|word| word.text.clone())
            .collect()
    }

    /// Those, and the fields with a default.
    pub(super) fn ever_sure(&self, process: &Process) -> BTreeSet<String> {
        let mut sure = self.sure_at_start(process);
        let given = self.names.fields.iter().filter(|field| field.default || field.derived);
        sure.extend(given.map(|field| field.name.clone()));
        sure
    }

    /// Reports required fields that nothing ever fills.
    pub(super) fn coverage_of_fields(&self, process: &Process, parts: &Parts) {
        if !self.doubtful.is_empty() {
            return;
        }
        let mut filled: BTreeSet<&Name> = parts.start.asks.iter().map(|ask| &ask.field).collect();
        for step in &parts.steps {
            match &step.kind {
                StepKind::Task(task) => {
                    filled.extend(task.asks.iter().map(|ask| &ask.field));
                    filled.extend(task.outcomes.iter().flat_map(|outcome| &outcome.asks).map(|ask| &ask.field));
                }
                StepKind::Receive { asks, .. } => filled.extend(asks.iter().map(|ask| &ask.field)),
                StepKind::Act { actions } => filled.extend(set_by(actions)),
                _ => {}
            }
        }
        parts.reactions.iter().for_each(|reaction| filled.extend(set_by(&reaction.actions)));
        for field in fields(process) {
            let found = parts.fields.iter().find(|other| other.name == *field.name.text);
            let empty = found.is_some_and(|found| {
                found.presence == Presence::Required
                    && found.origin == (Origin::Given { default: None })
                    && !filled.contains(&found.name)
            });
            if empty {
                let message = labels(
                    format!("`{}` must have a value, but nothing ever asks for it", field.name.text),
                    format!("`{}` 必须有值，但没有任何地方询问它", field.name.text),
                );
                let hint =
                    labels("ask for it, give it a default, or make it optional", "请询问它、给默认值，或设为 optional");
                self.report(Problem::error(Code::NeverAsked, field.name.span.clone(), message).with_hint(hint));
            }
        }
    }
}

fn set_by(actions: &[Action]) -> impl Iterator<Item = &Name> {
    actions.iter().filter_map(|action| match action {
        Action::Set { field, .. } => Some(field),
        Action::Notify { .. } | Action::Escalate { .. } => None,
    })
}

fn is_derived(field: &Field) -> bool {
    matches!(field.origin, Origin::Derived { .. })
}

fn reads_of(field: &Field) -> Vec<Name> {
    match &field.origin {
        Origin::Derived { from, .. } => reads(from),
        Origin::Given { .. } => Vec::new(),
    }
}

/// Every field that an expression reads.
pub(crate) fn reads(expr: &Expr) -> Vec<Name> {
    let mut found = Vec::new();
    walk(expr, &mut |expr| {
        if let Expr::Field(name) = expr {
            found.push(name.clone());
        }
    });
    found
}

/// The fields without whose values an expression cannot be computed: whose attributes it reads, on which a table
/// decides, that it compares by size.
pub(super) fn needed(expr: &Expr) -> Vec<Name> {
    let mut found = Vec::new();
    let mut field = |expr: &Expr| {
        if let Expr::Field(name) = expr {
            found.push(name.clone());
        }
    };
    walk(expr, &mut |expr| match expr {
        Expr::Attribute(inner, _) => field(inner),
        Expr::Decide { inputs, .. } => inputs.iter().for_each(&mut field),
        _ => {}
    });
    found
}

/// Shows an expression and everything inside of it.
pub(crate) fn walk(expr: &Expr, visit: &mut impl FnMut(&Expr)) {
    visit(expr);
    match expr {
        Expr::Literal(_) | Expr::Field(_) | Expr::Requester => {}
        Expr::Attribute(inner, _) | Expr::Not(inner) | Expr::IsEmpty(inner) => walk(inner, visit),
        Expr::List(items) => items.iter().for_each(|item| walk(item, visit)),
        Expr::Binary { left, right, .. } => {
            walk(left, visit);
            walk(right, visit);
        }
        Expr::Decide { inputs, .. } | Expr::Rule { inputs, .. } => inputs.iter().for_each(|input| walk(input, visit)),
    }
}
