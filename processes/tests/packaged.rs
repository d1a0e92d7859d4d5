//! What comes with the product compiles, and its examples hold and cover it.

use std::sync::Arc;

use dsl::{Colour, Coverage, Language, Verdict, compile_among, render, run_examples};
use engine::definition::Definition;
use engine::ids::DefinitionId;

#[test]
fn every_packaged_process_compiles_and_its_examples_hold() {
    for packaged in processes::packaged() {
        let unit = match compile_among(packaged.source, processes::among()) {
            Ok(unit) => unit,
            Err(problems) => {
                panic!("{}", render(packaged.path, packaged.source, &problems, Language::En, Colour::Never))
            }
        };
        assert!(unit.warnings.is_empty(), "{:?}", unit.warnings);
        for checked in &unit.processes {
            let id = DefinitionId::of_source(packaged.source);
            let definition = Arc::new(Definition::prepare(id, checked.parts.clone()).expect("it compiled"));
            let results = run_examples(checked, definition);
            let failed: Vec<String> = results
                .iter()
                .filter_map(|result| match &result.verdict {
                    Verdict::Passed => None,
                    Verdict::Failed { line, saw } => {
                        Some(format!("{}:{line}: {}: {}", packaged.path, result.name, saw.en))
                    }
                })
                .collect();
            assert!(failed.is_empty(), "{}", failed.join("\n"));
            assert!(results.len() >= 3, "{}: examples for what it promises", packaged.path);
            assert_eq!(Coverage::of(&checked.parts, &results).missed, Vec::new());
        }
    }
}

#[test]
fn the_packaged_calendars_can_be_used() {
    for known in processes::calendars() {
        assert!(engine::calendar::Calendar::new(known.data.clone()).is_ok(), "{}", known.key);
    }
}
