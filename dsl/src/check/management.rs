//! Measures, obligations and reports: every name is there, every figure can be worked out.

use engine::definition::{Goal, Labels, Later, Measure, Quantity};
use engine::expr::Expr;
use engine::measure::{BREACHED, ELAPSED};
use engine::time::{Counting, DAY_MS, Unit};
use engine::value::Value;
use rust_decimal::Decimal;

use super::types::Type;
use super::{Checker, Keys, name};
use crate::problem::{Code, Problem, labels};
use crate::tree::{Figure, Item, MeasureText, ObligationText, Period, Place, ReportText, Term, TermKind, Word};

/// Parts of the calendar by which figures may be split.
const PERIODS: &[(&str, Period)] = &[
    ("day", Period::Day),
    ("week", Period::Week),
    ("month", Period::Month),
    ("quarter", Period::Quarter),
    ("year", Period::Year),
];
/// What a clock says of a record.
const OF_CLOCK: &[&str] = &[ELAPSED, BREACHED];

impl Checker<'_> {
    /// Checks what is measured and done again and again; gives the measures, and what the engine does not do yet.
    pub(super) fn management(&self) -> (Vec<Measure>, Vec<Later>) {
        let file = self.file;
        let measures = file.measures.iter().map(|measure| &measure.name);
        let obligations = file.obligations.iter().map(|obligation| &obligation.name);
        let reports = file.reports.iter().map(|report| &report.name);
        self.unique(measures.chain(obligations).chain(reports), ("measure, obligation or report", "指标、义务或报告"));
        let measures = file.measures.iter().filter_map(|measure| self.measure(measure)).collect();
        let obligations = file.obligations.iter().map(|obligation| self.obligation(obligation));
        let reports = file.reports.iter().map(|report| self.report_of(report));
        (measures, obligations.chain(reports).collect())
    }

    pub(super) fn process_named(&self, word: &Word) {
        if word.text != self.names.process && !self.among.processes.contains_key(&word.text) {
            let known = self.among.processes().chain([self.names.process.as_str()]);
            self.unknown(Code::UnknownProcess, word, ("process", "流程"), known.filter(|name| !name.is_empty()));
        }
    }

    fn measure(&self, measure: &MeasureText) -> Option<Measure> {
        let tags = self.tags(measure.tags.as_ref(), &measure.name, ("measure", "指标"));
        if measure.of.text != self.names.process {
            self.of_another(&measure.of);
            return None;
        }
        self.measuring.set(true);
        let (subject, found) = match &measure.subject {
            Some(subject) => {
                let (expr, found) = self.infer(subject, None);
                self.of_the_record_alone(&expr, &subject.span);
                (Some(expr), Some(found))
            }
            None => (None, None),
        };
        let when = measure.when.as_ref().map(|when| {
            let expr = self.expr(when, &Type::Bool);
            self.of_the_record_alone(&expr, &when.span);
            expr
        });
        self.measuring.set(false);
        self.figure(measure, found.as_ref());
        let (by, period) = self.split(&measure.by);
        let quantity = match &found {
            Some(Type::Duration) => Quantity::Duration,
            Some(Type::Money) => Quantity::Money,
            _ => Quantity::Number,
        };
        let target = self.target(measure, &by, found);
        let by = by.into_iter().map(name).collect();
        Some(Measure {
            name: name(&measure.name),
            labels: tags,
            figure: measure.figure,
            quantity,
            subject,
            when,
            by,
            period,
            target,
        })
    }

    /// The fields of another file's process are not known here, and a version of a process keeps what is measured of it.
    fn of_another(&self, word: &Word) {
        let message = labels(
            format!("`{}` is not the process of this file, and a measure is of that", word.text),
            format!("`{}` 不是本文件的流程，而指标只能统计本文件的流程", word.text),
        );
        let hint = match self.names.process.as_str() {
            "" => labels("put it into the file of the process", "请把它写到该流程的文件中"),
            own => labels(
                format!("write `{own}`, or put it into the file of the other process"),
                format!("请写 `{own}`，或把它写到另一流程的文件中"),
            ),
        };
        self.report(Problem::error(Code::UnknownProcess, word.span.clone(), message).with_hint(hint));
    }

    /// A figure is worked out when a record has changed, so it cannot hang on what changes without the record.
    fn of_the_record_alone(&self, expr: &Expr, span: &Place) {
        let mut alone = true;
        expr.walk(&mut |expr| {
            let moves = matches!(
                expr,
                Expr::Now | Expr::Today | Expr::Find(_) | Expr::Reached(..) | Expr::Around(..) | Expr::Baseline(_)
            );
            alone &= !moves;
        });
        if !alone {
            let message = labels(
                "this changes without the record, and a measure is of what records say",
                "其结果会在记录未变时改变，而指标只统计记录本身的内容",
            );
            let hint =
                labels("put it into a field of the process, and measure that", "请把它写入流程的字段，再统计该字段");
            self.report(Problem::error(Code::BadOperands, span.clone(), message).with_hint(hint));
        }
    }

    /// The fields by which a figure is split, and the part of the calendar.
    fn split<'w>(&self, by: &'w [Word]) -> (Vec<&'w Word>, Option<Period>) {
        let (mut fields, mut split): (Vec<&Word>, Option<Period>) = (Vec::new(), None);
        for word in by {
            match PERIODS.iter().find(|(name, _)| *name == word.text) {
                Some((_, period)) => {
                    if split.replace(*period).is_some() {
                        let message = labels("a figure is split by one period", "一个指标只能按一种周期划分");
                        let hint = labels("declare another measure for the other", "另一种周期请另写一个指标");
                        self.report(Problem::error(Code::Duplicate, word.span.clone(), message).with_hint(hint));
                    }
                }
                None => {
                    match self.names.field(&word.text).map(|field| Type::of(&field.holds)) {
                        Some(Type::Many(_)) => {
                            let message = labels("a figure cannot be split by a list", "不能按列表字段划分指标");
                            let hint = labels("take a field with one value", "请选用只有一个值的字段");
                            self.report(Problem::error(Code::BadOperands, word.span.clone(), message).with_hint(hint));
                        }
                        Some(_) => {}
                        None => {
                            let periods = PERIODS.iter().map(|(name, _)| *name);
                            let known = self.names.field_names().chain(periods);
                            self.unknown(Code::UnknownField, word, ("field or period", "字段或周期"), known);
                        }
                    }
                    fields.push(word);
                }
            }
        }
        (fields, split)
    }

    /// What a clock says, in a measure: the clock is read as an item of its name.
    pub(super) fn of_clock(&self, inner: &Term, attribute: &Word) -> Option<(Expr, Type)> {
        let TermKind::Name(clock) = &inner.kind else { return None };
        if !self.measuring.get() || !self.is_clock(clock) {
            return None;
        }
        let found = match attribute.text.as_str() {
            ELAPSED => Type::Duration,
            BREACHED => Type::Bool,
            _ => {
                let known = OF_CLOCK.iter().copied();
                self.unknown(Code::UnknownAttribute, attribute, ("figure of a clock", "时钟指标"), known);
                Type::Unknown
            }
        };
        Some((Expr::Attribute(Box::new(Expr::Item(clock.as_str().into())), name(attribute)), found))
    }

    fn is_clock(&self, name: &str) -> bool {
        let items = self.file.processes.iter().flat_map(|process| &process.items);
        items
            .filter_map(|item| if let Item::Clock(clock) = item { Some(clock) } else { None })
            .any(|clock| clock.name.text == name)
    }

    fn figure(&self, measure: &MeasureText, found: Option<&Type>) {
        let amounts = matches!(found, Some(Type::Number | Type::Duration | Type::Money));
        let fits = match measure.figure {
            _ if matches!(found, Some(Type::Unknown)) => true,
            Figure::Count => matches!(found, None | Some(Type::Bool)),
            Figure::Share => matches!(found, Some(Type::Bool)),
            Figure::Sum | Figure::Mean | Figure::Median | Figure::Min | Figure::Max => amounts,
        };
        if fits {
            return;
        }
        let place = measure.subject.as_ref().map_or(measure.name.span.clone(), |subject| subject.span.clone());
        let message = match measure.figure {
            Figure::Count => labels(
                "`count()` counts records; give it a condition or nothing",
                "`count()` 统计记录数；括号内为条件或留空",
            ),
            Figure::Share => labels("`share` needs a condition", "`share` 需要一个条件"),
            Figure::Sum | Figure::Mean | Figure::Median | Figure::Min | Figure::Max => {
                labels("this figure needs a number, a length of time or money", "此指标需要数字、时长或金额")
            }
        };
        let hint = match measure.figure {
            Figure::Count => labels(
                "write `count()` or a condition, such as `count(size is high)`",
                "请写 `count()` 或条件，如 `count(size is high)`",
            ),
            Figure::Share => labels("compare, such as `share(size is high)`", "请写比较，如 `share(size is high)`"),
            Figure::Sum | Figure::Mean | Figure::Median | Figure::Min | Figure::Max => {
                labels("to count records, write `count()`", "要统计记录数，请写 `count()`")
            }
        };
        self.report(Problem::error(Code::BadOperands, place, message).with_hint(hint));
    }

    fn target(&self, measure: &MeasureText, by: &[&Word], found: Option<Type>) -> Option<Goal> {
        let (value, operator, goal) = measure.target.as_ref()?;
        if let Some(value) = value {
            let choices = by.first().and_then(|word| self.names.field(&word.text)).map(|field| Type::of(&field.holds));
            match choices {
                Some(Type::Choice(choices)) if choices.iter().any(|choice| choice.name == *value.text) => {}
                Some(Type::Choice(choices)) => {
                    let known = choices.iter().map(|choice| choice.name.as_str());
                    self.unknown(Code::UnknownChoice, value, ("choice", "选项"), known);
                }
                _ => self.unknown(Code::UnknownChoice, value, ("choice", "选项"), []),
            }
        }
        let wanted = match (measure.figure, found) {
            (Figure::Count | Figure::Share, _) => Type::Number,
            (_, found) => found.unwrap_or(Type::Unknown),
        };
        let figure = self.goal(goal, &wanted)?;
        Some(Goal { value: value.as_ref().map(name), operator: *operator, figure })
    }

    /// What is to be reached, in the unit of the figure. It may be said in working time, which expressions cannot compute with.
    fn goal(&self, goal: &Term, wanted: &Type) -> Option<Decimal> {
        if let (TermKind::Length(length), Type::Duration) = (&goal.kind, wanted) {
            if length.counting == Counting::Working && matches!(length.unit, Unit::Days | Unit::Weeks) {
                let message = labels(
                    "how long a working day is differs from calendar to calendar",
                    "不同日历的一个工作日长短不同",
                );
                let hint = labels("write working hours", "请写成工作小时");
                self.report(Problem::error(Code::Mismatch, goal.span.clone(), message).with_hint(hint));
            }
            return Some(length.length_ms(DAY_MS).into());
        }
        self.keys.set(Keys::Quoted);
        match self.expr(goal, wanted) {
            Expr::Literal(Value::Number(number)) => Some(number),
            Expr::Literal(Value::Duration(length_ms)) => Some(length_ms.into()),
            Expr::Literal(Value::Money(money)) => Some(Decimal::new(money.minor, 2)),
            _ => None,
        }
    }

    fn obligation(&self, obligation: &ObligationText) -> Later {
        let tags = self.tags(obligation.tags.as_ref(), &obligation.name, ("obligation", "义务"));
        let every = self.every(&obligation.every);
        self.whom(&obligation.whom);
        self.clauses(&obligation.clauses);
        if let Some(word) = &obligation.evidence {
            self.process_named(word);
        }
        self.again("obligation", &obligation.name.span, &tags, &every)
    }

    fn report_of(&self, report: &ReportText) -> Later {
        let tags = self.tags(report.tags.as_ref(), &report.name, ("report", "报告"));
        let every = self.every(&report.every);
        self.whom(&report.whom);
        for word in &report.measures {
            let known = || self.file.measures.iter().map(|measure| measure.name.text.as_str());
            if !known().any(|name| name == word.text) {
                self.unknown(Code::UnknownMeasure, word, ("measure", "指标"), known());
            }
        }
        self.again("report", &report.name.span, &tags, &every)
    }

    fn again(&self, construct: &str, span: &Place, tags: &Labels, every: &Labels) -> Later {
        let says = labels(format!("{}, {}", tags.en, every.en), format!("{}，{}", tags.zh, every.zh));
        self.later(construct, says, span)
    }
}
