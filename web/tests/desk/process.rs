//! A small incident process, made by hand: every kind of field and of step that the pages show.

use std::collections::BTreeMap;

use engine::definition::{
    Action, Ask, Candidates, Channel, Choice, Clause, Clock, Due, End, Field, Labels, Origin, Outcome, Overriding,
    Parts, Presence, Reason, Start, Step, StepKind, Target, Task, Template, Threshold, Who,
};
use engine::expr::{Expr, Operator};
use engine::ids::Name;
use engine::table::{Cell, HitPolicy, Row, Table, Test};
use engine::time::{Counting, Span, Unit};
use engine::value::{FieldType, Value};

fn name(text: &str) -> Name {
    Name::from(text)
}

fn choices(list: &[(&str, &str, &str)]) -> FieldType {
    let choice = |(key, en, zh): &(&str, &str, &str)| Choice { name: name(key), labels: Labels::new(en, zh) };
    FieldType::Choice(list.iter().map(choice).collect())
}

fn level() -> FieldType {
    choices(&[("high", "High", "高"), ("medium", "Medium", "中"), ("low", "Low", "低")])
}

fn field(key: &str, en: &str, zh: &str, holds: FieldType, presence: Presence) -> Field {
    let origin = Origin::Given { default: None };
    Field::new(name(key), Labels::new(en, zh), holds, origin, presence)
}

fn ask(field: &str) -> Ask {
    Ask { field: name(field), insists_when: None }
}

fn outcome(key: &str, en: &str, zh: &str, asks: &[&str], reason: Reason, to: Option<&str>) -> Outcome {
    Outcome {
        name: name(key),
        labels: Labels::new(en, zh),
        asks: asks.iter().copied().map(ask).collect(),
        reason,
        requires: Vec::new(),
        to: to.map(name),
    }
}

fn step(key: &str, en: &str, zh: &str, scope: Option<&str>, next: Option<&str>, kind: StepKind, line: u32) -> Step {
    let (scope, next) = (scope.map(name), next.map(name));
    Step { name: name(key), labels: Labels::new(en, zh), scope, next, kind, line, was: None }
}

fn span(amount: u32, unit: Unit, counting: Counting) -> Span {
    Span { amount, unit, counting }
}

fn attribute(of: &str, attribute: &str) -> Expr {
    Expr::Attribute(Box::new(Expr::Field(name(of))), name(attribute))
}

fn fields() -> Vec<Field> {
    use Presence::{Optional, Required};
    let mut fields = vec![
        field("summary", "Summary", "摘要", FieldType::Text { max: 200 }, Required),
        field("details", "Details", "详情", FieldType::Markdown, Optional),
        field("service", "Service", "服务", FieldType::Ref(name("service")), Required),
        field("impact", "Impact", "影响", level(), Required),
        field("urgency", "Urgency", "紧急度", level(), Required),
        field("priority", "Priority", "优先级", priorities(), Required),
        field("team", "Team", "处理组", FieldType::Ref(name("team")), Required),
        field("items", "Affected CIs", "受影响配置项", many("configuration_item"), Optional),
        field("since", "Since", "开始日期", FieldType::Date, Optional),
        field("affected", "People affected", "影响人数", FieldType::Number, Optional),
        field("question", "Question", "问题", FieldType::Markdown, Optional),
        field("resolution", "Resolution", "解决方案", FieldType::Markdown, Optional),
        field("duplicate_of", "Duplicate of", "重复于", FieldType::Ref(name("incident")), Optional),
    ];
    let inputs = vec![Expr::Field(name("impact")), Expr::Field(name("urgency"))];
    fields[3].origin = Origin::Given { default: Some(Expr::Literal(Value::Choice(name("medium")))) };
    fields[4].origin = Origin::Given { default: Some(Expr::Literal(Value::Choice(name("medium")))) };
    fields[5].origin =
        Origin::Derived { from: Expr::Decide { table: name("priority"), inputs }, overriding: Overriding::NeedsReason };
    fields[6].origin = Origin::Given { default: Some(attribute("service", "support_team")) };
    fields[10].changed_by = vec![Who::Nobody];
    fields
}

