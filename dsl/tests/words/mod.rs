//! The words that the readers of the language ask for, taken from their sources, so that what is written about the
//! language and for its editors forgets none.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// What stands in a reader's source before the words that it asks for.
const ASKS: &[&str] = &["word: ", "take(", "need(", "sees(", "begins_with(", "take_all(&[", "sees_all(&["];
/// The types, which the checker knows.
const TYPES: &str = "src/check/names.rs";

/// Every keyword, every type, and every reserved word.
pub fn all() -> BTreeSet<String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    for folder in ["src/read", "src/nodes"] {
        for entry in fs::read_dir(here.join(folder)).expect("the folder is there") {
            let source = fs::read_to_string(entry.expect("it can be read").path()).expect("it can be read");
            found.extend(asked(&source));
            found.extend(paired(&source));
            found.extend(listed(&source, "RESERVED: &[&str] = "));
            found.extend(between(&source, "(&[\"", "]").flat_map(|rest| quoted(&format!("\"{rest}"))));
            found.extend(between(&source, "match written {", "_ =>").flat_map(quoted));
        }
    }
    let names = fs::read_to_string(here.join(TYPES)).expect("it can be read");
    found.extend(between(&names, "match word.text.as_str() {", "_ =>").flat_map(quoted));
    found.retain(|word| word.chars().all(|letter| letter.is_ascii_lowercase()));
    assert!(found.len() > 150, "the readers are written otherwise now: {found:?}");
    found
}

/// `take("word")` and the like.
fn asked(source: &str) -> impl Iterator<Item = String> {
    let after = |start: &'static str| source.split(start).skip(1).map(move |rest| (start, rest));
    ASKS.iter().flat_map(move |start| after(start)).flat_map(|(start, rest)| match start.ends_with('[') {
        true => quoted(rest.split(']').next().unwrap_or_default()),
        false => {
            rest.strip_prefix('"').and_then(|rest| rest.split('"').next()).map(str::to_owned).into_iter().collect()
        }
    })
}

/// `("word", Meaning)`, as in lists of words with what they mean.
fn paired(source: &str) -> impl Iterator<Item = String> {
    let first = source.split("(\"").skip(1).filter_map(|rest| rest.split_once('"'));
    first.filter(|(_, rest)| rest.starts_with(", ")).map(|(word, _)| word.to_owned())
}

fn listed<'s>(source: &'s str, start: &'static str) -> impl Iterator<Item = String> + 's {
    between(source, start, "];").flat_map(quoted)
}

fn between<'s>(source: &'s str, start: &'static str, end: &'static str) -> impl Iterator<Item = &'s str> {
    source.split(start).skip(1).filter_map(move |rest| rest.split(end).next())
}

fn quoted(text: &str) -> Vec<String> {
    text.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}
