//! Measures, obligations and reports: every name is there, every figure can be worked out.

use engine::definition::{Labels, Later};

use super::types::Type;
use super::{Checker, Keys};
use crate::problem::{Code, Problem, labels};
use crate::tree::{Figure, Item, MeasureText, ObligationText, Place, ReportText, Term, TermKind, Word};

/// Parts of the calendar by which figures may be split.
const PERIODS: &[&str] = &["day", "week", "month", "quarter", "year"];
/// What a clock says of a record.
const OF_CLOCK: &[&str] = &["elapsed", "breached"];

impl Checker<'_> {
    /// Checks what is measured and done again and again; gives what the engine does not do yet.
    pub(super) fn management(&self) -> Vec<Later> {
        let file = self.file;
        let measures = file.measures.iter().map(|measure| &measure.name);
        let obligations = file.obligations.iter().map(|obligation| &obligation.name);
        let reports = file.reports.iter().map(|report| &report.name);
        self.unique(measures.chain(obligations).chain(reports), ("measure, obligation or report", "指标、义务或报告"));
        let measures = file.measures.iter().map(|measure| self.measure(measure));
        let obligations = file.obligations.iter().map(|obligation| self.obligation(obligation));
        let reports = file.reports.iter().map(|report| self.report_of(report));
        measures.chain(obligations).chain(reports).collect()
    }

    pub(super) fn process_named(&self, word: &Word) {
        if word.text != self.names.process && !self.among.processes.contains_key(&word.text) {
            let known = self.among.processes().chain([self.names.process.as_str()]);
            self.unknown(Code::UnknownProcess, word, ("process", "流程"), known.filter(|name| !name.is_empty()));
        }
    }

    fn measure(&self, measure: &MeasureText) -> Later {
        let tags = self.tags(measure.tags.as_ref(), &measure.name, ("measure", "指标"));
        self.process_named(&measure.of);
        // The fields of another file's process are not known here.
        if measure.of.text == self.names.process {
            let found = measure.subject.as_ref().map(|subject| self.subject(subject));
            self.figure(measure, found.as_ref());
            if let Some(when) = &measure.when {
                self.expr(when, &Type::Bool);
            }
            for word in measure.by.iter().filter(|word| !PERIODS.contains(&word.text.as_str())) {
                if self.names.field(&word.text).is_none() {
                    let known = self.names.field_names().chain(PERIODS.iter().copied());
                    self.unknown(Code::UnknownField, word, ("field or period", "字段或周期"), known);
                }
            }
            self.target(measure, found);
        }
        let name = &measure.name.text;
        let says = labels(format!("the measure `{name}`: {}", tags.en), format!("指标 `{name}`：{}", tags.zh));
        self.later("measure", says, &measure.name.span)
    }

    /// What is measured of each record: a field, or what a clock says.
    fn subject(&self, subject: &Term) -> Type {
        if let TermKind::Attribute(inner, attribute) = &subject.kind
            && let TermKind::Name(clock) = &inner.kind
            && self.is_clock(clock)
        {
            return match attribute.text.as_str() {
                "elapsed" => Type::Duration,
                "breached" => Type::Bool,
                _ => {
                    let known = OF_CLOCK.iter().copied();
                    self.unknown(Code::UnknownAttribute, attribute, ("figure of a clock", "时钟指标"), known);
                    Type::Unknown
                }
            };
        }
        self.infer(subject, None).1
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

    fn target(&self, measure: &MeasureText, found: Option<Type>) {
        let Some((value, _, goal)) = &measure.target else { return };
        if let Some(value) = value {
            let choices =
                measure.by.first().and_then(|word| self.names.field(&word.text)).map(|field| Type::of(&field.holds));
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
        // A target may be said in working time, which expressions cannot compute with.
        if matches!((&goal.kind, &wanted), (TermKind::Length(_), Type::Duration)) {
            return;
        }
        self.keys.set(Keys::Quoted);
        self.expr(goal, &wanted);
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
