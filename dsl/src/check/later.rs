//! What the language can say and the engine cannot run yet: checked like everything else, told in a sentence, and
//! refused at deployment by name.

use engine::definition::{Begin, ERROR, Fill, ForEach, Handled, Job, Labels, Later, LinkMade, Retries, StepKind, Work};
use engine::ids::Name;

use super::flow::{Lasts, Lowering, Spot};
use super::types::Type;
use super::{Checker, name};
use crate::problem::{Code, Problem, labels};
use crate::tree::{
    self, BegunText, CallText, Deadline, DueText, Every, ForEachText, FormText, JobText, People, Period, Place,
    Statement, Term, Word,
};

impl Checker<'_> {
    pub(super) fn later(&self, construct: &str, says: Labels, span: &Place) -> Later {
        let (construct, line) = (Name::from(construct), self.line(span));
        Later { construct, says, line }
    }

    /// Another process that is begun.
    pub(super) fn begun(&self, begun: &BegunText) -> Begin {
        let word = &begun.process;
        self.process_named(word);
        let with = self.fills(&begun.form, word.text == self.names.process);
        let links = begun.links.iter().map(|link| {
            if !self.names.links.contains(&link.kind.text) {
                let known = self.names.links.iter().map(String::as_str);
                self.unknown(Code::UnknownLink, &link.kind, ("link", "关联"), known);
            }
            LinkMade { kind: name(&link.kind), direction: link.direction }
        });
        Begin { process: name(word), with, links: links.collect() }
    }

    /// The values that another process or a worker is given.
    fn fills(&self, form: &FormText, own: bool) -> Vec<Fill> {
        self.unique(form.iter().map(|(word, _)| word), ("field", "字段"));
        let fill = |(word, term): &(Word, Term)| {
            let value = match self.names.field(&word.text).filter(|_| own) {
                Some(field) => self.expr(term, &Type::of(&field.holds)),
                None => self.infer(term, None).0,
            };
            Fill { field: name(word), value }
        };
        form.iter().map(fill).collect()
    }

    /// How often, in words.
    pub(super) fn every(&self, every: &Every) -> Labels {
        match every {
            Every::Period(period) => match period {
                Period::Day => labels("every day", "每天"),
                Period::Week => labels("every week", "每周"),
                Period::Month => labels("every month", "每月"),
                Period::Quarter => labels("every quarter", "每季度"),
                Period::Year => labels("every year", "每年"),
            },
            Every::Length(span) => labels(format!("every {span}"), format!("每 {span}")),
            Every::Cron(text) => {
                self.cron(text);
                labels(format!("by the cron line {}", text.text), format!("按 cron 表达式 {}", text.text))
            }
        }
    }
}

impl Lowering<'_, '_> {
    pub(super) fn for_each(&mut self, step: Name, each: &ForEachText, spot: &Spot, next: Option<Name>, span: &Place) {
        let checker = self.checker;
        let (of_list, of) = checker.infer(&each.of, None);
        let item = match of {
            Type::Many(inner) => *inner,
            Type::Unknown => Type::Unknown,
            other => {
                let other = other.described();
                let message = labels(
                    format!("this is {}, where a list is needed", other.en),
                    format!("这里需要列表，却是{}", other.zh),
                );
                let hint = labels(
                    "name a field that holds several: `many …` or `rows { … }`",
                    "请写一个可有多项的字段：`many …` 或 `rows { … }`",
                );
                checker.report(Problem::error(Code::Mismatch, each.of.span.clone(), message).with_hint(hint));
                Type::Unknown
            }
        };
        checker.locals.borrow_mut().push((each.item.text.clone(), item));
        let list: Vec<&Statement> = each.flow.iter().collect();
        let first = self.sequence(&list, &spot.branch(&step, 0), None);
        let until = each.until.as_ref().map(|until| checker.expr(until, &Type::Bool));
        checker.locals.borrow_mut().pop();
        let Some(first) = first else {
            let head = Place { start: span.start, end: each.item.span.end };
            return checker.no_steps(("`for each`", "`for each` "), &head);
        };
        let labels = self.optional(&each.tags);
        let kind = ForEach { item: name(&each.item), list: of_list, pace: each.pace, until, first };
        self.push(step, labels, spot, next, StepKind::ForEach(kind), span);
    }

