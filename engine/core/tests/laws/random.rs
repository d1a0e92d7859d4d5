//! The laws, on processes that nobody thought of: random definitions driven by random commands. Each seed is one
//! process with one record; a failure names its seed.

use std::collections::BTreeSet;
use std::sync::Arc;

use engine::ballot::{Ballot, Verdict};
use engine::command::{Command, Rejection};
use engine::definition::{Definition, Needs, Pace, StepKind, Until};
use engine::directory::{ABSENT_FROM, ABSENT_UNTIL, Directory, Entry, SUBSTITUTE};
use engine::event::{Actor, Event};
use engine::expr::Scope;
use engine::ids::Name;
use engine::instance::{ClockState, Instance, Status, Token, Waits};
use engine::time::Timestamp;
use engine::value::Value;
use engine::{World, start, step};

use crate::made;

use crate::draft::{Dice, commanded, drawn, later};

const SEEDS: u64 = 400;
const COMMANDS: usize = 60;

/// Dora is away in the first week, and so is her substitute for its first days.
fn with_absences() -> Directory {
    let mut directory = made::directory();
    let away = |substitute: &str, until: &str| Entry {
        fields: made::fields(&[
            (SUBSTITUTE, made::reference(substitute)),
            (ABSENT_FROM, Value::Date("2026-09-18".into())),
            (ABSENT_UNTIL, Value::Date(until.into())),
        ]),
        ..Entry::default()
    };
    for (person, entry) in [("dora", away("anna", "2026-09-25")), ("anna", away("erin", "2026-09-20"))] {
        let standing = directory.standing(&made::name(person)).cloned().unwrap_or_default();
        directory.put_person(made::name(person), entry, standing);
    }
    directory
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
        let directory = with_absences();
        let now = made::at("2026-09-18 17:30");
        let world = World {
            now,
            actor: &made::person("erin"),
            directory: &directory,
            fresh: made::FRESH,
            records: &engine::records::NoRecords,
        };
        let order = made::order(&[("service", made::reference("mail"))]);
        let first = start(&definition, order.clone(), &world);
        assert_eq!(first, start(&definition, order, &world), "seed {seed}: the same start, another record");
        let begun = first.unwrap_or_else(|refusal| panic!("seed {seed}: refused at the start: {refusal}"));
        let trial = Trial { seed, definition, directory, now, events: begun.events, instance: begun.instance };
        trial.check("start");
        trial
    }

    pub fn give(&mut self, actor: &Actor, command: Command) -> Result<(), Rejection> {
        let world = World {
            now: self.now,
            actor,
            directory: &self.directory,
            fresh: made::FRESH,
            records: &engine::records::NoRecords,
        };
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
        if let Some(flaw) = instance.ballots().iter().find_map(|ballot| self.flaw_of(ballot)) {
            return Some(flaw);
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

    fn flaw_of(&self, ballot: &Ballot) -> Option<String> {
        let instance = &self.instance;
        let step = &ballot.step;
        let stands = instance.tokens().iter().any(|token| token.id == ballot.token && token.step == *step);
        if !stands {
            return Some(format!("a ballot of {step} without a token there"));
        }
        let voters: Vec<&Name> = ballot.cast().map(|cast| &cast.by).collect();
        let seats: Vec<&Name> = ballot.cast().map(|cast| cast.of()).collect();
        for people in [&voters, &seats] {
            if people.iter().collect::<BTreeSet<_>>().len() != people.len() {
                return Some(format!("somebody has voted twice on {step}"));
            }
        }
        let open = instance.tasks().iter().any(|task| task.token == ballot.token);
        let needs = self.definition.approval(step)?.needs;
        // What failed and is handled at the moment stands half way.
        let waits = *instance.status() == Status::Running && instance.caught().is_none();
        (waits && (!open || ballot.verdict(needs) != Verdict::Open)).then(|| format!("{step} is certain and goes on"))
    }

    fn running_flaw(&self) -> Option<String> {
        let instance = &self.instance;
        if instance.tokens().is_empty() {
            return Some("it runs and stands nowhere".into());
        }
        for token in instance.tokens() {
            let inside = instance.tokens().iter().filter(|held| held.parent == Some(token.id)).count();
            let lost = match token.waits {
                Waits::Engine | Waits::Judgement => true,
                Waits::Inner => !self.has_all_inside(token),
                Waits::Rest => inside == 0,
                Waits::Job(job) => instance.job(job).is_none(),
                Waits::Return(_) | Waits::Signal(_) => false,
                Waits::Heard(_) => true,
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
                        // What another version began at once goes on beside.
                        Pace::InTurn if self.has_migrated() => inside > 0 && inside + finished <= token.rounds.len(),
                        Pace::InTurn => inside == 1 && finished < token.rounds.len(),
                    }
            }
            _ => inside == 1,
        }
    }

    fn has_migrated(&self) -> bool {
        self.events.iter().any(|event| matches!(event, Event::Migrated { .. }))
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
            .holds(&Scope {
                definition,
                fields,
                requester,
                directory,
                now: self.now,
                records: &engine::records::NoRecords,
                number: "",
                items: &[],
            })
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
    // 72 of the kinds of fact; the others come of registers, calendars, versions and messages, which tests of their own change.
    assert_eq!(facts.len(), 72, "facts that were seen: {facts:?}");
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

#[allow(clippy::disallowed_macros, reason = "a test may say how far its dice reached; other crates take them too")]
fn println_figures(figures: &[(&str, usize)]) {
    println!("seeds 1..={SEEDS}, {COMMANDS} commands each: {figures:?}");
}
