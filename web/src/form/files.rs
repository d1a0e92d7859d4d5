//! Files in forms: those that the field holds, each of which may stay, and a control that brings others.

use engine::file::{FILE_BYTES_MAX, File, files_in};
use engine::value::{FieldType, Value};

use super::{Choosable, Control, Filling};
use crate::files::size;
use crate::visit::Visit;

/// Whether a field holds files.
pub(super) fn are_held(holds: &FieldType) -> bool {
    match holds {
        FieldType::File => true,
        FieldType::Many(inner) => are_held(inner),
        _ => false,
    }
}

/// What stands for a file that may stay; no name has a slash.
pub(super) fn key(file: &File) -> String {
    format!("{}/{}", file.sha256, file.name)
}

/// Makes a control one of files. A browser cannot fill in again what somebody chose.
pub(super) fn shape(visit: &Visit<'_>, holds: &FieldType, keys: &[String], filling: Filling<'_>, made: &mut Control) {
    made.kind = if *holds == FieldType::File { "file" } else { "files" };
    made.value.clear();
    let kept = keys.iter().filter_map(|key| {
        let (_, name) = key.split_once('/')?;
        Some(Choosable {
            value: key.clone(),
            label: visit.say_with("file-keep", &[("name", name.into())]),
            chosen: true,
        })
    });
    made.options = kept.collect();
    let hint = match filling {
        Filling::Held(_) => "hint-file",
        Filling::Typed(_) => "hint-file-again",
    };
    made.hint = Some(visit.say_with(hint, &[("size", size(visit.words(), FILE_BYTES_MAX).into())]));
}

/// The files that the form brought under a name.
pub(super) fn brought(visit: &Visit<'_>, name: &str, holds: &FieldType) -> Vec<File> {
    if !are_held(holds) {
        return Vec::new();
    }
    visit.asked.files.iter().filter(|upload| upload.control == name).map(|upload| upload.file.clone()).collect()
}

/// What the field is to hold: a file that was brought in place of the one that was there, or files beside those that stay.
pub(super) fn read(holds: &FieldType, held: Option<&Value>, keys: &[&str], brought: Vec<File>) -> Value {
    let held = held.map(files_in).unwrap_or_default();
    let kept = held.into_iter().filter(|file| keys.contains(&&*key(file))).cloned();
    if *holds == FieldType::File {
        return brought.into_iter().chain(kept).next().map_or(Value::Nothing, Value::File);
    }
    let mut files: Vec<Value> = Vec::new();
    for file in kept.chain(brought).map(Value::File) {
        if !files.contains(&file) {
            files.push(file);
        }
    }
    if files.is_empty() { Value::Nothing } else { Value::List(files) }
}
