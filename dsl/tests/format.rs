//! The formatter: what it makes of a text is written beside that text in `format/`. It keeps every token and comment,
//! is idempotent, and what comes with the product is laid out by it.

use std::fs;
use std::path::{Path, PathBuf};

use dsl::{Code, Problems, compile, format};
use engine::definition::Parts;

/// The `.flow` files of a folder and those below it.
fn files(folder: &str) -> Vec<PathBuf> {
    fn below(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("the folder is there") {
            let path = entry.expect("it can be read").path();
            match path.is_dir() {
                true => below(&path, found),
                false if path.extension().is_some_and(|extension| extension == "flow") => found.push(path),
                false => {}
            }
        }
    }
    let mut found = Vec::new();
    below(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
    found.sort();
    assert!(!found.is_empty(), "{folder} has files");
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("it can be read")
}

/// A definition without its lines, and with its rules as they stand without their indentation.
fn bare(source: &str) -> Option<Vec<Parts>> {
    let bare = |mut parts: Parts| {
        parts.steps.iter_mut().for_each(|step| step.line = 0);
        parts.tables.iter_mut().flat_map(|table| &mut table.rows).for_each(|row| row.line = 0);
        for rule in &mut parts.rules {
            rule.line = 0;
            rule.body = rule.body.lines().map(str::trim).collect::<Vec<_>>().join("\n");
        }
        parts
    };
    Some(compile(source).ok()?.processes.into_iter().map(|checked| bare(checked.parts)).collect())
}

#[test]
fn a_text_is_laid_out_as_the_file_beside_it_says() {
    for path in files("tests/format") {
        let laid_out = path.with_extension("laid_out");
        let formatted = format(&read(&path)).expect("its brackets match");
        let expected = fs::read_to_string(&laid_out).unwrap_or_default();
        assert!(formatted == expected, "{} should say:\n{formatted}", laid_out.display());
    }
}

#[test]
fn formatting_twice_changes_nothing_more_and_the_meaning_stays() {
    let mut formatted = 0;
    for path in [files("tests/suite"), files("tests/format"), files("../processes")].concat() {
        let source = read(&path);
        let Ok(once) = format(&source) else { continue };
        formatted += 1;
        assert_eq!(format(&once).as_ref(), Ok(&once), "{}", path.display());
        assert_eq!(bare(&source), bare(&once), "{}", path.display());
    }
    assert!(formatted > 50, "most files have brackets that match");
}

#[test]
fn what_comes_with_the_product_is_laid_out() {
    for path in files("../processes") {
        let source = read(&path);
        assert!(format(&source).as_ref() == Ok(&source), "run `tiaoli fmt processes`: {}", path.display());
    }
}

#[test]
fn a_text_whose_brackets_do_not_match_is_refused_with_its_problems() {
    let Err(Problems(problems)) = format("process p {\n  owner \"x\n") else { panic!("it cannot be laid out") };
    assert_eq!(problems.iter().map(|problem| problem.code).collect::<Vec<_>>(), [Code::Unclosed, Code::UnclosedText]);
}

#[test]
fn a_text_with_other_mistakes_is_laid_out() {
    let text = "process  p{\n      ownr   x ， y\n@ ~}\n";
    assert_eq!(format(text).as_deref(), Ok("process p {\n  ownr x ， y\n  @ ~\n}\n"));
}

#[test]
fn marks_of_other_languages_stay_and_brackets_of_another_width_are_named() {
    let text = "p {\n  owner   boss;\n  # a note， kept\n}\n";
    assert_eq!(format(text).as_deref(), Ok("p {\n  owner boss;\n  # a note， kept\n}\n"));
    for text in ["p ｛\n  owner boss\n}\n", "p {\n  # one {\n}\n"] {
        let Err(Problems(problems)) = format(text) else { panic!("it cannot be laid out: {text}") };
        let marks = |problem: &dsl::Problem| matches!(problem.code, Code::FullWidth | Code::ForeignMark);
        assert!(problems.len() == 1 && problems.iter().all(marks), "{problems:?}");
    }
}

#[test]
fn a_new_line_follows_its_neighbours_and_moves_no_others() {
    let text = "p {\n  owner   boss\n  title summary\n  number  \"P\"\n\n  seen  x\n  by    y\n}\n";
    let expected = "p {\n  owner   boss\n  title   summary\n  number  \"P\"\n\n  seen  x\n  by    y\n}\n";
    assert_eq!(format(text).as_deref(), Ok(expected));
}

#[test]
fn nothing_stays_nothing() {
    for empty in ["", " ", "\n\n", "\u{feff}", "\r\n"] {
        assert_eq!(format(empty).as_deref(), Ok(""));
    }
}