fn many(register: &str) -> FieldType {
    FieldType::Many(Box::new(FieldType::Ref(name(register))))
}

fn priorities() -> FieldType {
    choices(&[
        ("p1", "P1 critical", "P1 紧急"),
        ("p2", "P2 high", "P2 高"),
        ("p3", "P3 medium", "P3 中"),
        ("p4", "P4 low", "P4 低"),
    ])
}

fn table() -> Table {
    let is = |value: &str| Cell::OneOf(vec![Test::Is(Value::Choice(name(value)))]);
    let row = |impact: &str, urgency: &str, gives: &str, line| Row {
        cells: vec![is(impact), is(urgency)],
        gives: Value::Choice(name(gives)),
        line,
    };
    Table {
        name: name("priority"),
        inputs: vec![name("impact"), name("urgency")],
        hit: HitPolicy::First,
        rows: vec![
            row("high", "high", "p1", 20),
            row("high", "medium", "p2", 21),
            row("medium", "high", "p2", 22),
            row("low", "low", "p4", 23),
        ],
        otherwise: Some(Value::Choice(name("p3"))),
    }
}

fn task(any: Who, not: Vec<Who>, due: Option<u32>, asks: &[&str], outcomes: Vec<Outcome>) -> StepKind {
    let due = due.map(|minutes| Due { span: span(minutes, Unit::Minutes, Counting::Plain), hours: None });
    let candidates = Candidates { any: vec![any], not, ..Candidates::default() };
    StepKind::Task(Task { candidates, due, asks: asks.iter().copied().map(ask).collect(), outcomes, ..Task::default() })
}

fn steps() -> Vec<Step> {
    use Reason::{Asked, NotAsked};
    let triage = vec![
        outcome("accept", "Accept", "受理", &[], NotAsked, None),
        outcome("reject", "Not an incident", "非事件", &[], Asked, Some("end_rejected")),
        outcome("duplicate", "Duplicate", "重复", &["duplicate_of"], NotAsked, Some("end_duplicate")),
    ];
    let mut resolve = vec![
        outcome("fixed", "Fixed", "已解决", &["resolution"], NotAsked, None),
        outcome("ask_caller", "Ask the caller", "询问用户", &["question"], NotAsked, Some("waiting")),
        outcome("wrong_team", "Wrong team", "转派", &["team"], Asked, Some("resolve")),
    ];
    let empty = Expr::IsEmpty(Box::new(Expr::Field(name("resolution"))));
    let always = Expr::Binary {
        operator: Operator::Or,
        left: Box::new(empty.clone()),
        right: Box::new(Expr::Not(Box::new(empty))),
    };
    resolve[0].asks[0].insists_when = Some(always.clone());
    resolve[1].asks[0].insists_when = Some(always);
    let confirm = vec![
        outcome("confirm", "Solved", "确认解决", &[], NotAsked, None),
        outcome("reopen", "Not solved", "未解决", &[], Asked, Some("resolve")),
    ];
    let team = Who::Team(Expr::Field(name("team")));
    let desk = Who::Role(name("service_desk"));
    let asks = ["impact", "urgency", "team", "items", "since", "affected"];
    let days = |amount| Due { span: span(amount, Unit::Days, Counting::Plain), hours: None };
    let end = |outcome: &str| StepKind::End(End { outcome: name(outcome) });
    vec![
        step("triage", "Triage", "分诊", None, Some("resolve"), task(desk, vec![], Some(15), &asks, triage), 40),
        step(
            "resolve",
            "Resolve",
            "处理",
            None,
            Some("resolved"),
            task(team, vec![Who::Requester], None, &[], resolve),
            46,
        ),
        step("resolved", "Resolved", "已解决", None, Some("closing"), StepKind::Milestone, 56),
        step(
            "closing",
            "",
            "",
            None,
            Some("closed"),
            StepKind::Race { branches: vec![name("confirm"), name("silence")] },
            58,
        ),
        step("confirm", "Confirm", "确认", Some("closing"), None, task(Who::Requester, vec![], None, &[], confirm), 59),
        step("silence", "", "", Some("closing"), None, StepKind::Timer { after: days(5) }, 63),
        step("closed", "Closed", "已关闭", None, None, end("closed"), 65),
        step(
            "waiting",
            "Waiting for the caller",
            "等待用户",
            None,
            None,
            StepKind::Block { first: name("answer") },
            67,
        ),
        step(
            "answer",
            "",
            "",
            Some("waiting"),
            None,
            StepKind::Race { branches: vec![name("reply"), name("patience")] },
            68,
        ),
        step(
            "reply",
            "Reply",
            "回复",
            Some("answer"),
            Some("back"),
            StepKind::Receive { message: name("reply"), from: vec![Who::Requester], asks: vec![] },
            69,
        ),
        step(
            "back",
            "",
            "",
            Some("answer"),
            None,
            StepKind::Choose { cases: vec![], otherwise: Some(name("resolve")) },
            69,
        ),
        step("patience", "", "", Some("answer"), Some("end_abandoned"), StepKind::Timer { after: days(10) }, 70),
        step("end_abandoned", "Abandoned", "用户未回复", Some("answer"), None, end("abandoned"), 70),
        step("end_rejected", "Rejected", "非事件", None, None, end("rejected"), 80),
        step("end_duplicate", "Duplicate", "重复", None, None, end("duplicate"), 81),
    ]
}

