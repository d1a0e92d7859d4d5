//! Transactions whose end is known: a failure before the end has changed nothing, one at the end may have.

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};

use super::Connection;
use super::connection::Line;
use crate::StoreError;

const READING: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Begins to read one consistent picture.
pub(super) fn begin_reading(connection: &mut Connection) -> Result<(), StoreError> {
    Ok(AnsiTransactionManager::begin_transaction_sql(connection, READING)?)
}

/// Ends reading.
pub(super) fn end(connection: &mut Connection) -> Result<(), StoreError> {
    Ok(AnsiTransactionManager::rollback_transaction(connection)?)
}

/// How a transaction sees what others commit meanwhile.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sees {
    /// As it is when a statement looks at it: for commits, which look at rows of their own by revision.
    Newest,
    /// As it was when the transaction began; one that would overwrite what it has not seen fails.
    OnePicture,
}

/// Why a transaction did not come about.
#[derive(Debug)]
pub(super) enum Undone {
    /// Nothing was changed.
    Nothing(StoreError),
    /// The server went away while it was asked to make it durable.
    Unknown(StoreError),
}

impl Undone {
    pub(super) fn cause(self) -> StoreError {
        match self {
            Undone::Nothing(cause) | Undone::Unknown(cause) => cause,
        }
    }
}

/// Carries out a transaction, on a new connection where the server has closed the old one meanwhile.
pub(super) fn transact<T>(
    line: &mut Line,
    sees: Sees,
    mut run: impl FnMut(&mut Connection) -> Result<T, StoreError>,
) -> Result<T, Undone> {
    let begin = match sees {
        Sees::Newest => "BEGIN",
        Sees::OnePicture => "BEGIN ISOLATION LEVEL REPEATABLE READ",
    };
    let begun = line.connection().and_then(|held| Ok(AnsiTransactionManager::begin_transaction_sql(held, begin)?));
    if begun.is_err() {
        line.broke();
        let anew = line.connection().and_then(|held| Ok(AnsiTransactionManager::begin_transaction_sql(held, begin)?));
        anew.map_err(Undone::Nothing)?;
    }
    let connection = line.connection().map_err(Undone::Nothing)?;
    match run(connection) {
        Ok(done) => match AnsiTransactionManager::commit_transaction(connection) {
            Ok(()) => Ok(done),
            Err(cause) => {
                line.broke();
                match StoreError::from(cause) {
                    cause @ StoreError::Unreachable(_) => Err(Undone::Unknown(cause)),
                    cause => Err(Undone::Nothing(cause)),
                }
            }
        },
        Err(cause) => {
            if AnsiTransactionManager::rollback_transaction(connection).is_err() {
                line.broke();
            }
            Err(Undone::Nothing(cause))
        }
    }
}

/// Carries out a single statement, which is a transaction by itself: one round trip instead of three. Where the server
/// went away meanwhile, or had closed the connection before, it is not known whether it was made durable.
pub(super) fn state<T>(
    line: &mut Line,
    run: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
) -> Result<T, Undone> {
    let connection = line.connection().map_err(Undone::Nothing)?;
    match run(connection) {
        Ok(done) => Ok(done),
        Err(cause @ StoreError::Clash(_)) => Err(Undone::Nothing(cause)),
        Err(cause) if connection.batch_execute("SELECT 1").is_ok() => Err(Undone::Nothing(cause)),
        Err(cause) => {
            line.broke();
            Err(Undone::Unknown(cause))
        }
    }
}
