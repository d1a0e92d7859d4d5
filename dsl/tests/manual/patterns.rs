//! The pages about workflow patterns are true: all 43 are there, each that is said has an example that passes, each that
//! is not has a reason.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use dsl::compile;

use super::{Block, blocks_of, complaint, failures, manual, nothing, page};

/// How many patterns there are.
const PATTERNS: u32 = 43;

/// The shortest text that says how, or why not.
const TEXT_MIN: usize = 8;

const PAGES: [(&str, [(&str, Verdict); 3]); 2] = [
    ("patterns.en.md", [("yes", Verdict::Said), ("partly", Verdict::PartlySaid), ("no", Verdict::NotSaid)]),
    ("patterns.zh-CN.md", [("支持", Verdict::Said), ("部分支持", Verdict::PartlySaid), ("不支持", Verdict::NotSaid)]),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Said,
    PartlySaid,
    NotSaid,
}

/// What a page says of a pattern.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    verdict: Verdict,
    /// The file with its examples.
    file: Option<String>,
}

/// The rows of a page by the pattern's number.
fn rows(name: &str, verdicts: &[(&str, Verdict)]) -> BTreeMap<u32, Row> {
    let mut found = BTreeMap::new();
    for line in page(name).lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let ["", number, _, verdict, text, link, ""] = cells.as_slice() else { continue };
        let Ok(number) = number.parse() else { continue };
        let told = verdicts.iter().find(|(word, _)| word == verdict);
        let (_, verdict) = told.unwrap_or_else(|| panic!("{name}: {number} is {verdict}"));
        assert!(text.len() >= TEXT_MIN, "{name}: {number} says only {text:?}");
        let file = link.split_once("](patterns/").and_then(|(_, rest)| rest.strip_suffix(')')).map(str::to_owned);
        let row = Row { verdict: *verdict, file };
        assert!(found.insert(number, row).is_none(), "{name}: {number} is there twice");
    }
    found
}

/// The files, each as a block with its name.
fn files() -> Vec<Block> {
    let folder = fs::read_dir(manual().join("patterns")).expect("the folder is there");
    let mut found: Vec<Block> = folder
        .map(|entry| {
            let path = entry.expect("it can be read").path();
            let page = path.file_name().expect("it has a name").to_string_lossy().into_owned();
            let text = fs::read_to_string(&path).expect("it can be read");
            Block { page, line: 1, info: vec!["flow".to_owned()], text }
        })
        .collect();
    found.sort_by(|one, other| one.page.cmp(&other.page));
    found
}

/// The pattern that an example says it shows, as `WCP-3: the next step waits`, and the file that it stands in.
fn shown() -> BTreeSet<(u32, String)> {
    let mut found = BTreeSet::new();
    for file in files() {
        let unit = compile(&file.text).unwrap_or_else(|problems| panic!("{}: {problems}", file.page));
        for example in unit.processes.iter().flat_map(|checked| &checked.examples) {
            let number = example.name.strip_prefix("WCP-").and_then(|rest| rest.split_once(':')?.0.parse().ok());
            let number = number.unwrap_or_else(|| panic!("{}: {} names no pattern", file.page, example.name));
            found.insert((number, file.page.clone()));
        }
    }
    found
}

#[test]
fn both_pages_have_all_patterns_once_and_judge_them_alike() {
    let [english, chinese] = PAGES.map(|(name, verdicts)| rows(name, &verdicts));
    assert_eq!(english.keys().copied().collect::<Vec<u32>>(), (1..=PATTERNS).collect::<Vec<u32>>());
    assert_eq!(english, chinese);
}

#[test]
fn both_pages_count_them_right() {
    for (name, verdicts) in PAGES {
        let rows = rows(name, &verdicts);
        let text = page(name);
        let head = text.split("\n## ").next().unwrap_or_default();
        let told: Vec<usize> = head.split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse().ok()).collect();
        let counted = verdicts.map(|(_, verdict)| rows.values().filter(|row| row.verdict == verdict).count());
        assert!(told.windows(3).any(|three| three == counted), "{name}: {counted:?} are not among {told:?}");
    }
}

#[test]
fn each_pattern_that_is_said_has_an_example_in_its_file_and_no_other_has_one() {
    let (name, verdicts) = PAGES[0];
    let rows = rows(name, &verdicts);
    let told: BTreeSet<(u32, String)> =
        rows.iter().filter_map(|(number, row)| Some((*number, row.file.clone()?))).collect();
    assert_eq!(told, shown());
    let without = rows.values().filter(|row| row.file.is_none());
    assert!(without.into_iter().all(|row| row.verdict == Verdict::NotSaid), "what is said has an example");
    assert!(
        rows.values().all(|row| row.verdict != Verdict::NotSaid || row.file.is_none()),
        "what is not said has none"
    );
}

#[test]
fn every_file_has_no_problem_is_laid_out_and_its_examples_pass() {
    nothing(
        files()
            .iter()
            .flat_map(|file| {
                let failed = failures(&file.text).into_iter().map(|said| format!("{}: {said}", file.page));
                let laid_out = dsl::format(&file.text).is_ok_and(|laid_out| laid_out == file.text);
                let otherwise = (!laid_out).then(|| format!("{}: not laid out", file.page));
                complaint(file, &file.text).into_iter().chain(otherwise).chain(failed)
            })
            .collect(),
    );
}

#[test]
fn each_page_shows_the_steps_of_every_file_as_they_are() {
    for (name, _) in PAGES {
        let taken: BTreeMap<String, String> = blocks_of(name, &page(name))
            .into_iter()
            .map(|block| (format!("{}.flow", block.info.get(1).map_or("", String::as_str)), block.text))
            .collect();
        for file in files() {
            let shown = taken.get(&file.page).unwrap_or_else(|| panic!("{name} does not show {}", file.page));
            let indented: String = shown
                .lines()
                .map(|line| if line.is_empty() { "\n".to_owned() } else { format!("  {line}\n") })
                .collect();
            assert!(file.text.contains(&indented), "{name}: {} says otherwise than\n{shown}", file.page);
        }
        assert_eq!(taken.len(), files().len(), "{name} shows a file that is not there");
    }
}
