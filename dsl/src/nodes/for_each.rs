//! `for each item in items { … }`: the same steps for each value of a list.

use engine::definition::Pace;

use crate::read::{Reader, Reading};
use crate::tree::{ForEachText, StatementKind};

pub(super) fn read(reader: &mut Reader<'_>) -> Reading<StatementKind> {
    reader.need("for")?;
    reader.need("each")?;
    let item = reader.name()?;
    reader.need("in")?;
    let of = reader.path()?;
    let pace = if reader.take("at") {
        reader.need("once")?;
        Pace::AtOnce
    } else {
        if reader.take("in") {
            reader.need("turn")?;
        }
        Pace::InTurn
    };
    let until = if reader.take("until") { Some(reader.expr()?) } else { None };
    let tags = reader.take_labels()?;
    let flow = reader.flow()?;
    Ok(StatementKind::ForEach(Box::new(ForEachText { item, of, pace, until, tags, flow })))
}
