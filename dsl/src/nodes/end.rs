//! `end closed`: the record is over.

use crate::read::{Reader, Reading};
use crate::tree::StatementKind;

pub(super) fn read(reader: &mut Reader<'_>) -> Reading<StatementKind> {
    reader.need("end")?;
    Ok(StatementKind::End(reader.name()?, reader.take_labels()?))
}
