//! The map is true and the walls stand: every path that ARCHITECTURE.md names is there, and no crate names a library
//! that belongs behind another.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the repository").to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|problem| panic!("{path}: {problem}"))
}

/// What stands between backticks, outside of blocks of code.
fn quoted(text: &str) -> Vec<String> {
    let mut in_block = false;
    let lines = text.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        in_block ^= fence;
        !in_block && !fence
    });
    lines.flat_map(|line| line.split('`').skip(1).step_by(2).map(str::to_owned)).collect()
}

/// Whether a word is written as a path of this repository: letters, digits and slashes, and no blank.
fn is_path(word: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "._-/".contains(letter);
    word.contains('/') && !word.starts_with('/') && word.chars().all(plain)
}

#[test]
fn every_path_on_the_map_is_there() {
    let map = read("ARCHITECTURE.md");
    let first_cells = map.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let words = quoted(&map).into_iter().filter(|word| is_path(word)).chain(first_cells.map(str::to_owned));
    let paths: Vec<String> = words.collect();
    let missing: Vec<&String> = paths.iter().filter(|path| !root().join(path).exists()).collect();
    assert!(paths.len() > 20, "the map names only {paths:?}");
    assert!(missing.is_empty(), "ARCHITECTURE.md names what is not there: {missing:?}");
}

#[test]
fn every_crate_is_on_the_map() {
    let map = read("ARCHITECTURE.md");
    for member in ["engine/core", "engine/store", "engine/runtime", "dsl", "processes", "web", "migrations", "tests"] {
        assert!(map.contains(&format!("| `{member}` |")), "{member} is not on the map");
    }
}

#[test]
fn every_table_has_its_place_on_several_machines() {
    let map = read("ARCHITECTURE.md");
    let (_, plan) = map.split_once("### On Citus or YugabyteDB").expect("the plan is there");
    let (plan, _) = plan.split_once("| Statement |").expect("the tables come before the statements");
    let schema = read("engine/store/src/schema.rs");
    let tables = schema.split("diesel::table! {\n    ").skip(1).filter_map(|table| table.split(' ').next());
    let tables: Vec<&str> = tables.collect();
    let left: Vec<&&str> = tables.iter().filter(|table| !plan.contains(&format!("`{table}`"))).collect();
    assert!(tables.len() > 20, "the schema names only {tables:?}");
    assert!(left.is_empty(), "the plan says nothing of {left:?}");
}

/// The dependencies that a crate's Cargo.toml names, for building and for running.
fn dependencies(member: &str) -> Vec<String> {
    let manifest = read(&format!("{member}/Cargo.toml"));
    let mut inside = false;
    let mut found = Vec::new();
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = matches!(line, "[dependencies]" | "[build-dependencies]");
        } else if inside && !line.is_empty() && !line.starts_with('#') {
            found.push(line.split(['.', '=', ' ']).next().unwrap_or_default().to_owned());
        }
    }
    found
}

#[test]
fn no_crate_names_a_library_that_belongs_behind_another() {
    let walls: [(&str, &[&str]); 6] = [
        ("engine/core", &["diesel", "actix-web", "pest", "pest_derive", "tokio", "store", "runtime", "dsl", "tracing"]),
        ("engine/store", &["actix-web", "pest", "pest_derive", "rhai", "runtime", "dsl", "handlebars"]),
        ("engine/runtime", &["diesel", "actix-web", "pest", "pest_derive", "rhai", "handlebars"]),
        ("dsl", &["diesel", "actix-web", "rhai", "tokio", "store", "runtime", "processes"]),
        ("processes", &["diesel", "actix-web", "rhai", "tokio", "store", "runtime"]),
        ("web", &["diesel", "diesel_migrations", "libsqlite3-sys", "rhai", "pest", "pest_derive"]),
    ];
    for (member, beyond) in walls {
        let named = dependencies(member);
        assert!(!named.is_empty(), "{member} names no dependency at all");
        let wrong: Vec<&String> = named.iter().filter(|name| beyond.contains(&name.as_str())).collect();
        assert!(wrong.is_empty(), "{member} must not depend on {wrong:?}");
    }
    for member in ["engine/core", "engine/runtime", "dsl", "processes", "web", "tests"] {
        let diesel = dependencies(member).into_iter().filter(|name| name.starts_with("diesel")).count();
        assert_eq!(diesel, 0, "only the store names diesel, and {member} does");
    }
}

/// Every Rust file of the product, with its text.
fn sources(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).expect("a folder of the repository").flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("sources are text");
            found.push((path, text));
        }
    }
}

/// The files whose code, comments aside, holds one of the marks.
fn files_with(marks: &[&str]) -> Vec<String> {
    let mut all = Vec::new();
    for member in ["engine/core", "engine/store", "engine/runtime", "dsl", "processes", "web"] {
        sources(&root().join(member).join("src"), &mut all);
    }
    let code = |text: &str| {
        let lines = text.lines().map(str::trim_start).filter(|line| !line.starts_with("//"));
        lines.collect::<Vec<_>>().join("\n")
    };
    let holds = |text: &String| marks.iter().any(|mark| code(text).contains(mark));
    let relative = |path: &PathBuf| path.strip_prefix(root()).unwrap_or(path).display().to_string();
    all.iter().filter(|(_, text)| holds(text)).map(|(path, _)| relative(path)).collect()
}

#[test]
fn one_file_names_rhai_and_one_derives_the_parser() {
    assert_eq!(files_with(&["use rhai", "rhai::"]), ["engine/core/src/rules.rs"]);
    let parsers = files_with(&["#[grammar", "pest_derive::Parser"]);
    assert_eq!(parsers.len(), 1, "one file makes the grammar's parser: {parsers:?}");
    assert!(parsers.iter().all(|file| file.starts_with("dsl/")), "{parsers:?}");
}

#[test]
fn no_type_of_diesel_is_public() {
    let named: Vec<String> =
        files_with(&["diesel::"]).into_iter().filter(|file| !file.starts_with("engine/store/")).collect();
    assert!(named.is_empty(), "{named:?} name diesel");
}

/// A file without its story does not tell a reader why it is there.
#[test]
fn every_source_file_begins_with_its_story() {
    let mut all = Vec::new();
    for member in ["engine/core", "engine/store", "engine/runtime", "dsl", "processes", "web", "tests"] {
        sources(&root().join(member), &mut all);
    }
    let silent: Vec<String> = all
        .iter()
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(path, _)| path.strip_prefix(root()).unwrap_or(path).display().to_string())
        .collect();
    assert!(all.len() > 60, "only {} files were found", all.len());
    assert!(silent.is_empty(), "these tell no story: {silent:?}");
}

#[test]
fn nothing_that_is_committed_for_later_is_left_in_the_sources() {
    let marks = ["//! Being written.", concat!("todo", "!("), concat!("unimplemented", "!(")];
    let mut all = Vec::new();
    for member in ["engine/core", "engine/store", "engine/runtime", "dsl", "processes", "web", "tests"] {
        sources(&root().join(member), &mut all);
    }
    let own = Path::new("tests/tests/architecture.rs");
    for (path, text) in all.iter().filter(|(path, _)| !path.ends_with(own)) {
        for mark in marks {
            assert!(!text.contains(mark), "{} holds {mark}", path.display());
        }
    }
}
