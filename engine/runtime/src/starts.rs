//! Records that no form begins: by schedules, and with messages from outside. Each begins once, however many nodes look and
//! whatever goes down on the way.
//!
//! What a schedule begins has an identity that follows from the process, the schedule's place and the moment, so a second
//! attempt finds it there. Of the moments that went by while no node ran, the last begins a record, and those before it are
//! passed over. What the messages with one key begin has the identity that the first of them took.

use std::sync::PoisonError;
use std::time::Instant;

use engine::World;
use engine::arrival::{Arrival, Message, by_message, by_schedule};
use engine::command::{Rejection, Start};
use engine::definition::{Definition, Schedule};
use engine::event::Actor;
use engine::expr::Expr;
use engine::ids::{InstanceId, Name};
use engine::time::{Timestamp, ZONE, Zone};
use engine::value::{Fields, Value};
use sha2::{Digest, Sha256};
use store::CurrentVersion;

use crate::execute::{Done, ExecuteError};
use crate::eyes::Eyes;
use crate::identity;
use crate::{Runtime, RuntimeError};

/// How long the background trusts what it knows of schedules, in milliseconds: another node may have deployed one.
const TRUSTED_MS: i64 = 15_000;
/// How long a schedule whose record could not begin is left alone, in milliseconds.
const PAUSE_MS: i64 = 60_000;

/// A message from outside for a process.
#[derive(Clone, Debug)]
pub struct MessageOrder {
    /// The process.
    pub process: Name,
    /// The message.
    pub message: Name,
    /// Who sends it.
    pub by: Name,
    /// What it says.
    pub text: String,
    /// What it brings.
    pub values: Fields,
}

/// What became of a message from outside.
#[derive(Clone, Debug)]
pub enum Received {
    /// It has begun a record.
    Begun(Done),
    /// A message with its key has begun this record before; nothing has changed.
    Known(Done),
}

impl Runtime {
    /// Begins a record with a message from outside, or finds the one that a message with its key has begun.
    ///
    /// # Errors
    /// No record begins with this message, the sender may not send it, or something beneath failed.
    pub fn receive(&self, order: MessageOrder) -> Result<Received, ExecuteError> {
        let (began, actor) = (Instant::now(), Actor::Person(order.by.clone()));
        let (done, as_received): (_, fn(Done) -> Received) = match self.received(order, &actor) {
            Ok(Received::Begun(done)) => (Ok(done), Received::Begun),
            Ok(Received::Known(done)) => (Ok(done), Received::Known),
            Err(cause) => (Err(cause), Received::Begun),
        };
        self.observe("receive", None, &actor, began.elapsed(), &done);
        done.map(as_received)
    }

    fn received(&self, order: MessageOrder, actor: &Actor) -> Result<Received, ExecuteError> {
        let MessageOrder { process, message, by: _, text, values } = order;
        let definition = self.current(&process)?.ok_or_else(|| ExecuteError::NoSuchProcess(process.clone()))?;
        let arrived = Message { message: message.clone(), text, values };
        let arrival = self.arrival(actor, |world| by_message(&definition, arrived, world))?;
        let offered = self.0.ids.next();
        let Some(key) = &arrival.key else {
            return self.begin_arrived(&definition, offered, arrival).map(Received::Begun);
        };
        let id = self.store().correlate(&process, &message, key, offered)?;
        if let Some(known) = self.known_unless(offered, id)? {
            return Ok(Received::Known(known));
        }
        match self.begin_arrived(&definition, id, arrival) {
            Ok(done) => Ok(Received::Begun(done)),
            // The other message with this key was first.
            Err(ExecuteError::Busy) => self.known(id)?.map(Received::Known).ok_or(ExecuteError::Busy),
            Err(cause) => Err(cause),
        }
    }

    /// The record that a message with the key of this one has begun, where there is one. Nothing begins.
    ///
    /// # Errors
    /// As [`Runtime::receive`].
    pub fn begun_by(&self, order: &MessageOrder) -> Result<Option<Done>, ExecuteError> {
        let MessageOrder { process, message, by, text, values } = order;
        let definition = self.current(process)?.ok_or_else(|| ExecuteError::NoSuchProcess(process.clone()))?;
        let arrived = Message { message: message.clone(), text: text.clone(), values: values.clone() };
        let arrival = self.arrival(&Actor::Person(by.clone()), |world| by_message(&definition, arrived, world))?;
        let Some(key) = &arrival.key else { return Ok(None) };
        match self.store().correlated(process, message, key)? {
            Some(id) => Ok(self.known(id)?),
            None => Ok(None),
        }
    }

    /// A record that is there already, as done.
    pub(crate) fn known(&self, id: InstanceId) -> Result<Option<Done>, RuntimeError> {
        Ok(self.load(id)?.map(|loaded| Done { instance: loaded.instance, revision: loaded.revision }))
    }

    /// The same for an identity that others may have: nothing has begun under one that was offered.
    pub(crate) fn known_unless(&self, offered: InstanceId, id: InstanceId) -> Result<Option<Done>, RuntimeError> {
        if id == offered { Ok(None) } else { self.known(id) }
    }

