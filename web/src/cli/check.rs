//! `tiaoli check`: every problem of definition files.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::speech::Speech;
use super::{Failure, files};

#[derive(Args)]
pub(super) struct Arguments {
    /// Definition files, or folders of them
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, speech: Speech) -> Result<ExitCode, Failure> {
    let mut wrong = 0;
    let paths = files::named(&arguments.paths)?;
    for path in &paths {
        let source = files::read(path)?;
        match files::compiled(path, &source, speech) {
            Some(unit) => {
                for checked in &unit.processes {
                    let (steps, examples) = (checked.parts.steps.len(), checked.examples.len());
                    let name = &checked.parts.name;
                    match speech {
                        Speech::En => {
                            println!("{}: {name}: {steps} steps, {examples} examples, no problems", path.display());
                        }
                        Speech::Zh => {
                            println!("{}：{name}：{steps} 个步骤，{examples} 个示例，没有问题", path.display());
                        }
                    }
                }
            }
            None => wrong += 1,
        }
    }
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
