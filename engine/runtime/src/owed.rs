//! Performing what records owe the world: at least once, and so that doing it twice is doing it once, in the order in which
//! it came about for each record and whom it reaches.
//!
//! A record that another one begins has the identity that its effect names, so a second attempt finds it there. What
//! cannot be done yet, since a record is stuck or a server is away, is put off and tried again.

use std::panic::{AssertUnwindSafe, catch_unwind};

use engine::command::{Command, Rejection, Start};
use engine::effect::{Begun, Effect};
use engine::event::Actor;
use engine::file::files_in;
use engine::ids::{InstanceId, Name};
use engine::people;
use engine::time::HOUR_MS;
use store::{FileBytes, Notice, NoticeDelivery, OutboxRow};

use crate::background::BATCH;
use crate::execute::ExecuteError;
use crate::{Runtime, RuntimeError};

/// The first pause after an effect could not be performed, in milliseconds; each is twice as long as the one before.
const PAUSE_MS: i64 = 1_000;
/// The longest pause, in milliseconds.
const PAUSE_MAX_MS: i64 = 60_000;
/// The same for e-mail, in milliseconds: an address that takes nothing does not take more a minute later.
const MAIL_PAUSE_MAX_MS: i64 = HOUR_MS;
/// Why a called record is cancelled when its caller goes on without it.
const NOT_AWAITED: &str = "the record that called this one does not wait for it any more";

/// What became of an effect.
#[derive(Debug)]
pub(crate) enum Performed {
    /// These are to be told, many at once.
    Told(Vec<Notice>),
    /// It is done, or there is nothing to be done any more.
    Done,
    /// It is on its way and settles itself.
    UnderWay,
    /// It could not be done yet.
    NotYet(String),
}

impl Runtime {
    /// Performs owed effects, oldest first; gives how many were dealt with.
    ///
    /// # Errors
    /// The store failed.
    pub fn perform_owed(&self) -> Result<usize, RuntimeError> {
        self.perform_rows(self.store().outbox(&self.0.holding.share(), self.now(), BATCH)?)
    }

    /// Performs these effects; gives how many were dealt with. Performing one twice has no further effect, however long
    /// ago it was read and whoever has performed it meanwhile.
    ///
    /// # Errors
    /// The store failed.
    pub fn perform_rows(&self, owed: Vec<OutboxRow>) -> Result<usize, RuntimeError> {
        let (mut notices, mut done, mut count) = (Vec::new(), Vec::new(), 0);
        for row in owed {
            if let Some(until) = self.waits_in_line(&row, &done)? {
                self.store().hold_back(row.key, until)?;
                continue;
            }
            match alone(|| self.perform(&row))? {
                Performed::Told(told) => notices.push(NoticeDelivery { key: row.key, notices: told }),
                Performed::Done => done.push(row.key),
                Performed::UnderWay => {}
                Performed::NotYet(problem) => {
                    self.put_off(row, problem)?;
                    count += 1;
                }
            }
        }
        count += notices.len() + done.len();
        if !notices.is_empty() {
            self.store().deliver_notices(notices)?;
        }
        if !done.is_empty() {
            self.store().settle_owed(done)?;
        }
        Ok(count)
    }

    /// Performs what people would wait for. What cannot be done now is left to the background.
    pub(crate) fn perform_at_once(&self, rows: Vec<OutboxRow>) {
        for row in rows {
            let settled = match alone(|| self.perform(&row)) {
                Ok(Performed::Done) => self.store().settle_owed(vec![row.key]).map_err(RuntimeError::from),
                Ok(Performed::Told(_) | Performed::UnderWay | Performed::NotYet(_)) => Ok(()),
                Err(cause) => Err(cause),
            };
            if let Err(cause) = settled {
                tracing::warn!(instance = %row.key.instance, %cause, "an effect is left to the background");
            }
        }
    }

    pub(crate) fn put_off(&self, row: OutboxRow, problem: String) -> Result<(), RuntimeError> {
        let pause_max_ms = match row.effect {
            Effect::Mail { .. } => MAIL_PAUSE_MAX_MS,
            _ => PAUSE_MAX_MS,
        };
        let pause_ms = PAUSE_MS.saturating_mul(1 << row.tries.min(16)).min(pause_max_ms);
        tracing::warn!(instance = %row.key.instance, tries = row.tries, %problem, "an effect is put off");
        Ok(self.store().put_off(row.key, self.now().plus_ms(pause_ms), problem)?)
    }

    fn perform(&self, row: &OutboxRow) -> Result<Performed, RuntimeError> {
        match &row.effect {
            Effect::Notify { whom, template: _, text } => {
                let link = format!("/records/{}", row.number);
                let notice = |person| Notice { person, text: text.clone(), link: link.clone() };
                Ok(Performed::Told(people::members(whom, &self.directory()).into_iter().map(notice).collect()))
            }
            Effect::Mail { to, text } => self.write_mail(row, to, text),
            Effect::Begin(begun) => self.begin_owed(begun),
            Effect::Return { to, outcome } => {
                let returned = Command::Returned { begun: row.key.instance, outcome: outcome.clone() };
                self.order(*to, returned)
            }
            Effect::CancelCalled { begun } => self.cancel_called(*begun),
            Effect::Signal { signal } => self.give_signal(row.key.instance, signal),
            Effect::Link { to, link } => self.tell_linked(*to, Command::Link { link: link.clone() }),
            Effect::Unlink { to, link, reason } => {
                self.tell_linked(*to, Command::Unlink { link: link.clone(), reason: reason.clone() })
            }
            Effect::Put(owed) => self.put_owed(row, owed),
            Effect::Request { job, .. } => self.ask_server(row, *job),
        }
    }

