//! The words for the pieces of a definition.

use std::ops::Bound;

use engine::definition::{
    Action, Ask, Channel, Due, Field, Fill, Labels, Origin, Outcome, Overriding, Parts, Presence, Reason, StepKind, Who,
};
use engine::expr::{Expr, Operator};
use engine::ids::Name;
use engine::table::{Aggregation, Cell, HitPolicy, Table, Test};
use engine::time::{Counting, DAY_MS, HOUR_MS, MINUTE_MS, Span, Unit};
use engine::value::{FieldType, Value};

use crate::Language;

/// A definition with the language in which it is spoken of.
pub(crate) struct Words<'p> {
    pub(crate) parts: &'p Parts,
    pub(crate) language: Language,
}

impl Words<'_> {
    pub(crate) fn pick(&self, en: String, zh: String) -> String {
        match self.language {
            Language::En => en,
            Language::Zh => zh,
        }
    }

    pub(crate) fn label(&self, labels: &Labels) -> String {
        match self.language {
            Language::En => labels.en.clone(),
            Language::Zh => labels.zh.clone(),
        }
    }

    /// What another process or a register is called.
    pub(crate) fn called(&self, name: &Name) -> String {
        self.parts.called.get(name).map_or_else(|| name.as_str().replace('_', " "), |labels| self.label(labels))
    }

    /// One after the other: `a, b and c`.
    pub(crate) fn list(&self, items: &[String]) -> String {
        self.joined(items, " and ", "和")
    }

    /// Everything at once: `a and b`.
    pub(crate) fn all_of(&self, items: &[String]) -> String {
        self.joined(items, " and ", "且")
    }

    /// One of them: `a, b or c`.
    pub(crate) fn one_of(&self, items: &[String]) -> String {
        self.joined(items, " or ", "或")
    }

    fn joined(&self, items: &[String], en: &str, zh: &str) -> String {
        let (comma, last) = match self.language {
            Language::En => (", ", en),
            Language::Zh => ("、", zh),
        };
        match items {
            [] => String::new(),
            [only] => only.clone(),
            [first @ .., end] => format!("{}{last}{end}", first.join(comma)),
        }
    }

    pub(crate) fn role(&self, role: &Name) -> String {
        match self.parts.roles.get(role) {
            Some(labels) => self.label(labels),
            None => {
                let spoken = role.as_str().replace('_', " ");
                self.pick(spoken.clone(), format!("“{spoken}”角色"))
            }
        }
    }

    pub(crate) fn message(&self, message: &Name) -> String {
        match self.parts.messages.get(message) {
            Some(labels) => self.label(labels),
            None => message.as_str().replace('_', " "),
        }
    }

    pub(crate) fn field(&self, name: &Name) -> String {
        let found = self.parts.fields.iter().find(|field| field.name == *name);
        found.map_or_else(|| name.to_string(), |field| self.label(&field.labels))
    }

    /// What a step is called. One that people never see is called by what it does and where it leads.
    pub(crate) fn step(&self, name: &Name) -> String {
        let Some(step) = self.parts.step(name) else { return name.to_string() };
        let label = self.label(&step.labels);
        if !label.is_empty() {
            return label;
        }
        let next = step.next.as_ref().map(|next| self.step(next));
        match (&step.kind, next) {
            (StepKind::Act { actions }, Some(next)) => {
                let actions = self.actions(actions);
                self.pick(format!("{next}; before that {actions}"), format!("{next}（先{actions}）"))
            }
            (StepKind::Act { actions }, None) => self.actions(actions),
            (StepKind::Choose { cases, otherwise }, _) => match (cases.first(), otherwise) {
                (Some(case), _) => {
                    let when = self.expr(&case.when);
                    self.pick(format!("the question whether {when}"), format!("判断{when}"))
                }
                (None, Some(to)) => self.step(to),
                (None, None) => name.as_str().replace(['_', '.'], " "),
            },
            _ => name.as_str().replace(['_', '.'], " "),
        }
    }

    pub(crate) fn outcome(&self, name: &Name) -> String {
        let found = self.parts.steps.iter().flat_map(|step| step.kind.outcomes()).find(|outcome| outcome.name == *name);
        found.map_or_else(|| name.to_string(), |outcome| self.label(&outcome.labels))
    }

    pub(crate) fn choice(&self, field: &Name, value: &Name) -> String {
        let found = self.parts.fields.iter().find(|held| held.name == *field);
        let label = found.and_then(|field| match &field.holds {
            FieldType::Choice(choices) => choices.iter().find(|choice| choice.name == *value),
            _ => None,
        });
        label.map_or_else(|| value.to_string(), |choice| self.label(&choice.labels))
    }

    /// A value, with the label of whichever field has such a choice.
    pub(crate) fn value(&self, value: &Value) -> String {
        match value {
            Value::Choice(name) => {
                let owner = self.parts.fields.iter().find(|field| match &field.holds {
                    FieldType::Choice(choices) => choices.iter().any(|choice| choice.name == *name),
                    _ => false,
                });
                owner.map_or_else(|| name.to_string(), |field| self.choice(&field.name, name))
            }
            Value::List(items) => self.one_of(&items.iter().map(|item| self.value(item)).collect::<Vec<_>>()),
            Value::Row(row) => {
                let one = |(name, value): (&Name, &Value)| {
                    let (name, value) = (self.field(name).replace('_', " "), self.value(value));
                    self.pick(format!("{name} {value}"), format!("{name}{value}"))
                };
                self.list(&row.iter().map(one).collect::<Vec<_>>())
            }
            Value::Bool(true) => self.pick("yes".into(), "是".into()),
            Value::Bool(false) => self.pick("no".into(), "否".into()),
            Value::Nothing => self.pick("nothing".into(), "空".into()),
            Value::Text(text) => self.pick(format!("\"{text}\""), format!("“{text}”")),
            Value::Duration(length_ms) => self.length(*length_ms),
            Value::Number(_)
            | Value::Date(_)
            | Value::Instant(_)
            | Value::Money(_)
            | Value::Ref(_)
            | Value::File(_) => value.plain(),
        }
    }

    /// A length of time in the largest unit that it is whole in.
    fn length(&self, length_ms: i64) -> String {
        let units = [(DAY_MS, "day", "天"), (HOUR_MS, "hour", "小时"), (MINUTE_MS, "minute", "分钟")];
        let whole = units.into_iter().find(|(unit, _, _)| length_ms % unit == 0);
        let (unit, en, zh) = whole.unwrap_or((MINUTE_MS, "minute", "分钟"));
        let amount = length_ms / unit;
        let plural = if amount == 1 { "" } else { "s" };
        self.pick(format!("{amount} {en}{plural}"), format!("{amount} {zh}"))
    }

    pub(crate) fn value_of(&self, field: &Field, expr: &Expr) -> String {
        match expr {
            Expr::Literal(Value::Choice(name)) => self.choice(&field.name, name),
            other => self.expr(other),
        }
    }

    pub(crate) fn cell(&self, input: &Name, cell: &Cell) -> Option<String> {
        let input = self.field(input);
        let (tests, not) = match cell {
            Cell::Any => return None,
            Cell::OneOf(tests) => (tests, false),
            Cell::NoneOf(tests) => (tests, true),
        };
        let tests = self.one_of(&tests.iter().map(|test| self.test(test)).collect::<Vec<_>>());
        Some(match not {
            false => self.pick(format!("{input} is {tests}"), format!("{input}为{tests}")),
            true => self.pick(format!("{input} is not {tests}"), format!("{input}不为{tests}")),
        })
    }

    fn test(&self, test: &Test) -> String {
        let (from, to) = match test {
            Test::Is(value) => return self.value(value),
            Test::Has(members) => {
                let members = self.list(&members.iter().map(|member| self.value(member)).collect::<Vec<_>>());
                return self.pick(format!("a list with {members}"), format!("含{members}的列表"));
            }
            Test::Between(from, to) => (from, to),
        };
        let from = match from {
            Bound::Unbounded => None,
            Bound::Included(end) => {
                Some(self.pick(format!("at least {}", self.value(end)), format!("至少 {}", self.value(end))))
            }
            Bound::Excluded(end) => {
                Some(self.pick(format!("more than {}", self.value(end)), format!("大于 {}", self.value(end))))
            }
        };
        let to = match to {
            Bound::Unbounded => None,
            Bound::Included(end) => {
                Some(self.pick(format!("at most {}", self.value(end)), format!("至多 {}", self.value(end))))
            }
            Bound::Excluded(end) => {
                Some(self.pick(format!("less than {}", self.value(end)), format!("小于 {}", self.value(end))))
            }
        };
        self.all_of(&from.into_iter().chain(to).collect::<Vec<_>>())
    }

    /// What a field holds, whether it must be filled, where its value comes from and what must hold of it.
    pub(crate) fn field_line(&self, field: &Field) -> String {
        let mut said = vec![self.origin_line(field)];
        for requirement in &field.must {
            let condition = self.expr(&requirement.condition);
            said.push(self.pick(format!("accepted only where {condition}"), format!("须满足：{condition}")));
        }
        if !field.seen_by.is_empty() {
            let whom = self.people(&field.seen_by);
            said.push(self.pick(format!("seen only by {whom}"), format!("仅{whom}可见")));
        }
        if field.changed_by == [Who::Nobody] {
            let said_of = ("changed only by the forms of its tasks", "仅可通过任务表单修改");
            said.push(self.pick(said_of.0.into(), said_of.1.into()));
        } else if !field.changed_by.is_empty() {
            let whom = self.people(&field.changed_by);
            said.push(self.pick(format!("changed only by {whom}"), format!("仅{whom}可修改")));
        }
        said.join(&self.pick("; ".into(), "；".into()))
    }

    fn origin_line(&self, field: &Field) -> String {
        let holds = self.holds(&field.holds);
        match &field.origin {
            Origin::Given { default } => {
                let presence = match field.presence {
                    Presence::Required => self.pick("required".into(), "必填".into()),
                    Presence::Optional => self.pick("optional".into(), "可选".into()),
                };
                let default =
                    default.as_ref().map(|default| self.value_of(field, default)).map_or_else(String::new, |value| {
                        self.pick(format!(", {value} where nothing is said"), format!("，默认为{value}"))
                    });
                self.pick(format!("{holds}, {presence}{default}"), format!("{holds}，{presence}{default}"))
            }
            Origin::Derived { from, overriding } => {
                let from = self.expr(from);
                let by_hand = match overriding {
                    Overriding::Forbidden => String::new(),
                    Overriding::NeedsReason => {
                        self.pick("; another value needs a reason".into(), "；人工改写须说明原因".into())
                    }
                };
                self.pick(format!("{holds}, computed from {from}{by_hand}"), format!("{holds}，由{from}得出{by_hand}"))
            }
        }
    }

    /// How the rows of a table that match together become one answer; nothing where no two of them do.
    pub(crate) fn together(&self, hit: HitPolicy) -> Option<String> {
        let (en, zh) = match hit {
            HitPolicy::Unique | HitPolicy::Any => return None,
            HitPolicy::First | HitPolicy::Priority => ("The first line that applies counts.", "以第一条符合的为准。"),
            HitPolicy::RuleOrder | HitPolicy::OutputOrder | HitPolicy::Collect(Aggregation::List) => {
                ("Every line that applies counts, in this order.", "凡符合的均计入，并按此顺序列出。")
            }
            HitPolicy::Collect(Aggregation::Sum) => ("The lines that apply are added up.", "符合的各条结果相加。"),
            HitPolicy::Collect(Aggregation::Min) => {
                ("Of the lines that apply, the least counts.", "取符合的各条中最小的结果。")
            }
            HitPolicy::Collect(Aggregation::Max) => {
                ("Of the lines that apply, the greatest counts.", "取符合的各条中最大的结果。")
            }
            HitPolicy::Collect(Aggregation::Count) => ("The lines that apply are counted.", "统计符合的条数。"),
        };
        Some(self.pick(en.into(), zh.into()))
    }

    /// The rows of a table, one sentence each.
    pub(crate) fn rows(&self, table: &Table) -> Vec<String> {
        let otherwise = |gives: String| self.pick(format!("Otherwise {gives}"), format!("其他情况：{gives}"));
        let row = |cells: Vec<String>, gives: String| {
            if cells.is_empty() {
                return otherwise(gives);
            }
            let when = self.all_of(&cells);
            self.pick(format!("{gives} where {when}"), format!("{when}时：{gives}"))
        };
        let rows = table.rows.iter().map(|held| {
            let cells = table.inputs.iter().zip(&held.cells).filter_map(|(input, cell)| self.cell(input, cell));
            row(cells.collect(), self.value(&held.gives))
        });
        rows.chain(table.otherwise.iter().map(|value| otherwise(self.value(value)))).collect()
    }

    /// What an outcome asks, demands and leads to; nothing where it just goes on.
    pub(crate) fn outcome_line(&self, outcome: &Outcome) -> String {
        let mut said = Vec::new();
        if !outcome.asks.is_empty() {
            let asks = self.asks(&outcome.asks);
            said.push(self.pick(format!("asks for {asks}"), format!("填写{asks}")));
        }
        match outcome.reason {
            Reason::Asked => said.push(self.pick("a reason must be given".into(), "须说明原因".into())),
            Reason::NotAsked => {}
        }
        for requirement in &outcome.requires {
            let condition = self.expr(&requirement.condition);
            said.push(self.pick(format!("only where {condition}"), format!("仅当{condition}")));
        }
        if let Some(to) = &outcome.to {
            let to = self.step(to);
            said.push(self.pick(format!("on to {to}"), format!("转到“{to}”")));
        }
        said.join(&self.pick(", ".into(), "，".into()))
    }

    pub(crate) fn holds(&self, holds: &FieldType) -> String {
        match holds {
            FieldType::Text { max } => {
                self.pick(format!("text of at most {max} characters"), format!("文本（最多 {max} 字）"))
            }
            FieldType::Markdown => self.pick("longer text".into(), "长文本".into()),
            FieldType::Number => self.pick("a number".into(), "数字".into()),
            FieldType::Bool => self.pick("yes or no".into(), "是或否".into()),
            FieldType::Date => self.pick("a date".into(), "日期".into()),
            FieldType::Instant => self.pick("a date and time".into(), "日期时间".into()),
            FieldType::Duration => self.pick("a length of time".into(), "时长".into()),
            FieldType::Money => self.pick("an amount of money".into(), "金额".into()),
            FieldType::File => self.pick("a file".into(), "文件".into()),
            FieldType::Role => self.pick("a role".into(), "角色".into()),
            FieldType::Rows(fields) => {
                let fields: Vec<String> = fields.iter().map(|field| self.label(&field.labels)).collect();
                let fields = self.list(&fields);
                self.pick(format!("rows of {fields}"), format!("若干行（{fields}）"))
            }
            FieldType::Choice(choices) => {
                let choices: Vec<String> = choices.iter().map(|choice| self.label(&choice.labels)).collect();
                self.one_of(&choices)
            }
            FieldType::Ref(register) => {
                let register = self.called(register);
                self.pick(format!("one {}", register.to_lowercase()), format!("一个{register}"))
            }
            FieldType::Many(inner) => match &**inner {
                FieldType::Ref(register) => {
                    let register = self.called(register);
                    self.pick(format!("any number of entries of “{register}”"), format!("若干{register}"))
                }
                other => {
                    let one = self.holds(other);
                    self.pick(format!("a list of {one}"), format!("{one}的列表"))
                }
            },
        }
    }

    pub(crate) fn span(&self, span: &Span) -> String {
        let amount = span.amount;
        let unit = match span.unit {
            Unit::Minutes => "分钟",
            Unit::Hours => "小时",
            Unit::Days => "天",
            Unit::Weeks => "周",
        };
        let zh = match (span.counting, span.unit) {
            (Counting::Plain, _) => format!("{amount} {unit}"),
            (Counting::Working, Unit::Days) => format!("{amount} 个工作日"),
            (Counting::Working, _) => format!("{amount} 个工作{unit}"),
        };
        self.pick(span.to_string(), zh)
    }

    pub(crate) fn due(&self, due: &Due) -> String {
        self.span(&due.span)
    }

    pub(crate) fn who(&self, who: &Who) -> String {
        match who {
            Who::Anyone => self.pick("anyone".into(), "任何人".into()),
            Who::Nobody => self.pick("nobody".into(), "无人".into()),
            Who::Requester => self.pick("the requester".into(), "申请人".into()),
            Who::Role(role) => {
                let role = self.role(role);
                self.pick(format!("the {role}"), role)
            }
            Who::RoleOf(expr) => {
                let role = self.expr(expr);
                self.pick(format!("whoever holds the role {role}"), format!("拥有角色{role}的人"))
            }
            Who::Team(expr) => {
                let team = self.expr(expr);
                self.pick(format!("the members of {team}"), format!("{team}的成员"))
            }
            Who::Person(expr) => self.expr(expr),
        }
    }

    pub(crate) fn people(&self, whom: &[Who]) -> String {
        self.list(&whom.iter().map(|who| self.who(who)).collect::<Vec<_>>())
    }

    pub(crate) fn asks(&self, asks: &[Ask]) -> String {
        let items: Vec<String> = asks
            .iter()
            .map(|ask| {
                let field = self.field(&ask.field);
                match &ask.insists_when {
                    Some(when) => {
                        let when = self.expr(when);
                        self.pick(format!("{field} (required where {when})"), format!("{field}（{when}时必填）"))
                    }
                    None => field,
                }
            })
            .collect();
        self.list(&items)
    }

    pub(crate) fn actions(&self, actions: &[Action]) -> String {
        let items: Vec<String> = actions
            .iter()
            .map(|action| match action {
                Action::Set { field, to } => {
                    let (field, to) = (self.field(field), self.expr(to));
                    self.pick(format!("set {field} to {to}"), format!("将{field}设为{to}"))
                }
                Action::Notify { whom, by, .. } => {
                    let whom = self.people(whom);
                    match by {
                        Channel::Inbox => self.pick(format!("notify {whom}"), format!("通知{whom}")),
                        Channel::Email => {
                            self.pick(format!("notify {whom} by e-mail"), format!("用电子邮件通知{whom}"))
                        }
                    }
                }
                Action::Escalate { to, .. } => {
                    let to = self.people(to);
                    self.pick(format!("escalate to {to}"), format!("升级至{to}"))
                }
                Action::Start(begin) => {
                    let begun = self.begun(begin);
                    self.pick(format!("begin {begun}"), format!("发起{begun}"))
                }
                Action::Enter { register, with } => {
                    let (register, with) = (self.called(register), self.given(with));
                    self.pick(
                        format!("enter it into the register “{register}”{with}"),
                        format!("登记到“{register}”{with}"),
                    )
                }
                Action::Update { register: _, of, with } => {
                    let (of, with) = (self.expr(of), self.given(with));
                    self.pick(format!("update {of}{with}"), format!("更新{of}{with}"))
                }
                Action::Signal { signal } => {
                    let signal = signal.as_str().replace('_', " ");
                    self.pick(format!("give the signal {signal}"), format!("发出信号“{signal}”"))
                }
                Action::Later(later) => self.label(&later.says),
            })
            .collect();
        self.list(&items)
    }

    /// What an entry is given, behind what is done with it.
    fn given(&self, with: &[Fill]) -> String {
        let one = |fill: &Fill| {
            let (field, value) = (fill.field.as_str().replace('_', " "), self.expr(&fill.value));
            self.pick(format!("{field}: {value}"), format!("{field}：{value}"))
        };
        let listed = self.list(&with.iter().map(one).collect::<Vec<_>>());
        self.pick(format!(" ({listed})"), format!("（{listed}）"))
    }

    pub(crate) fn expr(&self, expr: &Expr) -> String {
        match expr {
            Expr::Literal(value) => self.value(value),
            Expr::List(items) => self.one_of(&items.iter().map(|item| self.expr(item)).collect::<Vec<_>>()),
            Expr::Field(name) => self.field(name),
            Expr::Item(name) => name.as_str().replace('_', " "),
            Expr::Requester => self.pick("the requester".into(), "申请人".into()),
            Expr::This => self.pick("this record".into(), "本记录".into()),
            Expr::Now => self.pick("now".into(), "此刻".into()),
            Expr::Today => self.pick("today".into(), "今天".into()),
            Expr::Count(inner) => {
                let inner = self.expr(inner);
                self.pick(format!("the number of {inner}"), format!("{inner}的数量"))
            }
            Expr::Attribute(inner, name) => {
                let (inner, name) = (self.expr(inner), attribute(name, self.language));
                self.pick(format!("the {name} of {inner}"), format!("{inner}的{name}"))
            }
            Expr::Not(inner) => self.denied(inner),
            Expr::IsEmpty(inner) => {
                let inner = self.expr(inner);
                self.pick(format!("{inner} is empty"), format!("{inner}为空"))
            }
            Expr::Binary { operator, left, right } => {
                let between = self.operator(*operator, self.is_time(left) || self.is_time(right));
                let (left, right) = (self.expr(left), self.expr(right));
                match self.language {
                    Language::En => format!("{left} {between} {right}"),
                    Language::Zh => format!("{left}{between}{right}"),
                }
            }
            Expr::Decide { table: name, inputs } | Expr::Rule { rule: name, inputs } => {
                let inputs = self.list(&inputs.iter().map(|input| self.expr(input)).collect::<Vec<_>>());
                let name = name.as_str().replace('_', " ");
                self.pick(format!("{inputs} (by {name})"), format!("{inputs}（按 {name}）"))
            }
            Expr::Find(name) => {
                let name = name.as_str().replace('_', " ");
                self.pick(format!("the records found as “{name}”"), format!("查找“{name}”所得的记录"))
            }
            Expr::Reached(of, milestone) => {
                let (of, milestone) = (self.expr(of), milestone.as_str().replace('_', " "));
                self.pick(format!("{of} has reached “{milestone}”"), format!("{of}已到达“{milestone}”"))
            }
            Expr::Shares(one, other) => {
                let (one, other) = (self.expr(one), self.expr(other));
                self.pick(format!("{one} has something in common with {other}"), format!("{one}与{other}有交集"))
            }
            Expr::Around(of, steps) => {
                let of = self.expr(of);
                self.pick(
                    format!("what is within {steps} relations of {of}"),
                    format!("与{of}相距 {steps} 层关系以内的条目"),
                )
            }
            Expr::Baseline(of) => {
                let of = self.expr(of);
                self.pick(format!("the baseline of {of}"), format!("{of}的基线"))
            }
            Expr::Changed(before, after) => {
                let (before, after) = (self.expr(before), self.expr(after));
                self.pick(format!("what differs between {before} and {after}"), format!("{before}与{after}之间的差异"))
            }
        }
    }

    /// That something is not so, as one says it.
    fn denied(&self, expr: &Expr) -> String {
        match expr {
            Expr::Not(inner) => self.expr(inner),
            Expr::Field(_) | Expr::Attribute(..) => {
                let said = self.expr(expr);
                self.pick(format!("{said} is no"), format!("{said}为否"))
            }
            Expr::IsEmpty(inner) => {
                let inner = self.expr(inner);
                self.pick(format!("{inner} is not empty"), format!("{inner}不为空"))
            }
            Expr::Binary { operator: Operator::Is | Operator::In, left, right } => {
                let (left, right) = (self.expr(left), self.expr(right));
                self.pick(format!("{left} is not {right}"), format!("{left}不为{right}"))
            }
            Expr::Reached(of, milestone) => {
                let (of, milestone) = (self.expr(of), milestone.as_str().replace('_', " "));
                self.pick(format!("{of} has not reached “{milestone}”"), format!("{of}未到达“{milestone}”"))
            }
            Expr::Shares(one, other) => {
                let (one, other) = (self.expr(one), self.expr(other));
                self.pick(format!("{one} has nothing in common with {other}"), format!("{one}与{other}没有交集"))
            }
            other => {
                let other = self.expr(other);
                self.pick(format!("not ({other})"), format!("并非（{other}）"))
            }
        }
    }

    /// Whether it is a day or an instant, of which one says before and after.
    fn is_time(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Now | Expr::Today | Expr::Literal(Value::Date(_) | Value::Instant(_)) => true,
            Expr::Field(name) => {
                let field = self.parts.fields.iter().find(|field| field.name == *name);
                field.is_some_and(|field| matches!(field.holds, FieldType::Date | FieldType::Instant))
            }
            Expr::Binary { operator: Operator::Plus | Operator::Minus, left, .. } => self.is_time(left),
            _ => false,
        }
    }

    fn operator(&self, operator: Operator, time: bool) -> &'static str {
        let (en, zh) = match operator {
            Operator::Less if time => ("is before", "早于"),
            Operator::AtMost if time => ("is not after", "不晚于"),
            Operator::Greater if time => ("is after", "晚于"),
            Operator::AtLeast if time => ("is not before", "不早于"),
            Operator::And => ("and", "且"),
            Operator::Or => ("or", "或"),
            Operator::Is => ("is", "为"),
            Operator::IsNot => ("is not", "不为"),
            Operator::Less => ("is less than", "小于"),
            Operator::AtMost => ("is at most", "不超过"),
            Operator::Greater => ("is more than", "大于"),
            Operator::AtLeast => ("is at least", "不少于"),
            Operator::Plus => ("plus", "加"),
            Operator::Minus => ("minus", "减"),
            Operator::Times => ("times", "乘"),
            Operator::In => ("is", "为"),
        };
        match self.language {
            Language::En => en,
            Language::Zh => zh,
        }
    }
}

/// The attributes of the registers that come with the product have words of their own.
fn attribute(name: &Name, language: Language) -> String {
    let zh = match name.as_str() {
        "calendar" => Some("服务时间"),
        "support_team" => Some("支持组"),
        "owner" => Some("负责人"),
        "manager" => Some("上级"),
        "lead" => Some("组长"),
        "customer" => Some("客户"),
        "service" => Some("服务"),
        "substitute" => Some("代理人"),
        _ => None,
    };
    match (language, zh) {
        (Language::Zh, Some(zh)) => zh.to_owned(),
        (Language::Zh | Language::En, _) => name.as_str().replace('_', " "),
    }
}
