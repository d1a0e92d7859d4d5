//! What a person sends twice and means once: a button that was pressed again, a page that was loaded again; and what is
//! meant for a record as it was looked at.
//!
//! A form that begins a record carries a key that was drawn when it was shown. What it begins has the identity that the first
//! sending took, kept where messages from outside keep theirs. What is said on a record needs no key: the form names the
//! revision that it showed, and what the same person has said since then in the same words is the same.

use std::time::Instant;

use engine::command::Command;
use engine::event::{Actor, Event};
use engine::ids::{InstanceId, Name};
use engine::value::Fields;
use sha2::{Digest, Sha256};
use store::{FileBytes, HistoryEntry, Loaded};

use crate::execute::{ATTEMPTS_MAX, Decision, Done, ExecuteError, StartOrder};
use crate::{Runtime, RuntimeError};

/// What stands for the message where a form begins a record. No message is called so.
const FORM: &str = "(form)";

/// A command with the bytes of the files that it names.
#[derive(Clone, Debug)]
pub struct Sent<'f> {
    /// The command.
    pub command: Command,
    /// The bytes.
    pub files: &'f [FileBytes],
}

impl From<Command> for Sent<'_> {
    fn from(command: Command) -> Self {
        Sent { command, files: &[] }
    }
}

impl Runtime {
    /// Begins a record with a form that carries this key, or finds the one that the same form has begun before.
    ///
    /// # Errors
    /// As [`Runtime::start`].
    pub fn start_once(&self, order: StartOrder, key: &str, files: &[FileBytes]) -> Result<Done, ExecuteError> {
        let (began, actor) = (Instant::now(), Actor::Person(order.by.clone()));
        let done = self.begin_once(order, key, files);
        self.observe("start", None, &actor, began.elapsed(), &done);
        done
    }

    fn begin_once(&self, order: StartOrder, key: &str, files: &[FileBytes]) -> Result<Done, ExecuteError> {
        let key = key_of(&order, key);
        let offered = self.0.ids.next();
        let id = self.store().correlate(&order.process, &Name::from(FORM), &key, offered)?;
        if let Some(known) = self.known_unless(offered, id)? {
            return Ok(known);
        }
        match self.begin_ordered(order, id, files) {
            // The other sending was first.
            Err(ExecuteError::Busy) => self.known(id)?.ok_or(ExecuteError::Busy),
            begun => begun,
        }
    }

    /// Carries out a command on a record exactly as it was loaded, for those who have looked at it there.
    ///
    /// # Errors
    /// [`ExecuteError::Busy`] where the record has changed since; else as [`Runtime::execute`].
    pub fn execute_on<'f>(
        &self,
        loaded: &Loaded,
        actor: Actor,
        sent: impl Into<Sent<'f>>,
    ) -> Result<Done, ExecuteError> {
        let sent = sent.into();
        let (began, verb) = (Instant::now(), sent.command.verb());
        let done = self.settled_on(loaded, &actor, sent);
        self.observe(verb, Some(loaded.instance.id()), &actor, began.elapsed(), &done);
        done
    }

    /// Decides on exactly this state. Where somebody else comes between, this one loses.
    fn settled_on(&self, loaded: &Loaded, actor: &Actor, sent: Sent<'_>) -> Result<Done, ExecuteError> {
        match self.decide_on(loaded, actor, sent.command, sent.files)? {
            Decision::Nothing(done) => Ok(done),
            Decision::Change(change) => self.settle_now(change),
        }
    }

    /// Says something on a record, unless this person has said the same since the revision that the form showed.
    ///
    /// # Errors
    /// As [`Runtime::execute`].
    pub fn say_once<'f>(
        &self,
        id: InstanceId,
        actor: Actor,
        sent: impl Into<Sent<'f>>,
        shown: u64,
    ) -> Result<Done, ExecuteError> {
        let sent = sent.into();
        let (began, verb) = (Instant::now(), sent.command.verb());
        let done = self.said_once(id, &actor, &sent, shown);
        self.observe(verb, Some(id), &actor, began.elapsed(), &done);
        done
    }

    fn said_once(&self, id: InstanceId, actor: &Actor, sent: &Sent<'_>, shown: u64) -> Result<Done, ExecuteError> {
        for _ in 0..ATTEMPTS_MAX {
            let loaded = self.store().load(id)?.ok_or(ExecuteError::NoSuchRecord)?;
            if loaded.revision > shown && self.was_said(id, actor, &sent.command, shown)? {
                return Ok(Done { instance: loaded.instance, revision: loaded.revision });
            }
            match self.settled_on(&loaded, actor, sent.clone()) {
                // The other sending may have come between: look again.
                Err(ExecuteError::Busy) => {}
                settled => return settled,
            }
        }
        Err(ExecuteError::Busy)
    }

    fn was_said(&self, id: InstanceId, actor: &Actor, command: &Command, shown: u64) -> Result<bool, RuntimeError> {
        let history = self.store().history(id)?;
        let mut since = history.iter().filter(|entry| entry.revision > shown && entry.actor == *actor);
        Ok(since.any(|entry| says(entry, command)))
    }
}

/// What is kept of a form's key: nobody finds another person's record with it, and a form that says something else is
/// another one.
fn key_of(order: &StartOrder, key: &str) -> String {
    let said = serde_json::json!([order.by, order.on_behalf_of, order.fields, key]);
    hex::encode(Sha256::digest(said.to_string()))
}

/// Whether a commit is what the command says.
fn says(entry: &HistoryEntry, command: &Command) -> bool {
    entry.events.iter().any(|event| match (event, command) {
        (Event::Commented { text: held, audience: told, .. }, Command::Comment { text, audience, .. }) => {
            held == text && told == audience
        }
        (Event::MessageReceived { message: held, text: said }, Command::Message { message, text, fields }) => {
            held == message && said == text && brings(entry, fields)
        }
        (Event::MessageLost { message: held, text: said }, Command::Message { message, text, .. }) => {
            held == message && said == text
        }
        (Event::MessageKept { kept }, Command::Message { message, text, fields }) => {
            kept.message == *message && kept.text == *text && kept.fields == *fields
        }
        (Event::Linked { link: held }, Command::Link { link }) => held == link,
        (Event::Unlinked { link: held, .. }, Command::Unlink { link, .. }) => held == link,
        (Event::Added { step: held, .. }, Command::Add { step }) => held == step,
        _ => false,
    })
}

/// Whether a commit has given fields no other values than these.
fn brings(entry: &HistoryEntry, fields: &Fields) -> bool {
    entry.events.iter().all(|event| match event {
        Event::FieldsSet { fields: set } => {
            fields.iter().all(|(name, value)| set.get(name).is_none_or(|held| held == value))
        }
        _ => true,
    })
}
