//! Measures, worked out behind the commits: what each record adds is kept where boards read it.
//!
//! Nothing is written with a commit. The background looks for records whose measures are not those of their revision, or
//! not those of the newest version of their process, and measures a batch of them. Every node measures the records of its own
//! share. Open records are looked through each time; of those that are over, which never change, the lately ended ones, and
//! now and then all.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use engine::ids::{InstanceId, Name};
use engine::measure::contributions;
use engine::time::{HOUR_MS, MINUTE_MS, Timestamp};
use store::{MeasuredRecord, Unmeasured};

use crate::figures::Measured;
use crate::{Runtime, RuntimeError};

/// How many records are measured in one transaction.
const BATCH: usize = 100;
/// How long the background waits between two looks where nothing is left to measure, in milliseconds.
const PAUSE_MS: i64 = 5_000;
/// After how long it looks through all records that are over, in milliseconds.
const ALL_MS: i64 = HOUR_MS;
/// How far behind its last look the ends of records are looked at again: other nodes have other clocks.
const BEHIND_MS: i64 = 10 * MINUTE_MS;

/// How far the measuring has come.
#[derive(Debug, Default)]
pub(crate) struct Measuring {
    /// When it is worth looking again.
    next: Option<Timestamp>,
    /// When all records were looked through.
    all: Option<Timestamp>,
    /// When nothing was left.
    done: Option<Timestamp>,
    /// Whether something was measured since boards' figures were read.
    since_figures: Measured,
    /// By which version each process was measured when nothing was left.
    versions: BTreeMap<Name, engine::ids::DefinitionId>,
}

impl Runtime {
    /// As of when every record that this node looks after is measured; nothing where that was not yet so since it runs.
    pub fn measured_as_of(&self) -> Option<Timestamp> {
        self.0.measuring.lock().unwrap_or_else(PoisonError::into_inner).done
    }

    /// Measures a batch of records; gives how many. Where it gives none, all are measured.
    ///
    /// # Errors
    /// The store failed, or a definition cannot be used.
    pub fn measure_some(&self) -> Result<usize, RuntimeError> {
        let began = self.now();
        let share = self.0.holding.share();
        let versions = self.store().current_versions()?;
        let ended_since = self.look_back_to(began, &versions);
        let mut measured = 0;
        for version in &versions {
            let (process, definition) = (&version.process, &version.id);
            let limit = BATCH - measured;
            let wanted = Unmeasured { process, definition, share: &share, ended_since, limit };
            let found = self.store().unmeasured(&wanted)?;
            if !found.is_empty() {
                measured += self.measure(definition, &found)?;
            }
            if measured >= BATCH {
                break;
            }
        }
        let mut held = self.0.measuring.lock().unwrap_or_else(PoisonError::into_inner);
        if measured > 0 {
            held.since_figures = Measured::Something;
        } else {
            if ended_since == Timestamp(i64::MIN) {
                held.all = Some(began);
            }
            held.done = Some(began);
            held.versions = versions.into_iter().map(|version| (version.process, version.id)).collect();
            let since = std::mem::replace(&mut held.since_figures, Measured::Nothing);
            drop(held);
            self.read_figures_again(since)?;
        }
        Ok(measured)
    }

    /// Which records that are over are looked at: all of them at first, after an hour, and where a process has another version.
    fn look_back_to(&self, now: Timestamp, versions: &[store::CurrentVersion]) -> Timestamp {
        let held = self.0.measuring.lock().unwrap_or_else(PoisonError::into_inner);
        let same = versions.iter().all(|version| held.versions.get(&version.process) == Some(&version.id));
        match (held.all, held.done) {
            (Some(all), Some(done)) if same && now.since_ms(all) < ALL_MS => done.plus_ms(-BEHIND_MS),
            _ => Timestamp(i64::MIN),
        }
    }

    fn measure(&self, id: &engine::ids::DefinitionId, records: &[InstanceId]) -> Result<usize, RuntimeError> {
        let (definition, directory) = (self.definition(id)?, self.directory());
        let mut measured = Vec::with_capacity(records.len());
        for (instance, loaded) in self.store().load_each(records)? {
            match loaded {
                Ok(loaded) => {
                    let adds = contributions(&definition, &loaded.instance, &directory, loaded.at);
                    measured.push(MeasuredRecord { instance, revision: loaded.revision, adds });
                }
                Err(cause) => tracing::error!(%instance, %cause, "a record could not be measured"),
            }
        }
        let count = measured.len();
        self.store().keep_measured(id, measured)?;
        Ok(count)
    }

    /// The background's share: a batch while there is something to measure, then a look a little later.
    pub(crate) fn keep_measures(&self) -> Result<usize, RuntimeError> {
        let now = self.now();
        let next = self.0.measuring.lock().unwrap_or_else(PoisonError::into_inner).next;
        if next.is_some_and(|next| now < next) {
            return Ok(0);
        }
        let measured = self.measure_some()?;
        if measured == 0 {
            self.0.measuring.lock().unwrap_or_else(PoisonError::into_inner).next = Some(now.plus_ms(PAUSE_MS));
        }
        Ok(measured)
    }
}
