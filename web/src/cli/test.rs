//! `tiaoli test`: the examples of definition files.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use dsl::Verdict;
use engine::definition::Definition;
use engine::ids::DefinitionId;

use super::speech::Speech;
use super::{Failure, files};

#[derive(Args)]
pub(super) struct Arguments {
    /// Definition files, or folders of them
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, speech: Speech) -> Result<ExitCode, Failure> {
    let (mut passed, mut failed, mut wrong) = (0_usize, 0_usize, 0_usize);
    for path in files::named(&arguments.paths)? {
        let source = files::read(&path)?;
        let Some(unit) = files::compiled(&path, &source, speech) else {
            wrong += 1;
            continue;
        };
        for checked in &unit.processes {
            let id = DefinitionId::of_source(&source);
            let definition = Arc::new(Definition::prepare(id, checked.parts.clone())?);
            let results = dsl::run_examples(checked, definition);
            for result in &results {
                match &result.verdict {
                    Verdict::Passed => {
                        passed += 1;
                        println!("  {} {}", speech.pick("passed", "通过"), result.name);
                    }
                    Verdict::Failed { line, saw } => {
                        failed += 1;
                        println!("  {} {}", speech.pick("FAILED", "失败"), result.name);
                        println!("         {}:{line}: {}", path.display(), speech.pick(&saw.en, &saw.zh));
                    }
                }
            }
            for missed in dsl::uncovered(&checked.parts, &results) {
                println!("  {}: {missed}", speech.pick("no example touches", "没有示例覆盖"));
            }
        }
    }
    match speech {
        Speech::En => println!("{passed} passed, {failed} failed"),
        Speech::Zh => println!("{passed} 个通过，{failed} 个失败"),
    }
    Ok(if failed == 0 && wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
