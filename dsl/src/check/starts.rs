//! Records that no form begins: by a schedule, or with a message from outside.

use std::collections::BTreeSet;

use engine::definition::{Fill, MESSAGE, Schedule, StartMessage, Who};
use engine::schedule::{Cron, Recurrence};
use engine::time::Counting;

use super::record::needed;
use super::types::Type;
use super::{Checker, name};
use crate::problem::{Code, Problem, labels};
use crate::tree::{Every, Item, People, Period, Place, StartEveryText, StartOnText, Term, Text, Word};

impl Checker<'_> {
    pub(super) fn schedules(&self, items: &[Item]) -> Vec<Schedule> {
        let written =
            items.iter().filter_map(|item| if let Item::StartEvery(every) = item { Some(every) } else { None });
        written.filter_map(|written| self.schedule(written, items)).collect()
    }

    fn schedule(&self, written: &StartEveryText, items: &[Item]) -> Option<Schedule> {
        let StartEveryText { span, every, whom, sets } = written;
        let (every, requester) = (self.recurrence(every, span), self.one_person(whom, span));
        let sets = self.begins_with(sets, items, span);
        let requester = requester?;
        for read in needed(&requester) {
            self.too_early(read.as_str(), labels("`for`", "`for` "), span);
        }
        Some(Schedule { every: every?, requester, sets })
    }

    pub(super) fn start_messages(&self, items: &[Item]) -> Vec<StartMessage> {
        let written = items.iter().filter_map(|item| if let Item::StartOn(on) = item { Some(on) } else { None });
        let written: Vec<&StartOnText> = written.collect();
        self.unique(written.iter().map(|written| &written.message), ("message", "消息"));
        let one = |written: &&StartOnText| {
            let StartOnText { span, message, from, key, sets } = *written;
            self.locals.borrow_mut().push((MESSAGE.to_owned(), Type::Unknown));
            let key = key.as_ref().map(|key| self.infer(key, None).0);
            let sets = self.begins_with(sets, items, span);
            self.locals.borrow_mut().pop();
            StartMessage { message: name(message), from: self.whom(from), key, sets }
        };
        written.iter().map(one).collect()
    }

    /// The values with which a record begins: everything that the start insists on must be among them.
    fn begins_with(&self, sets: &[(Word, Term)], items: &[Item], span: &Place) -> Vec<Fill> {
        self.unique(sets.iter().map(|(word, _)| word), ("field", "字段"));
        let mut known: BTreeSet<&str> = BTreeSet::new();
        let mut fills = Vec::new();
        for (word, term) in sets {
            self.fillable(word);
            let wanted = self.names.field(&word.text).map_or(Type::Unknown, |field| Type::of(&field.holds));
            let value = self.expr(term, &wanted);
            for read in needed(&value).iter().filter(|read| !known.contains(read.as_str())) {
                self.too_early(
                    read.as_str(),
                    labels(format!("`{}`", word.text), format!("`{}` ", word.text)),
                    &term.span,
                );
            }
            known.insert(&word.text);
            fills.push(Fill { field: name(word), value });
        }
        let asks = items.iter().flat_map(|item| if let Item::Start(_, _, asks) = item { asks.as_slice() } else { &[] });
        for asked in asks.flat_map(|ask| &ask.fields) {
            let insists = |text: &str| self.names.field(text).is_some_and(|field| !field.optional && !field.default);
            if insists(&asked.text) && !known.contains(asked.text.as_str()) {
                let field = &asked.text;
                let message =
                    labels(format!("`{field}` has no value when it begins so"), format!("这样发起时 `{field}` 没有值"));
                let hint = labels(
                    format!("say it behind `sets`, such as `sets {field} = …`"),
                    format!("请用 `sets` 给出，如 `sets {field} = …`"),
                );
                let note = labels("the start insists on it here", "此处发起时必须填写");
                let problem = Problem::error(Code::MissingPart, span.clone(), message).with_hint(hint);
                self.report(problem.with_note(asked.span.clone(), note));
            }
        }
        fills
    }

    fn one_person(&self, whom: &People, span: &Place) -> Option<engine::expr::Expr> {
        match self.whom(std::slice::from_ref(whom)).pop() {
            Some(Who::Person(person)) => Some(person),
            Some(Who::Anyone | Who::Nobody | Who::Requester | Who::Role(_) | Who::RoleOf(_) | Who::Team(_)) => {
                let message = labels("a record is for one person", "记录须为某一个人发起");
                let hint = labels(
                    "name the person, such as `for person \"anna\"`; people with a role get its tasks",
                    "请写明是谁，如 `for person \"anna\"`；有某角色的人会得到它的任务",
                );
                self.report(Problem::error(Code::NotPeople, span.clone(), message).with_hint(hint));
                None
            }
            None => None,
        }
    }

    fn recurrence(&self, every: &Every, span: &Place) -> Option<Recurrence> {
        Some(match every {
            Every::Period(Period::Day) => Recurrence::Day,
            Every::Period(Period::Week) => Recurrence::Week,
            Every::Period(Period::Month) => Recurrence::Month,
            Every::Period(Period::Quarter) => Recurrence::Quarter,
            Every::Period(Period::Year) => Recurrence::Year,
            Every::Length(length) if length.counting == Counting::Working => {
                let message = labels("working time does not recur", "工作时间不能用作重复周期");
                let hint = labels(
                    "write plain time, or `cron \"0 9 * * 1-5\"` for every weekday",
                    "请写自然时间，或用 `cron \"0 9 * * 1-5\"` 表示每个工作日",
                );
                self.report(Problem::error(Code::Unreadable, span.clone(), message).with_hint(hint));
                return None;
            }
            Every::Length(length) => Recurrence::Length(*length),
            Every::Cron(text) => Recurrence::Cron(self.cron(text)?),
        })
    }

    pub(super) fn cron(&self, text: &Text) -> Option<Cron> {
        let read = Cron::read(&text.text);
        if read.is_none() {
            let message = labels("this is not a cron line", "这不是 cron 表达式");
            let hint = labels(
                "write minute, hour, day, month and weekday: \"0 9 * * 1\" is Mondays at nine",
                "依次写分、时、日、月、星期：\"0 9 * * 1\" 表示每周一九点",
            );
            self.report(Problem::error(Code::Unreadable, text.span.clone(), message).with_hint(hint));
        }
        read
    }
}
