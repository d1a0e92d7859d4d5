//! What goes on without anybody asking: timers that come due, effects that are owed.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use engine::command::{Command, Rejection};
use engine::event::Actor;
use engine::ids::InstanceId;
use engine::time::Timestamp;
use store::Share;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use crate::execute::{Decision, ExecuteError, OnItsWay};
use crate::share::{BEAT, Node};
use crate::{Runtime, RuntimeError};

/// The longest sleep: polling is the truth, nudges only make it quicker.
const SLEEP_MAX: Duration = Duration::from_secs(1);
/// The shortest time between two turns: a busy hour brings many nudges, and one look serves them all.
const REST: Duration = Duration::from_millis(50);
/// How many effects are taken at once.
pub(crate) const BATCH: usize = 256;
/// How many records make it worth working out their words or measures at once.
const FULL: usize = crate::searching::BATCH;
/// How many timers are fired in one turn.
const FIRED_AT_ONCE: usize = 4_096;
/// How many records of them are read at once.
const READ_AT_ONCE: usize = 512;
/// How long a record whose timer failed is left alone, in milliseconds.
const BACK_OFF_MS: i64 = 60_000;

/// A timer that fires: its commit is on its way.
struct Firing {
    id: InstanceId,
    began: Instant,
    on_its_way: OnItsWay,
}

/// Wakes the background when a commit may have changed what is due.
#[derive(Debug, Default)]
pub(crate) struct Nudge {
    background: Notify,
    others: watch::Sender<()>,
}

impl Nudge {
    pub(crate) fn committed(&self) {
        self.background.notify_one();
        self.others.send_replace(());
    }
}

/// News that something was committed, here or, as a hint, on another node. What is written comes without news too: look
/// from time to time whatever it says.
#[derive(Debug)]
pub struct News(watch::Receiver<()>);

impl News {
    /// Returns when something may have been committed since the last call.
    pub async fn next(&mut self) {
        if self.0.changed().await.is_err() {
            // The runtime is gone, and with it all news.
            std::future::pending::<()>().await;
        }
    }
}

/// A nudge, but not before a rest.
async fn rested(nudge: &Nudge) {
    tokio::time::sleep(REST).await;
    nudge.background.notified().await;
}

/// The running background; stops when told to.
#[derive(Debug)]
pub struct Background {
    stop: watch::Sender<()>,
    task: JoinHandle<()>,
    sharing: Option<JoinHandle<()>>,
}

