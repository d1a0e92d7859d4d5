//! Random processes and random commands: what the laws, the stores and the simulation are driven by.

use std::collections::BTreeSet;

use engine::audience::Audience;
use engine::ballot::Vote;
use engine::command::Command;
use engine::definition::{
    Abstaining, Action, Approval, Begin, Branch, Case, Definition, Direction, Due, Fill, ForEach, Handled, Job,
    LinkMade, Needs, Outcome, Pace, Parts, Quorum, Reaction, Reason, Reminder, Rest, Retries, Step, StepKind,
    Substitution, Task, Threshold, Unawaited, Until, Who, Work,
};
use engine::effect::{Awaited, Begun, Caller};
use engine::event::Actor;
use engine::expr::Expr;
use engine::file::{FILE_BYTES_MAX, File};
use engine::ids::{FileId, InstanceId, JobId, Name, TaskId};
use engine::instance::{Instance, JobState, Status, Waits};
use engine::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use engine::value::{Fields, Value};

use crate::made;

/// xorshift64*: small, and the same everywhere.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap_or(0) % limit.max(1)
    }

    /// Whether something happens that happens in `percent` of a hundred cases.
    pub fn happens(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}

// --- processes

/// Draws a process of nested sequences: every branch ends, jumps lead to the same sequence or to one around it.
struct Draft<'d> {
    dice: &'d mut Dice,
    steps: Vec<Step>,
    targets: Vec<Name>,
}

