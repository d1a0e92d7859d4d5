//! Chains of hashes: each row's hash covers its own content and the hash of the row before it.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A link of a chain.
pub type Hash = [u8; 32];

/// What the first row of a chain follows.
pub const GENESIS: Hash = [0; 32];

/// A row of an instance's history, as it is hashed and kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventRow {
    /// The record.
    pub instance: i64,
    /// Its place in the history, from 1.
    pub revision: i64,
    /// When, in milliseconds.
    pub at_ms: i64,
    /// Who acted; nothing where the engine itself did.
    pub actor: Option<String>,
    /// By which command.
    pub command: String,
    /// The facts, as JSON.
    pub body: String,
}

impl EventRow {
    /// The row's hash after the hash of the row before it.
    pub fn hash(&self, previous: &Hash) -> Hash {
        let mut link = Link::after(previous);
        link.number(self.instance);
        link.number(self.revision);
        link.number(self.at_ms);
        link.optional(self.actor.as_deref());
        link.text(&self.command);
        link.text(&self.body);
        link.closed()
    }
}

/// A hash in the making. Every part is preceded by its length, so that no two rows hash the same bytes.
pub(crate) struct Link(Sha256);

impl Link {
    pub(crate) fn after(previous: &Hash) -> Link {
        Link(Sha256::new().chain_update(previous))
    }

    pub(crate) fn number(&mut self, number: i64) {
        self.0.update(number.to_be_bytes());
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_be_bytes());
        self.0.update(text.as_bytes());
    }

    pub(crate) fn optional(&mut self, text: Option<&str>) {
        match text {
            Some(text) => {
                self.0.update([1]);
                self.text(text);
            }
            None => self.0.update([0]),
        }
    }

    pub(crate) fn closed(self) -> Hash {
        self.0.finalize().into()
    }
}

/// The hash that a row holds, if it has the right length.
pub(crate) fn stored(bytes: &[u8]) -> Option<Hash> {
    bytes.try_into().ok()
}