/// The background ended before it was told to.
#[derive(Debug, thiserror::Error)]
#[error("the timers stopped: {0}")]
pub struct BackgroundError(#[from] tokio::task::JoinError);

impl Background {
    /// Lets the work at hand finish and stops.
    ///
    /// # Errors
    /// It had ended before, by a panic.
    pub async fn stop(self) -> Result<(), BackgroundError> {
        // Nobody listens any more where the task has ended already; `task` tells why.
        let _ = self.stop.send(());
        let worked = self.task.await;
        if let Some(sharing) = self.sharing {
            sharing.await?;
        }
        Ok(worked?)
    }
}

impl Runtime {
    /// News from now on.
    pub fn news(&self) -> News {
        News(self.0.nudge.others.subscribe())
    }

    /// Starts the timers and the outbox. Call it within a tokio runtime.
    pub fn spawn_background(&self) -> Background {
        let (stop, mut stopped) = watch::channel(());
        let sharing = self.store().has_nodes().then(|| self.spawn_sharing(stopped.clone()));
        let nudge = self.0.nudge.clone();
        self.store().on_news(move || nudge.committed());
        let runtime = self.clone();
        let task = tokio::spawn(async move {
            let mut left_alone = BTreeMap::new();
            loop {
                let turn = runtime.clone();
                let worked = tokio::task::spawn_blocking(move || {
                    let sleep = turn.turn(&mut left_alone);
                    (sleep, left_alone)
                })
                .await;
                let sleep = match worked {
                    Ok((sleep, held)) => {
                        left_alone = held;
                        sleep
                    }
                    Err(cause) => {
                        tracing::error!(%cause, "a turn of the background panicked");
                        left_alone = BTreeMap::new();
                        SLEEP_MAX
                    }
                };
                tokio::select! {
                    () = tokio::time::sleep(sleep) => {}
                    () = rested(&runtime.0.nudge), if sleep > REST => {}
                    _ = stopped.changed() => return,
                }
            }
        });
        Background { stop, task, sharing }
    }

    /// Shares the records out with other nodes until it is told to stop.
    fn spawn_sharing(&self, mut stopped: watch::Receiver<()>) -> JoinHandle<()> {
        let runtime = self.clone();
        let name = self.0.ids.worker();
        let mut node = Node::joining(name.clone(), &self.0.holding);
        tokio::spawn(async move {
            loop {
                let beating = runtime.clone();
                let beaten = tokio::task::spawn_blocking(move || {
                    let taken = node.beat(beating.store(), &beating.0.holding, Instant::now());
                    (taken, node)
                })
                .await;
                node = match beaten {
                    Ok((taken, node)) => {
                        match taken {
                            Ok(true) => runtime.0.nudge.committed(),
                            Ok(false) => {}
                            Err(cause) => tracing::error!(%cause, "this node could not show that it lives"),
                        }
                        node
                    }
                    Err(cause) => {
                        tracing::error!(%cause, "sharing records out panicked");
                        Node::joining(name.clone(), &runtime.0.holding)
                    }
                };
                tokio::select! {
                    () = tokio::time::sleep(BEAT) => {}
                    _ = stopped.changed() => break,
                }
            }
            let left = tokio::task::spawn_blocking(move || node.leave(runtime.store(), &runtime.0.holding)).await;
            match left {
                Ok(Ok(())) => {}
                Ok(Err(cause)) => tracing::warn!(%cause, "other nodes take over as from a dead one"),
                Err(cause) => tracing::error!(%cause, "leaving panicked"),
            }
        })
    }

    /// Fires what is due and performs what is owed; says how long to sleep.
    fn turn(&self, left_alone: &mut BTreeMap<InstanceId, Timestamp>) -> Duration {
        if let Err(cause) = self.follow_registers() {
            tracing::error!(%cause, "the registers could not be read anew");
        }
        // Each half does its work whatever has become of the other.
        let (fired, performed, ordered) = (self.fire_due(left_alone), self.perform_owed(), self.work_on_batch());
        let (removed, started) = (self.keep_house(), self.begin_scheduled());
        let (measured, searched) = (self.keep_measures(), self.keep_searchable());
        let worked = fired.and_then(|fired| {
            let worked = fired + performed? + ordered? + removed? + started?;
            Ok((worked, measured? + searched?, self.next_turn()?))
        });
        match worked {
            // So few that what comes meanwhile may as well be worked out with the next.
            Ok((0, 1..FULL, _)) => REST,
            Ok((0, 0, Some(wake))) => {
                let until = u64::try_from(wake.since_ms(self.now())).unwrap_or(0);
                // A timer that was left alone is still due: not at once again.
                Duration::from_millis(until.max(if left_alone.is_empty() { 1 } else { 250 })).min(SLEEP_MAX)
            }
            Ok((0, 0, None)) => SLEEP_MAX,
            Ok(_) => Duration::ZERO,
            Err(cause) => {
                tracing::error!(%cause, "timers and outbox wait for the store");
                SLEEP_MAX
            }
        }
    }

    /// When something is due next, if ever.
    fn next_turn(&self) -> Result<Option<Timestamp>, RuntimeError> {
        let share = self.0.holding.share();
        let (wake, retry) = (self.store().next_wake(&share)?, self.store().next_retry(&share, self.now())?);
        let start = *self.0.next_start.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(wake.into_iter().chain(retry).chain([start]).min())
    }

    /// Fires the timers that are due; gives how many. While some are on their way to the disk, the next are read and decided.
    ///
    /// # Errors
    /// The store failed. A record whose own timer fails is logged and left alone for a while.
    pub fn fire_due(&self, left_alone: &mut BTreeMap<InstanceId, Timestamp>) -> Result<usize, RuntimeError> {
        let now = self.now();
        left_alone.retain(|_, until| *until > now);
        let due = self.store().due(&self.0.holding.share(), now, FIRED_AT_ONCE + left_alone.len())?;
        let due: Vec<InstanceId> =
            due.into_iter().map(|(id, _)| id).filter(|id| !left_alone.contains_key(id)).collect();
        let (mut fired, mut on_the_way) = (0, Vec::new());
        for some in due.chunks(READ_AT_ONCE) {
            let decided = self.decide_due(some, left_alone)?;
            fired += self.settle_due(std::mem::replace(&mut on_the_way, decided), left_alone);
        }
        Ok(fired + self.settle_due(on_the_way, left_alone))
    }

    fn decide_due(
        &self,
        due: &[InstanceId],
        left_alone: &mut BTreeMap<InstanceId, Timestamp>,
    ) -> Result<Vec<Firing>, RuntimeError> {
        let cold: Vec<InstanceId> = due.iter().copied().filter(|id| self.0.hot.get(*id).is_none()).collect();
        let mut read = self.store().load_each(&cold)?;
        let mut decided = Vec::with_capacity(due.len());
        for id in due.iter().copied() {
            let began = Instant::now();
            // A record that makes us panic must not stop the timers of all others.
            let tick = AssertUnwindSafe(|| match read.remove(&id) {
                Some(Ok(loaded)) => self.decide_on(&loaded, &Actor::System, Command::Tick, &[]),
                Some(Err(cause)) => Err(ExecuteError::from(cause)),
                None => self.decide(id, &Actor::System, Command::Tick, &[]),
            });
            match catch_unwind(tick) {
                Ok(Ok(Decision::Change(change))) => {
                    decided.push(Firing { id, began, on_its_way: self.send_off(change) });
                }
                // Somebody else has fired it meanwhile.
                Ok(Ok(Decision::Nothing(_))) => {}
                Err(_) => {
                    tracing::error!(instance = %id, "a timer panicked");
                    left_alone.insert(id, self.now().plus_ms(BACK_OFF_MS));
                }
                Ok(Err(cause)) => {
                    tracing::error!(instance = %id, %cause, "a timer could not fire");
                    left_alone.insert(id, self.now().plus_ms(BACK_OFF_MS));
                }
            }
        }
        Ok(decided)
    }

    fn settle_due(&self, decided: Vec<Firing>, left_alone: &mut BTreeMap<InstanceId, Timestamp>) -> usize {
        let mut fired = 0;
        for Firing { id, began, on_its_way } in decided {
            let settled = self.await_arrival(on_its_way);
            self.observe("tick", Some(id), &Actor::System, began.elapsed(), &settled);
            match settled {
                Ok(_) => fired += 1,
                // Somebody else was first; the wake is looked at again.
                Err(ExecuteError::Busy) => {}
                Err(cause) => {
                    tracing::error!(instance = %id, %cause, "a timer could not be stored");
                    left_alone.insert(id, self.now().plus_ms(BACK_OFF_MS));
                }
            }
        }
        fired
    }

    /// Fires everything that is due up to an instant at its own instant, on a clock that `set` moves: for the
    /// demo's history and tests.
    ///
    /// # Errors
    /// The store failed.
    pub fn advance(&self, until: Timestamp, set: &dyn Fn(Timestamp)) -> Result<(), ExecuteError> {
        while let Some(wake) = self.store().next_wake(&Share::Whole)?.filter(|wake| *wake <= until) {
            set(wake.max(self.now()));
            for (id, _) in self.store().due(&Share::Whole, self.now(), BATCH)? {
                match self.execute(id, Actor::System, Command::Tick) {
                    Ok(_) | Err(ExecuteError::Rejected(Rejection::Ended)) => {}
                    Err(cause) => return Err(cause),
                }
            }
        }
        set(until);
        Ok(())
    }
}
