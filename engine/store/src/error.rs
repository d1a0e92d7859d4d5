//! What can go wrong beneath the store. Nothing here is the fault of the person who gave the command.

/// Why the store could not do what was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or failed.
    #[error("the database failed: {0}")]
    Database(String),
    /// What was to be written is there already, or was changed by somebody else at the same time.
    #[error("the write clashes with another: {0}")]
    Clash(String),
    /// There is no room to write, or the disk does not take it; nothing was written.
    #[error("the database cannot be written: {0}")]
    Full(String),
    /// The server does not answer. Whether a write reached it is not known.
    #[error("the database server cannot be reached: {0}")]
    Unreachable(String),
    /// The file cannot be opened or made.
    #[error("the database {path} cannot be opened: {cause}")]
    CannotOpen {
        /// Which file, or which server.
        path: String,
        /// What the operating system or the database said.
        cause: String,
    },
    /// The schema could not be brought up to date.
    #[error("the database could not be migrated: {0}")]
    Migration(String),
    /// A row holds what this version cannot read.
    #[error("a stored {what} cannot be read: {cause}")]
    Unreadable {
        /// What kind of row.
        what: &'static str,
        /// Why.
        cause: String,
    },
    /// A calendar's data do not make a calendar.
    #[error("the calendar cannot be used: {0}")]
    BadCalendar(#[from] engine::calendar::CalendarError),
    /// The file that is open is not the one under its name any more: what was written would be lost with the process.
    #[error("the database file {0} was removed or is another one: nothing is written until it is back")]
    Gone(String),
    /// A copy was asked of a database that is not a file of ours.
    #[error("the database is on a server: copy it with pg_dump, and check what you restored with tiaoli doctor")]
    OnAServer,
    /// The writer has stopped; nothing can be written any more.
    #[error("the store is closed")]
    Closed,
}

/// Why nothing can be kept just now that can be later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outage {
    /// There is no room for it. Nothing was changed.
    Full,
    /// The database is not there. Whether a write that was under way reached it is not known.
    Away,
}

/// How PostgreSQL names a deadlock.
const DEADLOCK: &str = "deadlock detected";
/// How SQLite and PostgreSQL say that the disk is full, or takes nothing for another reason.
const FULL: [&str; 3] = ["database or disk is full", "disk I/O error", "No space left on device"];

impl From<diesel::result::Error> for StoreError {
    fn from(cause: diesel::result::Error) -> Self {
        use diesel::result::DatabaseErrorKind;
        use diesel::result::Error::DatabaseError;
        match cause {
            DatabaseError(DatabaseErrorKind::UniqueViolation | DatabaseErrorKind::SerializationFailure, _) => {
                StoreError::Clash(cause.to_string())
            }
            // Diesel has no kind for a deadlock, which is a clash like any other.
            DatabaseError(DatabaseErrorKind::Unknown, ref told) if told.message() == DEADLOCK => {
                StoreError::Clash(cause.to_string())
            }
            // Nor for a disk that takes nothing.
            DatabaseError(DatabaseErrorKind::Unknown, ref told)
                if FULL.iter().any(|full| told.message().contains(full)) =>
            {
                StoreError::Full(cause.to_string())
            }
            DatabaseError(DatabaseErrorKind::ClosedConnection, _) => StoreError::Unreachable(cause.to_string()),
            _ => StoreError::Database(cause.to_string()),
        }
    }
}

impl StoreError {
    /// Whether it passes by itself or when somebody sees to the machine, so that one may try again later.
    pub fn outage(&self) -> Option<Outage> {
        match self {
            StoreError::Full(_) | StoreError::Gone(_) => Some(Outage::Full),
            StoreError::Unreachable(_) | StoreError::CannotOpen { .. } => Some(Outage::Away),
            StoreError::Database(_)
            | StoreError::Clash(_)
            | StoreError::Migration(_)
            | StoreError::Unreadable { .. }
            | StoreError::BadCalendar(_)
            | StoreError::OnAServer
            | StoreError::Closed => None,
        }
    }

    /// A row whose JSON does not parse.
    pub(crate) fn unreadable(what: &'static str, cause: impl ToString) -> StoreError {
        StoreError::Unreadable { what, cause: cause.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use diesel::result::DatabaseErrorKind;
    use diesel::result::Error::DatabaseError;

    use super::*;

    #[test]
    fn a_disk_that_takes_nothing_passes_and_a_broken_statement_does_not() {
        let said = |text: &str| StoreError::from(DatabaseError(DatabaseErrorKind::Unknown, Box::new(text.to_owned())));
        for text in [
            "database or disk is full",
            "disk I/O error",
            "could not extend file \"base/5/16402\": No space left on device",
        ] {
            assert_eq!(said(text).outage(), Some(Outage::Full), "{text}");
        }
        let away = DatabaseError(DatabaseErrorKind::ClosedConnection, Box::new("gone".to_owned()));
        assert_eq!(StoreError::from(away).outage(), Some(Outage::Away));
        assert_eq!(said("no such table: instance").outage(), None);
    }
}
