//! `signal outage_over`: told to every record that waits for it.

use crate::read::{Reader, Reading};
use crate::tree::Deed;

pub(super) fn read(reader: &mut Reader<'_>) -> Reading<Deed> {
    let start = reader.here();
    reader.need("signal")?;
    let name = reader.name()?;
    Ok(Deed::Signal { span: start..reader.behind(), name })
}
