//! Effects that wait for somebody outside: each on a thread of its own, a few at once, so that no timer waits with them.

use std::sync::atomic::{AtomicUsize, Ordering};

use store::OutboxRow;

use crate::owed::{Performed, alone};
use crate::{Runtime, RuntimeError};

/// For how long an effect belongs to the node that performs it; after that another tries again, in milliseconds. Longer
/// than anybody outside may take.
const UNDER_WAY_MS: i64 = 40_000;
/// How soon an effect is looked at again for which there is no room now, in milliseconds.
const NO_ROOM_MS: i64 = 250;
/// How many a node has under way at once.
const UNDER_WAY_MAX: usize = 16;

/// How many are under way.
#[derive(Debug, Default)]
pub(crate) struct Room(AtomicUsize);

/// One that is under way, which makes room when it is over, whatever happened.
struct UnderWay(Runtime);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.0.room.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Runtime {
    /// Performs an effect on a thread of its own, which settles it or puts it off.
    pub(crate) fn perform_apart(
        &self,
        row: &OutboxRow,
        work: impl FnOnce(&Runtime, &OutboxRow) -> Result<Performed, RuntimeError> + Send + 'static,
    ) -> Result<Performed, RuntimeError> {
        let full = self.0.room.0.fetch_add(1, Ordering::Relaxed) >= UNDER_WAY_MAX;
        let under_way = UnderWay(self.clone());
        let length_ms = if full { NO_ROOM_MS } else { UNDER_WAY_MS };
        let ours = self.store().hold_owed(&self.0.holding.share(), row.key, self.now().plus_ms(length_ms))?;
        if full || !ours {
            return Ok(Performed::UnderWay);
        }
        let row = row.clone();
        let spawned = std::thread::Builder::new().name("outside".to_owned()).spawn(move || {
            let runtime = &under_way.0;
            let settled = match alone(|| work(runtime, &row)) {
                Ok(Performed::NotYet(problem)) => runtime.put_off(row.clone(), problem),
                Ok(Performed::Done | Performed::Told(_) | Performed::UnderWay) => {
                    runtime.store().settle_owed(vec![row.key]).map_err(RuntimeError::from)
                }
                Err(cause) => Err(cause),
            };
            if let Err(cause) = settled {
                tracing::error!(instance = %row.key.instance, %cause, "an effect is tried again later");
            }
        });
        match spawned {
            Ok(_) => Ok(Performed::UnderWay),
            Err(cause) => Ok(Performed::NotYet(cause.to_string())),
        }
    }
}
