//! Who writes: callers themselves, each in its own thread, while nobody else waits, which spares handing the work to another
//! thread and back; where several wait, a worker's thread, for all of them at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::StoreError;

/// The most work that one transaction holds.
pub(crate) const BATCH_MAX: usize = 256;
/// The most work that may wait; then callers wait to hand theirs over.
const QUEUE_MAX: usize = 1_024;
/// How long the thread waits for work until it lets the desk rest.
const IDLE: Duration = Duration::from_secs(1);

/// Where work is carried out. One at a time is at it.
pub(crate) trait Desk: Send + 'static {
    /// What is carried out here.
    type Work: Send + 'static;

    /// Carries out a batch and answers each. What `more` gives, at most so many, may join it.
    fn settle(&mut self, batch: Vec<Self::Work>, more: &mut dyn FnMut(usize) -> Vec<Self::Work>);

    /// Nothing was handed over for a while.
    fn rest(&mut self) {}

    /// Nothing can come any more.
    fn leave(&mut self) {}
}

/// Somebody who waits for a worker's answer counts as long as this lives.
pub(crate) struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A desk with the thread that works off what waits. Dropped, it lets the thread finish that.
pub(crate) struct Worker<D: Desk> {
    desk: Arc<Mutex<D>>,
    waiting: Arc<AtomicUsize>,
    queue: Option<SyncSender<D::Work>>,
    thread: Option<JoinHandle<()>>,
}

impl<D: Desk> Worker<D> {
    /// Starts the thread.
    pub(crate) fn start(name: &str, desk: D) -> Result<Worker<D>, StoreError> {
        let (queue, waiting) = sync_channel(QUEUE_MAX);
        let desk = Arc::new(Mutex::new(desk));
        let shared = desk.clone();
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || serve(&shared, &waiting))
            .map_err(|cause| StoreError::Database(format!("the writer cannot start: {cause}")))?;
        Ok(Worker { desk, waiting: Arc::default(), queue: Some(queue), thread: Some(thread) })
    }

    /// From now on somebody waits for an answer.
    pub(crate) fn count(&self) -> Counted {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Counted(self.waiting.clone())
    }

    /// How many wait for an answer.
    pub(crate) fn unanswered(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Leaves work to the thread. What cannot be handed over is dropped, and its promise tells the caller that the store
    /// is closed.
    pub(crate) fn hand_over(&self, work: D::Work) {
        if let Some(queue) = &self.queue {
            let _ = queue.send(work);
        }
    }

    /// Carries out work for a caller who waits for it: here, where nobody else is counted, else in the thread.
    pub(crate) fn carry_out(&self, work: D::Work) {
        let alone = self.unanswered() <= 1;
        match alone.then(|| self.desk.try_lock()) {
            Some(Ok(mut desk)) => desk.settle(vec![work], &mut |_| Vec::new()),
            // Somebody is at the desk, or has panicked there, of which the thread tells.
            Some(Err(_)) | None => self.hand_over(work),
        }
    }
}

/// Works off what comes until nothing can come any more. After a panic at the desk nobody can say how it was left: that is
/// the end.
fn serve<D: Desk>(desk: &Mutex<D>, waiting: &Receiver<D::Work>) {
    loop {
        let first = waiting.recv_timeout(IDLE);
        let mut desk = desk.lock().expect("nobody has panicked while writing");
        match first {
            Ok(first) => {
                let mut batch = vec![first];
                batch.extend(waiting.try_iter().take(BATCH_MAX - 1));
                desk.settle(batch, &mut |limit| waiting.try_iter().take(limit).collect());
            }
            Err(RecvTimeoutError::Timeout) => desk.rest(),
            Err(RecvTimeoutError::Disconnected) => return desk.leave(),
        }
    }
}

impl<D: Desk> Drop for Worker<D> {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the writer had panicked");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::thread::{self, ThreadId};

    use super::*;
    use crate::ticket::{Promise, pair};

    /// What happened to a piece of work.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Fate {
        DoneBy(ThreadId),
        Refused,
    }

    /// Tells who did what, and panics where there is nothing to do.
    struct Telling;

    impl Desk for Telling {
        type Work = Option<Promise<Fate>>;

        fn settle(&mut self, batch: Vec<Self::Work>, _more: &mut dyn FnMut(usize) -> Vec<Self::Work>) {
            for work in batch {
                work.expect("there is something to do").keep(Fate::DoneBy(thread::current().id()));
            }
        }
    }

    #[test]
    fn who_is_alone_writes_at_once_and_who_is_not_leaves_it_to_the_thread() {
        let worker = Worker::start("telling", Telling).expect("it starts");
        let here = Fate::DoneBy(thread::current().id());
        let one = worker.count();
        let (ticket, promise) = pair(Fate::Refused);
        worker.carry_out(Some(promise));
        assert_eq!(ticket.wait(), here);

        let other = worker.count();
        let (ticket, promise) = pair(Fate::Refused);
        worker.carry_out(Some(promise));
        let fate = ticket.wait();
        assert!(fate != here && fate != Fate::Refused, "{fate:?}");
        drop((one, other));
        assert_eq!(worker.unanswered(), 0);
    }

    #[test]
    fn where_somebody_has_panicked_everybody_is_refused() {
        let worker = Worker::start("panicking", Telling).expect("it starts");
        let _counted = worker.count();
        assert!(catch_unwind(AssertUnwindSafe(|| worker.carry_out(None))).is_err(), "it panics where it is done");
        for _ in 0..2 {
            let (ticket, promise) = pair(Fate::Refused);
            worker.carry_out(Some(promise));
            assert_eq!(ticket.wait(), Fate::Refused);
        }
    }
}
