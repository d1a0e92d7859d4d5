//! What each kind of statement becomes.

use engine::definition::{
    Branch, Case, Due, Labels, Needs, Outcome, Reason, Reminder, Requirement, StepKind, Task, Until,
};
use engine::expr::{Expr, Operator};
use engine::ids::Name;
use engine::value::Value;

use super::flow::{Lasts, Lowering, Spot};
use super::names::StepSort;
use super::types::Type;
use super::{Checker, name};
use crate::problem::{self, Code, Problem};
use crate::tree::{
    After, Aside, AskText, BranchText, Deadline, DueText, Item, NeedsText, OutcomeText, People, Place, ReceiveText,
    Received, ReminderText, Statement, StatementKind, SwitchText, Tags, TaskText, Term, TermKind, TogetherText, Word,
};

impl Lowering<'_, '_> {
    pub(super) fn make(&mut self, step: Name, statements: &[&Statement], spot: &Spot, next: Option<Name>) {
        let Some(statement) = statements.first() else { return };
        let span = &statement.span;
        let inner = spot.named_after(step.as_str());
        match &statement.kind {
            StatementKind::Task(task) => self.task(task, spot, next),
            StatementKind::Milestone { name: word, was, tags } => {
                let labels = self.checker.tags(tags.as_ref(), word, ("milestone", "里程碑"));
                let made = self.push(step, labels, spot, next, StepKind::Milestone, &word.span);
                made.step.was = was.as_ref().map(name);
            }
            StatementKind::Race { tags, branches, .. } => {
                let labels = self.optional(tags);
                let flows: Vec<&[Statement]> = branches.iter().map(Vec::as_slice).collect();
                let head = Place { start: span.start, end: span.start + "race".len() };
                let branches = self.branches(&step, &flows, spot, &head, ("a branch of this race", "竞争的一个分支"));
                if flows.len() < 2 && self.checker.doubtful.is_empty() {
                    let message = problem::labels("a race needs at least two branches", "`race` 至少需要两个分支");
                    let hint = problem::labels(
                        "add what may come first, such as `after 3 days`",
                        "请加上另一种可能，例如 `after 3 days`",
                    );
                    self.checker.report(Problem::error(Code::NoSteps, head, message).with_hint(hint));
                }
                let branches = branches.into_iter().flatten().collect();
                self.push(step, labels, spot, next, StepKind::Race { branches }, span);
            }
            StatementKind::Together(together) => self.together(step, together, spot, next, span),
            StatementKind::Receive(receive) => self.receive(step, receive, spot, next, span),
            StatementKind::Timer { due, tags, after } => {
                let labels = self.optional(tags);
                let kind = StepKind::Timer { after: self.checker.due(due) };
                let next = self.inside(after, &inner, next);
                self.push(step, labels, spot, next, kind, span);
            }
            StatementKind::Wait { until, tags, deadline, after } => {
                let labels = self.optional(tags);
                let (expr, found) = self.checker.infer(until, None);
                let (until, lasts) = match (found, deadline) {
                    (Type::Date | Type::Instant, _) => (Until::Instant(expr), Lasts::AsLongAsItSays),
                    (Type::Bool, Deadline::Unsaid) => (Until::Condition(expr), Lasts::ForEver),
                    (Type::Bool | Type::Unknown, _) => (Until::Condition(expr), Lasts::AsLongAsItSays),
                    (other, _) => {
                        self.checker.no_wait(until, &other);
                        (Until::Condition(expr), Lasts::AsLongAsItSays)
                    }
                };
                let next = self.inside(after, &inner, next);
                self.push(step, labels, spot, next, StepKind::Wait { until }, span).lasts = lasts;
            }
            StatementKind::Choose { cases, otherwise } => {
                let made: Vec<Case> = cases
                    .iter()
                    .map(|(when, after)| Case {
                        when: self.checker.expr(when, &Type::Bool),
                        to: self.way_or_nothing(after, &inner, next.clone(), span),
                    })
                    .collect();
                let otherwise = otherwise.as_ref().map(|after| self.way_or_nothing(after, &inner, next.clone(), span));
                self.push(step, Labels::default(), spot, next, StepKind::Choose { cases: made, otherwise }, span);
            }
            StatementKind::Switch(switch) => self.switch(step, switch, spot, next, span),
            StatementKind::Repeat { flow, until } => self.repeat(step, flow, until, spot, next, span),
            StatementKind::Act(_) => {
                let actions = self.deeds(statements);
                self.push(step, Labels::default(), spot, next, StepKind::Act { actions }, span);
            }
            StatementKind::Finish => {
                if spot.container.is_empty() {
                    let message = problem::labels("there is no branch to finish here", "这里没有可结束的分支");
                    let hint = problem::labels("end the record with `end …`", "请用 `end …` 结束记录");
                    self.checker.report(Problem::error(Code::FallsOff, span.clone(), message).with_hint(hint));
                }
                let next = next.filter(|_| spot.container.is_empty());
                self.push(step, Labels::default(), spot, next, StepKind::Act { actions: Vec::new() }, span);
            }
            StatementKind::ForEach(each) => self.for_each(step, each, spot, next, span),
            StatementKind::Call(call) => self.call(step, call, spot, next, span),
            StatementKind::Job(job) => self.job(step, job, spot, next, span),
            StatementKind::Approval(approval) => self.approval(approval, spot, next),
            StatementKind::Undo => {
                self.push(step, Labels::default(), spot, next, StepKind::Undo, span);
            }
            StatementKind::End(_, _) | StatementKind::Go(_) => {}
        }
    }

