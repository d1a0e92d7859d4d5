//! The compiler never panics and never hangs, whatever it reads.

use std::fmt::Write;
use std::path::Path;

use dsl::{
    Code, Colour, Language, NESTING_MAX, PIECES_MAX, PROBLEMS_MAX, Problem, Problems, SOURCE_MAX, TEXT_MAX, WORD_MAX,
    compile, format, render,
};

mod hostile;
#[path = "hostile/tangled.rs"]
mod tangled;

fn incident() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/incident.flow");
    std::fs::read_to_string(path).expect("the packaged process is there")
}

/// Compiles, formats and shows a text. What it answers must make sense; that it answers is the point.
fn tried(text: &str) {
    if let Err(problems) = compile(text) {
        assert!(!problems.0.is_empty(), "refused without a problem: {text}");
        for language in [Language::En, Language::Zh] {
            assert!(!render("hostile.flow", text, &problems, language, Colour::Never).is_empty());
        }
    }
    if let Err(problems) = format(text) {
        assert!(!problems.0.is_empty(), "not formatted without a problem: {text}");
    }
}

/// Longer by hand: `TIAOLI_ROUNDS=100000 TIAOLI_SEED=1f cargo test -p dsl --release --test limits`.
#[test]
fn no_text_makes_the_front_end_panic() {
    let larder = hostile::Larder::full();
    let mut dice = hostile::Dice::new(hostile::seed());
    for _ in 0..hostile::rounds(800) {
        tried(&larder.text(&mut dice));
    }
    larder.strings().iter().for_each(|string| tried(string));
}

#[test]
fn a_file_that_is_too_long_is_refused_unread() {
    let source = format!("{}{}", incident(), " ".repeat(SOURCE_MAX));
    let Err(Problems(problems)) = compile(&source) else { panic!("it is too long") };
    assert_eq!(problems.iter().map(|problem| problem.code).collect::<Vec<_>>(), [Code::TooLong]);
}

#[test]
fn a_file_of_many_thousand_lines_compiles() {
    let packaged = incident();
    let mut source = packaged.clone();
    let (_, example) = packaged.split_once("\nexample ").expect("there are examples");
    let (_, example) = example.split_once("\" of ").expect("it has a name");
    let example = example.split("\nexample ").next().expect("there is a first");
    let mut number = 0;
    while source.len() + example.len() < SOURCE_MAX / 2 {
        number += 1;
        source.push_str(&format!("\nexample \"number {number}\" of {example}"));
    }
    assert!(compile(&source).is_ok());
}

#[test]
fn deep_and_endless_texts_are_refused() {
    for piece in ["{", "(", "[", "not ", "a.", "a + ", "a and ", "- ", "\"", "`", "x | ", "if a -> ", "else if a "] {
        for before in ["", "process p \"P\" zh \"P\" { record { a text = ", "rule r(a) -> boolean { ", "process p { "] {
            let mut source = String::from(before);
            let _ = write!(source, "{}", piece.repeat(20_000));
            assert!(compile(&source).is_err(), "{piece}");
        }
    }
}

/// The codes of a text's problems.
fn codes(source: &str) -> Vec<Code> {
    match compile(source) {
        Ok(unit) => unit.warnings.iter().map(|problem| problem.code).collect(),
        Err(Problems(problems)) => problems.iter().map(|problem| problem.code).collect(),
    }
}

/// As often as a piece of the text fits, up to a size.
fn repeated(piece: impl Fn(usize) -> String, size: usize) -> String {
    let mut text = String::new();
    let mut number = 0;
    while text.len() < size {
        text += &piece(number);
        number += 1;
    }
    text
}

#[test]
fn of_many_problems_the_first_are_shown_and_the_rest_is_counted() {
    let source = "，".repeat(PROBLEMS_MAX + 20);
    let Err(Problems(problems)) = compile(&source) else { panic!("it is nonsense") };
    assert_eq!(problems.len(), PROBLEMS_MAX + 1);
    let last = problems.last().expect("there are some");
    assert_eq!((last.code, last.message.en.as_str()), (Code::TooMany, "there are 20 more problems in this file"));
}

