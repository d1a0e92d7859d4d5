//! People, what is asked of them, and what they are told.

use engine::definition::{Action, Ask, Candidates, Channel, Fill, Labels, Reason, Substitution, Who};
use engine::expr::Expr;
use engine::ids::Name;
use engine::value::{FieldType, Value};

use super::names::StepSort;
use super::types::Type;
use super::{Checker, name};
use crate::problem::{Code, Problem, labels};
use crate::tree::{
    AskText, Deed, Item, People, PersonOrTeam, Place, Statement, StatementKind, TaskText, Telling, Term, TermKind, Word,
};

/// People as one calls them elsewhere.
const PEOPLE: &[(&str, &str)] = &[
    ("everyone", "anyone"),
    ("everybody", "anyone"),
    ("anybody", "anyone"),
    ("all", "anyone"),
    ("manager", "requester.manager"),
    ("self", "requester"),
    ("me", "requester"),
    ("applicant", "requester"),
];

impl Checker<'_> {
    pub(super) fn whom(&self, people: &[People]) -> Vec<Who> {
        people.iter().filter_map(|one| self.who(one)).collect()
    }

    /// Reports a role that is not among those that the process names, if it names any.
    pub(super) fn known_role(&self, role: &Word) {
        let roles = &self.names.roles;
        if !roles.is_empty() && !roles.contains(&role.text) {
            self.unknown(Code::UnknownRole, role, ("role", "角色"), roles.iter().map(String::as_str));
        }
    }

    fn who(&self, people: &People) -> Option<Who> {
        match people {
            People::Anyone => Some(Who::Anyone),
            People::Nobody => Some(Who::Nobody),
            People::Role(role) => {
                self.known_role(role);
                Some(Who::Role(name(role)))
            }
            People::Key(kind, key) => {
                let key = Expr::Literal(Value::Ref(name(key)));
                Some(match kind {
                    PersonOrTeam::Person => Who::Person(key),
                    PersonOrTeam::Team => Who::Team(key),
                })
            }
            People::Named(term) => self.named(term),
        }
    }

    fn named(&self, term: &Term) -> Option<Who> {
        match &term.kind {
            TermKind::Requester => return Some(Who::Requester),
            TermKind::Name(text) if self.names.field(text).is_none() && !self.is_local(text) => {
                self.unknown_people(text, &term.span);
                return None;
            }
            _ => {}
        }
        let (expr, found) = self.infer(term, None);
        let of = match &found {
            Type::Many(inner) => inner.as_ref(),
            other => other,
        };
        match of {
            Type::Ref(register) if register == "team" => Some(Who::Team(expr)),
            Type::Ref(register) if register == "person" => Some(Who::Person(expr)),
            Type::Role => Some(Who::RoleOf(expr)),
            Type::Unknown => None,
            _ => {
                let found = found.described();
                let message = labels(
                    format!("this is {}, not a person or a team", found.en),
                    format!("这里需要人员或团队，却是{}", found.zh),
                );
                let hint = labels(
                    "say who is meant, such as `service.owner` or `role staff`",
                    "请写明是谁，如 `service.owner` 或 `role staff`",
                );
                self.report(Problem::error(Code::NotPeople, term.span.clone(), message).with_hint(hint));
                None
            }
        }
    }

    fn unknown_people(&self, text: &str, span: &Place) {
        if self.doubtful.contains(text) {
            return;
        }
        let message =
            labels(format!("there is no field `{text}` that names people"), format!("没有表示人员的字段 `{text}`"));
        let fields = self.names.field_names().chain(["requester", "anyone"]);
        let meant = PEOPLE.iter().find(|(written, _)| *written == text).map(|(_, meant)| *meant);
        let hint = match meant.or_else(|| crate::nearest::nearest(text, fields)) {
            Some(close) => labels(format!("did you mean `{close}`?"), format!("是否想写 `{close}`？")),
            None => labels(format!("a role is written `role {text}`"), format!("角色写作 `role {text}`")),
        };
        self.report(Problem::error(Code::UnknownField, span.clone(), message).with_hint(hint));
    }

    pub(super) fn candidates(&self, task: &TaskText) -> Candidates {
        let candidates = Candidates {
            any: self.whom(&task.any),
            not: self.whom(&task.not),
            not_who_did: task.not_who_did.iter().map(|step| self.done_before(step)).collect(),
            substitution: task.substitution,
        };
        if task.any.is_empty() {
            self.for_nobody(&task.name);
        }
        let excluded = |who: &Who| candidates.not.contains(who) || candidates.not.contains(&Who::Anyone);
        if !candidates.any.is_empty() && candidates.any.iter().all(excluded) {
            let message = labels(
                format!("everyone who could do `{}` is excluded from it", task.name.text),
                format!("能办理 `{}` 的人全部被排除在外", task.name.text),
            );
            let hint = labels("add a role or a team, or drop the `not`", "请加上角色或团队，或去掉 `not`");
            self.report(Problem::error(Code::NobodyLeft, task.name.span.clone(), message).with_hint(hint));
        }
        self.only_who_did(task, &candidates);
        self.has_substitute(task, &candidates);
        candidates
    }

    /// Reports a substitute of nobody in particular.
    fn has_substitute(&self, task: &TaskText, candidates: &Candidates) {
        let person = |who: &Who| matches!(who, Who::Person(_) | Who::Requester);
        let several = !candidates.any.is_empty() && !candidates.any.iter().any(person);
        if task.substitution == Substitution::WhenAbsent && several {
            let message = labels(
                format!("`{}` is for no person in particular, so nobody stands in for them", task.name.text),
                format!("`{}` 不是由某个具体的人办理，因此没有代理人", task.name.text),
            );
            let hint = labels(
                "take out `substitute when absent`: whoever has the role or is in the team can do it",
                "请去掉 `substitute when absent`：有该角色的人或团队中的任何人都可以办理",
            );
            self.report(Problem::error(Code::NotPeople, task.name.span.clone(), message).with_hint(hint));
        }
    }

    /// Reports a task whose one candidate is the one who has done the step that bars from it.
    fn only_who_did(&self, task: &TaskText, candidates: &Candidates) {
        let [only @ (Who::Person(_) | Who::Requester)] = candidates.any.as_slice() else { return };
        for step in &task.not_who_did {
            let done = self.task_text(&step.text).map(|other| self.whom(&other.any)).unwrap_or_default();
            if done.as_slice() == std::slice::from_ref(only) {
                let (task, step) = (&task.name, &step.text);
                let message = labels(
                    format!("`{}` is for only the person who did `{step}`, who may not do it", task.text),
                    format!("`{}` 只能由办理 `{step}` 的人办理，而此人被排除在外", task.text),
                );
                let hint = labels("add a role or a team, or drop the `not`", "请加上角色或团队，或去掉 `not`");
                self.report(Problem::error(Code::NobodyLeft, task.span.clone(), message).with_hint(hint));
            }
        }
    }

    /// The task of that name as it is written, wherever it stands.
    fn task_text(&self, name: &str) -> Option<&TaskText> {
        let mut left: Vec<&Statement> = Vec::new();
        for item in self.file.processes.first().map(|process| process.items.as_slice()).unwrap_or_default() {
            match item {
                Item::Flow(statement) => left.push(statement),
                Item::Aside(aside) => left.extend(&aside.flow),
                Item::Handler { flow, .. } | Item::Extra { flow, .. } => left.extend(flow),
                _ => {}
            }
        }
        while let Some(statement) = left.pop() {
            match &statement.kind {
                StatementKind::Task(task) if task.name.text == name => return Some(task),
                other => left.extend(other.flows().into_iter().flatten()),
            }
        }
        None
    }

    pub(super) fn for_nobody(&self, task: &Word) {
        let message = labels(format!("`{}` is for nobody", task.text), format!("没有指定由谁办理 `{}`", task.text));
        let hint = labels(
            "write `for role …`, `for team` or `for requester`",
            "请写 `for role …`、`for team` 或 `for requester`",
        );
        self.report(Problem::error(Code::NobodyLeft, task.span.clone(), message).with_hint(hint));
    }

    pub(super) fn done_before(&self, step: &Word) -> Name {
        if !self.is_task(&step.text) {
            self.unknown(Code::UnknownStep, step, ("task", "任务"), self.names.step_names(StepSort::Task));
        }
        name(step)
    }

    /// What a form asks for; a reason is asked for apart from the fields.
    pub(super) fn asks(&self, asks: &[AskText]) -> (Vec<Ask>, Reason) {
        let mut reason = Reason::NotAsked;
        let mut found: Vec<Ask> = Vec::new();
        let words = asks.iter().flat_map(|ask| &ask.fields);
        self.unique(words, ("ask for", "要求填写的字段"));
        for ask in asks {
            let insists_when = ask.when.as_ref().map(|when| self.expr(when, &Type::Bool));
            for word in &ask.fields {
                if word.text == "reason" {
                    reason = Reason::Asked;
                    self.no_condition(&insists_when, word);
                    continue;
                }
                self.asked(word);
                found.push(Ask { field: name(word), insists_when: insists_when.clone() });
            }
        }
        (found, reason)
    }

    fn no_condition(&self, when: &Option<Expr>, word: &Word) {
        if when.is_some() {
            let message = labels("a reason is asked for always or never", "原因要么总要填写，要么不问");
            let hint = labels("leave out the `when` behind `reason`", "请去掉 `reason` 之后的 `when`");
            self.report(Problem::error(Code::Mismatch, word.span.clone(), message).with_hint(hint));
        }
    }

    /// A field that is shown.
    pub(super) fn shown(&self, word: &Word) -> Name {
        if self.names.field(&word.text).is_none() {
            self.unknown(Code::UnknownField, word, ("field", "字段"), self.names.field_names());
        }
        name(word)
    }

    /// Checks that a field can be filled from outside.
    pub(super) fn fillable(&self, word: &Word) {
        match self.names.field(&word.text) {
            Some(field) if field.derived => {
                let message = labels(
                    format!("`{}` is computed, so nothing else can fill it", word.text),
                    format!("`{}` 是计算得出的，不能由外部填写", word.text),
                );
                self.is_computed(word, message);
            }
            Some(_) => {}
            None => self.unknown(Code::UnknownField, word, ("field", "字段"), self.names.field_names()),
        }
    }

    fn asked(&self, word: &Word) {
        match self.names.field(&word.text) {
            None => self.unknown(Code::UnknownField, word, ("field", "字段"), self.names.field_names()),
            Some(field) if field.derived => {
                let message = labels(
                    format!("`{}` is computed, so no form can ask for it", word.text),
                    format!("`{}` 是计算得出的，表单不能要求填写", word.text),
                );
                self.is_computed(word, message);
            }
            Some(_) => {}
        }
    }

    fn is_computed(&self, word: &Word, message: Labels) {
        let hint = labels(
            format!("take `{}` out here, or take its `from …` away in the record", word.text),
            format!("请从这里删去 `{}`，或在记录中去掉它的 `from …`", word.text),
        );
        self.report(Problem::error(Code::DerivedSet, word.span.clone(), message).with_hint(hint));
    }

    pub(super) fn actions(&self, deeds: &[Deed]) -> Vec<Action> {
        deeds.iter().filter_map(|deed| self.action(deed)).collect()
    }

    pub(super) fn action(&self, deed: &Deed) -> Option<Action> {
        match deed {
            Deed::Set(word, term) => {
                let wanted = match self.names.field(&word.text) {
                    Some(field) if field.derived => {
                        let message = labels(
                            format!("`{}` is computed, so it cannot be set", word.text),
                            format!("`{}` 是计算得出的，不能赋值", word.text),
                        );
                        self.is_computed(word, message);
                        Type::of(&field.holds)
                    }
                    Some(field) => Type::of(&field.holds),
                    None => {
                        self.unknown(Code::UnknownField, word, ("field", "字段"), self.names.field_names());
                        Type::Unknown
                    }
                };
                Some(Action::Set { field: name(word), to: self.expr(term, &wanted) })
            }
            Deed::Tell { span, whom, template, how } => {
                let whom = self.whom(whom);
                let template = self.template(template.as_ref(), span)?;
                Some(match how {
                    Telling::Escalate => Action::Escalate { to: whom, template },
                    Telling::Notify => Action::Notify { whom, template, by: Channel::Inbox },
                    Telling::By("email") => Action::Notify { whom, template, by: Channel::Email },
                    Telling::By(channel) => {
                        let says = labels(
                            format!("people are told of `{template}` by {channel}"),
                            format!("通过 {channel} 发送 `{template}`"),
                        );
                        Action::Later(self.later(&format!("notify by {channel}"), says, span))
                    }
                })
            }
            Deed::Start { begun } => Some(Action::Start(self.begun(begun))),
            Deed::Enter { register, form } => {
                let with = self.entry_fills(register, form);
                Some(Action::Enter { register: name(register), with })
            }
            Deed::Update { of, form } => {
                let (of_entries, found) = self.infer(of, None);
                let register = match found {
                    Type::Ref(register) => register,
                    Type::Many(inner) => match *inner {
                        Type::Ref(register) => register,
                        _ => String::new(),
                    },
                    _ => String::new(),
                };
                let word = Word { text: register.clone(), span: of.span.clone() };
                let with = self.entry_fills(&word, form);
                Some(Action::Update { register: Name::from(register), of: of_entries, with })
            }
            Deed::Signal { name: signal } => Some(Action::Signal { signal: name(signal) }),
        }
    }

    /// The attributes that an entry of a register is given.
    fn entry_fills(&self, register: &Word, form: &crate::tree::FormText) -> Vec<Fill> {
        let Some(known) = self.names.attributes(&register.text) else {
            let known = self.names.registers.keys().map(String::as_str);
            self.unknown(Code::UnknownRegister, register, ("register", "登记册"), known);
            return Vec::new();
        };
        self.unique(form.iter().map(|(word, _)| word), ("attribute", "属性"));
        let fill = |(word, term): &(Word, Term)| {
            let wanted = match known.iter().find(|(held, _)| *held == word.text) {
                Some((_, holds)) => Type::of(holds),
                None => {
                    let known = known.iter().map(|(held, _)| held.as_str());
                    self.unknown(Code::UnknownAttribute, word, ("attribute", "属性"), known);
                    Type::Unknown
                }
            };
            Fill { field: name(word), value: self.expr(term, &wanted) }
        };
        form.iter().map(fill).collect()
    }

    fn template(&self, word: Option<&Word>, span: &Place) -> Option<Name> {
        let Some(word) = word else {
            let message = labels("this does not say what to tell them", "没有说明用什么模板通知");
            let hint = labels(
                "add `with template …`, and a `notice` of that name below the process",
                "请加上 `with template …`，并在流程之后写同名的 `notice`",
            );
            self.report(Problem::error(Code::UnknownTemplate, span.clone(), message).with_hint(hint));
            return None;
        };
        if !self.names.templates.contains(&word.text) {
            let known = self.names.templates.iter().map(String::as_str);
            self.unknown(Code::UnknownTemplate, word, ("notice", "通知模板"), known);
        }
        Some(name(word))
    }

    /// A calendar that could be written here: of a service of the record, or one that comes with the product.
    pub(super) fn a_calendar(&self) -> String {
        let has_calendar = |field: &&str| {
            let register = self.names.field(field).map(|field| &field.holds);
            matches!(register, Some(FieldType::Ref(register)) if *register == *"service")
        };
        let of_service = self.names.field_names().find(has_calendar).map(|field| format!("{field}.calendar"));
        let packaged = || crate::calendars::known().first().map(|known| format!("\"{}\"", known.data.labels.en));
        of_service.or_else(packaged).unwrap_or_default()
    }

    /// An expression that names a calendar. One that comes with the product may be called by its label too, as in
    /// examples.
    pub(super) fn calendar(&self, term: &Term) -> Expr {
        if let TermKind::Text(text) = &term.kind {
            return Expr::Literal(self.calendar_called(&Word { text: text.clone(), span: term.span.clone() }));
        }
        self.expr(term, &Type::Ref("calendar".into()))
    }
}
