//! `tiaoli explain`: a definition as plain sentences.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::speech::Speech;
use super::{Failure, files};

#[derive(Args)]
pub(super) struct Arguments {
    /// The definition file
    path: PathBuf,
}

pub(super) fn run(arguments: &Arguments, speech: Speech) -> Result<ExitCode, Failure> {
    let source = files::read(&arguments.path)?;
    let Some(unit) = files::compiled(&arguments.path, &source, speech) else { return Ok(ExitCode::FAILURE) };
    for checked in &unit.processes {
        print!("{}", dsl::explain(&checked.parts, speech.of_language()));
    }
    Ok(ExitCode::SUCCESS)
}
