//! The pages about problems and rules are true: what they call wrong gives the problem as they show it, what they
//! call mended does not, whole files compile and their examples pass.
//!
//! A page about a problem has these blocks: `flow-wrong T0203 record`, then `text` with the message, then
//! `flow-mended record`. The last word is a frame in `pages/frames`, or `file` where the block is a whole file.

#[path = "pages/blocks.rs"]
mod blocks;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use blocks::{Block, blocks, framed};
use dsl::{Code, Colour, Language, Problem, Problems, Severity, Verdict, compile, render, run_examples};
use engine::definition::Definition;
use engine::ids::DefinitionId;
use engine::rules;

/// The most lines of a page in one language.
const LINES_MAX: usize = 40;

const BOTH: [Language; 2] = [Language::En, Language::Zh];

fn problems_of(source: &str) -> Vec<Problem> {
    match compile(source) {
        Ok(unit) => unit.warnings,
        Err(Problems(problems)) => problems,
    }
}

fn frame(block: &Block) -> &str {
    block.words.last().map_or("", String::as_str)
}

#[test]
fn every_page_is_about_a_problem_that_there_is() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("manual/problems");
    let pages: BTreeSet<String> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into_owned())
        .collect();
    let codes: BTreeSet<String> = Code::ALL.iter().map(|code| format!("{code}.md")).collect();
    assert_eq!(pages, codes);
}

#[test]
fn every_page_begins_with_its_code_and_is_short_in_both_languages() {
    for code in Code::ALL {
        for language in BOTH {
            let page = code.manual(language);
            let title = page.lines().next().and_then(|line| line.strip_prefix(&format!("# {code} · ")));
            let title = title.unwrap_or_else(|| panic!("{code} {language:?}: {page}"));
            assert_eq!(title.is_ascii(), language == Language::En, "{code}: {title}");
            assert!(page.lines().count() <= LINES_MAX, "{code} {language:?} has {} lines", page.lines().count());
        }
    }
}

#[test]
fn every_page_shows_the_same_lines_in_both_languages() {
    let code_of = |code: &Code, language| -> Vec<(Vec<String>, String)> {
        let all = blocks(code.manual(language)).into_iter();
        all.filter(|block| block.kind() != "text").map(|block| (block.words, block.lines)).collect()
    };
    for code in Code::ALL {
        assert_eq!(code_of(code, Language::En), code_of(code, Language::Zh), "{code}");
    }
}

#[test]
fn what_a_page_calls_wrong_gives_the_problem_as_it_is_shown() {
    let mut silent = Vec::new();
    for code in Code::ALL {
        for language in BOTH {
            let all = blocks(code.manual(language));
            let Some(at) = all.iter().position(|block| block.kind() == "flow-wrong") else {
                silent.push(*code);
                continue;
            };
            assert_eq!(all[at].words[1], code.to_string());
            let source = framed(frame(&all[at]), &all[at].lines);
            let problems = problems_of(&source);
            let errors = problems.iter().filter(|problem| problem.severity == Severity::Error);
            let others: Vec<&Problem> = errors.filter(|problem| problem.code != *code).collect();
            assert_eq!(others, Vec::<&Problem>::new(), "{code}");
            let shown = render("page.flow", &source, &Problems(problems), language, Colour::Never);
            let shown: BTreeSet<&str> = shown.lines().map(|line| line.trim_start_matches([' ', '='])).collect();
            let told = all.get(at + 1).filter(|block| block.kind() == "text");
            let told = told.unwrap_or_else(|| panic!("{code} {language:?} does not show its message"));
            assert!(told.lines.contains(&code.to_string()), "{code}: {}", told.lines);
            for line in told.lines.lines() {
                assert!(shown.contains(line), "{code} {language:?}: {line}\n{shown:#?}");
            }
        }
    }
    // A file of a mebibyte, or with so many mistakes, is not shown.
    silent.dedup();
    assert_eq!(silent, [Code::TooLong, Code::TooMany, Code::TableTooLarge, Code::TableUnproved]);
}

#[test]
fn what_a_page_calls_mended_has_neither_the_problem_nor_an_error() {
    for code in Code::ALL {
        for block in blocks(code.manual(Language::En)).iter().filter(|block| block.kind() == "flow-mended") {
            let left = problems_of(&framed(frame(block), &block.lines));
            let left: Vec<&Problem> =
                left.iter().filter(|problem| problem.severity == Severity::Error || problem.code == *code).collect();
            assert_eq!(left, Vec::<&Problem>::new(), "{code}: {}", block.lines);
        }
    }
}

const RULES: [&str; 2] = [include_str!("../manual/rules.en.md"), include_str!("../manual/rules.zh-CN.md")];

fn plays(source: &str) {
    let unit = compile(source)
        .unwrap_or_else(|problems| panic!("{}", render("page.flow", source, &problems, Language::En, Colour::Never)));
    let [checked] = unit.processes.as_slice() else { panic!("one process in {source}") };
    let definition = Definition::prepare(DefinitionId::of_source(source), checked.parts.clone());
    let results = run_examples(checked, Arc::new(definition.expect("its rules compile")));
    assert!(!results.is_empty(), "nothing shows that this works: {source}");
    for result in results {
        assert_eq!(result.verdict, Verdict::Passed, "{}: {source}", result.name);
    }
}

#[test]
fn the_files_on_the_pages_about_rules_compile_and_their_examples_pass() {
    for page in RULES {
        let files: Vec<Block> = blocks(page).into_iter().filter(|block| block.kind() == "flow").collect();
        assert!(!files.is_empty());
        files.iter().for_each(|file| plays(&file.lines));
    }
}

#[test]
fn the_recipes_on_the_pages_about_rules_work() {
    for page in RULES {
        let recipes: Vec<String> =
            blocks(page).into_iter().filter(|block| block.kind() == "flow-rule").map(|block| block.lines).collect();
        assert_eq!(recipes.len(), 5);
        plays(&framed("recipes", &recipes.concat()));
    }
}

#[test]
fn the_limits_on_the_pages_about_rules_are_those_of_the_engine() {
    let limits = [
        ("OPERATIONS_MAX", rules::OPERATIONS_MAX),
        ("SOURCE_MAX", rules::SOURCE_MAX as u64),
        ("CONTAINER_MAX", rules::CONTAINER_MAX as u64),
        ("TEXT_MAX", rules::TEXT_MAX as u64),
    ];
    for page in RULES {
        for (name, limit) in limits {
            let row = page.lines().find(|line| line.contains(&format!("| `{name}` |")));
            let row = row.unwrap_or_else(|| panic!("no row for {name}"));
            let told: String = row.split('|').nth(2).unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
            assert_eq!(told, limit.to_string(), "{name}");
        }
    }
}
