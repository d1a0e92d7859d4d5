//! Files of a record: what is known of them. Their bytes are no part of the state: they lie beside it, under their hash.

use serde::{Deserialize, Serialize};

use crate::event::Actor;
use crate::ids::{FileId, Name};
use crate::time::Timestamp;
use crate::value::{Misfit, Value};

/// The most bytes of a file.
pub const FILE_BYTES_MAX: u64 = 10 * 1024 * 1024;
/// The most files that a record holds.
pub const FILES_MAX: usize = 50;
/// The longest name of a file, in characters.
pub const FILE_NAME_MAX: usize = 200;
/// The longest media type, in characters (RFC 6838, section 4.2, allows 127 on either side of the slash).
const MEDIA_TYPE_MAX: usize = 255;

/// What a file is called, and what its bytes are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct File {
    /// Its name, without folders.
    pub name: String,
    /// What whoever sent it says that it is: `application/pdf`.
    pub media_type: String,
    /// How many bytes it has.
    pub size: u64,
    /// The SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// What was found wrong in its bytes when they came in. Whoever holds the bytes says it; no state and no fact has it,
    /// since such a file is not taken.
    #[serde(skip)]
    pub fault: Option<Fault>,
}

/// What is wrong with the bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Files with this ending are not taken: `exe`, and nothing where it has none and is no text.
    Ending(String),
    /// Its bytes are not what its ending says. It looks like the second, where that is known.
    OtherKind(String, Option<String>),
    /// It is no valid text, though its ending says that it is.
    NotText,
    /// It has a script, a macro or the like in it, or is a page of the web.
    Active,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fault::Ending(ending) if ending.is_empty() => out.write_str("has no ending and is no text"),
            Fault::Ending(ending) => write!(out, "is of a kind that is not taken: .{ending}"),
            Fault::OtherKind(ending, None) => write!(out, "is no .{ending} file, whatever its name says"),
            Fault::OtherKind(ending, Some(found)) => {
                write!(out, "is no .{ending} file, whatever its name says: its content is that of a .{found} file")
            }
            Fault::NotText => out.write_str("is no valid text"),
            Fault::Active => out.write_str("has a script or a macro in it, or is a web page"),
        }
    }
}

impl File {
    /// What is known of a file with these bytes. What stands before the last slash of the name is left out.
    pub fn of(name: &str, media_type: &str, bytes: &[u8]) -> File {
        use sha2::{Digest, Sha256};
        let digest = Sha256::digest(bytes);
        File {
            name: plain_name(name),
            media_type: if is_media_type(media_type) { media_type.to_owned() } else { ANYTHING.to_owned() },
            size: bytes.len() as u64,
            sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
            fault: None,
        }
    }

    /// Whether it may be held.
    ///
    /// # Errors
    /// It is too large, what is said of it cannot be true, or its bytes have a fault.
    pub fn fits(&self) -> Result<(), Misfit> {
        let is_hash = self.sha256.len() == 64 && self.sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_named = !self.name.is_empty() && self.name == plain_name(&self.name);
        if self.size > FILE_BYTES_MAX {
            return Err(Misfit::TooLarge { limit: FILE_BYTES_MAX });
        }
        if let Some(fault) = &self.fault {
            return Err(Misfit::BadContent(fault.clone()));
        }
        if is_hash && is_named && is_media_type(&self.media_type) { Ok(()) } else { Err(Misfit::WrongType) }
    }
}

/// What is said of a file of which nothing is known.
const ANYTHING: &str = "application/octet-stream";

/// A name without folders, signs that nobody sees, and blanks around it, short enough; `file` where nothing is left.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let shown = last.chars().filter(|letter| !letter.is_control() && !is_direction(*letter));
    let name: String = shown.collect::<String>().trim().chars().take(FILE_NAME_MAX).collect();
    let name = name.trim_end();
    if name.is_empty() || name.chars().all(|letter| letter == '.') { "file".to_owned() } else { name.to_owned() }
}

/// Signs that turn the direction of writing, with which `exe.pdf` is made to look like another ending.
fn is_direction(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

/// `type/subtype` (RFC 6838, section 4.2), without parameters.
fn is_media_type(text: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    text.len() <= MEDIA_TYPE_MAX
        && text.split_once('/').is_some_and(|(kind, subtype)| is_word(kind) && is_word(subtype))
}

/// A file that a record holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldFile {
    /// Its identity.
    pub id: FileId,
    /// The file.
    pub file: File,
    /// The field for which it was brought; nothing of one that belongs to the record as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<Name>,
    /// Who brought it.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// Whether its bytes are there.
    #[serde(default, skip_serializing_if = "Bytes::are_there")]
    pub bytes: Bytes,
}

/// Whether the bytes of a file are there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bytes {
    /// They are.
    #[default]
    There,
    /// They were taken away. A file of a field is remembered, since values may name it still.
    Gone,
}

impl Bytes {
    /// Whether they are there.
    pub fn are_there(&self) -> bool {
        match self {
            Bytes::There => true,
            Bytes::Gone => false,
        }
    }
}

/// The files in a value, at any depth.
pub fn files_in(value: &Value) -> Vec<&File> {
    match value {
        Value::File(file) => vec![file],
        Value::List(items) => items.iter().flat_map(files_in).collect(),
        Value::Row(row) => row.values().flat_map(files_in).collect(),
        Value::Nothing
        | Value::Text(_)
        | Value::Number(_)
        | Value::Bool(_)
        | Value::Choice(_)
        | Value::Date(_)
        | Value::Instant(_)
        | Value::Duration(_)
        | Value::Money(_)
        | Value::Ref(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_no_folders_and_nothing_that_nobody_sees() {
        for (sent, kept) in [
            ("report.pdf", "report.pdf"),
            ("报告 (1).pdf", "报告 (1).pdf"),
            ("C:\\Users\\anna\\report.pdf", "report.pdf"),
            ("../../etc/passwd", "passwd"),
            ("a\r\nb\u{202e}fdp.exe", "abfdp.exe"),
            (" \t ", "file"),
            ("..", "file"),
        ] {
            assert_eq!(plain_name(sent), kept);
            assert_eq!(plain_name(kept), kept);
        }
        assert_eq!(plain_name(&"x".repeat(500)).len(), FILE_NAME_MAX);
        let page = File::of("a.html", "text/html; charset=utf-8", b"x");
        assert_eq!((page.media_type.as_str(), page.fits()), (ANYTHING, Ok(())));
    }
}
