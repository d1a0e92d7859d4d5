//! `tiaoli test`: the examples of definition files.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
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
            for result in dsl::run_examples(checked, definition) {
                match &result.failure {
                    None => {
                        passed += 1;
                        println!("  {} {}", speech.pick("passed", "通过"), result.name);
                    }
                    Some(failure) => {
                        failed += 1;
                        let place = format!("{}:{}", path.display(), failure.line);
                        println!("  {} {}", speech.pick("FAILED", "失败"), result.name);
                        println!("         {place}: {}", failure.said(speech.of_language()));
                    }
                }
            }
        }
    }
    match speech {
        Speech::En => println!("{passed} passed, {failed} failed"),
        Speech::Zh => println!("{passed} 个通过，{failed} 个失败"),
    }
    Ok(if failed == 0 && wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
