//! Typed expressions: every name means something, every operator fits its operands.

use engine::definition::Labels;
use engine::expr::{Expr, Operator};
use engine::ids::Name;
use engine::time::{Counting, DAY_MS};
use engine::value::{Money, Value};

use super::Checker;
use super::names::FunctionSort;
use super::types::Type;
use crate::problem::{Code, Problem, labels};
use crate::tree::{Place, Term, TermKind, Word};

/// An expression that was checked already and found wrong.
fn wrong() -> (Expr, Type) {
    (Expr::Literal(Value::Nothing), Type::Unknown)
}

impl Checker<'_> {
    /// An expression of a wanted type.
    pub(crate) fn expr(&self, term: &Term, wanted: &Type) -> Expr {
        let (expr, found) = self.infer(term, Some(wanted));
        if !found.fits(wanted) {
            let (found, needed) = (found.described(), wanted.described());
            let message = labels(
                format!("this is {}, where {} is needed", found.en, needed.en),
                format!("这里需要{}，却是{}", needed.zh, found.zh),
            );
            let mut problem = Problem::error(Code::Mismatch, term.span.clone(), message);
            problem.hint = self.fitting(term, wanted);
            self.report(problem);
        }
        expr
    }

    /// An expression with its type; `wanted` only helps to understand bare names and texts.
    pub(crate) fn infer(&self, term: &Term, wanted: Option<&Type>) -> (Expr, Type) {
        match &term.kind {
            TermKind::Text(text) => match wanted {
                Some(Type::Money) => self.money(text, &term.span),
                Some(Type::Ref(register)) => {
                    (Expr::Literal(Value::Ref(Name::from(text.as_str()))), Type::Ref(register.clone()))
                }
                Some(Type::Role) => {
                    self.known_role(&Word { text: text.clone(), span: term.span.clone() });
                    (Expr::Literal(Value::Ref(Name::from(text.as_str()))), Type::Role)
                }
                _ => (Expr::Literal(Value::Text(text.clone())), Type::Text),
            },
            TermKind::Number(number) => (Expr::Literal(Value::Number(*number)), Type::Number),
            TermKind::Truth(yes) => (Expr::Literal(Value::Bool(*yes)), Type::Bool),
            TermKind::Date(text) => self.date(text, &term.span),
            TermKind::Instant(text) => {
                let found = self.instant(&Word { text: text.clone(), span: term.span.clone() });
                (Expr::Literal(found.map_or(Value::Nothing, Value::Instant)), Type::Instant)
            }
            TermKind::Length(length) => {
                if length.counting == Counting::Working {
                    let message = labels("working time cannot be computed with here", "这里不能用工作时间计算");
                    let hint = labels("write plain hours or days", "请写普通的小时或天");
                    self.report(Problem::error(Code::Mismatch, term.span.clone(), message).with_hint(hint));
                }
                (Expr::Literal(Value::Duration(length.length_ms(DAY_MS))), Type::Duration)
            }
            TermKind::Nothing => (Expr::Literal(Value::Nothing), Type::Nothing),
            TermKind::Name(text) => self.bare_name(text, &term.span, wanted),
            TermKind::Requester => (Expr::Requester, Type::Ref("person".into())),
            TermKind::Now => (Expr::Now, Type::Instant),
            TermKind::Today => (Expr::Today, Type::Date),
            TermKind::Attribute(inner, name) => self.attribute(inner, name),
            TermKind::Call(name, inputs) => self.call(name, inputs, &term.span),
            TermKind::List(items) => self.list(items, wanted),
            TermKind::Row(_) => {
                let message = labels("a row can be written in the form of an example only", "只能在示例的表单中写行");
                let hint = labels("ask for the rows in a form of the process", "请在流程的表单中要求填写这些行");
                self.report(Problem::error(Code::Mismatch, term.span.clone(), message).with_hint(hint));
                wrong()
            }
            TermKind::Not(inner) => (Expr::Not(Box::new(self.expr(inner, &Type::Bool))), Type::Bool),
            TermKind::IsEmpty(inner) => {
                let (inner, _) = self.infer(inner, None);
                (Expr::IsEmpty(Box::new(inner)), Type::Bool)
            }
            TermKind::Binary(operator, left, right) => self.binary(*operator, left, right, &term.span),
            TermKind::Broken => wrong(),
        }
    }

    fn money(&self, text: &str, span: &Place) -> (Expr, Type) {
        match Money::read(text) {
            Some(money) => (Expr::Literal(Value::Money(money)), Type::Money),
            None => {
                let message = labels("this is not an amount of money", "这不是金额");
                let hint = labels("write it like \"12.50 CNY\"", "请写成 \"12.50 CNY\" 的形式");
                self.report(Problem::error(Code::Unreadable, span.clone(), message).with_hint(hint));
                wrong()
            }
        }
    }

    fn date(&self, text: &str, span: &Place) -> (Expr, Type) {
        let value = Value::Date(text.to_owned());
        if engine::value::FieldType::Date.admits(&value).is_err() {
            self.no_day(text, span);
        }
        (Expr::Literal(value), Type::Date)
    }

    pub(super) fn no_day(&self, text: &str, span: &Place) {
        let message = labels(format!("there is no day {text}"), format!("没有 {text} 这一天"));
        let hint = labels("write year, month and day, such as 2026-02-28", "依次写年、月、日，如 2026-02-28");
        self.report(Problem::error(Code::Unreadable, span.clone(), message).with_hint(hint));
    }

    /// How to write a value of a wanted type.
    fn fitting(&self, term: &Term, wanted: &Type) -> Option<Labels> {
        let quoted = matches!(term.kind, TermKind::Text(_));
        Some(match wanted {
            Type::Bool => labels(
                "write a condition, such as `amount > 5` or `size is high`",
                "请写成条件，如 `amount > 5` 或 `size is high`",
            ),
            Type::Choice(_) if quoted => labels("a choice has no quotes", "选项不加引号"),
            Type::Choice(choices) => {
                let listed = choices.iter().map(|choice| format!("`{}`", choice.name)).collect::<Vec<_>>();
                labels(format!("write {}", listed.join(" or ")), format!("请写 {}", listed.join(" 或 ")))
            }
            Type::Date if matches!(term.kind, TermKind::Binary(..)) => {
                labels("month and day have two digits: `2026-02-05`", "月和日各写两位：`2026-02-05`")
            }
            Type::Date => labels("a day is written `2026-09-18`, without quotes", "日期写作 `2026-09-18`，不加引号"),
            Type::Instant => labels(
                "an instant is written `2026-09-18 17:30`, without quotes",
                "时刻写作 `2026-09-18 17:30`，不加引号",
            ),
            Type::Number => {
                labels("a number is written `12` or `12.5`, without quotes", "数字写作 `12` 或 `12.5`，不加引号")
            }
            Type::Duration => labels("a length of time is written `4 hours`", "时长写作 `4 hours`"),
            Type::Money => labels("an amount of money is written `\"12.50 CNY\"`", "金额写作 `\"12.50 CNY\"`"),
            Type::Text => labels("a text stands in quotes", "文字要写在引号中"),
            Type::Ref(register) => labels(
                format!("take a field of type `ref {register}`, or an attribute that names one"),
                format!("请用类型为 `ref {register}` 的字段，或指向它的属性"),
            ),
            _ => return None,
        })
    }

    fn bare_name(&self, text: &str, span: &Place, wanted: Option<&Type>) -> (Expr, Type) {
        if let Some(Type::Choice(choices)) = wanted
            && let Some(choice) = choices.iter().find(|choice| choice.name == *text)
        {
            return (Expr::Literal(Value::Choice(choice.name.clone())), Type::Choice(choices.clone()));
        }
        if let Some(held) = self.local(text) {
            return (Expr::Item(Name::from(text)), held);
        }
        if let Some(field) = self.names.field(text) {
            return (Expr::Field(Name::from(text)), Type::of(&field.holds));
        }
        if text == "this" && !self.names.process.is_empty() {
            return (Expr::This, Type::Ref(self.names.process.clone()));
        }
        if let Some(process) = self.names.finds.get(text) {
            return (Expr::Find(Name::from(text)), Type::Many(Box::new(Type::Ref(process.clone()))));
        }
        if let (Some(Type::Ref(register)), super::Keys::Bare) = (wanted, self.keys.get()) {
            return (Expr::Literal(Value::Ref(Name::from(text))), Type::Ref(register.clone()));
        }
        let word = Word { text: text.to_owned(), span: span.clone() };
        if let (Some(Type::Role), super::Keys::Bare) = (wanted, self.keys.get()) {
            self.known_role(&word);
            return (Expr::Literal(Value::Ref(Name::from(text))), Type::Role);
        }
        match wanted {
            Some(Type::Choice(choices)) => {
                let known = choices.iter().map(|choice| choice.name.as_str());
                self.unknown(Code::UnknownChoice, &word, ("choice", "选项"), known);
            }
            // What it is compared with is wrong already, and would say what it may be.
            Some(Type::Unknown) => {}
            Some(Type::Text) if crate::nearest::nearest(text, self.names.field_names()).is_none() => {
                let message = labels(format!("there is no field called `{text}`"), format!("没有名为 `{text}` 的字段"));
                let hint =
                    labels(format!("a text stands in quotes: `\"{text}\"`"), format!("文字要加引号：`\"{text}\"`"));
                if !self.doubtful.contains(text) {
                    self.report(Problem::error(Code::UnknownField, span.clone(), message).with_hint(hint));
                }
            }
            _ => {
                let words = ["requester", "today", "now"];
                let known = self.names.field_names();
                match crate::nearest::nearest(text, words).filter(|_| crate::nearest::nearest(text, known).is_none()) {
                    Some(near) => self.unknown(Code::UnknownField, &word, ("field", "字段"), [near]),
                    None => self.unknown(Code::UnknownField, &word, ("field", "字段"), self.names.field_names()),
                }
            }
        }
        wrong()
    }

    /// What a name means here that has a meaning in this part of the process only.
    fn local(&self, name: &str) -> Option<Type> {
        self.locals.borrow().iter().rev().find(|(local, _)| local == name).map(|(_, held)| held.clone())
    }

    pub(super) fn is_local(&self, name: &str) -> bool {
        self.local(name).is_some()
    }

    fn attribute(&self, inner: &Term, name: &Word) -> (Expr, Type) {
        if let Some(found) = self.of_clock(inner, name) {
            return found;
        }
        let (expr, of) = self.infer(inner, None);
        let gives = match &of {
            Type::Ref(held) => match self.names.attributes(held) {
                Some(attributes) => {
                    let found = attributes.iter().find(|(attribute, _)| *attribute == name.text);
                    if found.is_none() {
                        let known = attributes.iter().map(|(attribute, _)| attribute.as_str());
                        let what = (format!("attribute of a {held}"), format!(" {held} 属性"));
                        self.unknown(Code::UnknownAttribute, name, (&what.0, &what.1), known);
                    }
                    found.map_or(Type::Unknown, |(_, holds)| Type::of(holds))
                }
                None if *held != self.names.process && !self.among.processes.contains_key(held) => Type::Unknown,
                None => {
                    let message = labels(
                        format!("the fields of another {held} cannot be read here"),
                        format!("这里不能读取其他 {held} 记录的字段"),
                    );
                    let hint = labels("give this process a field of its own for it", "请在本流程中为它设一个字段");
                    self.report(Problem::error(Code::UnknownAttribute, name.span.clone(), message).with_hint(hint));
                    Type::Unknown
                }
            },
            Type::Row(outputs) => {
                let found = outputs.iter().find(|(output, _)| *output == name.text);
                if found.is_none() {
                    let known = outputs.iter().map(|(output, _)| output.as_str());
                    self.unknown(Code::UnknownAttribute, name, ("field of the row", "行字段"), known);
                }
                found.map_or(Type::Unknown, |(_, of)| of.clone())
            }
            Type::File => match name.text.as_str() {
                "name" => Type::Text,
                "size" => Type::Number,
                _ => {
                    self.unknown(Code::UnknownAttribute, name, ("attribute of a file", "文件属性"), ["name", "size"]);
                    Type::Unknown
                }
            },
            Type::Unknown => Type::Unknown,
            other => {
                let other = other.described();
                let message = labels(format!("{} has no attributes", other.en), format!("{}没有属性", other.zh));
                let hint = labels(
                    "only a reference has them, such as `service.owner`",
                    "只有引用才有属性，如 `service.owner`",
                );
                self.report(Problem::error(Code::UnknownAttribute, name.span.clone(), message).with_hint(hint));
                Type::Unknown
            }
        };
        (Expr::Attribute(Box::new(expr), super::name(name)), gives)
    }

    fn call(&self, name: &Word, inputs: &[Term], span: &Place) -> (Expr, Type) {
        if !self.names.functions.contains_key(&name.text)
            && let Some(found) = self.built_in(name, inputs, span)
        {
            return found;
        }
        let Some(function) = self.names.functions.get(&name.text) else {
            let known = self.names.functions.keys().map(String::as_str);
            self.unknown(Code::UnknownFunction, name, ("table or rule", "决策表或规则"), known);
            return wrong();
        };
        if function.inputs.len() != inputs.len() {
            let (wants, has) = (function.inputs.len(), inputs.len());
            let message = labels(
                format!("`{}` takes {wants} inputs and is given {has} here", name.text),
                format!("`{}` 需要 {wants} 个输入，这里给了 {has} 个", name.text),
            );
            let listed = function.inputs.iter().map(|(input, _)| input.text.as_str()).collect::<Vec<_>>().join(", ");
            let hint = labels(
                format!("it is declared as `{}({listed})`", name.text),
                format!("它的声明是 `{}({listed})`", name.text),
            );
            self.report(Problem::error(Code::InputCount, span.clone(), message).with_hint(hint));
        }
        let inputs: Vec<Expr> = inputs
            .iter()
            .zip(&function.inputs)
            .map(|(input, (_, holds))| self.expr(input, &holds.as_ref().map_or(Type::Unknown, Type::of)))
            .collect();
        let expr = match function.sort {
            FunctionSort::Table(_) => Expr::Decide { table: super::name(name), inputs },
            FunctionSort::Rule => Expr::Rule { rule: super::name(name), inputs },
        };
        (expr, function.gives.clone())
    }

    fn list(&self, items: &[Term], wanted: Option<&Type>) -> (Expr, Type) {
        let inner = match wanted {
            Some(Type::Many(inner)) => Some((**inner).clone()),
            _ => None,
        };
        let mut held = inner.clone().unwrap_or(Type::Unknown);
        let mut exprs = Vec::new();
        for item in items {
            let (expr, found) = self.infer(item, inner.as_ref().or(Some(&held)));
            if !found.fits(&held) {
                let (one, other) = (found.described(), held.described());
                let message = labels(
                    format!("this is {}, where {} is needed", one.en, other.en),
                    format!("这里需要{}，却是{}", other.zh, one.zh),
                );
                let mut problem = Problem::error(Code::Mismatch, item.span.clone(), message);
                problem.hint = self.fitting(item, &held);
                self.report(problem);
            }
            if held == Type::Unknown {
                held = found;
            }
            exprs.push(expr);
        }
        (Expr::List(exprs), Type::Many(Box::new(held)))
    }

    fn binary(&self, operator: Operator, left: &Term, right: &Term, span: &Place) -> (Expr, Type) {
        let made = |operator, left, right| Expr::Binary { operator, left: Box::new(left), right: Box::new(right) };
        match operator {
            Operator::And | Operator::Or => {
                let (left, right) = (self.expr(left, &Type::Bool), self.expr(right, &Type::Bool));
                (made(operator, left, right), Type::Bool)
            }
            Operator::In => {
                let (left, of) = self.infer(left, None);
                let wanted = Type::Many(Box::new(of));
                let right = self.expr(right, &wanted);
                (made(operator, left, right), Type::Bool)
            }
            Operator::Is | Operator::IsNot => {
                let ((one, held), (other, found)) = self.pair(left, right);
                if !found.fits(&held) {
                    self.bad_operands(operator, &held, &found, span);
                }
                (made(operator, one, other), Type::Bool)
            }
            Operator::Less | Operator::AtMost | Operator::Greater | Operator::AtLeast => {
                let ((one, held), (other, found)) = self.pair(left, right);
                let ordered = matches!(
                    held,
                    Type::Number
                        | Type::Date
                        | Type::Instant
                        | Type::Duration
                        | Type::Money
                        | Type::Text
                        | Type::Unknown
                );
                if !ordered || !found.fits(&held) {
                    self.bad_operands(operator, &held, &found, span);
                }
                (made(operator, one, other), Type::Bool)
            }
            Operator::Plus | Operator::Minus | Operator::Times => {
                let ((one, held), (other, found)) = self.pair(left, right);
                let gives = arithmetic(operator, &held, &found).unwrap_or_else(|| {
                    self.bad_operands(operator, &held, &found, span);
                    Type::Unknown
                });
                (made(operator, one, other), gives)
            }
        }
    }

    /// Two sides that explain one another: `priority is p1`, `p1 is priority`.
    fn pair(&self, left: &Term, right: &Term) -> ((Expr, Type), (Expr, Type)) {
        let bare = matches!(&left.kind, TermKind::Name(text) if self.names.field(text).is_none());
        if bare || matches!(left.kind, TermKind::Text(_)) {
            let right = self.infer(right, None);
            let left = self.infer(left, Some(&right.1));
            (left, right)
        } else {
            let left = self.infer(left, None);
            let right = self.infer(right, Some(&left.1));
            (left, right)
        }
    }

    fn bad_operands(&self, operator: Operator, left: &Type, right: &Type, span: &Place) {
        let hint = match (left, right) {
            (Type::Choice(_), right) if right.fits(left) => labels(
                "choices have no order; compare them with `is` or `in [ … ]`",
                "选项没有大小之分，请用 `is` 或 `in [ … ]` 比较",
            ),
            (Type::Choice(_), Type::Text) => labels("a choice has no quotes", "选项不加引号"),
            (left, right) if left != right => labels("both sides must be of one kind", "两边须是同一种值"),
            _ => labels("compare them with `is` or `is not`", "请用 `is` 或 `is not` 比较"),
        };
        let (left, right, symbol) = (left.described(), right.described(), operator.symbol());
        let message = labels(
            format!("`{symbol}` does not work between {} and {}", left.en, right.en),
            format!("`{symbol}` 不能用于{}与{}之间", left.zh, right.zh),
        );
        let problem = Problem::error(Code::BadOperands, span.clone(), message).with_hint(hint);
        self.report(problem);
    }
}

fn arithmetic(operator: Operator, left: &Type, right: &Type) -> Option<Type> {
    match (operator, left, right) {
        (_, Type::Unknown, _) | (_, _, Type::Unknown) => Some(Type::Unknown),
        (_, Type::Number, Type::Number) => Some(Type::Number),
        (Operator::Plus, Type::Text, Type::Text) => Some(Type::Text),
        (Operator::Plus, Type::Instant, Type::Duration) => Some(Type::Instant),
        (Operator::Plus, Type::Duration, Type::Duration) => Some(Type::Duration),
        (Operator::Minus, Type::Instant, Type::Instant) => Some(Type::Duration),
        (Operator::Minus, Type::Instant, Type::Duration) => Some(Type::Instant),
        (Operator::Minus, Type::Duration, Type::Duration) => Some(Type::Duration),
        (Operator::Minus, Type::Date, Type::Date) => Some(Type::Duration),
        (Operator::Plus | Operator::Minus, Type::Date, Type::Duration) => Some(Type::Date),
        (Operator::Plus | Operator::Minus, Type::Money, Type::Money) => Some(Type::Money),
        _ => None,
    }
}