impl Draft<'_> {
    fn sequence(&mut self, scope: Option<&Name>, depth: usize) -> Name {
        let length = if depth == 0 { 4 + self.dice.below(4) } else { 1 + self.dice.below(3) };
        let names: Vec<Name> = (0..length).map(|place| self.named(scope, place)).collect();
        self.targets.extend(names.iter().cloned());
        for (place, step) in names.iter().enumerate() {
            let next = names.get(place + 1).cloned();
            let kind = if depth == 0 && next.is_none() { made::end("closed") } else { self.kind(step, depth) };
            let line = 100 + u32::try_from(self.steps.len()).unwrap_or(0);
            self.steps.push(Step {
                name: step.clone(),
                labels: made::labels(step.as_str()),
                scope: scope.cloned(),
                next,
                kind,
                line,
                was: None,
            });
        }
        self.targets.truncate(self.targets.len() - length);
        names[0].clone()
    }

    fn entry(&mut self, step: &str, kind: impl FnOnce(Name) -> StepKind) {
        let step = made::name(step);
        let first = self.sequence(Some(&step), 2);
        self.steps.push(made::step(step.as_str(), None, None, kind(first)));
    }

    fn named(&self, scope: Option<&Name>, place: usize) -> Name {
        let around = scope.map_or("s", Name::as_str);
        Name::from(format!("{around}_{}{place}", self.steps.len()))
    }

    fn target(&mut self) -> Name {
        self.dice.pick(&self.targets)
    }

    fn kind(&mut self, step: &Name, depth: usize) -> StepKind {
        let deep = depth < 3;
        match self.dice.below(23) {
            22 => self.approval(),
            0..4 => self.task(),
            4 => StepKind::Milestone,
            5 | 6 if deep => {
                let branches = 2 + self.dice.below(2);
                StepKind::Race { branches: (0..branches).map(|_| self.sequence(Some(step), depth + 1)).collect() }
            }
            7 if deep => StepKind::Block { first: self.sequence(Some(step), depth + 1) },
            8 => made::receive(["reply", "news"][self.dice.below(2)], vec![Who::Anyone]),
            9 => StepKind::Timer { after: self.due() },
            10 => {
                let when = self.condition();
                let case = Case { when, to: self.target() };
                StepKind::Choose { cases: vec![case], otherwise: self.dice.happens(20).then(|| self.target()) }
            }
            11 => StepKind::Act { actions: self.actions() },
            12 if self.dice.happens(20) => made::end("stopped"),
            13 if deep => self.together(step, depth),
            15 | 16 if deep => StepKind::ForEach(ForEach {
                item: made::name("who"),
                list: Expr::Field(made::name("people")),
                pace: if self.dice.happens(50) { Pace::AtOnce } else { Pace::InTurn },
                until: self.dice.happens(30).then(|| self.condition()),
                first: self.sequence(Some(step), depth + 1),
            }),
            17 => StepKind::Signal { signal: made::name("over") },
            18 => StepKind::Call(begin()),
            19 | 20 => self.job(),
            21 => StepKind::Undo,
            14 => StepKind::Wait { until: Until::Condition(self.condition()) },
            _ => self.task(),
        }
    }

    fn together(&mut self, step: &Name, depth: usize) -> StepKind {
        let count = 1 + self.dice.below(3);
        let mut branches = Vec::new();
        for _ in 0..count {
            let when = self.dice.happens(30).then(|| self.condition());
            branches.push(Branch { when, first: self.sequence(Some(step), depth + 1) });
        }
        let needs = if self.dice.happens(50) { Needs::All } else { Needs::Count(1) };
        let rest = if self.dice.happens(40) { Rest::GoesOn } else { Rest::Cancelled };
        StepKind::Together { branches, needs, rest }
    }

    fn job(&mut self) -> StepKind {
        let work = match self.dice.below(2) {
            0 => Work::Worker(made::name("scan")),
            _ => Work::Http { method: "POST".into(), url: "https://example.org".into() },
        };
        StepKind::Job(Job {
            work,
            with: vec![Fill { field: made::name("note"), value: Expr::Field(made::name("note")) }],
            gives: vec![made::name("note")],
            retries: Retries { times: 1, every: self.dice.happens(50).then(|| self.due()) },
            due: self.dice.happens(30).then(|| self.due()),
            failed: self.dice.happens(60).then(|| self.target()),
        })
    }

    fn approval(&mut self) -> StepKind {
        let levels = (0..1 + self.dice.below(2)).map(|_| {
            let whom = match self.dice.below(4) {
                0 => Who::Anyone,
                1 => Who::Team(Expr::Field(made::name("team"))),
                2 => Who::Person(Expr::Literal(made::reference("dora"))),
                _ => made::role("desk"),
            };
            let mut level = made::candidates(vec![whom]);
            level.substitution = self.substitution();
            level.not_who_did = if self.dice.happens(30) { vec![self.target()] } else { Vec::new() };
            level
        });
        let levels = levels.collect();
        let needs = [Quorum::One, Quorum::All, Quorum::Count(2), Quorum::Percent(60)][self.dice.below(4)];
        let due = self.dice.happens(50).then(|| self.due());
        let mut outcomes = vec![made::outcome("approved", None), made::outcome("rejected", None)];
        outcomes.extend(due.is_some().then(|| made::outcome("expired", None)));
        for outcome in &mut outcomes {
            outcome.to = self.dice.happens(35).then(|| self.target());
        }
        let asks = if self.dice.happens(30) { vec![made::ask("impact"), made::ask("note")] } else { Vec::new() };
        let abstaining = if self.dice.happens(50) { Abstaining::Allowed } else { Abstaining::Forbidden };
        StepKind::Approval(Approval { levels, needs, abstaining, due, asks, outcomes })
    }

    fn substitution(&mut self) -> Substitution {
        if self.dice.happens(30) { Substitution::WhenAbsent } else { Substitution::Never }
    }

    fn task(&mut self) -> StepKind {
        let outcomes = (0..1 + self.dice.below(3))
            .map(|nth| {
                let to = self.dice.happens(35).then(|| self.target());
                Outcome {
                    asks: if self.dice.happens(40) { vec![made::ask("impact"), made::ask("note")] } else { Vec::new() },
                    reason: if self.dice.happens(20) { Reason::Asked } else { Reason::NotAsked },
                    to,
                    ..made::outcome(["done", "again", "other"][nth], None)
                }
            })
            .collect();
        let whom = match self.dice.below(6) {
            5 => Who::Team(Expr::Field(made::name("team"))),
            0 => Who::Requester,
            1 => Who::Team(Expr::Attribute(Box::new(Expr::Field(made::name("service"))), made::name("support_team"))),
            2 => Who::Anyone,
            _ => made::role("desk"),
        };
        let undo = if self.dice.happens(20) { self.actions() } else { Vec::new() };
        let mut candidates = made::candidates(vec![whom]);
        if self.dice.happens(30) {
            candidates.not.push(Who::Requester);
        }
        candidates.substitution = self.substitution();
        StepKind::Task(Task {
            candidates,
            due: self.dice.happens(50).then(|| self.due()),
            reminders: self.reminders(),
            undo,
            outcomes,
            ..Task::default()
        })
    }

    fn reminders(&mut self) -> Vec<Reminder> {
        let count = if self.dice.happens(30) { 1 + self.dice.below(2) } else { 0 };
        (0..count).map(|_| Reminder { after: Some(self.due()), actions: self.actions() }).collect()
    }

    fn due(&mut self) -> Due {
        let span = if self.dice.happens(50) { made::working_hours(8) } else { made::plain_minutes(90) };
        Due { span, hours: self.dice.happens(20).then(|| made::literal(made::reference("always"))) }
    }

    fn condition(&mut self) -> Expr {
        made::field_is("impact", made::choice(["high", "low"][self.dice.below(2)]))
    }

    fn actions(&mut self) -> Vec<Action> {
        let mut actions = Vec::new();
        for _ in 0..1 + self.dice.below(2) {
            actions.push(match self.dice.below(8) {
                6 if self.dice.happens(50) => Action::Start(begin()),
                7 if self.dice.happens(50) => Action::Signal { signal: made::name("over") },
                0 => made::set("impact", made::literal(made::choice(["high", "low"][self.dice.below(2)]))),
                1 => made::set("note", made::literal(made::text("seen"))),
                // Fails for as long as the record has no team.
                2 if self.dice.happens(60) => made::notify(Who::Team(Expr::Field(made::name("team")))),
                3 => Action::Escalate { to: vec![made::role("manager")], template: made::name("news") },
                _ => made::notify(Who::Requester),
            });
        }
        actions
    }
}

