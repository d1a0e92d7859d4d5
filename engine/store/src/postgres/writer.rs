//! A thread that writes the commits of some shards. It takes what waits, applies it in one transaction, and answers
//! after the durable commit. Each commit wins or loses alone by its revision and head, without savepoints.

use std::sync::mpsc::Receiver;

use super::connection::Line;
use super::tables::apply::apply;
use super::transaction::{Sees, Undone, transact};
use crate::StoreError;
use crate::commit::Verdict;
use crate::work::{BATCH_MAX, Submitted};

/// How often a commit is tried that clashes with another node's.
const TRIES_MAX: u32 = 5;

/// Writes what comes until nothing can come any more.
pub(super) fn serve(mut line: Line, waiting: &Receiver<Submitted>) {
    while let Ok(first) = waiting.recv() {
        let mut batch = vec![first];
        batch.extend(waiting.try_iter().take(BATCH_MAX - 1));
        settle(&mut line, batch);
    }
}

/// Applies a batch. Where that fails, each is tried alone, so that only the culprit hears of it.
fn settle(line: &mut Line, batch: Vec<Submitted>) {
    match run(line, &batch) {
        Ok(verdicts) => {
            for (submitted, verdict) in batch.into_iter().zip(verdicts) {
                submitted.answer(Ok(verdict));
            }
        }
        Err(Undone::Nothing(cause)) if batch.len() > 1 => {
            tracing::warn!(%cause, "a batch of {} commits failed and is tried one by one", batch.len());
            for submitted in batch {
                alone(line, submitted);
            }
        }
        Err(Undone::Nothing(StoreError::Clash(_))) => batch.into_iter().for_each(|submitted| alone(line, submitted)),
        Err(undone) => {
            let cause = undone.cause();
            tracing::error!(%cause, "commits failed");
            batch.into_iter().for_each(|submitted| submitted.answer(Err(cause.clone())));
        }
    }
}

fn alone(line: &mut Line, submitted: Submitted) {
    let batch = [submitted];
    let mut done = run(line, &batch);
    for _ in 1..TRIES_MAX {
        match &done {
            Err(Undone::Nothing(StoreError::Clash(_))) => done = run(line, &batch),
            Ok(_) | Err(_) => break,
        }
    }
    let [submitted] = batch;
    submitted.answer(match done {
        Ok(verdicts) => verdicts.first().copied().ok_or(StoreError::Closed),
        Err(undone) => {
            let cause = undone.cause();
            tracing::error!(%cause, "a commit failed");
            Err(cause)
        }
    });
}

fn run(line: &mut Line, batch: &[Submitted]) -> Result<Vec<Verdict>, Undone> {
    transact(line, Sees::Newest, |connection| {
        batch.iter().map(|submitted| apply(connection, &submitted.commit)).collect()
    })
}
