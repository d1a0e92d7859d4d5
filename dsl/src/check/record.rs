//! The record: what its fields hold, where their values come from, and that every field gets one.

use std::collections::{BTreeMap, BTreeSet};

use engine::definition::{Action, Field, Labels, Origin, Overriding, Parts, Presence, StepKind};
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

    pub(super) fn field(&self, field: &FieldText) -> Field {
        if TAKEN.contains(&field.name.text.as_str()) {
            let word = &field.name.text;
            let message = labels(format!("a field cannot be called `{word}`"), format!("字段不能叫 `{word}`"));
            let hint = match word.as_str() {
                "reason" => labels(
                    "an outcome `asks reason` without a field; call yours `cause`, for instance",
                    "结果可以直接 `asks reason`，不必定义字段；您的字段可改名为 `cause` 等",
                ),
                _ => labels(
                    "it is the record's own number; call yours `amount`, for instance",
                    "它是记录的编号；您的字段可改名为 `amount` 等",
                ),
            };
            self.meant.borrow_mut().insert(word.clone());
            self.report(Problem::error(Code::Duplicate, field.name.span.clone(), message).with_hint(hint));
        }
        let declared = self.names.field(&field.name.text);
        let holds = declared.map_or_else(|| self.holds(&field.holds, &self.names), |declared| declared.holds.clone());
        let wanted = Type::of(&holds);
        if let Some(relation) = &field.relation
            && self.names.field(&field.name.text).is_some()
        {
            let message = labels("a field of a record is no relation", "记录的字段不能是关系");
            let hint = labels("relations are attributes of registers", "关系是登记册的属性");
            let span = relation.reverse.span.clone();
            self.report(Problem::error(Code::Syntax, span, message).with_hint(hint));
        }
        let origin = match &field.derived {
            Some((from, overriding)) => Origin::Derived {
                from: self.expr(from, &wanted),
                overriding: if *overriding { Overriding::NeedsReason } else { Overriding::Forbidden },
            },
            None => Origin::Given { default: field.default.as_ref().map(|term| self.expr(term, &wanted)) },
        };
        if let (Some(_), Some(default)) = (&field.derived, &field.default) {
            let message = labels("a computed field has no default", "计算字段不能有默认值");
            let hint = labels("take out `= …` or `from …`", "请去掉 `= …` 或 `from …`");
            self.report(Problem::error(Code::DerivedSet, default.span.clone(), message).with_hint(hint));
        }
        Field {
            name: name(&field.name),
            labels: self.tags(field.tags.as_ref(), &field.name, ("field", "字段")),
            holds,
            origin,
            presence: if field.optional { Presence::Optional } else { Presence::Required },
            must: self.requirements(&field.must),
            seen_by: self.whom(&field.seen_by),
            changed_by: self.whom(&field.changed_by),
            evidence: self.clauses(&field.evidence),
            was: field.was.as_ref().map(name),
        }
    }

    /// Puts each derived field after those that it needs; the given fields keep their places.
    fn ordered(&self, made: Vec<Field>, process: &Process) -> Vec<Field> {
        let derived: Vec<&Field> = made.iter().filter(|field| is_derived(field)).collect();
        let names: BTreeSet<&Name> = derived.iter().map(|field| &field.name).collect();
        let reads: Vec<BTreeSet<Name>> = derived.iter().map(|field| reads_of(field).into_iter().collect()).collect();
        let mut readers: BTreeMap<&Name, Vec<usize>> = BTreeMap::new();
        let mut waits: Vec<usize> = vec![0; derived.len()];
        for (index, (wait, reads)) in waits.iter_mut().zip(&reads).enumerate() {
            for read in reads.iter().filter_map(|read| names.get(read)) {
                readers.entry(read).or_default().push(index);
                *wait += 1;
            }
        }
        let mut ready: BTreeSet<usize> = (0..derived.len()).filter(|index| waits.get(*index) == Some(&0)).collect();
        let mut done: Vec<Field> = Vec::new();
        while let Some(next) = ready.pop_first() {
            let Some(field) = derived.get(next) else { break };
            done.push((*field).clone());
            for reader in readers.remove(&field.name).unwrap_or_default() {
                if let Some(wait) = waits.get_mut(reader) {
                    *wait -= 1;
                    if *wait == 0 {
                        ready.insert(reader);
                    }
                }
            }
        }
        if done.len() < derived.len() {
            let left: Vec<&Field> =
                derived.iter().zip(&waits).filter(|(_, waits)| **waits > 0).map(|(field, _)| *field).collect();
            self.cycle(&left, process);
            return made;
        }
        done.reverse();
        made.iter().filter_map(|field| if is_derived(field) { done.pop() } else { Some(field.clone()) }).collect()
    }

    fn cycle(&self, left: &[&Field], process: &Process) {
        let listed = left.iter().map(|field| format!("`{}`", field.name)).collect::<Vec<_>>();
        let names: BTreeSet<&str> = left.iter().map(|field| field.name.as_str()).collect();
        let first = fields(process).find(|field| names.contains(field.name.text.as_str()));
        if let Some(first) = first {
            let message = labels(
                format!("these computed fields need one another: {}", listed.join(", ")),
                format!("这些计算字段互相依赖：{}", listed.join("、")),
            );
            let hint = labels("ask for one of them instead of computing it", "请让其中一个由人填写，而不是计算");
            self.report(Problem::error(Code::DerivedCycle, first.name.span.clone(), message).with_hint(hint));
        }
    }

    /// Defaults and derived fields are computed when a record begins; what they read must have a value then.
    fn early_reads(&self, process: &Process, made: &[Field]) {
        let mut sure = self.sure_at_start(process);
        let ever_sure = self.ever_sure(process);
        for (field, found) in fields(process).zip(made) {
            let (expr, term) = match (&found.origin, &field.default, &field.derived) {
                (Origin::Given { default: Some(expr) }, Some(term), _) => (expr, term),
                (Origin::Derived { from, .. }, _, Some((term, _))) => (from, term),
                _ => continue,
            };
            for read in needed(expr) {
                let derived = self.names.field(read.as_str()).is_some_and(|field| field.derived);
                let later = match found.origin {
                    Origin::Given { .. } => derived || !sure.contains(read.as_str()),
                    Origin::Derived { .. } => !derived && !ever_sure.contains(read.as_str()),
                };
                if later && self.names.field(read.as_str()).is_some() {
                    let by = &field.name.text;
                    self.too_early(read.as_str(), labels(format!("`{by}`"), format!("`{by}` ")), &term.span);
                }
            }
            sure.insert(field.name.text.clone());
        }
    }

    /// Keeps in mind that something reads a field which may have no value when a record begins.
    pub(super) fn too_early(&self, read: &str, by: Labels, span: &crate::tree::Place) {
        self.early.borrow_mut().push((read.to_owned(), by, span.clone()));
    }

    /// Reports the fields that are read too early, each once, with every place that reads it.
    pub(super) fn read_too_early(&self) {
        let mut found: BTreeMap<String, Problem> = BTreeMap::new();
        for (read, by, span) in self.early.take() {
            if self.meant.borrow().contains(&read) {
                continue;
            }
            let problem = match found.remove(&read) {
                Some(first) => {
                    first.with_note(span, labels(format!("{} needs it too", by.en), format!("{}也需要它", by.zh)))
                }
                None => {
                    let message = labels(
                        format!("{} needs `{read}`, which may have no value when a record begins", by.en),
                        format!("{}需要 `{read}`，但记录开始时它可能没有值", by.zh),
                    );
                    let hint = labels(
                        format!("give `{read}` a default above, or ask for it at the start and make it not optional"),
                        format!("请在前面给 `{read}` 默认值，或在发起时要求填写且不设为 optional"),
                    );
                    Problem::error(Code::ReadTooEarly, span, message).with_hint(hint)
                }
            };
            found.insert(read, problem);
        }
        found.into_values().for_each(|problem| self.report(problem));
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
                StepKind::Approval(_) => filled.extend(step.kind.asks().into_iter().map(|ask| &ask.field)),
                StepKind::Receive { asks, .. } => filled.extend(asks.iter().map(|ask| &ask.field)),
                StepKind::Job(job) => filled.extend(&job.gives),
                StepKind::Act { actions } => filled.extend(set_by(actions)),
                _ => {}
            }
        }
        parts.reactions.iter().for_each(|reaction| filled.extend(set_by(&reaction.actions)));
        let made: BTreeMap<&str, &Field> = parts.fields.iter().map(|field| (field.name.as_str(), field)).collect();
        for field in fields(process) {
            let found = made.get(field.name.text.as_str());
            let empty = found.is_some_and(|found| {
                found.presence == Presence::Required
                    && found.origin == (Origin::Given { default: None })
                    && !filled.contains(&found.name)
                    && !self.meant.borrow().contains(&field.name.text)
            });
            if empty {
                let message = labels(
                    format!("`{}` must have a value, but nothing ever asks for it", field.name.text),
                    format!("`{}` 必须有值，但没有任何地方要求填写它", field.name.text),
                );
                let hint = labels(
                    "ask for it, give it a default, or make it optional",
                    "请在某处要求填写它、给默认值，或设为 optional",
                );
                self.report(Problem::error(Code::NeverAsked, field.name.span.clone(), message).with_hint(hint));
            }
        }
    }
}

fn set_by(actions: &[Action]) -> impl Iterator<Item = &Name> {
    actions.iter().filter_map(|action| match action {
        Action::Set { field, .. } => Some(field),
        Action::Notify { .. }
        | Action::Escalate { .. }
        | Action::Start(_)
        | Action::Signal { .. }
        | Action::Enter { .. }
        | Action::Update { .. }
        | Action::Later(_) => None,
    })
}

fn is_derived(field: &Field) -> bool {
    matches!(field.origin, Origin::Derived { .. })
}

fn reads_of(field: &Field) -> Vec<Name> {
    match &field.origin {
        Origin::Derived { from, .. } => from.reads().into_iter().cloned().collect(),
        Origin::Given { .. } => Vec::new(),
    }
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
    expr.walk(&mut |expr| match expr {
        Expr::Attribute(inner, _) => field(inner),
        Expr::Decide { inputs, .. } => inputs.iter().for_each(&mut field),
        _ => {}
    });
    found
}
