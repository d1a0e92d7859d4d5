//! `tiaoli diagram`: a definition as a picture.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use dsl::diagram::{Here, svg};

use super::speech::Speech;
use super::{Failure, files};

#[derive(Args)]
pub(super) struct Arguments {
    /// The definition file
    path: PathBuf,
    /// Where the SVG goes; printed where not given
    #[arg(long)]
    out: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, speech: Speech) -> Result<ExitCode, Failure> {
    let source = files::read(&arguments.path)?;
    let Some(unit) = files::compiled(&arguments.path, &source, speech) else { return Ok(ExitCode::FAILURE) };
    for checked in &unit.processes {
        let picture = svg(&checked.parts, speech.of_language(), &Here::default());
        match &arguments.out {
            Some(path) => std::fs::write(path, picture).map_err(|cause| format!("{}: {cause}", path.display()))?,
            None => println!("{picture}"),
        }
    }
    Ok(ExitCode::SUCCESS)
}
