//! A small process for the store's tests: triage, resolve, confirm; a clock that stops when resolved; a comment at
//! any time. Everything is decided by the engine, nothing is made up.

#![allow(dead_code)]

pub mod cut;
pub mod home;
pub mod log;

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::World;
use engine::calendar::Calendar;
use engine::command::{Command, Start};
use engine::definition::{
    Action, Ask, Candidates, Channel, Choice, Clock, Definition, End, Field, Labels, Origin, Outcome, Parts, Presence,
    Reason, Step, StepKind, Target, Task, Template, Who,
};
use engine::directory::{Directory, Entry, Standing};
use engine::event::Actor;
use engine::expr::Expr;
use engine::ids::{DefinitionId, InstanceId, Name};
use engine::time::{Counting, Span, Timestamp, Unit};
use engine::value::{FieldType, Fields, Value};
use store::{Commit, Deployment, Loaded, Store};

/// An instant of 2026.
pub const NOW: Timestamp = Timestamp(1_780_000_000_000);

pub fn name(text: &str) -> Name {
    Name::from(text)
}

fn field(name: &str, holds: FieldType) -> Field {
    let origin = Origin::Given { default: None };
    Field::new(Name::from(name), Labels::new(name, name), holds, origin, Presence::Optional)
}

fn task(name: &str, role: &str, next: &str) -> Step {
    let done = Outcome {
        name: Name::from("done"),
        labels: Labels::new("Done", "完成"),
        asks: Vec::new(),
        reason: Reason::NotAsked,
        requires: Vec::new(),
        to: None,
    };
    step(
        name,
        Some(next),
        StepKind::Task(Task {
            candidates: Candidates { any: vec![Who::Role(Name::from(role))], ..Candidates::default() },
            asks: vec![Ask { field: Name::from("note"), insists_when: None }],
            outcomes: vec![done],
            ..Task::default()
        }),
    )
}

fn step(name: &str, next: Option<&str>, kind: StepKind) -> Step {
    Step {
        name: Name::from(name),
        labels: Labels::new(name, name),
        scope: None,
        next: next.map(Name::from),
        kind,
        line: 1,
        was: None,
    }
}

