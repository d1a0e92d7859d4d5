//! Every kind of problem has a file in `suite/` whose first lines say what must be reported: the code, the place,
//! and a part of the message or hint.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use dsl::{Code, Colour, Language, Problem, Problems, compile, place, render};

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite");
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("it can be read").path()).collect();
    files.sort();
    files
}

fn problems_of(source: &str) -> Vec<Problem> {
    match compile(source) {
        Ok(unit) => unit.warnings,
        Err(Problems(problems)) => problems,
    }
}

#[test]
fn every_file_has_exactly_the_problems_that_it_says() {
    let mut wrong = String::new();
    for file in files() {
        let source = fs::read_to_string(&file).expect("it can be read");
        let expected: Vec<&str> = source.lines().filter_map(|line| line.strip_prefix("// expect ")).collect();
        let problems = problems_of(&source);
        let seen: Vec<String> = problems
            .iter()
            .map(|problem| {
                let (line, column) = place(&source, problem.span.start);
                let hint = problem.hint.as_ref().map(|hint| hint.en.as_str()).unwrap_or_default();
                format!("{} {line}:{column} {} / {hint}", problem.code, problem.message.en)
            })
            .collect();
        let fits = seen.len() == expected.len()
            && expected.iter().zip(&seen).all(|(expected, seen)| {
                let mut parts = expected.splitn(3, ' ');
                let (code, at) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
                seen.starts_with(&format!("{code} {at} ")) && seen.contains(parts.next().unwrap_or_default())
            });
        if !fits {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let shown = render(&name, &source, &Problems(problems), Language::En, Colour::Never);
            wrong += &format!("{name}\n  expected {expected:#?}\n  saw {seen:#?}\n{shown}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_problem_speaks_both_languages() {
    for file in files() {
        let source = fs::read_to_string(&file).expect("it can be read");
        for problem in problems_of(&source) {
            for text in [Some(&problem.message), problem.hint.as_ref()].into_iter().flatten() {
                assert!(!text.en.is_empty() && !text.zh.is_empty(), "{}: {}", file.display(), problem.code);
                assert!(!text.zh.is_ascii(), "{}: {}", file.display(), text.zh);
            }
        }
    }
}

#[test]
fn every_code_has_a_file() {
    let seen: BTreeSet<Code> = files()
        .iter()
        .flat_map(|file| problems_of(&fs::read_to_string(file).expect("it can be read")))
        .map(|problem| problem.code)
        .collect();
    let missing: Vec<&Code> = Code::ALL.iter().filter(|code| !seen.contains(code)).collect();
    // Files of a mebibyte, with so many mistakes, or tables of hundreds of rows are not kept; `limits.rs` makes them.
    assert_eq!(missing, [&Code::TooLong, &Code::TooMany, &Code::TableUnproved]);
}

#[test]
fn columns_are_right_after_chinese_text() {
    let source = "process p \"P\" zh \"流程\" {\n  title 摘要\n}\n";
    let shown = render("a.flow", source, &Problems(problems_of(source)), Language::Zh, Colour::Never);
    assert!(shown.contains("a.flow:2:9"), "{shown}");
    let source = "process p \"P\" zh \"流程流程\" }\n";
    let shown = render("a.flow", source, &Problems(problems_of(source)), Language::Zh, Colour::Never);
    assert!(shown.contains("a.flow:1:25"), "{shown}");
}
