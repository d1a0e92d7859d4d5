//! Problems as text for a terminal: the line underlined, the cause, the hint. The one file that names
//! codespan-reporting.

use codespan_reporting::diagnostic::{Diagnostic, Label};
use codespan_reporting::files::SimpleFile;
use codespan_reporting::term::termcolor::Buffer;
use codespan_reporting::term::{self, Config};

use crate::problem::{Language, Problem, Problems, Severity, place, within};

/// The longest line that is shown with a problem, in bytes.
const SHOWN_MAX: usize = 1_000;

/// Whether the text is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// With ANSI colours.
    Always,
    /// Plain.
    Never,
}

/// All problems as text, each with its code, `file:line:column`, the underlined source, the cause and the hint.
pub fn render(file_name: &str, source: &str, problems: &Problems, language: Language, colour: Colour) -> String {
    let file = SimpleFile::new(file_name, source);
    let config = Config::default();
    let mut buffer = match colour {
        Colour::Always => Buffer::ansi(),
        Colour::Never => Buffer::no_color(),
    };
    for problem in &problems.0 {
        let diagnostic = diagnostic(source, problem, language);
        // Writing to memory does not fail, and a place outside of the text is cut to it below.
        let written = term::emit_to_write_style(&mut buffer, &config, &file, &diagnostic);
        debug_assert!(written.is_ok(), "a problem lies outside of its file");
    }
    String::from_utf8_lossy(buffer.as_slice()).into_owned()
}

fn diagnostic(source: &str, problem: &Problem, language: Language) -> Diagnostic<()> {
    let mut labels = Vec::new();
    let mut notes = Vec::new();
    match is_shown(source, &problem.span) {
        true => labels.push(Label::primary((), within(source, &problem.span))),
        false => {
            let (line, column) = place(source, problem.span.start);
            notes.push(match language {
                Language::En => format!("line {line}, column {column}; the line is too long to be shown"),
                Language::Zh => format!("第 {line} 行第 {column} 列；该行过长，不予显示"),
            });
        }
    }
    for note in &problem.notes {
        let text = language.of(&note.text).to_owned();
        match &note.span {
            Some(span) if !is_shown(source, span) => notes.push(text),
            Some(span) => labels.push(Label::secondary((), within(source, span)).with_message(text)),
            None => notes.push(text),
        }
    }
    if let Some(hint) = &problem.hint {
        let word = match language {
            Language::En => "hint: ",
            Language::Zh => "提示：",
        };
        notes.push(format!("{word}{}", language.of(hint)));
    }
    let base = match problem.severity {
        Severity::Error => Diagnostic::error(),
        Severity::Warning => Diagnostic::warning(),
    };
    base.with_code(problem.code.to_string())
        .with_message(language.of(&problem.message))
        .with_labels(labels)
        .with_notes(notes)
}

/// Whether the lines of a place are short enough to be shown.
fn is_shown(source: &str, span: &std::ops::Range<usize>) -> bool {
    let span = within(source, span);
    let before = source.get(..span.start).unwrap_or_default();
    let behind = source.get(span.end..).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let end = behind.find('\n').map_or(source.len(), |length| span.end + length);
    source.get(start..end).is_none_or(|lines| lines.split('\n').all(|line| line.len() <= SHOWN_MAX))
}
