//! A few connections that only read, lent out one at a time.

use std::sync::{Condvar, Mutex, PoisonError};

use crate::StoreError;

/// How many reads go on at once; more wait their turn.
const READERS: usize = 4;

/// How a connection is made.
type Connect<C> = Box<dyn Fn() -> Result<C, StoreError> + Send + Sync>;

/// Connections that nobody reads with at the moment. A place without one makes it when it is wanted.
pub(crate) struct Readers<C> {
    free: Mutex<Vec<Option<C>>>,
    returned: Condvar,
    connect: Connect<C>,
}

impl<C> Readers<C> {
    pub(crate) fn open(connect: Connect<C>) -> Result<Readers<C>, StoreError> {
        let free = (0..READERS).map(|_| connect().map(Some)).collect::<Result<_, _>>()?;
        Ok(Readers { free: Mutex::new(free), returned: Condvar::new(), connect })
    }

    pub(crate) fn lend(&self) -> Result<Lent<'_, C>, StoreError> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match free.pop() {
                Some(held) => {
                    drop(free);
                    let mut lent = Lent { readers: self, connection: held };
                    if lent.connection.is_none() {
                        lent.renew()?;
                    }
                    return Ok(lent);
                }
                None => free = self.returned.wait(free).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}

/// A lent connection; it goes back when dropped, whatever happened.
pub(crate) struct Lent<'r, C> {
    readers: &'r Readers<C>,
    connection: Option<C>,
}

impl<C> Lent<'_, C> {
    pub(crate) fn connection(&mut self) -> &mut C {
        self.connection.as_mut().expect("a lent connection is there until it is spoilt, which ends the lending")
    }

    /// Another connection in place of one that is not there or does not work any more.
    pub(crate) fn renew(&mut self) -> Result<(), StoreError> {
        self.connection = None;
        self.connection = Some((self.readers.connect)()?);
        Ok(())
    }

    /// Nobody is to use this connection again.
    pub(crate) fn spoil(mut self) {
        self.connection = None;
    }
}

impl<C> Drop for Lent<'_, C> {
    fn drop(&mut self) {
        // A reader that panicked has left its transaction open.
        let kept = self.connection.take().filter(|_| !std::thread::panicking());
        self.readers.free.lock().unwrap_or_else(PoisonError::into_inner).push(kept);
        self.readers.returned.notify_one();
    }
}
