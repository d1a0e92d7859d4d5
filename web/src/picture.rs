//! The process as a picture within a page. Its style comes with the style sheet, since the pages allow no other.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use dsl::diagram::{Here, Picture};
use engine::definition::Parts;
use engine::ids::DefinitionId;

use crate::language::Language;
use crate::visit::Visit;

/// How many are kept; where there are more, all are laid out anew as they are asked for.
const KEPT_MAX: usize = 256;

/// Pictures that were laid out already: a definition never changes, and laying one out takes longer than the rest of a page.
#[derive(Debug, Default)]
pub(crate) struct Pictures(Mutex<BTreeMap<(DefinitionId, Language), Arc<Picture>>>);

impl Pictures {
    fn of(&self, id: &DefinitionId, parts: &Parts, language: Language) -> Arc<Picture> {
        let key = (id.clone(), language);
        let held = |kept: &BTreeMap<_, Arc<Picture>>| kept.get(&key).cloned();
        if let Some(found) = held(&self.0.lock().unwrap_or_else(PoisonError::into_inner)) {
            return found;
        }
        let made = Arc::new(Picture::of(parts, language.for_dsl()));
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(key, made.clone());
        made
    }
}

/// The picture of a process, with the places of a record marked.
pub fn drawn(visit: &Visit<'_>, id: &DefinitionId, parts: &Parts, here: &Here) -> String {
    visit.app.pictures().of(id, parts, visit.language).part(here)
}
