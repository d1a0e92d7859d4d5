//! Everything that the language can say is read, checked, explained, drawn, and told apart by what the engine runs.

use std::collections::BTreeSet;

use dsl::{Language, Unit, compile, diagram, explain};

const WHOLE: &str = include_str!("data/whole.flow");

fn whole() -> Unit {
    compile(WHOLE).unwrap_or_else(|problems| {
        panic!("{}", dsl::render("whole.flow", WHOLE, &problems, Language::En, dsl::Colour::Never))
    })
}

#[test]
fn a_file_with_all_that_can_be_said_has_no_problem() {
    let unit = whole();
    assert_eq!(unit.warnings, []);
    assert_eq!(unit.processes.len(), 1);
}

#[test]
fn what_the_engine_cannot_run_yet_is_named_with_its_line() {
    let unit = whole();
    let parts = &unit.processes[0].parts;
    let named: BTreeSet<&str> = parts.not_yet_run().map(|later| later.construct.as_str()).collect();
    let expected = ["notify by sms", "obligation", "report"];
    assert_eq!(named, BTreeSet::from(expected));
    for later in parts.not_yet_run() {
        assert!(later.line > 0 && !later.says.en.is_empty() && !later.says.zh.is_ascii(), "{later:?}");
    }
}

#[test]
fn all_of_it_is_explained_and_drawn_in_both_languages() {
    let unit = whole();
    let parts = &unit.processes[0].parts;
    for language in [Language::En, Language::Zh] {
        let told = explain(parts, language);
        let drawn = diagram::svg(parts, language, &diagram::Here::default());
        for step in parts.steps.iter().filter(|step| !step.labels.en.is_empty()) {
            let label = language.of(&step.labels);
            assert!(told.contains(label), "{label} is not told:\n{told}");
            assert!(drawn.contains(label.split(' ').next().unwrap_or(label)), "{label} is not drawn");
        }
    }
}
