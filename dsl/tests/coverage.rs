//! What the examples of a process touch is counted, wherever a table is asked.

use std::sync::Arc;

use dsl::{Coverage, Share, Verdict, compile, run_examples};
use engine::definition::Definition;
use engine::ids::DefinitionId;

const PROCESS: &str = include_str!("coverage/order.flow");

/// What the process with these examples covers.
fn coverage(examples: &str) -> Coverage {
    let source = format!("{PROCESS}{examples}");
    let unit = compile(&source).unwrap_or_else(|problems| panic!("{problems}"));
    let checked = &unit.processes[0];
    let definition = Definition::prepare(DefinitionId::of_source(&source), checked.parts.clone()).expect("it compiled");
    let results = run_examples(checked, Arc::new(definition));
    assert!(results.iter().all(|result| result.verdict == Verdict::Passed), "{results:#?}");
    Coverage::of(&checked.parts, &results)
}

fn missed(coverage: &Coverage) -> Vec<(&str, &str)> {
    let line = |line: u32| PROCESS.lines().nth(line as usize - 1).unwrap_or_default().trim();
    coverage.missed.iter().map(|missed| (line(missed.line), missed.what.en.as_str())).collect()
}

#[test]
fn rows_count_that_decide_in_conditions_guards_and_settings() {
    let small = "example \"small\" of order {\n\
        when anna starts with { summary: \"a pen\", size: small }\n\
        then route is \"direct\"\n\
        when dora completes check as approve\n\
        then record is ended as done\n}\n";
    let covered = coverage(small);
    assert_eq!(covered.rows, Share { touched: 3, all: 6 });
    let rows: Vec<_> = missed(&covered).into_iter().filter(|(_, what)| what.contains("table")).collect();
    let expected = [
        ("large  => yes", "row of table is_dear"),
        ("large  => no", "row of table may_pass"),
        ("small  => \"direct\"", "else of table way"),
    ];
    assert_eq!(rows, expected);
}

#[test]
fn a_row_that_led_to_a_refusal_has_decided() {
    let refused = "example \"large\" of order {\n\
        when anna starts with { summary: \"a house\", size: large }\n\
        then task sign is open\n\
        when dora completes sign as sign\n\
        when dora completes check as approve\n\
        then it is refused because \"too dear\"\n}\n";
    let covered = coverage(refused);
    let missed = missed(&covered);
    assert!(!missed.contains(&("large  => no", "row of table may_pass")), "{missed:?}");
    assert!(missed.contains(&("small  => yes", "row of table may_pass")), "{missed:?}");
}

#[test]
fn the_figure_is_a_hundred_only_where_nothing_is_missed() {
    let none = coverage("");
    assert_eq!((none.percent(), none.steps.touched), (0, 0));
    let share = |touched, all| Share { touched, all };
    let of = |steps, outcomes, rows| Coverage { steps, outcomes, rows, missed: Vec::new() }.percent();
    assert_eq!(of(share(14, 15), share(11, 11), share(7, 7)), 97);
    assert_eq!(of(share(999, 1_000), share(0, 0), share(0, 0)), 99);
    assert_eq!(of(share(2, 2), share(0, 0), share(1, 1)), 100);
}
