//! `signal outage_over`: told to every record that waits for it.

use crate::read::{Reader, Reading};
use crate::tree::Deed;

pub(super) fn read(reader: &mut Reader<'_>) -> Reading<Deed> {
    reader.need("signal")?;
    Ok(Deed::Signal { name: reader.name()? })
}
