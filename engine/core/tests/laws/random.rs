//! The laws, on processes that nobody thought of: random definitions driven by random commands. Each seed is one
//! process with one record; a failure names its seed.

use std::collections::BTreeSet;
use std::sync::Arc;

use engine::command::{Command, Rejection};
use engine::definition::{
    Action, Begin, Branch, Case, Definition, Direction, Due, Fill, ForEach, Handled, Job, LinkMade, Needs, Outcome,
    Pace, Parts, Reaction, Reason, Reminder, Rest, Retries, Step, StepKind, Task, Threshold, Unawaited, Until, Who,
    Work,
};
use engine::directory::Directory;
use engine::effect::{Awaited, Begun, Origin};
use engine::event::{Actor, Event};
use engine::expr::{Expr, Scope};
use engine::ids::{InstanceId, JobId, Name, TaskId};
use engine::instance::{ClockState, Instance, JobState, Status, Token, Waits};
use engine::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use engine::value::{Fields, Items, Value};
use engine::{World, start, step};

use crate::made;

const SEEDS: u64 = 400;
const COMMANDS: usize = 60;

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
        match self.dice.below(22) {
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
    // A handler or an extra may jump to the main sequence.
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
    if matches!(instance.status(), Status::Stuck(_)) && dice.happens(50) {
        let team = made::fields(&[("team", made::reference(dice.pick(&["net_team", "mail_team"])))]);
        let mended = Command::Edit { fields: team, reason: "the team was missing".into() };
        return (made::person("anna"), if dice.happens(50) { mended } else { Command::Retry });
    }
    if matches!(instance.status(), Status::Suspended(_)) && dice.happens(40) {
        return (made::person("anna"), Command::Resume { reason: String::new() });
    }
    if let Some(given) = by_machine(dice, instance) {
        return given;
    }
    let command = match dice.below(15) {
        14 => Command::Add { step: made::name(dice.pick(&["extra", "extra", "nonsense"])) },
        0 => Command::Claim { task },
        1 => Command::Release { task },
        2 | 3 => Command::Message {
            message: made::name(dice.pick(&["reply", "news", "nonsense"])),
            text: dice.pick(&["hello", "", "你好"]).into(),
            fields: Fields::new(),
        },
        4 => Command::Edit { fields: form(dice), reason: dice.pick(&["", "as agreed"]).into() },
        5 => Command::Comment { text: dice.pick(&["well", " "]).into() },
        6 => return (Actor::System, Command::Tick),
        7 => Command::Retry,
        12 if dice.happens(50) => return (administrator(dice), operated(dice, instance, definition)),
        13 if dice.happens(70) => Command::Suspend { reason: "wait".into() },
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
        Some(_) if dice.happens(90) => {
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
        let origin = Origin { by: instance.id(), waits: Awaited::Called, links: Vec::new() };
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
            Command::Lease { job, until: made::at("2026-09-18 18:30").plus_ms(later(dice)) }
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

fn form(dice: &mut Dice) -> Fields {
    let all = [
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

// --- the laws

pub struct Trial {
    pub seed: u64,
    pub definition: Arc<Definition>,
    pub directory: Directory,
    pub now: Timestamp,
    pub events: Vec<Event>,
    pub instance: Instance,
}

impl Trial {
    pub fn begun(seed: u64, dice: &mut Dice) -> Trial {
        let definition = made::prepared(drawn(dice));
        let directory = made::directory();
        let now = made::at("2026-09-18 17:30");
        let world =
            World { now, actor: &made::person("erin"), directory: &directory, fresh: made::FRESH, records: &[] };
        let order = made::order(&[("service", made::reference("mail"))]);
        let first = start(&definition, order.clone(), &world);
        assert_eq!(first, start(&definition, order, &world), "seed {seed}: the same start, another record");
        let begun = first.unwrap_or_else(|refusal| panic!("seed {seed}: refused at the start: {refusal}"));
        let trial = Trial { seed, definition, directory, now, events: begun.events, instance: begun.instance };
        trial.check("start");
        trial
    }

    pub fn give(&mut self, actor: &Actor, command: Command) -> Result<(), Rejection> {
        let world = World { now: self.now, actor, directory: &self.directory, fresh: made::FRESH, records: &[] };
        let shown = format!("{command:?} by {actor:?}");
        let before = self.instance.clone();
        let answer = step(&self.definition, &self.instance, command.clone(), &world);
        let stored: Instance = stored(&self.instance);
        let again = step(&self.definition, &stored, command, &world);
        assert_eq!(answer, again, "seed {}: law 1, the same input gives the same output: {shown}", self.seed);
        match answer {
            Err(refusal) => {
                assert_eq!(self.instance, before, "seed {}: law 3, a refusal changes nothing: {shown}", self.seed);
                Err(refusal)
            }
            Ok(taken) => {
                assert!(!before.is_ended(), "seed {}: an ended record took {shown}", self.seed);
                self.events.extend(taken.events);
                self.instance = taken.instance;
                self.check(&shown);
                Ok(())
            }
        }
    }

    pub fn check(&self, after: &str) {
        let seed = self.seed;
        let folded = Instance::folded(&self.events);
        assert_eq!(folded, self.instance, "seed {seed}: law 2, the events fold into the state: {after}");
        assert_eq!(stored(&self.instance), self.instance, "seed {seed}: a state that is stored comes back: {after}");
        let events: Vec<Event> = stored(&self.events);
        assert_eq!(events, self.events, "seed {seed}: events that are stored come back: {after}");
        if let Some(problem) = self.flaw() {
            panic!("seed {seed}: {problem} after {after}\n{:#?}", self.instance);
        }
    }

    /// What is wrong with the state itself, if anything.
    fn flaw(&self) -> Option<String> {
        let instance = &self.instance;
        for task in instance.tasks() {
            let holder = instance.tokens().iter().find(|token| token.id == task.token);
            if holder.is_none_or(|token| token.waits != Waits::Task(task.id) || token.step != task.step) {
                return Some(format!("task {} has no token that waits for it", task.step));
            }
        }
        for token in instance.tokens() {
            let parent = token.parent.map(|id| instance.tokens().iter().find(|held| held.id == id));
            if parent.is_some_and(|held| held.is_none_or(|held| !matches!(held.waits, Waits::Inner | Waits::Rest))) {
                return Some(format!("the token at {} has lost the one around it", token.step));
            }
            let step = self.definition.step(&token.step)?;
            let around = parent.flatten().map(|held| &held.step);
            if step.scope.as_ref() != around {
                return Some(format!("the token at {} stands outside of its place", token.step));
            }
        }
        match instance.status() {
            Status::Running => self.running_flaw(),
            Status::Stuck(repair) => {
                let line = self.definition.step(&repair.step).map(|step| step.line);
                (line != Some(repair.line)).then(|| format!("the repair names no line: {repair:?}"))
            }
            Status::Suspended(_) => instance.next_wake().map(|_| "a suspended record wakes".to_owned()),
            Status::Ended { .. } => {
                let left = instance.tokens().len() + instance.tasks().len();
                let runs = instance.clocks().iter().any(|run| !matches!(run.state, ClockState::Stopped { .. }));
                (left > 0 || runs || instance.next_wake().is_some()).then(|| "something is left at the end".to_owned())
            }
        }
    }

    fn running_flaw(&self) -> Option<String> {
        let instance = &self.instance;
        if instance.tokens().is_empty() {
            return Some("it runs and stands nowhere".into());
        }
        for token in instance.tokens() {
            let inside = instance.tokens().iter().filter(|held| held.parent == Some(token.id)).count();
            let lost = match token.waits {
                Waits::Engine => true,
                Waits::Inner => !self.has_all_inside(token),
                Waits::Rest => inside == 0,
                Waits::Job(job) => instance.job(job).is_none(),
                Waits::Return(_) | Waits::Signal(_) => false,
                Waits::Task(task) => instance.task(task).is_none(),
                Waits::Message { .. } | Waits::Time(_) => false,
                Waits::Condition => self.condition_holds(&token.step),
            };
            // What failed waits while `on error` is gone through.
            let failing = instance.caught().is_some_and(|repair| repair.token == token.id);
            if lost && !failing {
                return Some(format!("the token at {} waits for nothing", token.step));
            }
        }
        for clock in &self.definition.parts().clocks {
            if matches!(instance.status(), Status::Suspended(_)) {
                return None;
            }
            let run = instance.clocks().iter().find(|run| run.clock == clock.name)?;
            let paused =
                instance.tokens().iter().any(|token| self.definition.is_within(&token.step, &clock.pauses_in[0]));
            let right = match run.state {
                ClockState::Running { .. } => !paused,
                ClockState::Paused { .. } => paused,
                ClockState::Stopped { .. } => true,
            };
            let overdue = run.next_mark().is_some_and(|mark| mark.at <= self.now);
            if !right || overdue {
                return Some(format!("the clock is wrong (paused {paused}, overdue {overdue})"));
            }
        }
        None
    }

    /// Whether as many tokens are inside a step that waits for them as belong there; those that nobody waits for apart.
    fn has_all_inside(&self, token: &Token) -> bool {
        let inside = |held: &&Token| held.parent == Some(token.id) && held.waits != Waits::Rest;
        let inside = self.instance.tokens().iter().filter(inside).count();
        let finished = usize::try_from(token.finished).unwrap_or(usize::MAX);
        match self.definition.step(&token.step).map(|step| &step.kind) {
            Some(StepKind::Race { branches }) => inside == branches.len(),
            Some(StepKind::Together { branches, needs: Needs::All, rest: _ }) => {
                inside > 0 && inside + finished <= branches.len()
            }
            Some(StepKind::Together { branches, needs: Needs::Count(count), rest: _ }) => {
                token.finished < *count && (1..=branches.len()).contains(&inside)
            }
            Some(StepKind::ForEach(each)) => {
                let begun = usize::try_from(token.begun) == Ok(inside + finished);
                begun
                    && match each.pace {
                        Pace::AtOnce => inside > 0 && inside + finished == token.rounds.len(),
                        Pace::InTurn => inside == 1 && finished < token.rounds.len(),
                    }
            }
            _ => inside == 1,
        }
    }

    /// Whether the condition holds that a token waits for.
    fn condition_holds(&self, step: &Name) -> bool {
        let Some(StepKind::Wait { until: Until::Condition(condition) }) = self.definition.step(step).map(|s| &s.kind)
        else {
            return true;
        };
        let instance = &self.instance;
        let (fields, requester) = (instance.fields(), instance.requester());
        let (definition, directory) = (&*self.definition, &self.directory);
        condition
            .holds(&Scope { definition, fields, requester, directory, now: self.now, items: Items::new() })
            .unwrap_or(true)
    }
}

fn stored<T: serde::Serialize + serde::de::DeserializeOwned>(value: &T) -> T {
    let json = serde_json::to_string(value).expect("what the engine keeps is plain data");
    serde_json::from_str(&json).expect("what was written can be read")
}

#[test]
fn the_laws_hold_for_random_processes_and_random_commands() {
    let (mut taken, mut refused) = (0_usize, 0_usize);
    let (mut ended, mut mended) = (0_usize, 0_usize);
    let mut facts = BTreeSet::new();
    for seed in 1..=SEEDS {
        let mut dice = Dice::new(seed);
        let mut trial = Trial::begun(seed, &mut dice);
        for _ in 0..COMMANDS {
            trial.now = trial.now.plus_ms(later(&mut dice));
            let stuck = matches!(trial.instance.status(), Status::Stuck(_));
            let (actor, command) = commanded(&mut dice, &trial.instance, &trial.definition);
            match trial.give(&actor, command) {
                Ok(()) => taken += 1,
                Err(_) => refused += 1,
            }
            mended += usize::from(stuck && *trial.instance.status() == Status::Running);
            catch_up(&mut trial);
            // An ended record is asked a few times more, which it must refuse.
            if trial.instance.is_ended() && dice.happens(30) {
                break;
            }
        }
        ended += usize::from(trial.instance.is_ended());
        facts.extend(trial.events.iter().map(kind_of));
    }
    println_figures(&[("taken", taken), ("refused", refused), ("ended", ended), ("mended", mended)]);
    // The dice must reach everything, or the laws are kept by accident.
    assert!(taken > 3_000 && refused > 4_000 && ended > 100 && mended > 50);
    assert_eq!(facts.len(), 62, "facts that were seen: {facts:?}");
}

/// A tick leaves nothing due, so that a shell that sends ticks comes to rest.
pub fn catch_up(trial: &mut Trial) {
    if trial.instance.next_wake().is_none_or(|due| due > trial.now) {
        return;
    }
    let seed = trial.seed;
    trial.give(&Actor::System, Command::Tick).unwrap_or_else(|refusal| panic!("seed {seed}: a tick: {refusal}"));
    let due = trial.instance.next_wake();
    assert!(due.is_none_or(|due| due > trial.now), "seed {seed}: still due after a tick: {:#?}", trial.instance);
}

/// The word that an event is stored under.
fn kind_of(event: &Event) -> String {
    match serde_json::to_value(event).expect("events are plain data") {
        serde_json::Value::String(word) => word,
        serde_json::Value::Object(map) => map.keys().next().cloned().unwrap_or_default(),
        _ => String::new(),
    }
}

#[expect(clippy::disallowed_macros, reason = "a test may say how far its dice reached")]
fn println_figures(figures: &[(&str, usize)]) {
    println!("seeds 1..={SEEDS}, {COMMANDS} commands each: {figures:?}");
}
