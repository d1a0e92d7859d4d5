//! The manual's commands are typed as it says: the tutorials are gone through from the first command to the last, and
//! show what the executable shows; every other page names subcommands and options that there are.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tests::{Scratch, executable};

/// The file that the tutorials write.
const FILE: &str = "laptop.flow";
/// The most commands of a page.
const COMMANDS_MAX: usize = 200;

fn manual() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../dsl/manual")
}

fn page(name: &str) -> String {
    std::fs::read_to_string(manual().join(name)).expect("the page is there")
}

/// A fenced block: what stands after its fence, and its lines.
struct Block<'p> {
    info: &'p str,
    lines: Vec<&'p str>,
}

fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut found: Vec<Block<'_>> = Vec::new();
    let mut open = false;
    for line in page.lines() {
        match line.strip_prefix("```") {
            Some(_) if open => open = false,
            Some(info) => {
                found.push(Block { info, lines: Vec::new() });
                open = true;
            }
            None if open => found.last_mut().into_iter().for_each(|block| block.lines.push(line)),
            None => {}
        }
    }
    found
}

/// The commands of a page with the lines that they print.
fn commands<'p>(block: &Block<'p>) -> Vec<(&'p str, Vec<&'p str>)> {
    let mut found: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in &block.lines {
        match (line.strip_prefix("$ "), found.last_mut()) {
            (Some(command), _) => found.push((command, Vec::new())),
            (None, Some((_, printed))) => printed.push(line),
            (None, None) => panic!("a console block begins with a command: {line}"),
        }
    }
    assert!(found.len() < COMMANDS_MAX);
    found
}

/// The words of a command after `tiaoli`, quotes taken off.
fn words(command: &str) -> Vec<String> {
    let rest = command.strip_prefix("tiaoli").unwrap_or_else(|| panic!("{command} runs something else"));
    let mut found = Vec::new();
    for (index, part) in rest.split('"').enumerate() {
        match index % 2 {
            0 => found.extend(part.split_whitespace().map(str::to_owned)),
            _ => found.push(part.to_owned()),
        }
    }
    found
}

fn run(folder: &Path, language: &str, arguments: &[String]) -> Output {
    Command::new(executable())
        .current_dir(folder)
        .env_remove("LC_ALL")
        .env_remove("LC_MESSAGES")
        .env("LANG", language)
        .args(arguments)
        .output()
        .expect("it runs")
}

fn printed(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Whether lines are those shown, where `…` stands for any number of lines.
fn shows(shown: &[&str], lines: &[&str]) -> bool {
    match shown.split_first() {
        None => lines.is_empty(),
        Some((&"…", rest)) => (0..=lines.len()).any(|skipped| shows(rest, &lines[skipped..])),
        Some((first, rest)) => lines.split_first().is_some_and(|(line, lines)| first == line && shows(rest, lines)),
    }
}

/// Types a tutorial from its beginning to its end.
fn go_through(name: &str, language: &str) {
    let scratch = Scratch::new(name);
    let text = page(name);
    let mut typed = 0;
    for block in blocks(&text) {
        let sort = block.info.split_whitespace().next().unwrap_or_default();
        if sort == "flow" || sort == "flow-wrong" {
            let source = block.lines.iter().map(|line| format!("{line}\n")).collect::<String>();
            std::fs::write(scratch.path().join(FILE), source).expect("the folder is writable");
        }
        if sort == "console" {
            for (command, shown) in commands(&block) {
                let said = printed(&run(scratch.path(), language, &words(command)));
                let lines: Vec<&str> = said.trim_end().lines().collect();
                assert!(shows(&shown, &lines), "{name}: {command} shows\n{said}");
                typed += 1;
            }
        }
    }
    assert!(typed > 8, "{name} has only {typed} commands");
    assert!(scratch.path().join("laptop.svg").is_file(), "the picture is drawn");
}

#[test]
fn the_english_tutorial_can_be_typed_and_shows_what_one_sees() {
    go_through("tutorial.en.md", "en_US.UTF-8");
}

#[test]
fn the_chinese_tutorial_can_be_typed_and_shows_what_one_sees() {
    go_through("tutorial.zh-CN.md", "zh_CN.UTF-8");
}

/// The words of a help text that begin so.
fn named(help: &str, begins: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let words = help.split(|c: char| c.is_whitespace() || c == ',' || c == '[' || c == ']' || c == '=');
    words.filter(|word| begins(word)).map(str::to_owned).collect()
}

#[test]
fn every_command_that_a_page_names_is_there_with_its_options() {
    let help = |arguments: &[&str]| {
        let arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
        printed(&run(Path::new("."), "en_US.UTF-8", &arguments))
    };
    let all = help(&["--help"]);
    let listed = all.split("Commands:").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("commands are listed");
    let subcommands: BTreeSet<&str> =
        listed.lines().filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next()).collect();
    let mut seen = 0;
    for entry in std::fs::read_dir(manual()).expect("the manual is there") {
        let path = entry.expect("it can be read").path();
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("it can be read");
        let fenced = blocks(&text).into_iter().filter(|block| block.info == "console");
        let fenced = fenced.flat_map(|block| commands(&block)).map(|(command, _)| command);
        let spans =
            text.split('`').skip(1).step_by(2).filter(|span| span.starts_with("tiaoli ") && !span.contains('\n'));
        for command in fenced.chain(spans) {
            let words = words(command);
            let Some(name) = words.first() else { panic!("{}: {command} names none", path.display()) };
            assert!(subcommands.contains(name.as_str()), "{}: `{command}`: no {name}", path.display());
            let options = named(&help(&[name.as_str(), "--help"]), |word| word.starts_with("--"));
            for option in words.iter().filter(|word| word.starts_with("--")) {
                assert!(options.contains(option), "{}: `{command}`: no {option}", path.display());
            }
            seen += 1;
        }
    }
    assert!(seen > 16, "the manual names {seen} commands");
}
