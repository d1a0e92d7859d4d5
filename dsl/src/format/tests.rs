//! Formatting keeps every token, whatever is formatted.

use crate::shape::{Shape, ShapeKind, shapes};

#[path = "../../tests/hostile/mod.rs"]
mod hostile;

/// The tokens of a text, comments among them; a rule's text by its lines.
fn tokens(source: &str) -> Vec<String> {
    fn put(source: &str, shapes: &[Shape], found: &mut Vec<String>) {
        for shape in shapes {
            let text = source.get(shape.span.clone()).unwrap_or_default();
            match &shape.kind {
                ShapeKind::Braces(inner) | ShapeKind::Parens(inner) | ShapeKind::Squares(inner) => {
                    found.push(text.chars().take(1).collect());
                    put(source, inner, found);
                    found.push(text.chars().rev().take(1).collect());
                }
                ShapeKind::Body => found.extend(text.split_whitespace().map(str::to_owned)),
                ShapeKind::Comment => found.push(text.trim_end().to_owned()),
                ShapeKind::Word
                | ShapeKind::Text
                | ShapeKind::Number
                | ShapeKind::Date
                | ShapeKind::Instant
                | ShapeKind::Mark
                | ShapeKind::Stray => found.push(format!("{:?} {text}", shape.kind)),
            }
        }
    }
    let mut found = Vec::new();
    put(source, &shapes(source).unwrap_or_else(|problem| panic!("{problem:?}: {source}")), &mut found);
    found
}

#[test]
fn every_token_stays_and_formatting_twice_changes_nothing_more() {
    let larder = hostile::Larder::full();
    let seed = hostile::seed();
    let mut dice = hostile::Dice::new(seed);
    let mut formatted = 0;
    for round in 0..hostile::rounds(600) {
        let source = larder.text(&mut dice);
        let Ok(once) = super::format(&source) else { continue };
        formatted += 1;
        let lost = tokens(&source).into_iter().zip(tokens(&once)).find(|(one, other)| one != other);
        assert_eq!(lost, None, "round {round} of seed {seed:x}:\n{source}\n---\n{once}");
        let twice = super::format(&once).expect("it was formatted before");
        let moved = once.lines().zip(twice.lines()).find(|(one, other)| one != other);
        assert_eq!(moved, None, "round {round} of seed {seed:x}:\n{source}\n---\n{once}\n---\n{twice}");
    }
    assert!(formatted > 0, "some texts have brackets that match");
}

#[test]
fn strings_that_break_programs_keep_their_tokens() {
    for string in hostile::Larder::full().strings() {
        if let Ok(once) = super::format(string) {
            assert_eq!(tokens(string), tokens(&once), "{string:?}");
            assert_eq!(super::format(&once).as_ref(), Ok(&once), "{string:?}");
        }
    }
}
