//! The bytes of files, beside the records that hold them.

use std::fmt;
use std::sync::Arc;

use engine::file::File;
use engine::ids::InstanceId;

use crate::content;
use crate::dispatch::read;
use crate::{Store, StoreError};

/// The bytes of a file, known by their hash. Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct FileBytes {
    sha256: String,
    bytes: Arc<Vec<u8>>,
}

impl FileBytes {
    /// Bytes that somebody brings, with what is known of them, and what is wrong with them.
    pub fn brought(name: &str, media_type: &str, bytes: Vec<u8>) -> (File, FileBytes) {
        let mut file = File::of(name, media_type, &bytes);
        file.fault = content::judge(&file.name, &bytes).err();
        let sha256 = file.sha256.clone();
        (file, FileBytes { sha256, bytes: Arc::new(bytes) })
    }

    /// The SHA-256 of the bytes, in hex.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for FileBytes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} bytes of {}", self.bytes.len(), self.sha256)
    }
}

impl Store {
    /// The bytes of a file that a record holds.
    ///
    /// # Errors
    /// The database failed.
    pub fn file(&self, record: InstanceId, file: &File) -> Result<Option<FileBytes>, StoreError> {
        let bytes = read!(self, files::bytes(record, &file.sha256))?;
        Ok(bytes.map(|bytes| FileBytes { sha256: file.sha256.clone(), bytes: Arc::new(bytes) }))
    }
}
