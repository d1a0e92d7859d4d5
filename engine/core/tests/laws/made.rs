//! Processes, people and calendars that the tests are about, made by hand.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::calendar::{Calendar, CalendarData, Exception, Window};
use engine::command::{Command, Rejection, Start};
use engine::definition::{
    Action, Ask, Candidates, Channel, Choice, Clock, Definition, Due, End, Field, Labels, Origin, Outcome, Overriding,
    Parts, Presence, Reason, Start as StartForm, Step, StepKind, Target, Task, Template, Threshold, Who,
};
use engine::directory::{Directory, Entry, PERSON, SERVICE, Standing, TEAM, WORKER};
use engine::event::{Actor, Event};
use engine::expr::Expr;
use engine::ids::{DefinitionId, InstanceId, Name, TaskId};
use engine::instance::Instance;
use engine::play::Play;
use engine::table::{Cell, HitPolicy, Row, Table, Test};
use engine::time::{Counting, Span, Timestamp, Unit};
use engine::value::{FieldType, Fields, Value};

pub fn name(text: &str) -> Name {
    Name::from(text)
}

pub fn names(texts: &[&str]) -> Vec<Name> {
    texts.iter().copied().map(name).collect()
}

pub fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

pub fn choice(text: &str) -> Value {
    Value::Choice(name(text))
}

pub fn reference(key: &str) -> Value {
    Value::Ref(name(key))
}

pub fn fields(values: &[(&str, Value)]) -> Fields {
    values.iter().map(|(field, value)| (name(field), value.clone())).collect()
}

pub fn literal(value: Value) -> Expr {
    Expr::Literal(value)
}

pub fn field_is(field: &str, value: Value) -> Expr {
    Expr::Binary {
        operator: engine::expr::Operator::Is,
        left: Box::new(Expr::Field(name(field))),
        right: Box::new(literal(value)),
    }
}

/// The first identity of records that are begun in these tests.
pub const FRESH: InstanceId = InstanceId(1_000);

/// A local time in Shanghai, where everybody of these tests works.
pub fn at(local: &str) -> Timestamp {
    Timestamp::from_local(local, "Asia/Shanghai").expect("the test writes a readable time")
}

pub fn working_hours(amount: u32) -> Span {
    Span { amount, unit: Unit::Hours, counting: Counting::Working }
}

pub fn plain_minutes(amount: u32) -> Span {
    Span { amount, unit: Unit::Minutes, counting: Counting::Plain }
}

// --- people and registers

fn entry(values: &[(&str, Value)]) -> Entry {
    Entry { labels: Labels::default(), fields: fields(values) }
}

fn calendar(zone: &str, days: &[usize], windows: &[(u16, u16)], exceptions: &[(&str, Exception)]) -> Calendar {
    let mut week: [Vec<Window>; 7] = Default::default();
    for &day in days {
        week[day] = windows.iter().map(|&(from, to)| Window { from, to }).collect();
    }
    Calendar::new(CalendarData {
        labels: Labels::default(),
        zone: zone.into(),
        week,
        make_up_as: 0,
        exceptions: exceptions.iter().map(|(date, exception)| ((*date).to_owned(), exception.clone())).collect(),
        known_from: None,
        known_until: None,
        sources: Vec::new(),
    })
    .expect("the calendars of these tests are sound")
}

/// Erin asks; Anna is at the service desk; Bo and Chen are the mail team, Bo at the desk too; Dora leads.
pub fn directory() -> Directory {
    let mut directory = Directory::default();
    for (person, roles, teams) in [
        ("anna", &["desk"][..], &[][..]),
        ("bo", &["desk"], &["mail_team"]),
        ("chen", &[], &["mail_team", "net_team"]),
        ("dora", &["manager"], &[]),
        ("erin", &[], &[]),
        ("wu", &[WORKER], &[]),
    ] {
        let standing =
            Standing { roles: names(roles).into_iter().collect(), teams: names(teams).into_iter().collect() };
        directory.put_person(name(person), Entry::default(), standing);
    }
    directory.put(TEAM, name("mail_team"), Entry::default());
    directory.put(TEAM, name("net_team"), Entry::default());
    let mail = [("support_team", reference("mail_team")), ("calendar", reference("office"))];
    directory.put(SERVICE, name("mail"), entry(&mail));
    // A service that nobody has finished entering: a repair waits to happen.
    directory.put(SERVICE, name("fax"), entry(&[("calendar", reference("office"))]));
    let weekdays = [0, 1, 2, 3, 4];
    // In 2026 the Sunday 20 September is worked for the Friday 25 September.
    let autumn = [("2026-09-20", Exception::MakeUp), ("2026-09-25", Exception::Closed)];
    directory.put_calendar(name("office"), calendar("Asia/Shanghai", &weekdays, &[(540, 1080)], &autumn));
    directory.put_calendar(name("always"), Calendar::around_the_clock());
    directory
}

