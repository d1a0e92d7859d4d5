//! The compiler never panics and never hangs, whatever it reads.

use std::fmt::Write;
use std::path::Path;

use dsl::{Code, Colour, Language, Problem, Problems, SOURCE_MAX, compile, render};

/// How often the incident process is mutilated.
const ROUNDS: u64 = 400;

fn incident() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../processes/resolution/incident.flow");
    std::fs::read_to_string(path).expect("the packaged process is there")
}

/// A small generator of numbers that looks random and is not.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).unwrap_or(0)
    }
}

fn mutilated(source: &str, dice: &mut Dice) -> String {
    const PIECES: &[&str] =
        &["{", "}", "\"", "(", ")", "->", "=>", ",", "，", "“", "zh", "when", "not", "\n", "7", "//", "`", "摘"];
    let mut chars: Vec<char> = source.chars().collect();
    for _ in 0..=dice.below(6) {
        let at = dice.below(chars.len());
        let end = (at + 1 + dice.below(40)).min(chars.len());
        match dice.below(4) {
            0 => {
                chars.drain(at..end);
            }
            1 => {
                let piece = PIECES[dice.below(PIECES.len())];
                chars.splice(at..at, piece.chars());
            }
            2 => {
                let copied: Vec<char> = chars[at..end].to_vec();
                let to = dice.below(chars.len());
                chars.splice(to..to, copied);
            }
            _ => {
                let other = dice.below(chars.len());
                chars.swap(at, other);
            }
        }
    }
    chars.into_iter().collect()
}

#[test]
fn a_mutilated_process_never_makes_the_compiler_panic() {
    let source = incident();
    let seed = 0x7143_0911_2026;
    println!("seed {seed:#x}");
    let mut dice = Dice(seed);
    for round in 0..ROUNDS {
        let text = mutilated(&source, &mut dice);
        if let Err(problems) = compile(&text) {
            assert!(!problems.0.is_empty(), "round {round} is refused without a problem");
            for language in [Language::En, Language::Zh] {
                assert!(!render("mutilated.flow", &text, &problems, language, Colour::Never).is_empty());
            }
        }
    }
}

#[test]
fn a_file_that_is_too_long_is_refused_unread() {
    let source = format!("{}{}", incident(), " ".repeat(SOURCE_MAX));
    let Err(Problems(problems)) = compile(&source) else { panic!("it is too long") };
    assert_eq!(problems.iter().map(|problem| problem.code).collect::<Vec<_>>(), [Code::TooLong]);
}

#[test]
fn a_file_of_many_thousand_lines_compiles() {
    let mut source = incident();
    let (_, example) = source.split_once("\nexample ").expect("there are examples");
    let example = format!("\nexample {}", example.split("\nexample ").next().expect("there is a first"));
    while source.len() + example.len() < SOURCE_MAX / 2 {
        source.push_str(&example);
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

/// Every three inputs of which the number of `yes` is odd, or even, by chance: no order of the inputs untangles that.
#[test]
fn a_table_that_is_too_tangled_says_that_it_is_not_proved() {
    let seed = 0x2026_0918;
    println!("seed {seed:#x}");
    let mut dice = Dice(seed);
    let inputs: Vec<String> = (0..50).map(|input| format!("i{input}: boolean")).collect();
    let mut table = format!("decide fee({}) -> number any {{\n", inputs.join(", "));
    for _ in 0..60 {
        let (one, odd) = (dice.below(50), dice.below(2));
        let (two, three) = ((one + 1 + dice.below(24)) % 50, (one + 25 + dice.below(25)) % 50);
        for case in (0..8usize).filter(|case| case.count_ones() % 2 == u32::from(odd == 1)) {
            let mut cells = vec!["-"; 50];
            for (bit, input) in [one, two, three].into_iter().enumerate() {
                cells[input] = if case & (1 << bit) == 0 { "no" } else { "yes" };
            }
            let _ = writeln!(table, "{} => 1", cells.join(" "));
        }
    }
    let problems = problems_with(&(table + "}"));
    assert_eq!(problems.iter().map(|problem| problem.code).collect::<Vec<_>>(), [Code::TableUnproved]);
}
