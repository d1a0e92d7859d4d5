//! What is asked of the tables. These files are compiled twice, once for each database: `super` is the module of the
//! database, and gives its `Connection`. Everything here runs inside a transaction that somebody else began.

pub(crate) mod access_tokens;
pub(crate) mod accounts;
mod agreement;
pub(crate) mod apply;
pub(crate) mod audit;
pub(crate) mod awaited;
pub(crate) mod batches;
pub(crate) mod cases;
pub(crate) mod check;
pub(crate) mod definitions;
pub(crate) mod erasure;
pub(crate) mod files;
mod fixed;
pub(crate) mod four_eyes;
pub(crate) mod heads;
pub(crate) mod inbox;
pub(crate) mod instances;
pub(crate) mod leases;
pub(crate) mod measured;
pub(crate) mod numbers;
pub(crate) mod outbox;
pub(crate) mod people;
pub(crate) mod preferences;
pub(crate) mod pressure;
pub(crate) mod registers;
pub(crate) mod retention;
pub(crate) mod saved_views;
pub(crate) mod searched;
pub(crate) mod snoozed;
pub(crate) mod starts;
pub(crate) mod watch;

use super::inbox::page as inbox_page;
use super::{Backend, Connection, STRETCHES, search_text};
