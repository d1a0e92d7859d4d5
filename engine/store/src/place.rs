//! Where a database is.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

/// Where a database is, as a person names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A SQLite file, or the folder that has or gets one.
    File(PathBuf),
    /// A database in the memory of this process, by its name; it goes with the last store that has it open.
    Memory(String),
    /// A PostgreSQL server.
    Server(Server),
}

/// A PostgreSQL server and a database on it, as a URL that libpq takes: `postgres://user@host/name`, or
/// `postgres:///name?host=/folder/of/its/socket`. Printed, it shows no password.
#[derive(Clone, PartialEq, Eq)]
pub struct Server(String);

/// How URLs of servers begin.
const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];

impl Place {
    /// The folder or file; nothing of a server or of memory.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Place::File(path) => Some(path),
            Place::Memory(_) | Place::Server(_) => None,
        }
    }
}

impl From<&str> for Place {
    fn from(text: &str) -> Self {
        if SCHEMES.iter().any(|scheme| text.starts_with(scheme)) {
            Place::Server(Server(text.to_owned()))
        } else {
            Place::File(PathBuf::from(text))
        }
    }
}

impl From<OsString> for Place {
    fn from(text: OsString) -> Self {
        Place::from(Path::new(&text))
    }
}

impl From<&Path> for Place {
    fn from(path: &Path) -> Self {
        path.to_str().map_or_else(|| Place::File(path.to_owned()), Place::from)
    }
}

impl From<&PathBuf> for Place {
    fn from(path: &PathBuf) -> Self {
        Place::from(path.as_path())
    }
}

impl From<&Place> for Place {
    fn from(place: &Place) -> Self {
        place.clone()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::File(path) => write!(out, "{}", path.display()),
            Place::Memory(name) => write!(out, "memory ({name})"),
            Place::Server(server) => write!(out, "{server}"),
        }
    }
}

impl Server {
    /// The whole URL, with its password.
    pub(crate) fn url(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Server {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, rest) = self.0.split_once("://").unwrap_or(("postgres", &self.0));
        // What is asked for after the name may hold a password too, and says little.
        let whole = rest.split_once('?').map_or(rest, |(before, _)| before);
        let shown = match whole.rsplit_once('@') {
            Some((user, host)) => format!("{}@{host}", user.split_once(':').map_or(user, |(name, _)| name)),
            None => whole.to_owned(),
        };
        write!(out, "{scheme}://{shown}")
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_shown() {
        for url in [
            "postgres://ann:se@cr:et@db.example:5432/tiaoli",
            "postgresql://ann@db.example/tiaoli?password=se@cr:et",
            "postgres:///tiaoli?host=/run/postgresql&password=se@cr:et",
        ] {
            let place = Place::from(url);
            let shown = format!("{place} {place:?}");
            assert!(!shown.contains("cr:et") && !shown.contains("se@") && shown.contains("tiaoli"), "{shown}");
        }
        assert!(matches!(Place::from("tiaoli-data"), Place::File(_)));
    }
}