    /// What the core makes of an arrival, with the registers as they are.
    fn arrival(
        &self,
        actor: &Actor,
        judge: impl FnOnce(&World<'_>) -> Result<Arrival, Rejection>,
    ) -> Result<Arrival, ExecuteError> {
        let directory = self.directory();
        let eyes = Eyes::of(self);
        let world = World { now: self.now(), actor, directory: &directory, fresh: InstanceId(0), records: &eyes };
        let judged = judge(&world);
        eyes.judged(judged)?.map_err(ExecuteError::Rejected)
    }

    fn begin_arrived(&self, definition: &Definition, id: InstanceId, arrival: Arrival) -> Result<Done, ExecuteError> {
        let numbered = self.next_number_at(definition, self.now())?;
        let start = Start {
            instance: id,
            number: numbered.written.clone(),
            on_behalf_of: Some(arrival.requester),
            fields: arrival.fields,
            origin: None,
        };
        let change = self.begin(definition, start, Actor::System, &[]).inspect_err(|cause| {
            if let ExecuteError::Rejected(_) = cause {
                self.0.numbers.give_back(&numbered);
            }
        })?;
        self.settle_now(change)
    }

    /// Begins what schedules have due; gives how many records began.
    ///
    /// # Errors
    /// The store failed. A record that cannot begin is logged and tried again a minute later.
    pub fn begin_scheduled(&self) -> Result<usize, RuntimeError> {
        let now = self.now();
        if now < *self.0.next_start.lock().unwrap_or_else(PoisonError::into_inner) {
            return Ok(0);
        }
        let (mut begun, mut next) = (0, now.plus_ms(TRUSTED_MS));
        for current in self.store().current_versions()? {
            let definition = match self.definition(&current.id) {
                Err(cause) if cause.is_of_one() => {
                    tracing::error!(process = %current.process, %cause, "its schedules cannot be looked at");
                    continue;
                }
                definition => definition?,
            };
            let schedules = &definition.parts().start.schedules;
            let zone = self.zone_of(&definition);
            for (place, schedule) in (0..).zip(schedules) {
                match self.begin_due(&current, &definition, (place, schedule), &zone) {
                    Ok(count) => begun += count,
                    Err(ExecuteError::Broken(cause)) if !cause.is_of_one() => return Err(cause),
                    Err(cause) => {
                        let process = &current.process;
                        tracing::error!(%process, place, %cause, "a scheduled record could not begin");
                        next = next.min(now.plus_ms(PAUSE_MS));
                    }
                }
                next = schedule.every.next(now, &zone).into_iter().chain([next]).min().unwrap_or(next);
            }
        }
        *self.0.next_start.lock().unwrap_or_else(PoisonError::into_inner) = next;
        Ok(begun)
    }

    /// Lets the background look at schedules at once.
    pub(crate) fn schedules_changed(&self) {
        *self.0.next_start.lock().unwrap_or_else(PoisonError::into_inner) = Timestamp(i64::MIN);
    }

    fn begin_due(
        &self,
        current: &CurrentVersion,
        definition: &Definition,
        (place, schedule): (u16, &Schedule),
        zone: &Zone,
    ) -> Result<usize, ExecuteError> {
        let process = &current.process;
        // What lies before the version was deployed is no business of its schedules.
        let reached = self.store().schedule_reached(process, place)?.unwrap_or(current.since).max(current.since);
        let Some(due) = schedule.every.last(self.now(), zone).filter(|due| *due > reached) else { return Ok(0) };
        let id = scheduled_identity(process, place, due);
        let mut begun = 0;
        if self.load(id)?.is_none() {
            let arrival = self.arrival(&Actor::System, |world| by_schedule(definition, schedule, world))?;
            match self.begin_arrived(definition, id, arrival) {
                Ok(_) => begun = 1,
                // Another node was first.
                Err(ExecuteError::Busy) if self.load(id)?.is_some() => {}
                Err(cause) => return Err(cause),
            }
        }
        self.store().reach_schedule(process, place, due)?;
        Ok(begun)
    }

    /// The next moments at which records of a process begin by themselves.
    pub fn scheduled(&self, definition: &Definition) -> Vec<Timestamp> {
        let (now, zone) = (self.now(), self.zone_of(definition));
        definition.parts().start.schedules.iter().filter_map(|schedule| schedule.every.next(now, &zone)).collect()
    }

    /// Where the moments of a process's schedules are local: where its calendar counts, if one is named outright.
    fn zone_of(&self, definition: &Definition) -> Zone {
        let directory = self.directory();
        let named = match &definition.parts().hours {
            Some(Expr::Literal(Value::Ref(key))) => directory.calendar(key).map(|held| held.data().zone.clone()),
            Some(_) | None => None,
        };
        let named = named.and_then(|zone| Zone::named(&zone).ok());
        named.unwrap_or_else(|| Zone::named(ZONE).expect("the zone database is compiled in"))
    }
}

/// The identity of the record that a schedule begins at a moment. It lies among those of its time, as all identities do.
fn scheduled_identity(process: &Name, place: u16, due: Timestamp) -> InstanceId {
    let digest = Sha256::digest(format!("{process}\n{place}\n{}", due.0));
    let drawn = digest.iter().take(4).fold(0_i64, |drawn, byte| (drawn << 8) | i64::from(*byte));
    identity::at(due, drawn)
}
