//! `task triage for role service_desk { … }`: waits for a person.

use engine::definition::Substitution;

use crate::read::{Opening, Reader, Reading, broken};
use crate::tree::{
    After, AskText, Deed, DueText, OutcomeText, People, ReminderText, StatementKind, TaskText, Text, Word,
};

/// What stands in a task's braces.
pub(super) enum Part {
    Asks(Vec<AskText>),
    Shows(Vec<Word>),
    Evidence(Vec<(Word, Text)>),
    Reminder(ReminderText),
    Undo(Vec<Deed>),
    Outcome(Box<OutcomeText>),
}

const PARTS: &[Opening<Part>] = &[
    Opening { word: "asks", read: |reader| Ok(Part::Asks(reader.take_asks()?)) },
    Opening { word: "shows", read: shows },
    Opening { word: "evidence", read: |reader| Ok(Part::Evidence(reader.evidence()?)) },
    Opening { word: "after", read: |reader| Ok(Part::Reminder(reminder_after(reader)?)) },
    Opening { word: "when", read: |reader| Ok(Part::Reminder(reminder_when_due(reader)?)) },
    Opening { word: "undo", read: undo },
    Opening { word: "outcome", read: |reader| Ok(Part::Outcome(Box::new(outcome(reader)?))) },
];

/// Who may do it, who may not, and until when.
#[derive(Default)]
pub(super) struct Head {
    /// One list of people for each level; a task has one level.
    pub(super) levels: Vec<Vec<People>>,
    pub(super) not: Vec<People>,
    pub(super) not_who_did: Vec<Word>,
    pub(super) substitution: Substitution,
    pub(super) due: Option<DueText>,
}

impl Head {
    pub(super) fn of(people: People) -> Head {
        Head { levels: vec![vec![people]], ..Head::default() }
    }
}

pub(super) fn read(reader: &mut Reader<'_>) -> Reading<StatementKind> {
    reader.need("task")?;
    let name = reader.name()?;
    let was = reader.was()?;
    let head = reader.head(|reader| {
        let head = (reader.take_labels()?, head(reader)?);
        reader.stands_before_braces(head)
    })?;
    let (tags, head) = head.unwrap_or_else(|| (None, Head::of(People::Named(broken(&name)))));
    let mut task = TaskText {
        name,
        was,
        tags,
        any: head.levels.into_iter().flatten().collect(),
        not: head.not,
        not_who_did: head.not_who_did,
        substitution: head.substitution,
        due: head.due,
        asks: Vec::new(),
        shows: Vec::new(),
        evidence: Vec::new(),
        reminders: Vec::new(),
        undo: Vec::new(),
        outcomes: Vec::new(),
    };
    for part in reader.block(PARTS)? {
        match part {
            Part::Asks(asks) => task.asks.extend(asks),
            Part::Shows(fields) => task.shows.extend(fields),
            Part::Evidence(clauses) => task.evidence.extend(clauses),
            Part::Reminder(reminder) => task.reminders.push(reminder),
            Part::Undo(actions) => task.undo = actions,
            Part::Outcome(outcome) => task.outcomes.push(*outcome),
        }
    }
    Ok(StatementKind::Task(Box::new(task)))
}

/// `for role a, team, not requester, substitute when absent, due in 2 days`; `then` begins another level.
pub(super) fn head(reader: &mut Reader<'_>) -> Reading<Head> {
    let mut found = Head { levels: vec![Vec::new()], ..Head::default() };
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
        } else if reader.take_all(&["substitute", "when", "absent"]) {
            found.substitution = Substitution::WhenAbsent;
        } else if reader.sees_all(&["substitute", "when"]) || reader.sees_all(&["substitute", "if"]) {
            // No person is called so: what is missing is said.
            reader.need("substitute")?;
            reader.need("when")?;
            reader.need("absent")?;
        } else {
            let who = reader.who()?;
            if let Some(level) = found.levels.last_mut() {
                level.push(who);
            }
        }
        if reader.take("then") {
            found.levels.push(Vec::new());
        } else if !reader.take_mark(",") {
            return Ok(found);
        }
    }
}

fn shows(reader: &mut Reader<'_>) -> Reading<Part> {
    reader.need("shows")?;
    Ok(Part::Shows(reader.names()?))
}

/// `after 2 days notify …`.
fn reminder_after(reader: &mut Reader<'_>) -> Reading<ReminderText> {
    let start = reader.here();
    reader.need("after")?;
    let after = Some(reader.due()?);
    Ok(ReminderText { after, actions: reader.actions()?, span: start..reader.behind() })
}

/// `when due escalate to …`.
fn reminder_when_due(reader: &mut Reader<'_>) -> Reading<ReminderText> {
    let start = reader.here();
    reader.need("when")?;
    reader.need("due")?;
    let place = start..reader.behind();
    Ok(ReminderText { after: None, actions: reader.actions()?, span: place })
}

/// `undo with notify …`.
fn undo(reader: &mut Reader<'_>) -> Reading<Part> {
    reader.need("undo")?;
    reader.need("with")?;
    Ok(Part::Undo(reader.actions()?))
}

pub(super) fn outcome(reader: &mut Reader<'_>) -> Reading<OutcomeText> {
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
