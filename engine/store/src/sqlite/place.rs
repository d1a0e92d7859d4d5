//! Whether the file that is open is still the one under its name. A file that was removed can be written to as long as a
//! process has it open, and goes with the process.

use std::path::{Path, PathBuf};

use crate::StoreError;

/// The file under a name, as it was when it was opened.
pub(super) struct Footing {
    path: PathBuf,
    identity: Option<Identity>,
}

/// What tells files apart: device and number.
type Identity = (u64, u64);

impl Footing {
    pub(super) fn of(path: &Path) -> Footing {
        Footing { path: path.to_owned(), identity: identity(path) }
    }

    /// # Errors
    /// There is no file under the name, or another one.
    pub(super) fn held(&self) -> Result<(), StoreError> {
        match self.identity {
            Some(then) if identity(&self.path) != Some(then) => Err(StoreError::Gone(self.path.display().to_string())),
            Some(_) | None => Ok(()),
        }
    }
}

#[cfg(unix)]
fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

/// Where files have no number, or cannot be removed while they are open, nothing needs to be known.
#[cfg(not(unix))]
fn identity(_: &Path) -> Option<Identity> {
    None
}
