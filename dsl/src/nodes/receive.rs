//! `on reply from requester`, `on signal outage_over`: waits for a message or a signal.

use crate::read::{Reader, Reading};
use crate::tree::{ReceiveText, Received, StatementKind};

pub(super) fn read(reader: &mut Reader<'_>) -> Reading<StatementKind> {
    reader.need("on")?;
    let what = if reader.take("signal") { Received::Signal } else { Received::Message };
    let name = reader.name()?;
    let tags = reader.take_labels()?;
    let from = if reader.take("from") { reader.people()? } else { Vec::new() };
    let (asks, deadline) = (reader.take_asks()?, reader.no_deadline()?);
    let after = reader.after()?;
    Ok(StatementKind::Receive(Box::new(ReceiveText { what, name, tags, from, asks, deadline, after })))
}
