//! Two nodes over one store, and what happens to them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use engine::command::Command;
use engine::definition::{Labels, Parts, StepKind, Work};
use engine::effect::Effect;
use engine::event::Actor;
use engine::ids::{DefinitionId, InstanceId, Name};
use engine::instance::Instance;
use engine::people;
use engine::time::{HOUR_MS, MINUTE_MS, Timestamp};
use engine::value::Fields;
use runtime::{ExecuteError, Runtime, StartOrder, VirtualClock};
use store::{BatchId, Deployment, FileBytes, Loaded, OutboxRow, PersonRow, PersonState, Place, Share, Store};

use crate::draft::{Dice, commanded, drawn, later};
use crate::made;
use crate::orders;
use crate::tally::Tally;

/// How many processes there are besides the one that others begin.
const PROCESSES: usize = 3;
/// The process that others begin.
pub const OTHER: &str = "other";
/// More than anybody owes or is told.
pub const ALL: usize = 10_000;

pub struct Node {
    pub runtime: Runtime,
    pub clock: Arc<VirtualClock>,
    /// Effects that it has read and will perform, whatever others do meanwhile.
    in_hand: Vec<OutboxRow>,
    /// The records that it may have a copy of, each with the revision that it knows.
    copies: BTreeMap<InstanceId, u64>,
}

pub struct World {
    pub seed: u64,
    pub store: Store,
    pub nodes: Vec<Node>,
    pub now: Timestamp,
    /// What begins by a form, as it is deployed now.
    pub processes: BTreeMap<Name, Parts>,
    /// Every record that was begun, with the revision that somebody was told of last.
    pub answered: BTreeMap<InstanceId, u64>,
    /// What each person must be told, by the instant and the effect.
    pub owed: BTreeSet<(Name, Timestamp, String)>,
    pub batches: Vec<BatchId>,
    /// The next identity that a new node counts from.
    next_id: i64,
    pub done: Tally,
}

impl World {
    pub fn new(seed: u64, dice: &mut Dice, place: impl Into<Place>) -> World {
        let store = Store::open(place).expect("the store opens");
        let now = made::at("2026-09-18 17:30");
        populate(&store, now);
        let mut world = World {
            seed,
            store,
            nodes: Vec::new(),
            now,
            processes: BTreeMap::new(),
            answered: BTreeMap::new(),
            owed: BTreeSet::new(),
            batches: Vec::new(),
            next_id: 1 << 40,
            done: Tally::default(),
        };
        for _ in 0..2 {
            let node = world.node();
            world.nodes.push(node);
        }
        let end = made::step("end", None, None, made::end("closed"));
        let other = made::process(vec![made::step("do", None, Some("end"), made::chore()), end]);
        world.deploy(&Parts { name: Name::from(OTHER), number: numbered(OTHER), ..other });
        for index in 0..PROCESSES {
            let name = format!("p{index}");
            let mut parts = Parts { name: Name::from(&*name), number: numbered(&name), ..without_servers(drawn(dice)) };
            if index == 0 {
                parts.start.schedules.push(orders::every_week());
            }
            world.deploy(&parts);
            world.processes.insert(Name::from(name), parts);
        }
        world
    }

    /// A process that has just started: it knows nothing but the store.
    pub fn node(&mut self) -> Node {
        let clock = Arc::new(VirtualClock::at(self.now));
        let first = self.fresh();
        let runtime = Runtime::counting_from(self.store.clone(), clock.clone(), first).expect("it opens");
        Node { runtime, clock, in_hand: Vec::new(), copies: BTreeMap::new() }
    }

    /// Identities that nobody else has.
    pub fn fresh(&mut self) -> InstanceId {
        self.next_id += 1 << 20;
        InstanceId(self.next_id)
    }

    pub fn deploy(&self, parts: &Parts) -> DefinitionId {
        let source = serde_json::to_string(parts).expect("parts are plain data");
        let deployment = Deployment {
            process: parts.name.clone(),
            id: DefinitionId::of_source(&source),
            source,
            parts: parts.clone(),
            author: made::name("anna"),
            approver: made::name("bo"),
            reason: "the simulation".into(),
            change: Some("CHG-1".into()),
        };
        self.nodes[0].runtime.deploy(&deployment).unwrap_or_else(|cause| panic!("seed {}: {cause}", self.seed));
        deployment.id
    }