/// The record that is begun wherever one is.
fn begin() -> Begin {
    let links = vec![LinkMade { kind: made::name("child_of"), direction: Direction::FromIt }];
    let value = Expr::Field(made::name("summary"));
    Begin { process: made::name("other"), with: vec![Fill { field: made::name("summary"), value }], links }
}

pub fn drawn(dice: &mut Dice) -> Parts {
    let mut draft = Draft { dice, steps: Vec::new(), targets: Vec::new() };
    let first = draft.sequence(None, 0);
    if draft.dice.happens(40) {
        draft.entry("on_cancel", |first| StepKind::Handler { of: Handled::Cancel, first });
    }
    // A handler of errors or an extra may jump to the main sequence.
    draft.targets.push(first.clone());
    if draft.dice.happens(30) {
        draft.entry("on_error", |first| StepKind::Handler { of: Handled::Error, first });
    }
    if draft.dice.happens(30) {
        draft.entry("extra", |first| StepKind::Extra { by: vec![Who::Anyone], first });
    }
    let steps = std::mem::take(&mut draft.steps);
    let percents: Vec<u16> = [50, 100, 150].into_iter().filter(|_| draft.dice.happens(60)).collect();
    let thresholds: Vec<Threshold> =
        percents.into_iter().map(|percent| Threshold { percent, actions: draft.actions() }).collect();
    let reactions = (0..draft.dice.below(3))
        .map(|_| Reaction { becomes: made::field_is("priority", made::choice("p1")), actions: draft.actions() })
        .collect();
    let mut parts = made::process(steps);
    parts.first = first;
    parts.reactions = reactions;
    let kept = Unawaited::Kept { at_most: Some(Due { span: made::plain_minutes(600), hours: None }) };
    parts.unawaited = [(made::name("reply"), kept), (made::name("news"), Unawaited::Lost)].into();
    if dice.happens(80) {
        let any = |dice: &mut Dice| dice.pick(&parts.steps).name.clone();
        let (until, pause) = (any(dice), any(dice));
        let mut clock = made::clock(until.as_str(), &[pause.as_str()], &["again"]);
        clock.thresholds = thresholds;
        parts.clocks.push(clock);
    }
    parts
}

// --- commands

const PEOPLE: [&str; 6] = ["anna", "bo", "chen", "dora", "erin", "nobody"];

