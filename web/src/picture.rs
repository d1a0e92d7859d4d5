//! The process as a picture within a page. Its style comes with the style sheet, since the pages allow no other.

use dsl::diagram::{Here, STYLE, svg};
use engine::definition::Parts;

use crate::visit::Visit;

/// The picture of a process, with the places of a record marked.
pub fn drawn(visit: &Visit<'_>, parts: &Parts, here: &Here) -> String {
    svg(parts, visit.language.for_dsl(), here).replacen(&format!("<style>{}</style>", STYLE.trim()), "", 1)
}
