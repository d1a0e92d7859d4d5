//! Every text that the readers and the checker have for people is told by some file of the suite, of the whole
//! language, or by one that is too large to be kept.

#[path = "../tests/hostile/tangled.rs"]
mod tangled;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::panic::Location;
use std::path::{Path, PathBuf};

thread_local! {
    /// The places of the sources, by file and line, that have told something.
    static TOLD: RefCell<BTreeSet<(PathBuf, usize)>> = const { RefCell::new(BTreeSet::new()) };
}

pub(crate) fn note(place: &Location<'_>) {
    let line = usize::try_from(place.line()).unwrap_or_default();
    let file = Path::new(place.file());
    let file = file.strip_prefix("dsl").unwrap_or(file).to_owned();
    TOLD.with_borrow_mut(|told| told.insert((file, line)));
}

fn below(folder: &str, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    paths.filter(|path| path.extension().is_some_and(|found| found == extension)).collect()
}

/// Files that are longer than one keeps.
fn large() -> Vec<String> {
    let process = |inside: &str| format!("process p \"P\" zh \"流程\" {{\n{inside}\n}}\n");
    let table = |rows: &dyn Fn(usize) -> String, count: usize| {
        let rows: String = (0..count).map(rows).collect();
        format!("  record {{ a number \"A\" zh \"甲\" }}\n  decide t(a) -> text {{\n{rows}    else => \"\"\n  }}")
    };
    let examples: String =
        (0..2_001).map(|number| format!("example \"{number}\" of p {{ when ben starts }}\n")).collect();
    vec![
        "a".repeat(crate::scan::SOURCE_MAX + 1),
        process(&format!("  title {}", "a".repeat(crate::scan::WORD_MAX + 1))),
        process(&format!("  seen by {}", "role a, ".repeat(crate::shape::PIECES_MAX))),
        process(&"  set a = 1\n".repeat(5_001)),
        process(&table(&|row| format!("    {row} => \"\"\n"), 3_000)),
        format!("{}{examples}", process("  end done \"Done\" zh \"完成\"")),
        process(&tangled::table()),
        process(&"x y z\n".repeat(200)),
        process(&format!("{}{}", "{".repeat(80), "}".repeat(80))),
        format!("{}\n", "notice n \"N\" zh \"通知\"\n".repeat(600)),
    ]
}

/// What nothing is known to tell: nets below other nets.
const NETS: &[&str] =
    &["`{text}` is not understood here", "this is too long or too deep to be read", "divide the list or the file"];

/// Whether a line of a source has a text for people.
fn tells(line: &str) -> bool {
    let called =
        line.match_indices("labels(").map(|(at, _)| line.get(..at).and_then(|before| before.chars().next_back()));
    called
        .into_iter()
        .any(|before| before.is_none_or(|before| !(before.is_alphanumeric() || before == '_' || before == '.')))
        && !line.contains("fn labels(")
}

#[test]
fn every_text_for_people_is_told_by_some_file() {
    for file in ["tests/suite", "tests/data"].iter().flat_map(|folder| below(folder, "flow")) {
        // What it tells is noted on the way.
        let _ = crate::compile(&fs::read_to_string(file).expect("it can be read"));
    }
    for source in large() {
        let _ = crate::compile(&source);
    }
    let told = TOLD.with_borrow(Clone::clone);
    let mut sources: Vec<PathBuf> =
        ["src/check", "src/read", "src/nodes"].iter().flat_map(|f| below(f, "rs")).collect();
    sources.extend(["src/scan.rs", "src/shape.rs"].map(PathBuf::from));
    let mut untold = Vec::new();
    for source in sources {
        let text = fs::read_to_string(&source).expect("it can be read");
        for (index, line) in text.lines().enumerate().filter(|(_, line)| tells(line)) {
            let net = NETS.iter().any(|net| line.contains(net));
            if !net && !told.contains(&(source.clone(), index + 1)) {
                let following = text.lines().nth(index + 1).unwrap_or_default();
                untold.push(format!("{}:{}: {} {}", source.display(), index + 1, line.trim(), following.trim()));
            }
        }
    }
    assert!(untold.is_empty(), "{}", untold.join("\n"));
}
