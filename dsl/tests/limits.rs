//! The compiler never panics and never hangs, whatever it reads.

use std::fmt::Write;
use std::path::Path;

use dsl::{Code, Colour, Language, Problems, SOURCE_MAX, compile, format, render};

mod hostile;

fn incident() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../processes/resolution/incident.flow");
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
    for _ in 0..hostile::rounds(1_500) {
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
