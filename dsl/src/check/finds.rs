//! What a process looks for among other records, and what it asks of them.

use engine::definition::{Find, Labels};
use engine::expr::{Expr, Operator};
use engine::ids::Name;
use engine::records::{ENDED, OPENED, OTHER};

use super::types::Type;
use super::{Checker, StepSort, name};
use crate::among::OtherProcess;
use crate::problem::{Code, Problem, labels};
use crate::tree::{FindText, Item, Place, Process, Term, TermKind, Word};

/// What may be asked of entries and other records besides tables and rules.
pub(super) const BUILT_IN: &[&str] = &["count", "reached", "shares", "around", "baseline", "changed"];
/// The most relations that `around` goes.
const AROUND_MAX: u32 = 10;

impl Checker<'_> {
    /// What a process looks for.
    pub(super) fn finds(&self, process: &Process) -> Vec<Find> {
        let texts: Vec<&FindText> = finds(&process.items).collect();
        self.unique(texts.iter().map(|find| &find.name), ("find", "查找"));
        texts.into_iter().filter_map(|find| self.find(find, process)).collect()
    }

    fn find(&self, find: &FindText, process: &Process) -> Option<Find> {
        if self.names.field(&find.name.text).is_some() {
            let taken = &find.name.text;
            let message = labels(format!("`{taken}` is a field already"), format!("`{taken}` 已是字段名"));
            let hint = labels("give what is found another name", "请给查找结果另取一个名称");
            self.report(Problem::error(Code::Duplicate, find.name.span.clone(), message).with_hint(hint));
        }
        if let Some(attributes) = self.names.attributes(&find.process.text) {
            let row = attributes.iter().map(|(name, holds)| (name.clone(), Type::of(holds))).collect();
            let when = self.condition(find, row);
            let (by, key) = (Name::from(""), Expr::Literal(engine::value::Value::Nothing));
            return Some(Find { name: name(&find.name), process: name(&find.process), by, key, when });
        }
        self.process_named(&find.process);
        let other = self.other(&find.process.text, process)?;
        let mut row = other.fields.iter().map(|(field, holds)| (field.clone(), Type::of(holds))).collect::<Vec<_>>();
        row.push((OPENED.to_owned(), Type::Instant));
        row.push((ENDED.to_owned(), Type::Bool));
        let when = self.condition(find, row);
        let Some((by, key)) = looked_up(&when, &other.found_by) else {
            let process = &find.process.text;
            let message = labels(
                format!("this does not say by which field the records of `{process}` are found"),
                format!("没有说明按哪个字段查找 `{process}` 的记录"),
            );
            let hint = match other.found_by.first() {
                Some(field) => labels(
                    format!("begin with `other.{field} is …` or `shares(other.{field}, …)`"),
                    format!("请以 `other.{field} is …` 或 `shares(other.{field}, …)` 开头"),
                ),
                None => labels(
                    format!("write `found by …` into the head of `{process}`, with the field"),
                    format!("请在 `{process}` 的开头写 `found by …` 及该字段"),
                ),
            };
            self.report(Problem::error(Code::MissingPart, find.when.span.clone(), message).with_hint(hint));
            return None;
        };
        Some(Find { name: name(&find.name), process: name(&find.process), by, key, when })
    }

    /// The condition of a find, in which `other` is a row.
    fn condition(&self, find: &FindText, row: Vec<(String, Type)>) -> Expr {
        self.locals.borrow_mut().push((OTHER.to_owned(), Type::Row(row)));
        self.others.borrow_mut().push(find.process.text.clone());
        let when = self.expr(&find.when, &Type::Bool);
        self.others.borrow_mut().pop();
        self.locals.borrow_mut().pop();
        when
    }

    /// What is known of a process: of this one, or of another file.
    fn other(&self, wanted: &str, process: &Process) -> Option<OtherProcess> {
        if wanted == self.names.process {
            return Some(self.own(process));
        }
        self.among.processes.get(wanted).cloned()
    }

    /// What others see of the process of this file.
    pub(super) fn own(&self, process: &Process) -> OtherProcess {
        OtherProcess {
            labels: Labels::default(),
            fields: self.names.fields.iter().map(|field| (field.name.clone(), field.holds.clone())).collect(),
            milestones: self.names.step_names(StepSort::Milestone).map(str::to_owned).collect(),
            found_by: super::header::found_by(&process.items).map(|word| word.text.clone()).collect(),
        }
    }

    /// What is asked of entries and other records; nothing where the name is none of those.
    pub(super) fn built_in(&self, word: &Word, inputs: &[Term], span: &Place) -> Option<(Expr, Type)> {
        let items = Type::Many(Box::new(Type::Unknown));
        let boxed = |term: &Term, wanted: &Type| Box::new(self.expr(term, wanted));
        let several = |term: &Term| Box::new(self.infer(term, None).0);
        Some(match (word.text.as_str(), inputs) {
            ("count", [list]) => (Expr::Count(boxed(list, &items)), Type::Number),
            ("shares", [one, other]) => {
                let (one, held) = self.infer(one, Some(&items));
                let other = self.expr(other, &held);
                (Expr::Shares(Box::new(one), Box::new(other)), Type::Bool)
            }
            ("reached", [of, milestone]) => {
                let (of, held) = self.infer(of, None);
                let step = self.milestone(&of, &held, milestone);
                (Expr::Reached(Box::new(of), step), Type::Bool)
            }
            ("around", [of, steps]) => {
                let (of, held) = self.infer(of, Some(&items));
                let held = if let Type::Many(_) = held { held } else { Type::Many(Box::new(held)) };
                (Expr::Around(Box::new(of), self.so_many(steps)), held)
            }
            ("baseline", [of]) => (Expr::Baseline(several(of)), Type::of(&super::names::baseline())),
            ("changed", [before, after]) => {
                let wanted = Type::of(&super::names::baseline());
                let (before, after) = (boxed(before, &wanted), boxed(after, &wanted));
                let items = Type::Many(Box::new(Type::Ref("configuration_item".to_owned())));
                (Expr::Changed(before, after), items)
            }
            (known, _) if BUILT_IN.contains(&known) => {
                let form = match known {
                    "reached" => "reached(FIELD, MILESTONE)",
                    "shares" => "shares(LIST, LIST)",
                    "around" => "around(LIST, 2)",
                    "baseline" => "baseline(LIST)",
                    "changed" => "changed(BEFORE, AFTER)",
                    _ => "count(LIST)",
                };
                let message = labels(format!("`{known}` is given other inputs"), format!("`{known}` 的输入不对"));
                let hint = labels(format!("write `{form}`"), format!("请写 `{form}`"));
                self.report(Problem::error(Code::InputCount, span.clone(), message).with_hint(hint));
                (Expr::Literal(engine::value::Value::Nothing), Type::Unknown)
            }
            _ => return None,
        })
    }

    /// The milestone of the process whose records are asked.
    fn milestone(&self, of: &Expr, held: &Type, term: &Term) -> Name {
        let TermKind::Name(text) = &term.kind else {
            let message = labels("this is no milestone", "这不是里程碑");
            let hint = labels("write its name, such as `approved`", "请写里程碑的名称，如 `approved`");
            self.report(Problem::error(Code::Mismatch, term.span.clone(), message).with_hint(hint));
            return Name::from("");
        };
        let process = match (of, held) {
            (Expr::Item(item), Type::Row(_)) if *item == *OTHER => self.others.borrow().last().cloned(),
            (_, Type::Ref(process)) => Some(process.clone()),
            (_, Type::Many(inner)) => match &**inner {
                Type::Ref(process) => Some(process.clone()),
                _ => None,
            },
            _ => None,
        };
        let word = Word { text: text.clone(), span: term.span.clone() };
        let known: Option<Vec<String>> = match process {
            Some(process) if process == self.names.process => {
                Some(self.names.step_names(StepSort::Milestone).map(str::to_owned).collect())
            }
            Some(process) => self.among.processes.get(&process).map(|other| other.milestones.clone()),
            None => {
                let message = labels("records are asked here, and this names none", "这里询问的是记录，而它不指向记录");
                let hint = labels(
                    "name a field of the type `ref …` or `many …` of a process",
                    "请写指向流程记录的 `ref …` 或 `many …` 字段",
                );
                self.report(Problem::error(Code::Mismatch, term.span.clone(), message).with_hint(hint));
                None
            }
        };
        if let Some(known) = known.filter(|known| !known.contains(text)) {
            self.unknown(Code::UnknownStep, &word, ("milestone", "里程碑"), known.iter().map(String::as_str));
        }
        name(&word)
    }

    fn so_many(&self, term: &Term) -> u32 {
        let steps = match &term.kind {
            TermKind::Number(number) => u32::try_from(*number).ok().filter(|steps| (1..=AROUND_MAX).contains(steps)),
            _ => None,
        };
        steps.unwrap_or_else(|| {
            let message = labels("this is no number of relations", "这不是关系的层数");
            let hint = labels(
                format!("write a whole number from 1 to {AROUND_MAX}"),
                format!("请写 1 到 {AROUND_MAX} 的整数"),
            );
            self.report(Problem::error(Code::Mismatch, term.span.clone(), message).with_hint(hint));
            1
        })
    }
}

