//! Who reads a comment: everybody who sees its record, or only those who work on it.

use serde::{Deserialize, Serialize};

/// For whom a comment is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Everybody who sees the record, whoever asked for it among them. Comments were so before there were others, so it is
    /// left out where it is written, and old facts keep their bytes.
    #[default]
    Public,
    /// Those of [`crate::people::reads_internal`].
    Internal,
}

impl Audience {
    /// Whether it is everybody who sees the record.
    pub fn is_public(&self) -> bool {
        match self {
            Audience::Public => true,
            Audience::Internal => false,
        }
    }
}