    pub(super) fn call(&mut self, step: Name, call: &CallText, spot: &Spot, next: Option<Name>, span: &Place) {
        let begun = self.checker.begun(&call.begun);
        let next = self.inside(&call.after, &spot.named_after(step.as_str()), next);
        let labels = self.optional(&call.tags);
        self.push(step, labels, spot, next, StepKind::Call(begun), span);
    }

    pub(super) fn job(&mut self, step: Name, job: &JobText, spot: &Spot, next: Option<Name>, span: &Place) {
        let checker = self.checker;
        let with = checker.fills(&job.form, false);
        job.gives.iter().for_each(|word| checker.fillable(word));
        let (work, head) = match &job.work {
            tree::Work::Worker(word) => (Work::Worker(name(word)), word.span.clone()),
            tree::Work::Http { place, method, url } => {
                if !url.text.starts_with("https://") && !url.text.starts_with("http://") {
                    let message =
                        labels("an address begins with https:// or http://", "地址须以 https:// 或 http:// 开头");
                    let hint = labels("write the whole of it, in quotes", "请在引号内写出完整地址");
                    checker.report(Problem::error(Code::Unreadable, url.span.clone(), message).with_hint(hint));
                }
                (Work::Http { method: (*method).to_owned(), url: url.text.clone() }, place.clone())
            }
        };
        if job.due.is_none() && job.deadline == Deadline::Unsaid {
            checker.no_deadline(&head);
        }
        let due = job.due.as_ref().map(|due| checker.due(due));
        let retries = match &job.retries {
            Some((times, every)) => {
                let every = every.map(|span| checker.due(&DueText { span, place: head.clone(), counted: None }));
                Retries { times: *times, every }
            }
            None => Retries::default(),
        };
        let inner = spot.named_after(step.as_str());
        let failed = job.failed.as_ref().map(|failed| self.way_or_nothing(failed, &inner, next.clone(), span));
        let next = self.inside(&job.after, &inner, next);
        let labels = self.optional(&job.tags);
        let kind = Job { work, with, gives: job.gives.iter().map(name).collect(), retries, due, failed };
        self.push(step, labels, spot, next, StepKind::Job(kind), span).lasts = Lasts::AsLongAsItSays;
    }

    pub(super) fn handler(&mut self, span: &Place, of: Handled, flow: &[Statement]) {
        let (construct, step) = match of {
            Handled::Cancel => ("on cancel", "on_cancel"),
            Handled::Error => ("on error", "on_error"),
        };
        let seen = match of {
            Handled::Cancel => None,
            Handled::Error => {
                let row = ["message", "step"].map(|name| (name.to_owned(), Type::Text));
                Some((ERROR.to_owned(), Type::Row(row.to_vec())))
            }
        };
        let depth = self.checker.locals.borrow().len();
        self.checker.locals.borrow_mut().extend(seen);
        self.entry(Name::from(step), construct, |first| StepKind::Handler { of, first }, flow, span);
        self.checker.locals.borrow_mut().truncate(depth);
    }

    pub(super) fn extra(&mut self, span: &Place, by: &[People], flow: &[Statement]) {
        let by = self.checker.whom(by);
        let step = self.fresh(&Spot::default(), "extra");
        self.entry(step, "extra", |first| StepKind::Extra { by, first }, flow, span);
    }

    /// A part that a token enters without a jump.
    fn entry(
        &mut self,
        step: Name,
        construct: &str,
        kind: impl FnOnce(Name) -> StepKind,
        flow: &[Statement],
        span: &Place,
    ) {
        let list: Vec<&Statement> = flow.iter().collect();
        let Some(first) = self.sequence(&list, &Spot::default().branch(&step, 0), None) else {
            return self.checker.no_steps((&format!("`{construct}`"), &format!("`{construct}` ")), span);
        };
        self.push(step.clone(), Labels::default(), &Spot::default(), None, kind(first), span);
        self.flow.entries.push(step);
    }
}
