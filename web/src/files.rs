//! The files of a record as its page shows them.

use engine::file::HeldFile;
use engine::people;
use serde::Serialize;

use crate::moment::Moment;
use crate::reach::Reached;
use crate::visit::{ADMINISTRATOR, Visit};
use crate::words::Words;

/// A file.
#[derive(Clone, Debug, Serialize)]
pub struct FileView {
    /// What it is called.
    pub name: String,
    /// Where it is.
    pub link: String,
    /// How large it is.
    pub size: String,
    /// Who brought it.
    pub by: String,
    /// When.
    pub at: Moment,
    /// The field for which it was brought.
    pub field: Option<String>,
    /// Whether the visitor may take it away.
    pub may_remove: bool,
}

/// The files that a record holds and that the visitor may see.
pub fn files(visit: &Visit<'_>, reached: &Reached) -> Vec<FileView> {
    let held =
        reached.loaded.instance.files().iter().filter(|held| held.bytes.are_there() && is_shown(visit, reached, held));
    held.map(|held| view(visit, reached, held)).collect()
}

/// Whether the visitor, who may see the record, may see a file of it.
pub fn is_shown(visit: &Visit<'_>, reached: &Reached, held: &HeldFile) -> bool {
    visit.actor().is_ok_and(|actor| people::sees_file(&actor, held, &reached.scope(visit)))
}

fn view(visit: &Visit<'_>, reached: &Reached, held: &HeldFile) -> FileView {
    let names = visit.names();
    let is_theirs = visit.actor().is_ok_and(|actor| actor == held.by) && !reached.loaded.instance.names_file(held);
    FileView {
        name: held.file.name.clone(),
        link: link(reached, held),
        size: size(visit.words(), held.file.size),
        by: names.actor(&held.by),
        at: visit.moment(held.at),
        field: held.field.as_ref().map(|field| names.field(&reached.definition, field)),
        may_remove: !reached.loaded.instance.is_ended() && (is_theirs || visit.holds(ADMINISTRATOR)),
    }
}

/// Where a file is.
pub fn link(reached: &Reached, held: &HeldFile) -> String {
    format!("/records/{}/files/{}", reached.loaded.instance.number(), held.id.0)
}

/// A number of bytes as people read it.
pub fn size(words: &Words, bytes: u64) -> String {
    const KILO: u64 = 1024;
    let tenths = |unit: u64| match (bytes * 10 + unit / 2) / unit {
        tenths @ 0..100 if !tenths.is_multiple_of(10) => format!("{}.{}", tenths / 10, tenths % 10),
        _ => ((bytes + unit / 2) / unit).to_string(),
    };
    let (key, count) = match bytes {
        0..KILO => ("size-bytes", bytes.to_string()),
        1024..1_048_576 => ("size-kilobytes", tenths(KILO)),
        _ => ("size-megabytes", tenths(KILO * KILO)),
    };
    words.say_with(key, &[("count", count.as_str().into())])
}
