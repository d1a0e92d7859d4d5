//! Whom an effect reaches. What one record owes to the same target is performed in the order in which it came about: what
//! was put off holds up its own line, and nobody else's.

use engine::effect::Effect;
use engine::ids::{InstanceId, Name};
use engine::time::Timestamp;
use store::OutboxRow;

use crate::background::BATCH;
use crate::{Runtime, RuntimeError};

/// How soon an effect is looked at again whose line is moving at the moment, in milliseconds.
const MOVING_MS: i64 = 250;
/// How long an effect waits at most before it is looked at again whether its line has moved, in milliseconds.
const LOOK_MS: i64 = 5_000;

/// Whom an effect reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target<'e> {
    /// A person, by e-mail.
    Mailbox(&'e Name),
    /// Another record.
    Record(InstanceId),
    /// An entry of a register.
    Entry(&'e Name, &'e Name),
    /// Those who wait for a signal.
    Signal(&'e Name),
}

impl<'e> Target<'e> {
    /// The target, where order matters: notices are told in the order of their instants whenever they come, and each
    /// request is awaited by a job of its own.
    fn of(effect: &'e Effect) -> Option<Target<'e>> {
        match effect {
            Effect::Mail { to, .. } => Some(Target::Mailbox(to)),
            Effect::Begin(begun) => Some(Target::Record(begun.instance)),
            Effect::Return { to, .. } | Effect::Link { to, .. } | Effect::Unlink { to, .. } => {
                Some(Target::Record(*to))
            }
            Effect::CancelCalled { begun } => Some(Target::Record(*begun)),
            Effect::Signal { signal } => Some(Target::Signal(signal)),
            Effect::Put(owed) => Some(Target::Entry(&owed.register, &owed.key)),
            Effect::Notify { .. } | Effect::Request { .. } => None,
        }
    }
}

impl Runtime {
    /// Until when an effect waits, where its record owes something to the same target from before that is not among
    /// what was done just now.
    pub(crate) fn waits_in_line(
        &self,
        row: &OutboxRow,
        done: &[store::OutboxKey],
    ) -> Result<Option<Timestamp>, RuntimeError> {
        let Some(target) = Target::of(&row.effect) else { return Ok(None) };
        let owed = self.store().owed_by(row.key.instance, BATCH)?;
        let is_ahead = |other: &&OutboxRow| {
            other.key < row.key && !done.contains(&other.key) && Target::of(&other.effect) == Some(target)
        };
        Ok(owed.iter().rfind(is_ahead).map(|ahead| match ahead.tries {
            0 => self.now().plus_ms(MOVING_MS),
            _ => ahead.retry_at.min(self.now().plus_ms(LOOK_MS)),
        }))
    }
}
