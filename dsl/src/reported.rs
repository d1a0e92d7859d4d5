//! Problems as machines read them: an editor, a pipeline. The terminal's form is in `render.rs`.

use std::ops::Range;

use engine::definition::Labels;
use serde::Serialize;

use crate::problem::{Problem, Severity, place, within};

/// One problem of one file: what `tiaoli check --format json` prints as one line of JSON.
///
/// The shape is stable: a name may be added, none is taken away or given another meaning. For example:
///
/// ```json
/// {"path": "order.flow", "code": "T0201", "severity": "error",
///  "begin": {"byte": 120, "line": 7, "column": 9}, "end": {"byte": 124, "line": 7, "column": 13},
///  "message": {"en": "there is no field called `sise`", "zh": "没有名为 `sise` 的字段"},
///  "hint": {"en": "did you mean `size`?", "zh": "是否想写 `size`？"},
///  "notes": [{"begin": null, "end": null, "text": {"en": "…", "zh": "…"}}],
///  "page": "problems/T0201"}
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reported<'p> {
    /// The file, as it was named.
    pub path: &'p str,
    /// The stable code: `T` and four digits.
    pub code: String,
    /// `error` where the file is refused, `warning` where it is not.
    pub severity: Severity,
    /// Where it begins.
    pub begin: Spot,
    /// Where it ends: right after its last character.
    pub end: Spot,
    /// The cause, in both languages.
    pub message: &'p Labels,
    /// What to do about it, in both languages; `null` where nothing is proposed.
    pub hint: Option<&'p Labels>,
    /// What else to know.
    pub notes: Vec<ReportedNote<'p>>,
    /// The name of the manual's page about the code.
    pub page: String,
}

/// Something worth knowing beside the cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReportedNote<'p> {
    /// Where another place begins that has to do with it; `null` where there is none.
    pub begin: Option<Spot>,
    /// Where that place ends.
    pub end: Option<Spot>,
    /// What to know, in both languages.
    pub text: &'p Labels,
}

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Spot {
    /// In bytes of the UTF-8 text, from 0.
    pub byte: usize,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl<'p> Reported<'p> {
    /// A problem of the file of that name and text.
    pub fn of(path: &'p str, source: &str, problem: &'p Problem) -> Reported<'p> {
        let (begin, end) = spots(source, &problem.span);
        let notes = problem.notes.iter().map(|note| {
            let (begin, end) = note.span.as_ref().map(|span| spots(source, span)).unzip();
            ReportedNote { begin, end, text: &note.text }
        });
        Reported {
            path,
            code: problem.code.to_string(),
            severity: problem.severity,
            begin,
            end,
            message: &problem.message,
            hint: problem.hint.as_ref(),
            notes: notes.collect(),
            page: problem.code.page(),
        }
    }
}

fn spots(source: &str, span: &Range<usize>) -> (Spot, Spot) {
    let span = within(source, span);
    let spot = |byte| {
        let (line, column) = place(source, byte);
        Spot { byte, line, column }
    };
    (spot(span.start), spot(span.end))
}

#[cfg(test)]
mod tests {
    use crate::problem::{Code, labels};

    use super::*;

    #[test]
    fn the_shape_stays_what_it_is() {
        let source = "process 摘要 {\n}\n";
        let problem = Problem::error(Code::UnknownField, 8..14, labels("no such field", "没有这个字段"))
            .with_hint(labels("look again", "请检查"))
            .with_note(14..900, labels("here", "这里"));
        let told = serde_json::to_string(&Reported::of("a.flow", source, &problem)).expect("it is plain data");
        let expected = concat!(
            r#"{"path":"a.flow","code":"T0201","severity":"error","#,
            r#""begin":{"byte":8,"line":1,"column":9},"end":{"byte":14,"line":1,"column":11},"#,
            r#""message":{"en":"no such field","zh":"没有这个字段"},"hint":{"en":"look again","zh":"请检查"},"#,
            r#""notes":[{"begin":{"byte":14,"line":1,"column":11},"end":{"byte":19,"line":3,"column":1},"#,
            r#""text":{"en":"here","zh":"这里"}}],"page":"problems/T0201"}"#,
        );
        assert_eq!(told, expected);
    }
}
