//! What writes the commits of some shards. It applies what waits with one statement, which is a transaction by itself, and
//! answers after the durable commit. Each commit wins or loses alone by its revision and head, without
//! savepoints.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use diesel::prelude::*;

use super::Connection;
use super::bell::Rope;
use super::columns::Columns;
use super::connection::Line;
use super::statement::WriteBatch;
use super::tables::apply::apply;
use super::transaction::{Sees, Undone, state, transact};
use crate::StoreError;
use crate::commit::{Commit, Verdict};
use crate::schema::event;
use crate::work::Submitted;
use crate::worker;

/// How often a commit is tried that clashes with another node's.
const TRIES_MAX: u32 = 5;

/// How often, and how long between, a server is looked for that went away at the end of a transaction.
const LOOKS_MAX: u32 = 100;
const LOOK: Duration = Duration::from_millis(100);

/// A connection that writes, and the rope that it pulls afterwards.
pub(super) struct Desk {
    pub(super) line: Line,
    pub(super) rope: Rope,
}

impl worker::Desk for Desk {
    type Work = Submitted;

    fn settle(&mut self, batch: Vec<Submitted>, _more: &mut dyn FnMut(usize) -> Vec<Submitted>) {
        settle(&mut self.line, batch);
        self.rope.pull();
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
        Err(Undone::Unknown(cause)) => {
            tracing::warn!(%cause, "the server went away at the end of a transaction: what has become of it is looked up");
            wait_for(line);
            batch.into_iter().for_each(|submitted| alone(line, submitted));
        }
        Err(undone) => {
            let cause = undone.cause();
            tracing::error!(%cause, "commits failed");
            batch.into_iter().for_each(|submitted| submitted.answer(Err(cause.clone())));
        }
    }
}

/// Waits a while until the server is there again.
fn wait_for(line: &mut Line) {
    for _ in 0..LOOKS_MAX {
        match line.connection() {
            Ok(_) => return,
            Err(_) => std::thread::sleep(LOOK),
        }
    }
}

/// One commit in plain statements, of which each says by itself what is wrong. One that was made durable before, though
/// its answer was lost, has won.
fn alone(line: &mut Line, submitted: Submitted) {
    let mut once = || {
        transact(line, Sees::Newest, |connection| match apply(connection, &submitted.commit)? {
            Verdict::Lost if stands(connection, &submitted.commit)? => Ok(Verdict::Won),
            verdict => Ok(verdict),
        })
    };
    let mut done = once();
    for _ in 1..TRIES_MAX {
        match &done {
            Err(Undone::Nothing(StoreError::Clash(_)) | Undone::Unknown(_)) => done = once(),
            Ok(_) | Err(Undone::Nothing(_)) => break,
        }
    }
    submitted.answer(match done {
        Ok(verdict) => Ok(verdict),
        Err(undone) => {
            let cause = undone.cause();
            tracing::error!(%cause, "a commit failed");
            Err(cause)
        }
    });
}

/// Whether this very commit is in the history.
fn stands(connection: &mut Connection, commit: &Commit) -> Result<bool, StoreError> {
    let held: Option<Vec<u8>> = event::table
        .filter(event::shard.eq(commit.shard))
        .filter(event::instance.eq(commit.event.instance))
        .filter(event::revision.eq(commit.event.revision))
        .select(event::hash)
        .first(connection)
        .optional()?;
    Ok(held.is_some_and(|hash| hash == commit.after.head))
}

fn run(line: &mut Line, batch: &[Submitted]) -> Result<Vec<Verdict>, Undone> {
    let waves = waves(batch);
    let won = match waves.as_slice() {
        [wave] => state(line, |connection| winners(connection, batch, wave))?,
        waves => transact(line, Sees::Newest, |connection| {
            let mut won = BTreeSet::new();
            for wave in waves {
                won.append(&mut winners(connection, batch, wave)?);
            }
            Ok(won)
        })?,
    };
    let verdict = |place| if won.contains(&place) { Verdict::Won } else { Verdict::Lost };
    Ok((0..batch.len()).map(verdict).collect())
}

/// The places of a batch, divided so that no instance comes twice in a part: commits of one instance follow one another.
fn waves(batch: &[Submitted]) -> Vec<Vec<usize>> {
    let mut waves: Vec<Vec<usize>> = Vec::new();
    let mut seen = BTreeMap::<i64, usize>::new();
    for (place, submitted) in batch.iter().enumerate() {
        let wave = seen.entry(submitted.commit.event.instance).or_default();
        match waves.get_mut(*wave) {
            Some(held) => held.push(place),
            None => waves.push(vec![place]),
        }
        *wave += 1;
    }
    waves
}

fn winners(connection: &mut Connection, batch: &[Submitted], wave: &[usize]) -> Result<BTreeSet<usize>, StoreError> {
    let commits = wave.iter().filter_map(|place| batch.get(*place)).map(|submitted| &*submitted.commit);
    let won: Vec<i32> = WriteBatch(Columns::of(commits)).load(connection)?;
    let place = |won: i32| wave.get(usize::try_from(won).ok()?).copied();
    Ok(won.into_iter().filter_map(place).collect())
}
