//! A record in memory on a virtual clock: for examples in the language, replays and tests.

use std::sync::Arc;

use crate::command::{Command, Rejection, Start};
use crate::definition::Definition;
use crate::directory::Directory;
use crate::effect::Effect;
use crate::event::{Actor, Event};
use crate::ids::{InstanceId, Name};
use crate::instance::Instance;
use crate::records::RecordsInMemory;
use crate::step::{BEGUN_MAX, Step, World, start, step};
use crate::time::Timestamp;

/// What one command led to, with who gave it and when.
#[derive(Clone, Debug)]
pub struct Played {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What the command is called in a history: [`Command::verb`], or `start`.
    pub verb: &'static str,
    /// The facts.
    pub events: Vec<Event>,
    /// The owed effects.
    pub effects: Vec<Effect>,
    /// The state after it.
    pub instance: Instance,
}

/// The first identity of records that a play begins.
const FRESH: InstanceId = InstanceId(1_000_000);

/// A record that is played through. Time moves only when told to, and every timer fires at its own instant.
#[derive(Clone, Debug)]
pub struct Play {
    definition: Arc<Definition>,
    directory: Arc<Directory>,
    records: RecordsInMemory,
    now: Timestamp,
    fresh: InstanceId,
    instance: Option<Instance>,
    played: Vec<Played>,
}

impl Play {
    /// A play that has not begun.
    pub fn new(definition: Arc<Definition>, directory: Arc<Directory>, now: Timestamp) -> Play {
        Play {
            definition,
            directory,
            records: RecordsInMemory::default(),
            now,
            fresh: FRESH,
            instance: None,
            played: Vec::new(),
        }
    }

    /// Lets commands see these other records.
    pub fn know_records(&mut self, records: RecordsInMemory) {
        self.records = records;
    }

    /// Begins the record.
    ///
    /// # Errors
    /// As [`start`].
    pub fn start(&mut self, by: &Name, order: Start) -> Result<&Instance, Rejection> {
        let actor = Actor::Person(by.clone());
        let (definition, directory, records) = (self.definition.clone(), self.directory.clone(), self.records.clone());
        let world = World { now: self.now, actor: &actor, directory: &directory, fresh: self.fresh, records: &records };
        let stepped = start(&definition, order, &world)?;
        Ok(self.keep(actor, "start", stepped))
    }

    /// Carries out a command.
    ///
    /// # Errors
    /// As [`step`]; [`Rejection::Ended`] where nothing has begun.
    pub fn command(&mut self, actor: Actor, command: Command) -> Result<&Instance, Rejection> {
        let instance = self.instance.as_ref().ok_or(Rejection::Ended)?;
        let (definition, directory, records) = (self.definition.clone(), self.directory.clone(), self.records.clone());
        let verb = command.verb();
        let world = World { now: self.now, actor: &actor, directory: &directory, fresh: self.fresh, records: &records };
        let stepped = step(&definition, instance, command, &world)?;
        Ok(self.keep(actor, verb, stepped))
    }

    /// Moves the clock on to an instant and fires what is due on the way, each at its own instant. An instant in
    /// the past leaves the clock where it is.
    pub fn advance_to(&mut self, instant: Timestamp) {
        while let Some(due) = self.instance.as_ref().and_then(Instance::next_wake).filter(|due| *due <= instant) {
            self.now = self.now.max(due);
            if self.command(Actor::System, Command::Tick).is_err() {
                break;
            }
        }
        self.now = self.now.max(instant);
    }

    fn keep(&mut self, actor: Actor, verb: &'static str, stepped: Step) -> &Instance {
        let Step { instance, events, effects } = stepped;
        for effect in &effects {
            if let Effect::Put(owed) = effect {
                owed.put_into(Arc::make_mut(&mut self.directory));
            }
        }
        self.fresh.0 += i64::from(BEGUN_MAX);
        self.played.push(Played { at: self.now, actor, verb, events, effects, instance: instance.clone() });
        self.instance.insert(instance)
    }

    /// The virtual instant.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The state, once begun.
    pub fn instance(&self) -> Option<&Instance> {
        self.instance.as_ref()
    }

    /// Everything that was done, in order.
    pub fn played(&self) -> &[Played] {
        &self.played
    }

    /// The definition.
    pub fn definition(&self) -> &Definition {
        &self.definition
    }

    /// The other records that commands see.
    pub fn records(&self) -> &RecordsInMemory {
        &self.records
    }

    /// The registers.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }
}