    /// Lets a record hold what another says of the two. One that was removed meanwhile needs it no more.
    fn tell_linked(&self, to: InstanceId, command: Command) -> Result<Performed, RuntimeError> {
        if self.load(to)?.is_none() {
            return Ok(Performed::Done);
        }
        self.order(to, command)
    }

    /// Cancels a record that another one called. It has been begun by now, unless it could not be.
    fn cancel_called(&self, begun: InstanceId) -> Result<Performed, RuntimeError> {
        if self.load(begun)?.is_none() {
            return Ok(Performed::Done);
        }
        self.order(begun, Command::Cancel { reason: NOT_AWAITED.to_owned() })
    }

    /// Begins a record that another one owes. One that cannot begin becomes a repair of that other one.
    fn begin_owed(&self, begun: &Begun) -> Result<Performed, RuntimeError> {
        if self.load(begun.instance)?.is_some() {
            return Ok(Performed::Done);
        }
        let problem = match self.try_begin(begun) {
            Ok(_) => return Ok(Performed::Done),
            Err(ExecuteError::Rejected(rejection)) => rejection.to_string(),
            Err(ExecuteError::NoSuchProcess(process)) => ExecuteError::NoSuchProcess(process).to_string(),
            // Somebody else has begun it meanwhile.
            Err(ExecuteError::Busy) => return Ok(Performed::Done),
            Err(ExecuteError::NoSuchRecord) => return Ok(Performed::Done),
            Err(ExecuteError::Broken(cause)) => return Err(cause),
        };
        self.order(begun.origin.by, Command::NotBegun { begun: Box::new(begun.clone()), problem })
    }

    fn try_begin(&self, begun: &Begun) -> Result<(), ExecuteError> {
        let definition =
            self.current(&begun.process)?.ok_or_else(|| ExecuteError::NoSuchProcess(begun.process.clone()))?;
        let start = Start {
            instance: begun.instance,
            number: self.next_number_at(&definition, self.now())?.written,
            on_behalf_of: Some(begun.requester.clone()),
            fields: begun.fields.clone(),
            origin: Some(begun.origin.clone()),
        };
        let files = self.files_to_pass_on(begun)?;
        let change = self.begin(&definition, start, Actor::System, &files)?;
        self.settle(change).map(|_| ())
    }

    /// The bytes of the files that a record gives to the one that it begins.
    fn files_to_pass_on(&self, begun: &Begun) -> Result<Vec<FileBytes>, RuntimeError> {
        let files = begun.fields.values().flat_map(files_in);
        let found = files.map(|file| self.store().file(begun.origin.by, file)).collect::<Result<Vec<_>, _>>()?;
        Ok(found.into_iter().flatten().collect())
    }

    /// Gives a record an order of the engine's own. One that is over needs it no more.
    pub(crate) fn order(&self, to: InstanceId, command: Command) -> Result<Performed, RuntimeError> {
        self.order_with(to, command, &[])
    }

    /// The same with the bytes of the files that the order names.
    pub(crate) fn order_with(
        &self,
        to: InstanceId,
        command: Command,
        files: &[FileBytes],
    ) -> Result<Performed, RuntimeError> {
        match self.execute_with(to, Actor::System, command, files) {
            Ok(_) | Err(ExecuteError::Rejected(Rejection::Ended)) => Ok(Performed::Done),
            Err(ExecuteError::Rejected(rejection)) => Ok(Performed::NotYet(rejection.to_string())),
            Err(cause @ (ExecuteError::Busy | ExecuteError::NoSuchRecord | ExecuteError::NoSuchProcess(_))) => {
                Ok(Performed::NotYet(cause.to_string()))
            }
            Err(ExecuteError::Broken(cause)) => Err(cause),
        }
    }

    /// Lets every other record go on that waits for a signal. One that is stuck or suspended keeps it.
    fn give_signal(&self, from: InstanceId, signal: &Name) -> Result<Performed, RuntimeError> {
        let mut last = None;
        loop {
            let waiting = self.store().waiting_for(signal, last)?;
            let Some(newest) = waiting.last() else { return Ok(Performed::Done) };
            last = Some(*newest);
            for id in waiting.into_iter().filter(|id| *id != from) {
                match self.execute(id, Actor::System, Command::Signal { signal: signal.clone() }) {
                    Ok(_) | Err(ExecuteError::Rejected(_) | ExecuteError::NoSuchRecord) => {}
                    // Giving the signal again for its sake would give it twice to the others.
                    Err(ExecuteError::Broken(cause)) if cause.is_of_one() => {
                        tracing::error!(instance = %id, %cause, "a record cannot take a signal");
                    }
                    Err(ExecuteError::Broken(cause)) => return Err(cause),
                    Err(cause @ (ExecuteError::Busy | ExecuteError::NoSuchProcess(_))) => {
                        return Ok(Performed::NotYet(cause.to_string()));
                    }
                }
            }
        }
    }
}

/// Performs an effect so that what is wrong with one record, even what makes us panic, holds up no other: it could not be
/// done yet, and stands among what is undelivered.
pub(crate) fn alone(perform: impl FnOnce() -> Result<Performed, RuntimeError>) -> Result<Performed, RuntimeError> {
    match catch_unwind(AssertUnwindSafe(perform)) {
        Ok(Err(cause)) if cause.is_of_one() => Ok(Performed::NotYet(cause.to_string())),
        Ok(performed) => performed,
        Err(_) => Ok(Performed::NotYet("the program failed at it; its log says where".to_owned())),
    }
}