    pub fn load(&self, id: InstanceId) -> Option<Arc<Instance>> {
        self.store.load(id).expect("it reads").map(|loaded| loaded.instance)
    }

    /// The records as they are.
    pub fn states(&self) -> Vec<String> {
        let states = self.answered.keys().map(|id| self.load(*id).expect("it is there"));
        states.map(|state| serde_json::to_string(&state).expect("a state is plain data")).collect()
    }

    /// One of the records.
    pub fn any(&self, dice: &mut Dice) -> Option<Loaded> {
        let known: Vec<InstanceId> = self.answered.keys().copied().collect();
        let id = (!known.is_empty()).then(|| dice.pick(&known))?;
        self.store.load(id).expect("it reads")
    }

    pub fn happen(&mut self, dice: &mut Dice) {
        self.now = self.now.plus_ms(later(dice));
        // Clocks differ a little, and now and then one is far behind.
        for node in &self.nodes {
            let behind = if dice.happens(3) { HOUR_MS } else { dice.pick(&[0, 0, MINUTE_MS]) };
            node.clock.set(self.now.plus_ms(-behind));
        }
        let at = dice.below(self.nodes.len());
        match dice.below(24) {
            0 | 1 => self.start(dice, at),
            2..6 => self.background(at),
            6 => self.crash(at),
            7 | 8 => self.crash_after_a_commit(dice, at),
            9 => self.race(dice),
            10 | 11 => self.order(dice, at),
            _ => self.command(dice, at),
        }
        self.owe();
    }

    fn start(&mut self, dice: &mut Dice, at: usize) {
        let fields = Fields::from([
            (made::name("summary"), made::text("mail down")),
            (made::name("service"), made::reference("mail")),
        ]);
        let processes: Vec<Name> = self.processes.keys().cloned().collect();
        let process = dice.pick(&processes);
        let order = StartOrder { process, by: made::name("erin"), on_behalf_of: None, fields };
        match self.nodes[at].runtime.start(order) {
            Ok(done) => _ = self.answered.insert(done.instance.id(), done.revision),
            Err(cause) => panic!("seed {}: {cause}", self.seed),
        }
    }

    fn command(&mut self, dice: &mut Dice, at: usize) {
        let Some(Loaded { instance, .. }) = self.any(dice) else { return };
        let definition = self.nodes[at].runtime.definition(instance.definition()).expect("it is in the store");
        let (actor, command) = commanded(dice, &instance, &definition);
        self.give(at, instance.id(), actor.clone(), command.clone());
        // The answer is lost, or a form is sent twice: the same again, perhaps elsewhere.
        if dice.happens(15) {
            let elsewhere = dice.below(self.nodes.len());
            self.give(elsewhere, instance.id(), actor, command);
        }
    }

    fn give(&mut self, at: usize, id: InstanceId, actor: Actor, command: Command) {
        let before = self.store.load(id).expect("it reads").map_or(0, |loaded| loaded.revision);
        let node = &mut self.nodes[at];
        match node.runtime.execute_with(id, actor, command, &brought()) {
            Ok(done) => {
                let known = node.copies.insert(id, done.revision);
                if known.is_some_and(|known| known < before) && done.revision > before {
                    self.done.overtaken += 1;
                }
                self.answer(id, done.revision);
                self.done.commands += 1;
            }
            Err(ExecuteError::Rejected(_)) => self.done.refused += 1,
            Err(cause) => panic!("seed {}: {cause}", self.seed),
        }
    }

    /// Somebody was told that a record is so far.
    pub fn answer(&mut self, id: InstanceId, revision: u64) {
        let told = self.answered.entry(id).or_default();
        *told = (*told).max(revision);
    }

    /// A turn of a node's background. What it read the last time it performs once more, whoever has performed and settled
    /// it since.
    fn background(&mut self, at: usize) {
        let owed = self.store.outbox(&Share::Whole, self.nodes[at].runtime.now(), 100).expect("it reads");
        let late = std::mem::replace(&mut self.nodes[at].in_hand, owed);
        self.done.again += late.len();
        self.works(at, |node| node.perform_rows(late));
        self.works(at, |node| node.fire_due(&mut BTreeMap::new()));
        self.works(at, Runtime::perform_owed);
        self.works(at, Runtime::begin_scheduled);
        self.works(at, Runtime::work_on_batch);
    }