pub fn commanded(dice: &mut Dice, instance: &Instance, definition: &Definition) -> (Actor, Command) {
    let by = if dice.happens(90) { made::person(dice.pick(&PEOPLE)) } else { Actor::System };
    let open: Vec<_> = instance.tasks().iter().collect();
    let task = if open.is_empty() || dice.happens(5) { TaskId(99) } else { dice.pick(&open).id };
    let holder = open.iter().find(|held| held.id == task).and_then(|held| held.assignee.clone());
    let by = match holder {
        Some(holder) if dice.happens(50) => Actor::Person(holder),
        Some(_) | None => by,
    };
    if matches!(instance.status(), Status::Stuck(_)) && dice.happens(50) {
        let team = made::fields(&[("team", made::reference(dice.pick(&["net_team", "mail_team"])))]);
        let mended = Command::Edit { fields: team, reason: "the team was missing".into() };
        return (made::person("anna"), if dice.happens(50) { mended } else { Command::Retry });
    }
    if matches!(instance.status(), Status::Suspended(_)) && dice.happens(40) {
        return (made::person("anna"), Command::Resume { reason: String::new() });
    }
    let who = made::name(dice.pick(&PEOPLE));
    if let Some(given) = by_machine(dice, instance) {
        return given;
    }
    let command = match dice.below(20) {
        18 => Command::Attach { files: (0..dice.below(3)).map(|_| file(dice)).collect() },
        19 => {
            let held = instance.files().iter().map(|held| held.id).chain([FileId(99)]).collect::<Vec<_>>();
            Command::Detach { file: dice.pick(&held) }
        }
        17 => Command::Add { step: made::name(dice.pick(&["extra", "extra", "nonsense"])) },
        0 => Command::Claim { task },
        1 => Command::Release { task },
        2 | 3 => Command::Message {
            message: made::name(dice.pick(&["reply", "news", "nonsense"])),
            text: dice.pick(&["hello", "", "你好"]).into(),
            fields: Fields::new(),
        },
        4 => Command::Edit { fields: form(dice), reason: dice.pick(&["", "as agreed"]).into() },
        5 => Command::Comment {
            text: dice.pick(&["well", " "]).into(),
            audience: Audience::Public,
            tells: BTreeSet::new(),
        },
        6 => return (Actor::System, Command::Tick),
        7 => Command::Retry,
        12 if dice.happens(50) => return (administrator(dice), operated(dice, instance, definition)),
        13 if dice.happens(70) => Command::Suspend { reason: "wait".into() },
        14 => Command::Assign { task, to: who },
        15 => Command::Delegate { task, to: who, text: dice.pick(&["please", ""]).into() },
        16 => Command::Resolve { task, text: "done".into() },
        _ if dice.happens(95) && open.iter().any(|held| held.id == task && instance.ballot(held.token).is_some()) => {
            let fields = if dice.happens(80) { Fields::new() } else { form(dice) };
            let reason = dice.happens(60).then(|| "because".to_owned());
            Command::Vote { task, vote: dice.pick(&Vote::ALL), fields, reason }
        }
        _ => {
            let step = open.iter().find(|held| held.id == task).map(|held| held.step.clone());
            let outcomes = step.and_then(|step| definition.task(&step)).map(|work| &work.outcomes[..]);
            let outcome = outcomes.filter(|held| !held.is_empty()).map_or(made::name("done"), |held| {
                if dice.happens(95) { dice.pick(held).name } else { made::name("nonsense") }
            });
            let fields = if dice.happens(60) { Fields::new() } else { form(dice) };
            let reason = dice.happens(60).then(|| "because".to_owned());
            Command::Complete { task, outcome, fields, reason }
        }
    };
    (by, command)
}

fn administrator(dice: &mut Dice) -> Actor {
    if dice.happens(90) { Actor::System } else { made::person("anna") }
}

/// What an operator does: mostly a move, to anywhere.
fn operated(dice: &mut Dice, instance: &Instance, definition: &Definition) -> Command {
    let reason = dice.pick(&["", "as agreed", "as agreed", "as agreed"]).to_owned();
    if matches!(instance.status(), Status::Stuck(_)) && dice.happens(60) {
        return if dice.happens(50) { Command::Skip { reason } } else { Command::Mend { fields: form(dice), reason } };
    }
    match instance.tokens().first() {
        Some(_) if dice.happens(80) => {
            let held = dice.pick(instance.tokens());
            let to = dice.pick(&definition.parts().steps).name;
            Command::Move { token: held.id, from: held.step, to, reason }
        }
        _ => Command::Cancel { reason },
    }
}

