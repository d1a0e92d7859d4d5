//! An incident process made by hand, for the tests of the picture.

use std::collections::BTreeMap;

use engine::definition::{
    Action, Candidates, Channel, Due, End, Field, Labels, Origin, Outcome, Parts, Presence, Reason, Start, Step,
    StepKind, Task, Who,
};
use engine::expr::Expr;
use engine::ids::Name;
use engine::time::{Counting, Span, Unit};
use engine::value::FieldType;

pub(super) fn name(text: &str) -> Name {
    Name::from(text)
}

fn due(amount: u32, unit: Unit, counting: Counting) -> Due {
    Due { span: Span { amount, unit, counting }, hours: None }
}

pub(super) fn step(step: &str, scope: Option<&str>, next: Option<&str>, labels: Labels, kind: StepKind) -> Step {
    Step { name: name(step), labels, scope: scope.map(name), next: next.map(name), kind, line: 1, was: None }
}

pub(super) fn outcome(outcome: &str, labels: Labels, to: Option<&str>) -> Outcome {
    let (asks, requires) = (Vec::new(), Vec::new());
    Outcome { name: name(outcome), labels, asks, reason: Reason::NotAsked, requires, to: to.map(name) }
}

pub(super) fn task(who: Who, due: Option<Due>, outcomes: Vec<Outcome>) -> StepKind {
    let candidates = Candidates { any: vec![who], ..Candidates::default() };
    StepKind::Task(Task { candidates, due, outcomes, ..Task::default() })
}

pub(super) fn end(outcome: &str) -> StepKind {
    StepKind::End(End { outcome: name(outcome) })
}

pub(super) fn jump(to: &str) -> StepKind {
    StepKind::Choose { cases: Vec::new(), otherwise: Some(name(to)) }
}

pub(super) fn parts(steps: Vec<Step>) -> Parts {
    let (holds, origin) = (FieldType::Ref(name("team")), Origin::Given { default: None });
    let team = Field::new(name("team"), Labels::new("Team", "处理组"), holds, origin, Presence::Optional);
    Parts {
        name: name("incident"),
        labels: Labels::new("Incident management", "事件管理"),
        purpose: String::new(),
        clauses: Vec::new(),
        owner: name("incident_manager"),
        number: "INC-{year}-{seq:6}".into(),
        title: name("summary"),
        seen_by: vec![Who::Anyone],
        edited_by: vec![Who::Anyone],
        hours: None,
        fields: vec![team],
        tables: Vec::new(),
        rules: Vec::new(),
        clocks: Vec::new(),
        start: Start { by: vec![Who::Anyone], ..Start::default() },
        first: steps[0].name.clone(),
        steps,
        reactions: Vec::new(),
        templates: Vec::new(),
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

/// The sample of the language's design, with all that it can do.
pub(super) fn incident() -> Parts {
    let l = Labels::new;
    let none = Labels::default;
    let triage = vec![
        outcome("accept", l("Accept", "受理"), None),
        outcome("reject", l("Not an incident", "非事件"), Some("rejected")),
        outcome("duplicate", l("Duplicate", "重复"), Some("duplicate_end")),
    ];
    let resolve = vec![
        outcome("fixed", l("Fixed", "已解决"), None),
        outcome("ask_caller", l("Ask the caller", "询问用户"), Some("waiting_for_caller")),
        outcome("wrong_team", l("Wrong team", "转派"), Some("resolve")),
    ];
    let confirm = vec![
        outcome("confirm", l("Confirm", "确认解决"), None),
        outcome("reopen", l("Not solved", "未解决"), Some("resolve")),
    ];
    let branches = |of: &[&str]| StepKind::Race { branches: of.iter().copied().map(name).collect() };
    let reply = StepKind::Receive { message: name("reply"), from: vec![Who::Requester], asks: Vec::new() };
    let quarter = due(15, Unit::Minutes, Counting::Plain);
    let team = Who::Team(Expr::Field(name("team")));
    let tell = Action::Notify { whom: vec![Who::Requester], template: name("solved"), by: Channel::Inbox };
    let in_confirm = Some("race_1");
    let in_wait = Some("race_2");
    parts(vec![
        step(
            "triage",
            None,
            Some("resolve"),
            l("Triage", "分诊"),
            task(Who::Role(name("service_desk")), Some(quarter), triage),
        ),
        step("resolve", None, Some("resolved"), l("Resolve", "处理"), task(team, None, resolve)),
        step("resolved", None, Some("tell"), l("Resolved", "已解决"), StepKind::Milestone),
        step("tell", None, Some("race_1"), none(), StepKind::Act { actions: vec![tell] }),
        step("race_1", None, Some("closed"), none(), branches(&["confirm", "silence"])),
        step("confirm", in_confirm, None, l("Confirm", "确认"), task(Who::Requester, None, confirm)),
        step("silence", in_confirm, None, none(), StepKind::Timer { after: due(5, Unit::Days, Counting::Working) }),
        step("closed", None, None, l("Closed", "已关闭"), end("closed")),
        step(
            "waiting_for_caller",
            None,
            None,
            l("Waiting for the caller", "等待用户"),
            StepKind::Block { first: name("race_2") },
        ),
        step("race_2", Some("waiting_for_caller"), None, none(), branches(&["reply", "patience"])),
        step("reply", in_wait, Some("go_resolve"), none(), reply),
        step("go_resolve", in_wait, None, none(), jump("resolve")),
        step(
            "patience",
            in_wait,
            Some("go_abandoned"),
            none(),
            StepKind::Timer { after: due(10, Unit::Days, Counting::Working) },
        ),
        step("go_abandoned", in_wait, None, none(), jump("abandoned")),
        step("rejected", None, None, l("Rejected", "已拒绝"), end("rejected")),
        step("duplicate_end", None, None, l("Duplicate", "重复"), end("duplicate")),
        step("abandoned", None, None, l("Abandoned", "已放弃"), end("abandoned")),
    ])
}
