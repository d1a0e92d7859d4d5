//! The ceiling of firing timers: what hand-written SQL does that takes each due alarm away, changes its record's row and
//! adds the record's history, many to a transaction, with the same durability as ours.

mod postgres;
mod sqlite;

use crate::{Place, StoreError};

/// The bytes of a record's document.
const DOCUMENT_BYTES: usize = 400;

/// The tables of both.
mod raw {
    diesel::table! {
        record (id) {
            id -> BigInt,
            revision -> BigInt,
            document -> Text,
        }
    }

    diesel::table! {
        alarm (due_ms, record) {
            due_ms -> BigInt,
            record -> BigInt,
        }
    }

    diesel::table! {
        history (id) {
            id -> BigInt,
            record -> BigInt,
            at_ms -> BigInt,
            body -> Text,
        }
    }
}

/// The seconds that it takes to fire so many alarms that are due, in an empty folder or database.
///
/// # Errors
/// The database failed, or is in memory.
pub fn run(place: &Place, timers: u64) -> Result<f64, StoreError> {
    match place {
        Place::File(folder) => sqlite::run(folder, timers),
        Place::Server(server) => postgres::run(server, timers),
        Place::Memory(_) => Err(StoreError::Database("there is no ceiling in memory".to_owned())),
    }
}
