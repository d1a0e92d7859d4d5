//! Definition files on the command line.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use dsl::{Code, Colour, Problem, Problems, Unit};

use super::Failure;
use super::speech::Speech;

/// The kind of the first problem that this run has shown.
static FIRST: OnceLock<Code> = OnceLock::new();

/// The definition files that arguments name: files as they are, folders with every `.flow` file below them.
pub(super) fn named(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            below(path, &mut found)?;
        } else {
            found.push(path.clone());
        }
    }
    found.sort();
    if found.is_empty() { Err("no definition files (*.flow) there".into()) } else { Ok(found) }
}

fn below(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    for entry in std::fs::read_dir(folder).map_err(|cause| format!("{}: {cause}", folder.display()))? {
        let path = entry.map_err(|cause| format!("{}: {cause}", folder.display()))?.path();
        if path.is_dir() {
            below(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "flow") {
            found.push(path);
        }
    }
    Ok(())
}

/// A file's text.
pub(super) fn read(path: &Path) -> Result<String, Failure> {
    let bytes = std::fs::read(path).map_err(|cause| format!("{}: {cause}", path.display()))?;
    String::from_utf8(bytes).map_err(|_| format!("{} is not UTF-8 text", path.display()).into())
}

/// What a file compiles to among what the files beside it declare.
pub(super) fn compile(path: &Path, source: &str) -> Result<Unit, Problems> {
    compile_among(path, source, &[])
}

/// The same, and among what an installation has.
pub(super) fn compile_among(path: &Path, source: &str, installed: &[String]) -> Result<Unit, Problems> {
    let beside = beside(path);
    let sources = installed.iter().chain(beside.iter()).map(String::as_str);
    dsl::compile_among(source, &processes::among().with(sources))
}

/// The files of a file's folder; each folder is read once in a run. What cannot be read declares nothing: whoever needs it
/// is told where it is asked for.
fn beside(path: &Path) -> Arc<Vec<String>> {
    static KNOWN: Mutex<BTreeMap<PathBuf, Arc<Vec<String>>>> = Mutex::new(BTreeMap::new());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.entry(folder.to_owned()).or_insert_with(|| Arc::new(sources_in(folder))).clone()
}

fn sources_in(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let files = entries.flatten().map(|entry| entry.path());
    let flows = files.filter(|path| path.extension().is_some_and(|extension| extension == "flow"));
    flows.filter_map(|path| read(&path).ok()).collect()
}

/// What a file compiles to; where it has problems, all of them are shown and there is nothing.
pub(super) fn compiled(path: &Path, source: &str, speech: Speech) -> Option<Unit> {
    compiled_among(path, source, &[], speech)
}

/// The same among the processes of an installation.
pub(super) fn compiled_among(path: &Path, source: &str, installed: &[String], speech: Speech) -> Option<Unit> {
    match compile_among(path, source, installed) {
        Ok(unit) => Some(unit),
        Err(Problems(problems)) => {
            show(path, source, &problems, speech);
            None
        }
    }
}

/// Shows problems of a file to the person at the terminal.
pub(super) fn show(path: &Path, source: &str, problems: &[Problem], speech: Speech) {
    let colour = if std::io::stderr().is_terminal() { Colour::Always } else { Colour::Never };
    let (name, problems) = (path.display().to_string(), Problems(problems.to_vec()));
    eprint!("{}", dsl::render(&name, source, &problems, speech.of_language(), colour));
    if let Some(first) = problems.0.first() {
        FIRST.get_or_init(|| first.code);
    }
}

/// Says, where problems were shown, how to read more about them; called once, when a run is over.
pub(super) fn more(speech: Speech) {
    if let Some(code) = FIRST.get() {
        eprintln!("{}tiaoli check --explain {code}", speech.pick("more: ", "详情："));
    }
}
