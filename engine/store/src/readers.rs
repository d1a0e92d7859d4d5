//! A few connections that only read, lent out one at a time.

use std::path::Path;
use std::sync::{Condvar, Mutex, PoisonError};

use diesel::prelude::*;

use crate::{Store, StoreError, connection};

/// How many reads go on at once; more wait their turn.
const READERS: usize = 4;

/// Connections that nobody reads with at the moment.
pub(crate) struct Readers {
    free: Mutex<Vec<SqliteConnection>>,
    returned: Condvar,
}

impl Readers {
    pub(crate) fn open(file: &Path) -> Result<Readers, StoreError> {
        let free = (0..READERS).map(|_| connection::reader(file)).collect::<Result<_, _>>()?;
        Ok(Readers { free: Mutex::new(free), returned: Condvar::new() })
    }

    fn lend(&self) -> Lent<'_> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match free.pop() {
                Some(connection) => return Lent { readers: self, connection: Some(connection) },
                None => free = self.returned.wait(free).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}

/// A lent connection; it goes back when dropped, whatever happened.
struct Lent<'r> {
    readers: &'r Readers,
    connection: Option<SqliteConnection>,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.readers.free.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            self.readers.returned.notify_one();
        }
    }
}

impl Store {
    /// Reads one consistent picture in a short transaction.
    pub(crate) fn read<T>(
        &self,
        read: impl FnOnce(&mut SqliteConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut lent = self.readers().lend();
        let connection = lent.connection.as_mut().expect("it is taken only when dropped");
        connection.transaction(read)
    }
}
