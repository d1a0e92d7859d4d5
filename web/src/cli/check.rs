//! `tiaoli check`: every problem of definition files, and the manual's page about one kind of problem.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use dsl::{Code, Problem, Problems, Reported, Unit};

use super::format::Format;
use super::speech::{Speech, counted};
use super::{Failure, files};

#[derive(Args)]
pub(super) struct Arguments {
    /// Definition files, or folders of them
    #[arg(required_unless_present = "explain")]
    paths: Vec<PathBuf>,
    /// Show the manual's page about a problem, such as T0203, instead
    #[arg(long, value_name = "CODE", value_parser = code, conflicts_with = "paths")]
    explain: Option<Code>,
    /// For people, or one JSON object per problem and line for machines
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments, speech: Speech) -> Result<ExitCode, Failure> {
    if let Some(code) = arguments.explain {
        print!("{}", for_terminal(code.manual(speech.of_language())));
        return Ok(ExitCode::SUCCESS);
    }
    let mut wrong = 0;
    for path in files::named(&arguments.paths)? {
        let source = files::read(&path)?;
        let compiled = files::compile(&path, &source);
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

fn code(text: &str) -> Result<Code, String> {
    Code::numbered(text).ok_or_else(|| "a code is shown with each problem, such as T0203".into())
}

/// A page of the manual without its marks: what stands between fences is indented instead.
fn for_terminal(page: &str) -> String {
    let mut shown = String::new();
    let mut fenced = false;
    for line in page.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if fenced {
            shown += &format!("    {line}\n");
        } else {
            shown += &format!("{}\n", line.trim_start_matches("# "));
        }
    }
    shown
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
