//! The pictures of the packaged processes: every step that has a name is there once, in both languages.

use dsl::Language;
use dsl::diagram::{Here, svg};
use engine::definition::{Parts, StepKind};

fn packaged() -> Vec<Parts> {
    let sources = processes::packaged().iter();
    let units = sources.map(|packaged| {
        dsl::compile_among(packaged.source, processes::among())
            .unwrap_or_else(|_| panic!("{} has problems: tiaoli check says which", packaged.name))
    });
    units.flat_map(|unit| unit.processes).map(|checked| checked.parts).collect()
}

#[test]
fn every_named_step_of_a_packaged_process_is_in_its_picture_once() {
    let processes = packaged();
    assert!(!processes.is_empty());
    for parts in &processes {
        for language in [Language::En, Language::Zh] {
            let picture = svg(parts, language, &Here::default());
            for step in parts.steps.iter().filter(|step| !step.labels.en.is_empty()) {
                let times = picture.matches(&format!("data-step=\"{}\"", step.name)).count();
                assert_eq!(times, 1, "{} of {} in {language:?}", step.name, parts.name);
            }
        }
    }
}

#[test]
fn every_outcome_of_a_packaged_process_is_named_in_both_languages() {
    for parts in packaged() {
        let (en, zh) = (svg(&parts, Language::En, &Here::default()), svg(&parts, Language::Zh, &Here::default()));
        for step in &parts.steps {
            let StepKind::Task(task) = &step.kind else { continue };
            for outcome in &task.outcomes {
                assert!(en.contains(&format!(">{}<", outcome.labels.en)), "{}", outcome.labels.en);
                assert!(zh.contains(&format!(">{}<", outcome.labels.zh)), "{}", outcome.labels.zh);
            }
        }
    }
}
