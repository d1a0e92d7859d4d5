//! `tiaoli check`: every problem of definition files.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use dsl::{Problem, Problems, Reported, Unit};

use super::format::Format;
use super::speech::{Speech, counted};
use super::{Failure, files};

#[derive(Args)]
pub(super) struct Arguments {
    /// Definition files, or folders of them
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// For people, or one JSON object per problem and line for machines
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments, speech: Speech) -> Result<ExitCode, Failure> {
    let mut wrong = 0;
    for path in files::named(&arguments.paths)? {
        let source = files::read(&path)?;
        let compiled = dsl::compile(&source);
        let problems = match &compiled {
            Ok(unit) => &unit.warnings,
            Err(Problems(problems)) => problems,
        };
        match arguments.format {
            Format::Json => told(&path, &source, problems)?,
            Format::Text => files::show(&path, &source, problems, speech),
        }
        match (compiled, arguments.format) {
            (Ok(unit), Format::Text) => praised(&path, &unit, speech),
            (Ok(_), Format::Json) => {}
            (Err(_), Format::Text | Format::Json) => wrong += 1,
        }
    }
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn told(path: &Path, source: &str, problems: &[Problem]) -> Result<(), Failure> {
    let name = path.display().to_string();
    for problem in problems {
        println!("{}", serde_json::to_string(&Reported::of(&name, source, problem))?);
    }
    Ok(())
}

fn praised(path: &Path, unit: &Unit, speech: Speech) {
    let (path, odd) = (path.display(), unit.warnings.len());
    for checked in &unit.processes {
        let (name, steps, examples) = (&checked.parts.name, checked.parts.steps.len(), checked.examples.len());
        match (speech, odd) {
            (Speech::En, 0) => println!("{path}: {name}: {steps} steps, {examples} examples, no problems"),
            (Speech::En, _) => {
                println!("{path}: {name}: {steps} steps, {examples} examples, {}", counted(odd as u64, "warning"));
            }
            (Speech::Zh, 0) => println!("{path}：{name}：{steps} 个步骤，{examples} 个示例，没有问题"),
            (Speech::Zh, _) => println!("{path}：{name}：{steps} 个步骤，{examples} 个示例，{odd} 条警告"),
        }
    }
}