/// What a process looks for.
pub(super) fn finds(items: &[Item]) -> impl Iterator<Item = &FindText> {
    items.iter().filter_map(|item| if let Item::Find(find) = item { Some(&**find) } else { None })
}

/// The field by which a condition finds records, and the values that it may hold.
fn looked_up(when: &Expr, found_by: &[String]) -> Option<(Name, Expr)> {
    let field = |expr: &Expr| match expr {
        Expr::Attribute(inner, name) if matches!(&**inner, Expr::Item(item) if *item == *OTHER) => {
            found_by.contains(&name.to_string()).then(|| name.clone())
        }
        _ => None,
    };
    let key = |one: &Expr, other: &Expr| match (field(one), reads_other(other)) {
        (Some(name), false) => Some((name, other.clone())),
        _ => None,
    };
    match when {
        Expr::Binary { operator: Operator::And, left, right } => {
            looked_up(left, found_by).or_else(|| looked_up(right, found_by))
        }
        Expr::Binary { operator: Operator::Is, left, right } => key(left, right).or_else(|| key(right, left)),
        Expr::Binary { operator: Operator::In, left, right } => key(left, right),
        Expr::Shares(one, other) => key(one, other).or_else(|| key(other, one)),
        _ => None,
    }
}

fn reads_other(expr: &Expr) -> bool {
    let mut found = false;
    expr.walk(&mut |inner| found |= matches!(inner, Expr::Item(item) if *item == *OTHER));
    found
}
