//! `on reply from requester`: waits for a message.

use crate::read::{Reader, Reading};
use crate::tree::StatementKind;

pub(super) fn read(reader: &mut Reader<'_>) -> Reading<StatementKind> {
    reader.need("on")?;
    let message = reader.name()?;
    let tags = reader.take_labels()?;
    let from = if reader.take("from") { reader.people()? } else { Vec::new() };
    let asks = reader.take_asks()?;
    Ok(StatementKind::Receive { message, tags, from, asks, after: reader.after()? })
}
