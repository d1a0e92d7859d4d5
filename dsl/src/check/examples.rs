//! Examples: every name they use is there, every value fits its field.

use std::collections::BTreeSet;

use engine::CANCELLED;
use engine::definition::{Field, Job, Parts, StepKind, Work};
use engine::file::File;
use engine::ids::Name;
use engine::records::Seen;
use engine::time::{Timestamp, ZONE};
use engine::value::{FieldType, Fields, Value};

use super::types::Type;
use super::{Checker, EXAMPLES_MAX, FACTS_MAX, Keys, name};
use crate::calendars;
use crate::example::{Act, Claim, Deed, Example, Expected, Given, Whom, Why};
use crate::problem::{Code, Problem, labels};
use crate::tree::{self, ClaimText, ExampleText, Fact, Line, Term, TermKind, Text, WhenDeed, WhenText, Word};

impl Checker<'_> {
    pub(super) fn examples(&self, process: &Word, parts: &Parts) -> Vec<Example> {
        let of = |word: &Word| {
            if word.text != process.text && !process.text.is_empty() {
                self.unknown(Code::UnknownProcess, word, ("process", "流程"), [process.text.as_str()]);
            }
        };
        let mut shared: Vec<Given> = Vec::new();
        for background in &self.file.backgrounds {
            of(&background.of);
            let left = FACTS_MAX.saturating_sub(shared.len());
            shared.extend(background.facts.iter().take(left).filter_map(|fact| self.fact(fact)));
        }
        self.unique(self.file.examples.iter().map(|example| &example.name), ("example", "示例"));
        self.keys.set(Keys::Bare);
        let examples = self.file.examples.iter().take(EXAMPLES_MAX).map(|example| {
            of(&example.of);
            self.example(example, &shared, parts)
        });
        let examples = examples.collect();
        self.keys.set(Keys::Quoted);
        examples
    }

    fn example(&self, example: &ExampleText, shared: &[Given], parts: &Parts) -> Example {
        let facts = example.lines.iter().filter_map(|line| match line {
            Line::Given(fact) => Some(&fact.span),
            Line::When(_, _) | Line::Then(_, _) => None,
        });
        self.limited(facts, FACTS_MAX, ("facts", "个已知事实"));
        let mut given = shared.to_vec();
        let mut acts = Vec::new();
        for line in &example.lines {
            match line {
                Line::Given(fact) => given.extend(self.fact(fact)),
                Line::When(span, when) => {
                    let at = when.at.as_ref().and_then(|at| self.instant(at));
                    if let Some(deed) = self.deed(when, &given, parts) {
                        acts.push(Act::When { line: self.line(span), at, deed });
                    }
                }
                Line::Then(span, claim) => {
                    if let Some(claim) = self.claim(claim, parts) {
                        acts.push(Act::Then { line: self.line(span), claim });
                    }
                }
            }
        }
        Example { name: example.name.text.clone(), line: self.line(&example.name.span), given, acts }
    }

    // --- given

    fn fact(&self, fact: &Fact) -> Option<Given> {
        let kind = fact.kind.text.as_str();
        match (&fact.key, self.names.attributes(kind)) {
            (Some(key), Some(found)) if kind != "person" => {
                let mut fields = Fields::new();
                for (attribute, value) in &fact.traits {
                    fields.extend(self.attribute_given(found, attribute, value, &[]));
                }
                Some(Given::Entry { register: name(&fact.kind), key: name(key), fields })
            }
            (Some(key), Some(_)) => Some(self.person(key, fact)),
            (Some(key), None) if kind == self.names.process || self.among.processes.contains_key(kind) => {
                Some(Given::Record(Box::new(self.record_given(key, fact))))
            }
            (Some(_), None) => {
                let known = self.names.registers.keys().map(String::as_str).chain([self.names.process.as_str()]);
                self.unknown(Code::UnknownRegister, &fact.kind, ("register or process", "登记册或流程"), known);
                None
            }
            (None, Some(_)) => {
                let message = labels(format!("which {kind}?"), format!("哪一个 {kind}？"));
                let hint = labels(
                    format!("give it a name: `given {kind} name …`"),
                    format!("请给它一个名称：`given {kind} 名称 …`"),
                );
                self.report(Problem::error(Code::BadExample, fact.span.clone(), message).with_hint(hint));
                None
            }
            (None, None) => Some(self.person(&fact.kind, fact)),
        }
    }

    /// Another record: `given change "CHG-1" with items mx1, reached approved, opened "2026-01-01 09:00"`.
    fn record_given(&self, key: &Word, fact: &Fact) -> Seen {
        let process = fact.kind.text.as_str();
        let own = self.file.processes.first().filter(|_| process == self.names.process).map(|own| self.own(own));
        let other = own.or_else(|| self.among.processes.get(process).cloned()).unwrap_or_default();
        let (number, process) = (name(key), name(&fact.kind));
        let (opened, outcome, reached) = (Timestamp(0), None, BTreeSet::new());
        let mut seen = Seen { number, process, opened, outcome, reached, fields: Fields::new() };
        for (attribute, value) in &fact.traits {
            match attribute.text.as_str() {
                "opened" => seen.opened = self.instant(value).unwrap_or(Timestamp(0)),
                "ended" => seen.outcome = Some(name(value)),
                "reached" => {
                    if !other.milestones.contains(&value.text) {
                        let known = other.milestones.iter().map(String::as_str);
                        self.unknown(Code::UnknownStep, value, ("milestone", "里程碑"), known);
                    }
                    seen.reached.insert(name(value));
                }
                _ => {
                    let others = ["opened", "ended", "reached"];
                    let given = self.attribute_given(&other.fields, attribute, value, &others);
                    let Some((field, value)) = given else { continue };
                    match (seen.fields.get_mut(&field), value) {
                        (Some(Value::List(held)), Value::List(more)) => held.extend(more),
                        (_, value) => drop(seen.fields.insert(field, value)),
                    }
                }
            }
        }
        seen
    }

    fn person(&self, key: &Word, fact: &Fact) -> Given {
        let (mut roles, mut teams, mut fields) = (Vec::new(), Vec::new(), Fields::new());
        for (attribute, value) in &fact.traits {
            match attribute.text.as_str() {
                "role" => {
                    // Others may have roles that the process does not name; a slip of the finger is none of those.
                    if crate::nearest::nearest(&value.text, self.names.roles.iter().map(String::as_str)).is_some() {
                        self.known_role(value);
                    }
                    roles.push(name(value));
                }
                "team" => teams.push(name(value)),
                _ => {
                    let known = self.names.attributes("person").unwrap_or_default();
                    fields.extend(self.attribute_given(known, attribute, value, &["role", "team"]));
                }
            }
        }
        Given::Person { key: name(key), roles, teams, fields }
    }

    /// What an entry says; `others` are the further words that may stand there.
    fn attribute_given(
        &self,
        known: &[(String, FieldType)],
        attribute: &Word,
        value: &Text,
        others: &[&str],
    ) -> Option<(Name, Value)> {
        let Some((_, holds)) = known.iter().find(|(held, _)| *held == attribute.text) else {
            let known = known.iter().map(|(held, _)| held.as_str()).chain(others.iter().copied());
            self.unknown(Code::UnknownAttribute, attribute, ("attribute", "属性"), known);
            return None;
        };
        let given = self.value_given(holds, value);
        Some((name(attribute), given))
    }

    fn value_given(&self, holds: &FieldType, value: &Text) -> Value {
        match holds {
            FieldType::Many(inner) => Value::List(vec![self.value_given(inner, value)]),
            FieldType::Number => value.text.parse().map_or(Value::Nothing, Value::Number),
            FieldType::Bool => Value::Bool(value.text == "yes"),
            FieldType::Instant => self.instant(value).map_or(Value::Nothing, Value::Instant),
            FieldType::Ref(register) if *register == *"calendar" => self.calendar_called(value),
            FieldType::Ref(_) => Value::Ref(name(value)),
            FieldType::Choice(_) => Value::Choice(name(value)),
            FieldType::Date => {
                let day = Value::Date(value.text.clone());
                if holds.admits(&day).is_err() {
                    let text = &value.text;
                    self.no_day(text, &value.span);
                }
                day
            }
            _ => Value::Text(value.text.clone()),
        }
    }

    /// The calendar of that key or label.
    pub(super) fn calendar_called(&self, value: &Word) -> Value {
        match calendars::named(&value.text) {
            Some(known) => Value::Ref(known.key.clone()),
            None => {
                let known = calendars::known().iter().map(|known| known.data.labels.en.as_str());
                self.unknown(Code::UnknownCalendar, value, ("calendar", "日历"), known);
                Value::Ref(name(value))
            }
        }
    }

    // --- when

    fn deed(&self, when: &WhenText, given: &[Given], parts: &Parts) -> Option<Deed> {
        let by = |word: &Word| self.known_person(word, given);
        let fields = || self.form(&when.form);
        let reason = || when.because.as_ref().map(|because| because.text.clone());
        Some(match &when.deed {
            WhenDeed::Starts { by: who, on_behalf_of } => {
                Deed::Start { by: by(who), on_behalf_of: on_behalf_of.as_ref().map(by), fields: fields() }
            }
            WhenDeed::Claims { by: who, task } => Deed::Claim { by: by(who), task: self.task_named(task) },
            WhenDeed::Releases { by: who, task } => Deed::Release { by: by(who), task: self.task_named(task) },
            WhenDeed::Votes { by: who, approval, vote } => Deed::Vote {
                by: by(who),
                approval: self.approval_named(approval),
                vote: *vote,
                fields: fields(),
                reason: reason(),
            },
            WhenDeed::Assigns { by: who, task, to } => {
                Deed::Assign { by: by(who), task: self.task_named(task), to: by(to) }
            }
            WhenDeed::Delegates { by: who, task, to } => Deed::Delegate {
                by: by(who),
                task: self.task_named(task),
                to: by(to),
                text: reason().unwrap_or_default(),
            },
            WhenDeed::Resolves { by: who, task } => {
                Deed::Resolve { by: by(who), task: self.task_named(task), text: reason().unwrap_or_default() }
            }
            WhenDeed::Completes { by: who, task, outcome } => {
                self.not_voted_on(task);
                if !self.names.outcomes.contains(&outcome.text) {
                    let known = self.names.outcomes.iter().map(String::as_str);
                    self.unknown(Code::UnknownOutcome, outcome, ("outcome", "结果"), known);
                }
                Deed::Complete {
                    by: by(who),
                    task: self.task_named(task),
                    outcome: name(outcome),
                    fields: fields(),
                    reason: reason(),
                }
            }
            WhenDeed::Sends { by: who, message, text } => {
                if !self.names.messages.contains(&message.text) {
                    let known = self.names.messages.iter().map(String::as_str);
                    self.unknown(Code::UnknownMessage, message, ("message", "消息"), known);
                }
                Deed::Send { by: by(who), message: name(message), text: text.text.clone(), fields: fields() }
            }
            WhenDeed::Comments { by: who, text } => Deed::Comment { by: by(who), text: text.text.clone() },
            WhenDeed::JobAnswers(job) => {
                Deed::JobAnswers { job: job.as_ref().map(|job| self.job_named(job, parts)), fields: fields() }
            }
            WhenDeed::JobFails(job) => {
                let job = job.as_ref().map(|job| self.job_named(job, parts));
                Deed::JobFails { job, problem: reason().unwrap_or_default() }
            }
            WhenDeed::CallEnds { process, outcome } => {
                self.process_named(process);
                Deed::CallEnds { process: name(process), outcome: name(outcome) }
            }
            WhenDeed::Signalled(signal) => {
                if !self.names.signals.contains(&signal.text) {
                    let known = self.names.signals.iter().map(String::as_str);
                    self.unknown(Code::UnknownMessage, signal, ("awaited signal", "有步骤等待的信号"), known);
                }
                Deed::Signal { signal: name(signal) }
            }
            WhenDeed::Adds { by: who, step } => Deed::Add { by: by(who), step: self.extra_with(step, parts) },
            WhenDeed::Edits { by: who } => {
                Deed::Edit { by: by(who), fields: fields(), reason: reason().unwrap_or_default() }
            }
            WhenDeed::Cancels { by: who } => Deed::Cancel { by: by(who), reason: reason().unwrap_or_default() },
            WhenDeed::Passes(span) => Deed::Pass(*span),
            WhenDeed::Becomes(at) => Deed::Become(self.instant(at)?),
        })
    }

    fn known_person(&self, word: &Word, given: &[Given]) -> Name {
        let people = || {
            given.iter().filter_map(|one| match one {
                Given::Person { key, .. } => Some(key.as_str()),
                Given::Entry { .. } | Given::Record(_) => None,
            })
        };
        if !self.is_full() && !people().any(|key| key == word.text) {
            self.unknown(Code::BadExample, word, ("person in this example", "人员"), people());
        }
        name(word)
    }

    fn job_named(&self, word: &Word, parts: &Parts) -> Name {
        let jobs = parts.steps.iter().filter_map(|step| match &step.kind {
            StepKind::Job(Job { work: Work::Worker(job), .. }) => Some(job.as_str()),
            _ => None,
        });
        let known: Vec<&str> = jobs.collect();
        if !known.contains(&word.text.as_str()) {
            self.unknown(Code::UnknownStep, word, ("job", "作业"), known);
        }
        name(word)
    }

    /// The part that people may add in which a step lies.
    fn extra_with(&self, word: &Word, parts: &Parts) -> Name {
        let found = |name: &Name| parts.step(name);
        let extra_around = |name: &Name| {
            let mut at = found(name);
            while let Some(step) = at {
                if matches!(step.kind, StepKind::Extra { .. }) {
                    return Some(step.name.clone());
                }
                at = step.scope.as_ref().and_then(found);
            }
            None
        };
        extra_around(&name(word)).unwrap_or_else(|| {
            let addable = parts.steps.iter().map(|step| &step.name).filter(|name| extra_around(name).is_some());
            let known: Vec<&str> =
                addable.map(Name::as_str).filter(|name| self.names.steps.contains_key(*name)).collect();
            self.unknown(Code::UnknownStep, word, ("step that people may add", "可添加的步骤"), known);
            name(word)
        })
    }

    fn task_named(&self, word: &Word) -> Name {
        if !self.is_task(&word.text) {
            let known = self.names.step_names(super::names::StepSort::Task);
            self.unknown(Code::UnknownStep, word, ("task", "任务"), known);
        }
        name(word)
    }

    fn approval_named(&self, word: &Word) -> Name {
        if !self.is_approval(&word.text) {
            let known = self.names.step_names(super::names::StepSort::Approval);
            self.unknown(Code::UnknownStep, word, ("approval", "审批"), known);
        }
        name(word)
    }

    /// Reports an approval that is completed as if it were a task.
    fn not_voted_on(&self, word: &Word) {
        if self.is_approval(&word.text) {
            let approval = &word.text;
            let message = labels(
                format!("`{approval}` is an approval, and only votes decide it"),
                format!("`{approval}` 是审批，只能由投票决定"),
            );
            let hint = labels(
                format!("write `approves {approval}`, `rejects {approval}` or `abstains from {approval}`"),
                format!("请写 `approves {approval}`、`rejects {approval}` 或 `abstains from {approval}`"),
            );
            self.report(Problem::error(Code::BadExample, word.span.clone(), message).with_hint(hint));
        }
    }

    fn form(&self, form: &[(Word, Term)]) -> Fields {
        self.unique(form.iter().map(|(word, _)| word), ("field", "字段"));
        let mut fields = Fields::new();
        for (word, term) in form {
            match self.names.field(&word.text) {
                Some(field) => {
                    fields.insert(name(word), self.form_value(term, &field.holds));
                }
                None => self.unknown(Code::UnknownField, word, ("field", "字段"), self.names.field_names()),
            }
        }
        fields
    }

    fn form_value(&self, term: &Term, holds: &FieldType) -> Value {
        match (&term.kind, holds) {
            (TermKind::Text(text), FieldType::Instant) => {
                let text = Text { text: text.clone(), span: term.span.clone() };
                self.instant(&text).map_or(Value::Nothing, Value::Instant)
            }
            // An example gives a file by its name, and its name is what it says.
            (TermKind::Text(text), FieldType::File) => Value::File(File::of(text, "text/plain", text.as_bytes())),
            // A bare name is a key here, even where a field has the same name.
            (TermKind::Name(text), FieldType::Ref(_) | FieldType::Role) => Value::Ref(Name::from(text.as_str())),
            (TermKind::List(rows), FieldType::Rows(columns)) => {
                Value::List(rows.iter().map(|row| self.row_value(row, columns)).collect())
            }
            (TermKind::List(items), FieldType::Many(inner)) => {
                Value::List(items.iter().map(|item| self.form_value(item, inner)).collect())
            }
            _ => self.literal(term, &Type::of(holds)),
        }
    }

    fn row_value(&self, term: &Term, columns: &[Field]) -> Value {
        let TermKind::Row(entries) = &term.kind else {
            return self.literal(term, &Type::Row(Vec::new()));
        };
        self.unique(entries.iter().map(|(word, _)| word), ("field", "字段"));
        let mut row = Fields::new();
        for (word, term) in entries {
            match columns.iter().find(|column| column.name == *word.text) {
                Some(column) => drop(row.insert(name(word), self.form_value(term, &column.holds))),
                None => {
                    let known = columns.iter().map(|column| column.name.as_str());
                    self.unknown(Code::UnknownField, word, ("field of the row", "行字段"), known);
                }
            }
        }
        Value::Row(row)
    }

    pub(super) fn instant(&self, text: &Text) -> Option<Timestamp> {
        let squeezed = text.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let squeezed = match squeezed.split_once(' ') {
            Some((date, time)) if time.find(':') == Some(1) => format!("{date} 0{time}"),
            _ => squeezed,
        };
        match Timestamp::from_local(&squeezed, ZONE) {
            Ok(at) => Some(at),
            Err(_) => {
                let message = labels(format!("there is no time {}", text.text), format!("没有 {} 这个时间", text.text));
                let hint = labels("write it like 2026-09-18 17:30", "请写成 2026-09-18 17:30 的形式");
                self.report(Problem::error(Code::Unreadable, text.span.clone(), message).with_hint(hint));
                None
            }
        }
    }

    // --- then

    fn claim(&self, claim: &ClaimText, parts: &Parts) -> Option<Claim> {
        let whom = |whom: &tree::Whom| Whom { kind: whom.kind, name: name(&whom.name) };
        let expected = |not: bool| if not { Expected::No } else { Expected::Yes };
        Some(match claim {
            ClaimText::TaskOpen { task, whom: who } => {
                Claim::TaskOpen { task: self.task_named(task), whom: who.as_ref().map(whom) }
            }
            ClaimText::TaskShut { task } => Claim::TaskShut { task: self.task_named(task) },
            ClaimText::TaskDue { task, at } => Claim::TaskDue { task: self.task_named(task), at: self.instant(at)? },
            ClaimText::TaskTaken { task, by } => Claim::TaskTaken { task: self.task_named(task), by: name(by) },
            ClaimText::TaskDelegated { task, to } => Claim::TaskDelegated { task: self.task_named(task), to: name(to) },
            ClaimText::Voted { by, approval, vote } => {
                Claim::Voted { by: name(by), approval: self.approval_named(approval), vote: *vote }
            }
            ClaimText::ClockIs { clock, not, state } => {
                Claim::ClockIs { clock: self.clock_named(clock, parts), state: *state, expected: expected(*not) }
            }
            ClaimText::ClockDue { clock, at } => {
                Claim::ClockDue { clock: self.clock_named(clock, parts), at: self.instant(at)? }
            }
            ClaimText::ClockUsed { clock, span } => {
                Claim::ClockUsed { clock: self.clock_named(clock, parts), span: *span }
            }
            ClaimText::Ended { outcome } => {
                // A record that is cancelled ends so where its process says nothing else.
                if outcome.text != CANCELLED && !self.names.ends.contains_key(&outcome.text) {
                    let known = self.names.ends.keys().map(String::as_str);
                    self.unknown(Code::UnknownEnd, outcome, ("end", "结束"), known);
                }
                Claim::Ended { outcome: name(outcome) }
            }
            ClaimText::Running => Claim::Running,
            ClaimText::Linked { kind } => {
                if !self.names.links.contains(&kind.text) {
                    let known = self.names.links.iter().map(String::as_str);
                    self.unknown(Code::UnknownLink, kind, ("link", "关联"), known);
                }
                Claim::Linked { kind: name(kind) }
            }
            ClaimText::Refused { why } => Claim::Refused { why: why.as_ref().map(|why| self.why(why)) },
            ClaimText::ItIs { at } => Claim::ItIs { at: self.instant(at)? },
            ClaimText::Told { whom: who, not, template } => {
                if let Some(word) = template.as_ref().filter(|word| !self.names.templates.contains(&word.text)) {
                    let known = self.names.templates.iter().map(String::as_str);
                    self.unknown(Code::UnknownTemplate, word, ("notice", "通知模板"), known);
                }
                Claim::Told {
                    whom: who.as_ref().map(whom),
                    template: template.as_ref().map(name),
                    expected: expected(*not),
                }
            }
            ClaimText::Holds(term) => {
                let source = self.source.get(term.span.clone()).unwrap_or_default().to_owned();
                Claim::Holds { expr: self.expr(term, &Type::Bool), source }
            }
        })
    }

    fn why(&self, why: &tree::Why) -> Why {
        match why {
            tree::Why::Missing(word) => {
                if word.text != "reason" && self.names.field(&word.text).is_none() {
                    self.unknown(Code::UnknownField, word, ("field", "字段"), self.names.field_names());
                }
                Why::Missing(name(word))
            }
            tree::Why::Says(text) => Why::Says(text.text.clone()),
        }
    }

    fn clock_named(&self, word: &Word, parts: &Parts) -> Name {
        if !parts.clocks.iter().any(|clock| clock.name == *word.text) {
            let known = parts.clocks.iter().map(|clock| clock.name.as_str());
            self.unknown(Code::UnknownClock, word, ("clock", "时钟"), known);
        }
        name(word)
    }
}
