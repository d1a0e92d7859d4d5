//! What is owed to the world, and the notifications that it becomes.

use std::fmt;
use std::str::FromStr;

use engine::definition::Labels;
use engine::effect::Effect;
use engine::ids::{InstanceId, Name};
use engine::time::Timestamp;

use crate::dispatch::{read, write};
use crate::{Share, Store, StoreError};

/// Which owed effect: its key makes it happen once where the receiver honours it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OutboxKey {
    /// When the step was.
    pub at: Timestamp,
    /// Of which instance.
    pub instance: InstanceId,
    /// By which commit.
    pub revision: u64,
    /// Its place among the effects of the step, from 0.
    pub ordinal: u32,
}

impl fmt::Display for OutboxKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        std::write!(out, "{}.{}.{}.{}", self.at.0, self.instance, self.revision, self.ordinal)
    }
}

/// A text is no key of an owed effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no key of an owed effect")]
pub struct NotAKey;

impl FromStr for OutboxKey {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<OutboxKey, NotAKey> {
        let parts: Vec<&str> = text.split('.').collect();
        let [at, instance, revision, ordinal] = parts[..] else { return Err(NotAKey) };
        Ok(OutboxKey {
            at: at.parse().map(Timestamp).map_err(|_| NotAKey)?,
            instance: instance.parse().map(InstanceId).map_err(|_| NotAKey)?,
            revision: revision.parse().map_err(|_| NotAKey)?,
            ordinal: ordinal.parse().map_err(|_| NotAKey)?,
        })
    }
}

/// An owed effect.
#[derive(Clone, Debug)]
pub struct OutboxRow {
    /// Its identity.
    pub key: OutboxKey,
    /// The number of the record that owes it, for links.
    pub number: String,
    /// What is owed.
    pub effect: Effect,
    /// How often it was tried in vain.
    pub tries: u32,
    /// Not before this instant is it performed, whoever performs it.
    pub retry_at: Timestamp,
}

/// An owed effect that was tried in vain.
#[derive(Clone, Debug)]
pub struct UndeliveredRow {
    /// What is owed.
    pub owed: OutboxRow,
    /// What was wrong the last time.
    pub problem: String,
}

/// An order not to perform an owed effect any more.
#[derive(Clone, Debug)]
pub struct GiveUp {
    /// Which.
    pub key: OutboxKey,
    /// The number of its record.
    pub number: String,
    /// What it is, in a word: `mail`, `signal`.
    pub kind: String,
    /// Who gives the order.
    pub by: Name,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// One person's share of a notice.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Who is told.
    pub person: Name,
    /// What.
    pub text: Labels,
    /// Where to look: a path of the site.
    pub link: String,
}

/// An owed notice, expanded to people; to nobody is fine, the row goes all the same.
#[derive(Clone, Debug)]
pub struct NoticeDelivery {
    /// Which row of the outbox it settles.
    pub key: OutboxKey,
    /// Who is told what.
    pub notices: Vec<Notice>,
}

/// What a person was told.
#[derive(Clone, Debug)]
pub struct Notification {
    /// Its identity, unique for the person.
    pub key: String,
    /// When.
    pub at: Timestamp,
    /// What.
    pub text: Labels,
    /// Where to look.
    pub link: String,
    /// When the person read it.
    pub read_at: Option<Timestamp>,
}

impl Store {
    /// What the records of a share owe and may be performed now, oldest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn outbox(&self, share: &Share, now: Timestamp, limit: usize) -> Result<Vec<OutboxRow>, StoreError> {
        read!(self, outbox::owed(share, now, limit))
    }

    /// What a record still owes, oldest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn owed_by(&self, record: InstanceId, limit: usize) -> Result<Vec<OutboxRow>, StoreError> {
        read!(self, outbox::owed_by(record, limit))
    }

    /// When the first of what was put off in a share may be performed, if anything was.
    ///
    /// # Errors
    /// The database failed.
    pub fn next_retry(&self, share: &Share, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        read!(self, outbox::next_retry(share, now))
    }

    /// What was tried in vain, oldest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn undelivered(&self, limit: usize) -> Result<Vec<UndeliveredRow>, StoreError> {
        read!(self, outbox::undelivered(limit))
    }

    /// An effect that was tried in vain.
    ///
    /// # Errors
    /// The database failed.
    pub fn undelivered_at(&self, key: OutboxKey) -> Result<Option<UndeliveredRow>, StoreError> {
        read!(self, outbox::undelivered_at(key))
    }

    /// Lets what was tried in vain be tried now; tells whether it was waiting. What a node has in hand is left to it.
    ///
    /// # Errors
    /// The database failed.
    pub fn retry_owed(&self, key: OutboxKey, now: Timestamp) -> Result<bool, StoreError> {
        write!(self, outbox::retry(key, now))
    }

    /// Gives up what was tried in vain, with a row in the audit trail; tells whether it was still owed.
    ///
    /// # Errors
    /// The database failed.
    pub fn give_up_owed(&self, order: &GiveUp) -> Result<bool, StoreError> {
        let order = order.clone();
        write!(self, outbox::give_up(&order))
    }

    /// What was owed is done.
    ///
    /// # Errors
    /// The database failed.
    pub fn settle_owed(&self, done: Vec<OutboxKey>) -> Result<(), StoreError> {
        write!(self, outbox::settle_all(&done))
    }

    /// Takes an owed effect in hand: nobody else performs it before then, unless this node dies. Tells whether the share
    /// is this node's still; if not, the effect is another one's and must be left alone.
    ///
    /// # Errors
    /// The database failed.
    pub fn hold_owed(&self, share: &Share, key: OutboxKey, until: Timestamp) -> Result<bool, StoreError> {
        let share = share.clone();
        write!(self, outbox::hold(&share, key, until))
    }

    /// What is owed waits for something that its record owes from before.
    ///
    /// # Errors
    /// The database failed.
    pub fn hold_back(&self, key: OutboxKey, until: Timestamp) -> Result<(), StoreError> {
        write!(self, outbox::hold_back(key, until))
    }

    /// What is owed could not be performed, and is tried again later.
    ///
    /// # Errors
    /// The database failed.
    pub fn put_off(&self, key: OutboxKey, until: Timestamp, problem: String) -> Result<(), StoreError> {
        write!(self, outbox::put_off(key, until, &problem))
    }

    /// Tells people and settles the rows of the outbox, in one transaction. Doing it twice tells nobody twice.
    ///
    /// # Errors
    /// The database failed.
    pub fn deliver_notices(&self, done: Vec<NoticeDelivery>) -> Result<(), StoreError> {
        write!(self, outbox::deliver(&done))
    }

    /// What a person was told, newest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn notifications(&self, person: &Name, limit: usize) -> Result<Vec<Notification>, StoreError> {
        read!(self, outbox::notifications(person, limit))
    }

    /// How many notifications a person has not read.
    ///
    /// # Errors
    /// The database failed.
    pub fn unread_count(&self, person: &Name) -> Result<u64, StoreError> {
        read!(self, outbox::unread_count(person))
    }

    /// The person has read all notifications up to that instant.
    ///
    /// # Errors
    /// The database failed.
    pub fn mark_read(&self, person: &Name, up_to: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        let person = person.clone();
        write!(self, outbox::mark_read(&person, up_to, now))
    }
}