    pub(super) fn optional(&self, tags: &Option<Tags>) -> Labels {
        match tags {
            Some(tags) => {
                let nobody = Word { text: String::new(), span: tags.span.clone() };
                self.checker.tags(Some(tags), &nobody, ("step", "步骤"))
            }
            None => Labels::default(),
        }
    }

    pub(super) fn aside(&mut self, aside: &Aside) {
        let labels = self.checker.tags(aside.tags.as_ref(), &aside.name, ("aside", "旁路"));
        let step = name(&aside.name);
        let inner = Spot {
            container: vec![aside.name.text.clone()],
            scope: Some(step.clone()),
            prefix: format!("{}.", aside.name.text),
        };
        let flow: Vec<&Statement> = aside.flow.iter().collect();
        match self.sequence(&flow, &inner, None) {
            Some(first) => {
                self.push(step, labels, &Spot::default(), None, StepKind::Block { first }, &aside.name.span);
            }
            None => {
                let shown = format!("`{}`", aside.name.text);
                self.checker.no_steps((&shown, &format!("{shown} ")), &aside.name.span);
            }
        }
    }

    /// The first steps of branches; nothing for one without steps, which is reported.
    fn branches(
        &mut self,
        of: &Name,
        branches: &[&[Statement]],
        spot: &Spot,
        head: &Place,
        what: (&str, &str),
    ) -> Vec<Option<Name>> {
        let mut first = Vec::new();
        for (index, branch) in branches.iter().enumerate() {
            let list: Vec<&Statement> = branch.iter().collect();
            let entry = self.sequence(&list, &spot.branch(of, index), None);
            if entry.is_none() {
                self.checker.no_steps(what, head);
            }
            first.push(entry);
        }
        first
    }

    fn together(&mut self, step: Name, together: &TogetherText, spot: &Spot, next: Option<Name>, span: &Place) {
        let labels = self.optional(&together.tags);
        let head = Place { start: span.start, end: span.start + "together".len() };
        let when: Vec<Option<Expr>> = together
            .branches
            .iter()
            .map(|branch| branch.when.as_ref().map(|when| self.checker.expr(when, &Type::Bool)))
            .collect();
        let flows: Vec<&[Statement]> = together.branches.iter().map(|branch| branch.flow.as_slice()).collect();
        let entries = self.branches(&step, &flows, spot, &head, ("a branch of `together`", "`together` 的一个分支"));
        if flows.is_empty() {
            self.checker.no_steps(("`together`", "`together` "), &head);
        }
        let needs = self.needs(&together.needs, &together.branches);
        let made = when.into_iter().zip(entries).filter_map(|(when, first)| Some(Branch { when, first: first? }));
        let kind = StepKind::Together { branches: made.collect(), needs, rest: together.rest };
        self.push(step, labels, spot, next, kind, span);
    }

