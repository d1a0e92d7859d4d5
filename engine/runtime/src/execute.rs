//! One command, from its record's state to a durable commit.

use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::command::{Command, Rejection, Start};
use engine::definition::Definition;
use engine::effect::Effect;
use engine::event::Actor;
use engine::ids::{InstanceId, Name};
use engine::instance::Instance;
use engine::time::Timestamp;
use engine::value::Fields;
use engine::{Step, World};
use store::{Commit, CommitError, FileBytes, Loaded, OutboxKey, OutboxRow, Pending};

use crate::eyes::Eyes;
use crate::identity::Numbered;
use crate::metrics::Outcome;
use crate::{Runtime, RuntimeError};

/// How often a command that lost a race is decided anew on fresh state.
pub(crate) const ATTEMPTS_MAX: u32 = 3;

/// An order to begin a record of a process.
#[derive(Clone, Debug)]
pub struct StartOrder {
    /// The process.
    pub process: Name,
    /// Who gives the order.
    pub by: Name,
    /// For whom, where that is somebody else.
    pub on_behalf_of: Option<Name>,
    /// The form.
    pub fields: Fields,
}

/// What a command led to; it is durable.
#[derive(Clone, Debug)]
pub struct Done {
    /// The state.
    pub instance: Arc<Instance>,
    /// Its revision.
    pub revision: u64,
}

/// Why a command was not carried out. Nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// There is no such record.
    #[error("there is no such record")]
    NoSuchRecord,
    /// No version of the process is deployed.
    #[error("no version of the process {0} is deployed")]
    NoSuchProcess(Name),
    /// The command is wrong.
    #[error(transparent)]
    Rejected(Rejection),
    /// Others changed the record again and again meanwhile; try once more.
    #[error("the record is being changed by others; try again")]
    Busy,
    /// Something beneath failed.
    #[error(transparent)]
    Broken(RuntimeError),
}

impl<E: Into<RuntimeError>> From<E> for ExecuteError {
    fn from(cause: E) -> Self {
        ExecuteError::Broken(cause.into())
    }
}

impl Runtime {
    /// The state of a record, as committed.
    ///
    /// # Errors
    /// The store failed.
    pub fn load(&self, id: InstanceId) -> Result<Option<Loaded>, RuntimeError> {
        match self.0.hot.get(id) {
            Some(held) => Ok(self.store().reload(&held)?),
            None => Ok(self.store().load(id)?),
        }
    }

    /// Begins a record and gives it a number. Returns when it is durable.
    ///
    /// # Errors
    /// The form is refused, or something beneath failed.
    pub fn start(&self, order: StartOrder) -> Result<Done, ExecuteError> {
        self.start_with(order, &[])
    }

    /// The same with the bytes of the files that the form names.
    ///
    /// # Errors
    /// As [`Runtime::start`].
    pub fn start_with(&self, order: StartOrder, files: &[FileBytes]) -> Result<Done, ExecuteError> {
        let (began, actor) = (Instant::now(), Actor::Person(order.by.clone()));
        let done = self.begin_ordered(order, self.0.ids.next(), files);
        self.observe("start", None, &actor, began.elapsed(), &done);
        done
    }

    pub(crate) fn begin_ordered(
        &self,
        order: StartOrder,
        id: InstanceId,
        files: &[FileBytes],
    ) -> Result<Done, ExecuteError> {
        let definition =
            self.current(&order.process)?.ok_or_else(|| ExecuteError::NoSuchProcess(order.process.clone()))?;
        let numbered = self.next_number_at(&definition, self.now())?;
        let start = Start {
            instance: id,
            number: numbered.written.clone(),
            on_behalf_of: order.on_behalf_of,
            fields: order.fields,
            origin: None,
        };
        let change = self.begin(&definition, start, Actor::Person(order.by), files).inspect_err(|cause| {
            if let ExecuteError::Rejected(_) = cause {
                self.0.numbers.give_back(&numbered);
            }
        })?;
        self.settle_now(change)
    }

    /// Begins a record without writing it yet.
    pub(crate) fn begin(
        &self,
        definition: &Definition,
        start: Start,
        actor: Actor,
        files: &[FileBytes],
    ) -> Result<Change, ExecuteError> {
        let directory = self.directory();
        let (fresh, eyes, now) = (self.fresh(definition), Eyes::of(self), self.now());
        let world = World { now, actor: &actor, directory: &directory, fresh, records: &eyes };
        let stepped = engine::start(definition, start, &world);
        let stepped = eyes.judged(stepped)?.map_err(ExecuteError::Rejected)?;
        self.change((definition, None), stepped, (now, &actor, "start"), files)
    }

    /// Identities for what a step may begin.
    fn fresh(&self, definition: &Definition) -> InstanceId {
        if definition.begins_others() { self.0.ids.block(engine::BEGUN_MAX) } else { InstanceId(0) }
    }

