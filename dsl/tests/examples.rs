//! Examples say what they saw where they do not hold; a process is the same however its lines are broken.

use std::path::Path;
use std::sync::Arc;

use dsl::{Verdict, compile, run_examples};
use engine::definition::Definition;
use engine::ids::DefinitionId;

fn incident() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/incident.flow");
    std::fs::read_to_string(path).expect("the packaged process is there")
}

/// The incident process with one example instead of its own, and what that example says.
fn verdict_of(lines: &str) -> Verdict {
    let source = incident();
    let (process, _) = source.split_once("\nexample ").expect("there are examples");
    let source = format!("{process}\nexample \"tried\" of incident {{\n{lines}\n}}\n");
    let unit = compile(&source).expect("it compiles");
    let checked = &unit.processes[0];
    let definition =
        Definition::prepare(DefinitionId::of_source(&source), checked.parts.clone()).expect("its rules compile");
    run_examples(checked, Arc::new(definition)).remove(0).verdict
}

fn seen(lines: &str) -> (u32, String) {
    let first = u32::try_from(incident().split_once("\nexample ").expect("there are examples").0.lines().count())
        .expect("a small file");
    match verdict_of(lines) {
        Verdict::Passed => panic!("it should not hold: {lines}"),
        Verdict::Failed { line, saw } => (line - first - 2, saw.en),
    }
}

const STARTED: &str = "when anna starts with { summary: \"mail is slow\", service: mail } at 2026-01-05 09:00\n";

#[test]
fn every_construct_does_what_its_examples_say() {
    for (file, source) in [
        ("constructs.flow", include_str!("data/constructs.flow")),
        ("candidates.flow", include_str!("data/candidates.flow")),
    ] {
        let unit = compile(source).unwrap_or_else(|problems| {
            panic!("{}", dsl::render(file, source, &problems, dsl::Language::En, dsl::Colour::Never))
        });
        let checked = &unit.processes[0];
        assert_eq!(checked.parts.not_yet_run().count(), 0);
        let definition = Definition::prepare(DefinitionId::of_source(source), checked.parts.clone());
        for result in run_examples(checked, Arc::new(definition.expect("its rules compile"))) {
            assert_eq!(result.verdict, Verdict::Passed, "{file}: {}", result.name);
        }
    }
}

#[test]
fn an_example_that_holds_passes() {
    assert_eq!(verdict_of(&format!("{STARTED}then priority is p3")), Verdict::Passed);
}

#[test]
fn what_was_seen_instead_is_said_with_its_line() {
    let cases = [
        ("then priority is p1", 2, "`priority is p1` does not hold: priority is p3"),
        ("then task resolve is open", 2, "it is not open; open is triage"),
        ("then task triage is not open", 2, "task triage is open"),
        ("then task triage is open for anna", 2, "it is open for role:service_desk"),
        ("then task triage is due at 2026-01-05 10:00", 2, "it is due at 2026-01-05 09:15"),
        ("then task triage is taken by dora", 2, "nobody has taken it"),
        ("then clock resolution is paused", 2, "it runs, due 2026-01-07 18:00"),
        ("then clock resolution is due at 2026-01-07 17:00", 2, "it is due at 2026-01-07 18:00"),
        ("when 90 minutes pass\nthen clock resolution has used 1 hour", 3, "it has used 90 minutes"),
        ("then record is ended as closed", 2, "the record is running"),
        ("then it is 2026-01-05 10:00", 2, "it is 2026-01-05 09:00"),
        ("then it is refused", 2, "it was accepted"),
        ("then anna is notified", 2, "nobody was notified"),
        ("when anna claims triage", 2, "it was refused: this task is for other people"),
        ("when anna claims resolve", 2, "task resolve is not open; open is triage"),
        ("when anna claims triage\nthen it is refused because \"taken\"", 3, "it was refused since"),
        ("when it becomes 2026-01-04 09:00", 2, "it is 2026-01-05 09:00 already"),
    ];
    for (lines, line, saw) in cases {
        let (at, said) = seen(&format!("{STARTED}{lines}"));
        assert_eq!((at, said.contains(saw)), (line, true), "{lines}: line {at}: {said}");
    }
}

#[test]
fn a_rule_that_fails_shows_its_place_in_the_file_and_what_it_saw() {
    let source = incident();
    let (process, _) = source.split_once("\nexample ").expect("there are examples");
    let rule = "\nrule weigh(summary: text) -> number {\n  fn again(n) { again(n + 1) }\n  again(0)\n}\n";
    let line = process.lines().count() + 4;
    let tried = format!("example \"tried\" of incident {{\n{STARTED}then weigh(summary) is 1\n}}\n");
    let source = format!("{process}{rule}{tried}");
    let unit = compile(&source).unwrap_or_else(|problems| panic!("{problems}"));
    let checked = &unit.processes[0];
    let definition =
        Definition::prepare(DefinitionId::of_source(&source), checked.parts.clone()).expect("its rules compile");
    let Verdict::Failed { saw, .. } = run_examples(checked, Arc::new(definition)).remove(0).verdict else {
        panic!("the rule never ends")
    };
    let place = format!("rule weigh, line {line}, column 3: ");
    assert!(saw.en.contains(&place) && saw.en.contains("(it saw summary = mail is slow)"), "{}", saw.en);
}

