//! The picture of a process, drawn from its definition alone: no layout in the text.
//!
//! Top to bottom, since that reads on a page, on a telephone and in print. Outcomes stand as labels on the ways
//! that they open; races and asides are frames; ways back run beside what they pass.

mod draw;
mod graph;
mod layout;
pub mod lines;
mod route;
mod words;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use engine::definition::Parts;
use engine::ids::Name;

use crate::Language;
pub(crate) use words::capital;

/// The looks of a picture, also written into each. A page whose policy forbids styles inside documents serves this
/// with its own; colours are custom properties, `--flow-…`, that a page may set.
pub const STYLE: &str = include_str!("style.css");

/// Where a record stands, to be shown in the picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Here {
    /// The steps at which tokens stand.
    pub at: BTreeSet<Name>,
    /// The steps that were passed.
    pub passed: BTreeSet<Name>,
}

/// A process laid out in one language; records at different places are drawn on the same one. The same process gives the
/// same picture, byte for byte.
#[derive(Clone, Debug)]
pub struct Picture {
    placed: layout::Placed,
    tag: &'static str,
    title: String,
}

impl Picture {
    /// Lays a process out.
    pub fn of(parts: &Parts, language: Language) -> Picture {
        let words = words::Words::new(parts, language);
        Picture { placed: graph::placed(parts, words), tag: words.tag(), title: words.of(&parts.labels) }
    }

    /// As an SVG document, with the places of a record marked.
    pub fn document(&self, here: &Here) -> String {
        self.drawn(&format!("<style>{}</style>\n", STYLE.trim()), here)
    }

    /// As a part of a page that brings the style itself.
    pub fn part(&self, here: &Here) -> String {
        self.drawn("", here)
    }

    fn drawn(&self, style: &str, here: &Here) -> String {
        draw::document(&self.placed, (self.tag, &self.title), style, here)
    }
}

/// The process as an SVG document in one language, with the places of a record marked.
pub fn svg(parts: &Parts, language: Language, here: &Here) -> String {
    Picture::of(parts, language).document(here)
}
