//! The manual tells the truth: what it shows compiles, passes, is wrong as it says, and is laid out; the reference
//! forgets no word.

#[path = "manual/patterns.rs"]
mod patterns;
mod words;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dsl::{Colour, Language, Problems, Verdict, compile, render, run_examples};
use engine::definition::Definition;
use engine::ids::DefinitionId;

/// Stands in the frame where a part goes, with the word after `flow-part` in its middle.
const MARK: (&str, &str) = ("// <", ">");

/// A fenced block.
struct Block {
    page: String,
    line: usize,
    /// What stands after the fence: `flow`, `flow-part record`, `flow-wrong T0201`.
    info: Vec<String>,
    text: String,
}

fn manual() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("manual")
}

/// The pages below a folder, each with its name and text.
fn pages(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("it can be read").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            found.extend(pages(&path));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            let name = path.strip_prefix(manual()).expect("it lies in the manual").display().to_string();
            found.push((name, fs::read_to_string(&path).expect("it can be read")));
        }
    }
    found
}

fn page(name: &str) -> String {
    fs::read_to_string(manual().join(name)).expect("the page is there")
}

fn blocks_of(page: &str, text: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut open = false;
    for (index, line) in text.lines().enumerate() {
        match line.strip_prefix("```") {
            Some(_) if open => open = false,
            Some(info) => {
                let info = info.split_whitespace().map(str::to_owned).collect();
                found.push(Block { page: page.to_owned(), line: index + 1, info, text: String::new() });
                open = true;
            }
            None if open => {
                if let Some(block) = found.last_mut() {
                    block.text += line;
                    block.text += "\n";
                }
            }
            None => {}
        }
    }
    assert!(!open, "{page}: a fence is not closed");
    found
}

/// Every block of one sort in the tutorials and the references; `tests/pages.rs` reads the pages about rules and
/// problems.
fn blocks(sort: &str) -> Vec<Block> {
    let told =
        pages(&manual()).into_iter().filter(|(page, _)| !page.starts_with("problems/") && !page.starts_with("rules."));
    let all = told.flat_map(|(page, text)| blocks_of(&page, &text));
    all.filter(|block| block.info.first().is_some_and(|first| first == sort)).collect()
}

impl Block {
    fn place(&self) -> String {
        format!("{}:{}", self.page, self.line)
    }

    /// The whole file: the text itself, or the frame with the text where its word says.
    fn whole(&self, word: Option<&String>) -> String {
        let Some(word) = word else { return self.text.clone() };
        let frame = frame().text;
        let mark = format!("{}{word}{}", MARK.0, MARK.1);
        let (before, after) = frame.split_once(&mark).unwrap_or_else(|| panic!("{}: no `{mark}`", self.place()));
        let indent = before.rsplit('\n').next().unwrap_or_default();
        let lines: Vec<String> = self
            .text
            .lines()
            .map(|line| if line.is_empty() { String::new() } else { format!("{indent}{line}") })
            .collect();
        format!("{}{}{after}", before.trim_end_matches(' '), lines.join("\n"))
    }
}

/// What is wrong with a file that should have no problem at all.
fn complaint(block: &Block, source: &str) -> Option<String> {
    let problems = match compile(source) {
        Ok(unit) => unit.warnings,
        Err(Problems(problems)) => problems,
    };
    let shown = || render(&block.place(), source, &Problems(problems.clone()), Language::En, Colour::Never);
    (!problems.is_empty()).then(shown)
}

/// What its examples saw instead, where the engine runs all of it.
fn failures(source: &str) -> Vec<String> {
    let Ok(unit) = compile(source) else { return Vec::new() };
    let runs = unit.processes.iter().filter(|checked| checked.parts.not_yet_run().next().is_none());
    let results = runs.flat_map(|checked| {
        let id = DefinitionId::of_source(source);
        let definition = Definition::prepare(id, checked.parts.clone()).expect("its rules compile");
        run_examples(checked, Arc::new(definition))
    });
    results
        .filter_map(|result| match result.verdict {
            Verdict::Passed => None,
            Verdict::Failed { line, saw } => Some(format!("line {line}: {}: {}", result.name, saw.en)),
        })
        .collect()
}

/// The frame as a block of its own, without a part in it.
fn frame() -> Block {
    let text = fs::read_to_string(manual().join("frame.flow")).expect("the frame is there");
    Block { page: "frame.flow".to_owned(), line: 1, info: vec!["flow".to_owned()], text }
}

