//! `wait until …`: waits for a day, an instant or a condition.

use crate::read::{Reader, Reading};
use crate::tree::StatementKind;

pub(super) fn read(reader: &mut Reader<'_>) -> Reading<StatementKind> {
    reader.need("wait")?;
    reader.need("until")?;
    let until = reader.expr()?;
    let deadline = reader.no_deadline()?;
    let tags = reader.take_labels()?;
    Ok(StatementKind::Wait { until, tags, deadline, after: reader.after()? })
}
