//! What writes what is no commit: people, registers, definitions, the audit trail. What waits shares a
//! transaction, which sees one picture of the database. Where another node has changed what it saw, or has written the
//! next link of the audit trail, it is tried anew on a fresh picture: so the trail never forks, and whatever leaves an
//! entry there is decided as if there were one writer.

use super::Connection;
use super::bell::Rope;
use super::connection::Line;
use super::transaction::{Sees, transact};
use crate::StoreError;
use crate::work::Job;
use crate::worker;

/// How often a write that clashes is tried. Of those that clash one gets on each time, so this is how many nodes may
/// write at the same instant; a name that is taken is refused after as many looks.
const TRIES_MAX: u32 = 12;

/// The connection that writes, and the rope that it pulls afterwards.
pub(super) struct Desk {
    pub(super) line: Line,
    pub(super) rope: Rope,
}

impl worker::Desk for Desk {
    type Work = Box<dyn Job<Connection>>;

    fn settle(&mut self, batch: Vec<Self::Work>, _more: &mut dyn FnMut(usize) -> Vec<Self::Work>) {
        settle(&mut self.line, batch);
        self.rope.pull();
    }
}

/// All in one transaction. Where that fails, each is tried alone, so that only the culprit hears of it.
fn settle(line: &mut Line, mut batch: Vec<Box<dyn Job<Connection>>>) {
    if batch.len() > 1 && run(line, &mut batch).is_ok() {
        batch.into_iter().for_each(|job| job.answer(Ok(())));
        return;
    }
    for job in batch {
        let mut alone = vec![job];
        let mut done = run(line, &mut alone);
        for _ in 1..TRIES_MAX {
            match &done {
                Err(StoreError::Clash(_)) => done = run(line, &mut alone),
                Ok(()) | Err(_) => break,
            }
        }
        if let Err(cause) = &done {
            tracing::error!(%cause, "a write failed");
        }
        alone.into_iter().for_each(|job| job.answer(done.clone()));
    }
}

fn run(line: &mut Line, batch: &mut [Box<dyn Job<Connection>>]) -> Result<(), StoreError> {
    transact(line, Sees::OnePicture, |connection| batch.iter_mut().try_for_each(|job| job.run(connection)))
        .map_err(super::transaction::Undone::cause)
}