#[test]
fn an_example_without_a_record_says_so() {
    assert_eq!(seen("then priority is p1").1, "nothing has been started");
}

#[test]
fn line_breaks_mean_nothing() {
    let source = incident();
    let without_comments = |line: &str| line.split("//").next().unwrap_or_default().to_owned();
    let joined: Vec<String> = source.lines().map(without_comments).collect();
    let one_line = compile(&joined.join(" ")).expect("it compiles on one line");
    let as_written = compile(&source).expect("it compiles");
    let (one, other) = (&one_line.processes[0].parts, &as_written.processes[0].parts);
    assert_eq!(one.fields, other.fields);
    assert_eq!(one.clocks, other.clocks);
    let bare = |parts: &engine::definition::Parts| {
        parts.steps.iter().map(|step| engine::definition::Step { line: 0, ..step.clone() }).collect::<Vec<_>>()
    };
    assert_eq!(bare(one), bare(other));
}

#[test]
fn the_comment_above_a_process_is_its_purpose() {
    let unit = compile(&incident()).expect("it compiles");
    assert!(unit.processes[0].parts.purpose.starts_with("Restore the agreed service"));
}

#[test]
fn steps_have_names_from_their_places() {
    let unit = compile(&incident()).expect("it compiles");
    let names: Vec<&str> = unit.processes[0].parts.steps.iter().map(|step| step.name.as_str()).collect();
    for name in ["triage", "race_1", "race_1.after_1", "waiting_for_caller.race_1.on_reply_1", "end_closed"] {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
}

#[test]
fn working_time_passes_by_the_hours_of_a_process_without_a_clock_and_bars_are_explained() {
    let source = "process p \"P\" zh \"流程\" {\n  owner o\n  number \"P-{seq}\"\n  title a\n  seen by requester\n  \
        hours \"office 09-18 Shanghai\"\n  record { a text \"A\" zh \"甲\" }\n  start by anyone asks a\n  \
        task t \"T\" zh \"一\" for role r { outcome o \"O\" zh \"好\" }\n  if a is empty -> t\n  \
        task u \"U\" zh \"二\" for role r, not requester, not who did t { outcome o \"O\" zh \"好\" }\n  \
        end e \"E\" zh \"完\"\n}\nexample \"e\" of p {\n  given anna\n  \
        when anna starts with { a: \"x\" } at 2026-01-09 17:00\n  when 2 working hours pass\n  \
        then it is 2026-01-12 10:00\n}\n";
    let unit = compile(source).expect("it compiles");
    let checked = &unit.processes[0];
    let definition =
        Definition::prepare(DefinitionId::of_source(source), checked.parts.clone()).expect("it has no rules");
    assert_eq!(run_examples(checked, Arc::new(definition)).remove(0).verdict, Verdict::Passed);
    let told = dsl::explain(&checked.parts, dsl::Language::En);
    assert!(told.contains("never for the requester or whoever did T"), "{told}");
    assert!(
        told.contains("O: on to the question whether A is empty") && told.contains("- Otherwise: on to U."),
        "{told}"
    );
    let told = dsl::explain(&checked.parts, dsl::Language::Zh);
    assert!(told.contains("申请人和办理“一”的人除外") && told.contains("- 否则：转到“二”。"), "{told}");
}

#[test]
fn an_approval_is_voted_on_and_tasks_change_hands_in_examples() {
    let source = include_str!("data/consent.flow");
    let unit = compile(source).expect("it compiles");
    let checked = &unit.processes[0];
    let definition =
        Definition::prepare(DefinitionId::of_source(source), checked.parts.clone()).expect("its rules compile");
    let results = run_examples(checked, Arc::new(definition));
    assert_eq!(results.len(), 3);
    for result in &results {
        assert_eq!(result.verdict, Verdict::Passed, "{}", result.name);
    }
    let coverage = dsl::Coverage::of(&checked.parts, &results);
    assert_eq!((coverage.percent(), coverage.missed.as_slice()), (100, [].as_slice()));
}

#[test]
fn a_claim_about_a_vote_that_does_not_hold_says_how_the_person_voted() {
    let source = include_str!("data/consent.flow");
    let told = |from: &str, to: &str| {
        let source = source.replacen(from, to, 1);
        let unit = compile(&source).expect("it compiles");
        let checked = &unit.processes[0];
        let definition =
            Definition::prepare(DefinitionId::of_source(&source), checked.parts.clone()).expect("its rules compile");
        let results = run_examples(checked, Arc::new(definition));
        results.into_iter().find_map(|result| match result.verdict {
            Verdict::Failed { saw, .. } => Some((saw.en, saw.zh)),
            Verdict::Passed => None,
        })
    };
    let saw = |en: &str, zh: &str| Some((en.to_owned(), zh.to_owned()));
    assert_eq!(
        told("cleo has approved consent", "cleo has not voted on consent"),
        saw("cleo has approved", "cleo 已同意")
    );
    assert_eq!(told("dora has not voted on", "dora has rejected"), saw("dora has not voted", "dora 尚未投票"));
    assert_eq!(told("is delegated to fay", "is delegated to emma"), saw("it is delegated to fay", "已委派给 fay"));
}
