//! The grammar for editors can be loaded, and colours every word of the language.

mod words;

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::Value as Json;

fn grammar() -> Json {
    serde_json::from_str(include_str!("../editor/tiaoli.tmLanguage.json")).expect("it is JSON")
}

/// Every object of the grammar, outermost first.
fn objects(grammar: &Json) -> Vec<&serde_json::Map<String, Json>> {
    let (mut left, mut found) = (vec![grammar], Vec::new());
    while let Some(next) = left.pop() {
        match next {
            Json::Object(object) => {
                found.push(object);
                left.extend(object.values());
            }
            Json::Array(items) => left.extend(items),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
        }
    }
    found
}

/// The patterns of the grammar with the scopes that they give to the whole of what they match.
fn scopes() -> Vec<(Regex, String)> {
    let grammar = grammar();
    let whole = objects(&grammar).into_iter().filter_map(|object| {
        let (name, pattern) = (object.get("name")?.as_str()?, object.get("match")?.as_str()?);
        Some((Regex::new(&format!("^(?:{pattern})$")).expect("it compiles"), name.to_owned()))
    });
    whole.collect()
}

#[test]
fn every_pattern_compiles_and_every_include_is_there() {
    let grammar = grammar();
    assert_eq!(grammar["scopeName"], "source.tiaoli");
    let mut patterns = 0;
    for object in objects(&grammar) {
        for key in ["match", "begin", "end"] {
            if let Some(pattern) = object.get(key).and_then(Json::as_str) {
                assert!(Regex::new(pattern).is_ok(), "{pattern}");
                patterns += 1;
            }
        }
        assert_eq!(object.contains_key("begin"), object.contains_key("end"), "{object:?}");
        if let Some(included) = object.get("include").and_then(Json::as_str) {
            let own = included.strip_prefix('#').map(|name| grammar["repository"].get(name).is_some());
            assert!(own.unwrap_or(included == "source.rhai"), "{included}");
        }
    }
    assert!(patterns > 40, "{patterns} patterns");
}

#[test]
fn every_word_of_the_language_has_a_colour() {
    let scopes: Vec<(Regex, String)> =
        scopes().into_iter().filter(|(_, scope)| scope.ends_with(".tiaoli") && !scope.contains("member")).collect();
    let coloured = |word: &str| {
        scopes.iter().any(|(pattern, scope)| {
            let family = ["keyword", "storage", "constant"].iter().any(|family| scope.starts_with(family));
            family && pattern.is_match(word)
        })
    };
    let missing: Vec<String> = words::all().into_iter().filter(|word| !coloured(word)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    for plain in ["summary", "service_desk", "x"] {
        assert!(!coloured(plain), "{plain} is nobody's word");
    }
}

#[test]
fn values_and_marks_have_the_scopes_that_themes_know() {
    let scopes = scopes();
    let cases = BTreeMap::from([
        ("// why", "comment.line"),
        ("2026-02-02", "constant.numeric.date"),
        ("2026-02-02 09:00", "constant.numeric.date"),
        ("0.5", "constant.numeric"),
        ("->", "keyword.operator.arrow"),
        ("=>", "keyword.operator.arrow"),
        ("money", "storage.type"),
        ("{seq:6}", "variable.other.hole"),
    ]);
    for (text, scope) in cases {
        let found = scopes.iter().any(|(pattern, held)| pattern.is_match(text) && held.starts_with(scope));
        assert!(found, "{text} is no {scope}");
    }
}

#[test]
fn the_body_of_a_rule_is_embedded_and_a_table_is_not() {
    let grammar = grammar();
    let rule = &grammar["repository"]["rule"]["patterns"][0];
    let begin = Regex::new(rule["begin"].as_str().expect("it has one")).expect("it compiles");
    let whole = include_str!("data/whole.flow");
    let lines = |word: &str| -> Vec<bool> {
        whole.lines().filter(|line| line.trim_start().starts_with(word)).map(|line| begin.is_match(line)).collect()
    };
    assert_eq!(lines("rule "), [true]);
    assert_eq!(lines("decide "), [false]);
    assert_eq!(rule["contentName"], "meta.embedded.block.rhai");
}
