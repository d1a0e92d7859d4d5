//! What is owed to the world, and the notifications that it becomes.

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

    /// When the first of what was put off in a share may be performed, if anything was.
    ///
    /// # Errors
    /// The database failed.
    pub fn next_retry(&self, share: &Share, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        read!(self, outbox::next_retry(share, now))
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
