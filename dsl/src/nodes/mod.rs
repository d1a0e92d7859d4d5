//! What each kind of step looks like in the text. One file a kind; one line a kind here.

mod act;
mod approval;
mod call;
mod choose;
mod end;
mod entry;
mod for_each;
mod go;
mod job;
mod milestone;
mod race;
mod receive;
mod repeat;
mod signal;
mod switch;
mod task;
mod timer;
mod together;
mod wait;

use crate::read::{Opening, Reader, Reading, Stop};
use crate::tree::{Deed, Statement, StatementKind};

/// The steps that a flow is made of, by their first word.
pub(crate) const FLOW: &[Opening<StatementKind>] = &[
    Opening { word: "task", read: task::read },
    Opening { word: "milestone", read: milestone::read },
    Opening { word: "race", read: race::read },
    Opening { word: "on", read: receive::read },
    Opening { word: "after", read: timer::read },
    Opening { word: "together", read: together::read },
    Opening { word: "for", read: for_each::read },
    Opening { word: "repeat", read: repeat::read },
    Opening { word: "wait", read: wait::read },
    Opening { word: "if", read: choose::read },
    Opening { word: "choose", read: switch::read },
    Opening { word: "approval", read: approval::read },
    Opening { word: "call", read: call::read },
    Opening { word: "job", read: job::read },
    Opening { word: "http", read: job::http },
    Opening { word: "set", read: |reader| Ok(StatementKind::Act(act::set(reader)?)) },
    Opening { word: "notify", read: |reader| Ok(StatementKind::Act(act::notify(reader)?)) },
    Opening { word: "escalate", read: |reader| Ok(StatementKind::Act(act::escalate(reader)?)) },
    Opening { word: "start", read: |reader| Ok(StatementKind::Act(call::start(reader)?)) },
    Opening { word: "signal", read: |reader| Ok(StatementKind::Act(signal::read(reader)?)) },
    Opening { word: "enter", read: |reader| Ok(StatementKind::Act(entry::enter(reader)?)) },
    Opening { word: "update", read: |reader| Ok(StatementKind::Act(entry::update(reader)?)) },
    Opening { word: "undo", read: |reader| word(reader, "undo", StatementKind::Undo) },
    Opening { word: "finish", read: |reader| word(reader, "finish", StatementKind::Finish) },
    Opening { word: "end", read: end::read },
    Opening { word: "->", read: go::read },
];

/// What is done without people, wherever that may stand.
pub(crate) const ACTIONS: &[Opening<Deed>] = &[
    Opening { word: "set", read: act::set },
    Opening { word: "notify", read: act::notify },
    Opening { word: "escalate", read: act::escalate },
    Opening { word: "start", read: call::start },
    Opening { word: "signal", read: signal::read },
    Opening { word: "enter", read: entry::enter },
    Opening { word: "update", read: entry::update },
];

/// A step that is one word.
fn word(reader: &mut Reader<'_>, keyword: &'static str, kind: StatementKind) -> Reading<StatementKind> {
    reader.need(keyword)?;
    Ok(kind)
}

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