    /// Lets a node work; gives what it did.
    pub fn works<E: std::fmt::Display>(&mut self, at: usize, work: impl FnOnce(&Runtime) -> Result<usize, E>) -> usize {
        let worked = work(&self.nodes[at].runtime).unwrap_or_else(|cause| panic!("seed {}: {cause}", self.seed));
        self.owe();
        worked
    }

    /// Notes what people must be told, before anybody tells them.
    fn owe(&mut self) {
        let directory = self.nodes[0].runtime.directory();
        for row in self.store.outbox(&Share::Whole, Timestamp(i64::MAX), ALL).expect("it reads") {
            let Effect::Notify { whom, .. } = &row.effect else { continue };
            let effect = format!("{}.{}.{}", row.key.instance, row.key.revision, row.key.ordinal);
            let members = people::members(whom, &directory).into_iter();
            self.owed.extend(members.map(|person| (person, row.key.at, effect.clone())));
        }
    }

    /// Finds the records that others began, and looks whether everything agrees.
    pub fn look(&mut self) {
        let seed = self.seed;
        for (id, told) in &self.answered {
            let loaded = self.store.load(*id).expect("it reads");
            let loaded = loaded.unwrap_or_else(|| panic!("seed {seed}: record {id} was answered and is lost"));
            assert!(loaded.revision >= *told, "seed {seed}: record {id} has lost what was answered");
        }
        let all: Vec<Name> = self.processes.keys().cloned().chain([Name::from(OTHER)]).collect();
        for process in all {
            for id in self.store.records_of(&process, ALL).expect("it reads") {
                if self.answered.insert(id, self.answered.get(&id).copied().unwrap_or(1)).is_none() {
                    self.done.begun += usize::from(process == *OTHER);
                }
            }
        }
        let runtime = &self.nodes[0].runtime;
        let mut findings = Vec::new();
        let definitions = |id: &DefinitionId| runtime.definition(id).ok();
        self.store.check(&definitions, &mut |finding| findings.push(finding.to_string())).expect("the doctor reads");
        assert!(findings.is_empty(), "seed {seed}: {findings:?}");
    }
}

/// The bytes of the files that forms name.
pub fn brought() -> [FileBytes; 3] {
    ["a.txt", "b.txt", "c.txt"].map(|name| FileBytes::brought(name, "", name.into()).1)
}

fn numbered(process: &str) -> String {
    format!("{process}-{{year}}-{{seq:6}}")
}

/// No server is asked in a simulation.
fn without_servers(mut parts: Parts) -> Parts {
    for step in &mut parts.steps {
        if let StepKind::Job(job) = &mut step.kind {
            job.work = Work::Worker(made::name("scan"));
        }
    }
    parts
}

/// The registers of the laws' tests, in a store, with somebody who gives orders to many records.
fn populate(store: &Store, now: Timestamp) {
    let (mut directory, by) = (made::directory(), made::name("simulation"));
    let standing = engine::directory::Standing { roles: [Name::from("administrator")].into(), teams: BTreeSet::new() };
    directory.put_person(made::name(orders::ADA), engine::directory::Entry::default(), standing);
    for (person, standing) in directory.standings() {
        let row = PersonRow {
            id: person.clone(),
            sign_in: person.to_string(),
            name: Labels::new(person.as_str(), person.as_str()),
            email: String::new(),
            language: "en".into(),
            state: PersonState::Active,
        };
        store.put_person(&row, &by, now).expect("a person is kept");
        store.set_standing(person, standing, &by, now, "the simulation").expect("a standing is kept");
    }
    for register in directory.registers().filter(|register| **register != "person" && **register != "calendar") {
        for (key, entry) in directory.entries(register.as_str()) {
            store.put_entry(register.as_str(), key, entry, &by, now).expect("an entry is kept");
        }
    }
    for key in ["office", "always"] {
        let calendar = directory.calendar(&made::name(key)).expect("it is there");
        store.put_calendar(&made::name(key), calendar.data(), &by, now).expect("a calendar is kept");
    }
}
