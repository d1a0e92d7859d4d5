//! `approval board "…" for role board_member { … }`: a question that several people answer with yes or no.

use super::task::{self, Part};
use crate::read::{Opening, Reader, Reading, broken};
use crate::tree::{Abstain, ApprovalNeeds, ApprovalText, People, StatementKind};

/// What stands in its braces besides what stands in a task's.
enum Line {
    Task(Part),
    Needs(ApprovalNeeds),
    Abstain,
}

const LINES: &[Opening<Line>] = &[
    Opening { word: "needs", read: |reader| Ok(Line::Needs(needs(reader)?)) },
    Opening { word: "may", read: may_abstain },
    Opening { word: "asks", read: |reader| Ok(Line::Task(Part::Asks(reader.take_asks()?))) },
    Opening { word: "outcome", read: |reader| Ok(Line::Task(Part::Outcome(Box::new(task::outcome(reader)?)))) },
];

pub(super) fn read(reader: &mut Reader<'_>) -> Reading<StatementKind> {
    reader.need("approval")?;
    let name = reader.name()?;
    let was = reader.was()?;
    let head = reader.head(|reader| {
        let head = (reader.take_labels()?, task::head(reader)?);
        reader.stands_before_braces(head)
    })?;
    let (tags, head) = head.unwrap_or_else(|| (None, task::Head::of(People::Named(broken(&name)))));
    let mut approval = ApprovalText {
        name,
        was,
        tags,
        levels: head.levels,
        not: head.not,
        not_who_did: head.not_who_did,
        substitution: head.substitution,
        needs: ApprovalNeeds::All,
        abstain: Abstain::Not,
        due: head.due,
        asks: Vec::new(),
        outcomes: Vec::new(),
    };
    for line in reader.block(LINES)? {
        match line {
            Line::Needs(needs) => approval.needs = needs,
            Line::Abstain => approval.abstain = Abstain::Allowed,
            Line::Task(Part::Asks(asks)) => approval.asks.extend(asks),
            Line::Task(Part::Outcome(outcome)) => approval.outcomes.push(*outcome),
            Line::Task(Part::Shows(_) | Part::Evidence(_) | Part::Reminder(_) | Part::Undo(_)) => {}
        }
    }
    Ok(StatementKind::Approval(Box::new(approval)))
}

/// `needs one`, `needs all`, `needs 3`, `needs 60 %`.
fn needs(reader: &mut Reader<'_>) -> Reading<ApprovalNeeds> {
    reader.need("needs")?;
    if reader.take("one") {
        return Ok(ApprovalNeeds::One);
    }
    if reader.take("all") {
        return Ok(ApprovalNeeds::All);
    }
    let start = reader.here();
    let count = reader.integer()?;
    if reader.take_mark("%") {
        return Ok(ApprovalNeeds::Percent(count, start..reader.behind()));
    }
    Ok(ApprovalNeeds::Count(count, start..reader.behind()))
}

fn may_abstain(reader: &mut Reader<'_>) -> Reading<Line> {
    reader.need("may")?;
    reader.need("abstain")?;
    Ok(Line::Abstain)
}