pub fn parts() -> Parts {
    let priorities = ["p1", "p2", "p3"];
    let choice = |name: &&str| Choice { name: Name::from(*name), labels: Labels::new(name, name) };
    let target = |name: &&str, amount| Target {
        value: Name::from(*name),
        span: Span { amount, unit: Unit::Hours, counting: Counting::Plain },
    };
    let asks = ["title", "description", "priority", "team", "service", "category", "site", "phone"];
    Parts {
        name: Name::from("incident"),
        labels: Labels::new("Incident", "事件"),
        purpose: String::new(),
        clauses: Vec::new(),
        owner: Name::from("incident_manager"),
        number: "INC-{year}-{seq:6}".to_owned(),
        title: Name::from("title"),
        seen_by: vec![Who::Anyone],
        edited_by: vec![Who::Anyone],
        hours: None,
        fields: vec![
            field("title", FieldType::Text { max: 200 }),
            field("description", FieldType::Markdown),
            field("priority", FieldType::Choice(priorities.iter().map(choice).collect())),
            field("team", FieldType::Ref(Name::from("team"))),
            field("service", FieldType::Ref(Name::from("service"))),
            field("category", FieldType::Text { max: 100 }),
            field("site", FieldType::Text { max: 100 }),
            field("phone", FieldType::Text { max: 100 }),
            field("note", FieldType::Text { max: 500 }),
        ],
        tables: Vec::new(),
        rules: Vec::new(),
        clocks: vec![Clock {
            name: Name::from("resolution"),
            labels: Labels::new("Resolution", "解决"),
            until: Name::from("resolved"),
            pauses_in: Vec::new(),
            resumes_on: Vec::new(),
            by: Name::from("priority"),
            targets: vec![target(&"p1", 4), target(&"p2", 8), target(&"p3", 48)],
            hours: Expr::Literal(Value::Ref(Name::from("always"))),
            thresholds: Vec::new(),
        }],
        start: engine::definition::Start {
            by: vec![Who::Anyone],
            asks: asks.iter().map(|ask| Ask { field: Name::from(*ask), insists_when: None }).collect(),
            ..engine::definition::Start::default()
        },
        first: Name::from("triage"),
        steps: vec![
            task("triage", "desk", "resolve"),
            task("resolve", "engineer", "resolved"),
            step("resolved", Some("tell"), StepKind::Milestone),
            step(
                "tell",
                Some("confirm"),
                StepKind::Act {
                    actions: vec![Action::Notify {
                        whom: vec![Who::Requester],
                        template: Name::from("resolved"),
                        by: Channel::Inbox,
                    }],
                },
            ),
            task("confirm", "desk", "closed"),
            step("closed", None, StepKind::End(End { outcome: Name::from("closed") })),
        ],
        reactions: Vec::new(),
        templates: vec![Template {
            name: Name::from("resolved"),
            text: Labels::new("{number} is resolved", "{number} 已解决"),
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

pub const SOURCE: &str = "process incident";

/// An order to deploy the process, with that text.
pub fn deployment(source: &str) -> Deployment {
    Deployment {
        process: name("incident"),
        id: DefinitionId::of_source(source),
        source: source.to_owned(),
        parts: parts(),
        author: name("ann"),
        approver: name("bo"),
        reason: "the first".to_owned(),
        change: Some("CHG-1".to_owned()),
    }
}

pub fn definition() -> Arc<Definition> {
    Arc::new(Definition::prepare(DefinitionId::of_source(SOURCE), parts()).expect("the parts have no rules"))
}

pub fn directory() -> Directory {
    let mut directory = Directory::default();
    directory.put_calendar(Name::from("always"), Calendar::around_the_clock());
    directory.put("team", Name::from("network"), Entry::default());
    directory.put("service", Name::from("mail"), Entry::default());
    let roles = |roles: &[&str]| Standing {
        roles: roles.iter().map(|role| Name::from(*role)).collect(),
        ..Standing::default()
    };
    directory.put_person(Name::from("ann"), Entry::default(), roles(&["desk", "engineer"]));
    directory.put_person(Name::from("bo"), Entry::default(), roles(&["engineer"]));
    directory
}

/// The little world of a test.
pub struct World1 {
    pub definition: Arc<Definition>,
    pub directory: Directory,
}

impl World1 {
    pub fn new() -> World1 {
        World1 { definition: definition(), directory: directory() }
    }

    pub fn started(&self, id: i64, number: &str, priority: &str, at: Timestamp) -> Commit {
        let fields = Fields::from([
            (name("title"), Value::Text("The mail does not arrive".to_owned())),
            (
                name("description"),
                Value::Text("Since this morning nothing comes in, and what I send stays.".to_owned()),
            ),
            (name("priority"), Value::Choice(name(priority))),
            (name("team"), Value::Ref(name("network"))),
            (name("service"), Value::Ref(name("mail"))),
            (name("category"), Value::Text("mail".to_owned())),
            (name("site"), Value::Text("Hangzhou".to_owned())),
            (name("phone"), Value::Text("1234".to_owned())),
        ]);
        let start =
            Start { instance: InstanceId(id), number: number.to_owned(), on_behalf_of: None, fields, origin: None };
        let actor = Actor::Person(name("ann"));
        let world = self.world(&actor, at);
        let stepped = engine::start(&self.definition, start, &world).expect("the form is right");
        Commit::new(&self.definition, None, stepped, at, &actor, "start")
    }

    pub fn stepped(&self, before: &Loaded, by: &str, command: Command, at: Timestamp) -> Commit {
        let actor = Actor::Person(name(by));
        let world = self.world(&actor, at);
        let verb = match command {
            Command::Complete { .. } => "complete",
            Command::Claim { .. } => "claim",
            _ => "other",
        };
        let stepped = engine::step(&self.definition, &before.instance, command, &world).expect("the command is right");
        Commit::new(&self.definition, Some(before), stepped, at, &actor, verb)
    }

    pub fn completed(&self, before: &Loaded, at: Timestamp) -> Commit {
        let task = before.instance.tasks().first().expect("a task is open").id;
        let fields = Fields::from([(name("note"), Value::Text("looked at it".to_owned()))]);
        let command = Command::Complete { task, outcome: name("done"), fields, reason: None };
        self.stepped(before, "ann", command, at)
    }

    fn world<'a>(&'a self, actor: &'a Actor, now: Timestamp) -> World<'a> {
        World { now, actor, directory: &self.directory, fresh: InstanceId(0), records: &engine::records::NoRecords }
    }
}

/// Fails where the doctor finds anything.
pub fn assert_sound(store: &Store, world: &World1) -> store::Checked {
    let (checked, findings) = findings(store, world);
    assert_eq!(findings, Vec::new());
    checked
}

/// What the doctor finds.
pub fn findings(store: &Store, world: &World1) -> (store::Checked, Vec<store::Finding>) {
    let mut findings = Vec::new();
    let definitions = |id: &DefinitionId| (id == world.definition.id()).then(|| world.definition.clone());
    let checked = store.check(&definitions, &mut |finding| findings.push(finding)).expect("the doctor can read");
    (checked, findings)
}
