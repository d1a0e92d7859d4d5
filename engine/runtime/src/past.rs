//! Writes records that were played in memory: replays and the demo's history. Many commits are on their way to
//! the disk at once.

use std::collections::VecDeque;

use engine::definition::Definition;
use engine::ids::InstanceId;
use engine::play::Played;
use engine::time::Timestamp;
use store::{Commit, CommitError, Loaded, Pending};

use crate::execute::ExecuteError;
use crate::{Runtime, RuntimeError};

/// How many commits may wait for the disk at once.
const IN_FLIGHT_MAX: usize = 2_000;

/// Writes played records. What they would have sent stands in their histories; nobody is told of it years later.
pub struct PastWriter<'r> {
    runtime: &'r Runtime,
    in_flight: VecDeque<Pending>,
}

impl Runtime {
    /// A writer for records that were played in memory.
    pub fn past_writer(&self) -> PastWriter<'_> {
        PastWriter { runtime: self, in_flight: VecDeque::new() }
    }

    /// The identity and number of a record that begins at an instant, for playing it.
    ///
    /// # Errors
    /// The store failed.
    pub fn new_record(&self, definition: &Definition, at: Timestamp) -> Result<(InstanceId, String), RuntimeError> {
        Ok((self.0.ids.next(), self.next_number_at(definition, at)?.written))
    }
}

impl PastWriter<'_> {
    /// Queues all steps of a record.
    ///
    /// # Errors
    /// The store failed, or another program writes to the same records.
    pub fn write(&mut self, definition: &Definition, played: &[Played]) -> Result<(), ExecuteError> {
        let mut before: Option<Loaded> = None;
        for one in played {
            let (instance, events) = (one.instance.clone(), one.events.clone());
            let step = engine::Step { instance, events, effects: Vec::new() };
            let commit = Commit::new(definition, before.as_ref(), step, one.at, &one.actor, one.verb);
            before = Some(commit.after());
            self.in_flight.push_back(self.runtime.store().submit(commit));
            while self.in_flight.len() > IN_FLIGHT_MAX {
                self.wait_for_one()?;
            }
        }
        Ok(())
    }

    /// Waits until everything is durable.
    ///
    /// # Errors
    /// As [`PastWriter::write`].
    pub fn finish(mut self) -> Result<(), ExecuteError> {
        while !self.in_flight.is_empty() {
            self.wait_for_one()?;
        }
        Ok(())
    }

    fn wait_for_one(&mut self) -> Result<(), ExecuteError> {
        match self.in_flight.pop_front().map(Pending::wait) {
            None | Some(Ok(_)) => Ok(()),
            Some(Err(CommitError::Lost)) => Err(ExecuteError::Busy),
            Some(Err(CommitError::Broken(cause))) => Err(ExecuteError::Broken(cause.into())),
        }
    }
}