    fn change(
        &self,
        (definition, before): (&Definition, Option<&Loaded>),
        stepped: Step,
        (now, actor, verb): (Timestamp, &Actor, &'static str),
        files: &[FileBytes],
    ) -> Result<Change, ExecuteError> {
        let stepped = self.told_to_watchers(stepped, definition, (now, actor))?;
        let instance = stepped.instance.id();
        let revision = before.map_or(1, |loaded| loaded.revision + 1);
        let number = stepped.instance.number();
        let urgent = (0..).zip(&stepped.effects).filter(|(_, effect)| is_urgent(effect)).map(|(ordinal, effect)| {
            let key = OutboxKey { at: now, instance, revision, ordinal };
            OutboxRow { key, number: number.to_owned(), effect: effect.clone(), tries: 0, retry_at: now }
        });
        let urgent = urgent.collect();
        let commit = Commit::new(definition, before, stepped, now, actor, verb).with_files(files)?;
        Ok(Change { commit: Box::new(commit), urgent })
    }

    /// Carries out a command on a record. Returns when it is durable.
    ///
    /// # Errors
    /// The command is refused, or something beneath failed.
    pub fn execute(&self, id: InstanceId, actor: Actor, command: Command) -> Result<Done, ExecuteError> {
        self.execute_with(id, actor, command, &[])
    }

    /// The same with the bytes of the files that the command names.
    ///
    /// # Errors
    /// As [`Runtime::execute`].
    pub fn execute_with(
        &self,
        id: InstanceId,
        actor: Actor,
        command: Command,
        files: &[FileBytes],
    ) -> Result<Done, ExecuteError> {
        let (began, verb) = (Instant::now(), command.verb());
        let done = self.carry_out(id, &actor, command, files);
        self.observe(verb, Some(id), &actor, began.elapsed(), &done);
        done
    }

    /// A line in the log and a count. Neither has a name, a field or a reason: who it was is an identity, and what was
    /// wrong with a form may quote what was typed.
    pub(crate) fn observe(
        &self,
        command: &'static str,
        instance: Option<InstanceId>,
        actor: &Actor,
        took: Duration,
        done: &Result<Done, ExecuteError>,
    ) {
        let outcome = match done {
            Ok(_) => Outcome::Done,
            Err(ExecuteError::NoSuchRecord | ExecuteError::NoSuchProcess(_) | ExecuteError::Rejected(_)) => {
                Outcome::Rejected
            }
            Err(ExecuteError::Busy) => Outcome::Busy,
            Err(ExecuteError::Broken(_)) => Outcome::Broken,
        };
        self.metrics().command(command, outcome, took);
        let instance = done.as_ref().ok().map(|done| done.instance.id()).or(instance);
        let number = done.as_ref().ok().map(|done| done.instance.number());
        let person = actor.person().map(Name::as_str);
        tracing::info!(
            command,
            result = outcome.word(),
            instance = instance.map(tracing::field::display),
            number,
            person,
            length_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            "command"
        );
    }

    fn carry_out(
        &self,
        id: InstanceId,
        actor: &Actor,
        command: Command,
        files: &[FileBytes],
    ) -> Result<Done, ExecuteError> {
        for _ in 0..ATTEMPTS_MAX {
            let settled = match self.decide(id, actor, command.clone(), files)? {
                Decision::Nothing(done) => Ok(done),
                Decision::Change(change) => self.settle_now(change),
            };
            match settled {
                Err(ExecuteError::Busy) => {}
                settled => return settled,
            }
        }
        Err(ExecuteError::Busy)
    }

    /// Steps without writing it yet.
    pub(crate) fn decide(
        &self,
        id: InstanceId,
        actor: &Actor,
        command: Command,
        files: &[FileBytes],
    ) -> Result<Decision, ExecuteError> {
        match self.0.hot.get(id) {
            Some(loaded) => match self.decide_on(&loaded, actor, command.clone(), files) {
                // The copy may be older than what another process has committed: look before refusing, and before
                // saying that there is nothing to do.
                Err(ExecuteError::Rejected(_)) | Ok(Decision::Nothing(_)) => {
                    self.0.hot.forget(id);
                    let fresh = self.store().load(id)?.ok_or(ExecuteError::NoSuchRecord)?;
                    self.decide_on(&fresh, actor, command, files)
                }
                decided => decided,
            },
            None => {
                let loaded = self.store().load(id)?.ok_or(ExecuteError::NoSuchRecord)?;
                self.decide_on(&loaded, actor, command, files)
            }
        }
    }

    pub(crate) fn decide_on(
        &self,
        loaded: &Loaded,
        actor: &Actor,
        command: Command,
        files: &[FileBytes],
    ) -> Result<Decision, ExecuteError> {
        let definition = self.definition(loaded.instance.definition())?;
        let (verb, now) = (command.verb(), self.now_for(loaded));
        let stepped = self.step_on((&definition, loaded), (now, actor), command)?;
        if stepped.events.is_empty() {
            return Ok(Decision::Nothing(Done { instance: loaded.instance.clone(), revision: loaded.revision }));
        }
        let told = (now, actor, verb);
        Ok(Decision::Change(self.change((&definition, Some(loaded)), stepped, told, files)?))
    }

    fn step_on(
        &self,
        (definition, loaded): (&Definition, &Loaded),
        (now, actor): (Timestamp, &Actor),
        command: Command,
    ) -> Result<Step, ExecuteError> {
        let directory = self.directory();
        let (fresh, eyes) = (self.fresh(definition), Eyes::of(self));
        let world = World { now, actor, directory: &directory, fresh, records: &eyes };
        let stepped = engine::step(definition, &loaded.instance, command, &world);
        eyes.judged(stepped)?.map_err(ExecuteError::Rejected)
    }

    /// What a command would come to, with nothing written: whether it would change anything. Until it is given, others
    /// may change the record.
    ///
    /// # Errors
    /// The command would be refused, or something beneath failed.
    pub fn would(&self, loaded: &Loaded, actor: &Actor, command: Command) -> Result<Would, ExecuteError> {
        let definition = self.definition(loaded.instance.definition())?;
        let stepped = self.step_on((&definition, loaded), (self.now_for(loaded), actor), command)?;
        Ok(if stepped.events.is_empty() { Would::ChangeNothing } else { Would::Change })
    }

    /// Writes a change, and performs at once what people would wait for.
    pub(crate) fn settle_now(&self, mut change: Change) -> Result<Done, ExecuteError> {
        let urgent = std::mem::take(&mut change.urgent);
        let done = self.settle(change)?;
        self.perform_at_once(urgent);
        Ok(done)
    }

    /// The instant for a step on a record: not before the last one, whatever the machine's clock says.
    pub(crate) fn now_for(&self, loaded: &Loaded) -> Timestamp {
        self.now().max(loaded.at)
    }

    /// Writes a change and keeps what it led to. Returns when it is durable.
    pub(crate) fn settle(&self, change: Change) -> Result<Done, ExecuteError> {
        let instance = change.commit.instance();
        self.was_written(instance, self.store().commit(change.commit))
    }

    /// Sends a change to the disk without waiting for it: one of many.
    pub(crate) fn send_off(&self, change: Change) -> OnItsWay {
        let instance = change.commit.instance();
        OnItsWay { instance, pending: self.store().submit(change.commit) }
    }

    /// Waits for one of many and keeps what it led to.
    pub(crate) fn await_arrival(&self, on_its_way: OnItsWay) -> Result<Done, ExecuteError> {
        self.was_written(on_its_way.instance, on_its_way.pending.wait())
    }

    fn was_written(&self, instance: InstanceId, written: Result<Loaded, CommitError>) -> Result<Done, ExecuteError> {
        match written {
            Ok(after) => {
                let done = Done { instance: after.instance.clone(), revision: after.revision };
                self.0.jobs_opened.committed(&done.instance);
                self.was_stepped(done.instance.id());
                self.0.hot.put(Arc::new(after));
                self.0.nudge.committed();
                Ok(done)
            }
            Err(CommitError::Lost) => {
                self.0.hot.forget(instance);
                Err(ExecuteError::Busy)
            }
            Err(CommitError::Broken(cause)) => {
                self.0.hot.forget(instance);
                Err(ExecuteError::Broken(cause.into()))
            }
        }
    }

    pub(crate) fn next_number_at(&self, definition: &Definition, now: Timestamp) -> Result<Numbered, RuntimeError> {
        let parts = definition.parts();
        self.0.numbers.next(self.store(), &parts.name, &parts.number, now)
    }
}

/// What a command would come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Would {
    /// The record would be another.
    Change,
    /// It is so already.
    ChangeNothing,
}

/// What a command comes to.
pub(crate) enum Decision {
    /// It changes nothing, such as taking a task that one has taken already.
    Nothing(Done),
    /// It changes the record.
    Change(Change),
}

/// A change that is decided and not written yet.
pub(crate) struct Change {
    pub(crate) commit: Box<Commit>,
    /// What the step owes that people would wait for.
    pub(crate) urgent: Vec<OutboxRow>,
}

/// A change on its way to the disk.
pub(crate) struct OnItsWay {
    instance: InstanceId,
    pending: Pending,
}

/// Whether somebody's next task may come of an effect.
fn is_urgent(effect: &Effect) -> bool {
    match effect {
        Effect::Begin(_) | Effect::Return { .. } => true,
        Effect::Notify { .. }
        | Effect::Mail { .. }
        | Effect::CancelCalled { .. }
        | Effect::Signal { .. }
        | Effect::Link { .. }
        | Effect::Unlink { .. }
        | Effect::Put(_)
        | Effect::Request { .. } => false,
    }
}
