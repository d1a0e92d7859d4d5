//! `call change with { … }, link this resolved_by it`: another process, waited for; `start` is one that goes on alone.

use engine::definition::Direction;

use crate::read::{Reader, Reading};
use crate::tree::{BegunText, CallText, Deed, LinkText, StatementKind};

pub(super) fn read(reader: &mut Reader<'_>) -> Reading<StatementKind> {
    reader.need("call")?;
    let begun = begun(reader)?;
    let tags = reader.take_labels()?;
    Ok(StatementKind::Call(Box::new(CallText { begun, tags, after: reader.after()? })))
}

pub(super) fn start(reader: &mut Reader<'_>) -> Reading<Deed> {
    reader.need("start")?;
    Ok(Deed::Start { begun: begun(reader)? })
}

fn begun(reader: &mut Reader<'_>) -> Reading<BegunText> {
    let process = reader.name()?;
    let form = reader.with_form()?;
    let mut links = Vec::new();
    while reader.take_mark(",") {
        reader.need("link")?;
        links.push(link(reader)?);
    }
    Ok(BegunText { process, form, links })
}

/// `this resolved_by it`, `it child_of this`.
fn link(reader: &mut Reader<'_>) -> Reading<LinkText> {
    let direction = reader.need_one(&[("this", Direction::FromThis), ("it", Direction::FromIt)])?;
    let kind = reader.name()?;
    reader.need(match direction {
        Direction::FromThis => "it",
        Direction::FromIt => "this",
    })?;
    Ok(LinkText { kind, direction })
}