// --- a process, piece by piece

pub fn labels(english: &str) -> Labels {
    Labels::new(english, english)
}

pub fn given(field: &str, holds: FieldType, presence: Presence, default: Option<Value>) -> Field {
    let origin = Origin::Given { default: default.map(literal) };
    Field::new(name(field), labels(field), holds, origin, presence)
}

pub fn choices(values: &[&str]) -> FieldType {
    FieldType::Choice(values.iter().map(|value| Choice { name: name(value), labels: labels(value) }).collect())
}

pub fn ask(field: &str) -> Ask {
    Ask { field: name(field), insists_when: None }
}

pub fn outcome(outcome: &str, to: Option<&str>) -> Outcome {
    Outcome {
        name: name(outcome),
        labels: labels(outcome),
        asks: Vec::new(),
        reason: Reason::NotAsked,
        requires: Vec::new(),
        to: to.map(name),
    }
}

pub fn candidates(any: Vec<Who>) -> Candidates {
    Candidates { any, ..Candidates::default() }
}

pub fn role(held: &str) -> Who {
    Who::Role(name(held))
}

pub fn task(whom: Candidates, outcomes: Vec<Outcome>) -> StepKind {
    StepKind::Task(Task { candidates: whom, outcomes, ..Task::default() })
}

/// A task for the service desk with one outcome, `done`.
pub fn chore() -> StepKind {
    task(candidates(vec![role("desk")]), vec![outcome("done", None)])
}

pub fn timer(span: Span) -> StepKind {
    StepKind::Timer { after: Due { span, hours: None } }
}

pub fn receive(message: &str, from: Vec<Who>) -> StepKind {
    StepKind::Receive { message: name(message), from, asks: Vec::new() }
}

pub fn race(branches: &[&str]) -> StepKind {
    StepKind::Race { branches: names(branches) }
}

pub fn block(first: &str) -> StepKind {
    StepKind::Block { first: name(first) }
}

pub fn set(field: &str, to: Expr) -> Action {
    Action::Set { field: name(field), to }
}

pub fn notify(whom: Who) -> Action {
    Action::Notify { whom: vec![whom], template: name("news"), by: Channel::Inbox }
}

pub fn act(actions: Vec<Action>) -> StepKind {
    StepKind::Act { actions }
}

/// Goes on to `to`, whatever the record says.
pub fn go(to: &str) -> StepKind {
    StepKind::Choose { cases: Vec::new(), otherwise: Some(name(to)) }
}

pub fn end(outcome: &str) -> StepKind {
    StepKind::End(End { outcome: name(outcome) })
}

/// A step at the line that its place in the test gives.
pub fn step(step: &str, scope: Option<&str>, next: Option<&str>, kind: StepKind) -> Step {
    let (scope, next) = (scope.map(name), next.map(name));
    Step { name: name(step), labels: labels(step), scope, next, kind, line: 0, was: None }
}

