//! Problems as text for a terminal: the line underlined, the cause, the hint. The one file that names
//! codespan-reporting.

use codespan_reporting::diagnostic::{Diagnostic, Label};
use codespan_reporting::files::SimpleFile;
use codespan_reporting::term::termcolor::Buffer;
use codespan_reporting::term::{self, Config};

use crate::problem::{Language, Problem, Problems, Severity, within};

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
    let mut labels = vec![Label::primary((), within(source, &problem.span))];
    let mut notes = Vec::new();
    for note in &problem.notes {
        let text = language.of(&note.text).to_owned();
        match &note.span {
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