    fn needs(&self, needs: &NeedsText, branches: &[BranchText]) -> Needs {
        match needs {
            NeedsText::All => Needs::All,
            NeedsText::Any => Needs::Count(1),
            NeedsText::Count(count, place) => {
                let there = branches.len();
                if *count == 0 || usize::try_from(*count).is_ok_and(|count| count > there) {
                    let message = problem::labels(
                        format!("there are {there} branches, so {count} of them are never done"),
                        format!("只有 {there} 个分支，不可能完成 {count} 个"),
                    );
                    let hint = problem::labels(format!("write at most {there}"), format!("最多写 {there}"));
                    self.checker.report(Problem::error(Code::JoinUnreachable, place.clone(), message).with_hint(hint));
                }
                Needs::Count(*count)
            }
        }
    }

    fn receive(&mut self, step: Name, receive: &ReceiveText, spot: &Spot, next: Option<Name>, span: &Place) {
        let labels = self.optional(&receive.tags);
        let asks = self.checker.asks(&receive.asks).0;
        let from = self.checker.whom(&receive.from);
        let next = self.inside(&receive.after, &spot.named_after(step.as_str()), next);
        let word = &receive.name;
        let kind = match receive.what {
            Received::Message => StepKind::Receive { message: name(word), from, asks },
            Received::Signal => StepKind::Signal { signal: name(word) },
        };
        let lasts = match receive.deadline {
            Deadline::Unsaid => Lasts::ForEver,
            Deadline::None => Lasts::AsLongAsItSays,
        };
        self.push(step, labels, spot, next, kind, span).lasts = lasts;
    }

    /// One way for each value of a choice; every value has one, or there is an `else`.
    fn switch(&mut self, step: Name, switch: &SwitchText, spot: &Spot, next: Option<Name>, span: &Place) {
        let (subject, of) = self.checker.infer(&switch.subject, None);
        let inner = spot.named_after(step.as_str());
        let mut cases = Vec::new();
        for (values, after) in &switch.cases {
            let held: Vec<Expr> = values.iter().map(|value| self.checker.value_of_choice(value, &of)).collect();
            let when = Expr::Binary {
                operator: Operator::In,
                left: Box::new(subject.clone()),
                right: Box::new(Expr::List(held)),
            };
            cases.push(Case { when, to: self.way_or_nothing(after, &inner, next.clone(), span) });
        }
        self.checker.unique(switch.cases.iter().flat_map(|(values, _)| values), ("value", "取值"));
        let otherwise = match &switch.otherwise {
            Some(after) => Some(self.way_or_nothing(after, &inner, next.clone(), span)),
            // Where every value has a way, the last is as good as an `else`: nothing falls through.
            None if self.checker.every_choice(switch, &of) => cases.last().map(|last| last.to.clone()),
            None => None,
        };
        self.push(step, Labels::default(), spot, next, StepKind::Choose { cases, otherwise }, span);
    }

    /// The steps, then the question whether they are gone through again.
    fn repeat(&mut self, step: Name, flow: &[Statement], until: &Term, spot: &Spot, next: Option<Name>, span: &Place) {
        let again = self.fresh(spot, "until");
        let list: Vec<&Statement> = flow.iter().collect();
        if list.is_empty() {
            let head = Place { start: span.start, end: span.start + "repeat".len() };
            self.checker.no_steps(("`repeat`", "`repeat` "), &head);
        }
        let first = self.sequence(&list, &spot.named_after(step.as_str()), Some(again.clone()));
        let out = self.way_or_nothing(&After::default(), spot, next, &until.span);
        let over = Case { when: self.checker.expr(until, &Type::Bool), to: out };
        let asks = StepKind::Choose { cases: vec![over], otherwise: first.clone() };
        self.push(again, Labels::default(), spot, None, asks, &until.span);
        let enters = StepKind::Choose { cases: Vec::new(), otherwise: first };
        self.push(step, Labels::default(), spot, None, enters, span);
    }

