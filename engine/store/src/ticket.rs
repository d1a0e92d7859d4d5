//! The promise of an answer between a caller and the writer.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

struct Slot<T> {
    answer: Mutex<Option<T>>,
    there: Condvar,
}

/// The caller's end: waits.
pub(crate) struct Ticket<T>(Arc<Slot<T>>);

/// The writer's end: answers once. Dropped unanswered, it gives what it was told to give.
pub(crate) struct Promise<T> {
    slot: Arc<Slot<T>>,
    otherwise: Option<T>,
}

/// A ticket and its promise; `otherwise` is the answer where the writer goes away without one.
pub(crate) fn pair<T>(otherwise: T) -> (Ticket<T>, Promise<T>) {
    let slot = Arc::new(Slot { answer: Mutex::new(None), there: Condvar::new() });
    (Ticket(slot.clone()), Promise { slot, otherwise: Some(otherwise) })
}

impl<T> Ticket<T> {
    pub(crate) fn wait(self) -> T {
        let mut answer = self.0.answer.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match answer.take() {
                Some(given) => return given,
                None => answer = self.0.there.wait(answer).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}

impl<T> Promise<T> {
    pub(crate) fn keep(mut self, answer: T) {
        self.otherwise = None;
        self.give(answer);
    }

    fn give(&self, answer: T) {
        *self.slot.answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
        self.slot.there.notify_one();
    }
}

impl<T> Drop for Promise<T> {
    fn drop(&mut self) {
        if let Some(answer) = self.otherwise.take() {
            self.give(answer);
        }
    }
}
