//! The compiler never panics and never hangs, whatever it reads.

use std::fmt::Write;
use std::path::Path;

use dsl::{Code, Colour, Language, Problems, SOURCE_MAX, compile, render};

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