#[test]
fn words_and_texts_and_lists_have_limits() {
    assert_eq!(codes(&"a".repeat(WORD_MAX + 1)), [Code::TooLong]);
    assert_eq!(codes(&format!("\"{}\"", "a".repeat(TEXT_MAX))), [Code::TooLong]);
    assert_eq!(codes(&"a ".repeat(PIECES_MAX + 1)), [Code::TooLong]);
    assert_eq!(codes(&format!("a {{ b [{}] }}", "a, ".repeat(PIECES_MAX))), [Code::TooLong]);
    let deep = NESTING_MAX + 1;
    assert_eq!(codes(&format!("{}{}", "(".repeat(deep), ")".repeat(deep))), [Code::TooDeep]);
}

#[test]
fn what_a_process_declares_has_limits() {
    let process = |inner: String| format!("process p \"P\" zh \"甲\" {{\n{inner}\n}}\n");
    let beside = |text: String| process(String::new()) + text.as_str();
    let choice = |number: usize| format!("c{number} \"C\" zh \"丙\" ");
    let field = |number: usize| format!("f{number} text \"F\" zh \"己\" ");
    let too_long = [
        process(format!("choices c {{ {} }}", (0..=200).map(choice).collect::<String>())),
        process(format!("record {{ {} }}", (0..=1_000).map(field).collect::<String>())),
        process((0..=5_000).map(|number| format!("milestone m{number} ")).collect()),
        beside((0..=200).map(|number| format!("rule r{number}() -> text {{ }}\n")).collect()),
        beside("example \"e\" of p { }\n".repeat(2_001)),
        beside(format!("background of p {{ {} }}", "given anna ".repeat(201))),
        beside(format!("example \"e\" of p {{ {} }}", "given anna ".repeat(201))),
    ];
    for source in too_long {
        let codes = codes(&source);
        let first = source.lines().nth(1).unwrap_or_default();
        assert!(codes.contains(&Code::TooLong) || codes.contains(&Code::TooMany), "{codes:?}: {first:.60}");
    }
}

#[test]
fn a_line_that_is_too_long_is_not_shown() {
    let source = format!("process p {{ nonsense {}}}", " ".repeat(SOURCE_MAX / 2));
    let Err(problems) = compile(&source) else { panic!("it is nonsense") };
    assert!(render("long.flow", &source, &problems, Language::En, Colour::Never).len() < 10_000);
}

/// Shapes that a careless reader or checker would take hours for. That this test ends is what it proves; a megabyte of
/// each takes seconds in a release build: `cargo test -p dsl --release --test limits`.
#[test]
fn no_shape_of_a_large_text_makes_the_front_end_slow() {
    let size = if cfg!(debug_assertions) { 15_000 } else { SOURCE_MAX - 1_000 };
    let head = "// P\nprocess p \"P\" zh \"甲\" {\n";
    let within = |text: String| format!("{head}{text}\n}}");
    let beside = |text: String| within(String::new()) + text.as_str();
    let lines = |piece: &str| repeated(|_| piece.to_owned(), size);
    let texts = [
        lines("a "),
        lines("{}"),
        lines("}"),
        lines("({)"),
        lines("\"\n"),
        lines("，"),
        lines("\n"),
        lines("//\n"),
        lines("rule "),
        lines("' "),
        within(format!("record {{\n{}}}", lines("a text\n"))),
        within(format!(
            "record {{\n{}}}",
            repeated(|number| format!("f{number} number from f{} + 1\n", number + 1), size)
        )),
        within(repeated(|number| format!("task t{number} for role r {{ outcome o -> t{} }}\n", number + 7), size)),
        within(repeated(|number| format!("milestone m{number} \"M\" zh \"丁\"\n"), size) + "-> m0"),
        within(repeated(|number| format!("-> t{number}\n"), size)),
        within(format!("if a -> b {}", lines("else if a -> b "))),
        within(format!("set a = 1 {}", lines("+ 1 "))),
        within(format!("if a {} -> b", lines("or a "))),
        within(format!("start by anyone asks a{}", repeated(|number| format!(", f{number}"), size))),
        beside(repeated(|number| format!("notice n{number} \"{{h{number}}}\" zh \"\"\n"), size)),
        beside(repeated(|number| format!("example \"e{number}\" of p {{ when a starts }}\n"), size)),
        beside(format!("rule r() -> text {{ {} }}", lines("' "))),
        beside(format!("rule r() -> text {{ {} }}", lines("/* "))),
        format!("[{}]", "[".repeat(100_000.min(size))),
        repeated(|_| "[{\"\":".to_owned(), 250_000.min(size)),
    ];
    texts.iter().for_each(|text| tried(text));
}

