//! `together { … }`: several ways at once; `when … { … }` is a way that is gone only where a condition holds.

use engine::definition::Rest;

use crate::read::{Opening, Reader, Reading};
use crate::tree::{BranchText, NeedsText, StatementKind, TogetherText};

/// A branch that is gone only where a condition holds.
const WHEN: Opening<BranchText> = Opening { word: "when", read: when };

pub(super) fn read(reader: &mut Reader<'_>) -> Reading<StatementKind> {
    reader.need("together")?;
    let name = if reader.sees("until") { None } else { reader.take_name() };
    let tags = reader.take_labels()?;
    let needs = if reader.take("until") { needs(reader)? } else { NeedsText::All };
    let rest = if reader.take_mark(",") {
        ["others", "go", "on"].into_iter().try_for_each(|word| reader.need(word))?;
        Rest::GoesOn
    } else {
        Rest::Cancelled
    };
    let openings: Vec<Opening<BranchText>> = super::race::BRANCHES.iter().copied().chain([WHEN]).collect();
    let branches = reader.block(&openings)?;
    Ok(StatementKind::Together(Box::new(TogetherText { name, tags, needs, rest, branches })))
}

/// `any is done`, `2 are done`.
fn needs(reader: &mut Reader<'_>) -> Reading<NeedsText> {
    if reader.take("any") {
        reader.need("is")?;
        reader.need("done")?;
        return Ok(NeedsText::Any);
    }
    let start = reader.here();
    let count = reader.integer()?;
    let place = start..reader.behind();
    if !reader.take("are") {
        reader.need("is")?;
    }
    reader.need("done")?;
    Ok(NeedsText::Count(count, place))
}

fn when(reader: &mut Reader<'_>) -> Reading<BranchText> {
    reader.need("when")?;
    let when = Some(reader.expr()?);
    Ok(BranchText { when, flow: reader.flow()? })
}
