//! `after 5 working days`: waits for time to pass.

use crate::read::{Reader, Reading};
use crate::tree::StatementKind;

pub(super) fn read(reader: &mut Reader<'_>) -> Reading<StatementKind> {
    reader.need("after")?;
    let due = reader.due()?;
    let tags = reader.take_labels()?;
    Ok(StatementKind::Timer { due, tags, after: reader.after()? })
}
