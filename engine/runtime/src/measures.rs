//! Measures, worked out behind the commits: what each record adds is kept where boards read it.
//!
//! Nothing is written with a commit. A node remembers which records it stepped and measures them a moment later; from time to
//! time it looks, among the records of its own share, for those whose measures are not those of their revision, or not those
//! of the newest version of their process. Open records are looked through each time; of those that are over, which never
//! change, the lately ended ones, and now and then all.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use engine::ids::{DefinitionId, InstanceId, Name};
use engine::measure::contributions;
use engine::time::{HOUR_MS, MINUTE_MS, Timestamp};
use store::{Loaded, MeasuredRecord, Unmeasured};

use crate::figures::Measured;
use crate::stepped::{Remembered, Stepped};
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
    stepped: Stepped,
    /// When it is worth looking again.
    next: Option<Timestamp>,
    /// When all records were looked through.
    all: Option<Timestamp>,
    /// When nothing was left.
    done: Option<Timestamp>,
    /// Whether something was measured since boards' figures were read.
    since_figures: Measured,
    /// By which version each process was measured when nothing was left.
    versions: BTreeMap<Name, DefinitionId>,
}

impl Measuring {
    pub(crate) fn was_stepped(&mut self, id: InstanceId) {
        if self.stepped.add(id) == Remembered::Lost {
            self.next = None;
        }
    }
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
        match self.measure_stepped()? {
            0 => self.measure_unknown(),
            measured => Ok(measured),
        }
    }

    /// Measures a batch of those that were stepped here; gives how many.
    fn measure_stepped(&self) -> Result<usize, RuntimeError> {
        let stepped = self.0.measuring.lock().unwrap_or_else(PoisonError::into_inner).stepped.take(BATCH);
        if stepped.is_empty() {
            return Ok(0);
        }
        let versions = self.store().current_versions()?;
        let current: BTreeMap<_, _> = versions.into_iter().map(|version| (version.process, version.id)).collect();
        let mut alike = BTreeMap::<_, Vec<Loaded>>::new();
        for loaded in self.load_whole(&stepped)? {
            let followed = self.definition(loaded.instance.definition())?;
            if let Some(id) = current.get(&followed.parts().name) {
                alike.entry(id).or_default().push(loaded);
            }
        }
        for (id, records) in alike {
            self.measure(id, &records)?;
        }
        self.0.measuring.lock().unwrap_or_else(PoisonError::into_inner).since_figures = Measured::Something;
        Ok(stepped.len())
    }

    /// Measures a batch of those that are not measured, whoever stepped them; gives how many.
    fn measure_unknown(&self) -> Result<usize, RuntimeError> {
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
                measured += self.measure(definition, &self.load_whole(&found)?)?;
            }
            if measured >= BATCH {
                break;
            }
        }
        let mut held = self.0.measuring.lock().unwrap_or_else(PoisonError::into_inner);
        if measured > 0 {
            held.since_figures = Measured::Something;
        }
        // Fewer than were asked for are all that there were.
        if measured < BATCH {
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

    /// Those of these records that can be read.
    fn load_whole(&self, records: &[InstanceId]) -> Result<Vec<Loaded>, RuntimeError> {
        let mut whole = Vec::with_capacity(records.len());
        for (instance, loaded) in self.store().load_each(records)? {
            match loaded {
                Ok(loaded) => whole.push(loaded),
                Err(cause) => tracing::error!(%instance, %cause, "a record could not be measured"),
            }
        }
        Ok(whole)
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

    fn measure(&self, id: &DefinitionId, records: &[Loaded]) -> Result<usize, RuntimeError> {
        let (definition, directory) = (self.definition(id)?, self.directory());
        let measured = |loaded: &Loaded| MeasuredRecord {
            instance: loaded.instance.id(),
            revision: loaded.revision,
            adds: contributions(&definition, &loaded.instance, &directory, loaded.at),
        };
        self.store().keep_measured(id, records.iter().map(measured).collect())?;
        Ok(records.len())
    }

    /// The background's share: what was stepped here at once, a look for the rest a little later each time.
    pub(crate) fn keep_measures(&self) -> Result<usize, RuntimeError> {
        let now = self.now();
        let stepped = self.measure_stepped()?;
        let next = self.0.measuring.lock().unwrap_or_else(PoisonError::into_inner).next;
        if next.is_some_and(|next| now < next) {
            return Ok(stepped);
        }
        let found = self.measure_unknown()?;
        if found < BATCH {
            self.0.measuring.lock().unwrap_or_else(PoisonError::into_inner).next = Some(now.plus_ms(PAUSE_MS));
        }
        Ok(stepped + found)
    }
}