/// A process of these steps, begun by anyone. The step at index `n` stands in line `10 + n`.
pub fn process(steps: Vec<Step>) -> Parts {
    let first = steps.first().expect("a process has steps").name.clone();
    let steps = steps.into_iter().zip(10..).map(|(step, line)| Step { line, ..step }).collect();
    Parts {
        name: name("sample"),
        labels: Labels::new("Sample", "样例"),
        purpose: String::new(),
        clauses: Vec::new(),
        owner: name("manager"),
        number: "S-{year}-{seq:6}".into(),
        title: name("summary"),
        seen_by: vec![Who::Anyone],
        edited_by: vec![role("desk")],
        hours: Some(literal(reference("office"))),
        fields: record(),
        tables: vec![priority_table()],
        rules: Vec::new(),
        clocks: Vec::new(),
        start: StartForm {
            by: vec![Who::Anyone],
            asks: vec![ask("summary"), ask("impact"), ask("service")],
            ..StartForm::default()
        },
        first,
        steps,
        reactions: Vec::new(),
        templates: vec![Template {
            name: name("news"),
            text: Labels::new("{number}: {summary}", "{number}:{summary}"),
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

fn record() -> Vec<Field> {
    let levels = choices(&["high", "low"]);
    let from = Expr::Decide { table: name("priority"), inputs: vec![Expr::Field(name("impact"))] };
    vec![
        given("summary", FieldType::Text { max: 40 }, Presence::Required, None),
        given("impact", levels, Presence::Required, Some(choice("low"))),
        Field::new(
            name("priority"),
            labels("priority"),
            choices(&["p1", "p2"]),
            Origin::Derived { from, overriding: Overriding::NeedsReason },
            Presence::Required,
        ),
        given("service", FieldType::Ref(name(SERVICE)), Presence::Optional, None),
        given("team", FieldType::Ref(name(TEAM)), Presence::Optional, None),
        given("papers", FieldType::Many(Box::new(FieldType::File)), Presence::Optional, None),
        given("note", FieldType::Markdown, Presence::Optional, None),
        given("people", FieldType::Many(Box::new(FieldType::Ref(name(PERSON)))), Presence::Optional, None),
    ]
}

fn priority_table() -> Table {
    let row = |impact: &str, gives: &str, line| Row {
        cells: vec![Cell::OneOf(vec![Test::Is(choice(impact))])],
        gives: choice(gives),
        line,
    };
    Table {
        name: name("priority"),
        inputs: names(&["impact"]),
        hit: HitPolicy::Unique,
        rows: vec![row("high", "p1", 4), row("low", "p2", 5)],
        otherwise: None,
    }
}

/// A clock of office hours: four for p1, nine (a day) for p2; the manager hears of the breach.
pub fn clock(until: &str, pauses_in: &[&str], resumes_on: &[&str]) -> Clock {
    let target = |value: &str, amount| Target { value: name(value), span: working_hours(amount) };
    Clock {
        name: name("resolution"),
        labels: labels("resolution"),
        until: name(until),
        pauses_in: names(pauses_in),
        resumes_on: names(resumes_on),
        by: name("priority"),
        targets: vec![target("p1", 4), target("p2", 9)],
        hours: literal(reference("office")),
        thresholds: vec![
            Threshold { percent: 75, actions: vec![notify(role("desk"))] },
            Threshold {
                percent: 100,
                actions: vec![Action::Escalate { to: vec![role("manager")], template: name("news") }],
            },
        ],
    }
}

// --- a record on its way

pub fn prepared(parts: Parts) -> Arc<Definition> {
    let source = serde_json::to_string(&parts).expect("parts are plain data");
    Arc::new(Definition::prepare(DefinitionId::of_source(&source), parts).expect("the rules of these tests compile"))
}

pub fn order(values: &[(&str, Value)]) -> Start {
    let mut form = fields(&[("summary", text("mail down"))]);
    form.extend(fields(values));
    Start { instance: InstanceId(7), number: "S-2026-000007".into(), on_behalf_of: None, fields: form, origin: None }
}

/// A record that Erin has started on a Friday at 17:30 with these values.
pub fn started(parts: Parts, values: &[(&str, Value)]) -> Play {
    let mut play = Play::new(prepared(parts), Arc::new(directory()), at("2026-09-18 17:30"));
    play.start(&name("erin"), order(values)).expect("the form is right");
    play
}

pub fn now(play: &Play) -> &Instance {
    play.instance().expect("the record has begun")
}

pub fn person(who: &str) -> Actor {
    Actor::Person(name(who))
}

/// The open task of a step.
pub fn task_at(play: &Play, step: &str) -> TaskId {
    let open = now(play).tasks().iter().find(|task| task.step == *step);
    open.unwrap_or_else(|| panic!("no task {step} is open: {:?}", places(play))).id
}

pub fn complete(play: &mut Play, who: &str, step: &str, outcome: &str) -> Result<(), Rejection> {
    complete_with(play, who, step, outcome, &[])
}

pub fn complete_with(
    play: &mut Play,
    who: &str,
    step: &str,
    outcome: &str,
    values: &[(&str, Value)],
) -> Result<(), Rejection> {
    let task = task_at(play, step);
    let command = Command::Complete { task, outcome: name(outcome), fields: fields(values), reason: None };
    play.command(person(who), command).map(|_| ())
}

pub fn edit(play: &mut Play, who: &str, values: &[(&str, Value)], reason: &str) -> Result<(), Rejection> {
    let command = Command::Edit { fields: fields(values), reason: reason.into() };
    play.command(person(who), command).map(|_| ())
}

pub fn send(play: &mut Play, who: &str, message: &str) -> Result<(), Rejection> {
    let command = Command::Message { message: name(message), text: "hello".into(), fields: Fields::new() };
    play.command(person(who), command).map(|_| ())
}

/// Where the tokens stand, in order.
pub fn places(play: &Play) -> Vec<String> {
    now(play).tokens().iter().map(|token| token.step.to_string()).collect()
}

/// How a record ended.
pub fn ended(play: &Play) -> Option<String> {
    match now(play).status() {
        engine::instance::Status::Ended { outcome, .. } => Some(outcome.to_string()),
        engine::instance::Status::Running
        | engine::instance::Status::Stuck(_)
        | engine::instance::Status::Suspended(_) => None,
    }
}

/// Every fact so far.
pub fn history(play: &Play) -> Vec<Event> {
    play.played().iter().flat_map(|played| played.events.clone()).collect()
}

/// How often each step was entered.
pub fn entered(play: &Play) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for event in history(play) {
        if let Event::Entered { step, .. } = event {
            *counts.entry(step.to_string()).or_insert(0) += 1;
        }
    }
    counts
}
