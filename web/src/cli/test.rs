//! `tiaoli test`: the examples of definition files, and how much of each process they touch.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use dsl::{Coverage, ExampleResult, Share, Verdict};
use engine::definition::Definition;
use engine::ids::DefinitionId;

use super::speech::Speech;
use super::{Failure, files};

#[derive(Args)]
pub(super) struct Arguments {
    /// Definition files, or folders of them
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Fail where the examples of a process touch less of it than so many percent
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    min_coverage: Option<u8>,
}

pub(super) fn run(arguments: &Arguments, speech: Speech) -> Result<ExitCode, Failure> {
    let (mut passed, mut failed, mut wrong) = (0_usize, 0_usize, 0_usize);
    let mut bare = Vec::new();
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
            println!("{}{}{}", path.display(), speech.pick(": ", "："), checked.parts.name);
            for result in &results {
                match told(&path, result, speech) {
                    Verdict::Passed => passed += 1,
                    Verdict::Failed { .. } => failed += 1,
                }
            }
            let coverage = Coverage::of(&checked.parts, &results);
            covered(&path, &coverage, speech);
            if let Some(wanted) = arguments.min_coverage.map(usize::from).filter(|wanted| coverage.percent() < *wanted)
            {
                let (name, percent) = (&checked.parts.name, coverage.percent());
                bare.push(match speech {
                    Speech::En => format!("the examples of {name} cover {percent} %, less than the {wanted} % wanted"),
                    Speech::Zh => format!("{name} 的示例覆盖率为 {percent}%，低于要求的 {wanted}%"),
                });
            }
        }
    }
    match speech {
        Speech::En => println!("{passed} passed, {failed} failed"),
        Speech::Zh => println!("{passed} 个通过，{failed} 个失败"),
    }
    bare.iter().for_each(|sentence| eprintln!("tiaoli: {sentence}"));
    Ok(if failed == 0 && wrong == 0 && bare.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Says how an example went.
fn told<'r>(path: &Path, result: &'r ExampleResult, speech: Speech) -> &'r Verdict {
    match &result.verdict {
        Verdict::Passed => println!("  {} {}", speech.pick("passed", "通过"), result.name),
        Verdict::Failed { line, saw } => {
            println!("  {} {}", speech.pick("FAILED", "失败"), result.name);
            let colon = speech.pick(": ", "：");
            println!("         {}:{line}{colon}{}", path.display(), speech.pick(&saw.en, &saw.zh));
        }
    }
    &result.verdict
}

/// Says how much is covered and what is not, by line.
fn covered(path: &Path, coverage: &Coverage, speech: Speech) {
    for missed in &coverage.missed {
        let (path, line, what) = (path.display(), missed.line, speech.pick(&missed.what.en, &missed.what.zh));
        match speech {
            Speech::En => println!("  {path}:{line}: no example touches: {what}"),
            Speech::Zh => println!("  {path}:{line}：没有示例覆盖：{what}"),
        }
    }
    let of = |share: Share| match speech {
        Speech::En => format!("{} of {}", share.touched, share.all),
        Speech::Zh => format!("{}/{}", share.touched, share.all),
    };
    let shares = [
        (coverage.steps, "steps", "步骤"),
        (coverage.outcomes, "outcomes", "结果"),
        (coverage.rows, "rows", "决策表行"),
    ];
    let there = shares.into_iter().filter(|(share, _, _)| share.all > 0);
    let told = there.map(|(share, en, zh)| format!("{} {}", speech.pick(en, zh), of(share))).collect::<Vec<_>>();
    let percent = coverage.percent();
    match speech {
        Speech::En => println!("  {}: {percent} %", told.join(", ")),
        Speech::Zh => println!("  {}：{percent}%", told.join("，")),
    }
}
