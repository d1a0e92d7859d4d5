//! `task triage for role service_desk { … }`: waits for a person.

use crate::read::{Opening, Reader, Reading, broken};
use crate::tree::{After, AskText, DueText, OutcomeText, People, StatementKind, TaskText, Word};

enum Part {
    Asks(Vec<AskText>),
    Outcome(OutcomeText),
}

const PARTS: &[Opening<Part>] = &[
    Opening { word: "asks", read: |reader| Ok(Part::Asks(reader.take_asks()?)) },
    Opening { word: "outcome", read: |reader| Ok(Part::Outcome(outcome(reader)?)) },
];

/// Who may do it, who may not, and until when.
#[derive(Default)]
struct For {
    any: Vec<People>,
    not: Vec<People>,
    not_who_did: Vec<Word>,
    due: Option<DueText>,
}

pub(super) fn read(reader: &mut Reader<'_>) -> Reading<StatementKind> {
    reader.need("task")?;
    let name = reader.name()?;
    let head = reader.head(|reader| {
        let head = (reader.take_labels()?, head(reader)?);
        reader.stands_before_braces(head)
    })?;
    let (tags, for_) =
        head.unwrap_or_else(|| (None, For { any: vec![People::Named(broken(&name))], ..For::default() }));
    let mut task = TaskText {
        name,
        tags,
        any: for_.any,
        not: for_.not,
        not_who_did: for_.not_who_did,
        due: for_.due,
        asks: Vec::new(),
        outcomes: Vec::new(),
    };
    for part in reader.block(PARTS)? {
        match part {
            Part::Asks(asks) => task.asks.extend(asks),
            Part::Outcome(outcome) => task.outcomes.push(outcome),
        }
    }
    Ok(StatementKind::Task(Box::new(task)))
}

fn head(reader: &mut Reader<'_>) -> Reading<For> {
    let mut found = For::default();
    if !reader.take("for") {
        return Ok(found);
    }
    loop {
        if reader.take("due") {
            reader.need("in")?;
            found.due = Some(reader.due()?);
        } else if reader.take_all(&["not", "who", "did"]) {
            found.not_who_did.push(reader.name()?);
        } else if reader.take("not") {
            found.not.push(reader.who()?);
        } else {
            found.any.push(reader.who()?);
        }
        if !reader.take_mark(",") {
            return Ok(found);
        }
    }
}

fn outcome(reader: &mut Reader<'_>) -> Reading<OutcomeText> {
    reader.need("outcome")?;
    let mut outcome = OutcomeText {
        name: reader.name()?,
        tags: Vec::new(),
        asks: Vec::new(),
        requires: Vec::new(),
        after: After::default(),
    };
    loop {
        if reader.sees("asks") {
            outcome.asks.extend(reader.take_asks()?);
        } else if reader.take("requires") {
            let condition = reader.expr()?;
            reader.need("else")?;
            outcome.requires.push((condition, reader.labels()?));
        } else if let Some(tags) = reader.take_labels()? {
            outcome.tags.push(tags);
        } else {
            break;
        }
    }
    outcome.after = reader.after()?;
    Ok(outcome)
}