fn clock() -> Clock {
    let target = |value: &str, amount, unit| Target { value: name(value), span: span(amount, unit, Counting::Working) };
    let manager = || vec![Who::Role(name("incident_manager"))];
    Clock {
        name: name("resolution"),
        labels: Labels::new("Time to resolve", "解决时限"),
        until: name("resolved"),
        pauses_in: vec![name("waiting")],
        resumes_on: vec![name("reopen")],
        by: name("priority"),
        targets: vec![
            target("p1", 4, Unit::Hours),
            target("p2", 8, Unit::Hours),
            target("p3", 3, Unit::Days),
            target("p4", 5, Unit::Days),
        ],
        hours: attribute("service", "calendar"),
        thresholds: vec![
            Threshold {
                percent: 75,
                actions: vec![Action::Notify { whom: manager(), template: name("warning"), by: Channel::Inbox }],
            },
            Threshold { percent: 100, actions: vec![Action::Escalate { to: manager(), template: name("warning") }] },
        ],
    }
}

/// The process.
pub fn incident() -> Parts {
    let staff = || vec![Who::Requester, Who::Role(name("staff"))];
    Parts {
        name: name("incident"),
        labels: Labels::new("Incident management", "事件管理"),
        purpose: "Restore the agreed service as soon as possible, or answer the request.".to_owned(),
        clauses: vec![Clause { edition: name("iso2018"), number: "8.6.1".to_owned() }],
        owner: name("incident_manager"),
        number: "INC-{year}-{seq:6}".to_owned(),
        title: name("summary"),
        seen_by: staff(),
        edited_by: vec![Who::Role(name("service_desk")), Who::Role(name("incident_manager"))],
        hours: Some(attribute("service", "calendar")),
        fields: fields(),
        tables: vec![table()],
        rules: Vec::new(),
        clocks: vec![clock()],
        start: Start {
            by: vec![Who::Anyone],
            asks: ["summary", "details", "service", "impact", "urgency"].into_iter().map(ask).collect(),
            ..Start::default()
        },
        first: name("triage"),
        steps: steps(),
        reactions: Vec::new(),
        templates: vec![Template {
            name: name("warning"),
            text: Labels::new("{number} runs out of time: {summary}", "{number} 即将超时：{summary}"),
        }],
        roles: BTreeMap::new(),
        unawaited: BTreeMap::new(),
        messages: BTreeMap::new(),
        called: BTreeMap::new(),
        links: Vec::new(),
        finds: Vec::new(),
        found_by: Vec::new(),
        keep: None,
        measures: Vec::new(),
        later: Vec::new(),
    }
}
