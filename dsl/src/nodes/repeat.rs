//! `repeat { … } until …`: the same steps again until a condition holds.

use crate::read::{Reader, Reading};
use crate::tree::StatementKind;

pub(super) fn read(reader: &mut Reader<'_>) -> Reading<StatementKind> {
    reader.need("repeat")?;
    let flow = reader.flow()?;
    reader.need("until")?;
    Ok(StatementKind::Repeat { flow, until: reader.expr()? })
}