fn nothing(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn whole_files_have_no_problem_and_their_examples_pass() {
    let mut shown = blocks("flow");
    assert!(shown.len() > 3, "the tutorials show whole files");
    shown.push(frame());
    nothing(
        shown
            .iter()
            .flat_map(|block| {
                let failed = failures(&block.text).into_iter().map(|said| format!("{}: {said}", block.place()));
                complaint(block, &block.text).into_iter().chain(failed)
            })
            .collect(),
    );
}

#[test]
fn parts_have_no_problem_in_their_frame() {
    let shown = blocks("flow-part");
    assert!(shown.len() > 20, "the references show parts");
    let complaints = shown.iter().filter_map(|block| complaint(block, &block.whole(block.info.get(1))));
    let examples = shown.iter().filter(|block| block.info.get(1).is_some_and(|word| word == "example"));
    let failed = examples.flat_map(|block| {
        let said = failures(&block.whole(block.info.get(1)));
        said.into_iter().map(|said| format!("{}: {said}", block.place()))
    });
    nothing(complaints.chain(failed).collect());
}

#[test]
fn an_excerpt_is_taken_from_the_next_whole_file_of_its_page() {
    for (page, text) in pages(&manual()) {
        let shown = blocks_of(&page, &text);
        let is = |block: &Block, sort: &str| block.info.first().is_some_and(|first| first == sort);
        for (index, block) in shown.iter().enumerate().filter(|(_, block)| is(block, "flow-excerpt")) {
            let whole = shown.iter().skip(index).find(|block| is(block, "flow"));
            let held = whole.is_some_and(|whole| whole.text.contains(&format!("\n{}", block.text)));
            assert!(held, "{}: the file after it says otherwise", block.place());
        }
    }
}

#[test]
fn what_is_shown_as_wrong_has_exactly_that_problem() {
    let shown = blocks("flow-wrong");
    assert!(!shown.is_empty(), "the tutorials show mistakes");
    nothing(
        shown
            .iter()
            .filter_map(|block| {
                let source = block.whole(block.info.get(2));
                let problems = match compile(&source) {
                    Ok(unit) => unit.warnings,
                    Err(Problems(problems)) => problems,
                };
                let codes: Vec<String> = problems.iter().map(|problem| problem.code.to_string()).collect();
                let wanted: Vec<String> = block.info.get(1).cloned().into_iter().collect();
                (codes != wanted).then(|| format!("{}: {codes:?}, not {wanted:?}", block.place()))
            })
            .collect(),
    );
}

#[test]
fn everything_is_laid_out_as_the_formatter_does() {
    let words = |block: &Block| block.info.get(if block.info[0] == "flow-part" { 1 } else { 2 }).cloned();
    let shown = ["flow", "flow-part", "flow-wrong"].into_iter().flat_map(blocks).chain([frame()]);
    nothing(
        shown
            .filter_map(|block| {
                let source = block.whole(words(&block).as_ref());
                let laid_out = dsl::format(&source).unwrap_or_else(|problems| panic!("{}: {problems}", block.place()));
                let first = source.lines().zip(laid_out.lines()).find(|(is, should)| is != should);
                let (is, should) = first?;
                Some(format!("{}: laid out as\n{should}\nand not as\n{is}", block.place()))
            })
            .collect(),
    );
}

#[test]
fn each_page_is_there_in_both_languages_and_both_references_show_the_same() {
    for (name, _) in pages(&manual()) {
        let (chinese, english) = (name.replace(".en.md", ".zh-CN.md"), name.replace(".zh-CN.md", ".en.md"));
        for other in [chinese, english] {
            assert!(manual().join(&other).is_file(), "{name} has no {other}");
        }
    }
    let shown = |name: &str| -> Vec<(Vec<String>, String)> {
        blocks_of(name, &page(name)).into_iter().map(|block| (block.info, block.text)).collect()
    };
    assert_eq!(shown("reference.en.md"), shown("reference.zh-CN.md"));
}

/// The words in the code spans of a page.
fn spoken(text: &str) -> BTreeSet<String> {
    let mut outside = String::new();
    for (index, part) in text.split("```").enumerate() {
        if index % 2 == 0 {
            outside += part;
        }
    }
    let spans = outside.split('`').skip(1).step_by(2);
    let letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    spans.flat_map(|span| span.split(|c| !letter(c))).map(str::to_owned).collect()
}

#[test]
fn both_references_name_every_word_of_the_language() {
    for name in ["reference.en.md", "reference.zh-CN.md"] {
        let spoken = spoken(&page(name));
        let missing: Vec<String> = words::all().into_iter().filter(|word| !spoken.contains(word)).collect();
        assert!(missing.is_empty(), "{name} does not name {missing:?}");
    }
}

#[test]
fn both_references_list_what_the_engine_does_not_run_yet_and_nothing_else() {
    let whole = compile(include_str!("data/whole.flow")).expect("it has no problem");
    let refused: BTreeSet<String> =
        whole.processes[0].parts.not_yet_run().map(|later| later.construct.to_string()).collect();
    for (name, heading) in [
        ("reference.en.md", "## What the engine does not run yet\n"),
        ("reference.zh-CN.md", "## 引擎尚不运行的内容\n"),
    ] {
        let text = page(name);
        let (_, listed) = text.split_once(heading).expect("the section is there");
        let first = |line: &str| line.strip_prefix("- `")?.split('`').next().map(str::to_owned);
        let listed: BTreeSet<String> = listed.lines().filter_map(first).collect();
        assert_eq!(listed, refused, "{name}");
    }
}