/// What workers, servers and other records have to say, now and then.
fn by_machine(dice: &mut Dice, instance: &Instance) -> Option<(Actor, Command)> {
    if dice.happens(4) {
        return Some((Actor::System, Command::Signal { signal: made::name("over") }));
    }
    if dice.happens(1) {
        return Some((made::person("wu"), Command::Lease { job: JobId(99), until: made::at("2026-09-30 12:00") }));
    }
    if let Some(begun) = dice.happens(20).then(|| called(instance)).flatten() {
        return Some((Actor::System, Command::Returned { begun, outcome: made::name("closed") }));
    }
    if let Some(begun) = dice.happens(2).then(|| called(instance)).flatten() {
        let origin = Caller { by: instance.id(), waits: Awaited::Called, links: Vec::new() };
        let (process, requester, fields) = (made::name("other"), made::name("erin"), Fields::new());
        let begun = Box::new(Begun { instance: begun, process, requester, fields, origin });
        return Some((Actor::System, Command::NotBegun { begun, problem: "there is no such process".into() }));
    }
    let open = instance.jobs().first().filter(|_| dice.happens(25))?;
    let by = match open.state {
        JobState::Asked if dice.happens(90) => Actor::System,
        _ => made::person(dice.pick(&["wu", "wu", "wu", "anna"])),
    };
    let job = open.id;
    let command = match dice.below(5) {
        0 | 1 if !matches!(open.state, JobState::Asked) => {
            let until = made::at("2026-09-18 18:30").plus_ms(later(dice));
            match open.state {
                JobState::Leased { .. } => Command::Extend { job, until },
                JobState::Ready { .. } | JobState::Asked | JobState::Pausing { .. } => Command::Lease { job, until },
            }
        }
        0 => Command::Return { job },
        1 | 2 => Command::Fail { job, problem: "it is broken".into(), retry_at: None },
        _ => Command::Answer { job, fields: if dice.happens(80) { Fields::new() } else { form(dice) } },
    };
    Some((by, command))
}

/// A record that is waited for.
fn called(instance: &Instance) -> Option<InstanceId> {
    instance.tokens().iter().find_map(|token| match token.waits {
        Waits::Return(begun) => Some(begun),
        _ => None,
    })
}

/// A file whose bytes are its name, but for one that is called otherwise and one that is too large.
fn file(dice: &mut Dice) -> File {
    let name = dice.pick(&["a.txt", "b.txt", "c.txt", "again.txt", "huge.txt"]);
    let bytes = if name == "again.txt" { "a.txt" } else { name };
    let file = File::of(name, "text/plain", bytes.as_bytes());
    if name == "huge.txt" { File { size: FILE_BYTES_MAX + 1, ..file } } else { file }
}

fn form(dice: &mut Dice) -> Fields {
    let papers = |dice: &mut Dice| Value::List((0..dice.below(3)).map(|_| Value::File(file(dice))).collect());
    let all = [
        ("papers", papers(dice)),
        ("papers", papers(dice)),
        ("impact", made::choice("high")),
        ("impact", made::choice("low")),
        ("impact", made::choice("huge")),
        ("priority", made::choice("p1")),
        ("note", made::text("noted")),
        ("note", Value::Nothing),
        ("service", made::reference("fax")),
        ("service", made::reference("mail")),
        ("team", made::reference("net_team")),
        ("team", made::reference("mail_team")),
        ("team", made::reference("nonsense")),
        ("summary", made::text("")),
        ("nonsense", made::text("?")),
        ("people", Value::List(vec![made::reference("anna"), made::reference("bo")])),
        ("people", Value::List(vec![made::reference("bo"), made::reference("chen"), made::reference("bo")])),
    ];
    (0..dice.below(3)).map(|_| dice.pick(&all)).map(|(field, value)| (made::name(field), value)).collect()
}

pub fn later(dice: &mut Dice) -> i64 {
    dice.pick(&[0, 0, MINUTE_MS, 17 * MINUTE_MS, HOUR_MS, 5 * HOUR_MS, DAY_MS, 4 * DAY_MS])
}