    fn task(&mut self, task: &TaskText, spot: &Spot, next: Option<Name>) {
        let checker = self.checker;
        let labels = checker.tags(task.tags.as_ref(), &task.name, ("task", "任务"));
        let (asks, reason) = checker.asks(&task.asks);
        checker.outcomes_there(&task.name, &task.outcomes);
        let outcomes = task
            .outcomes
            .iter()
            .map(|outcome| self.outcome(&task.name, &task.asks, outcome, reason, spot, next.clone()))
            .collect();
        let made = Task {
            candidates: checker.candidates(task),
            due: task.due.as_ref().map(|due| self.checker.due(due)),
            asks,
            shows: task.shows.iter().map(|word| checker.shown(word)).collect(),
            evidence: checker.clauses(&task.evidence),
            reminders: task.reminders.iter().map(|reminder| self.reminder(reminder, task)).collect(),
            undo: checker.actions(&task.undo),
            outcomes,
        };
        let made = self.push(name(&task.name), labels, spot, next, StepKind::Task(made), &task.name.span);
        made.step.was = task.was.as_ref().map(name);
    }

    fn reminder(&self, reminder: &ReminderText, task: &TaskText) -> Reminder {
        // A head that could not be read may have said when.
        let broken = task.any.iter().any(|who| matches!(who, People::Named(Term { kind: TermKind::Broken, .. })));
        if reminder.after.is_none() && task.due.is_none() && !broken {
            let message = problem::labels(
                format!("task `{}` is never due, so this is never done", task.name.text),
                format!("任务 `{}` 没有期限，此操作永远不会执行", task.name.text),
            );
            let hint = problem::labels(
                "add `due in 2 working days` to the task's head, or write `after 2 days …`",
                "请在任务首行加上 `due in 2 working days`，或改写为 `after 2 days …`",
            );
            self.checker.report(Problem::error(Code::MissingPart, reminder.span.clone(), message).with_hint(hint));
        }
        Reminder {
            after: reminder.after.as_ref().map(|after| self.checker.due(after)),
            actions: self.checker.actions(&reminder.actions),
        }
    }

    /// An outcome of a task or approval of that name, which asks for something whatever the outcome.
    pub(super) fn outcome(
        &mut self,
        of: &Word,
        common: &[AskText],
        outcome: &OutcomeText,
        common_reason: Reason,
        spot: &Spot,
        next: Option<Name>,
    ) -> Outcome {
        let checker = self.checker;
        let (asks, reason) = checker.asks(&outcome.asks);
        let twice = common.iter().chain(&outcome.asks).flat_map(|ask| &ask.fields);
        if common
            .iter()
            .flat_map(|ask| &ask.fields)
            .any(|word| outcome.asks.iter().any(|ask| ask.fields.iter().any(|held| held.text == word.text)))
        {
            checker.unique(twice, ("ask for", "要求填写的字段"));
        }
        if let Some(second) = outcome.tags.get(1) {
            let message = problem::labels("the outcome has a label already", "该结果已有标签");
            let hint = problem::labels("keep one", "请只保留一个");
            checker.report(Problem::error(Code::Duplicate, second.span.clone(), message).with_hint(hint));
        }
        let inner = spot.named_after(&format!("{}.{}", of.text, outcome.name.text));
        let empty = outcome.after.flow.is_empty() && outcome.after.go.is_none();
        Outcome {
            name: name(&outcome.name),
            labels: checker.tags(outcome.tags.first(), &outcome.name, ("outcome", "结果")),
            asks,
            reason: if common_reason == Reason::Asked { Reason::Asked } else { reason },
            requires: checker.requirements(&outcome.requires),
            to: if empty { None } else { self.way(&outcome.after, &inner, next) },
        }
    }
}

