//! The words of the pages: both languages have the same sentences, and nothing names a sentence that is not there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use web::language::Language;
use web::words::{Words, source};

/// Keys with the variables of their sentences.
fn sentences(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let text = source(language);
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    lines
        .map(|line| {
            let (key, sentence) = line.split_once(" = ").expect("every line is a key and a sentence");
            let variables = sentence.split("{ $").skip(1).filter_map(|rest| rest.split(' ').next());
            (key.to_owned(), variables.map(str::to_owned).collect())
        })
        .collect()
}

#[test]
fn both_languages_have_the_same_sentences_with_the_same_variables() {
    let (zh, en) = (sentences(Language::Zh), sentences(Language::En));
    assert_eq!(zh.keys().collect::<Vec<_>>(), en.keys().collect::<Vec<_>>());
    assert_eq!(zh, en);
    assert!(zh.len() > 300, "the locale files were read: {}", zh.len());
}

#[test]
fn no_key_stands_twice_and_every_sentence_can_be_said() {
    for language in Language::ALL {
        let lines = source(language).lines().filter(|line| line.contains(" = ")).count();
        assert_eq!(lines, sentences(language).len(), "a key stands twice in {}", language.tag());
        let words = Words::new(language);
        for (key, variables) in sentences(language) {
            let mut arguments = fluent_bundle::FluentArgs::new();
            for variable in &variables {
                arguments.set(variable.clone(), "x");
            }
            let said = words.try_say(&key, &arguments);
            assert!(said.is_some_and(|said| !said.is_empty()), "{key} cannot be said in {}", language.tag());
        }
    }
}

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("it is readable").path());
    paths.flat_map(|path| if path.is_dir() { files_under(&path) } else { vec![path] }).collect()
}

/// What stands in quotes right after one of the openings.
fn quoted_after<'t>(text: &'t str, opening: &'t str) -> impl Iterator<Item = &'t str> {
    text.split(opening).skip(1).filter_map(|rest| rest.split('"').next())
}

#[test]
fn templates_and_pages_name_only_sentences_that_there_are() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let known = sentences(Language::Zh);
    let mut missing = BTreeSet::new();
    for path in files_under(&root.join("templates")).into_iter().chain(files_under(&root.join("src"))) {
        let text = std::fs::read_to_string(&path).expect("it is text");
        let openings: &[&str] = if path.extension().is_some_and(|kind| kind == "html") {
            &["{{t \"", "(t \""]
        } else {
            &["say(\"", "say_with(\"", "\"event-", "\"flash-", "\"nav-", "\"refused-", "\"misfit-", "\"sign-in-"]
        };
        for opening in openings {
            let prefix = opening.strip_prefix('"').unwrap_or_default();
            for key in quoted_after(&text, opening) {
                // A key that is put together names its beginning; its sentences are said by other tests.
                if key.ends_with('-') || key.contains('{') || key.contains('\n') || key.starts_with(',') {
                    continue;
                }
                let key = format!("{prefix}{key}");
                if !known.contains_key(&key) {
                    missing.insert(format!("{}: {key}", path.display()));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_sentence_is_used_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = files_under(&root.join("templates")).into_iter().chain(files_under(&root.join("src")));
    let all: String = files.map(|path| std::fs::read_to_string(&path).expect("it is text")).collect();
    // Put together from what they are about.
    let made = [
        "role-",
        "message-",
        "edition-",
        "register-",
        "attribute-",
        "weekday-",
        "filter-",
        "band-",
        "sort-",
        "group-",
        "bulk-title-",
        "problem-",
        "deed-",
        "batch-is-",
    ];
    let unused: Vec<String> = sentences(Language::Zh)
        .into_keys()
        .filter(|key| !made.iter().any(|prefix| key.starts_with(prefix)))
        .filter(|key| !all.contains(&format!("\"{key}\"")))
        .collect();
    assert!(unused.is_empty(), "{unused:#?}");
}
