//! `tiaoli fmt`: lays out definition files.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::speech::Speech;
use super::{Failure, files};

#[derive(Args)]
pub(super) struct Arguments {
    /// Definition files, or folders of them; - reads standard input and writes standard output
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Write nothing; name the files that are laid out otherwise, and fail if there are any
    #[arg(long)]
    check: bool,
}

/// What becomes of a file that is laid out otherwise.
#[derive(Clone, Copy)]
enum Differing {
    Written,
    Named,
}

pub(super) fn run(arguments: &Arguments, speech: Speech) -> Result<ExitCode, Failure> {
    let differing = if arguments.check { Differing::Named } else { Differing::Written };
    if arguments.paths == [Path::new("-")] {
        return piped(differing, speech);
    }
    let mut refused = 0;
    let mut named = 0;
    for path in files::named(&arguments.paths)? {
        let source = files::read(&path)?;
        match (formatted(&path, &source, speech), differing) {
            (None, _) => refused += 1,
            (Some(text), _) if text == source => {}
            (Some(_), Differing::Named) => {
                named += 1;
                println!("{}", path.display());
            }
            (Some(text), Differing::Written) => {
                std::fs::write(&path, text).map_err(|cause| format!("{}: {cause}", path.display()))?;
            }
        }
    }
    if named > 0 {
        let hint = speech
            .pick("these are laid out otherwise; `tiaoli fmt` mends that", "以上文件排版不符，可用 `tiaoli fmt` 调整");
        eprintln!("{hint}");
    }
    Ok(if refused + named == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Standard input to standard output.
fn piped(differing: Differing, speech: Speech) -> Result<ExitCode, Failure> {
    let mut source = String::new();
    // One byte more than a file may have, so that a longer one is refused for its length.
    let most = u64::try_from(dsl::SOURCE_MAX)? + 1;
    std::io::stdin().lock().take(most).read_to_string(&mut source)?;
    let Some(text) = formatted(Path::new("-"), &source, speech) else { return Ok(ExitCode::FAILURE) };
    match differing {
        Differing::Named if text != source => Ok(ExitCode::FAILURE),
        Differing::Named => Ok(ExitCode::SUCCESS),
        Differing::Written => {
            std::io::stdout().lock().write_all(text.as_bytes())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// A file laid out; where it cannot be, its problems are shown and there is nothing.
fn formatted(path: &Path, source: &str, speech: Speech) -> Option<String> {
    match dsl::format(source) {
        Ok(text) => Some(text),
        Err(problems) => {
            files::show(path, source, &problems.0, speech);
            None
        }
    }
}
