//! What boards have asked for lately, kept ready: it is read again behind the boards, when something was measured and now
//! and then, so that a board does not wait for the days behind it.
//!
//! A figure is thus as old as the last look of the background, which the board says.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use engine::time::{MINUTE_MS, Timestamp};
use store::{MeasuredQuery, MeasuredRow};

use crate::{Runtime, RuntimeError};

/// For how long what nobody asks for is kept ready.
const ASKED_MS: i64 = 10 * MINUTE_MS;
/// After how long it is read again though this node measured nothing: others may have.
const AGAIN_MS: i64 = MINUTE_MS / 2;
/// How old it may be at most: beyond, the background is late and the board reads by itself.
const OLD_MS: i64 = 2 * MINUTE_MS;
/// How many rows are kept in all; beyond, what was asked for longest ago goes.
const ROWS_MAX: usize = 200_000;

/// What is kept ready.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    ready: HashMap<MeasuredQuery, Ready>,
    /// When all of it was read again.
    read: Option<Timestamp>,
}

/// An answer.
#[derive(Debug)]
struct Ready {
    rows: Arc<[MeasuredRow]>,
    read: Timestamp,
    asked: Timestamp,
}

impl Figures {
    fn put(&mut self, query: MeasuredQuery, ready: Ready) {
        self.ready.insert(query, ready);
        while self.ready.values().map(|ready| ready.rows.len()).sum::<usize>() > ROWS_MAX {
            let oldest = self.ready.iter().min_by_key(|(_, ready)| ready.asked).map(|(query, _)| query.clone());
            let Some(oldest) = oldest else { break };
            self.ready.remove(&oldest);
        }
    }
}

/// Whether the background has measured something since it read them last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Measured {
    Something,
    #[default]
    Nothing,
}

impl Runtime {
    /// What a measure is made of, by day, as of the last look of the background.
    ///
    /// # Errors
    /// The store failed.
    pub fn figures(&self, query: &MeasuredQuery) -> Result<Arc<[MeasuredRow]>, RuntimeError> {
        let now = self.now();
        let mut held = self.0.figures.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ready) = held.ready.get_mut(query).filter(|ready| now.since_ms(ready.read).abs() < OLD_MS) {
            ready.asked = now;
            return Ok(Arc::clone(&ready.rows));
        }
        drop(held);
        let rows: Arc<[MeasuredRow]> = self.store().measured(query)?.into();
        let ready = Ready { rows: Arc::clone(&rows), read: now, asked: now };
        self.0.figures.lock().unwrap_or_else(PoisonError::into_inner).put(query.clone(), ready);
        Ok(rows)
    }

    /// Reads again what boards have asked for lately.
    ///
    /// # Errors
    /// The store failed; what is old by then is read by the boards themselves.
    pub(crate) fn read_figures_again(&self, measured: Measured) -> Result<(), RuntimeError> {
        let now = self.now();
        let mut held = self.0.figures.lock().unwrap_or_else(PoisonError::into_inner);
        let lately = held.read.is_some_and(|read| now.since_ms(read).abs() < AGAIN_MS);
        if measured == Measured::Nothing && lately {
            return Ok(());
        }
        held.read = Some(now);
        held.ready.retain(|_, ready| now.since_ms(ready.asked).abs() < ASKED_MS);
        let asked: Vec<(MeasuredQuery, Timestamp)> =
            held.ready.iter().map(|(query, ready)| (query.clone(), ready.asked)).collect();
        drop(held);
        for (query, asked) in asked {
            let rows = self.store().measured(&query)?.into();
            let mut held = self.0.figures.lock().unwrap_or_else(PoisonError::into_inner);
            let asked = held.ready.get(&query).map_or(asked, |ready| ready.asked);
            held.put(query, Ready { rows, read: now, asked });
        }
        Ok(())
    }
}