/// The problems of the incident process with one more table.
fn problems_with(table: &str) -> Vec<Problem> {
    let source = incident().replacen("  decide priority", &format!("{table}\n  decide priority"), 1);
    match compile(&source) {
        Ok(unit) => unit.warnings,
        Err(Problems(problems)) => problems,
    }
}

/// A table over `age`, `size` and `level`, ten pieces each: a row for every case, but for those left out.
fn thousand_rows(left_out: &[usize]) -> String {
    let mut table = String::from("decide fee(age: number, size: number, level: number) -> number {\n");
    for case in (0..1_000).filter(|case| !left_out.contains(case)) {
        let (age, size, level) = (case / 100, case / 10 % 10, case % 10);
        let range = |piece: usize| match piece {
            0 => "< 10".to_owned(),
            9 => ">= 90".to_owned(),
            piece => format!("{piece}0 to < {}0", piece + 1),
        };
        let _ = writeln!(table, "{} {} {} => {case}", range(age), range(size), range(level));
    }
    table + "}"
}

#[test]
fn a_table_of_a_thousand_rows_is_proved() {
    assert_eq!(problems_with(&thousand_rows(&[])), []);
    let problems = problems_with(&thousand_rows(&[347]));
    let seen: Vec<&str> = problems.iter().map(|problem| problem.message.en.as_str()).collect();
    assert_eq!(seen, ["table `fee` has no row for age = 30, size = 40, level = 70"]);
    let overlapping = thousand_rows(&[]).replace("30 to < 40 40 to < 50 70 to < 80", "30 to < 40 40 to 50 70 to < 80");
    let problems = problems_with(&overlapping);
    let seen: Vec<&str> = problems.iter().map(|problem| problem.message.en.as_str()).collect();
    assert_eq!(seen, ["rows 348 and 358 both match age = 30, size = 50, level = 70"]);
}

#[test]
fn a_table_with_a_thousand_nested_ranges_is_proved() {
    let table = |last: &str| {
        let mut table = String::from("decide fee(age: number) -> number first {\n");
        (1..=1_000).for_each(|row| {
            let _ = writeln!(table, "> {} => {row}", 1_000 - row);
        });
        table + last + "\n}"
    };
    assert_eq!(problems_with(&table("<= 0 => 0")), []);
    let problems = problems_with(&table("< 0 => 0"));
    assert_eq!(problems.iter().map(|problem| problem.code).collect::<Vec<_>>(), [Code::TableGap]);
    let problems = problems_with(&table("5 to 7 => 0\n<= 0 => 0"));
    assert_eq!(problems.iter().map(|problem| problem.code).collect::<Vec<_>>(), [Code::TableShadow]);
}

#[test]
fn a_table_with_too_many_rows_or_inputs_is_refused() {
    let rows: String = (0..3_000).map(|row| format!("{row} => 1\n")).collect();
    let inputs: Vec<String> = (0..60).map(|input| format!("i{input}: number")).collect();
    let cells = "- ".repeat(60);
    for table in [
        format!("decide fee(age: number) -> number {{\n{rows}else => 0 }}"),
        format!("decide fee({}) -> number {{ {cells} => 0 }}", inputs.join(", ")),
    ] {
        let problems = problems_with(&table);
        assert_eq!(problems.iter().map(|problem| problem.code).collect::<Vec<_>>(), [Code::TableTooLarge]);
    }
}

#[test]
fn a_table_that_is_too_tangled_says_that_it_is_not_proved() {
    let problems = problems_with(&tangled::table());
    assert_eq!(problems.iter().map(|problem| problem.code).collect::<Vec<_>>(), [Code::TableUnproved]);
}
