//! `tiaoli diff`: what changed between two versions of a definition, by meaning and not by line.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::speech::Speech;
use super::{Failure, files};

#[derive(Args)]
pub(super) struct Arguments {
    /// The old version
    old: PathBuf,
    /// The new version
    new: PathBuf,
}

pub(super) fn run(arguments: &Arguments, speech: Speech) -> Result<ExitCode, Failure> {
    let (before, after) = (files::read(&arguments.old)?, files::read(&arguments.new)?);
    let (Some(old), Some(new)) =
        (files::compiled(&arguments.old, &before, speech), files::compiled(&arguments.new, &after, speech))
    else {
        return Ok(ExitCode::FAILURE);
    };
    for (was, is) in old.processes.iter().zip(&new.processes) {
        let changes = dsl::diff(&was.parts, &is.parts, speech.of_language());
        if changes.is_empty() {
            println!("{}", speech.pick("both versions mean the same", "两个版本含义相同"));
        }
        changes.iter().for_each(|change| println!("{change}"));
    }
    Ok(ExitCode::SUCCESS)
}
