//! What each kind of step looks like in the text. One file a kind; one line a kind here.

mod act;
mod choose;
mod end;
mod go;
mod milestone;
mod race;
mod receive;
mod task;
mod timer;

use crate::read::{Opening, Reader, Reading, Stop};
use crate::tree::{Deed, Statement, StatementKind};

/// The steps that a flow is made of, by their first word.
pub(crate) const FLOW: &[Opening<StatementKind>] = &[
    Opening { word: "task", read: task::read },
    Opening { word: "milestone", read: milestone::read },
    Opening { word: "race", read: race::read },
    Opening { word: "on", read: receive::read },
    Opening { word: "after", read: timer::read },
    Opening { word: "if", read: choose::read },
    Opening { word: "set", read: |reader| Ok(StatementKind::Act(act::set(reader)?)) },
    Opening { word: "notify", read: |reader| Ok(StatementKind::Act(act::notify(reader)?)) },
    Opening { word: "escalate", read: |reader| Ok(StatementKind::Act(act::escalate(reader)?)) },
    Opening { word: "end", read: end::read },
    Opening { word: "->", read: go::read },
];

/// What is done without people, wherever that may stand.
pub(crate) const ACTIONS: &[Opening<Deed>] = &[
    Opening { word: "set", read: act::set },
    Opening { word: "notify", read: act::notify },
    Opening { word: "escalate", read: act::escalate },
];

impl Reader<'_> {
    /// The step that stands next.
    pub(crate) fn step(&mut self) -> Reading<Statement> {
        let start = self.here();
        match FLOW.iter().find(|opening| self.begins_with(opening.word)) {
            Some(opening) => Ok(Statement { kind: (opening.read)(self)?, span: start..self.behind() }),
            None => Err(Stop::Unsaid),
        }
    }

    /// The steps in the braces that stand next.
    pub(crate) fn flow(&mut self) -> Reading<Vec<Statement>> {
        let words: Vec<&'static str> = FLOW.iter().map(|opening| opening.word).collect();
        Ok(self.braces()?.statements_of(&words, |reader, _| reader.step()))
    }
}
