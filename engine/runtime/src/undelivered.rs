//! What records owe and could not be performed: an operator looks, lets it be tried now, or gives it up.

use engine::command::Command;
use engine::effect::Effect;
use engine::ids::Name;
use store::{GiveUp, OutboxKey, UndeliveredRow};

use crate::owed::Performed;
use crate::{Runtime, RuntimeError};

/// What giving up an effect means for its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renounced {
    /// Nothing: the record does not wait for it.
    Dropped,
    /// The record that owes it waits for repair.
    Repair,
    /// It cannot be given up: a record waits for it, and an operator moves or mends that record instead.
    Awaited,
}

impl Renounced {
    /// What giving up an effect would mean.
    pub fn of(effect: &Effect) -> Renounced {
        match effect {
            Effect::Notify { .. }
            | Effect::Mail { .. }
            | Effect::CancelCalled { .. }
            | Effect::Signal { .. }
            | Effect::Link { .. }
            | Effect::Unlink { .. }
            | Effect::Put(_) => Renounced::Dropped,
            Effect::Begin(_) => Renounced::Repair,
            Effect::Return { .. } | Effect::Request { .. } => Renounced::Awaited,
        }
    }
}

/// What became of an order about an effect that was tried in vain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ordered {
    /// It is done.
    Done,
    /// The effect was performed meanwhile, given up, or is under way.
    TooLate,
    /// A record waits for the effect.
    Awaited,
    /// The record that would wait for repair does not take the order.
    Refused(String),
}

/// An effect in a word, as the audit trail has it.
pub fn kind(effect: &Effect) -> &'static str {
    match effect {
        Effect::Notify { .. } => "notice",
        Effect::Mail { .. } => "mail",
        Effect::Begin(_) => "begin",
        Effect::Return { .. } => "return",
        Effect::CancelCalled { .. } => "cancel",
        Effect::Signal { .. } => "signal",
        Effect::Link { .. } => "link",
        Effect::Unlink { .. } => "unlink",
        Effect::Put(_) => "entry",
        Effect::Request { .. } => "request",
    }
}

impl Runtime {
    /// Lets an effect be tried as soon as may be.
    ///
    /// # Errors
    /// The store failed.
    pub fn try_owed_now(&self, key: OutboxKey) -> Result<Ordered, RuntimeError> {
        if !self.store().retry_owed(key, self.now())? {
            return Ok(Ordered::TooLate);
        }
        self.0.nudge.committed();
        Ok(Ordered::Done)
    }

    /// Gives an effect up, with a reason.
    ///
    /// # Errors
    /// The store failed.
    pub fn give_up_owed(&self, key: OutboxKey, by: &Name, reason: &str) -> Result<Ordered, RuntimeError> {
        let Some(UndeliveredRow { owed, .. }) = self.store().undelivered_at(key)? else { return Ok(Ordered::TooLate) };
        match (Renounced::of(&owed.effect), &owed.effect) {
            (Renounced::Awaited, _) => return Ok(Ordered::Awaited),
            (Renounced::Repair, Effect::Begin(begun)) => {
                let not_begun = Command::NotBegun { begun: Box::new(begun.clone()), problem: reason.to_owned() };
                if let Performed::NotYet(problem) = self.order(begun.origin.by, not_begun)? {
                    return Ok(Ordered::Refused(problem));
                }
            }
            (Renounced::Dropped | Renounced::Repair, _) => {}
        }
        let order = GiveUp {
            key,
            number: owed.number,
            kind: kind(&owed.effect).to_owned(),
            by: by.clone(),
            at: self.now(),
            reason: reason.to_owned(),
        };
        Ok(if self.store().give_up_owed(&order)? { Ordered::Done } else { Ordered::TooLate })
    }
}
