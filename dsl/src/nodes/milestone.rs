//! `milestone resolved`.

use crate::read::{Reader, Reading};
use crate::tree::StatementKind;

pub(super) fn read(reader: &mut Reader<'_>) -> Reading<StatementKind> {
    reader.need("milestone")?;
    let name = reader.name()?;
    let was = reader.was()?;
    Ok(StatementKind::Milestone { name, was, tags: reader.take_labels()? })
}
