//! `milestone resolved`.

use crate::read::{Reader, Reading};
use crate::tree::StatementKind;

pub(super) fn read(reader: &mut Reader<'_>) -> Reading<StatementKind> {
    reader.need("milestone")?;
    Ok(StatementKind::Milestone(reader.name()?, reader.take_labels()?))
}
