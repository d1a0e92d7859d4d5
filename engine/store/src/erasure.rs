//! Erasure of a person. Events name people by identity alone, so blanking the register's entry leaves every chain as it
//! is. What somebody wrote as free text, and the sign-in names that were typed and refused, are out of reach.

use engine::ids::Name;
use engine::time::Timestamp;

use crate::dispatch::write;
use crate::{Store, StoreError};

/// An order to erase a person.
#[derive(Clone, Debug)]
pub struct Erasure {
    /// Whom.
    pub person: Name,
    /// Who gives the order.
    pub by: Name,
    /// When.
    pub at: Timestamp,
    /// Why; it is kept, so it must not name the person.
    pub reason: String,
}

/// Why a person cannot be erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotErase {
    /// There is nobody of that identity.
    #[error("there is no such person")]
    NobodyThere,
    /// It has been done.
    #[error("the person is erased already")]
    Already,
    /// Nobody else could do what the person has open.
    #[error("the person has {0} open tasks: complete them or give them to others first")]
    HasTasks(u64),
    /// Nobody would be left to run the installation.
    #[error("the person is the only administrator")]
    OnlyAdministrator,
}

/// Why a person was not erased. Nothing has changed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum EraseError {
    /// The order is refused.
    #[error(transparent)]
    Refused(#[from] CannotErase),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Blanks a person's entry in the register and takes everything that belongs to it: names, address, sign-in,
    /// password, sessions, tokens, roles and teams, notifications. The identity stays, and histories stay as they are. A row in
    /// the audit trail says that it was done, by whom and why.
    ///
    /// # Errors
    /// It is refused, or the database failed.
    pub fn erase_person(&self, order: &Erasure) -> Result<(), EraseError> {
        let order = order.clone();
        let done: Result<(), CannotErase> = write!(self, erasure::erase(&order))?;
        Ok(done?)
    }
}