impl Checker<'_> {
    /// Whether the process says which calendar counts.
    fn has_hours(&self) -> bool {
        let items = self.file.processes.first().map(|process| process.items.as_slice()).unwrap_or_default();
        items.iter().any(|item| matches!(item, Item::Hours(_)))
    }

    pub(super) fn due(&self, due: &DueText) -> Due {
        let hours = due.counted.as_ref().map(|term| self.calendar(term));
        let counted = due.span.counting == engine::time::Counting::Working;
        // Said once: one line at the head of the process mends them all.
        if counted && hours.is_none() && !self.has_hours() && self.meant.borrow_mut().insert("hours".into()) {
            let message = problem::labels(
                "nothing says which calendar counts this working time",
                "没有说明用哪个日历计算工作时间",
            );
            let calendar = self.a_calendar();
            let hint = problem::labels(
                format!("write `hours {calendar}` at the head of the process, or `counted by {calendar}` here"),
                format!("请在流程开头写 `hours {calendar}`，或在此处写 `counted by {calendar}`"),
            );
            self.report(Problem::error(Code::MissingPart, due.place.clone(), message).with_hint(hint));
        }
        Due { span: due.span, hours }
    }

    /// The tasks' names, for examples.
    pub(super) fn is_task(&self, word: &str) -> bool {
        matches!(self.names.steps.get(word), Some((StepSort::Task | StepSort::Approval, _)))
    }

    pub(super) fn is_approval(&self, word: &str) -> bool {
        matches!(self.names.steps.get(word), Some((StepSort::Approval, _)))
    }

    pub(super) fn requirements(&self, written: &[(Term, Tags)]) -> Vec<Requirement> {
        let one = |(condition, tags): &(Term, Tags)| {
            let word = Word { text: String::new(), span: tags.span.clone() };
            Requirement {
                condition: self.expr(condition, &Type::Bool),
                otherwise: self.tags(Some(tags), &word, ("requirement", "要求")),
            }
        };
        written.iter().map(one).collect()
    }

    /// Reports a task without outcomes, and outcomes of one name.
    pub(super) fn outcomes_there(&self, of: &Word, outcomes: &[OutcomeText]) {
        self.unique(outcomes.iter().map(|outcome| &outcome.name), ("outcome", "结果"));
        if outcomes.is_empty() && self.doubtful.is_empty() {
            let message = problem::labels(
                format!("task `{}` has no outcome, so it can never be finished", of.text),
                format!("任务 `{}` 没有结果，永远无法完成", of.text),
            );
            let hint = problem::labels(
                "add a line such as `outcome done \"Done\" zh \"完成\"`",
                "请加上一行，例如 `outcome done \"Done\" zh \"完成\"`",
            );
            self.report(Problem::error(Code::NoOutcome, of.span.clone(), message).with_hint(hint));
        }
    }

    fn no_wait(&self, term: &Term, found: &Type) {
        let found = found.described();
        let message = problem::labels(
            format!("this is {}; one waits until a day, an instant or a condition", found.en),
            format!("这里是{}；只能等到某一天、某个时刻或某个条件成立", found.zh),
        );
        let hint = problem::labels(
            "write the name of a date field, or a condition such as `size is high`",
            "请写日期字段的名称，或条件，如 `size is high`",
        );
        self.report(Problem::error(Code::Mismatch, term.span.clone(), message).with_hint(hint));
    }

    fn value_of_choice(&self, value: &Word, of: &Type) -> Expr {
        match of {
            Type::Choice(choices) => {
                if !choices.iter().any(|choice| choice.name == *value.text) {
                    let known = choices.iter().map(|choice| choice.name.as_str());
                    self.unknown(Code::UnknownChoice, value, ("choice", "选项"), known);
                }
            }
            Type::Unknown => {}
            other => {
                let other = other.described();
                let message = problem::labels(
                    format!("`choose` goes by a field of choices, this is {}", other.en),
                    format!("`choose` 须依据选项字段，这里是{}", other.zh),
                );
                let hint = problem::labels("use `if` for other conditions", "其他条件请用 `if`");
                self.report(Problem::error(Code::Mismatch, value.span.clone(), message).with_hint(hint));
            }
        }
        Expr::Literal(Value::Choice(name(value)))
    }

    fn every_choice(&self, switch: &SwitchText, of: &Type) -> bool {
        let Type::Choice(choices) = of else { return false };
        let said = |choice: &str| switch.cases.iter().flat_map(|(values, _)| values).any(|value| value.text == choice);
        let missing: Vec<String> = choices
            .iter()
            .filter(|choice| !said(choice.name.as_str()))
            .map(|choice| format!("`{}`", choice.name))
            .collect();
        if !missing.is_empty() {
            let message = problem::labels(
                format!("nothing is said for {}", missing.join(", ")),
                format!("没有说明取值为 {} 时如何处理", missing.join("、")),
            );
            let hint = problem::labels("add a line for it, or an `else`", "请加上相应的一行，或写 `else`");
            self.report(Problem::error(Code::ChoiceGap, switch.subject.span.clone(), message).with_hint(hint));
        }
        missing.is_empty()
    }
}
